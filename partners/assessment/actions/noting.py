"""Points: noted with everything that makes them fair, read by two, set aside, destroyed."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from partners.access.rules import Actor, may, require
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.assessment.actions.moving import refuse_closed
from partners.assessment.actions.starting import member
from partners.assessment.models import Engagement, Point, TeamMember
from partners.assessment.queries import (
    all_points,
    difficult_points,
    points_of,
    policy_of,
    standings,
)
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.moves import ANSWERING
from partners.assessment.rules.points import FIELDS, why_not
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record

FACTS = ("item", "said", "source", "role", "context", "translation", "checked_by", "afterwards")
KEPT = (*FACTS, "said_on", "repeated_on")
CONTENT = (*FACTS, "reply", "withdrawn_because")


@dataclass(frozen=True)
class Found:
    """Something from an open source, as it was said or done, by whom and in which setting.

    `role`: an attribution of the policy. `checked_by`: who checked the translation; both are empty
    when the two readers read the language themselves.
    """

    item: str
    said: str
    source: str
    said_on: date
    role: str
    context: str
    afterwards: str
    good: bool = False
    translation: str = ""
    checked_by: str = ""
    repeated_on: date | None = None


def note_found(
    engagement: Engagement, found: Found, reader: Account, *, point: Point | None = None,
    by: Actor, at: datetime,
) -> Point:  # fmt: skip
    """Record something found, good or difficult, or change it before the second person read it."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    _refuse_what_does_not_count(engagement, found, day_of(at))
    _refuse_reader(engagement, reader, by)
    if point is not None and point.sent_at:
        raise Refusal(N_("The organisation has this point already; it can only be taken back."))
    deed = "point.rewritten" if point else "point.noted"
    point = point or _point(engagement, noted_by=by.id, noted_at=at)
    for name, value in asdict(found).items():
        setattr(point, name, value)
    point.reader_id, point.read_by, point.read_at = reader.id, None, None
    member(engagement, by, "member", at).worked = True
    if not any(m.account_id == reader.id for m in engagement.team):
        engagement.team.append(TeamMember(account_id=reader.id, part="reader", since=at))
    record(deed, point, by=by, at=at, good=found.good)
    _mark(engagement)
    return point


def _mark(engagement: Engagement) -> None:
    """A difficult point from an open source is to be answered, whatever the result."""
    db.session.flush()
    result_facts = policy_of(engagement).point_triggers
    difficult = any(p.open_source and not p.good for p in points_of(engagement))
    rest = set(engagement.triggers) - result_facts
    engagement.triggers = sorted(rest | result_facts if difficult else rest)


def _refuse_what_does_not_count(engagement: Engagement, found: Found, today: date) -> None:
    policy = policy_of(engagement)
    refuse_closed(engagement)
    if not policy.items[found.item].finding:
        raise Refusal(N_("Choose one of the questions that are listed."), field="item")
    if bool(found.translation) != bool(found.checked_by):
        raise Refusal(
            N_("A translation names who checked it. Without a checked one it cannot be saved."),
            field="checked_by" if found.translation else "translation",
        )
    if wrong := why_not(policy, found.role, found.said_on, found.repeated_on, today):
        raise Refusal(wrong[0], field=FIELDS.get(wrong[0], "said_on"), **wrong[1])


def _refuse_reader(engagement: Engagement, reader: Account, by: Actor) -> None:
    if (
        reader.id == by.id
        or reader.ended_at
        or not may(reader.actor, P.ENGAGEMENT_READ, engagement)
    ):
        raise Refusal(
            N_("The second reader is somebody who has neither worked on this nor stepped aside."),
            field="reader",
        )


def read_point(engagement: Engagement, point: Point, *, by: Actor, at: datetime) -> None:
    """The second reader has read it at its source: words, date, speaker and context are right."""
    require(by, P.ENGAGEMENT_READ, engagement)
    if point.reader_id != by.id:
        raise Refusal(N_("Somebody else is named as the second reader of this point."))
    if point.read_at or point.withdrawn_at:
        raise Refusal(N_("This is settled already. Open the page again."))
    point.read_by, point.read_at = by.id, at
    record("point.read", point, by=by, at=at)


def repeat_answer(
    engagement: Engagement, item: str, said: str, source: str, *, by: Actor, at: datetime
) -> Point:
    """A point that says again what an answer lacks; it needs no source of its own."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    point = _point(engagement, item=item, said=said, source=source, noted_by=by.id, noted_at=at)
    record("point.noted", point, by=by, at=at, good=False)
    return point


def _point(engagement: Engagement, **facts: Any) -> Point:
    point = Point(engagement_id=engagement.id, round_id=engagement.round.id,
                  organisation_id=engagement.organisation_id, **facts)  # fmt: skip
    db.session.add(point)
    return point


def note_again(engagement: Engagement, earlier: Point, *, by: Actor, at: datetime) -> Point:
    """Bring a point of an earlier round into this one as it stands, so that it can be answered."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    hands = ("noted_by", "noted_at", "reader_id", "read_by", "read_at")
    point = _point(engagement, **{name: getattr(earlier, name) for name in (*KEPT, *hands)})
    record("point.noted", point, by=by, at=at, good=False)
    return point


def rewrite_point(
    engagement: Engagement, point: Point, said: str, source: str, *, by: Actor, at: datetime
) -> None:
    """Change the words of a point that repeats an answer, before it is sent."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    if point.sent_at or point.open_source:
        raise Refusal(N_("The organisation has this point already; it can only be taken back."))
    point.said, point.source = said, source
    record("point.rewritten", point, by=by, at=at)


def withdraw_point(
    engagement: Engagement, point: Point, reason: str, *, by: Actor, at: datetime
) -> None:
    """Set a point aside, with a reason the organisation can read; it no longer counts."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    if engagement.round.decided_by:
        raise Refusal(N_("This is decided. Begin a new round to look at it again."))
    point.withdrawn_at, point.withdrawn_because = at, reason
    record("point.withdrawn", point, by=by, at=at)
    if engagement.state in ANSWERING:
        _mark(engagement)


def refuse_unfounded(engagement: Engagement, today: date) -> None:
    """A shortfall in conduct is proposed only on points that count and that two people read."""
    policy = policy_of(engagement)
    if any(p.open_source and not p.read_at for p in points_of(engagement)):
        raise Refusal(N_("A point waits for its second reader. Ask them, or set it aside."))
    for row in standings(engagement, today):
        short = row.asked and row.given in (Given.PARTLY, Given.NOT_MET)
        if row.item.finding and short and not founding(engagement, row.item.id, today):
            raise Refusal(
                N_("%(item)s falls short, but no point that counts stands behind it. Record it"
                   " with words, date and context, or change the answer."),
                item=policy.words("en").item(row.item.id).title,
            )  # fmt: skip


def founding(engagement: Engagement, item: str, today: date) -> Point | None:
    """The newest point on which a shortfall of this item can rest; of any of its engagements."""
    policy = policy_of(engagement)
    return next(
        (p for p in difficult_points(engagement.organisation_id, item)
         if p.said_on and not why_not(policy, p.role, p.said_on, p.repeated_on, today)),
        None,
    )  # fmt: skip


def empty_unused(engagement: Engagement, *, by: Actor, at: datetime) -> None:
    """At the decision: of what was not used only the day, and that it was set aside, stays."""
    for point in all_points(engagement):
        used = point.withdrawn_at is None and (point.good or point.sent_at)
        if used or point.emptied_at:
            continue
        for name in CONTENT:
            setattr(point, name, "")
        point.said_on = point.repeated_on = None
        point.withdrawn_at, point.emptied_at = point.withdrawn_at or at, at
        record("point.emptied", point, by=by, at=at)
