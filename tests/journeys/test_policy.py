"""One file of the policy changed on the screen, read, published by two; what runs keeps its own."""

import pytest
from sqlalchemy import select

from partners.ground.db import db
from partners.policy import shelf, today
from partners.policy.models import Draft
from tests.assessment.case import started
from tests.builders import House
from tests.conftest import only_sqlite
from tests.editions.test_changes import run
from tests.journeys.walk import Walker

pytestmark = [pytest.mark.browser, only_sqlite]
REASON = "Why should it change?"


def test_an_item_is_valid_for_longer_in_new_work_only(browser, live: str, house: House) -> None:
    old = started(house)
    karin = Walker(browser, live, house, "karin").open("/policy/changes")
    karin.pick("Which file of the policy in use?", "checklist/governance.toml").press("Open it")
    box = karin.page.get_by_label("The text of the file")
    head, row = box.input_value().split('id = "GO-01"')
    karin.fill("The text of the file", f'{head}id = "GO-01"{row.replace("36", "3x", 1)}')
    karin.press("Check it and try it")
    told = karin.page.get_by_role("region", name="to mend").inner_text()
    assert "checklist/governance.toml" in told
    karin.fill("The text of the file", f'{head}id = "GO-01"{row.replace("36", "48", 1)}')
    karin.press("Check it and try it")
    draft = db.session.scalars(select(Draft)).one()
    run(draft)
    here = f"/policy/changes/{draft.public_id}"
    db.session.commit()
    karin.open(here).fill(REASON, "It seldom changes.").press("Propose it")
    protector = Walker(browser, live, house, "else", width=390).open(here)
    assert "valid_months = 48" in protector.text
    protector.press("I have read it as the protector")
    Walker(browser, live, house, "omar").open(here).press("Publish it")

    today.forget()
    new = started(house, organisation=house.organisation("Chess Club"), edition=today.todays())
    months = [shelf.edition(case.policy_version).items["GO-01"].valid_months
              for case in (old, new)]  # fmt: skip
    assert months == [36, 48]
