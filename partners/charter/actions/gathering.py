"""One text under which several sign: the charter and a joint statement, the municipality first.

It comes into force for those who have signed once everyone asked has answered, or when the last day
to sign is over. Until then a change of the text is a new text, and no signature goes over to it.
"""

from datetime import date, datetime, timedelta

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.assessment.rules.answers import months_after
from partners.charter import actions
from partners.charter.models import Charter
from partners.charter.queries import Several, renewed_in, several
from partners.charter.rules import HOLDS, OPEN, SEVERAL, State, require_open
from partners.charter.text import Wording
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.registry.models import Organisation
from partners.signing import work
from partners.signing.actions import Hand, Standing, void
from partners.signing.actions import sign as put_name
from partners.signing.queries import charter_hands, charter_signatures

WRITTEN = (State.OFFERED, State.WAITING)  # in which the text can still become another one


def open_several(wording: Wording, until: date, *, by: Actor, at: datetime) -> Charter:
    """Begin a text that several sign, until that day. Nobody is asked to sign it yet."""
    require(by, P.CHARTER_OFFER)
    if until <= day_of(at):
        raise Refusal(N_("Choose a day that is still to come."), field="until")
    head = actions.row(None, wording, State.OFFERED, by=by, at=at)
    head.sign_by = until
    db.session.add(head)
    db.session.flush()
    head.with_id = head.id
    record("charter.several_opened", head, by=by, at=at, version=wording.version)
    return head


def ask(head: Charter, organisation: Organisation, *, by: Actor, at: datetime) -> Charter:
    """Ask one more party. Whoever is asked after that day has as long again."""
    require(by, P.CHARTER_OFFER, organisation)
    it = _locked(head)
    if any(r.organisation_id == organisation.id for r in (*it.named, *it.asked)):
        raise Refusal(N_("%(name)s is asked already."), name=organisation.name)
    assert head.sign_by
    late = day_of(at) + (head.sign_by - day_of(head.offered_at))
    return _asked(head, organisation, late if it.in_force else head.sign_by, by=by, at=at)


def _asked(
    head: Charter, organisation: Organisation | None, until: date | None, *, by: Actor,
    at: datetime,
) -> Charter:  # fmt: skip
    wording = head.wording
    row = actions.row(organisation, wording, State.OFFERED, by=by, at=at)
    row.with_id, row.sign_by = head.with_id, until
    db.session.add(row)
    record("charter.asked_with_others", row, by=by, at=at, version=row.version)
    return row


def rewrite(head: Charter, wording: Wording, *, by: Actor, at: datetime) -> Charter:
    """Change the text. Once a name stands under it this is a new text, which everyone asked signs
    anew; what was signed counts no more.
    """
    require(by, P.CHARTER_OFFER)
    it = _locked(head)
    actions.require_state(head, *WRITTEN)
    if wording.hash == head.text_hash:
        raise Refusal(N_("The text is the same. Nothing was changed."))
    if head.state == State.OFFERED:
        for row in (head, *it.parties):
            row.text, row.text_hash = wording.text, wording.hash
        record("charter.several_written", head, by=by, at=at)
        return head
    old, going_on = (head, *it.named, *it.asked), (*it.named, *it.asked)
    for given in charter_hands([row.id for row in old]).values():
        void(given, at=at)
    for row in old:
        row.state = str(State.RENEWED)
    head = actions.row(None, wording, State.OFFERED, by=by, at=at)
    head.with_id, head.sign_by = it.head.with_id, it.head.sign_by
    db.session.add(head)
    db.session.flush()
    for row in sorted(going_on, key=lambda row: row.id):
        _asked(head, row.organisation, head.sign_by, by=by, at=at)
    record("charter.several_rewritten", head, by=by, at=at, version=head.version)
    return head


def sign_first(head: Charter, hand: Hand, role: str, authority: str, *, by: Actor,
               at: datetime) -> None:  # fmt: skip
    """The municipality signs first, once those are asked who are to sign with it."""
    require(by, P.CHARTER_SIGN_CITY)
    it = _locked(head)
    actions.require_state(head, State.OFFERED)
    if len(it.parties) < SEVERAL:
        raise Refusal(N_("Ask at least two organisations first, so that everyone sees with whom"
                         " they sign."))  # fmt: skip
    put_name(head, hand, Standing(by.name, role, authority), head.text_hash, by=by, at=at,
             charter_id=head.id)  # fmt: skip
    head.state = str(State.WAITING)
    record("charter.signed_by_city", head, by=by, at=at, version=head.version)


def sign_with_others(
    charter: Charter, hand: Hand, role: str, authority: str, *, months: int, by: Actor,
    at: datetime,
) -> None:  # fmt: skip
    """Sign for one's own organisation. Whoever comes later signs what is in force already, and
    where statutes want two, both sign.
    """
    require(by, P.CHARTER_SIGN, charter)
    it = _locked(charter)
    actions.require_state(charter, *OPEN)
    require_open(it.head.state != State.OFFERED, charter.sign_by, day_of(at))
    actions.put(charter, hand, role, authority, by=by, at=at)
    if not actions.is_whole(charter, at):
        return
    if it.in_force:
        charter.state = str(State.SIGNED)
        actions.holds(charter, it.head.valid_until, by=by, at=at)
        work.ask(at, charter_id=charter.id)
        return
    charter.state = str(State.WAITING)
    come_into_force_if_whole(it, months, by=by, at=at)


def decline(charter: Charter, reason: str, *, months: int, by: Actor, at: datetime) -> None:
    """Say no, with a reason or without one. The others are not told, and nothing follows."""
    require(by, P.CHARTER_SIGN, charter)
    it = _locked(charter)
    actions.require_state(charter, *OPEN)
    actions.take_back(charter, by=by, at=at)
    charter.state, charter.said = str(State.DECLINED), {"why": {"remark": reason}}
    record("charter.declined", charter, by=by, at=at)
    if it.head.state == State.WAITING:
        come_into_force_if_whole(it, months, by=by, at=at)


def renew(head: Charter, wording: Wording, *, by: Actor, at: datetime) -> Charter:
    """A new round for everyone for whom the text holds, with as long to sign as the first time.

    What they signed holds on until they sign anew.
    """
    require(by, P.CHARTER_OFFER)
    it = _locked(head)
    actions.require_state(head, State.SIGNED)
    if renewed_in(head):
        raise Refusal(N_("It is being renewed already."))
    assert head.sign_by
    days = max(head.sign_by - day_of(head.offered_at), timedelta(days=1))
    made = open_several(wording, day_of(at) + days, by=by, at=at)
    for row in it.named:
        if row.organisation and row.state in HOLDS:
            ask(made, row.organisation, by=by, at=at)
    return made


def wait_longer(head: Charter, until: date, *, by: Actor, at: datetime) -> None:
    """Give everyone who is still to sign more time; the text stays as it is."""
    require(by, P.CHARTER_OFFER)
    it = _locked(head)
    if until <= day_of(at):
        raise Refusal(N_("Choose a day that is still to come."), field="until")
    # Nobody was told of a day yet before the municipality has signed.
    told = [row.sign_by for row in it.asked if row.sign_by and head.state != State.OFFERED]
    if until < (last := max(told, default=until)):
        raise Refusal(N_("They were told that there is time until %(day)s. Choose a later day."),
                      field="until", day=last)  # fmt: skip
    for row in (head, *it.asked):
        row.sign_by = until
    record("charter.more_time", head, by=by, at=at, until=until.isoformat())


def come_into_force_if_whole(it: Several, months: int, *, by: Actor, at: datetime) -> None:
    """In force once everyone asked has answered."""
    if not it.asked:
        come_into_force(it.head, months, by=by, at=at)


def come_into_force(head: Charter, months: int, *, by: Actor, at: datetime) -> bool:
    """Let it hold for those who have signed; whether anybody has. One file is sealed for all."""
    it = several(head.with_id or head.id)
    given = charter_signatures([row.id for row in it.named])
    if head.state != State.WAITING or not given:
        return False
    until = months_after(day_of(at), months)
    head.state, head.signed_at, head.valid_until = str(State.SIGNED), at, until
    for row in it.named:
        row.state = str(State.SIGNED)
        signer = db.session.get_one(Account, given[row.id].account_id).actor
        actions.holds(row, until, by=signer, at=at)
    record("charter.several_in_force", head, by=by, at=at, version=head.version)
    work.ask(at, charter_id=head.id)
    return True


def begin_now(head: Charter, months: int, *, by: Actor, at: datetime) -> None:
    """Let it come into force today for those who have signed; the others may still sign."""
    require(by, P.CHARTER_OFFER)
    _locked(head)
    if not come_into_force(head, months, by=by, at=at):
        raise Refusal(N_("Nobody has signed it beside the municipality yet."))


def _locked(charter: Charter) -> Several:
    """Let one deed on what belongs together go on at a time."""
    db.session.flush()
    it = several(charter.with_id or charter.id, lock=True)
    actions.require_state(it.head, State.OFFERED, State.WAITING, State.SIGNED)
    return it
