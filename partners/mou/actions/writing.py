"""Writing a draft together: in turns, with remarks, until both sides mean the same text."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import NOT_NOW, Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.mou import queries, rules
from partners.mou.actions.papers import locked, require_state, side_name
from partners.mou.models import Paper, Turn
from partners.mou.rules import State
from partners.mou.sheet import sheet_of
from partners.paper.plain import text_hash

MOST_REMARKS = 200


def rewrite(
    paper: Paper, language: str, facts: Mapping[str, Any], *, by: Actor, at: datetime
) -> None:
    """Write the draft anew, in one's own turn; what is not among the facts is empty."""
    _require_draft(paper, by)
    _require_turn(paper, by)
    named = rules.proposed(facts, paper.facts, side_name(paper.engagement, by))
    paper.language, paper.facts = language, named
    record("paper.rewritten", paper, by=by, at=at)


def hand_over(paper: Paper, *, by: Actor, at: datetime) -> None:
    """Keep the text as a version, and give the turn to the other side."""
    _require_draft(paper, by)
    _require_turn(paper, by)
    _turn(paper, by=by, at=at)
    record("paper.handed_over", paper, by=by, at=at, side=by.side)


def take_turn(paper: Paper, *, by: Actor, at: datetime) -> None:
    """Write again although the other side has the turn; what it has written so far is kept."""
    _require_draft(paper, by)
    if paper.turn == by.side:
        raise Refusal(N_("It is your turn already."))
    _turn(paper, by=by, at=at)
    record("paper.turn_taken", paper, by=by, at=at, side=by.side)


def _turn(paper: Paper, *, by: Actor, at: datetime) -> None:
    number = len(queries.turns_of(paper.id)) + 1
    db.session.add(
        Turn(paper_id=paper.id, number=number, side=by.side, by_id=by.id, at=at,
             language=paper.language, facts=paper.facts)
    )  # fmt: skip
    paper.turn = rules.other(paper.turn)


def remark(paper: Paper, section: str, text: str, *, by: Actor, at: datetime) -> None:
    """Say something about a section, whoever's turn it is."""
    _require_draft(paper, by)
    if len(paper.remarks) >= MOST_REMARKS:
        raise Refusal(N_("There are very many remarks. Settle some of them first."))
    said = {"section": section, "text": text, "side": by.side, "name": by.name,
            "at": at.isoformat(), "settled": ""}  # fmt: skip
    paper.remarks = [*paper.remarks, said]
    record("paper.remarked", paper, by=by, at=at, section=section)


def settle(paper: Paper, number: int, *, by: Actor, at: datetime) -> None:
    """A remark is dealt with. It stays readable."""
    _require_draft(paper, by)
    if not 0 <= number < len(paper.remarks) or paper.remarks[number]["settled"]:
        raise Refusal(NOT_NOW)
    rows = [dict(row) for row in paper.remarks]
    rows[number]["settled"] = by.name
    paper.remarks = rows
    record("paper.remark_settled", paper, by=by, at=at)


def mean(paper: Paper, read: str, *, by: Actor, at: datetime) -> None:
    """Say for one's own side: this is what we mean. `read` is the hash of the text that was read.

    It holds for exactly this text; one changed word, and both sides look again.
    """
    _require_draft(paper, by)
    locked(paper)
    text = text_hash(sheet_of(paper, day_of(at)).complete())
    if text != read:
        raise Refusal(N_("The text has changed while you were reading. Read it once more."))
    said = {"by": by.id, "name": by.name, "at": at.isoformat(), "text": text}
    paper.meant = rules.say(paper.meant, by.side, said)
    record("paper.meant", paper, by=by, at=at, side=by.side, text=text)


def _require_draft(paper: Paper, by: Actor) -> None:
    require(by, P.PAPER_WRITE, paper)
    require_state(paper, State.DRAFT)


def _require_turn(paper: Paper, by: Actor) -> None:
    if paper.turn != by.side:
        raise Refusal(N_("It is the other side’s turn to write. What you typed still stands here."
                         " Take the turn back, or leave a remark."))  # fmt: skip
