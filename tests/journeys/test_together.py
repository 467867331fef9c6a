"""A paper written by both sides in a real browser: they disagree, settle it, and mean the same."""

import pytest

from partners.ground.db import db
from partners.mou.queries import newest
from tests.builders import House
from tests.conftest import only_sqlite
from tests.journeys.walk import Walker
from tests.mou.papers import chair, delegation, told
from tests.mou.test_pages import FILLED

pytestmark = [pytest.mark.browser, only_sqlite]


def test_drafted_together_disagreed_settled_and_issued(browser, live: str, house: House) -> None:
    engagement = told(house)
    chair(house, engagement)
    delegation(house)
    address = f"/engagements/{engagement.public_id}"

    # The officer begins with what the engagement calls for, and hands it over.
    maja = Walker(browser, live, house, "maja").open(address).click("Memorandum of understanding")
    for name, words in FILLED.items():
        maja.page.locator(f"[name='{name}']").fill(words)
    maja.page.locator("[name=differ_on]").fill("How often we meet")
    maja.press("Save and hand over to Harbour Kitchen")
    assert maja.heading == "Harbour Kitchen writes now"
    table = maja.page.url.removeprefix(live)

    # The organisation finds it under what is to do, on a phone; it sees one thing differently.
    grethe = Walker(browser, live, house, "grethe", width=390).open("/our/to-do")
    grethe.click("Read the draft for").unfold("Add a remark")
    grethe.pick("To which section?", "15. When we disagree")
    grethe.fill("What do you want to say?", "The director is one of yours. Somebody else?")
    grethe.press("Leave the remark").click("Go on writing")
    grethe.page.locator("[name=mediator]").fill("the parish clerk")
    grethe.page.locator("[name='benefit_org-1-text']").fill("Neighbours who know us")
    grethe.press("Save and hand over to Havnby")

    # The officer reads what changed, word by word, means it, and settles the remark.
    maja.open("/today").click("Write on with Harbour Kitchen")
    assert "[− library director −]" in maja.text
    assert "[+ parish clerk +]" in maja.text
    assert "Neighbours who know us (proposed by Harbour Kitchen)" in maja.text
    maja.press("Settled").press("This is what we mean")

    # A word changes once more: both look again, and then mean the same text.
    maja.click("Go on writing").page.locator("[name=mediator]").fill("the parish clerk of Havnby")
    maja.press("Save the draft")
    assert "Said so of an earlier text" in maja.open(table).text
    grethe.open(table).press("This is what we mean")
    maja.open(table).press("This is what we mean")
    assert maja.heading == "Both sides mean this"
    maja.press("Issue it under a number")
    assert maja.heading == "Issued. It waits for signatures."
    db.session.expire_all()
    assert newest(engagement.id).facts["differ_on"] == ["How often we meet"]
