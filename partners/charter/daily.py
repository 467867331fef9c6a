"""What the clock notices about the charter: a signature that is about to run out."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from partners.access.rules import CLOCK
from partners.access.table import Role
from partners.accounts.letters import send
from partners.accounts.models import Account
from partners.accounts.queries import municipality, users_of
from partners.assessment.actions.by_clock import first_time
from partners.assessment.notices import Day
from partners.assessment.rules.notices import reached
from partners.charter import queries
from partners.charter.actions import gathering
from partners.charter.models import Charter
from partners.charter.rules import HOLDS
from partners.charter.text import document, months_of
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.jobs.runner import Jobs, Steps
from partners.policy.today import todays


def announce(jobs: Jobs) -> None:
    """Tell the house's workers of the day's work."""
    jobs.each_day("charter.daily", the_day)


def the_day(at: datetime) -> Steps:
    """Let what several sign come into force when its time to sign is over, and tell those who may
    sign, and who gathered them, that it runs out. Begun again, it changes nothing.
    """
    text = document(*todays())
    days, today = text.notices, day_of(at)
    for head in queries.waiting_too_long(today):
        gathering.come_into_force(head, months_of(text), by=CLOCK, at=at)
    ahead = timedelta(days=-min(days))
    rows = db.session.scalars(
        select(Charter).where(
            Charter.state.in_(HOLDS), Charter.valid_until.between(today, today + ahead),
        )
    ).all()  # fmt: skip
    for number, row in enumerate(rows, 1):
        assert row.valid_until
        gone = reached(days, row.valid_until, today)
        if gone is not None and first_time(row, "end", row.valid_until, gone, at=at):
            _tell(row, at)
        yield number, len(rows)
    return {"looked at": len(rows)}


def _tell(charter: Charter, at: datetime) -> None:
    """A letter to those who can renew it, and where."""
    house = municipality()
    address = str(house.texts.get("url", "")).rstrip("/") if house else ""
    assert charter.valid_until
    until = Day(charter.valid_until)
    whose = "/charter" if charter.organisation_id is None else "/our-charter"
    path = f"{whose}/together/{charter.public_id}" if charter.with_id else whose
    for account in _readers(charter):
        send(account.email, account.language, _l("There is news in Partners"),
             _l("What you signed holds until %(day)s.", day=until),
             _l("It can be renewed, and need not be. Dialogue stays open either way."),
             _l("Sign in to read it: %(address)s", address=f"{address}{path}"),
             at=at)  # fmt: skip


def _readers(charter: Charter) -> list[Account]:
    """Those of the organisation who may sign, or the officer who gathered several."""
    if charter.organisation_id is not None:
        return [a for a in users_of(charter.organisation_id) if Role.SIGNATORY in a.roles]
    officer = db.session.get(Account, charter.offered_by) if charter.offered_by else None
    return [officer] if officer and not officer.ended_at else []
