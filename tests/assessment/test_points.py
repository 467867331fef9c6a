"""Points from open sources: fair to record, read by two, answered, and gone when not used."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from partners.assessment import actions
from partners.assessment.actions.noting import Found
from partners.assessment.letters import POINTS, letter
from partners.assessment.models import Engagement, Point
from partners.assessment.queries import points_of
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.moves import State
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.history.models import Entry
from tests.assessment.case import answered, proposed, started
from tests.builders import NOON, House
from tests.page import Page

WORDS = "Those people do not belong in our streets."
HARD = Found(
    item="SC-03", said=WORDS, source="Newsletter, page 2", said_on=date(2026, 9, 1),
    role="official_channel", context="A column about the new housing.",
    afterwards="Nothing is known.",
)  # fmt: skip


def noted(house: House, engagement: Engagement, found: Found = HARD, *, read: bool = True) -> Point:
    maja = house.actor("maja")
    point = actions.note_found(engagement, found, house.account("jonas"), by=maja, at=NOON)
    if read:
        actions.read_point(engagement, point, by=house.actor("jonas"), at=NOON)
    db.session.commit()
    return point


def below(house: House) -> Engagement:
    """A case whose result lies below the request because of one point, sent for reply."""
    engagement = started(house)
    noted(house, engagement)
    proposed(house, answered(house, engagement, SC_03=Given.NOT_MET))
    actions.send_points(engagement, by=house.actor("maja"), at=NOON)
    db.session.commit()
    return engagement


def decided(house: House, engagement: Engagement) -> Engagement:
    actions.read(engagement, by=house.actor("lene"), at=NOON)
    found = engagement.round.computed
    who = {"by": house.actor("karin"), "at": NOON}
    actions.decide(engagement, found["level"], found["band"], **who)
    db.session.commit()
    return engagement


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"role": "member"}, "does not answer for this speaker"),
        ({"said_on": date(2020, 1, 1)}, "not used"),
        ({"said_on": date(2024, 1, 1)}, "only if it was repeated"),
        ({"translation": "…"}, "names who checked it"),
        ({"checked_by": "Interpreters"}, "names who checked it"),
        ({"item": "FI-05"}, "Choose one of the questions"),
    ],
)
def test_what_would_not_be_fair_is_not_recorded(house: House, change: dict, sentence: str) -> None:
    engagement = started(house)
    with pytest.raises(Refusal, match=sentence):
        noted(house, engagement, replace(HARD, **change))


@pytest.mark.parametrize("who", ["maja", "bo", "else", "per", "nadia"])
def test_the_second_reader_is_another_person_who_may_read(house: House, who: str) -> None:
    engagement = started(house)
    house.partner("nadia", engagement.organisation)
    with pytest.raises(Refusal, match="neither worked on this"):
        actions.note_found(engagement, HARD, house.account(who), by=house.actor("maja"), at=NOON)


def test_only_the_named_reader_says_that_a_point_is_right(house: House) -> None:
    engagement = started(house)
    point = noted(house, engagement, read=False)
    for other in ("maja", "lene"):
        with pytest.raises((Refusal, NotYours)):
            actions.read_point(engagement, point, by=house.actor(other), at=NOON)


def test_a_shortfall_in_conduct_is_not_proposed_without_a_point_that_two_have_read(
    house: House,
) -> None:
    engagement = answered(house, started(house), SC_03=Given.NOT_MET)
    with pytest.raises(Refusal, match="no point that counts"):
        proposed(house, engagement)
    noted(house, engagement, replace(HARD, good=True))
    with pytest.raises(Refusal, match="no point that counts"):
        proposed(house, engagement)
    point = noted(house, engagement, read=False)
    with pytest.raises(Refusal, match="waits for its second reader"):
        proposed(house, engagement)
    actions.read_point(engagement, point, by=house.actor("jonas"), at=NOON)
    assert proposed(house, engagement).state == State.PROPOSED


def test_a_difficult_point_is_answered_first_even_where_nothing_is_lowered(house: House) -> None:
    engagement = started(house)
    noted(house, engagement)
    proposed(house, answered(house, engagement))
    with pytest.raises(Refusal, match="not answered yet"):
        actions.decide(
            engagement, engagement.level, engagement.band, by=house.actor("karin"), at=NOON
        )
    actions.send_points(engagement, by=house.actor("maja"), at=NOON)
    (point,) = points_of(engagement)
    actions.reply(engagement, point, "The editor was new.", by=house.actor("maja"), at=NOON)
    assert decided(house, engagement).supported_level == engagement.level


def test_an_answered_point_may_be_set_aside_and_then_nothing_of_it_stays(house: House) -> None:
    engagement = below(house)
    (point,) = points_of(engagement)
    actions.reply(engagement, point, "It was a misprint.", by=house.actor("maja"), at=NOON)
    actions.withdraw_point(engagement, point, "Corrected.", by=house.actor("maja"), at=NOON)
    actions.read(engagement, by=house.actor("lene"), at=NOON)
    actions.take_back(engagement, "Set aside", by=house.actor("maja"), at=NOON)
    proposed(house, answered(house, engagement))
    decided(house, engagement)
    db.session.refresh(point)
    kept = (point.said, point.source, point.context, point.reply, point.withdrawn_because,
            point.item, point.role, point.said_on)  # fmt: skip
    assert (engagement.supported_level, set(kept)) == (engagement.level, {"", None})
    assert point.emptied_at is not None
    facts = [str(e.facts) for e in db.session.scalars(select(Entry))]
    assert not [f for f in facts if WORDS in f or "misprint" in f]


def test_what_was_used_stays_with_the_reply_beside_it(house: House) -> None:
    engagement = below(house)
    (point,) = points_of(engagement)
    actions.reply(engagement, point, "We stand by it.", by=house.actor("maja"), at=NOON)
    decided(house, engagement)
    assert (point.said, point.reply, point.emptied_at) == (WORDS, "We stand by it.", None)


def test_the_reader_of_a_point_does_not_decide(house: House) -> None:
    engagement = started(house)
    actions.note_found(engagement, HARD, house.account("karin"), by=house.actor("maja"), at=NOON)
    (point,) = points_of(engagement)
    actions.read_point(engagement, point, by=house.actor("karin"), at=NOON)
    proposed(house, answered(house, engagement, SC_03=Given.NOT_MET))
    actions.send_points(engagement, by=house.actor("maja"), at=NOON)
    actions.reply(engagement, point, "No.", by=house.actor("maja"), at=NOON)
    actions.read(engagement, by=house.actor("lene"), at=NOON)
    found = engagement.round.computed
    with pytest.raises(Refusal, match="second reader of a point"):
        actions.decide(engagement, found["level"], found["band"], by=house.actor("karin"), at=NOON)


def test_time_to_answer_is_given_with_a_reason_and_never_cut(house: House) -> None:
    engagement, maja = below(house), house.actor("maja")
    due = engagement.round.reply_due
    with pytest.raises(Refusal, match="never cut"):
        actions.give_more_time(engagement, due, "They asked", by=maja, at=NOON)
    later = due + timedelta(days=10)
    actions.give_more_time(engagement, later, "Their council meets then", by=maja, at=NOON)
    assert engagement.round.reply_due == later


def test_a_late_reply_counts_until_the_decision_and_is_read_again(house: House) -> None:
    engagement = below(house)
    (point,) = points_of(engagement)
    house.partner("nadia", engagement.organisation)
    late = NOON + timedelta(days=23)
    actions.read(engagement, by=house.actor("lene"), at=late)
    house.account("nadia").language = "da"
    page = Page(house.client("nadia")).get("/our/file/answers")
    assert "Tiden løb ud; der kom intet svar." in page.text
    nadia = {"by": house.actor("nadia"), "at": late + timedelta(days=1)}
    actions.reply(engagement, point, "Sorry, we were away.", interpreter="Tigrinya", **nadia)
    assert engagement.round.read_by is None
    actions.read(engagement, by=house.actor("lene"), at=late + timedelta(days=2))
    found = engagement.round.computed
    actions.decide(engagement, found["level"], found["band"], by=house.actor("karin"), at=late)
    with pytest.raises(Refusal, match="time to answer is over"):
        actions.reply(engagement, point, "One more thing.", **nadia)
    assert engagement.round.wants_interpreter == "Tigrinya"


def test_the_letter_says_who_said_what_where_and_what_followed(house: House) -> None:
    engagement = started(house)
    noted(house, engagement, replace(HARD, translation="In English", checked_by="Interpreters"))
    proposed(house, answered(house, engagement, SC_03=Given.NOT_MET))
    actions.send_points(engagement, by=house.actor("maja"), at=NOON)
    said = str(letter(POINTS, engagement, "en").blocks)
    for part in (WORDS, "Newsletter, page 2", "1 September 2026", "Its own channel",
                 HARD.context, HARD.afterwards, "Interpreters"):  # fmt: skip
        assert part in said, part


def test_the_page_records_a_point_and_its_reader_confirms_it(house: House) -> None:
    engagement = started(house)
    address = f"/engagements/{engagement.public_id}/points"
    typed = {
        "item": "SC-02", "good": "no", "said": WORDS, "source": "Their site", "role": "member",
        "said_on-day": "1", "said_on-month": "9", "said_on-year": "2026", "context": "A talk.",
        "read_in": "original", "afterwards": "Nothing is known.",
        "reader": str(house.people["jonas"]),
    }  # fmt: skip
    maja = Page(house.client("maja"))
    page = maja.post(address, press="Save and ask the second reader", **typed)
    assert page.status == 422
    assert WORDS in page.source
    typed["role"] = "office_holder"
    maja.post(address, press="Save and ask the second reader", **typed, follow=True)
    assert maja.heading == "One point is recorded"
    jonas = Page(house.client("jonas"))
    jonas.post(address, press="I have read it, and it is right", follow=True)
    assert "Read by Jonas" in jonas.text
    house.partner("nadia", engagement.organisation)
    Page(house.client("nadia")).get("/our/file/points")
    assert WORDS not in Page(house.client("nadia")).get("/our/file/points").text
