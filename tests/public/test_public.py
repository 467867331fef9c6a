from dataclasses import replace

import pytest

from partners.public import views
from tests.builders import House
from tests.page import Page

OPEN = ("/", "/policy", "/about/privacy", "/about/accessibility", "/about/complaints")


@pytest.mark.parametrize("address", OPEN)
@pytest.mark.parametrize("language", ["en", "da"])
def test_anybody_reads_the_public_pages_and_no_cookie_is_set(
    house: House, address: str, language: str
) -> None:
    page = Page(house.client()).get(f"{address}?lang={language}")
    assert "Set-Cookie" not in page.answer.headers
    assert page.root.get("lang") == language


def test_the_first_page_says_how_many_questions_each_level_asks(house: House) -> None:
    page = Page(house.client()).get("/")
    words = house.policy.words("en")
    for level in house.policy.levels:
        assert words.level(level).name in page.text


@pytest.mark.parametrize("language", ["en", "da"])
def test_every_time_on_the_privacy_page_is_the_one_that_the_clock_keeps(
    house: House, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = house.policy.head.keep_months
    times = {kind: months for months, kind in enumerate(sorted(kinds), 61) if months % 12}
    head = replace(house.policy.head, keep_months=dict(kinds) | times)
    monkeypatch.setattr(views, "todays_policy", lambda: replace(house.policy, head=head))
    said = Page(house.client()).get(f"/about/privacy?lang={language}").text
    assert not [kind for kind, months in times.items() if f"{months} m" not in said]


def test_the_title_of_a_source_is_read_out_in_its_own_language(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = house.policy
    item = next(i for i in policy.items.values() if {"DKFVL", "FOA"} <= {*i.sources})
    swedish = replace(policy.sources["FOA"], language="sv")
    known = {**policy.sources, "FOA": swedish}
    monkeypatch.setattr(views, "todays_policy", lambda: replace(policy, sources=known))
    page = Page(house.client())
    for language, foreign in (("da", ["en", "sv"]), ("en", ["sv"])):
        page.get(f"/policy?lang={language}")
        cell = page.all(f"//td[.//b[@id='item-{item.id}']]")[0]
        assert sorted({*cell.xpath(".//bdi/@lang")}) == foreign
