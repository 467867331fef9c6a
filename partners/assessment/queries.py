"""Reading engagements, always narrowed to what the actor may see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from partners.access.queries import only_allowed
from partners.access.rules import Actor, may
from partners.access.table import Permission as P
from partners.accounts.models import Account, Department
from partners.assessment.models import (
    Answer,
    Condition,
    Engagement,
    Point,
    Round,
    Support,
    TeamMember,
)
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.answers import is_current
from partners.assessment.rules.difference import (
    Difference,
    Why,
    difference,
    line,
    may_use,
    raised,
)
from partners.assessment.rules.money import Payment, band_sum
from partners.assessment.rules.moves import State
from partners.assessment.rules.reach import Case, Result, result
from partners.ground.db import db
from partners.policy import shelf
from partners.policy.values import Asker, Band, Effect, Item, Policy, Scope, Strength

ASK_DAYS = 14  # for so long a second manager may confirm what the first one asks
LONGEST_NOTICE = 90  # days; the reader of the policy allows no earlier notice

WHOLE = (
    joinedload(Engagement.organisation),
    selectinload(Engagement.team).joinedload(TeamMember.account),
    selectinload(Engagement.rounds).joinedload(Round.conditions),
)


@dataclass(frozen=True)
class Standing:
    """One item of one engagement: how firmly asked, and the newest answer, if one stands.

    `carried`: the answer was given in other work, or in an earlier round.
    """

    item: Item
    strength: Strength
    answer: Answer | None
    why: Why
    carried: bool

    @property
    def current(self) -> bool:
        return self.why is Why.CARRIED

    @property
    def given(self) -> Given | None:
        """What counts: an expired answer counts as open, never as not met."""
        return Given(self.answer.answer) if self.answer and self.current else None

    @property
    def asked(self) -> bool:
        return self.strength >= Strength.REQUIRED


def policy_of(engagement: Engagement) -> Policy:
    """The edition with which this engagement began, word for word."""
    return shelf.edition(engagement.policy_version)


def right_to(item: Item) -> P:
    """The right that it takes to answer this item."""
    by_manager = item.completed_by is Asker.MANAGER
    return P.ENGAGEMENT_ANSWER_AS_MANAGER if by_manager else P.ENGAGEMENT_ANSWER


def may_answer(actor: Actor, engagement: Engagement, item: Item) -> bool:
    """Whether this person may answer this item: on its side, and a manager's as a manager."""
    foreign = actor.is_partner and item.completed_by is Asker.STAFF
    return not foreign and may(actor, right_to(item), engagement)


def reply_items(policy: Policy) -> tuple[str, ...]:
    """The items that are done when the organisation could answer every point."""
    return tuple(i.id for i in policy.items.values() if i.trigger in policy.point_triggers)


def owes_reply(engagement: Engagement, found: Result) -> bool:
    """Whether the organisation has something to answer, and was not asked in this round yet."""
    facts = policy_of(engagement).point_triggers & set(found.triggers)
    return bool(facts) and engagement.round.reply_ended_at is None


def newest_answers(
    organisation_id: int, engagement_id: int | None, activity: str | None = None
) -> Mapping[str, Answer]:
    """The newest standing answer to each item that this engagement may use; see `may_use`.

    `activity`: the one that is intended, where it is not the engagement's own.
    """
    if activity is None and engagement_id is not None:
        activity = db.session.get_one(Engagement, engagement_id).activity
    near = or_(Answer.kept_with != Scope.ENGAGEMENT, Answer.engagement_id == engagement_id)
    rows = db.session.scalars(
        select(Answer)
        .where(Answer.organisation_id == organisation_id, Answer.withdrawn_at.is_(None), near)
        .options(joinedload(Answer.by))
        .order_by(Answer.id)
    )
    return usable(rows, engagement_id, activity or "")


def usable(rows: Iterable[Answer], engagement_id: int | None, activity: str) -> dict[str, Answer]:
    """Of an organisation's answers, oldest first, those that an engagement may use."""
    return {
        row.item: row for row in rows
        if may_use(Scope(row.kept_with), row.engagement_id == engagement_id, row.activity, activity)
    }  # fmt: skip


def activity_of(engagement: Engagement) -> str:
    """The activity with which answers are kept; "" where its kind does not say which one it is."""
    kinds = policy_of(engagement).kinds.activity
    named = (kind.id for kind in kinds if kind.id == engagement.activity and kind.carries)
    return next(named, "")


def standings(
    engagement: Engagement, today: date, *, optional: bool = False
) -> tuple[Standing, ...]:
    """Every item that is asked of this engagement, or optional and answered, in policy order.

    `optional`: also those that nobody has to answer and nobody did.
    """
    policy = policy_of(engagement)
    facts = policy.facts(engagement.triggers)
    answers = newest_answers(engagement.organisation_id, engagement.id)
    opened, rows = engagement.round.opened_at, []
    for item in policy.items.values():
        strength = policy.strength(item, engagement.level, engagement.band, facts)
        answer = answers.get(item.id)
        if strength >= Strength.REQUIRED or (strength and (answer or optional)):
            carried = answer is not None and (
                answer.engagement_id != engagement.id or answer.at < opened
            )
            why = line(item, strength, answer, today).why
            rows.append(Standing(item, strength, answer, why, carried))
    return tuple(rows)


def sources_of(rows: Iterable[Answer]) -> Mapping[int, tuple[str, str]]:
    """For each engagement in which these answers were given: its title and its department."""
    found = db.session.execute(
        select(Engagement.id, Engagement.title, Department.name)
        .join(Department, Department.id == Engagement.department_id)
        .where(Engagement.id.in_({row.engagement_id for row in rows}))
    )
    return {number: (title, department) for number, title, department in found}


def difference_of(engagement: Engagement, today: date) -> Difference:
    """What of everything that this engagement asks is known, and what is new, stale or more."""
    policy = policy_of(engagement)
    rows = newest_answers(engagement.organisation_id, engagement.id)
    return difference(policy, engagement.level, engagement.band, engagement.triggers, rows, today)


def case_of(engagement: Engagement, today: date) -> Case:
    """What the engine is asked: level, band, facts and every answer that counts today."""
    policy = policy_of(engagement)
    level, band, facts = engagement.level, engagement.band, policy.facts(engagement.triggers)
    answers = {
        name: Given(row.answer)
        for name, row in newest_answers(engagement.organisation_id, engagement.id).items()
        if (item := policy.items.get(name))
        and line(item, policy.strength(item, level, band, facts), row, today).why is Why.CARRIED
    }
    return Case(level, band, frozenset(engagement.triggers), answers)


def computed(engagement: Engagement, today: date) -> Result:
    """How far the answers carry today."""
    return result(policy_of(engagement), case_of(engagement, today))


def result_of(engagement: Engagement, today: date) -> Result:
    """The result as it was proposed, or as it would be computed today."""
    kept = engagement.round.computed
    frozen = State(engagement.state) not in (State.DRAFT, State.TALKING)
    return Result.from_dict(kept) if kept and frozen else computed(engagement, today)


def payments(organisation_id: int) -> Sequence[Support]:
    """All support to one organisation from the whole municipality that stands, by due date."""
    return db.session.scalars(
        select(Support)
        .where(Support.organisation_id == organisation_id, Support.withdrawn_at.is_(None))
        .order_by(Support.due_on, Support.id)
    ).all()


def band_of(
    policy: Policy,
    organisation_id: int,
    engagement_id: int | None,
    added: Iterable[Payment] = (),
    in_kind: bool = False,
) -> tuple[Band, Decimal]:
    """The band of an engagement and the sum that sets it, with payments still to be added."""
    return weighed(policy, payments(organisation_id), engagement_id, added, in_kind)


def weighed(
    policy: Policy,
    rows: Sequence[Support],
    engagement_id: int | None,
    added: Iterable[Payment] = (),
    in_kind: bool = False,
) -> tuple[Band, Decimal]:
    """As `band_of`, for support that was read already."""
    ours = [r for r in rows if engagement_id is not None and r.engagement_id == engagement_id]
    rest = [r for r in rows if r not in ours]
    kind = in_kind or any(r.kind == "in_kind" for r in ours)
    own, others = ([Payment(r.due_on, r.amount) for r in part if r.amount] for part in (ours, rest))
    total = band_sum([*own, *added], others, policy.window_months)
    return policy.band_for(total, kind), total


def raised_band(engagement: Engagement) -> Band | None:
    """The band to which all support together has raised an engagement; None: it has not."""
    policy = policy_of(engagement)
    band, _total = band_of(policy, engagement.organisation_id, engagement.id)
    return band if raised(policy, engagement.band, band.id) else None


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


def points_of(engagement: Engagement) -> Sequence[Point]:
    """The points of the present round that stand, in the order noted."""
    return db.session.scalars(
        select(Point)
        .where(Point.round_id == engagement.round.id, Point.withdrawn_at.is_(None))
        .order_by(Point.id)
    ).all()


def all_points(engagement: Engagement) -> Sequence[Point]:
    """Every point of the present round, those set aside too, in the order noted."""
    return db.session.scalars(
        select(Point).where(Point.round_id == engagement.round.id).order_by(Point.id)
    ).all()


def waits_to_be_read_by(account_id: int) -> ColumnElement[bool]:
    """Whether a point of an engagement waits for this person as its second reader."""
    return exists().where(
        Point.engagement_id == Engagement.id, Point.reader_id == account_id,
        Point.read_at.is_(None), Point.withdrawn_at.is_(None),
    )  # fmt: skip


def difficult_points(organisation_id: int, item: str) -> Sequence[Point]:
    """What was found about one item and read by two, in any engagement, newest first."""
    return db.session.scalars(
        select(Point)
        .where(
            Point.organisation_id == organisation_id, Point.item == item, Point.role != "",
            Point.good.is_(False), Point.withdrawn_at.is_(None), Point.read_at.is_not(None),
        )
        .order_by(Point.said_on.desc(), Point.id.desc())
    ).all()  # fmt: skip


def unheard(engagement: Engagement, found: Result) -> set[str]:
    """What lowers a result, and was not before the organisation in this round, with time to answer.

    A reply in an earlier round, or to another point, says nothing about it.
    """
    ended = engagement.round.reply_ended_at
    heard = {
        p.item for p in points_of(engagement)
        if p.sent_at and (p.replied_at or (ended and ended >= p.sent_at))
    }  # fmt: skip
    return {reason.item for reason in found.reasons if reason.lowers} - heard


def engagements_of(organisation_id: int, actor: Actor) -> Sequence[Engagement]:
    """The organisation's engagements that the actor may open, newest first."""
    statement = (
        select(Engagement)
        .where(Engagement.organisation_id == organisation_id)
        .options(*WHOLE)
        .order_by(Engagement.id.desc())
    )
    return db.session.scalars(only_allowed(statement, Engagement, actor, P.ENGAGEMENT_VIEW)).all()


def cards_of(organisation_id: int) -> Sequence[Engagement]:
    """All engagements of an organisation; the caller shows name, kind, level and team only."""
    return db.session.scalars(
        select(Engagement)
        .where(Engagement.organisation_id == organisation_id)
        .options(*WHOLE)
        .order_by(Engagement.id.desc())
    ).all()


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


def open_conditions(
    actor: Actor, wanted: ColumnElement[bool], *, limit: int
) -> Sequence[tuple[Condition, Engagement]]:
    """Open conditions, `wanted` ones of engagements that the actor may open, soonest due first."""
    order = Condition.due_on, Condition.id
    first = select(Condition).where(Condition.is_open, wanted).order_by(*order)
    # Picked before it is joined, because these are few and engagements are many.
    this = aliased(Condition, first.limit(10 * limit).subquery())
    statement = (
        select(this, Engagement)
        .join(Engagement, Engagement.id == this.engagement_id)
        .where(Engagement.state.not_in([State.DECLINED, State.CLOSED]))
        .options(joinedload(Engagement.organisation))
        .order_by(this.due_on, this.id)
        .limit(limit)
    )
    rows = db.session.execute(only_allowed(statement, Engagement, actor, P.ENGAGEMENT_VIEW))
    return [(condition, engagement) for condition, engagement in rows]


def count_by_state() -> Mapping[str, int]:
    """How many engagements stand in each state, in the whole municipality."""
    rows = db.session.execute(
        select(Engagement.state, func.count()).group_by(Engagement.state)
    ).all()
    return {state: number for state, number in rows}


def for_a_second(actor: Actor, today: date) -> Sequence[tuple[Engagement, str]]:
    """Cases in which another manager asks for a pause, or wrote down a decision from outside."""
    statement = (
        select(Engagement, Account.name)
        .join(Account, Account.id == Engagement.asked_by)
        .where(
            Engagement.asked.in_(["pause", "outside"]),
            Engagement.asked_by != actor.id,
            Engagement.asked_on > today - timedelta(days=ASK_DAYS),
        )
        .options(joinedload(Engagement.organisation))
        .limit(50)
    )
    rows = db.session.execute(only_allowed(statement, Engagement, actor, P.ENGAGEMENT_VIEW))
    return [(engagement, name) for engagement, name in rows]


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
            and_(state.in_([State.TOLD, State.IN_FORCE, State.DUE]), waits),
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
