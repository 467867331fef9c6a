"""One engagement: its policy, its answers, its result."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from partners.access.rules import Actor, may
from partners.access.table import Permission as P
from partners.accounts.models import Department
from partners.assessment.models import (
    Answer,
    Engagement,
    Round,
    TeamMember,
)
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.difference import (
    Difference,
    Doing,
    Why,
    difference,
    line,
    may_use,
)
from partners.assessment.rules.moves import State
from partners.assessment.rules.reach import Case, Result, result
from partners.ground.db import db
from partners.history.queries import deeds_on, shown_now
from partners.policy import shelf
from partners.policy.values import Asker, Item, Policy, Scope, Strength

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


def newest_answers(
    organisation_id: int, engagement_id: int | None, intended: Doing | None = None
) -> Mapping[str, Answer]:
    """The newest standing answer to each item that this engagement may use; see `may_use`.

    `intended`: an activity that is not, or not yet, the engagement's own.
    """
    if intended is None and engagement_id is not None:
        intended = doing(db.session.get_one(Engagement, engagement_id))
    near = or_(Answer.kept_with != Scope.ENGAGEMENT, Answer.engagement_id == engagement_id)
    rows = db.session.scalars(
        select(Answer)
        .where(Answer.organisation_id == organisation_id, Answer.withdrawn_at.is_(None), near)
        .options(joinedload(Answer.by))
        .order_by(Answer.id)
    )
    return usable(rows, engagement_id, intended or Doing())


def usable(rows: Iterable[Answer], engagement_id: int | None, now: Doing) -> dict[str, Answer]:
    """Of an organisation's answers, oldest first, those that an engagement may use."""
    return {
        row.item: row for row in rows
        if may_use(Scope(row.kept_with), row.engagement_id == engagement_id, row.activity, now)
    }  # fmt: skip


def papers_held(organisation_id: int, today: date) -> Mapping[int, int]:
    """The papers that belong to answers which are held back today, by answer."""
    rows = db.session.execute(
        select(Answer.id, Answer.upload_id)
        .where(Answer.organisation_id == organisation_id, Answer.upload_id.is_not(None))
        .where(~shown_now(Answer, today))
    )
    return {answer: paper for answer, paper in rows if paper}


def doing(engagement: Engagement) -> Doing:
    """The activity of an engagement, by its own edition."""
    return Doing.of(policy_of(engagement), engagement.activity)


def activity_of(engagement: Engagement) -> str:
    """The activity with which answers are kept; "" where its kind does not say which one it is."""
    return doing(engagement).kept


def paused_by(engagement: Engagement) -> tuple[int, int]:
    """The two who paused it."""
    newest = deeds_on("engagements", engagement.id, "engagement.pause")[0]
    return newest.by_id, newest.facts["second"]


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


def computed(engagement: Engagement, today: date, case: Case | None = None) -> Result:
    """How far the answers carry today; `case` where they are read already."""
    return result(policy_of(engagement), case or case_of(engagement, today))


def result_of(engagement: Engagement, today: date, case: Case | None = None) -> Result:
    """The result as it was proposed, or as it would be computed today."""
    kept = engagement.round.computed
    frozen = State(engagement.state) not in (State.DRAFT, State.TALKING)
    return Result.from_dict(kept) if kept and frozen else computed(engagement, today, case)
