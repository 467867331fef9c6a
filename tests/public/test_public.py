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
