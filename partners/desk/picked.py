"""Which cases and promises stand on somebody's page of today: two statements, built once."""

from functools import cache
from typing import Any

from sqlalchemy import (
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import joinedload, selectinload

from partners.accounts.models import Account
from partners.assessment.models import Engagement, TeamMember
from partners.assessment.queries import (
    unanswered,
    waits_for_a_second,
    waits_for_words,
    waits_to_be_read_by,
)
from partners.assessment.rules.moves import State
from partners.ground.db import db
from partners.lists.models import Resemblance
from partners.registry.queries import named
from partners.relations.models import Contact
from partners.relations.queries import OPEN
from partners.web.said import COUNTED

SHOWN, CANDIDATES, MOST = 20, 60, COUNTED
S = State
OWN = (S.DRAFT, S.TALKING, S.DECIDED, S.TOLD, S.DUE)  # the next step is the case team's
OTHERS = (S.PROPOSED, S.REPLYING)  # it may be somebody's who is new to the case
# What differs from person to person and from day to day; the rest of a statement is built once.
ME: Any = bindparam("me", type_=Integer)
DEPARTMENT: Any = bindparam("department", type_=Integer)
TODAY, AHEAD, SINCE = (bindparam(name, type_=Date) for name in ("today", "ahead", "since"))


def leads_many(account_id: int) -> bool:
    """Whether somebody takes part in more cases than a page should read."""
    some = _its(account_id).limit(MOST + 1).subquery()
    return (db.session.scalar(select(func.count()).select_from(some)) or 0) > MOST


def _its(account_id: Any) -> Any:
    member = TeamMember.account_id == account_id, ~TeamMember.aside
    return select(TeamMember.engagement_id).where(*member)


@cache
def picked(manager: bool, only: tuple[str, ...], many: bool) -> Any:
    """Which cases stand on the page, and in which part of it; built once for everybody.

    `only`: the items that only a manager answers; `many`: see `leads_many`.
    """
    mine, unsettled = _firsts() if many else _every(), _unsettled()
    parts = [_first(mine, "own"), _first(mine, "soon"), _new_to(manager), _alike_of(unsettled)]
    if manager:
        parts += [_in_part("second", waits_for_a_second(ME, SINCE).limit(50))]
        parts += [_in_part(item, unanswered(ME, DEPARTMENT, item).limit(50)) for item in only]
    chosen = union_all(*parts).subquery()
    asker = select(Account.name).where(Account.id == Engagement.asked_by).scalar_subquery()
    return (
        select(Engagement, chosen.c.part, chosen.c.number, chosen.c.late,
               waits_to_be_read_by(ME).label("reads"), waits_for_words().label("silent"),
            asker.label("asker"), unsettled)
        .join(chosen, chosen.c.id == Engagement.id)
        .outerjoin(unsettled, unsettled.c.engagement_id == Engagement.id)
        .options(
            named(Engagement.organisation),
            selectinload(Engagement.team).joinedload(TeamMember.account).load_only(
                Account.name, Account.department_id),
            joinedload(Engagement.rounds),
        )
    )  # fmt: skip


def _in_part(part: str, rows: Select[Any]) -> Any:
    ids = rows.subquery()
    return select(ids.c.id, literal(part).label("part"), literal(0).label("number"),
                  literal(0).label("late"))  # fmt: skip


def _every() -> Any:
    """The cases of which the next step is the actor's team's, and those that run out."""
    state, due, review = Engagement.state, Engagement.due_on, Engagement.review_on
    soon = and_(state == S.IN_FORCE, review <= AHEAD)
    day, part = case((soon, review), else_=due), case((soon, "soon"), else_="own")
    rows = select(Engagement.id, day.label("day"), part.label("part"))
    return rows.where(Engagement.id.in_(_its(ME)), or_(state.in_(OWN), soon)).cte()


def _firsts() -> Any:
    """The same of somebody's very many: the first of each state, along the order of their dates."""
    state, due, review = Engagement.state, Engagement.due_on, Engagement.review_on
    soon = and_(state == S.IN_FORCE, review <= AHEAD)
    on_team = _its(ME).where(TeamMember.engagement_id == Engagement.id)
    ours = on_team.correlate(Engagement).scalar_subquery().is_not(None)
    walks = [(and_(state == one, due.is_not(None)), due, "own") for one in OWN]
    walks += [(and_(state.in_(OWN), due.is_(None)), due, "own"), (soon, review, "soon")]
    firsts = [
        select(Engagement.id, day.label("day"), literal(part).label("part"))
        .where(wanted, ours)
        .order_by(day, Engagement.id)
        .limit(MOST + 1)
        .subquery()
        for wanted, day, part in walks
    ]
    return union_all(*map(select, firsts)).cte()


def _first(mine: Any, part: str) -> Select[Any]:
    """The ids that are due first, with how many there are and how many of them are late."""
    number = select(func.count()).where(mine.c.part == part)
    late = number.where(mine.c.day < TODAY)
    columns: tuple[Any, ...] = (mine.c.id, mine.c.part, number.scalar_subquery().label("number"),
                                late.scalar_subquery().label("late"))  # fmt: skip
    rows = select(*columns).where(mine.c.part == part)
    return select(rows.order_by(mine.c.day.nulls_last(), mine.c.id).limit(SHOWN).subquery())


def _new_to(manager: bool) -> Any:
    """Cases that wait for a reader or a decision, one more than are looked through."""
    clear = ~Engagement.stepped_aside(ME)
    if not manager:
        clear = or_(Engagement.on_team(ME), and_(clear, Engagement.department_id == DEPARTMENT))
    rows = select(Engagement.id).where(Engagement.state.in_(OTHERS), clear)
    order = (Engagement.due_on.nulls_last(), Engagement.id)
    return _in_part("new", rows.order_by(*order).limit(CANDIDATES + 1))


def _unsettled() -> Any:
    """Of each case: how many names on lists are like it and not settled, and how far that is."""
    return (
        select(Resemblance.engagement_id, func.count().label("every"),
               func.count(Resemblance.asked_at).label("asked"),
               func.count(Resemblance.replied_at).label("replied"),
               func.min(Resemblance.asked_at).label("asked_first"))
        .where(Resemblance.settled_at.is_(None))
        .group_by(Resemblance.engagement_id)
        .subquery()
    )  # fmt: skip


def _alike_of(unsettled: Any) -> Any:
    rows = select(Engagement.id).join(unsettled, unsettled.c.engagement_id == Engagement.id)
    rows = rows.where(Engagement.on_team(ME), ~Engagement.stepped_aside(ME))
    return _in_part("alike", rows.order_by(Engagement.id).limit(SHOWN))


@cache
def promised(manager: bool) -> Any:
    """The promises out of contacts that are due first, how many there are, how many are late.

    A person's own, what others promised that person, and for managers all of ours that are late.
    """
    late = Contact.follow_up_on < TODAY
    # Of these two one is looked up by its owner, the other by its day: the added zero keeps SQLite
    # from looking through everything that somebody ever wrote.
    theirs = and_(Contact.by_id + 0 == ME, Contact.follow_up_side == "partner")
    ours = Contact.follow_up_side == "city"
    columns = Contact.id, Contact.follow_up_on, and_(late, ours).label("late")
    own = select(*columns).where(OPEN, Contact.follow_up_owner_id == ME)
    others = select(*columns).where(OPEN, late, or_(theirs, ours) if manager else theirs)
    firsts = [rows.order_by(Contact.follow_up_on).limit(MOST + 1) for rows in (own, others)]
    every = union(*(select(rows.subquery()) for rows in firsts)).subquery().c
    counts = func.count().over().label("number"), func.count().filter(every.late).over()
    rows = select(every.id, counts[0], counts[1].label("late"))
    rows = rows.order_by(every.follow_up_on, every.id)
    first = rows.limit(SHOWN).subquery()
    return (
        select(Contact, first.c.number, first.c.late)
        .join(first, first.c.id == Contact.id)
        .options(
            named(Contact.organisation), joinedload(Contact.follow_up_owner).load_only(Account.name)
        )
        .order_by(Contact.follow_up_on, Contact.id)
    )
