"""A condition is said to be met, looked at, moved by both, reminded of: never a verdict."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from partners.access.rules import CLOCK
from partners.assessment import actions
from partners.assessment.actions import conditions as promises
from partners.assessment.models import Condition, Engagement
from partners.assessment.pages import doer
from partners.assessment.rules.answers import Answer as Given
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from tests.assessment.case import answered, proposed, started
from tests.assessment.test_clock import at, letters, run
from tests.builders import NOON, TODAY, House
from tests.page import Page, words

DAY = timedelta(days=1)


def conditional(house: House) -> tuple[Engagement, dict[str, Condition]]:
    """Dialogue in force with a condition on each side; Nadia signs in for the organisation."""
    engagement = answered(house, started(house, place=-2), PR_03=Given.NOT_MET,
                          PV_01=Given.NOT_MET)  # fmt: skip
    house.partner("nadia", engagement.organisation)
    proposed(house, engagement)
    actions.decide(engagement, engagement.level, engagement.band, by=house.actor("ida"), at=NOON)
    actions.tell(engagement, "meeting", "en", by=house.actor("maja"), at=NOON)
    db.session.commit()
    return engagement, {c.side: c for c in engagement.round.conditions}


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def test_the_municipality_is_reminded_of_its_condition_as_readily_as_the_organisation(
    house: House,
) -> None:
    engagement, of = conditional(house)
    days = [TODAY + DAY * n for n in range(130)]
    run(*(at(day) for day in days))
    notices = house.policy.head.condition_notices
    told = {to: [on for who, on, _s in letters(house, "something is due") if who == to]
            for to in ("maja", "nadia")}  # fmt: skip
    for to, side in (("maja", "city"), ("nadia", "partner")):
        wanted = [of[side].due_on + DAY * n for n in notices]
        assert told[to] == [max(day, TODAY) for day in wanted if day <= days[-1]], to
    assert engagement.supported_level == engagement.level, "lateness lowers nothing"


def test_a_late_condition_of_ours_stands_first_on_today_and_on_their_page(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    engagement, of = conditional(house)
    other = started(house, organisation=engagement.organisation)
    other.due_on = TODAY - DAY * 300
    late = at(of["city"].due_on + DAY * 9)
    monkeypatch.setattr(clock, "now", lambda: late)
    page = Page(house.client("maja")).get("/today")
    (first, *_rest) = page.all("//section[@aria-labelledby='late']//li//a")
    assert first.text == of["city"].text
    page = Page(house.client("nadia")).get("/our/to-do")
    assert page.all("//section[@aria-labelledby='late']//li//a")[0].text == of["city"].text


def test_they_say_that_it_is_done_staff_look_and_answer_and_then_it_is(house: House) -> None:
    engagement, of = conditional(house)
    list_ = f"/engagements/{engagement.public_id}/conditions"
    nadia, maja = Page(house.client("nadia")), Page(house.client("maja"))
    nadia.get(list_).click(of["partner"].text)
    here = nadia.path
    nadia.send(press="Say that it is done", said="It hangs at our door.", link="not a link",
               status=422)  # fmt: skip
    assert "It hangs at our door." in nadia.source
    nadia.send(press="Say that it is done", said="It hangs at our door.",
               link="https://kitchen.example/door", status=302)  # fmt: skip
    assert "Said to be done" in nadia.get(here).text
    assert "Look at what is said to be done" in maja.get("/today").text
    assert of["partner"].is_open, "saying it is not yet meeting it"
    maja.post(here, press="Say what is missing", reason="We need the day.", status=302)
    (facts,) = nadia.get(here).all("//main//dl[@class='facts']")
    assert "What is still missing? We need the day." in words(facts)
    nadia.send(press="Say that it is done", said="Since 3 November.", status=302)
    maja.post(here, {"evidence": "Seen at the door.", "on-day": "20", "on-month": "11",
              "on-year": "2026"}, press="Note that it is done", status=302)  # fmt: skip
    db.session.refresh(of["partner"])
    assert of["partner"].met_on == date(2026, 11, 20)
    assert "Done" in nadia.get(list_).text


def test_another_date_holds_only_when_both_sides_agree(house: House) -> None:
    engagement, of = conditional(house)
    nadia, maja = house.actor("nadia"), house.actor("maja")
    row, was, later = of["partner"], of["partner"].due_on, TODAY + DAY * 200
    promises.wish_date(engagement, row, later, "The hall is closed.", by=nadia, at=NOON)
    assert row.due_on == was
    with pytest.raises(Refusal, match="other side agrees"):
        promises.agree_date(engagement, row, by=nadia, at=NOON)
    promises.agree_date(engagement, row, by=maja, at=NOON)
    assert (row.due_on, row.wished_on) == (later, None)
    with pytest.raises(Refusal, match="still to come"):
        promises.wish_date(engagement, row, TODAY, "Now.", by=maja, at=NOON)
    promises.wish_date(engagement, row, was, "They said so.", agreed=True, by=maja, at=NOON)
    assert row.due_on == was
    promises.wish_date(engagement, row, later, "Again.", agreed=True, by=nadia, at=NOON)
    assert row.due_on == was, "the organisation cannot agree for the municipality"


def test_what_is_on_the_municipality_the_organisation_does_not_tick_off(house: House) -> None:
    engagement, of = conditional(house)
    nadia = house.actor("nadia")
    with pytest.raises(Refusal, match="on the municipality"):
        promises.say_done(engagement, of["city"], "Done.", by=nadia, at=NOON)
    with pytest.raises(NotYours):
        promises.meet(engagement, of["partner"], "x", TODAY, by=nadia, at=NOON)


def test_a_later_decision_takes_up_what_an_earlier_one_left_open(house: House) -> None:
    engagement, _of = conditional(house)
    maja = {"by": house.actor("maja"), "at": NOON}
    actions.begin_again(engagement, house.app.extensions["policy"], **maja)
    actions.tell_level(engagement, **maja)
    db.session.commit()
    proposed(house, engagement)
    actions.decide(engagement, engagement.level, engagement.band, by=house.actor("ida"), at=NOON)
    db.session.commit()
    rows = db.session.scalars(select(Condition)).all()
    assert [c.is_open for c in rows] == [False, False, True, True]


def test_help_and_its_owner_are_read_by_both_sides(house: House) -> None:
    engagement, of = conditional(house)
    here = f"/engagements/{engagement.public_id}/conditions"
    maja, nadia = Page(house.client("maja")), Page(house.client("nadia"))
    maja.get(here).click(of["partner"].text)
    maja.send(press="Save this", offer="We lend a template.", status=302)
    assert "We lend a template." in nadia.get(here).text
    assert "We offer: We lend a template." in nadia.get("/our/to-do").text


def test_of_two_who_write_what_helps_the_second_saves_both_from_one_page(house: House) -> None:
    engagement, of = conditional(house)
    actions.join(engagement, "Helps", by=house.actor("jonas"), at=NOON)
    maja, jonas = Page(house.client("maja")), Page(house.client("jonas"))
    for page in (maja, jonas):
        page.get(f"/engagements/{engagement.public_id}/conditions").click(of["partner"].text)
    maja.send(press="Save this", offer="We lend a template.", status=302)
    jonas.send(press="Save this", offer="We come by in May.", status=409)
    assert "We lend a template." in jonas.text
    jonas.send(press="Save what stands above", offer="A template, and we come by.", status=302)
    db.session.refresh(of["partner"])
    assert of["partner"].offer == "A template, and we come by."


def test_the_clock_reminds_in_the_language_of_the_reader(house: House) -> None:
    reminded = SimpleNamespace(by_name=CLOCK.name)
    with house.app.test_request_context(), force_locale("da"):
        assert doer(reminded) == "Uret"
        assert doer(SimpleNamespace(by_name="Maja Lund")) == "Maja Lund"
