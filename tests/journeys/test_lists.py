"""A name on a list resembles theirs: the keeper loads it, both sides speak, a person settles it."""

from typing import Any

import pytest

from partners.ground.db import db
from tests.assessment.case import started
from tests.builders import House
from tests.conftest import only_sqlite
from tests.journeys.walk import Walker
from tests.lists.files import FILES

pytestmark = [pytest.mark.browser, only_sqlite]


def test_a_match_is_asked_about_answered_and_settled(house: House, live: str, browser: Any) -> None:
    organisation = house.organisation("Velvet Ancor Trading Group")
    house.partner("nadia", organisation)
    case = started(house, money=12_000, organisation=organisation)
    asked = next(item for item in house.policy.items.values() if item.looks_up)
    there = f"/engagements/{case.public_id}"
    here = f"{there}/look-up"
    db.session.rollback()
    keeper = Walker(browser, live, house, "per")
    for name in ("un", "eu"):
        keeper.open(f"/lists/{name}")
        keeper.page.set_input_files("[type=file]", str(FILES / f"{name}.xml"))
        keeper.press("Load it")
    maja = Walker(browser, live, house, "maja").open(here).press("Look it up")
    nadia = Walker(browser, live, house, "nadia", width=390)
    for _both in range(2):
        maja.open(here).press("Ask the organisation")
        nadia.open("/our/to-do").click("A name on a list resembles yours")
        nadia.choose("Another body").fill("In your words", "We sell bread.")
        nadia.press("Send your answer")
        maja.open("/today").click("Settle a name on a list").unfold("Settle it")
        maja.choose("They are two bodies").fill("How do we know?", "Another town.")
        maja.page.locator("details[open]").get_by_role("button", name="Settle it").click()
        maja.settled()
    assert "nothing is open" in maja.open(here).page.inner_text("h1")
    told = maja.open(f"{there}/items/{asked.bundle}").page.inner_text("main")
    assert "UN Security Council consolidated list of" in told
