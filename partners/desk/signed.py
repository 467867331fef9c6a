"""Whose name stands under a charter, and for how long: text, version, organisation and days stay.

The file that was sealed holds the names and goes with them. Its fingerprint stays, so that whoever
has a copy can compare it for ever.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import aliased, joinedload

from partners.charter.models import Charter
from partners.charter.queries import city_texts
from partners.charter.rules import OPEN, State
from partners.desk.over import before_of
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.policy.values import Policy
from partners.registry.models import Organisation
from partners.signing.models import Signature
from partners.signing.queries import charter_hands, seal_of

Found = Iterator[tuple[str, Organisation | None, date, Any]]


def signers(policy: Policy, until: date) -> Found:
    """Charters that ended so long before that day, with names. The municipality's goes once nobody
    else's stands under the same text, and with it what several have sealed together.
    """
    before = before_of(until, policy.head.keep_months["charter_signer"])
    early, day = datetime.combine(before, time(), UTC), Charter.valid_until
    rows = db.session.scalars(
        select(Charter)
        .where(_named(Charter), Charter.state.not_in(OPEN), ~_waits_for_others(),
               or_(day < before, day.is_(None), Charter.withdrawn_at < early))
        .options(joinedload(Charter.organisation))
    )  # fmt: skip
    for row in rows:
        if ended := _ended(row):
            yield "charter_signer", row.organisation, ended, row


def _named(row: Any) -> ColumnElement[bool]:
    signed = exists().where(Signature.charter_id == row.id).correlate(row)
    return or_(signed, row.own_by.is_not(None))


def _waits_for_others() -> ColumnElement[bool]:
    """Of the municipality's own: somebody's name stands under the same text."""
    other = aliased(Charter)
    same = or_(other.with_id == Charter.with_id,
               Charter.with_id.is_(None) & (other.text_hash == Charter.text_hash))  # fmt: skip
    its = (Charter.organisation_id.is_(None), other.organisation_id.is_not(None), same)
    return exists().where(*its, _named(other)).correlate(Charter)


def _ended(row: Charter) -> date | None:
    """The last day on which it held. What never came into force ended when it was taken back, and
    the municipality's own when it signed the next version.
    """
    if row.valid_until and not row.withdrawn_at:
        return row.valid_until
    if row.state == State.SIGNED:
        since = row.signed_at or row.offered_at
        later = (one.signed_at for one in city_texts() if one.version != row.version)
        over = min((at for at in later if at and at > since), default=None)
    else:
        given = charter_hands([row.id]).get(row.id, [])
        tried = [one.voided_at or one.at for one in given] or [row.offered_at]
        over = row.withdrawn_at or max(tried)
    return over and day_of(over)


def forget_signers(row: Charter, at: datetime) -> None:
    """The signatures go whole, because days and text stand with the charter; the sealed file goes
    with the next sweep.
    """
    for given in db.session.scalars(select(Signature).where(Signature.charter_id == row.id)):
        db.session.delete(given)
    row.own_by = None
    seal = seal_of(charter_id=row.id)
    if seal and seal.fingerprint:
        seal.cleared_on, seal.evidence = day_of(at), {**seal.evidence, "signatures": []}
    elif seal:
        db.session.delete(seal)
