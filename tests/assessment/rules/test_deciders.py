"""Who decides (policy paper 2.7; outcome paper 3.4), under the real policy and the small one."""

from dataclasses import replace

import pytest

from partners.assessment.rules.deciders import (
    Deciders,
    Hands,
    Person,
    deciders,
    deciders_of,
    deciders_on,
    four_eyes,
)
from partners.policy.values import Decider, Second, When
from tests.assessment.rules.cases import found, real, small

OFFICER = Person(1, 1, frozenset({"officer"}))
READER = Person(2, 1, frozenset({"officer"}))
LIAISON = Person(3, 1, frozenset({"liaison"}))
MANAGER = Person(4, 1, frozenset({"manager"}))
NEIGHBOUR = Person(5, 1, frozenset({"manager"}))
OTHER = Person(6, 2, frozenset({"manager"}))

ROWS = [
    ("information", "B0", "none", ""),
    ("consultation", "B0", "none", ""),
    ("information", "BK", "liaison", ""),
    ("dialogue", "B0", "liaison", ""),
    ("dialogue", "BK", "liaison", ""),
    ("dialogue", "BM", "liaison", ""),
    ("dialogue", "B1", "manager", ""),
    ("partnership", "B0", "manager", ""),
    ("partnership", "BK", "manager", ""),
    ("partnership", "BM", "manager", ""),
    ("partnership", "B2", "manager", ""),
    ("dialogue", "B3", "manager", "manager_other_department"),
    ("partnership", "B4", "committee", "manager_other_department"),
]


@pytest.mark.parametrize(("level", "band", "decide", "second"), ROWS)
def test_the_strictest_row_that_fits_decides(level, band, decide, second):
    who = deciders(real(), level, band)
    assert (who.prepare, who.decide, " ".join(who.second)) == ("officer", decide, second)


@pytest.mark.parametrize(("level", "band"), [("partnership", "B0"), ("dialogue", "B1")])
def test_a_second_person_reads_about_statements_and_conduct(level, band):
    assert deciders(real(), level, band).reads == ("statements_conduct",)


def test_a_lower_result_is_read_by_somebody_not_involved_after_the_answer():
    who = deciders_of(small(), found(small(), "work", "much", S_03="unmet"))
    assert who == Deciders("officer", Decider.MANAGER, (Second.READER,), ("S-09",), ("basics",))


def test_a_stop_needs_two_managers_of_different_departments():
    who = deciders_of(small(), found(small(), "talk", "rooms", S_06="unmet"))
    assert who is not None
    assert who.decide is Decider.MANAGER
    assert set(who.second) == {Second.READER, Second.OTHER_DEPARTMENT}


def test_a_stop_that_changes_nothing_needs_nobody_more():
    who = deciders_of(small(), found(small(), "talk", "nothing", S_06="unmet"))
    assert who == Deciders("officer", Decider.LIAISON)


def test_deciding_otherwise_takes_a_second_manager_and_a_written_reason():
    who = deciders_on(small(), found(small(), "work", "nothing"), "talk", "nothing")
    assert (who.decide, who.second) == (Decider.MANAGER, (Second.OTHER_DEPARTMENT,))
    assert who.needs == ("written_reason",)


def test_nobody_decides_what_is_not_determined():
    assert deciders_of(small(), found(small(), "work", "much", S_01="open")) is None


def test_a_changed_policy_is_decided_by_two_managers():
    who = deciders(small(), "hello", "nothing", [When.POLICY_CHANGE])
    assert (who.prepare, who.decide, who.second) == ("manager", "manager", (Second.MANAGER,))


TWO = Deciders("officer", Decider.MANAGER, (Second.OTHER_DEPARTMENT,))
READ = Deciders("officer", Decider.MANAGER, (Second.READER,))
ALONE = Deciders("officer", Decider.LIAISON, reads=("basics",))
HANDS = [
    ("a manager decides what somebody else prepared", ALONE, Hands(OFFICER, None, MANAGER), True),
    ("a liaison officer may decide at dialogue", ALONE, Hands(OFFICER, None, LIAISON), True),
    ("an officer may not decide", ALONE, Hands(OFFICER, None, READER), False),
    ("nobody decides on their own work", ALONE, Hands(MANAGER, None, MANAGER), False),
    ("a liaison officer may not decide what a manager must", READ,
     Hands(OFFICER, READER, LIAISON), False),
    ("the reader has not prepared it", READ, Hands(OFFICER, OFFICER, MANAGER), False),
    ("the reader does not decide it", READ, Hands(OFFICER, MANAGER, MANAGER), False),
    ("without a reader it is not read", READ, Hands(OFFICER, None, MANAGER), False),
    ("read by somebody else it may be decided", READ, Hands(OFFICER, READER, MANAGER), True),
    ("two managers of different departments", TWO, Hands(OFFICER, None, MANAGER, OTHER), True),
    ("two managers of one department are not enough", TWO,
     Hands(OFFICER, None, MANAGER, NEIGHBOUR), False),
    ("one manager is not enough", TWO, Hands(OFFICER, None, MANAGER), False),
    ("the decider does not confirm", TWO, Hands(OFFICER, None, MANAGER, MANAGER), False),
    ("the preparer does not confirm", TWO, Hands(OTHER, None, MANAGER, OTHER), False),
    ("an officer does not confirm", TWO,
     Hands(OFFICER, None, MANAGER, Person(7, 2, frozenset({"officer"}))), False),
    ("somebody who stepped aside takes no part", ALONE,
     Hands(OFFICER, None, replace(MANAGER, stepped_aside=True)), False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "hands", "well"), [row[1:] for row in HANDS], ids=[row[0] for row in HANDS]
)
def test_four_eyes(wanted, hands, well):
    assert (four_eyes(wanted, hands) == ()) is well


def test_answers_on_statements_and_conduct_are_read_by_a_second_person():
    hands = Hands(OFFICER, None, MANAGER)
    assert four_eyes(ALONE, hands, reads=True) == ("A second person has to read it first.",)
    assert four_eyes(ALONE, replace(hands, read=READER), reads=True) == ()


def test_a_committee_decides_and_a_manager_records_it():
    wanted = Deciders("officer", Decider.COMMITTEE, (Second.OTHER_DEPARTMENT,))
    assert four_eyes(wanted, Hands(OFFICER, None, MANAGER, OTHER)) == ()
    assert four_eyes(wanted, Hands(OFFICER, None, LIAISON, OTHER)) != ()
