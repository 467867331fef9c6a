"""What waits for whom today: read in a few statements, told as tasks, late ones of ours first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import format_date, gettext, ngettext
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from partners.access.rules import Actor, may, scopes
from partners.access.table import Permission as P
from partners.access.table import Role
from partners.accounts.models import Account, Delegation
from partners.assessment.actions.rounds import needed, needs_confirmation
from partners.assessment.models import Condition, Engagement, TeamMember
from partners.assessment.queries import open_conditions, policy_of
from partners.assessment.rules.moves import State
from partners.assessment.rules.reach import Result
from partners.charter.models import Charter
from partners.ground.db import db
from partners.jobs.models import Job
from partners.mail.models import Mail
from partners.mou.models import Paper
from partners.mou.queries import is_named
from partners.policy.values import Decider, Second
from partners.relations.models import Contact
from partners.signing.models import Signature
from partners.web.said import Task, counted, in_order

MOST = 200  # rows of each kind; whoever has more of them works by the lists
AHEAD = timedelta(days=90)
NEWS = timedelta(days=30)
OURS, THEIRS = "ours", "theirs"
S = State


@dataclass
class Today:
    """The page of one person: what is theirs to do, what others do, what runs out."""

    mine: list[Task] = field(default_factory=list)
    others: list[Task] = field(default_factory=list)
    runs_out: list[Engagement] = field(default_factory=list)
    news: list[str] = field(default_factory=list)

    @property
    def late(self) -> list[Task]:
        return [t for t in in_order(self.mine) if t.late and t.whose == OURS]

    @property
    def waits(self) -> list[Task]:
        return [t for t in in_order(self.mine) if not t.late or t.whose != OURS]

    @property
    def heading(self) -> str:
        number, late = len(self.mine), len(self.late)
        said = ngettext("%(count)s thing waits for you.", "%(count)s things wait for you.",
                        number, count=counted(number)) if number else gettext(
                        "Nothing waits for you.")  # fmt: skip
        if not late:
            return said
        return f"{said} " + ngettext(
            "%(count)s of them is late on our side.", "%(count)s of them are late on our side.",
            late, count=counted(late),
        )  # fmt: skip


def today_of(actor: Actor, now: datetime) -> Today:
    """Everything that waits for one member of staff, and whom it waits for otherwise."""
    page, day = Today(), now.date()
    if scopes(actor, P.ENGAGEMENT_JOIN):
        for case in _cases(actor, day):
            Case(case, actor, day).sort_into(page)
        page.mine += [*_conditions(actor, day), *_follow_ups(actor, day), *_papers(actor)]
        page.mine += _charters(actor)
    if Role.MANAGER in actor.roles:
        page.mine += _delegations(actor)
        page.news += _given_roles(now)
    if Role.KEEPER in actor.roles:
        page.mine += _machine(now)
    return page


def _cases(actor: Actor, today: date) -> Sequence[Engagement]:
    """Cases on whose team the actor is, and those that wait for somebody new to them."""
    working = Engagement.state.in_([S.DRAFT, S.TALKING, S.PROPOSED, S.REPLYING, S.DECIDED,
                                    S.TOLD, S.DUE, S.PAUSED])  # fmt: skip
    soon = and_(Engagement.state == S.IN_FORCE, Engagement.review_on <= today + AHEAD)
    team = and_(Engagement.on_team(actor.id), or_(working, soon))
    new = Engagement.state.in_([S.PROPOSED, S.REPLYING])
    if Role.MANAGER not in actor.roles:
        new = and_(new, Engagement.department_id == actor.department_id)
    statement = (
        select(Engagement)
        .where(or_(team, new), ~Engagement.stepped_aside(actor.id))
        .options(
            joinedload(Engagement.organisation),
            selectinload(Engagement.team).joinedload(TeamMember.account),
            joinedload(Engagement.rounds),
        )
        .order_by(Engagement.id)
        .limit(MOST)
    )
    return db.session.scalars(statement).unique().all()


class Case:
    """One engagement as it stands for one person today."""

    def __init__(self, case: Engagement, actor: Actor, today: date) -> None:
        self.case, self.actor, self.today = case, actor, today
        self.mine = bool(case.on_team(actor.id))
        self.names = {"org": case.organisation.name, "title": case.title}

    def sort_into(self, page: Today) -> None:
        """Put the case where it belongs on the page, or leave it out."""
        case, state = self.case, S(self.case.state)
        if state is S.IN_FORCE:
            page.runs_out.append(case)
        elif state is S.PROPOSED:
            self._proposed(page)
        elif state is S.REPLYING:
            self._replying(page)
        elif self.mine:
            self._own(page, state)

    def _own(self, page: Today, state: State) -> None:
        told = {
            S.DRAFT: gettext("Tell %(org)s what you would like to do together", **self.names),
            S.TALKING: gettext("Ask %(org)s what is still open", **self.names),
            S.DECIDED: gettext("Tell %(org)s what was decided", **self.names),
            S.TOLD: gettext("See the agreement with %(org)s through", **self.names),
            S.DUE: gettext("Look again, together with %(org)s", **self.names),
        }
        if state not in told:
            return
        due = {S.DUE: self.case.review_on, S.DECIDED: self._answer_due(),
               S.TALKING: self._longest_open()}.get(state)  # fmt: skip
        places = {S.DECIDED: "assessment.result", S.TOLD: "mou.draft"}
        where = places.get(state, "assessment.engagement")
        page.mine.append(self._task(told[state], self.case.title, due, where))

    def _proposed(self, page: Today) -> None:
        this = self.case.round
        found = Result.from_dict(this.computed)
        if found.below_request and this.reply_ended_at is None:
            text = gettext("Send %(org)s the points, so that it can answer", **self.names)
            return self._for(page, this.prepared_by == self.actor.id, self.mine, text)
        wanted = needed(self.case, this.level or found.level or self.case.level,
                        this.band or found.band or self.case.band)  # fmt: skip
        fresh = may(self.actor, P.ENGAGEMENT_READ, self.case)
        if this.read_by is None and self._wants_reader(wanted):
            text = gettext("Be second reader for %(org)s", **self.names)
            return self._for(page, fresh and self._near, self.mine, text)
        if this.decided_by is None:
            text = gettext("Decide on %(title)s", **self.names)
            mine = may(self.actor, P.ENGAGEMENT_DECIDE, self.case) and self._decides(wanted.decide)
            return self._for(page, mine, self.mine, text, self._answer_due())
        if needs_confirmation(wanted):
            text = gettext("Confirm the decision on %(title)s", **self.names)
            return self._for(page, self._may_confirm(wanted), self.mine, text, self._answer_due())
        return None

    def _replying(self, page: Today) -> None:
        due = self.case.round.reply_due
        if due is None or due >= self.today:
            if self.mine:
                text = gettext("may answer the points about %(title)s", **self.names)
                page.others.append(self._task(text, "", due, who=self.case.organisation.name))
            return
        text = gettext("Read what %(org)s answered; the time is over", **self.names)
        reads = may(self.actor, P.ENGAGEMENT_READ, self.case) and self._near
        self._for(page, reads, self.mine, text)

    def _for(
        self, page: Today, mine: bool, beside: bool, text: str, due: date | None = None
    ) -> None:
        if mine:
            page.mine.append(self._task(text, self._who_prepared(), due))
        elif beside:
            who = gettext("A colleague")
            page.others.append(self._task(text, "", due, who=who, whose=OURS))

    def _task(
        self, text: str, note: str, due: date | None, where: str = "assessment.result",
        who: str = "", whose: str = "",
    ) -> Task:  # fmt: skip
        href = url_for(where, engagement_id=self.case.public_id)
        return Task(whose or (THEIRS if who else OURS), text, note, href, due, self.today, who)

    @property
    def _near(self) -> bool:
        """Second reading goes to the same department first."""
        return self.case.department_id == self.actor.department_id

    def _decides(self, decider: Decider) -> bool:
        if decider is Decider.LIAISON and Role.LIAISON in self.actor.roles:
            return True
        return Role.MANAGER in self.actor.roles

    def _may_confirm(self, wanted: Any) -> bool:
        if not may(self.actor, P.ENGAGEMENT_CONFIRM, self.case):
            return False
        decided = self.case.round.decided_by
        member = next((m for m in self.case.team if m.account_id == decided), None)
        other = member is None or member.account.department_id != self.actor.department_id
        return other or Second.OTHER_DEPARTMENT not in wanted.second

    def _wants_reader(self, wanted: Any) -> bool:
        policy, case = policy_of(self.case), self.case
        asked = policy.asked(case.level, case.band, case.triggers)
        return Second.READER in wanted.second or any(i.theme in wanted.reads for i in asked)

    def _who_prepared(self) -> str:
        prepared = self.case.round.prepared_by
        member = next((m for m in self.case.team if m.account_id == prepared), None)
        if member is None:
            return self.case.organisation.name
        return gettext("%(org)s. %(name)s prepared it.", name=member.account.name, **self.names)

    def _answer_due(self) -> date | None:
        """The policy's time for a decision, from the answer or from the proposal."""
        begun = self.case.round.reply_ended_at or self.case.round.prepared_at
        days = policy_of(self.case).head.decision_days
        return begun.date() + timedelta(days=days) if begun else None

    def _longest_open(self) -> date:
        days = policy_of(self.case).head.max_open_days
        return self.case.round.opened_at.date() + timedelta(days=days)


def _conditions(actor: Actor, today: date) -> Iterator[Task]:
    """Ours that are mine, all of ours that are late for managers, theirs that are late."""
    for condition, engagement in open_conditions(actor, limit=MOST):
        late = condition.due_on < today
        city = condition.side != "partner"
        mine = condition.owner_id == actor.id or (Role.MANAGER in actor.roles and late and city)
        if not mine and (city or not late or Role.MANAGER in actor.roles):
            continue
        org = engagement.organisation.name
        text = condition.text if city else gettext("Ask %(org)s: %(what)s", org=org,
                                                   what=condition.text)  # fmt: skip
        yield Task(OURS if city else THEIRS, text, _source(condition, engagement, city),
                   url_for("assessment.result", engagement_id=engagement.public_id),
                   condition.due_on, today)  # fmt: skip


def _source(condition: Condition, engagement: Engagement, city: bool) -> str:
    org, title = engagement.organisation.name, engagement.title
    if city:
        return gettext("Condition on us, for %(org)s: %(title)s.", org=org, title=title)
    return gettext("Condition on %(org)s: %(title)s.", org=org, title=title)


def _follow_ups(actor: Actor, today: date) -> Iterator[Task]:
    mine = Contact.follow_up_owner_id == actor.id
    theirs = and_(Contact.by_id == actor.id, Contact.follow_up_side == "partner",
                  Contact.follow_up_on < today)  # fmt: skip
    late = and_(Contact.follow_up_side == "city", Contact.follow_up_on < today)
    wanted = or_(mine, theirs, late) if Role.MANAGER in actor.roles else or_(mine, theirs)
    rows = db.session.scalars(
        select(Contact)
        .where(Contact.follow_up != "", Contact.done_at.is_(None),
               Contact.withdrawn_at.is_(None), wanted)
        .options(joinedload(Contact.organisation), joinedload(Contact.follow_up_owner))
        .order_by(Contact.follow_up_on, Contact.id)
        .limit(MOST)
    )  # fmt: skip
    for row in rows:
        note = gettext("Agreed with %(org)s on %(day)s.", org=row.organisation.name,
                       day=format_date(row.held_on, "d MMMM"))  # fmt: skip
        if row.follow_up_owner and row.follow_up_owner_id != actor.id:
            note += " " + gettext("%(name)s owns this.", name=row.follow_up_owner.name)
        whose = THEIRS if row.follow_up_side == "partner" else OURS
        href = url_for("relations.contact", contact_id=row.public_id)
        yield Task(whose, row.follow_up, note, href, row.follow_up_on, today)


def _papers(actor: Actor) -> Iterator[Task]:
    """Issued papers that name the actor and wait for the signature."""
    signed = select(Signature.paper_id).where(
        Signature.account_id == actor.id, Signature.paper_id.is_not(None)
    )
    rows = db.session.scalars(
        select(Paper)
        .where(Paper.state == "issued", Paper.id.not_in(signed))
        .options(joinedload(Paper.organisation), joinedload(Paper.engagement))
        .order_by(Paper.id)
        .limit(MOST)
    )
    for paper in rows:
        if is_named(paper, actor):
            text = gettext("Read and sign %(number)s for %(org)s", number=paper.number,
                           org=paper.organisation.name)  # fmt: skip
            href = url_for("mou.show_paper", paper_id=paper.public_id)
            yield Task(OURS, text, paper.engagement.title, href)


def _charters(actor: Actor) -> Iterator[Task]:
    """Words of their own in place of the charter: two people read them, one after the other."""
    rows = db.session.scalars(
        select(Charter)
        .where(Charter.state == "own_proposed",
               or_(Charter.first_reader.is_(None), Charter.first_reader != actor.id))
        .options(joinedload(Charter.organisation))
        .order_by(Charter.id)
        .limit(MOST)
    )  # fmt: skip
    for row in rows:
        org = row.organisation.name if row.organisation else ""
        text = gettext("Read the own words of %(org)s for the charter", org=org)
        href = url_for("charter.offer", charter_id=row.public_id)
        yield Task(OURS, text, gettext("They say the same in words of their own."), href=href)


def _delegations(actor: Actor) -> Iterator[Task]:
    rows = db.session.scalars(
        select(Delegation)
        .where(Delegation.confirmed_at.is_(None), Delegation.ended_at.is_(None),
               Delegation.given_by != actor.id, Delegation.account_id != actor.id)
        .options(joinedload(Delegation.account))
        .limit(MOST)
    )  # fmt: skip
    for row in rows:
        text = gettext("Confirm that %(name)s may sign for us", name=row.account.name)
        yield Task(OURS, text, gettext("One manager gives it, another confirms it."),
                   url_for("accounts.delegations"))  # fmt: skip


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
                day=format_date(row.role_given_at, "d MMMM"))
        for row in rows
    ]  # fmt: skip


def _machine(now: datetime) -> Iterator[Task]:
    """For whoever runs the house: work that broke, mail that does not leave."""
    broken = db.session.scalars(select(Job).where(Job.state == "broken").limit(MOST)).all()
    stuck = db.session.scalars(
        select(Mail)
        .where(Mail.sent_at.is_(None), Mail.written_at < now - timedelta(hours=1))
        .limit(MOST)
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
