"""A renewal in which nothing has changed takes the organisation a few presses, and no typing."""

from datetime import timedelta

import pytest

from partners.assessment import actions
from partners.assessment.queries import difference_of, newest_answers
from partners.assessment.rules.answers import expires_on
from partners.assessment.rules.difference import renewal_of
from partners.ground import clock
from partners.ground.db import db
from partners.policy.values import Asker, Renewal
from tests.assessment.case import answered, started
from tests.builders import House
from tests.conftest import only_sqlite
from tests.journeys.walk import Walker

pytestmark = [pytest.mark.browser, only_sqlite]
PRESSES, PAGES = 6, 7


def two_years_later(house: House):
    """A dialogue with a room, in force for years, at the beginning of a new round."""
    now = clock.now()
    first = now - timedelta(days=800)
    engagement = started(house, place=-2, in_kind="A room on Thursdays")
    answered(house, engagement)
    for answer in newest_answers(engagement.organisation_id, engagement.id).values():
        answer.answered_on, answer.at = clock.day_of(first), first
        months = house.policy.items[answer.item].valid_months
        answer.expires_on = expires_on(clock.day_of(first), months)
    engagement.round.opened_at = first
    maja = {"by": house.actor("maja"), "at": now}
    actions.propose(engagement, open_named="As agreed.", **maja)
    engagement.round.computed |= {"outcome": "supported", "level": engagement.level,
                                  "band": engagement.band, "open": [], "hold": []}  # fmt: skip
    decide = {"by": house.actor("ida"), "at": now}
    actions.decide(engagement, engagement.level, engagement.band, **decide)
    actions.tell(engagement, "meeting", "en", **maja)
    actions.begin_again(engagement, house.app.extensions["policy"], **maja)
    actions.tell_level(engagement, **maja)
    db.session.commit()
    return engagement


def test_an_unchanged_renewal_is_a_few_presses(browser, live: str, house: House) -> None:
    engagement = two_years_later(house)
    house.partner("nadia", engagement.organisation)
    today = clock.today()
    theirs = {item.id for item in difference_of(engagement, today).asked
              if item.completed_by is Asker.PARTNER}  # fmt: skip
    pressed = {i for i in theirs if renewal_of(house.policy.items[i]) is not Renewal.ANEW}
    assert len(pressed) >= 4

    nadia = Walker(browser, live, house, "nadia", width=390).open("/our/to-do")
    presses, pages = 1, 1
    nadia.page.locator("main a[href*='/engagements/']").first.click()
    nadia.settled()
    pages += 1
    nadia.page.locator("main a.govuk-button").first.click()
    nadia.settled()
    presses, pages = presses + 1, pages + 1
    while (button := nadia.page.locator("button[name=still][value='*']")).count():
        assert nadia.page.locator(".sheet--theirs, .sheet--ours").count(), (
            "the old words stand there"
        )
        button.first.click()
        nadia.settled()
        presses, pages = presses + 1, pages + 1
        assert presses < 20, "every press confirms something"
    db.session.expire_all()
    known = {one.item.id for one in difference_of(engagement, today).carried}
    assert pressed <= known
    assert (presses, pages) <= (PRESSES, PAGES), f"{presses} presses over {pages} pages"
