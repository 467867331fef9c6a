"""Which answers count already, and what is still to be asked."""

from dataclasses import dataclass
from datetime import date

import pytest

from partners.assessment.rules.difference import (
    Doing,
    Why,
    difference,
    may_use,
    months_left,
    next_review,
    raised,
    renewal_of,
)
from partners.policy.values import AnswerType, Renewal, Scope, Strength
from tests.assessment.rules.cases import real

TODAY = date(2026, 11, 20)
# Kept with, given in this engagement, for which activity, the engagement's activity
# now, as named and as kept: may it?
USES = [
    ("organisation", False, "", "", "", True),
    ("organisation", False, "meals", "courses", "courses", True),
    ("engagement", True, "", "", "", True),
    ("engagement", False, "meals", "meals", "meals", False),
    ("activity", True, "meals", "meals", "meals", True),
    ("activity", False, "meals", "meals", "meals", True),
    ("activity", False, "meals", "courses", "courses", False),
    ("activity", False, "", "", "", False),
    ("activity", True, "", "meals", "meals", True),
    ("activity", True, "meals", "", "", True),
    ("activity", True, "meals", "courses", "courses", False),
    ("activity", False, "other", "other", "", False),
    ("activity", True, "meals", "other", "", False),
    ("activity", True, "", "other", "", True),
]


@pytest.mark.parametrize(("kept_with", "same", "was", "now", "kept", "allowed"), USES)
def test_an_answer_lives_where_the_policy_keeps_it(kept_with, same, was, now, kept, allowed):
    assert may_use(Scope(kept_with), same, was, Doing(now, kept)) is allowed


@dataclass
class Row:
    answered_on: date = TODAY
    answer: str = "met"
    enhanced: bool = False


LONG_AGO = Row(date(2020, 1, 1))
# Level, band, the answer to SC-05 (asked at partnership, with more at B4): why it is asked.
ASKED = [
    ("partnership", "B0", None, Why.NEW),
    ("partnership", "B0", Row(), Why.CARRIED),
    ("partnership", "B0", Row(date(2024, 11, 20)), Why.CARRIED),
    ("partnership", "B0", Row(date(2024, 11, 19)), Why.STALE),
    ("partnership", "B4", Row(), Why.MORE),
    ("partnership", "B4", Row(enhanced=True), Why.CARRIED),
    ("partnership", "B4", Row(answer="not_met"), Why.CARRIED),
    ("partnership", "B4", LONG_AGO, Why.STALE),
]


@pytest.mark.parametrize(("level", "band", "row", "why"), ASKED)
def test_only_what_is_new_stale_or_more_is_asked(level, band, row, why):
    found = difference(real(), level, band, (), {"SC-05": row} if row else {}, TODAY)
    assert next(one.why for one in found.lines if one.item.id == "SC-05") is why
    assert ("SC-05" in [item.id for item in found.asked]) is (why is not Why.CARRIED)


def test_a_higher_level_asks_only_what_the_lower_one_did_not():
    policy = real()
    known = {item.id: Row() for item in policy.asked("dialogue", "B0")}
    found = difference(policy, "partnership", "B0", (), known, TODAY)
    assert len(found.asked) == 36 - 16
    assert len(found.carried) == 16


def test_more_money_at_the_same_level_asks_the_additional_parts():
    policy = real()
    known = {item.id: Row() for item in policy.asked("partnership", "B2")}
    found = difference(policy, "partnership", "B3", (), known, TODAY)
    assert {one.why for one in found.lines} == {Why.CARRIED, Why.MORE}
    assert len(found.asked) == 13


def test_what_runs_out_before_the_next_look_is_known_beforehand():
    policy = real()
    review = next_review(policy, "dialogue", "B0", TODAY)
    assert review == date(2029, 11, 20)
    known = {item.id: Row() for item in policy.asked("dialogue", "B0")}
    ending = difference(policy, "dialogue", "B0", (), known, TODAY).ending(review)
    assert {one.item.id for one in ending} == {
        item for item in known if policy.items[item].valid_months < 36
    }


@pytest.mark.parametrize(
    ("until", "months"),
    [("2026-11-20", 0), ("2026-12-19", 0), ("2026-12-20", 1), ("2027-11-19", 11),
     ("2027-11-20", 12), ("2026-11-01", 0), ("2028-02-29", 15)],
)  # fmt: skip
def test_whole_months_are_counted(until, months):
    assert months_left(date.fromisoformat(until), TODAY) == months


def test_what_was_looked_up_or_talked_about_is_not_confirmed_by_a_press():
    for item in real().items.values():
        if item.answer_type in (AnswerType.STAFF_CHECK, AnswerType.CONVERSATION):
            assert renewal_of(item) is Renewal.ANEW
        if item.answer_type is AnswerType.DECLARATION:
            assert renewal_of(item) is Renewal.ALONE
    assert renewal_of(real().items["FI-05"]) is Renewal.ANEW
    assert renewal_of(real().items["GO-01"]) is Renewal.TOGETHER


@pytest.mark.parametrize(
    ("settled", "now", "is_raised"), [("B0", "BK", True), ("B2", "B2", False), ("B3", "B1", False)]
)
def test_only_a_higher_band_raises(settled, now, is_raised):
    assert raised(real(), settled, now) is is_raised


def test_nothing_optional_is_in_a_difference():
    found = difference(real(), "partnership", "B2", (), {}, TODAY)
    assert all(one.strength >= Strength.REQUIRED for one in found.lines)
