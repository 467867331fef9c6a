"""The reader of pages notices what it says it notices."""

import pytest
from flask import Flask

from tests.builders import House
from tests.conftest import only_sqlite
from tests.page import Page, faults

GOOD = """<!DOCTYPE html><html lang="en" dir="ltr"><head><title>People – Partners</title></head>
<body><main><h1>People</h1><a href="/sign-in">Sign in</a>
<form method="post" action="/sign-in">
<input type="hidden" name="csrf_token" value="0123456789abcdef">
<input type="hidden" name="_key" value="0123456789abcdef"><label for="x">Name</label>
<input id="x" name="x"><button type="submit">Save it</button></form></main></body></html>"""

CASES = [
    ("<h1>People</h1>", "<h2>People</h2>", "0 h1"),
    ("</h1>", "</h1><h1>Again</h1>", "2 h1"),
    ('lang="en" ', "", "no lang"),
    ("<title>People –", "<title>–", "no title"),
    ("<title>People", "<title>Not yet determined", "the title tells"),
    ('<input id="x"', '<input id="y"', "no label"),
    ("</main>", '<p id="x">a</p></main>', "twice"),
    ('<input id="x"', '<input aria-describedby="z" id="x"', "points nowhere"),
    ("<main>", '<main><p style="color:red">a</p>', "inline style"),
    ("<main>", "<main><script>1</script>", "inline script"),
    ("<main>", '<main><p onclick="x()">a</p>', "handler"),
    ('name="csrf_token"', 'name="token"', "csrf_token"),
    ('name="_key"', 'name="key"', "_key"),
    ('href="/sign-in"', 'href="/sign-inn"', "leads to 404"),
    ('action="/sign-in"', 'action="/sign-out/x"', "leads to 404"),
    ("Save it", "", "without words"),
    ("People</h1>", "Suspicious people</h1>", "says"),
    ("People</h1>", "%(name)s</h1>", "inside"),
    ("</main>", "</b></main>", "closes"),
    ("</main>", '<input type="file" id="f" name="f" aria-label="f"></main>', None),
]


@only_sqlite
def test_a_good_page_has_no_faults(app: Flask) -> None:
    assert list(faults(GOOD, app)) == []


@only_sqlite
@pytest.mark.parametrize(("find", "put", "noticed"), CASES)
def test_each_fault_of_a_page_is_noticed(app: Flask, find: str, put: str, noticed: str) -> None:
    assert find in GOOD
    said = "; ".join(faults(GOOD.replace(find, put, 1), app))
    assert noticed in said if noticed else not said


@only_sqlite
def test_a_form_is_filled_in_and_sent_as_a_browser_would(house: House) -> None:
    page = Page(house.client()).post("/sign-in", {"email": "nobody@havnby.example",
                                                  "password": "something long"})  # fmt: skip
    assert page.status == 422
    assert "nobody@havnby.example" in page.source
