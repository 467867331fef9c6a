"""Beginning an engagement, who takes part in it, and what support goes with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.assessment.actions.moving import look_at_support, move, use_again, weigh_support
from partners.assessment.actions.settling import begun
from partners.assessment.models import ASIDE, Engagement, Round, Support, TeamMember
from partners.assessment.queries import band_of, policy_of
from partners.assessment.rules.money import Payment
from partners.assessment.rules.moves import ANSWERING, State, Verb
from partners.ground.clock import day_of
from partners.ground.db import db, public_id
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.policy.shelf import adopt
from partners.registry.models import Organisation


@dataclass(frozen=True)
class Wish:
    """What is intended: the work, the level, the facts about it and the support in kind."""

    title: str
    purpose: str
    level: str
    kind: str = ""
    activity: str = ""
    district: str = ""
    in_kind: str = ""
    triggers: Sequence[str] = ()


def start(
    organisation: Organisation,
    wish: Wish,
    support: Iterable[Payment],
    policy: tuple[str, dict[str, str]],
    *,
    by: Actor,
    at: datetime,
) -> Engagement:
    """Begin an engagement with today's policy; the starter leads its case team."""
    require(by, P.ENGAGEMENT_START, organisation)
    read = adopt(*policy, at=at)
    if by.department_id is None:
        raise Refusal(N_("Only staff of a department start an engagement."))
    given = [*support, *([Payment(day_of(at), what=wish.in_kind)] if wish.in_kind else ())]
    band, _total = band_of(read, organisation.id, None, given)
    engagement = Engagement(
        **vars(wish) | {"triggers": sorted(read.facts(wish.triggers))}, organisation=organisation,
        reference=f"E-{at:%y}-{public_id()[:6]}", band=band.id, state=str(State.DRAFT),
        policy_version=policy[0], department_id=by.department_id, started_at=at, started_by=by.id,
        rounds=[Round(opened_at=at)],
        team=[TeamMember(account_id=by.id, part="lead", since=at, worked=True)],
    )  # fmt: skip
    db.session.add(engagement)
    db.session.flush()
    engagement.reference = f"E-{at:%y}-{engagement.id:05}"
    record("engagement.start", engagement, by=by, at=at, level=wish.level, band=band.id)
    for one in given:
        _support(engagement, one, by=by, at=at)
    for follows in begun:
        follows(engagement, by, at)
    use_again(engagement, by=by, at=at)
    if given:
        look_at_support(organisation.id, engagement, at=at)
    return engagement


def change_request(engagement: Engagement, wish: Wish, *, by: Actor, at: datetime) -> None:
    """Ask for more or less, before anything is proposed; only the difference is asked."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    was = engagement.level
    move(engagement, Verb.CHANGE, by=by, at=at, level=wish.level, was_level=was)
    for name in ("title", "purpose", "level", "kind", "activity", "district"):
        setattr(engagement, name, getattr(wish, name))
    policy = policy_of(engagement)
    kept = policy.point_triggers & set(engagement.triggers)
    engagement.triggers = sorted(policy.facts(wish.triggers) | kept)
    weigh_support(engagement)
    use_again(engagement, by=by, at=at)


def record_support(engagement: Engagement, given: Payment, *, by: Actor, at: datetime) -> Support:
    """Record support that falls due; what has been decided bounds it."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    before = engagement.state in ANSWERING
    if not before:
        _refuse_after_review(engagement, day_of(at))
        _refuse_beyond_ceiling(engagement, given)
    support = _support(engagement, given, by=by, at=at)
    if before:
        weigh_support(engagement)
    look_at_support(engagement.organisation_id, engagement, at=at)
    return support


def _refuse_after_review(engagement: Engagement, today: date) -> None:
    review = engagement.review_on
    if review and review <= today:
        raise Refusal(
            N_("It was to be looked at again on %(day)s, and no new support is recorded before"
               " that is done. Begin a new round; what was agreed before runs on."), day=review,
        )  # fmt: skip


def _refuse_beyond_ceiling(engagement: Engagement, given: Payment) -> None:
    if State(engagement.state) not in (State.IN_FORCE, State.DUE):
        raise Refusal(N_("Support is recorded while the request is open, or once it is in force."))
    policy = policy_of(engagement)
    band, _total = band_of(policy, engagement.organisation_id, engagement.id, [given])
    if band.rank > policy.bands[engagement.supported_band].rank:
        raise Refusal(
            N_("This goes beyond what was decided. Begin a new round to ask for more."),
            field="amount",
        )


def _support(engagement: Engagement, given: Payment, *, by: Actor, at: datetime) -> Support:
    assert by.department_id is not None
    kind = "in_kind" if given.amount is None else "money"
    support = Support(
        organisation_id=engagement.organisation_id, engagement_id=engagement.id, kind=kind,
        **vars(given), department_id=by.department_id, by_id=by.id, at=at,
    )  # fmt: skip
    db.session.add(support)
    record("support.recorded", support, by=by, at=at, kind=kind, due_on=given.due_on.isoformat())
    return support


def withdraw_support(
    engagement: Engagement, support: Support, reason: str, *, by: Actor, at: datetime
) -> None:
    """Take back a wrong entry, with a reason; it stays in history."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    support.withdrawn_at, support.withdrawn_because = at, reason
    record("support.withdrawn", support, by=by, at=at, reason=reason)
    if engagement.state in ANSWERING:
        weigh_support(engagement)


def member(engagement: Engagement, actor: Actor, part: str, at: datetime) -> TeamMember:
    """The actor's place in the case team; a new one when there is none."""
    found = next((m for m in engagement.team if m.account_id == actor.id), None)
    if found is None:
        found = TeamMember(account_id=actor.id, part=part, since=at)
        engagement.team.append(found)
    return found


def join(engagement: Engagement, purpose: str, *, by: Actor, at: datetime) -> None:
    """Take part in a case with one press and a purpose, which the organisation can read."""
    require(by, P.ENGAGEMENT_JOIN, engagement)
    member(engagement, by, "member", at).purpose = purpose
    record("engagement.joined", engagement, by=by, at=at, purpose=purpose)


def step_aside(engagement: Engagement, *, by: Actor, at: datetime) -> None:
    """Leave a case for good, because of a tie to the organisation; the file then closes."""
    require(by, P.ENGAGEMENT_JOIN, engagement)
    member(engagement, by, ASIDE, at).part = ASIDE
    record("engagement.stepped_aside", engagement, by=by, at=at)
