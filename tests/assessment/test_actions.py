from datetime import timedelta

import pytest

from partners.assessment import actions
from partners.assessment.queries import computed, points_of
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.moves import State
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from tests.assessment.case import answered, level, proposed, started
from tests.builders import NOON, TODAY, House

LATER = NOON + timedelta(days=3)


def test_a_partnership_where_everything_is_met_is_decided_by_another_person(house: House) -> None:
    engagement = proposed(house, answered(house, started(house)))
    top = engagement.level
    actions.read(engagement, by=house.actor("jonas"), at=NOON)
    with pytest.raises(NotYours):
        actions.decide(engagement, top, engagement.band, by=house.actor("maja"), at=NOON)
    actions.decide(engagement, top, engagement.band, by=house.actor("karin"), at=NOON)
    actions.tell(engagement, "meeting", "en", by=house.actor("maja"), at=NOON)
    db.session.commit()
    assert (engagement.supported_level, engagement.state) == (top, State.TOLD)


def test_a_liaison_officer_cannot_decide_what_the_policy_gives_to_managers(house: House) -> None:
    engagement = proposed(house, answered(house, started(house)))
    actions.read(engagement, by=house.actor("jonas"), at=NOON)
    with pytest.raises(Refusal, match="not theirs"):
        actions.decide(
            engagement, engagement.level, engagement.band, by=house.actor("ida"), at=NOON
        )


def test_dialogue_without_support_is_decided_by_a_liaison_officer(house: House) -> None:
    engagement = proposed(house, answered(house, started(house, place=-2)))
    actions.decide(engagement, engagement.level, engagement.band, by=house.actor("ida"), at=NOON)
    assert engagement.state == State.DECIDED


def test_information_sharing_is_registered_at_once(house: House) -> None:
    engagement = started(house, place=0)
    assert (engagement.state, engagement.agreed_level) == (State.IN_FORCE, level(house, 0))


def test_open_items_must_be_named_before_proposing(house: House) -> None:
    with pytest.raises(Refusal, match="still open"):
        actions.propose(started(house), by=house.actor("maja"), at=NOON)


def test_a_lower_result_waits_until_the_organisation_could_answer(house: House) -> None:
    engagement = answered(house, started(house), PV_03=Given.NOT_MET)
    proposed(house, engagement)
    top, floor = engagement.level, house.policy.floor.id
    with pytest.raises(Refusal, match="not answered yet"):
        actions.decide(engagement, floor, engagement.band, by=house.actor("karin"), at=NOON)
    actions.send_points(engagement, by=house.actor("maja"), at=NOON)
    (point,) = points_of(engagement)
    with pytest.raises(Refusal, match="still has time"):
        actions.read(engagement, by=house.actor("jonas"), at=NOON)
    house.partner("nadia", engagement.organisation)
    actions.reply(engagement, point, "We discuss it in May.", by=house.actor("nadia"), at=LATER)
    actions.read(engagement, by=house.actor("jonas"), at=LATER)
    db.session.commit()
    assert engagement.state == State.PROPOSED
    assert engagement.round.computed["level"] == floor != top
    actions.decide(engagement, floor, engagement.round.computed["band"],
                   by=house.actor("karin"), at=LATER)  # fmt: skip
    assert engagement.round.outcome == engagement.round.computed["outcome"]


def test_silence_ends_the_reply_only_when_the_time_is_over(house: House) -> None:
    engagement = proposed(house, answered(house, started(house), PV_03=Given.NOT_MET))
    actions.send_points(engagement, by=house.actor("maja"), at=NOON)
    days = house.policy.head.reply_days
    with pytest.raises(Refusal, match="still has time"):
        actions.read(engagement, by=house.actor("jonas"), at=NOON + timedelta(days=days))
    actions.read(engagement, by=house.actor("jonas"), at=NOON + timedelta(days=days + 1))
    assert engagement.state == State.PROPOSED


def test_deciding_otherwise_takes_a_reason_and_a_manager_of_another_department(
    house: House,
) -> None:
    engagement = proposed(house, answered(house, started(house)))
    actions.read(engagement, by=house.actor("jonas"), at=NOON)
    floor = house.policy.floor.id
    with pytest.raises(Refusal, match="Write why"):
        actions.decide(engagement, floor, engagement.band, by=house.actor("karin"), at=NOON)
    actions.decide(
        engagement, floor, engagement.band, reason="We begin slowly, and they agree.",
        by=house.actor("karin"), at=NOON,
    )  # fmt: skip
    assert engagement.state == State.PROPOSED
    actions.confirm(engagement, by=house.actor("omar"), at=NOON)
    assert (engagement.state, engagement.supported_level) == (State.DECIDED, floor)


def test_no_decision_goes_below_dialogue(house: House) -> None:
    engagement = proposed(house, answered(house, started(house)))
    with pytest.raises(Refusal, match="always open"):
        actions.decide(
            engagement, level(house, 0), engagement.band, reason="No.", by=house.actor("karin"),
            at=NOON,
        )  # fmt: skip


def test_whoever_stepped_aside_sees_nothing_of_the_case(house: House) -> None:
    engagement = started(house)
    actions.step_aside(engagement, by=house.actor("karin"), at=NOON)
    db.session.commit()
    with pytest.raises(NotYours):
        actions.close(engagement, "x", by=house.actor("karin"), at=NOON)


def test_an_answer_kept_with_the_organisation_is_not_asked_again(house: House) -> None:
    first = answered(house, started(house, place=-2))
    second = started(house, place=-2, organisation=first.organisation)
    still_open = set(computed(second, TODAY).open)
    kept = {i.id for i in house.policy.items.values() if i.kept_with == "organisation"}
    assert not still_open & kept
    assert still_open


def test_money_from_two_departments_adds_up(house: House) -> None:
    first = started(house, money=9000)
    second = started(house, money=2000, organisation=first.organisation, by="lene")
    rank = house.policy.bands
    assert rank[second.band].rank == rank[first.band].rank + 1
