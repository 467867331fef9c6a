"""What both sides have promised becomes work with a day and somebody who sees to it."""

from datetime import date, datetime, timedelta
from typing import Any

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.mou import queries
from partners.mou.models import Paper, Promise
from partners.mou.rules import PROMISES, day_in

YEAR = timedelta(days=365)


def make(paper: Paper, *, at: datetime) -> None:
    """Make the promises of a paper that comes into force; those done before are not made again."""
    kept = _replaced(paper, day_of(at))
    for blank, side in PROMISES.items():
        for row in paper.facts.get(blank, ()):
            if (side, row["text"]) not in kept:
                _promise(paper, side, row, day_of(at))


def _promise(paper: Paper, side: str, row: dict[str, Any], today: date) -> None:
    """One promise. Without a day of its own it is due when both sides look at it together."""
    words, chosen = row.get("due", ""), row.get("account")
    review = day_in(str(paper.facts.get("review_date") or ""), paper.language)
    due = day_in(words, paper.language) or review or paper.ends_on or today + YEAR
    lead = next((m.account_id for m in paper.engagement.team if m.part == "lead"), paper.drafted_by)
    db.session.add(
        Promise(
            paper_id=paper.id, organisation_id=paper.organisation_id,
            engagement_id=paper.engagement_id, side=side, text=row["text"],
            owner="" if chosen else row.get("owner", ""),
            due=words, due_on=due,
            owner_id=chosen or (lead if side == "city" else None),
        )
    )  # fmt: skip


def _replaced(paper: Paper, today: date) -> set[tuple[str, str]]:
    """End the open promises of the paper that this one follows; name those that are done."""
    before = queries.promises_of(paper.follows_id) if paper.follows_id else ()
    for promise in before:
        if promise.done_at is None and promise.replaced_on is None:
            promise.replaced_on = today
    return {(p.side, p.text) for p in before if p.done_at}


def keep_promise(promise: Promise, note: str, *, by: Actor, at: datetime) -> None:
    """A promise is done, in the words of whoever says so. The other side reads it."""
    require(by, P.PROMISE_KEEP, promise)
    if by.is_partner and promise.side != by.side:
        raise Refusal(N_("This is ours to do. We say here when it is done."))
    if promise.done_at or promise.replaced_on:
        raise Refusal(N_("This was already noted as done."))
    promise.done_at, promise.done_by, promise.note = at, by.id, note
    record("promise.kept", promise, by=by, at=at, side=promise.side)
