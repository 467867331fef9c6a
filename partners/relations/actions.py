"""The contact log: what took place, what was promised, and what of it is done."""

from datetime import datetime

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.registry.models import Organisation
from partners.relations.models import Contact
from partners.relations.rules import PARTNER, Told, check_told


def log(organisation: Organisation, told: Told, *, by: Actor, at: datetime) -> Contact:
    """Write one contact down. The organisation reads it in its file from then on."""
    require(by, P.CONTACT_LOG, organisation)
    check_told(told, day_of(at))
    made = Contact(
        organisation_id=organisation.id, kind=told.kind, held_on=told.held_on,
        topics=list(told.topics), line=told.line, by_id=by.id, at=at,
    )  # fmt: skip
    if told.promise:
        made.follow_up, made.follow_up_on = told.promise.what, told.promise.due_on
        made.follow_up_side = told.promise.side
        ours = told.promise.side != PARTNER
        made.follow_up_owner_id = told.promise.owner_id if ours else None
    db.session.add(made)
    record("contact.logged", made, by=by, at=at, kind=told.kind)
    return made


def done(contact: Contact, *, by: Actor, at: datetime) -> None:
    """What was promised in this contact is done."""
    require(by, P.CONTACT_LOG, contact)
    _refuse_withdrawn(contact)
    if not contact.follow_up:
        raise Refusal(N_("Nothing was promised in this contact."))
    if contact.done_at:
        raise Refusal(N_("This was already noted as done."))
    contact.done_at = at
    record("contact.followed_up", contact, by=by, at=at)


def withdraw(contact: Contact, reason: str, *, by: Actor, at: datetime) -> None:
    """Take a wrong entry back. It stays readable, struck out, with the reason beside it."""
    require(by, P.CONTACT_LOG, contact)
    _refuse_withdrawn(contact)
    contact.withdrawn_at, contact.withdrawn_because = at, reason
    record("contact.withdrawn", contact, by=by, at=at, reason=reason)


def _refuse_withdrawn(contact: Contact) -> None:
    if contact.withdrawn_at:
        raise Refusal(N_("This entry was already taken back."))
