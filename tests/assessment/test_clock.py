"""The clock's own work, with the days handed in: told once, by the dates, whatever was missed."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from partners.assessment import actions
from partners.assessment.daily import the_day
from partners.assessment.models import Answer, Engagement
from partners.assessment.queries import computed, standings
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.money import Payment
from partners.assessment.rules.moves import State
from partners.assessment.rules.notices import reached
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.history.queries import history_of
from partners.jobs.models import Job
from partners.mail.models import Mail
from partners.policy.values import Outcome
from tests.assessment.case import answered, proposed, started
from tests.builders import NOON, TODAY, House
from tests.page import NEVER
from tests.portal.conftest import told

DAY = timedelta(days=1)


def run(*days: datetime) -> None:
    """The day's work of each of these days."""
    for at in days:
        for _step in the_day(at):
            db.session.commit()
        db.session.commit()


def letters(house: House, about: str = "") -> list[tuple[str, date, str]]:
    """To whom, on which day, and the subject, of the letters whose subject says `about`."""
    rows = db.session.scalars(select(Mail).order_by(Mail.id))
    return [(m.to.split("@")[0].split("-")[0], m.written_at.date(), m.subject)
            for m in rows if about in m.subject]  # fmt: skip


def sent(house: House, about: str = "") -> list[date]:
    """The days of the letters to the organisation."""
    return [on for to, on, _s in letters(house, about) if to == "nadia"]


def at(on: date) -> datetime:
    return datetime.combine(on, NOON.timetz())


def days_from(first: date, last: date) -> Iterable[datetime]:
    return (at(first + DAY * n) for n in range((last - first).days + 1))


@pytest.fixture
def case(house: House) -> Engagement:
    """Dialogue in force; Nadia signs in for the organisation."""
    engagement = told(house)
    if State(engagement.state) is State.TOLD:
        actions.enter_into_force(engagement, by=house.actor("maja"), at=NOON)
    house.partner("nadia", engagement.organisation)
    return engagement


def fresh(engagement: Engagement) -> Engagement:
    """Every answer given anew today for as long as the test lasts, so that only dates matter."""
    for row in db.session.scalars(select(Answer)):
        row.answered_on, row.expires_on = date(2090, 1, 1), date(2099, 1, 1)
    db.session.commit()
    return engagement


@pytest.mark.parametrize(
    ("gone", "told"),
    [(-31, None), (-30, -30), (-6, -30), (-5, -5), (0, 0), (29, 0), (30, 30), (900, 30)],
)
def test_the_last_notice_whose_day_has_come_is_the_one_to_give(gone: int, told: int | None):
    assert reached((-30, -5, 0, 30), TODAY, TODAY + DAY * gone) == told


def test_a_whole_life_told_in_force_noticed_due_and_asked_again(
    house: House, case: Engagement
) -> None:
    review = fresh(case).review_on
    run(*days_from(review - DAY * 32, review + DAY * 32))
    assert sent(house) == [review - DAY * 30, review - DAY * 5, review, review + DAY * 30]
    assert {to for to, _on, _s in letters(house)} == {"maja", "nadia"}, "both sides are told"
    assert case.state == State.DUE
    actions.begin_again(case, house.app.extensions["policy"], by=house.actor("maja"), at=at(review))
    db.session.commit()
    assert case.state == State.DRAFT
    run(at(review + DAY * 300))
    assert len(sent(house)) == 4, "once both sides are at it again nobody is reminded"


def test_days_that_were_missed_lose_no_notice_and_double_none(
    house: House, case: Engagement
) -> None:
    review = fresh(case).review_on
    run(at(review - DAY * 3), at(review - DAY * 3), at(review + DAY * 29), at(review + DAY * 40))
    assert sent(house) == [review - DAY * 3, review + DAY * 29, review + DAY * 40]


def test_no_letter_of_the_clock_tells_a_result_a_point_or_a_condition(
    house: House, case: Engagement
) -> None:
    run(*days_from(case.review_on - DAY * 31, case.review_on + DAY * 31))
    words = house.policy.words("en")
    results = {words.outcome(o).name.lower() for o in Outcome} | {
        words.level(name).name.lower() for name in house.policy.levels
    }
    texts = [f"{m.subject}\n{m.body}".lower() for m in db.session.scalars(select(Mail))]
    assert texts
    for said in (*results, *NEVER, "condition", "point"):
        assert not any(re.search(rf"\b{said}\b", text) for text in texts), said


def test_the_same_day_is_worked_once_however_many_clocks_there_are(house: House) -> None:
    jobs = house.app.extensions["jobs"]
    jobs.huey.immediate = False
    for _clock in range(3):
        jobs.sweep()
    jobs.huey.storage.close()
    kinds = db.session.scalars(select(Job.kind).where(Job.kind.in_(jobs.days))).all()
    assert sorted(kinds) == sorted(jobs.days) != []


def test_one_case_that_cannot_be_read_does_not_keep_the_others_waiting(
    house: House, case: Engagement
) -> None:
    other = told(house, organisation=house.organisation("Chess Club"))
    if other.state == State.TOLD:
        actions.enter_into_force(other, by=house.actor("maja"), at=NOON)
    fresh(other)
    case.band = case.supported_band = "a band that was taken out"
    case.review_on = other.review_on + DAY * 10
    db.session.commit()
    steps = the_day(at(other.review_on))
    with pytest.raises(StopIteration) as end:
        while True:
            next(steps)
    assert "trouble" in end.value.value
    assert (case.state, other.state) == (State.IN_FORCE, State.DUE)


def test_an_answer_that_runs_out_makes_it_due_and_only_that_is_asked_again(
    house: House, case: Engagement
) -> None:
    asked = [s for s in standings(case, TODAY) if s.asked and s.item.effect != "note"]
    months = min(s.item.valid_months for s in asked)
    gone = [s.item.id for s in asked if s.item.valid_months == months]
    first = min(s.answer.expires_on for s in asked if s.item.valid_months == months)
    case.review_on = None
    run(at(first))
    assert case.state == State.IN_FORCE, "it holds up to and with its last day"
    run(at(first + DAY))
    assert case.state == State.DUE
    actions.begin_again(case, house.app.extensions["policy"], by=house.actor("maja"), at=NOON)
    assert set(computed(case, first + DAY).open) == set(gone)


def paid(house: House, organisation, amount: int, by: str) -> Engagement:
    """A piece of work with money in January, answered and in force."""
    engagement = answered(house, started(house, money=amount, organisation=organisation, by=by),
                          by=by)  # fmt: skip
    proposed(house, engagement, by=by)
    actions.read(engagement, by=house.actor("jonas"), at=NOON)
    actions.decide(engagement, engagement.level, engagement.band, by=house.actor("karin"), at=NOON)
    actions.tell(engagement, "meeting", "en", by=house.actor(by), at=NOON)
    actions.enter_into_force(engagement, by=house.actor(by), at=NOON)
    db.session.commit()
    return engagement


def test_money_of_another_department_makes_it_due_for_the_difference_and_stops_nothing(
    house: House,
) -> None:
    organisation = house.organisation()
    running = paid(house, organisation, 900, "maja")
    before, agreed = running.band, running.agreed_level
    run(NOON + DAY)
    assert running.state == State.IN_FORCE
    started(house, money=9500, organisation=organisation, by="lene")
    run(NOON + DAY * 2)
    assert (running.state, running.agreed_level, running.band) == (State.DUE, agreed, before)
    was = {s.item.id for s in standings(running, TODAY) if s.asked}
    actions.begin_again(running, house.app.extensions["policy"], by=house.actor("maja"), at=NOON)
    now = {s.item.id for s in standings(running, TODAY) if s.asked and not s.current}
    assert running.band != before
    assert now
    assert not now & was, "only the difference is asked"


def test_support_beyond_a_review_that_has_come_is_refused_with_what_to_do(
    house: House,
) -> None:
    running = paid(house, house.organisation(), 900, "maja")
    who = {"by": house.actor("maja")}
    give = Payment(date(2027, 1, 20), Decimal(50))
    actions.record_support(running, give, **who, at=at(running.review_on - DAY))
    with pytest.raises(Refusal, match="Begin a new round") as refused:
        actions.record_support(running, give, **who, at=at(running.review_on))
    assert refused.value.facts == {"day": running.review_on}


def test_a_reminder_comes_on_the_fourteenth_day_and_never_to_who_has_answered(
    house: House,
) -> None:
    engagement = proposed(house, answered(house, started(house), PV_03=Given.NOT_MET))
    house.partner("nadia", engagement.organisation)
    actions.send_points(engagement, by=house.actor("maja"), at=NOON)
    run(*days_from(TODAY, TODAY + DAY * 25))
    assert sent(house) == [TODAY + DAY * 14]
    assert [on for to, on, _s in letters(house) if to == "maja"] == [TODAY + DAY * 22]


def test_a_pause_ends_by_itself_and_takes_no_day_of_the_time_to_answer(house: House) -> None:
    engagement = proposed(house, answered(house, started(house), PV_03=Given.NOT_MET))
    house.partner("nadia", engagement.organisation)
    actions.send_points(engagement, by=house.actor("maja"), at=NOON)
    due = engagement.round.reply_due
    actions.pause(engagement, "A question of safety.", second=house.actor("karin"),
                  by=house.actor("omar"), at=NOON + DAY * 3)  # fmt: skip
    run(NOON + DAY * 16)
    assert engagement.state == State.PAUSED
    run(NOON + DAY * 18)
    assert (engagement.state, engagement.round.reply_due) == (State.REPLYING, due + DAY * 15)
    assert history_of("engagements", engagement.id)[0].by_name == "the clock"


def test_before_its_end_only_one_of_the_two_lifts_a_pause(house: House, case: Engagement) -> None:
    actions.pause(case, "A question of safety.", second=house.actor("karin"),
                  by=house.actor("omar"), at=NOON)  # fmt: skip
    with pytest.raises(Refusal, match="One of the two"):
        actions.resume(case, by=house.actor("tove"), at=NOON)
    actions.resume(case, by=house.actor("karin"), at=NOON)
    assert case.state == State.IN_FORCE


def test_the_ticking_house_does_the_work_by_itself(
    house: House, case: Engagement, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = at(fresh(case).review_on)
    monkeypatch.setattr(clock, "now", lambda: review)
    db.session.commit()
    house.app.extensions["jobs"].sweep()
    assert db.session.get_one(Engagement, case.id).state == State.DUE
