"""What both sides do with the charter. It is never required in order to talk."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.assessment.actions.settling import begun, settle, unsettle
from partners.assessment.rules.answers import months_after
from partners.charter import queries
from partners.charter.models import Charter
from partners.charter.rules import HOLDS, NAMED, OPEN, State
from partners.charter.text import Wording
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import NOT_NOW, Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.registry.models import Organisation
from partners.signing import work
from partners.signing.actions import Hand, Standing, void
from partners.signing.actions import sign as put_name
from partners.signing.queries import charter_hands, seat, signs_with_another

ANSWERS = "signature_or_document"  # the type of the item that a signature or own words answer


def sign_for_city(
    wordings: Iterable[Wording], hand: Hand, role: str, authority: str = "", *, by: Actor,
    at: datetime,
) -> list[Charter]:  # fmt: skip
    """The municipality signs first: this version, each language of it, word for word."""
    require(by, P.CHARTER_SIGN_CITY)
    new = [w for w in wordings if queries.signed_by_city(w) is None]
    if not new:
        raise Refusal(N_("The municipality has signed this text already."))
    made = []
    for wording in new:
        charter = row(None, wording, State.SIGNED, by=by, at=at)
        charter.signed_at = at
        db.session.add(charter)
        db.session.flush()
        standing = Standing(by.name, role, authority)
        own = replace(hand, shown=wording.hash)
        put_name(charter, own, standing, wording.hash, by=by, at=at, charter_id=charter.id)
        record("charter.signed_by_city", charter, by=by, at=at, version=wording.version)
        made.append(charter)
    return made


def row(
    organisation: Organisation | None, wording: Wording, state: State, *, by: Actor, at: datetime
) -> Charter:
    """A new row of an offer, or of the municipality's own signing."""
    return Charter(
        organisation=organisation, version=wording.version, language=wording.language,
        text=wording.text, text_hash=wording.hash, state=str(state), offered_at=at,
        offered_by=by.id,
    )  # fmt: skip


def offer(organisation: Organisation, wording: Wording, *, by: Actor, at: datetime) -> Charter:
    """Offer the charter: the same text to everyone, once the municipality has signed it."""
    require(by, P.CHARTER_OFFER, organisation)
    if queries.signed_by_city(wording) is None:
        raise Refusal(N_("The municipality signs this text first. Ask a manager to sign it on this"
                         " page, then offer it."))  # fmt: skip
    if queries.open_offer(organisation.id) is not None:
        raise Refusal(N_("%(name)s has an offer already."), name=organisation.name)
    charter = row(organisation, wording, State.OFFERED, by=by, at=at)
    db.session.add(charter)
    record("charter.offered", charter, by=by, at=at, version=wording.version)
    return charter


def renew(held: Charter, wording: Wording, *, by: Actor, at: datetime) -> Charter:
    """Take up the text anew oneself. What holds goes on holding until the new text is signed."""
    require(by, P.CHARTER_SIGN, held)
    require_state(held, *HOLDS)
    assert held.organisation_id is not None
    if queries.open_offer(held.organisation_id) is not None:
        raise Refusal(N_("An offer waits for you already."))
    if queries.signed_by_city(wording) is None:
        raise Refusal(N_("The municipality has not signed the newest text yet. Try again once it"
                         " has."))  # fmt: skip
    charter = row(held.organisation, wording, State.OFFERED, by=by, at=at)
    charter.offered_by = held.offered_by
    db.session.add(charter)
    record("charter.renewal_opened", charter, by=by, at=at, version=wording.version)
    return charter


def require_state(charter: Charter, *states: State) -> None:
    """Refuse what is not possible where the charter stands."""
    if charter.state not in states:
        raise Refusal(NOT_NOW)


def discuss(
    charter: Charter, said: Mapping[str, Any] | None = None, *, by: Actor, at: datetime
) -> None:
    """Let us talk about it, and about which points: `said`, by the point's number. Nothing follows
    from it, and signing stays possible.
    """
    require(by, P.CHARTER_SIGN, charter)
    require_state(charter, *OPEN)
    charter.said = dict(said or {})
    charter.state = str(State.DISCUSSING)
    record("charter.discussed", charter, by=by, at=at)


def sign(
    charter: Charter, hand: Hand, role: str, authority: str, *, months: int, by: Actor, at: datetime
) -> None:
    """Sign for one's organisation, for as many months as the policy says; where its statutes want
    two, it holds once both have.
    """
    put(charter, hand, role, authority, by=by, at=at)
    if not is_whole(charter, at):
        return
    charter.state = str(State.SIGNED)
    holds(charter, months_after(day_of(at), months), by=by, at=at)
    work.ask(at, charter_id=charter.id)


def put(
    charter: Charter, hand: Hand, role: str, authority: str, *, by: Actor, at: datetime
) -> None:
    """Put one's name under what waits for one's organisation."""
    require(by, P.CHARTER_SIGN, charter)
    locked(charter)
    require_state(charter, *OPEN)
    if any(one.account_id == by.id for one in queries.signed_so_far(charter)):
        raise Refusal(N_("You have signed already. It waits for somebody else of yours."))
    standing = Standing(by.name, role, authority)
    put_name(charter, hand, standing, charter.text_hash, by=by, at=at,
             charter_id=charter.id, organisation_id=charter.organisation_id)  # fmt: skip


def is_whole(charter: Charter, at: datetime) -> bool:
    """Whether whoever signed last may do so alone, or another office has signed as well."""
    given = queries.signed_so_far(charter)
    people = [db.session.get_one(Account, one.account_id) for one in given]
    offices = {seat(account, at) or account for account in people}
    return len(offices) > 1 or not signs_with_another(people[-1], at)


def take_back(charter: Charter, *, by: Actor, at: datetime) -> None:
    """Let what one of two has signed count no more; the offer stays as it is."""
    if given := queries.signed_so_far(charter):
        void(given, at=at)
        record("charter.withdrawn", charter, by=by, at=at)


def locked(charter: Charter) -> None:
    """Let one deed on this charter go on at a time; SQLite's writers queue already."""
    db.session.flush()
    db.session.refresh(charter, ["state", "first_reader"], with_for_update=True)


def holds(charter: Charter, until: date | None, *, by: Actor, at: datetime) -> None:
    """Let it hold from now on, in the place of what it renews. What several signed does not take
    the place of one's own.
    """
    assert charter.organisation_id is not None
    charter.signed_at, charter.valid_until = at, until
    for earlier in queries.before(charter):
        if earlier.id != charter.id and earlier.state in HOLDS:
            earlier.state = str(State.RENEWED)
            earlier.publish_organisation = False
    record("charter.holds", charter, by=by, at=at, state=charter.state, version=charter.version)
    settle(charter.organisation_id, ANSWERS, source_of(charter), day_of(at), by=by, at=at)


def source_of(charter: Charter) -> str:
    """How an answer names the signature on which it rests."""
    return f"charter {charter.version}"


def propose_own(charter: Charter, words: str, *, by: Actor, at: datetime) -> None:
    """Show own words with the same meaning instead; they count the same once accepted."""
    require(by, P.CHARTER_SIGN, charter)
    require_state(charter, *OPEN)
    take_back(charter, by=by, at=at)
    charter.own_words, charter.own_by = words, by.id
    charter.first_reader = charter.second_reader = None
    charter.first_reason = charter.second_reason = ""
    charter.first_points = charter.second_points = []
    charter.state = str(State.OWN_PROPOSED)
    record("charter.own_proposed", charter, by=by, at=at)


def accept_own(
    charter: Charter, reason: str, *, months: int, by: Actor, at: datetime,
    found: Sequence[str] = (),
) -> None:  # fmt: skip
    """Accept own words as equal. Two different people read them; the organisation sees why.

    `found`: the headings of the points that this reader found in them.
    """
    require(by, P.CHARTER_READ, charter)
    locked(charter)
    require_state(charter, State.OWN_PROPOSED)
    if not reason:
        raise Refusal(N_("Write why; the organisation reads it."), field="reason")
    if charter.first_reader == by.id:
        raise Refusal(N_("You have read it already. Somebody else reads it as well."))
    if charter.first_reader is None:
        charter.first_reader, charter.first_reason = by.id, reason
        charter.first_points = list(found)
        record("charter.own_read", charter, by=by, at=at)
        return
    charter.second_reader, charter.second_reason = by.id, reason
    charter.second_points = list(found)
    charter.state = str(State.OWN_ACCEPTED)
    holds(charter, months_after(day_of(at), months), by=by, at=at)


def ask_about_own(
    charter: Charter, reason: str, *, by: Actor, at: datetime, found: Sequence[str] = ()
) -> None:
    """Not yet equal: say what is missing and talk about it."""
    require(by, P.CHARTER_READ, charter)
    require_state(charter, State.OWN_PROPOSED)
    if not reason:
        raise Refusal(N_("Write why; the organisation reads it."), field="reason")
    charter.first_reader = charter.second_reader = None
    charter.first_reason, charter.state = reason, str(State.DISCUSSING)
    charter.first_points, charter.second_points = list(found), []
    record("charter.own_asked", charter, by=by, at=at)


def consent(
    charter: Charter, organisation: bool, names: Collection[int], *, by: Actor, at: datetime
) -> None:
    """Say whether names are public, each taken back at any time. `names`: the signatures whose
    signer is shown. Each signer says yes for the own name alone; any signatory may take it away.
    """
    require(by, P.CHARTER_SIGN, charter)
    require_state(charter, *HOLDS, State.WAITING)
    given = charter_hands([charter.id]).get(charter.id, [])
    if any(one.id in names and not one.shown and one.account_id != by.id for one in given):
        raise Refusal(N_("Only who signed can let us show that name."), field="names")
    for one in given:
        one.shown = one.id in names
    charter.publish_organisation, charter.consented_at = organisation, at
    record("charter.consent", charter, by=by, at=at, organisation=organisation,
           signers=len(names))  # fmt: skip


def withdraw(charter: Charter, *, by: Actor, at: datetime) -> None:
    """Take the signature back: the same day, by any signatory, without a reason.

    What others have signed beside it holds on.
    """
    require(by, P.CHARTER_SIGN, charter)
    locked(charter)
    if queries.signed_so_far(charter):
        return take_back(charter, by=by, at=at)
    require_state(charter, *NAMED)
    assert charter.organisation_id is not None
    held = charter.state != State.WAITING
    if not held:
        void(charter_hands([charter.id])[charter.id], at=at)
    charter.state, charter.withdrawn_at = str(State.WITHDRAWN), at
    charter.hearing = False
    charter.publish_organisation = False
    record("charter.withdrawn", charter, by=by, at=at)
    if held and queries.in_force(charter.organisation_id, day_of(at)) is None:
        unsettle(charter.organisation_id, ANSWERS, source_of(charter), by=by, at=at)


def _when_work_begins(engagement: object, by: Actor, at: datetime) -> None:
    """A charter that holds answers its item in later work, too."""
    organisation_id: int = engagement.organisation_id  # type: ignore[attr-defined]
    held = queries.in_force(organisation_id, day_of(at))
    if held is not None and held.signed_at is not None:
        settle(organisation_id, ANSWERS, source_of(held), day_of(held.signed_at), by=by, at=at)


begun.append(_when_work_begins)
