"""What one asks for and another agrees to: to keep records that are due to go, to open one point.

Each ends by itself after its last day. History points at the row; the reason stands there alone.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.assessment.actions.holding import SETTLED, WAITS, one_at_a_time, require_until
from partners.assessment.models import Engagement, FourEyes, Point
from partners.assessment.queries import between_two
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.registry.models import Organisation

LOOKED_AT = timedelta(days=14)  # a point stays open to the protector, and a wish waits
NO_POINT = N_("No point that an organisation can read has this reference.")


@dataclass(frozen=True)
class Wish:
    """On which ground, why, until when, and of which engagement; None: the whole file."""

    ground: str
    reason: str
    until: date
    engagement: Engagement | None = None


def ask_to_keep(
    organisation: Organisation, wish: Wish, days: int, *, by: Actor, at: datetime
) -> FourEyes:
    """Ask that what is due to be destroyed is kept, for at most `days`; nothing is kept yet."""
    require(by, P.RECORDS_KEEP, organisation)
    require_until(wish.until, days, at)
    row = FourEyes(kind="hold", organisation=organisation, engagement=wish.engagement,
                   ground=wish.ground, reason=wish.reason, until=wish.until)  # fmt: skip
    return _asked(row, by=by, at=at)


def ask_to_open(point: Point | None, reason: str, *, by: Actor, at: datetime) -> FourEyes:
    """The protector asks to open one point, because somebody whom it concerns has asked."""
    require(by, P.POINT_OPEN)
    case = point and db.session.get_one(Engagement, point.engagement_id)
    told = case and any(r.told_at for r in case.rounds if point and r.id == point.round_id)
    # What the organisation cannot read, it cannot have complained about.
    if point is None or case is None or point.emptied_at or not (point.sent_at or told):
        raise Refusal(NO_POINT, field="point")
    row = FourEyes(kind="look", organisation=case.organisation, engagement=case, point=point,
                   reason=reason, until=day_of(at) + LOOKED_AT)  # fmt: skip
    return _asked(row, by=by, at=at)


def _asked(row: FourEyes, *, by: Actor, at: datetime) -> FourEyes:
    one_at_a_time(row.organisation)
    waiting = [r for r in between_two(row.kind, day_of(at), row.organisation.id) if not r.agreed_by]
    if _wished(row) in map(_wished, waiting):
        raise Refusal(WAITS)
    row.asked_by, row.asked_at = by.id, at
    db.session.add(row)
    db.session.flush()
    record(f"{row.kind}.asked", row, by=by, at=at, ground=row.ground, until=row.until.isoformat())
    return row


def _wished(row: FourEyes) -> tuple[Any, ...]:
    return row.engagement, row.point, row.ground, None if row.point else row.until


def agree(row: FourEyes, *, by: Actor, at: datetime) -> None:
    """The second person agrees; from now on, and until its day, it is in force."""
    if row.kind == "look":
        require(by, P.POINT_OPEN_AGREE, row.engagement)
    else:
        require(by, P.RECORDS_KEEP, row.organisation)
    if row.asked_by == by.id:
        raise Refusal(N_("This takes two people. Somebody else agrees."))
    db.session.refresh(row, ["agreed_by", "ended_at"], with_for_update=True)
    if row.agreed_by or row.ended_at or row.until < day_of(at):
        raise Refusal(SETTLED)
    row.agreed_by, row.agreed_at = by.id, at
    record(f"{row.kind}.agreed", row, by=by, at=at)


def end(row: FourEyes, *, by: Actor, at: datetime) -> None:
    """End it before its day, or do not go on with what was asked."""
    require(by, P.RECORDS_KEEP, row.organisation)
    db.session.refresh(row, ["agreed_by", "ended_at"], with_for_update=True)
    if row.ended_at:
        raise Refusal(SETTLED)
    row.ended_by, row.ended_at = by.id, at
    record(f"{row.kind}.ended", row, by=by, at=at)
