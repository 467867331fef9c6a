"""What waits for whom today: read in a few statements, told as tasks, late ones of ours first.

Of each kind the rows that are due first are read, and how many more there are is counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import format_date, gettext, ngettext
from sqlalchemy import (
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import joinedload, selectinload

from partners.access.rules import Actor, scopes
from partners.access.table import Permission as P
from partners.access.table import Role
from partners.accounts.models import Account, Delegation
from partners.assessment.models import ASIDE, Condition, Engagement, TeamMember
from partners.assessment.queries import (
    for_a_manager,
    for_a_second,
    open_conditions,
    policy_of,
    waits_for_words,
    waits_to_be_read_by,
)
from partners.assessment.rules.moves import State
from partners.charter.models import Charter, Commitment
from partners.desk.waiting import OURS, THEIRS, Case
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.jobs.models import Job
from partners.lists.models import Resemblance
from partners.mail.models import Mail
from partners.mou.queries import to_sign
from partners.policy.today import todays_policy
from partners.relations.models import Contact
from partners.relations.queries import OPEN
from partners.web.said import Task, counted, in_order

SHOWN, CANDIDATES = 20, 60
AHEAD = timedelta(days=90)
NEWS = timedelta(days=30)
S = State
OWN = (S.DRAFT, S.TALKING, S.DECIDED, S.TOLD, S.DUE)  # the next step is the case team's
OTHERS = (S.PROPOSED, S.REPLYING)  # it may be somebody's who is new to the case


@dataclass
class Today:
    """The page of one person: what is theirs to do, what others do, what runs out.

    `more`: what was counted and is not shown, in words, and where it is listed.
    """

    mine: list[Task] = field(default_factory=list)
    others: list[Task] = field(default_factory=list)
    runs_out: list[Engagement] = field(default_factory=list)
    news: list[str] = field(default_factory=list)
    more: list[tuple[str, str, str]] = field(default_factory=list)
    more_runs_out: int = 0
    unseen: int = 0
    unseen_late: int = 0

    @property
    def late(self) -> list[Task]:
        return [t for t in in_order(self.mine) if t.late and t.whose == OURS]

    @property
    def waits(self) -> list[Task]:
        return [t for t in in_order(self.mine) if not t.late or t.whose != OURS]

    @property
    def heading(self) -> str:
        number, late = len(self.mine) + self.unseen, len(self.late) + self.unseen_late
        said = ngettext("%(count)s thing waits for you.", "%(count)s things wait for you.",
                        number, count=counted(number)) if number else gettext(
                        "Nothing waits for you.")  # fmt: skip
        if not late:
            return said
        return f"{said} " + ngettext(
            "%(count)s of them is late on our side.", "%(count)s of them are late on our side.",
            late, count=counted(late),
        )  # fmt: skip

    def leave_out(self, number: int, late: int, text: str, href: str) -> None:
        """Say that there are more than are shown: how many, how many of them late, and where."""
        if number > 0:
            self.unseen, self.unseen_late = self.unseen + number, self.unseen_late + late
            self.more.append((gettext("And %(count)s more:", count=number), text, href))


def today_of(actor: Actor, now: datetime) -> Today:
    """Everything that waits for one member of staff, and whom it waits for otherwise."""
    page, day = Today(), day_of(now)
    if scopes(actor, P.ENGAGEMENT_JOIN):
        _cases(page, actor, day)
        _follow_ups(page, actor, day)
        page.mine += [*_conditions(actor, day), *_papers(actor), *_charters(actor, day)]
        page.mine += [*_alike(actor, now)]
    if Role.MANAGER in actor.roles:
        page.mine += [*_delegations(actor), *_for_a_second(actor, day), *_for_a_manager(actor, day)]
        page.news += _given_roles(now)
    if Role.KEEPER in actor.roles:
        page.mine += _machine(now)
    return page


def _cases(page: Today, actor: Actor, today: date) -> None:
    """Cases on whose team the actor is, and those that wait for somebody new to them."""
    mine = _mine(actor, today)
    picked = union_all(
        _first(mine, "own", today), _first(mine, "soon", today), _new_to(actor)
    ).subquery()
    rows = db.session.execute(
        select(Engagement, picked.c.part, picked.c.number, picked.c.late,
               waits_to_be_read_by(actor.id), waits_for_words())
        .join(picked, picked.c.id == Engagement.id)
        .options(
            joinedload(Engagement.organisation),
            selectinload(Engagement.team).joinedload(TeamMember.account),
            joinedload(Engagement.rounds),
        )
    ).unique()
    left = {"own": [0, 0], "soon": [0, 0], "new": [CANDIDATES, 0]}
    told: set[str] = set()
    for row, part, number, late, reads, silent in rows:
        if part != "new" and part not in told:
            left[part] = [number, late]
        told.add(part)
        left[part][0] -= 1
        left[part][1] -= bool(row.due_on and row.due_on < today)
        Case(row, actor, today, reads=reads, silent=silent).sort_into(page)
    _say_what_is_left(page, left)


def _mine(actor: Actor, today: date) -> Any:
    """The cases of which the next step is the actor's team's, and those that run out."""
    soon = and_(Engagement.state == S.IN_FORCE, Engagement.review_on <= today + AHEAD)
    return (
        select(
            Engagement.id,
            case((soon, Engagement.review_on), else_=Engagement.due_on).label("day"),
            case((soon, "soon"), else_="own").label("part"),
        )
        .join(TeamMember, TeamMember.engagement_id == Engagement.id)
        .where(TeamMember.account_id == actor.id, TeamMember.part != ASIDE)
        .where(or_(Engagement.state.in_(OWN), soon))
        .cte()
    )


def _first(mine: Any, part: str, today: date) -> Select[Any]:
    """The ids that are due first, with how many there are and how many of them are late."""
    number = select(func.count()).where(mine.c.part == part)
    late = number.where(mine.c.day < today)
    columns: tuple[Any, ...] = (mine.c.id, mine.c.part, number.scalar_subquery().label("number"),
                                late.scalar_subquery().label("late"))  # fmt: skip
    rows = select(*columns).where(mine.c.part == part)
    return select(rows.order_by(mine.c.day.nulls_last(), mine.c.id).limit(SHOWN).subquery())


def _new_to(actor: Actor) -> Select[Any]:
    """Cases that wait for a reader or a decision, one more than are looked through."""
    clear = ~Engagement.stepped_aside(actor.id)
    if Role.MANAGER not in actor.roles:
        near = and_(clear, Engagement.department_id == actor.department_id)
        clear = or_(Engagement.on_team(actor.id), near)
    rows = select(Engagement.id, literal("new").label("part"), literal(0).label("number"),
                  literal(0).label("late")).where(Engagement.state.in_(OTHERS), clear)  # fmt: skip
    order = (Engagement.due_on.nulls_last(), Engagement.id)
    return select(rows.order_by(*order).limit(CANDIDATES + 1).subquery())


def _say_what_is_left(page: Today, left: dict[str, list[int]]) -> None:
    what = gettext("engagements in which you take part")
    number, late = left["own"]
    href = url_for("desk.engagements", mine=1, due="step" if late else None)
    page.leave_out(number, late, what, href)
    page.more_runs_out = left["soon"][0]
    if left["new"][0] < 0:
        text = gettext("what somebody may have to read or decide")
        href = url_for("desk.engagements", state=S.PROPOSED)
        page.more.append((gettext("Look through:"), text, href))


def _conditions(actor: Actor, today: date) -> Iterator[Task]:
    """Ours that are mine, all of ours that are late for managers, theirs that are late."""
    theirs, late = Condition.side == "partner", Condition.due_on < today
    beside = ~theirs if Role.MANAGER in actor.roles else theirs
    wished = and_(Condition.wished_on.is_not(None), Condition.wished_side == "partner")
    wanted = or_(Condition.owner_id == actor.id, and_(late, beside))
    if Role.MANAGER not in actor.roles:
        wanted = or_(wanted, Condition.said_at.is_not(None), wished)
    for condition, engagement in open_conditions(actor, wanted, limit=SHOWN * 5):
        city = condition.side != "partner"
        waits = bool(condition.said_at or condition.wished_on)
        ours = city or waits
        href = url_for("assessment.conditions", engagement_id=engagement.public_id)
        yield Task(OURS if ours else THEIRS, _asked(condition, engagement, city),
                   _source(condition, engagement, city), href,
                   None if waits else condition.due_on, today, first=city)  # fmt: skip


def _asked(condition: Condition, engagement: Engagement, city: bool) -> str:
    names = {"org": engagement.organisation.name, "what": condition.text}
    if condition.said_at:
        return gettext("Look at what is said to be done for %(org)s: %(what)s", **names)
    if condition.wished_on:
        return gettext("Another date is proposed with %(org)s: %(what)s", **names)
    return condition.text if city else gettext("Ask %(org)s: %(what)s", **names)


def _source(condition: Condition, engagement: Engagement, city: bool) -> str:
    org, title = engagement.organisation.name, engagement.title
    if city:
        return gettext("Condition on us, for %(org)s: %(title)s.", org=org, title=title)
    return gettext("Condition on %(org)s: %(title)s.", org=org, title=title)


def _follow_ups(page: Today, actor: Actor, today: date) -> None:
    late = Contact.follow_up_on < today
    mine = Contact.follow_up_owner_id == actor.id
    theirs = and_(Contact.by_id == actor.id, Contact.follow_up_side == "partner", late)
    ours = and_(Contact.follow_up_side == "city", late)
    wanted = or_(mine, theirs, ours) if Role.MANAGER in actor.roles else or_(mine, theirs)
    late_ours = func.count().filter(ours).over()
    order = (Contact.follow_up_on, Contact.id)
    counts = func.count().over().label("number"), late_ours.label("late")
    first = select(Contact.id, *counts).where(OPEN, wanted).order_by(*order).limit(SHOWN).subquery()
    rows = db.session.execute(
        select(Contact, first.c.number, first.c.late)
        .join(first, first.c.id == Contact.id)
        .options(joinedload(Contact.organisation), joinedload(Contact.follow_up_owner))
        .order_by(*order)
    ).all()
    tasks = [_follow_up(row, actor, today) for row, _number, _late in rows]
    page.mine += tasks
    if rows:
        number, late_number = rows[0][1:]
        shown_late = sum(task.late and task.whose == OURS for task in tasks)
        page.leave_out(
            number - len(tasks),
            late_number - shown_late,
            gettext("promises out of contacts"),
            url_for("relations.mine"),
        )


def _follow_up(row: Contact, actor: Actor, today: date) -> Task:
    note = gettext("Agreed with %(org)s on %(day)s.", org=row.organisation.name,
                   day=format_date(row.held_on, gettext("d MMMM")))  # fmt: skip
    if row.follow_up_owner and row.follow_up_owner_id != actor.id:
        note += " " + gettext("%(name)s owns this.", name=row.follow_up_owner.name)
    whose = THEIRS if row.follow_up_side == "partner" else OURS
    href = url_for("relations.contact", contact_id=row.public_id)
    return Task(whose, row.follow_up, note, href, row.follow_up_on, today)


def _papers(actor: Actor) -> Iterator[Task]:
    """Issued papers that name the actor and wait for the signature."""
    for paper in to_sign(actor):
        text = gettext("Read and sign %(number)s for %(org)s", number=paper.number,
                       org=paper.organisation.name)  # fmt: skip
        href = url_for("mou.show_paper", paper_id=paper.public_id)
        yield Task(OURS, text, paper.engagement.title, href)


def _charters(actor: Actor, day: date) -> Iterator[Task]:
    """Own words to be read, what is to rest, and reports on our own part of the charter."""
    manages, nothing = literal(Role.MANAGER in actor.roles), cast(null(), Integer)
    unread = or_(Charter.first_reader.is_(None), Charter.first_reader != actor.id)
    asks = or_(and_(Charter.state == "own_proposed", unread), and_(Charter.hearing, manages))
    owns = or_(Commitment.owner_id == actor.id, and_(Commitment.due_on < day, manages))
    due = and_(Commitment.reported_at.is_(None), Commitment.due_on <= day + AHEAD, owns)
    picked = union_all(
        select(Charter.id.label("charter"), nothing.label("pledge")).where(asks),
        select(nothing, Commitment.id).where(due),
    ).subquery()
    rows = db.session.execute(
        select(Charter, Commitment)
        .select_from(picked)
        .outerjoin(Charter, Charter.id == picked.c.charter)
        .outerjoin(Commitment, Commitment.id == picked.c.pledge)
        .options(joinedload(Charter.organisation))
        .order_by(Commitment.due_on, Charter.id)
        .limit(SHOWN * 5)
    )
    for charter, pledge in rows:
        yield _pledge(pledge, day) if pledge else _charter(charter)


def _pledge(row: Commitment, day: date) -> Task:
    text = gettext("Report on point %(number)s of our part of the charter", number=row.number)
    note = gettext("Everyone can read it.")
    return Task(OURS, text, note, url_for("charter.commitments"), row.due_on, day)


def _charter(row: Charter) -> Task:
    org = row.organisation.name if row.organisation else ""
    if row.hearing:
        text = gettext("See to the pause of the charter with %(org)s", org=org)
        href = url_for("charter.suspension", charter_id=row.public_id)
        return Task(OURS, text, gettext("One side has said why; both are heard."), href=href)
    text = gettext("Read the own words of %(org)s for the charter", org=org)
    href = url_for("charter.offer", charter_id=row.public_id)
    return Task(OURS, text, gettext("They say the same in words of their own."), href=href)


def _alike(actor: Actor, now: datetime) -> Iterator[Task]:
    """Names on lists that are like those of the actor's cases, and that are not settled."""
    counts = (
        select(Resemblance.engagement_id, func.count().label("every"),
               func.count(Resemblance.asked_at).label("asked"),
               func.count(Resemblance.replied_at).label("replied"),
               func.min(Resemblance.asked_at).label("since"))
        .where(Resemblance.settled_at.is_(None))
        .group_by(Resemblance.engagement_id)
        .subquery()
    )  # fmt: skip
    rows = db.session.execute(
        select(Engagement, counts.c.every, counts.c.asked, counts.c.replied, counts.c.since)
        .join(counts, counts.c.engagement_id == Engagement.id)
        .where(Engagement.on_team(actor.id), ~Engagement.stepped_aside(actor.id))
        .options(joinedload(Engagement.organisation))
        .order_by(Engagement.id)
        .limit(SHOWN)
    )
    for found, every, asked, replied, since in rows:
        days = timedelta(days=policy_of(found).head.reply_days)
        over = replied or (since and since + days <= now)
        if asked < every or over:
            org = found.organisation.name
            text = gettext("Settle a name on a list with %(org)s", org=org) if over else gettext(
                "Ask %(org)s about a name on a list", org=org)  # fmt: skip
            note = gettext("A name resembles theirs. That says nothing yet.")
            href = url_for("assessment.look_up", engagement_id=found.public_id)
            yield Task(OURS, text, note, href)


def _delegations(actor: Actor) -> Iterator[Task]:
    rows = db.session.scalars(
        select(Delegation)
        .where(Delegation.confirmed_at.is_(None), Delegation.ended_at.is_(None),
               Delegation.given_by != actor.id, Delegation.account_id != actor.id)
        .options(joinedload(Delegation.account))
        .limit(SHOWN * 5)
    )  # fmt: skip
    for row in rows:
        text = gettext("Confirm that %(name)s may sign for us", name=row.account.name)
        yield Task(OURS, text, gettext("One manager gives it, another confirms it."),
                   url_for("accounts.delegations"))  # fmt: skip


def _for_a_second(actor: Actor, today: date) -> Iterator[Task]:
    """A pause, or a decision from outside, that another manager has written down."""
    for row, name in for_a_second(actor, today):
        text = (gettext("Confirm a pause, or leave it: %(title)s", title=row.title)
                if row.asked == "pause" else
                gettext("Confirm a decision from outside: %(title)s", title=row.title))  # fmt: skip
        note = gettext("%(org)s. %(name)s asks for it.", org=row.organisation.name, name=name)
        yield Task(OURS, text, note, url_for("assessment.engagement", engagement_id=row.public_id))


def _for_a_manager(actor: Actor, today: date) -> Iterator[Task]:
    for row in for_a_manager(actor, todays_policy()):
        text = gettext("Answer what only a manager answers: %(title)s", title=row.title)
        page = url_for("assessment.engagement", engagement_id=row.public_id)
        yield Task(OURS, text, row.organisation.name, page, row.due_on, today)


def _given_roles(now: datetime) -> list[str]:
    """Roles given in the last 30 days; every manager sees them."""
    rows = db.session.scalars(
        select(Account)
        .where(Account.role_given_at > now - NEWS, Account.department_id.is_not(None))
        .order_by(Account.role_given_at.desc())
        .limit(20)
    )
    return [
        gettext("%(name)s: %(roles)s, since %(day)s", name=row.name, roles=", ".join(row.roles),
                day=format_date(row.role_given_at, gettext("d MMMM")))
        for row in rows
    ]  # fmt: skip


def _machine(now: datetime) -> Iterator[Task]:
    """For whoever runs the house: work that broke, mail that does not leave."""
    broken = db.session.scalars(select(Job).where(Job.state == "broken").limit(SHOWN * 5)).all()
    stuck = db.session.scalars(
        select(Mail)
        .where(Mail.sent_at.is_(None), Mail.written_at < now - timedelta(hours=1))
        .limit(SHOWN * 5)
    ).all()
    href = url_for("accounts.system")
    if broken:
        text = ngettext("See to one piece of work that broke",
                        "See to %(num)d pieces of work that broke", len(broken))  # fmt: skip
        yield Task(OURS, text, gettext("It can be taken up again."), href)
    if stuck:
        text = ngettext("See to one letter that has not gone",
                        "See to %(num)d letters that have not gone", len(stuck))  # fmt: skip
        yield Task(OURS, text, gettext("It was written more than an hour ago."), href)
