"""The table of moves in code, held against the list of the outcome paper (3.3)."""

from pathlib import Path

import pytest

from partners.assessment.rules.moves import MOVES, Move, State, Verb, Who, may_move

PAPER = Path(__file__).with_name("moves_of_the_paper.txt").read_text().splitlines()
NAMES = {
    **{state.value.replace("_", " "): state for state in State},
    "declined by the organisation": State.DECLINED,
}
# How the paper names people, and who that is in the table.
PEOPLE = {
    "officer": Who.OFFICER,
    "liaison": Who.LIAISON,
    "case team": Who.TEAM,
    "preparer": Who.PREPARER,
    "the organisation": Who.ORGANISATION,
    "the clock": Who.CLOCK,
    "the signing": Who.SIGNING,
    "deciders of": Who.DECIDERS,
    "owner": Who.OWNER,
    "two people": Who.TWO,
    "one of the two": Who.ONE_OF_TWO,
    "manager": Who.MANAGER,
    "another department": Who.OTHER_MANAGER,
}


def states(said: str, target: State | None) -> frozenset[State]:
    """A move that leads somewhere does not begin there, unless the paper says so."""
    if said in ("any", "any but closed"):
        return frozenset(State) - {State.CLOSED} - {target}
    return frozenset(NAMES[name] for name in said.split(", ") if name != "–")


def people(said: str) -> set[Who]:
    if said == "either side":
        return {Who.ORGANISATION, Who.TEAM}
    named = said.replace("not preparer", "")
    return {who for words, who in PEOPLE.items() if words in named}


@pytest.mark.parametrize(("line", "move"), list(zip(PAPER, MOVES, strict=True)), ids=PAPER)
def test_the_table_in_code_is_the_table_of_the_paper(line: str, move: Move):
    sources, verb, target, who = line.split(" | ")
    leads_to = NAMES.get(target)
    assert move.verb == verb
    assert move.target is leads_to
    assert (leads_to is None) == (target in ("same", "where it was"))
    assert move.sources == states(sources, leads_to)
    assert set(move.who) == people(who)


def test_every_verb_has_one_row():
    assert [move.verb for move in MOVES] == list(Verb)


def test_a_closed_round_stays_closed():
    assert not any(may_move(State.CLOSED, verb) for verb in Verb)


def test_every_state_can_be_reached():
    assert {move.target for move in MOVES} - {None} == set(State)


@pytest.mark.parametrize(
    ("state", "verb", "possible"),
    [
        (None, Verb.START, True),
        (State.DRAFT, Verb.START, False),
        (State.DRAFT, Verb.DECIDE, False),
        (State.PROPOSED, Verb.DECIDE, True),
        (State.DECIDED, Verb.TAKE_BACK, False),
        (State.DECLINED, Verb.RETURN, True),
        (State.PAUSED, Verb.PAUSE, False),
        (None, Verb.CLOSE, False),
    ],
)
def test_only_the_moves_of_the_table_are_possible(state, verb, possible):
    assert may_move(state, verb) is possible
