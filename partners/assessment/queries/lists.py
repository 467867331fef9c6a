"""Many engagements at once, narrowed to what the actor may see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, text
from sqlalchemy.orm import aliased, joinedload

from partners.access.queries import only_allowed
from partners.access.rules import Actor
from partners.access.table import Permission as P
from partners.accounts.models import Account, Department
from partners.assessment.models import (
    Answer,
    Condition,
    Engagement,
    Support,
)
from partners.assessment.queries.cases import (
    WHOLE,
    newest_answers,
    policy_of,
)
from partners.assessment.queries.support import raised_band
from partners.assessment.rules.answers import is_current
from partners.assessment.rules.moves import OVER, STANDING, State
from partners.ground.db import db
from partners.policy.values import Asker, Effect, Item, Policy, Strength
from partners.registry.queries import named

ASK_DAYS = 14  # for so long a second manager may confirm what the first one asks


LONGEST_NOTICE = 90  # days; the reader of the policy allows no earlier notice


@dataclass(frozen=True)
class Elsewhere:
    """Other work with the same organisation: its name, department and level, not its contents."""

    title: str
    department: str
    level: str
    state: str


def elsewhere(organisation_id: int, but: int | None = None) -> list[Elsewhere]:
    """What the municipality does with this organisation besides the engagement `but`."""
    rows = db.session.execute(
        select(Engagement.title, Department.name, Engagement.level, Engagement.state)
        .join(Department, Department.id == Engagement.department_id)
        .where(Engagement.organisation_id == organisation_id, Engagement.id != (but or 0))
        .order_by(Engagement.id.desc())
        .limit(50)
    )
    return [Elsewhere(*row) for row in rows]


def engagements_of(organisation_id: int, actor: Actor) -> Sequence[Engagement]:
    """The organisation's engagements that the actor may open, newest first."""
    rows = only_allowed(_of(organisation_id), Engagement, actor, P.ENGAGEMENT_VIEW)
    return db.session.scalars(rows).all()


def _of(organisation_id: int) -> Select[Any]:
    its = select(Engagement).where(Engagement.organisation_id == organisation_id)
    return its.options(*WHOLE).order_by(Engagement.id.desc())


def cards_of(organisation_id: int) -> Sequence[Engagement]:
    """All engagements of an organisation; the caller shows name, kind, level and team only."""
    return db.session.scalars(_of(organisation_id)).all()


def visible(actor: Actor, *states: State, limit: int = 200) -> Sequence[Engagement]:
    """Engagements in these states (any when none is named) that the actor may open."""
    statement = select(Engagement).options(*WHOLE).order_by(Engagement.id.desc()).limit(limit)
    if states:
        statement = statement.where(Engagement.state.in_([str(s) for s in states]))
    return db.session.scalars(only_allowed(statement, Engagement, actor, P.ENGAGEMENT_VIEW)).all()


def openable(actor: Actor, ids: Iterable[int]) -> Mapping[int, Engagement]:
    """Of these engagements those that the actor may open."""
    statement = select(Engagement).where(Engagement.id.in_(set(ids)))
    statement = statement.options(joinedload(Engagement.organisation))
    rows = db.session.scalars(only_allowed(statement, Engagement, actor, P.ENGAGEMENT_VIEW))
    return {row.id: row for row in rows}


def open_conditions(actor: Actor, wanted: ColumnElement[bool], *, limit: int) -> Any:
    """Open conditions, `wanted` ones of engagements that the actor may open, soonest due first:
    a statement of each with its engagement, so that it can be built once.
    """
    order = Condition.due_on, Condition.id
    first = select(Condition).where(Condition.is_open, wanted).order_by(*order)
    # Picked before it is joined, because these are few and engagements are many.
    this = aliased(Condition, first.limit(10 * limit).subquery())
    statement = (
        select(this, Engagement)
        .join(Engagement, Engagement.id == this.engagement_id)
        .where(Engagement.state.not_in(OVER))
        .options(named(Engagement.organisation))
        .order_by(this.due_on, this.id)
        .limit(limit)
    )
    return only_allowed(statement, Engagement, actor, P.ENGAGEMENT_VIEW)


def count_by_state() -> Mapping[str, int]:
    """How many engagements stand in each state, in the whole municipality."""
    rows = db.session.execute(
        select(Engagement.state, func.count()).group_by(Engagement.state)
    ).all()
    return {state: number for state, number in rows}


def waits_for_a_second(actor_id: Any, since: Any) -> Select[Any]:
    """Ids of cases in which what somebody asked for waits for another manager."""
    return select(Engagement.id).where(
        Engagement.asked.in_(["pause", "outside", "hold"]),
        Engagement.asked != text("''"),  # written out, as the index of them has it
        Engagement.asked_by != actor_id,
        Engagement.asked_on > since,
    )


def for_managers_only(policy: Policy) -> tuple[str, ...]:
    """The items that only a manager answers, and that are asked of some."""
    return tuple(
        item.id for item in policy.items.values()
        if item.completed_by is Asker.MANAGER
        and max(item.strengths.values(), default=Strength.NONE) >= Strength.REQUIRED
    )  # fmt: skip


def unanswered(actor_id: Any, department_id: Any, item: str) -> Select[Any]:
    """Ids of running cases of a department in which nobody has answered this item yet."""
    answered = exists().where(
        Answer.engagement_id == Engagement.id, Answer.item == item, Answer.withdrawn_at.is_(None)
    )
    return (
        select(Engagement.id)
        .where(Engagement.state == State.TALKING, Engagement.department_id == department_id,
               ~answered, ~Engagement.stepped_aside(actor_id))
        .order_by(Engagement.due_on.nulls_last(), Engagement.id)
    )  # fmt: skip


def asks(case: Engagement, item: str) -> bool:
    """Whether this case asks this item."""
    policy = policy_of(case)
    firm = policy.firm(case.level, case.band, policy.facts(case.triggers))
    return any(one.id == item for one, _strength in firm)


def why_due(engagement: Engagement, today: date) -> str:
    """Why it is time to look again at what is in force: "review", "answer" or "band"; else "".

    A sum from another department may raise the band; then only the difference is asked.
    """
    if engagement.review_on and engagement.review_on <= today:
        return "review"
    if any(not is_current(a.answered_on, item.valid_months, today)
           for item, a in _leaned_on(engagement) if item.effect is not Effect.NOTE):  # fmt: skip
        return "answer"
    return "band" if raised_band(engagement) else ""


def _leaned_on(engagement: Engagement) -> list[tuple[Item, Answer]]:
    """The answers on which what is supported rests."""
    policy = policy_of(engagement)
    level = engagement.supported_level or engagement.level
    band = engagement.supported_band or engagement.band
    answers = newest_answers(engagement.organisation_id, engagement.id)
    asked = policy.asked(level, band, engagement.triggers)
    return [(item, answers[item.id]) for item in asked if item.id in answers]


def to_look_at(today: date) -> Sequence[int]:
    """The engagements at which the clock may have something to do today; more than it will do.

    What is in force is looked at whole where an answer of the organisation has run out, or where
    it gets money; everything else says by its own dates when it wants to be looked at.
    """
    soon = today + timedelta(days=LONGEST_NOTICE)
    state = Engagement.state
    its = Engagement.organisation_id
    ran_out = exists().where(
        Answer.organisation_id == its, Answer.withdrawn_at.is_(None), Answer.expires_on < today
    )
    paid = exists().where(
        Support.organisation_id == its, Support.withdrawn_at.is_(None), Support.amount.is_not(None)
    )
    waits = exists().where(
        Condition.engagement_id == Engagement.id, Condition.is_open, Condition.due_on <= soon
    )
    return db.session.scalars(
        select(Engagement.id)
        .where(or_(
            state.in_([State.PAUSED, State.REPLYING]),
            and_(state.in_([State.IN_FORCE, State.DUE]), Engagement.review_on <= soon),
            and_(state == State.IN_FORCE, or_(ran_out, paid)),
            and_(state.in_(STANDING), waits),
        ))
        .order_by(Engagement.id)
    ).all()  # fmt: skip


def names_of(ids: Iterable[int]) -> Mapping[int, str]:
    """The names of these people."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = db.session.execute(select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return {number: name for number, name in rows}
