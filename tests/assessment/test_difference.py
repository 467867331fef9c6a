"""Ask only the difference: what is carried over, from where, and what makes work due for more."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from partners.assessment import actions
from partners.assessment.actions.moving import REUSED
from partners.assessment.actions.starting import Wish
from partners.assessment.models import Engagement
from partners.assessment.pace import LEAST, paces
from partners.assessment.queries import computed, difference_of, newest_answers, raised_band
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.difference import Why
from partners.assessment.rules.money import Payment
from partners.assessment.rules.moves import State
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.history.queries import deeds_named, deeds_on, history_of
from partners.policy.values import Renewal, Scope
from tests.assessment.case import answered, level, proposed, started
from tests.builders import NOON, TODAY, House
from tests.page import Page

YEAR = timedelta(days=366)
SOON = NOON + timedelta(hours=1)


def in_force(house: House, engagement: Engagement, at=NOON) -> Engagement:
    """Decided as the answers lead to, told and in force."""
    proposed(house, engagement)
    actions.read(engagement, by=house.actor("jonas"), at=at)
    actions.decide(engagement, engagement.level, engagement.band, by=house.actor("karin"), at=at)
    actions.tell(engagement, "meeting", "en", by=house.actor("maja"), at=at)
    if engagement.state != State.IN_FORCE:
        actions.enter_into_force(engagement, by=house.actor("maja"), at=at)
    db.session.commit()
    return engagement


def again(house: House, engagement: Engagement, at=NOON) -> None:
    policy = house.app.extensions["policy"]
    actions.begin_again(engagement, policy, by=house.actor("maja"), at=at)
    db.session.commit()


def kept(house: House, scope: Scope) -> set[str]:
    return {i.id for i in house.policy.items.values() if i.kept_with is scope}


@pytest.mark.parametrize(
    ("first", "second", "carries"),
    [("shared_meal", "shared_meal", True), ("shared_meal", "courses", False),
     ("other", "other", False), ("", "", False)],
)  # fmt: skip
def test_what_is_kept_with_the_activity_goes_where_the_activity_goes(
    house: House, first: str, second: str, carries: bool
) -> None:
    one = answered(house, started(house, activity=first))
    two = started(house, organisation=one.organisation, activity=second)
    known = set(newest_answers(two.organisation_id, two.id))
    asked = {i.id for i in house.policy.asked(two.level, two.band)}
    assert (
        asked & kept(house, Scope.ACTIVITY) <= known
        if carries
        else not (known & kept(house, Scope.ACTIVITY))
    )
    assert not known & kept(house, Scope.ENGAGEMENT)
    assert asked & kept(house, Scope.ORGANISATION) <= known


def test_another_activity_in_the_same_work_is_asked_about_anew(house: House) -> None:
    engagement = answered(house, started(house, activity="shared_meal"))
    wish = Wish("Courses", "Learn together", engagement.level, activity="courses")
    actions.change_request(engagement, wish, by=house.actor("maja"), at=NOON)
    asked = {item.id for item in difference_of(engagement, TODAY).asked}
    assert asked
    assert asked <= kept(house, Scope.ACTIVITY)


def test_the_partner_reads_where_its_answer_was_used_again(house: House) -> None:
    first = answered(house, started(house))
    second = started(house, organisation=first.organisation, by="lene")
    (deed,) = deeds_named(first.organisation_id, REUSED)
    assert deed.on_id == second.id
    used = newest_answers(second.organisation_id, second.id)
    assert set(deed.facts["answers"]) == {row.id for row in used.values()}
    house.partner("nadia", first.organisation)
    page = Page(house.client("nadia")).get("/our/file/answers")
    assert "Used again in “ Community meals ”, on 20 November 2026." in page.text


def test_a_met_answer_says_nothing_about_a_part_that_was_not_asked(house: House) -> None:
    engagement = answered(house, started(house, money=20_000))
    assert not computed(engagement, TODAY).open
    more = Payment(date(2027, 1, 20), Decimal(40_000))
    actions.record_support(engagement, more, by=house.actor("maja"), at=NOON)
    more = {one.item.id for one in difference_of(engagement, TODAY).of(Why.MORE)}
    assert len(more) == 13
    assert more == set(computed(engagement, TODAY).open)


def test_a_payment_of_another_department_makes_running_work_due_and_stops_nothing(
    house: House,
) -> None:
    culture = in_force(house, answered(house, started(house, money=9_000)))
    social = started(house, organisation=culture.organisation, by="lene")
    pay = {"by": house.actor("lene"), "at": NOON}
    actions.record_support(social, Payment(date(2027, 2, 1), Decimal(900)), **pay)
    assert (culture.state, raised_band(culture)) == (State.IN_FORCE, None)
    actions.record_support(social, Payment(date(2027, 2, 1), Decimal(100)), **pay)
    db.session.commit()
    assert culture.state == State.DUE
    (deed,) = deeds_on("engagements", culture.id, "engagement.fall_due")
    assert (deed.facts["why"], deed.facts["band"]) == ("band", "B2")
    assert culture.agreed_level == culture.level
    page = Page(house.client("maja")).get(f"/engagements/{culture.public_id}/again")
    assert "Nothing stops meanwhile" in page.text
    again(house, culture)
    assert culture.band == "B2"
    known = {item.id for item in house.policy.asked(culture.level, "B1")}
    assert not {item.id for item in difference_of(culture, TODAY).asked} & known


def test_a_new_request_with_money_makes_running_work_due_at_once(house: House) -> None:
    culture = in_force(house, answered(house, started(house, money=9_000)))
    started(house, money=1_000, organisation=culture.organisation, by="lene")
    assert culture.state == State.DUE


def test_a_new_round_shows_what_it_asks_before_it_begins(house: House) -> None:
    engagement = in_force(house, answered(house, started(house, place=-2)))
    page = Page(house.client("maja")).get(f"/engagements/{engagement.public_id}/again")
    assert "16 answers are carried over and not asked again" in page.text
    assert "Nothing is to be answered." in page.text
    assert "From this work" in page.text
    page.send(press="Begin the new round", follow=True)
    db.session.expire_all()
    assert (engagement.state, len(engagement.rounds)) == (State.DRAFT, 2)


def test_a_new_round_that_was_not_shown_does_not_begin(house: House) -> None:
    engagement = in_force(house, answered(house, started(house, place=-2)))
    page = Page(house.client("maja")).get(f"/engagements/{engagement.public_id}/again")
    page.send({"seen": "something else"}, press="Begin the new round", status=422)
    db.session.expire_all()
    assert engagement.state == State.IN_FORCE


def test_one_press_confirms_what_has_not_changed_and_leaves_the_rest(house: House) -> None:
    engagement = in_force(house, answered(house, started(house, place=-2)))
    again(house, engagement, at=SOON)
    actions.tell_level(engagement, by=house.actor("maja"), at=SOON)
    house.partner("nadia", engagement.organisation)
    before = newest_answers(engagement.organisation_id, engagement.id)
    page = Page(house.client("nadia")).get(f"/engagements/{engagement.public_id}/items/register")
    page.send({"PV-01-answer": "partly", "PV-01-words": "We also bake now."},
              press="Nothing has changed in these 3 answers", follow=True)  # fmt: skip
    db.session.expire_all()
    now = newest_answers(engagement.organisation_id, engagement.id)
    assert (now["PV-01"].answer, now["PV-01"].words) == ("partly", "We also bake now.")
    assert now["GO-02"].id != before["GO-02"].id
    assert (now["GO-02"].words, now["GO-02"].side) == (before["GO-02"].words, "partner")
    assert now["PR-03"].id == before["PR-03"].id


def test_what_must_be_looked_at_anew_cannot_be_confirmed(house: House) -> None:
    engagement = answered(house, started(house))
    for item in (i for i in house.policy.items.values() if i.renewal is Renewal.ANEW or
                 i.answer_type == "staff_check"):  # fmt: skip
        if item.id in newest_answers(engagement.organisation_id, engagement.id):
            with pytest.raises(Refusal, match="looked at anew"):
                actions.confirm_carried(engagement, item.id, by=house.actor("maja"), at=NOON)


def test_a_time_is_shown_once_five_were_measured_and_not_before(house: House) -> None:
    later = NOON + timedelta(days=12)
    for number in range(LEAST):
        assert not paces(later)
        one = answered(
            house, started(house, place=-2, organisation=house.organisation(f"O{number}"))
        )
        actions.propose(one, by=house.actor("maja"), at=NOON)
        actions.decide(one, one.level, one.band, by=house.actor("ida"), at=NOON)
        told = NOON + timedelta(days=10 + number)
        actions.tell(one, "meeting", "en", by=house.actor("maja"), at=told)
        db.session.commit()
    pace = paces(later)[level(house, -2), "B0"]
    assert (pace.days, pace.answers, pace.rounds) == (12, 16, LEAST)
    assert "estimate" not in Page(house.client()).get("/policy").text.split("others?")[1]


def test_days_of_a_pause_are_not_counted(house: House) -> None:
    one = answered(house, started(house, place=-2))
    pair = {"second": house.actor("omar"), "by": house.actor("karin")}
    actions.pause(one, "Fire in their house.", at=NOON + timedelta(days=1), **pair)
    actions.resume(one, by=house.actor("karin"), at=NOON + timedelta(days=11))
    actions.propose(one, by=house.actor("maja"), at=NOON + timedelta(days=12))
    actions.decide(one, one.level, one.band, by=house.actor("ida"), at=NOON + timedelta(days=12))
    actions.tell(one, "meeting", "en", by=house.actor("maja"), at=NOON + timedelta(days=13))
    (told,) = [e for e in history_of("engagements", one.id) if e.what == "engagement.tell"]
    assert told.facts["days"] == 3


def test_a_stale_answer_is_asked_again_with_the_old_words_beside(house: House) -> None:
    engagement = in_force(house, answered(house, started(house, place=-2), GO_02=Given.MET))
    again(house, engagement, at=NOON + YEAR)
    stale = {one.item.id for one in difference_of(engagement, TODAY + YEAR).of(Why.STALE)}
    assert stale == {i.id for i in house.policy.asked(engagement.level, engagement.band)
                     if i.valid_months <= 12}  # fmt: skip


def test_a_lower_result_of_a_new_round_waits_for_an_answer_of_that_round(house: House) -> None:
    engagement = proposed(house, answered(house, started(house), PV_03=Given.NOT_MET))
    actions.send_points(engagement, by=house.actor("maja"), at=NOON)
    later = NOON + timedelta(days=house.policy.head.reply_days + 1)
    actions.read(engagement, by=house.actor("jonas"), at=later)
    carried = {"level": engagement.round.computed["level"], "band": engagement.band}
    actions.decide(engagement, **carried, by=house.actor("karin"), at=later)
    actions.tell(engagement, "meeting", "en", by=house.actor("maja"), at=later)
    again(house, engagement, at=later)
    actions.tell_level(engagement, by=house.actor("maja"), at=later)
    actions.propose(engagement, by=house.actor("maja"), at=later)
    actions.read(engagement, by=house.actor("lene"), at=later)
    with pytest.raises(Refusal, match="could not answer every point"):
        actions.decide(engagement, **carried, by=house.actor("omar"), at=later)
