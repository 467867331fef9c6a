"""The cases that a policy owner can read, in `tests/worked_examples`."""

import tomllib

import pytest

from partners.assessment.rules.reach import result
from partners.policy.values import BandKind, Strength
from partners.tools.policy import read_case, shown
from tests.assessment.rules.cases import SPELT, TESTS, real
from tests.assessment.rules.second_reading import second_reading

FILES = sorted((TESTS / "worked_examples").glob("*.toml"))
CASES = [(file.stem, case) for file in FILES for case in tomllib.loads(file.read_text())["case"]]
NOTHING = {"conditions": [], "activity_limits": [], "no_personal_data": False}
WAITING = {"open": [], "hold": []}
SHORT = ("unmet", "partly", "met_base")


def asked(case):
    """What the house is asked: everything that is not named is met."""
    given = {**case["asked"], "triggers": case.get("facts", [])}
    return read_case(real(), {**given, "answers": {"*": "met", **case.get("answers", {})}})


@pytest.mark.parametrize(("file", "case"), CASES, ids=[f"{f}: {c['says']}" for f, c in CASES])
def test_every_worked_example_comes_out_as_it_was_thought_through(file, case):
    waits = case["result"]["outcome"] == "not_determined"
    wanted = {**(WAITING if waits else NOTHING), **case["result"]}
    house = asked(case)
    found = shown(real(), result(real(), house))
    assert {key: found[key] for key in wanted} == wanted
    other = second_reading(real(), house.level, house.band, house.triggers, house.answers)
    assert {key: other[key] for key in wanted} == wanted


def test_no_two_cases_are_the_same_and_there_are_enough():
    told = [(c["asked"], c.get("facts"), c.get("answers")) for _, c in CASES]
    assert not [one for one in told if told.count(one) > 1]
    assert len({c["says"] for _, c in CASES}) == len(CASES) >= 60


def test_every_question_every_fact_and_every_edge_of_a_band_has_a_case():
    """Says what has none: an item that falls short where it is asked, a fact, both sides of an
    edge; where more is asked, a case in which only that part is missing."""
    policy = real()
    short, added, facts = set(), set(), set()
    for _, case in CASES:
        house = asked(case)
        facts |= set(case.get("facts", ()))
        for name, given in case.get("answers", {}).items():
            item = policy.items[name]
            brought = policy.facts({*house.triggers, *policy.point_triggers})
            strength = policy.strength(item, house.level, house.band, brought)
            if given in SHORT and strength >= Strength.REQUIRED:
                short.add(name)
            if SPELT.get(given) == "enhanced_missing" and strength is Strength.ENHANCED:
                added.add(name)
    named = {name for _, case in CASES for name in case.get("answers", ())}
    firm = {i.id for i in policy.items.values() if max(i.strengths.values()) >= Strength.REQUIRED}
    more = {i.id for i in policy.items.values() if Strength.ENHANCED in i.strengths.values()}
    assert not firm - short, "questions that never fall short where they are asked"
    assert not set(policy.items) - firm - named, (
        "questions that are never required, and never shown"
    )
    assert not more - added, "questions whose additional part is never missing"
    assert not set(policy.triggers) - facts, "facts that never hold"
    sums = {str(c["asked"].get("money")) for _, c in CASES}
    floors = [b.floor for b in policy.bands.values() if b.kind is BandKind.MONEY and b.floor]
    edges = {str(floor) for floor in floors} | {f"{floor - 1}.99" for floor in floors}
    assert not (edges | {"0", "0.01"}) - sums, "edges of a band"
