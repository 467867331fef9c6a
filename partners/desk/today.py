"""What waits for whom today: read in a few statements, told as tasks, late ones of ours first.

Of each kind the rows that are due first are read, and how many more there are is counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from typing import Any

from flask import url_for
from flask_babel import format_date, gettext, ngettext
from sqlalchemy import and_, or_

from partners.access.rules import Actor, may, scopes
from partners.access.table import Permission as P
from partners.access.table import Role
from partners.assessment.models import Condition, Engagement
from partners.assessment.queries import (
    ASK_DAYS,
    asks,
    for_managers_only,
    open_conditions,
    policy_of,
)
from partners.assessment.rules.moves import State
from partners.desk.chartered import tasks as of_charters
from partners.desk.house import changed_policy, colleagues, machine, watched_over
from partners.desk.picked import CANDIDATES, ME, SHOWN, TODAY, leads_many, picked, promised
from partners.desk.promised import tasks as of_papers
from partners.desk.waiting import OURS, THEIRS, Case
from partners.editions.queries import proposed
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.words import N_
from partners.lists.queries import answer_until
from partners.policy.today import todays_policy
from partners.relations.models import Contact
from partners.web.said import Task, at_most, counted, in_order

AHEAD = timedelta(days=90)
S = State


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

    @cached_property
    def late(self) -> list[Task]:
        return [t for t in in_order(self.mine) if t.late and t.whose == OURS]

    @cached_property
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
            self.more.append((gettext("And %(count)s more:", count=at_most(number)), text, href))


def today_of(actor: Actor, now: datetime) -> Today:
    """Everything that waits for one member of staff, and whom it waits for otherwise."""
    page, day = Today(), day_of(now)
    if scopes(actor, P.ENGAGEMENT_JOIN):
        _cases(page, actor, now)
        _follow_ups(page, actor, day)
        page.mine += [*_conditions(actor, day), *of_charters(actor, day, day + AHEAD)]
        page.mine += of_papers(actor, day, day + AHEAD)
    if Role.MANAGER in actor.roles:
        colleagues(page, actor, now)
    elif scopes(actor, P.POLICY_VIEW):
        page.mine += changed_policy(actor, proposed())
    if Role.KEEPER in actor.roles:
        page.mine += machine(now)
    if Role.PROTECTOR in actor.roles:
        page.mine += watched_over(actor, day)
    return page


def _cases(page: Today, actor: Actor, now: datetime) -> None:
    """Cases on whose team the actor is, and those that wait for somebody new to them."""
    today, manager = day_of(now), Role.MANAGER in actor.roles
    only = for_managers_only(todays_policy()) if manager else ()
    rows = db.session.execute(picked(manager, only, leads_many(actor.id)), {
        "me": actor.id, "department": actor.department_id, "today": today,
        "ahead": today + AHEAD, "since": today - timedelta(days=ASK_DAYS)}).unique()  # fmt: skip
    left = {"own": [0, 0], "soon": [0, 0], "new": [CANDIDATES, 0]}
    told: set[str] = set()
    for found in rows:
        row, part = found.Engagement, found.part
        if part in ASIDE_FROM:
            page.mine += ASIDE_FROM[part](found, actor, now)
            continue
        if part in only:
            page.mine += _for_a_manager(found.Engagement, part, today)
            continue
        if part != "new" and part not in told:
            left[part] = [found.number, found.late]
        told.add(part)
        left[part][0] -= 1
        left[part][1] -= bool(row.due_on and row.due_on < today)
        Case(row, actor, today, reads=found.reads, silent=found.silent).sort_into(page)
    _say_what_is_left(page, left)


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


@cache
def _open(roles: frozenset[Role]) -> Any:
    """Ours that are mine, all of ours that are late for managers, theirs that are late."""
    theirs, late = Condition.side == "partner", Condition.due_on < TODAY
    beside = ~theirs if Role.MANAGER in roles else theirs
    wished = and_(Condition.wished_on.is_not(None), Condition.wished_side == "partner")
    wanted = or_(Condition.owner_id == ME, and_(late, beside))
    if Role.MANAGER not in roles:
        wanted = or_(wanted, Condition.said_at.is_not(None), wished)
    return open_conditions(Actor(ME, "", roles), wanted, limit=SHOWN * 5)


def _conditions(actor: Actor, today: date) -> Iterator[Task]:
    rows: Any = db.session.execute(_open(actor.roles), {"me": actor.id, "today": today})
    for condition, engagement in rows:
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
    rows: Any = db.session.execute(
        promised(Role.MANAGER in actor.roles), {"me": actor.id, "today": today}
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


def _alike(found: Any, _actor: Actor, now: datetime) -> Iterator[Task]:
    """Names on lists that are like one of the actor's cases, and that are not settled."""
    row = found.Engagement
    until = answer_until(found.asked_first, policy_of(row).head.reply_days)
    over = found.replied or (until and until < day_of(now))
    if found.asked < found.every or over:
        org = row.organisation.name
        text = gettext("Settle a name on a list with %(org)s", org=org) if over else gettext(
            "Ask %(org)s about a name on a list", org=org)  # fmt: skip
        note = gettext("A name resembles theirs. That says nothing yet.")
        yield Task(OURS, text, note, url_for("assessment.look_up", engagement_id=row.public_id))


def _for_a_second(found: Any, actor: Actor, _now: datetime) -> Iterator[Task]:
    """What somebody has asked for or written down, and another manager confirms."""
    row = found.Engagement
    if may(actor, P.ENGAGEMENT_VIEW, row):
        text = gettext(FOR_A_SECOND[row.asked], title=row.title)
        note = gettext("%(org)s. %(name)s asks for it.", org=row.organisation.name,
                       name=found.asker)  # fmt: skip
        page = "held_back" if row.asked == "hold" else "engagement"
        yield Task(OURS, text, note, url_for(f"assessment.{page}", engagement_id=row.public_id))


FOR_A_SECOND = {
    "pause": N_("Confirm a pause, or leave it: %(title)s"),
    "outside": N_("Confirm a decision from outside: %(title)s"),
    "hold": N_("Agree to hold something back, or leave it: %(title)s"),
}
ASIDE_FROM = {"alike": _alike, "second": _for_a_second}


def _for_a_manager(row: Engagement, item: str, today: date) -> Iterator[Task]:
    if asks(row, item):
        text = gettext("Answer what only a manager answers: %(title)s", title=row.title)
        page = url_for("assessment.engagement", engagement_id=row.public_id)
        yield Task(OURS, text, row.organisation.name, page, row.due_on, today)
