"""An organisation that was registered twice becomes one record, and can become two again."""

import pytest

from partners.ground.db import db
from partners.registry.actions import write_keys
from tests.assessment.case import started
from tests.builders import House
from tests.conftest import only_sqlite
from tests.journeys.test_every_page import looked_at
from tests.journeys.walk import Walker

pytestmark = [pytest.mark.browser, only_sqlite]
REASON = "How do you know that they are one organisation?"


def test_merge_and_undo(browser, live: str, house: House) -> None:
    one = house.organisation("Harbour Kitchen", email="we@kitchen.example")
    two = house.organisation("Kitchen at the Harbour", email="post@kitchen.example")
    started(house, organisation=two)
    house.partner("nadia", one)
    for record in (one, two):
        write_keys(record)
    path = f"/organisations/{one.public_id}"
    db.session.commit()

    nadia = Walker(browser, live, house, "nadia", width=390).open("/our/file")
    assert "Community meals" not in nadia.text
    maja = Walker(browser, live, house, "maja").open(path)
    maja.click("Registered twice? Join two records")
    maja.fill("Name or number of the other record", "kitchen at").press("Look for it")
    maja.click("Kitchen at the Harbour")
    assert looked_at(maja.page) == []
    maja.choose("post@kitchen.example")
    maja.fill(REASON, "Both have the same statutes.").press("Check before joining them")
    assert "Nadia" in maja.text
    assert looked_at(maja.page) == []
    maja.page.get_by_role("checkbox").check()
    maja.press("Make one record of both")
    assert "Kitchen at the Harbour" in maja.text

    nadia.open("/our/file")
    assert "Community meals" in nadia.text
    assert "Both have the same statutes." in nadia.text
    maja.click("Why, and how to undo it")
    assert looked_at(maja.page) == []
    maja.fill("Why are they two?", "They asked us to.").press("Part them again")
    assert "post@kitchen.example" not in maja.text
    assert "Community meals" not in nadia.open("/our/file").text
