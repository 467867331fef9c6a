"""The difficult ways: more is wanted, something counts against them, somebody else is asked."""

from typing import Any

import pytest
from sqlalchemy import select

from partners.assessment import actions
from partners.assessment.queries import difference_of, newest_answers
from partners.ground import clock
from partners.ground.db import db
from partners.mail.models import Mail
from partners.policy.values import Asker
from tests.assessment.case import level, started
from tests.builders import NOON, House
from tests.conftest import only_sqlite
from tests.journeys.walk import Walker
from tests.portal.conftest import below, told

pytestmark = [pytest.mark.browser, only_sqlite]


def test_a_higher_level_asks_only_the_difference_and_says_what_is_carried_over(
    house: House, live: str, browser: Any
) -> None:
    case = told(house)
    actions.enter_into_force(case, by=house.actor("maja"), at=NOON)
    house.partner("nadia", case.organisation)
    top = house.policy.words("en").level(level(house, -1)).name
    there = f"/engagements/{case.public_id}"
    maja = Walker(browser, live, house, "maja").open(f"{there}/again")
    maja.press("Begin the new round").click("Change the request").choose(top)
    maja.page.locator("#asks", has_text=f"Asked for: {top}").wait_for()
    asks = maja.page.locator("#asks").inner_text()
    maja.press("Change the request")
    maja.press("We have told them the level")
    db.session.expire_all()
    found = difference_of(case, clock.today())
    sides = [item.completed_by for item in found.asked]
    counts = len(sides), sides.count(Asker.PARTNER), len(found.carried)
    may_answer = counts[1] + sides.count(Asker.BOTH)
    db.session.rollback()
    assert all(counts)
    assert f"{counts[0]} items, {counts[1]} are theirs" in asks
    assert f"{counts[2]} answers are carried over and not asked again" in asks
    nadia = Walker(browser, live, house, "nadia", width=390).open("/our/to-do")
    nadia.click(f"Answer {may_answer} questions about Community meals")
    assert nadia.heading == f"{may_answer} questions wait for you"
    assert f"{counts[2]} items" in nadia.text  # still valid from before
    known = nadia.page.locator("li:has-text('Answered') a[href*='/items/']").first
    nadia.open(known.get_attribute("href") or "/")
    nadia.page.locator("button[name=still][value='*']").click()
    assert "are saved" in nadia.settled().text
    db.session.expire_all()
    mine = newest_answers(case.organisation_id, case.id).values()
    assert any(a.side == "partner" and a.answered_on == clock.today() for a in mine)


def replied(house: House, live: str, browser: Any) -> tuple[str, Walker, Walker]:
    """Maja sends the points, Nadia reads them on her telephone and answers."""
    case = below(house)
    house.partner("nadia", case.organisation)
    there = f"/engagements/{case.public_id}/result"
    maja = Walker(browser, live, house, "maja").open(there)
    maja.press("Send the points to Harbour Kitchen")
    nadia = Walker(browser, live, house, "nadia", width=390).open("/our/to-do")
    nadia.click("Answer one point").fill("Your answer", "We wrote the rules down in May.")
    nadia.press("Put this next to the point")
    assert "We wrote the rules down in May." in nadia.text
    return there, maja.open(there), nadia


def test_a_point_that_is_answered_well_is_set_aside_and_no_longer_counts(
    house: House, live: str, browser: Any
) -> None:
    there, maja, nadia = replied(house, live, browser)
    maja.unfold("Set this point aside").fill("Why?", "They showed us the rules.")
    maja.press("Set it aside")
    jonas = Walker(browser, live, house, "jonas").open("/today")
    jonas.click("Read what Harbour Kitchen answered")
    jonas.fill("What do you take part for?", "Second reader").press("Take part")
    jonas.open(there).press("I have read the points and the answers")
    karin = Walker(browser, live, house, "karin").open(there)
    assert karin.heading == "Partnership is supported, as asked for"
    assert "As we said in the meeting." not in karin.text
    assert "They showed us the rules." in nadia.open("/our/file/answers").text


def test_a_point_that_stands_is_read_decided_and_told_with_the_answer_beside_it(
    house: House, live: str, browser: Any
) -> None:
    there, maja, nadia = replied(house, live, browser)
    jonas = Walker(browser, live, house, "jonas").open("/today")
    jonas.click("Read what Harbour Kitchen answered")
    jonas.fill("What do you take part for?", "Second reader").press("Take part")
    jonas.open(there).press("I have read the points and the answers")
    karin = Walker(browser, live, house, "karin").open("/today").click("Decide on Community meals")
    karin.open(there).choose("Decide as the answers lead to").press("Decide")
    maja.open(there).choose("In a meeting").pick("In which language?", "English")
    maja.press("Deliver the letter")
    nadia.open("/our/papers").click("Community meals")
    assert "We wrote the rules down in May." in nadia.text
    assert "Dialogue, No support" in nadia.text


def test_somebody_who_knows_them_answers_by_a_link_and_they_read_it(
    house: House, live: str, browser: Any
) -> None:
    case = started(house)
    house.partner("nadia", case.organisation)
    here = f"/engagements/{case.public_id}/references"
    maja = Walker(browser, live, house, "maja").open(here)
    maja.fill("Who knows their work?", "Leader of the library")
    maja.fill("E-mail address", "library@havnby.example").choose("English").press("Send the link")
    letter = db.session.scalars(select(Mail).order_by(Mail.id.desc())).first()
    assert letter
    link = next(word for word in letter.body.split() if "/reference/" in word)
    db.session.rollback()
    referee = Walker(browser, live, house, None, width=390)
    referee.open("/reference/" + link.split("/reference/")[1])
    referee.page.locator("textarea").first.fill("They come when they say they come.")
    referee.press("Send this")
    assert "Thank you" in referee.heading
    nadia = Walker(browser, live, house, "nadia", width=390)
    for reader in (maja, nadia):
        assert "They come when they say they come." in reader.open(here).text
