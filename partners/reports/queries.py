"""Reading across engagements. Lists are narrowed to what the actor may open; totals are not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from sqlalchemy import and_, extract, func, or_, select
from sqlalchemy.orm import joinedload

from partners.access.queries import only_allowed
from partners.access.rules import Actor
from partners.access.table import Permission as P
from partners.accounts.models import Department
from partners.assessment.models import Engagement, Point, Round, Support
from partners.assessment.rules.moves import State
from partners.ground.db import db
from partners.history.models import Entry
from partners.policy import shelf
from partners.policy.values import Outcome
from partners.registry.models import Organisation

BELOW = (Outcome.DIALOGUE, Outcome.LOWER_BAND)
MOST = 50  # rows of a list; a page that shows as many says so
MOVES_READ = 20_000  # the newest moves from which the time in each state is measured
RUNNING = (State.IN_FORCE, State.DUE)
REQUEST = ("policy", "level", "band", "triggers")


@dataclass(frozen=True)
class Decided:
    """One decided round, without anybody's name: what was asked, what came of it, and when."""

    task: str
    district: str
    size: str
    kind: str
    below: bool
    days: int | None
    items: int


def decided(since: datetime) -> list[Decided]:
    """Every round that was decided since then, with what was asked for in it."""
    rows = db.session.execute(
        select(
            Engagement.activity,
            func.coalesce(func.nullif(Engagement.district, ""), Organisation.district),
            Organisation.kind, Round.outcome,
            Round.opened_at, Round.told_at, Round.asked_for, Engagement.policy_version,
            Engagement.level, Engagement.band, Engagement.triggers,
        )
        .join(Engagement, Engagement.id == Round.engagement_id)
        .join(Organisation, Organisation.id == Engagement.organisation_id)
        .where(Round.decided_at >= since)
    )  # fmt: skip
    asked, found = cache(_asked), list[Decided]()
    for task, district, kind, outcome, opened, told, then, *now in rows:
        # Of a round from before it was written down, what is asked for now.
        policy, level, band, triggers = (dict(zip(REQUEST, now, strict=True)) | then).values()
        days = (told - opened).days if told else None
        items = asked(policy, level, band, tuple(triggers))
        found.append(Decided(task, district, band, kind, outcome in BELOW, days, items))
    return found


def _asked(edition: str, level: str, band: str, triggers: tuple[str, ...]) -> int:
    return len(shelf.edition(edition).asked(level, band, triggers))


def otherwise(since: datetime, actor: Actor, limit: int = MOST) -> Sequence[Round]:
    """Rounds decided otherwise than computed, newest first; see `way`."""
    found = (
        select(Round)
        .join(Engagement, Engagement.id == Round.engagement_id)
        .where(Round.outcome != "", Round.decided_at >= since, or_(
            Round.computed["level"].as_string() != Round.level,
            Round.computed["band"].as_string() != Round.band,
        ))
        .order_by(Round.decided_at.desc(), Round.id.desc())
        .limit(limit)
    )  # fmt: skip
    return db.session.scalars(only_allowed(found, Engagement, actor, P.ENGAGEMENT_VIEW)).all()


def cases(ids: Iterable[int]) -> dict[int, Engagement]:
    """Engagements with their organisations, by id."""
    found = select(Engagement).where(Engagement.id.in_(set(ids)))
    beside = joinedload(Engagement.organisation)
    return {row.id: row for row in db.session.scalars(found.options(beside))}


def runs_out(today: date, days: int, actor: Actor, limit: int = MOST) -> Sequence[Engagement]:
    """What is looked at again within these days, or is being already, soonest first."""
    found = (
        select(Engagement)
        .where(Engagement.state.in_([State.IN_FORCE, State.DUE]),
               Engagement.review_on <= today + timedelta(days=days))
        .options(joinedload(Engagement.organisation))
        .order_by(Engagement.review_on, Engagement.id)
        .limit(limit)
    )  # fmt: skip
    return db.session.scalars(only_allowed(found, Engagement, actor, P.ENGAGEMENT_VIEW)).all()


def to_decide(actor: Actor, limit: int = 20) -> list[tuple[Engagement, Round]]:
    """What is proposed and waits for a decision or its confirmation, longest waiting first."""
    newest = select(func.max(Round.id)).where(Round.engagement_id == Engagement.id)
    found = (
        select(Engagement, Round)
        .join(Round, and_(Round.engagement_id == Engagement.id,
                          Round.id == newest.correlate(Engagement).scalar_subquery()))
        .where(Engagement.state == State.PROPOSED)
        .options(joinedload(Engagement.organisation))
        .order_by(Round.prepared_at, Round.id)
        .limit(limit)
    )  # fmt: skip
    rows = db.session.execute(only_allowed(found, Engagement, actor, P.ENGAGEMENT_VIEW))
    return [(engagement, this) for engagement, this in rows]


def points_of(rounds: Iterable[int]) -> dict[int, list[Point]]:
    """The difficult points that stand, with their replies, by round."""
    found: dict[int, list[Point]] = {}
    for point in db.session.scalars(
        select(Point)
        .where(Point.round_id.in_(set(rounds)), Point.withdrawn_at.is_(None), ~Point.good)
        .order_by(Point.id)
    ):
        found.setdefault(point.round_id, []).append(point)
    return found


def stays(since: datetime) -> dict[str, list[float]]:
    """How many days rounds stayed in each state, from the newest moves that history holds."""
    was = Entry.facts["was"].as_string()
    moves = (
        select(Entry.id, Entry.on_id, Entry.at, was.label("was"))
        .where(Entry.on_kind == Engagement.__tablename__, Entry.at >= since,
               or_(was.is_not(None), Entry.what == "engagement.start"))
        .order_by(Entry.id.desc())
        .limit(MOVES_READ)
        .subquery()
    )  # fmt: skip
    before = func.lag(moves.c.at, type_=Entry.at.type).over(
        partition_by=moves.c.on_id, order_by=moves.c.id
    )
    found: dict[str, list[float]] = {}
    for state, left, entered in db.session.execute(select(moves.c.was, moves.c.at, before)):
        if state and entered:
            found.setdefault(state, []).append((left - entered).total_seconds() / 86400)
    return found


@dataclass(frozen=True)
class Given:
    """What one organisation gets from the whole municipality in one year."""

    organisation: Organisation
    money: Decimal
    in_kind: int
    departments: str


def support(year: int, limit: int = MOST) -> list[Given]:
    """The organisations with the most money in a year, from every department together."""
    stands = (extract("year", Support.due_on) == year, Support.withdrawn_at.is_(None))
    money = func.coalesce(func.sum(Support.amount), 0)
    rows = db.session.execute(
        select(Organisation, money, func.count().filter(Support.kind == "in_kind"))
        .join(Support, Support.organisation_id == Organisation.id)
        .where(*stands)
        .group_by(Organisation.id)
        .order_by(money.desc(), Organisation.id)
        .limit(limit)
    ).all()
    ids = [organisation.id for organisation, _money, _kind in rows]
    names: dict[int, list[str]] = {}
    for organisation_id, name in db.session.execute(
        select(Support.organisation_id, Department.name)
        .join(Department, Department.id == Support.department_id)
        .where(*stands, Support.organisation_id.in_(ids))
        .distinct()
        .order_by(Department.name)
    ):
        names.setdefault(organisation_id, []).append(name)
    return [Given(o, Decimal(str(m)), kind, ", ".join(names.get(o.id, ()))) for o, m, kind in rows]


def total(year: int) -> tuple[Decimal, int]:
    """All money of the municipality in a year, and to how many organisations."""
    found = select(func.coalesce(func.sum(Support.amount), 0),
                   func.count(Support.organisation_id.distinct())).where(
        extract("year", Support.due_on) == year, Support.withdrawn_at.is_(None))  # fmt: skip
    money, number = db.session.execute(found).one()
    return Decimal(str(money)), number


def uncovered(year: int, actor: Actor, limit: int = MOST) -> Sequence[tuple[Support, Engagement]]:
    """Money that falls due without a result that holds on that day, soonest first."""
    holds = and_(Engagement.state.in_(RUNNING), or_(
        Engagement.review_on.is_(None), Engagement.review_on >= Support.due_on))  # fmt: skip
    found = (
        select(Support, Engagement)
        .join(Engagement, Engagement.id == Support.engagement_id)
        .where(Support.kind == "money", Support.withdrawn_at.is_(None), ~holds,
               extract("year", Support.due_on) == year)
        .options(joinedload(Engagement.organisation))
        .order_by(Support.due_on, Support.id)
        .limit(limit)
    )  # fmt: skip
    rows = db.session.execute(only_allowed(found, Engagement, actor, P.ENGAGEMENT_VIEW))
    return [(row, engagement) for row, engagement in rows.all()]
