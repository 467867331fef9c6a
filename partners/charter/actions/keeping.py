"""What the municipality committed itself to: each point has an owner, and a report every year."""

from collections.abc import Iterable
from datetime import datetime

from partners.access.rules import Actor, may_ever, require
from partners.access.table import Permission as P
from partners.access.table import Role
from partners.accounts.models import Account
from partners.assessment.rules.answers import months_after
from partners.charter.models import Commitment
from partners.charter.queries.shaping import commitments
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import NOT_NOW, Refusal
from partners.ground.words import N_
from partners.history.actions import record


def take_on(version: str, numbers: Iterable[str], months: int, *, by: Actor, at: datetime) -> None:
    """Give each point of the municipality's part an owner and the day of its first report.

    Whoever owned the point before owns it still; else it is whoever signed.
    """
    require(by, P.CHARTER_SIGN_CITY)
    before = {row.number: row for row in commitments() if row.reported_at is None}
    for number in numbers:
        if number in before:
            before[number].version = version
        else:
            _await(version, number, by.id, months, by=by, at=at)


def _await(version: str, number: str, owner: int, months: int, *, by: Actor, at: datetime) -> None:
    row = Commitment(
        version=version, number=number, owner_id=owner, due_on=months_after(day_of(at), months)
    )
    db.session.add(row)
    record("charter.commitment", row, by=by, at=at, number=number)


def hand_over(commitment: Commitment, owner: Account, *, by: Actor, at: datetime) -> None:
    """Give a point to somebody else of the municipality."""
    require(by, P.CHARTER_REPORT)
    if owner.ended_at or not may_ever(owner.actor, P.CHARTER_REPORT):
        raise Refusal(N_("Choose somebody who may report on it."), field="owner")
    commitment.owner_id = owner.id
    record("charter.commitment_handed_over", commitment, by=by, at=at, to=owner.id)


def report(commitment: Commitment, words: str, months: int, *, by: Actor, at: datetime) -> None:
    """Say in public what was done, and what was not; the next report is due after `months`."""
    require(by, P.CHARTER_REPORT)
    if by.id != commitment.owner_id and Role.MANAGER not in by.roles:
        raise Refusal(N_("Whoever owns the point reports on it, or a manager."))
    if commitment.reported_at is not None:
        raise Refusal(NOT_NOW)
    commitment.report, commitment.reported_at, commitment.reported_by = words, at, by.id
    record("charter.reported", commitment, by=by, at=at, number=commitment.number)
    _await(commitment.version, commitment.number, commitment.owner_id, months, by=by, at=at)
