"""What waits in the house itself: other people's roles, holds, and the work of the machine."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from flask import current_app, url_for
from flask_babel import format_date, gettext, ngettext
from sqlalchemy import and_, or_, select

from partners.access.rules import Actor, may
from partners.access.table import Permission as P
from partners.accounts.models import Account, Delegation
from partners.accounts.queries import municipality
from partners.assessment.models import FourEyes
from partners.assessment.queries import unagreed
from partners.desk.keeping import looked_through
from partners.desk.picked import SHOWN
from partners.desk.waiting import OURS
from partners.editions.queries import BRIEFLY, PROPOSED, why_not
from partners.ground.db import db
from partners.jobs.models import Job
from partners.lists.known import known_lists
from partners.lists.queries import current_versions
from partners.mail.models import Mail
from partners.policy.models import Draft
from partners.policy.today import todays_policy
from partners.signing.keys import keys_in
from partners.web.said import Task

if TYPE_CHECKING:
    from partners.desk.today import Today

NEWS = timedelta(days=30)
REACHED_BY = ("email", "telephone", "address")


def between_two(row: FourEyes, actor: Actor, today: date) -> Iterator[Task]:
    """A hold, or a point to be opened, that somebody else has asked for and nobody agreed to."""
    org = row.organisation.name
    if row.kind == "hold":
        text = gettext("Agree to keep something of %(org)s for longer, or leave it", org=org)
        href = url_for("desk.keep", organisation_id=row.organisation.public_id)
        yield Task(OURS, text, "", href, row.until, today)
    elif may(actor, P.POINT_OPEN_AGREE, row.engagement):
        text = gettext("Agree that one point about %(org)s is opened, or leave it", org=org)
        yield Task(OURS, text, "", url_for("desk.points_asked"), row.until, today)


def watched_over(actor: Actor, today: date) -> Iterator[Task]:
    """Holds that wait for a second person; and once a month, what is due to go."""
    for row in db.session.scalars(select(FourEyes).where(*unagreed(actor.id, today))):
        yield from between_two(row, actor, today)
    if not looked_through(today, NEWS):
        text = gettext("Look through what goes soon")
        yield Task(OURS, text, gettext("Once a month."), url_for("desk.keeping"))


def changed_policy(actor: Actor, rows: Iterable[Draft]) -> Iterator[Task]:
    """A changed policy that a manager proposed: the protector reads it, then another publishes."""
    for row in rows:
        href = url_for("editions.one", draft_id=row.public_id)
        if row.read_by is None and row.proposed_by != actor.id and may(actor, P.POLICY_READ, row):
            yield Task(OURS, gettext("Read the changed policy"), row.reason, href)
        elif may(actor, P.POLICY_CHANGE, row) and not why_not(row, todays_policy(), actor):
            text = gettext("Publish the changed policy, or talk it over")
            yield Task(OURS, text, row.reason, href)


def colleagues(page: "Today", actor: Actor, now: datetime) -> None:
    """Delegations that another manager confirms, policies that managers propose; and roles given
    in the last 30 days.
    """
    waits = and_(Delegation.account_id == Account.id, Delegation.confirmed_at.is_(None),
                 Delegation.ended_at.is_(None), Delegation.given_by != actor.id,
                 Delegation.account_id != actor.id)  # fmt: skip
    lately = and_(Account.role_given_at > now - NEWS, Account.department_id.is_not(None))
    rows = db.session.execute(
        select(Account, Delegation.id, lately, Draft)
        .outerjoin(Delegation, waits)
        .outerjoin(Draft, and_(Draft.proposed_by == Account.id, *PROPOSED))
        .where(or_(Delegation.id.is_not(None), lately, Draft.id.is_not(None)))
        .options(*BRIEFLY)
        # What waits stands before the news, because of many new people not all are read.
        .order_by(
            and_(Delegation.id.is_(None), Draft.id.is_(None)),
            Account.role_given_at.desc(),
            Delegation.id,
        )
        .limit(SHOWN * 5)
    ).all()
    href = url_for("accounts.delegations")
    note = gettext("One manager gives it, another confirms it.")
    page.mine += [
        Task(OURS, gettext("Confirm that %(name)s may sign for us", name=row.name), note, href)
        for row, waiting in dict.fromkeys((row, waiting) for row, waiting, _new, _draft in rows)
        if waiting
    ]
    drafts = dict.fromkeys(draft for *_row, draft in rows if draft)
    page.mine += changed_policy(actor, drafts)
    house = municipality()
    if house and not house.invented and not any(house.texts.get(way) for way in REACHED_BY):
        said = gettext("The front page invites people, and does not say how yet.")
        page.mine.append(Task(OURS, gettext("Say how people reach us"), said,
                              url_for("accounts.reached")))  # fmt: skip
    page.news += [
        gettext("%(name)s: %(roles)s, since %(day)s", name=row.name, roles=", ".join(row.roles),
                day=format_date(row.role_given_at, gettext("d MMMM")))
        for row in dict.fromkeys(row for row, _waiting, new, _draft in rows if new)
    ]  # fmt: skip


def machine(now: datetime) -> Iterator[Task]:
    """For whoever runs the house: what is still to be set up, work that broke, mail that stays."""
    if missing := known_lists().missing(current_versions()):
        text = ngettext("Load one list that the law names", "Load %(num)d lists that the law names",
                        len(missing))  # fmt: skip
        note = gettext("Nobody can be looked up before: %(lists)s.",
                       lists=", ".join(one.name for one in missing))  # fmt: skip
        yield Task(OURS, text, note, url_for("lists.overview"))
    if not keys_in(current_app.config["SETTINGS"].instance).exist:
        note = gettext("Papers that all have signed wait for it. On the server, once:"
                       " partners seal init")  # fmt: skip
        yield Task(OURS, gettext("Make the seal"), note)
    broken = db.session.scalars(select(Job).where(Job.state == "broken").limit(SHOWN * 5)).all()
    by_mail = bool(current_app.config["SETTINGS"].smtp)
    since = now - timedelta(hours=1) if by_mail else now
    stuck = db.session.scalars(
        select(Mail).where(Mail.sent_at.is_(None), Mail.written_at <= since).limit(SHOWN * 5)
    ).all()
    href = url_for("accounts.system")
    if broken:
        text = ngettext("See to one piece of work that broke",
                        "See to %(num)d pieces of work that broke", len(broken))  # fmt: skip
        yield Task(OURS, text, gettext("It can be taken up again."), href)
    if stuck:
        text = ngettext("See to one letter that has not gone",
                        "See to %(num)d letters that have not gone", len(stuck))  # fmt: skip
        note = gettext("It was written more than an hour ago.") if by_mail else gettext(
            "No mail server is set: pass them on by hand.")  # fmt: skip
        yield Task(OURS, text, note, href)
