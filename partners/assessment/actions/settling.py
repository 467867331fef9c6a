"""Answers that the house gives itself, from what it holds: a signature, accepted words."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from partners.access.rules import Actor
from partners.assessment.models import Answer, Engagement
from partners.assessment.queries import activity_of, policy_of
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.answers import expires_on
from partners.assessment.rules.moves import OVER
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.history.actions import record
from partners.policy.values import Item, Scope, Strength

if TYPE_CHECKING:
    from datetime import date

HELD = "signature"  # the evidence of an answer that rests on what the house holds
# What higher rooms do when an engagement begins; the assessment does not know them.
begun: list[Callable[[Engagement, Actor, datetime], None]] = []


def _running(organisation_id: int) -> list[Engagement]:
    return list(db.session.scalars(
        select(Engagement)
        .where(Engagement.organisation_id == organisation_id, Engagement.state.not_in(OVER))
        .order_by(Engagement.id.desc())
    ))  # fmt: skip


def _items(engagement: Engagement, answer_type: str) -> Iterator[Item]:
    items = policy_of(engagement).items.values()
    return (i for i in items if i.answer_type == answer_type and not i.retired)


def settle(
    organisation_id: int, answer_type: str, source: str, on: "date", *, by: Actor, at: datetime
) -> None:
    """Answer the items of this type as met, in every running engagement of the organisation.

    What is kept with the organisation is written once; all its engagements use it. `on`: the day
    from which it holds. The caller has asked leave for the deed that this follows from.
    """
    written: set[str] = set()
    for engagement in _running(organisation_id):
        for item in _items(engagement, answer_type):
            if item.id not in written:
                write_met(engagement, item, on, source=source, by=by, at=at)
            if item.kept_with is Scope.ORGANISATION:
                written.add(item.id)


def write_met(
    engagement: Engagement, item: Item, on: "date", *, words: str = "", source: str = "",
    evidence: str = HELD, by: Actor, at: datetime,
) -> None:  # fmt: skip
    """An answer that follows from another deed; the caller has asked leave for that."""
    said = {"answer": str(Given.MET), "words": words, "source": source, "evidence": evidence}
    written(engagement, item, on, said, by=by, at=at)


def written(
    engagement: Engagement, item: Item, on: "date", said: Mapping[str, Any], *, by: Actor,
    at: datetime,
) -> Answer:  # fmt: skip
    """An answer in the books, as it is `said` by whoever has leave for it."""
    row = Answer(
        organisation_id=engagement.organisation_id, engagement_id=engagement.id, item=item.id,
        kept_with=str(item.kept_with), activity=activity_of(engagement), answered_on=on,
        expires_on=expires_on(on, item.valid_months), side=by.side, at=at,
        **{"by_id": by.id, "on_behalf": False, **said},
    )  # fmt: skip
    db.session.add(row)
    record("answer.given", row, by=by, at=at, item=item.id, on_behalf=row.on_behalf)
    return row


def unsettle(
    organisation_id: int, answer_type: str, because: str, *, by: Actor, at: datetime
) -> None:
    """Take those answers back. What runs, runs on, and is looked at within the item's grace."""
    rows = db.session.scalars(
        select(Answer).where(
            Answer.organisation_id == organisation_id, Answer.evidence == HELD,
            Answer.withdrawn_at.is_(None),
        )
    ).all()  # fmt: skip
    engagements = _running(organisation_id)
    named = {i.id for e in engagements for i in _items(e, answer_type)}
    for row in rows:
        if row.item in named:
            row.withdrawn_at, row.withdrawn_because = at, because
            record("answer.withdrawn", row, by=by, at=at, item=row.item)
    for engagement in engagements:
        _look_again(engagement, answer_type, at)


def _look_again(engagement: Engagement, answer_type: str, at: datetime) -> None:
    policy = policy_of(engagement)
    facts = policy.facts(engagement.triggers)
    for item in _items(engagement, answer_type):
        strength = policy.strength(item, engagement.level, engagement.band, facts)
        if engagement.review_on and item.grace_days and strength >= Strength.REQUIRED:
            again = day_of(at) + timedelta(days=item.grace_days)
            engagement.review_on = min(engagement.review_on, again)
