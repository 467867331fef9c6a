"""The page edge: one transaction a request, tokens, two presses, two editors, odd bodies."""

import gc
import re
import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from partners.accounts.models import Department
from partners.ground.db import db, writes
from partners.history.models import Entry
from partners.registry.models import Organisation
from tests.builders import House
from tests.conftest import only_sqlite
from tests.page import Page
from tests.web.edge import mount

KEY = "k" * 24


@pytest.fixture
def app(app: Flask) -> Flask:
    return mount(app)


@pytest.fixture
def kitchen(house: House) -> Organisation:
    return house.organisation(purpose="We cook together.")


def saved(house: House) -> tuple[str, int]:
    """The purpose as it stands, and how often it was saved."""
    db.session.rollback()
    db.session.expire_all()
    count = select(func.count()).select_from(Entry).where(Entry.what == "edge.saved")
    return db.session.scalar(select(Organisation.purpose)) or "", db.session.scalar(count) or 0


def tokens(client: FlaskClient, path: str) -> dict[str, str]:
    """What stands hidden in the form of a page."""
    text = client.get(path).text
    form = text[text.index("<main") :]
    return dict(re.findall(r'name="(csrf_token|_key|_version)" value="([^"]*)"', form))


@pytest.fixture
def at(kitchen: Organisation) -> str:
    return f"/edge/{kitchen.public_id}"


def test_what_is_saved_is_kept_with_its_history(house: House, at: str) -> None:
    page = Page(house.client("maja")).post(at, purpose="We bake.")
    assert page.status == 302
    assert saved(house) == ("We bake.", 1)


def test_a_refusal_undoes_all_of_it_and_loses_no_text(house: House, at: str) -> None:
    page = Page(house.client("maja")).post(at, purpose="Only half of it")
    assert page.status == 422
    assert page.troubles == ["This stays half done."]
    assert "Only half of it" in page.text
    assert "It is saved now." not in page.text
    assert saved(house) == ("We cook together.", 0)


def test_not_yours_undoes_all_of_it_and_looks_like_nothing(house: House, at: str) -> None:
    client = house.client("maja")
    answer = client.post("/edge-not-yours", data=tokens(client, at))
    assert answer.status_code == 404
    assert db.session.scalar(select(Department).where(Department.name == "Half done")) is None


# Two presses


def test_pressing_twice_has_one_effect(house: House, at: str) -> None:
    client = house.client("maja")
    form = {**tokens(client, at), "purpose": "We bake."}
    answers = [client.post(at, data=form) for _press in range(3)]
    assert [a.status_code for a in answers] == [302] * 3
    assert len({a.headers["Location"] for a in answers}) == 1
    assert saved(house) == ("We bake.", 1)


def test_pressing_twice_at_the_same_moment_has_one_effect(house: House, at: str) -> None:
    client = house.client("maja")
    form = {**tokens(client, at), "purpose": "We bake."}
    cookie = client.get_cookie("partners")
    assert cookie is not None
    answers = _at_once(house.app, cookie.value, [(at, form)] * 6)
    assert [answer.status_code for answer in answers] == [302] * 6
    assert saved(house) == ("We bake.", 1)


def test_two_editors_at_the_same_moment_never_overwrite_each_other(house: House, at: str) -> None:
    client = house.client("maja")
    hidden = [tokens(client, at) for _editor in range(4)]
    forms = [(at, {**h, "purpose": f"Version {n}"}) for n, h in enumerate(hidden)]
    cookie = client.get_cookie("partners")
    assert cookie is not None
    answers = _at_once(house.app, cookie.value, forms)
    late = [answer for answer in answers if answer.status_code == 409]
    assert sorted(answer.status_code for answer in answers) == [302, 409, 409, 409]
    assert not any("It is saved now." in answer.text for answer in late)
    assert saved(house)[1] == 1


def _at_once(app: Flask, cookie: str, forms: list[tuple[str, dict[str, str]]]) -> list[Any]:
    start, answers = threading.Barrier(len(forms)), []

    def press(path: str, form: dict[str, str]) -> None:
        browser = app.test_client()
        browser.set_cookie("partners", cookie)
        start.wait()
        answers.append(browser.post(path, data=form))

    threads = [threading.Thread(target=press, args=one) for one in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_key_works_for_its_own_person_and_page_only(house: House, at: str) -> None:
    for name in ("maja", "lene"):
        client = house.client(name)
        form = {**tokens(client, at), "_key": KEY, "purpose": f"By {name}"}
        assert client.post(at, data=form).status_code == 302
    assert saved(house) == ("By lene", 2)


@only_sqlite
def test_a_refused_form_can_be_sent_again_with_the_same_key(house: House, at: str) -> None:
    page = Page(house.client("maja")).post(at, purpose="Only half of it")
    assert page.send(purpose="All of it").status == 302
    assert saved(house) == ("All of it", 1)


# Two editors


def test_the_second_editor_sees_both_texts_and_loses_nothing(house: House, at: str) -> None:
    maja, lene = Page(house.client("maja")), Page(house.client("lene"))
    maja.get(at)
    lene.get(at)
    assert maja.send(purpose="We bake bread.").status == 302
    assert lene.send(purpose="We brew tea.").status == 409
    assert "We bake bread." in lene.text
    assert "We brew tea." in lene.text
    assert saved(house) == ("We bake bread.", 1)


@pytest.mark.parametrize("version", ["", "0", "x", "999", "1.0"])
def test_a_form_without_its_right_version_is_stale(house: House, at: str, version: str) -> None:
    client = house.client("maja")
    form = {**tokens(client, at), "purpose": "We bake.", "_version": version}
    answer = client.post(at, data=form)
    assert answer.status_code in (302, 409)
    assert (answer.status_code == 302) == (version == "")
    assert saved(house)[1] == (version == "")


# Tokens

WRONG = [("csrf_token", None), ("csrf_token", ""), ("csrf_token", "x" * 90), ("_key", None),
         ("_key", ""), ("_key", "short"), ("_key", "ü" * 20), ("_key", "a b" * 8),
         ("_key", "k" * 65)]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_form_without_its_tokens_has_no_effect(
    house: House, at: str, name: str, value: str | None
) -> None:
    client = house.client("maja")
    form = {**tokens(client, at), "purpose": "We bake.", name: value}
    answer = client.post(at, data={k: v for k, v in form.items() if v is not None})
    assert answer.status_code == 400
    assert "We bake." in answer.text, "typed text is shown back"
    assert saved(house)[1] == 0


def test_a_token_of_somebody_else_has_no_effect(house: House, at: str) -> None:
    form = {**tokens(house.client("lene"), at), "purpose": "We bake."}
    assert house.client("maja").post(at, data=form).status_code == 400
    assert saved(house)[1] == 0


# Odd bodies

# Where reading a body is broken off, the library leaves its temporary file to the collector.
LEFT_OPEN = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@LEFT_OPEN
def test_a_body_over_the_limit_is_refused_in_plain_words(house: House, at: str) -> None:
    client = house.client("maja")
    form = {**tokens(client, at), "purpose": "x", "paper": (BytesIO(bytes(22 << 20)), "a.pdf")}
    answer = client.post(at, data=form, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert "<h1" in answer.text
    assert saved(house)[1] == 0
    gc.collect()


@only_sqlite
@LEFT_OPEN
def test_a_field_over_the_limit_is_refused(house: House, at: str) -> None:
    client = house.client("maja")
    form = {**tokens(client, at), "purpose": "x" * (7 << 20)}
    answer = client.post(at, data=form, content_type="multipart/form-data")
    assert answer.status_code == 413
    gc.collect()


@only_sqlite
@LEFT_OPEN
def test_more_parts_than_any_form_has_are_refused(house: House, at: str) -> None:
    client = house.client("maja")
    form = {**tokens(client, at), **{f"x{n}": "y" for n in range(2100)}}
    answer = client.post(at, data=form, content_type="multipart/form-data")
    assert answer.status_code == 413
    gc.collect()


BODIES = [
    (b"", "application/x-www-form-urlencoded"), (b"{}", "application/json"),
    (b"--x\r\nnonsense", "multipart/form-data; boundary=x"), (b"a", "multipart/form-data"),
    (b"\xff\xfe\x00", "application/x-www-form-urlencoded"), (b"a=b" * 3, "text/plain"),
    (b"%ED%A0%80=%00", "application/x-www-form-urlencoded"),
    (b"", "multipart/form-data; boundary=" + "x" * 300),
]  # fmt: skip


@only_sqlite
@pytest.mark.parametrize(("body", "kind"), BODIES)
def test_a_body_that_is_no_form_is_answered_and_has_no_effect(
    house: House, at: str, body: bytes, kind: str
) -> None:
    answer = house.client("maja").post(at, data=body, content_type=kind)
    assert answer.status_code in (400, 413)
    assert saved(house)[1] == 0


@only_sqlite
def test_fields_that_no_form_has_are_ignored_and_repeats_take_the_first(
    house: House, at: str
) -> None:
    client = house.client("maja")
    form = {**tokens(client, at), "purpose": ["First", "Second"], "name": "Taken over", "id": "7"}
    assert client.post(at, data=form).status_code == 302
    assert saved(house) == ("First", 1)
    assert db.session.scalar(select(Organisation.name)) == "Harbour Kitchen"


# Bytes that are no UTF-8, such as lone surrogates, arrive as U+FFFD.
@pytest.mark.parametrize("text", ["a\x00b", "a\ufffdb", "a\x07b", "a\u202eb"])
def test_damaged_text_gets_the_same_answer_on_both_databases(
    house: House, at: str, text: str
) -> None:
    client = house.client("maja")
    answer = client.post(at, data={**tokens(client, at), "purpose": text})
    assert answer.status_code == 422
    assert saved(house)[1] == 0


ADDRESSES = ["%00", "a%00b", "%ED%A0%80", "0" * 26, "../x", "x" * 5000, "%F0%9F%8C%8A", "i" * 26]


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_that_names_nothing_is_not_found(house: House, at: str, name: str) -> None:
    assert house.client("maja").get(f"/edge/{name}").status_code == 404


# Reading never writes


@pytest.mark.parametrize("path", ["/edge-wrong", "/edge-wrong-core"])
def test_a_page_that_writes_while_reading_breaks_at_once(house: House, path: str) -> None:
    with pytest.raises(RuntimeError, match="write"):
        house.client("maja").get(path)
    assert db.session.scalar(select(Department).where(Department.name == "By reading")) is None


def test_after_a_page_was_read_others_may_write_again(house: House, at: str) -> None:
    house.client("maja").get(at)
    assert writes.get()


@pytest.mark.parametrize("method", ["head", "get"])
def test_reading_leaves_no_lock(house: House, at: str, method: str) -> None:
    client = house.client("maja")
    assert getattr(client, method)(at).status_code == 200
    house.organisation("Chess Club")


# Methods and headers


@only_sqlite
def test_head_answers_as_get_without_a_body(house: House, at: str) -> None:
    client = house.client("maja")
    client.get(at)
    head, get = client.head(at), client.get(at)
    assert head.data == b""
    assert head.status_code == get.status_code == 200
    assert set(head.headers.keys()) == set(get.headers.keys())


@only_sqlite
@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused_with_what_is_allowed(house: House, at: str, method: str) -> None:
    answer = getattr(house.client("maja"), method)(at)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


@only_sqlite
def test_options_tells_nobody_what_only_some_may_open(house: House, at: str) -> None:
    assert house.client().options(at).status_code == 401
    assert house.client("bo").options(at).status_code == 404
    assert "POST" in house.client("maja").options(at).headers["Allow"]


HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def _answers(house: House, at: str) -> Iterator[tuple[str, object]]:
    maja = house.client("maja")
    yield "page", maja.get(at)
    yield "sign-in", house.client().get("/sign-in")
    yield "asked to sign in", house.client().get(at)
    yield "unknown", maja.get("/nowhere")
    yield "no form", maja.post(at, data={})
    yield "method", maja.put(at)
    yield "too large", maja.post(at, data=b"x" * (22 << 20))
    yield "static", maja.get("/static/css/partners.css", buffered=True)
    yield "no static", maja.get("/static/nothing.css")
    yield "redirect", maja.post(at, data={**tokens(maja, at), "purpose": "We bake."})
    yield "refused", maja.post(at, data={**tokens(maja, at), "purpose": "half"})
    house.app.testing = False
    yield "broke", maja.get("/edge-breaks")
    house.app.testing = True


@only_sqlite
@LEFT_OPEN
def test_every_answer_carries_the_safety_headers(house: House, at: str) -> None:
    for name, answer in _answers(house, at):
        for header, value in HEADERS.items():
            assert value in answer.headers.get(header, ""), f"{name}: {header}"  # type: ignore[attr-defined]
        csp = answer.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
        assert "unsafe" not in csp
        assert "frame-ancestors 'none'" in csp
        assert "Server" not in answer.headers  # type: ignore[attr-defined]
        if "static" not in name:
            assert answer.headers["Cache-Control"] == "no-store", name  # type: ignore[attr-defined]
    gc.collect()


@only_sqlite
def test_what_breaks_on_our_side_tells_nothing_of_the_inside(house: House, at: str) -> None:
    house.app.testing = False
    answer = house.client("maja").get("/edge-breaks")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text
    assert "Traceback" not in answer.text


@only_sqlite
@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/%00.css",
                                  "/static/", "/static/css", "/static/css/partners.css.gz/x",
                                  "/static//etc/passwd", "/static/..%5capp.py"])  # fmt: skip
def test_static_serves_its_own_folder_only(house: House, path: str) -> None:
    assert house.client().get(path).status_code in (404, 308)


@only_sqlite
def test_static_is_kept_for_a_year_and_packed_where_wanted(house: House) -> None:
    path = "/static/css/partners.css"
    packed = house.client().get(path, headers={"Accept-Encoding": "gzip"}, buffered=True)
    plain = house.client().get(path, buffered=True)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.mimetype == plain.mimetype == "text/css"
    assert "max-age=31536000" in plain.headers["Cache-Control"]
    assert len(packed.data) < len(plain.data)


@only_sqlite
def test_the_cookie_cannot_be_read_by_scripts_or_sent_by_others(house: House) -> None:
    set_cookie = house.client().get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in set_cookie
    assert "SameSite=Lax" in set_cookie


LANGUAGES = [
    (None, "en"), ("da", "da"), ("da-DK,en;q=0.5", "da"), ("fr", "en"), ("*", "en"),
    ("en-GB,da;q=0.9", "en"), ("fr,da;q=0.2", "da"), ("da;q=0,en", "en"), ("xx" * 400, "en"),
    (";;q=x,", "en"),
]  # fmt: skip


@only_sqlite
@pytest.mark.parametrize(("asked", "given"), LANGUAGES)
def test_a_stranger_reads_the_language_that_the_browser_asks_for(
    house: House, asked: str | None, given: str
) -> None:
    headers = {"Accept-Language": asked} if asked else {}
    assert f'<html lang="{given}"' in house.client().get("/sign-in", headers=headers).text


@only_sqlite
def test_who_signs_in_reads_their_own_language_whatever_the_browser_asks(
    house: House, at: str
) -> None:
    house.account("maja").language = "da"
    db.session.commit()
    answer = house.client("maja").get(at, headers={"Accept-Language": "en"})
    assert '<html lang="da"' in answer.text


@only_sqlite
@pytest.mark.parametrize("who", [None, "maja"])
def test_whoever_asks_for_a_page_in_a_language_keeps_it_from_page_to_page(
    house: House, who: str | None
) -> None:
    shown = house.client(*([who] if who else [])).get("/policy?lang=da").text
    ways = re.findall(r'href="(/[^"#]*)"', shown.split("<body")[1])
    assert len(ways) > 3
    assert all("lang=" in way for way in ways if not way.startswith("/static"))
