"""What law lets the municipality hold back: one thing, on a named ground, until a day, by two.

It is kept in history alone, so that nothing goes missing silently, and ends by itself.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.assessment.actions.moving import ask_second
from partners.assessment.models import Answer, Engagement, Point
from partners.assessment.queries import policy_of
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.history.queries import HELD, HOLD_ASKED, RELEASED, held_now, hold_asked
from partners.policy.values import Asker
from partners.registry.models import Organisation
from partners.relations.models import Contact

WAITS = N_("The same is asked for already, and waits for a second person.")
SETTLED = N_("This is settled already, or its day is over.")
KINDS: dict[str, Any] = {"contacts": Contact, "points": Point, "answers": Answer}


@dataclass(frozen=True)
class Hold:
    """One thing by kind and number, the ground by its id, and the last day."""

    thing: str
    row: int
    ground: str
    until: date


def require_until(until: date, days: int, at: datetime) -> None:
    """The last day of whatever law lets one hold: still to come, and within the ground's days."""
    longest = day_of(at) + timedelta(days=days)
    if until < day_of(at):
        raise Refusal(N_("Choose a day that is still to come."), field="until")
    if until > longest:
        raise Refusal(
            N_("This ground holds until %(day)s at the latest."), field="until", day=longest
        )


def ask_to_hold(engagement: Engagement, hold: Hold, days: int, *, by: Actor, at: datetime) -> None:
    """The first of two asks, for at most `days`; nothing is held back before a manager agrees."""
    require(by, P.FILE_HOLD_BACK, engagement)
    row = db.session.get(KINDS[hold.thing], hold.row)
    if row is None or row.organisation_id != engagement.organisation_id:
        raise Refusal(N_("Choose one of the answers that are listed."), field="which")
    _refuse_what_they_know(engagement, row)
    require_until(hold.until, days, at)
    facts = {"thing": hold.thing, "row": hold.row, "ground": hold.ground,
             "until": hold.until.isoformat()}  # fmt: skip
    one_at_a_time(engagement.organisation)
    if facts in [entry.facts for entry in hold_asked(engagement.organisation_id, day_of(at))]:
        raise Refusal(WAITS)
    if not engagement.asked:
        ask_second(engagement, "hold", by, at)
    record(HOLD_ASKED, engagement.organisation, by=by, at=at, **facts)


def one_at_a_time(organisation: Organisation) -> None:
    """Let one hold of this organisation be asked for or agreed to at a time."""
    db.session.refresh(organisation, ["version"], with_for_update=True)


def _refuse_what_they_know(engagement: Engagement, row: Any) -> None:
    items = policy_of(engagement).items
    if isinstance(row, Point) and row.sent_at:
        raise Refusal(N_("They have this point already; it cannot be held back."), field="which")
    if isinstance(row, Answer) and items[row.item].completed_by not in (Asker.STAFF, Asker.MANAGER):
        raise Refusal(N_("Only answers to our own questions can be held back."), field="which")


def hold_back(engagement: Engagement, asked: Any, *, by: Actor, at: datetime) -> None:
    """The second agrees. The organisation reads that, why and until when something is held back."""
    require(by, P.FILE_HOLD_BACK_AGREE, engagement)
    if asked.by_id == by.id:
        raise Refusal(N_("Holding back takes two people."))
    one_at_a_time(engagement.organisation)
    if asked not in hold_asked(engagement.organisation_id, day_of(at)):
        raise Refusal(SETTLED)
    record(HELD, engagement.organisation, by=by, at=at, asked=asked.id, **asked.facts)
    _settled(engagement.organisation_id, day_of(at))


def _settled(organisation_id: int, today: date) -> None:
    db.session.flush()
    if not hold_asked(organisation_id, today):
        waits = Engagement.organisation_id == organisation_id, Engagement.asked == "hold"
        for case in db.session.scalars(select(Engagement).where(*waits)):
            case.asked = ""


def release(engagement: Engagement, entry: Any, *, by: Actor, at: datetime) -> None:
    """Hold it back no longer, or do not go on with what was asked."""
    require(by, P.FILE_HOLD_BACK, engagement)
    one_at_a_time(engagement.organisation)
    whose, today = engagement.organisation_id, day_of(at)
    if entry not in (*hold_asked(whose, today), *held_now(whose, today)):
        raise Refusal(SETTLED)
    record(RELEASED, engagement.organisation, by=by, at=at, entry=entry.id)
    _settled(whose, today)


def held_points(engagement: Engagement, today: date) -> set[int]:
    """Points that are held back; they cannot count, because nobody could answer them."""
    rows = held_now(engagement.organisation_id, today)
    return {e.facts["row"] for e in rows if e.facts["thing"] == Point.__tablename__}
