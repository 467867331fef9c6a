"""Registering organisations and putting right what is written about them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm.attributes import flag_modified

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.jobs.runner import put
from partners.matching.names import fold
from partners.registry import queries
from partners.registry.models import Name, NameKey, Office, Organisation
from partners.registry.rules import (
    IDENTIFIER,
    MAIN,
    OTHER,
    Card,
    Seat,
    check_seat,
    check_standing,
    identifier_key,
    keys_of,
)

RENAMED = "organisation.renamed"  # the work of whoever compares names; a room above announces it
_TURN = 7_302_001  # any number: the name of the one queue in which registrations stand


def take_turn() -> None:
    """Let one registration go on at a time, until its transaction ends.

    SQLite's writers already queue; PostgreSQL's do not, and two people could register the same.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(_TURN)))


def next_reference(*, at: datetime) -> str:
    """The next reference, "O-26-00042". Call `take_turn` first."""
    last = db.session.scalar(
        select(Organisation.reference).order_by(Organisation.id.desc()).limit(1)
    )
    number = int(last.rsplit("-", 1)[1]) + 1 if last else 1
    return f"O-{day_of(at):%y}-{number:05}"


def register(
    card: Card, *, by: Actor, at: datetime, seen: Collection[str] | None = None
) -> Organisation:
    """Enter an organisation. The caller has shown the near names and let a person decide.

    `seen`: the public ids of the near names that the person saw. Refused when another one has come
    since; None when nobody could look, as for sample data.
    """
    require(by, P.ORGANISATION_REGISTER)
    check_standing(card.legal_form, card.not_registered_because)
    take_turn()
    if seen is not None:
        _refuse_unseen(card, seen)
    made = _entry(card, by, at)
    db.session.add(made)
    db.session.flush()
    write_keys(made)
    record("organisation.registered", made, by=by, at=at, reference=made.reference)
    return made


def _refuse_unseen(card: Card, seen: Collection[str]) -> None:
    near = queries.near_to(card.name, [(card.scheme, card.number)])
    if any(one.organisation.public_id not in seen for one in near):
        raise Refusal(N_("A near name was registered while you were looking. Compare once more."))


def _entry(card: Card, by: Actor, at: datetime) -> Organisation:
    made = Organisation(
        reference=next_reference(at=at),
        sort_name=fold(card.name),
        purpose_by=by.side if card.purpose else "",
        purpose_on=day_of(at) if card.purpose else None,
        districts=[card.district] if card.district else [],
        languages=list(card.languages),
        tags=list(card.tags),
        registered_at=at,
        registered_by=by.id,
        **{key: getattr(card, key) for key in _AS_TOLD},
    )
    made.names = [
        _name(MAIN, card.name), *(_name(OTHER, text) for text in card.other_names),
        *([_name(IDENTIFIER, card.number, card.scheme)] if card.number else []),
    ]  # fmt: skip
    made.offices = [Office(role=card.role)] if card.role else []
    return made


_AS_TOLD = (
    "name", "kind", "legal_form", "not_registered_because", "purpose", "district", "website",
    "email", "telephone",
)  # fmt: skip


def _name(kind: str, text: str, scheme: str = "") -> Name:
    folded = identifier_key(scheme, text) if kind == IDENTIFIER else fold(text)
    return Name(kind=kind, scheme=scheme, text=text, folded=folded)


def write_keys(organisation: Organisation) -> None:
    """Write anew by which keys it is found; whoever left the register is found by none."""
    db.session.execute(delete(NameKey).where(NameKey.organisation_id == organisation.id))
    keys = keys_of((name.kind, name.scheme, name.text) for name in organisation.names)
    if keys and organisation.left_at is None:
        rows = [{"key": key, "organisation_id": organisation.id} for key in sorted(keys)]
        db.session.execute(insert(NameKey), rows)


def _changed(organisation: Organisation) -> None:
    # Names and roles lie in rows of their own: the next editor must see that something changed.
    flag_modified(organisation, "name")
    db.session.flush()


def rename(
    organisation: Organisation, name: str, other_names: Sequence[str], *, by: Actor, at: datetime
) -> None:
    """What the organisation is called: its main name, and the others that people use."""
    require(by, P.ORGANISATION_EDIT, organisation)
    before = [n.text for n in organisation.names if n.kind != IDENTIFIER]
    new, swapped = {name, *other_names} != set(before), organisation.name != name
    organisation.name, organisation.sort_name = name, fold(name)
    others = [_name(OTHER, text) for text in other_names if text != name]
    _replace_names(organisation, (MAIN, OTHER), [_name(MAIN, name), *others])
    if new or swapped:
        record("organisation.renamed", organisation, by=by, at=at, before=before)
    if new:
        put(RENAMED, by=by.id, organisation=organisation.id, before=before)


def identify(
    organisation: Organisation, numbers: Iterable[tuple[str, str]], *, by: Actor, at: datetime
) -> None:
    """The numbers by which registers know it: pairs of scheme and checked number."""
    require(by, P.ORGANISATION_EDIT, organisation)
    before = organisation.identifiers
    rows = [_name(IDENTIFIER, number, scheme) for scheme, number in dict.fromkeys(numbers)]
    _replace_names(organisation, (IDENTIFIER,), rows)
    if organisation.identifiers != before:
        record("organisation.identified", organisation, by=by, at=at, before=before)


def _replace_names(
    organisation: Organisation, kinds: Sequence[str], wanted: Sequence[Name]
) -> None:
    """Rows that stay keep their place; the constraint lets no name stand twice."""
    standing = {(n.kind, n.scheme, n.text): n for n in organisation.names if n.kind in kinds}
    kept = {(n.kind, n.scheme, n.text) for n in wanted}
    for key, row in standing.items():
        if key not in kept:
            organisation.names.remove(row)
            db.session.delete(row)
    db.session.flush()
    organisation.names.extend(n for n in wanted if (n.kind, n.scheme, n.text) not in standing)
    _changed(organisation)
    write_keys(organisation)


def describe(organisation: Organisation, words: str, *, by: Actor, at: datetime) -> None:
    """What the organisation says it is for, in its own words; the page says who wrote them down."""
    require(by, P.ORGANISATION_EDIT, organisation)
    before = organisation.purpose
    organisation.purpose, organisation.purpose_by = words, by.side
    organisation.purpose_on = day_of(at)
    record("organisation.described", organisation, by=by, at=at, before=before)


def constitute(
    organisation: Organisation,
    kind: str,
    legal_form: str,
    not_registered_because: str,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Its kind, and its legal form or why it has none."""
    require(by, P.ORGANISATION_EDIT, organisation)
    check_standing(legal_form, not_registered_because)
    before = [organisation.kind, organisation.legal_form, organisation.not_registered_because]
    organisation.kind, organisation.legal_form = kind, legal_form
    organisation.not_registered_because = not_registered_because
    record("organisation.constituted", organisation, by=by, at=at, before=before)


def place(
    organisation: Organisation,
    district: str,
    *,
    districts: Sequence[str] = (),
    languages: Sequence[str] = (),
    tags: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> None:
    """Where it works (not where its people live), in which languages, and how it tags itself."""
    require(by, P.ORGANISATION_EDIT, organisation)
    organisation.district = district
    organisation.districts = [one for one in dict.fromkeys([district, *districts]) if one]
    organisation.languages, organisation.tags = list(languages), list(tags)
    record("organisation.placed", organisation, by=by, at=at)


def reach(
    organisation: Organisation, website: str, email: str, telephone: str, *, by: Actor, at: datetime
) -> None:
    """How the organisation itself is reached: never a person's own address."""
    require(by, P.ORGANISATION_EDIT, organisation)
    organisation.website, organisation.email = website, email
    organisation.telephone = telephone
    record("organisation.reached", organisation, by=by, at=at)


def publish_at(
    organisation: Organisation, feeds: Sequence[str], *, by: Actor, at: datetime
) -> None:
    """The addresses of the feeds that the organisation itself publishes."""
    require(by, P.ORGANISATION_EDIT, organisation)
    organisation.feeds = list(feeds)
    record("organisation.publishes", organisation, by=by, at=at, number=len(feeds))


def ask_to_avoid(
    organisation: Organisation, wishes: Sequence[str], *, by: Actor, at: datetime
) -> None:
    """What the organisation asks the municipality not to do."""
    require(by, P.ORGANISATION_EDIT, organisation)
    before = organisation.please_avoid
    organisation.please_avoid = list(wishes)
    record("organisation.asked_to_avoid", organisation, by=by, at=at, before=before)


def appoint(
    organisation: Organisation, seat: Seat, *, form: str, by: Actor, at: datetime
) -> Office:
    """Note a role and, if the organisation gave it, who holds it. `form`: that of its kind.

    History keeps the role and never the person, because a name leaves the record with the office.
    """
    require(by, P.ORGANISATION_EDIT, organisation)
    holders = [o.person for o in organisation.offices if o.until is None]
    check_seat(seat, form=form, others=holders, today=day_of(at))
    made = Office(
        role=seat.role, person=seat.person, reach=seat.reach, may_sign=seat.may_sign,
        authority=seat.authority, told_on=seat.told_on, since=seat.since, together=seat.together,
    )  # fmt: skip
    organisation.offices.append(made)
    _changed(organisation)
    record("office.noted", organisation, by=by, at=at, role=seat.role, may_sign=seat.may_sign)
    return made


def leave_office(
    organisation: Organisation, office: Office, on: date, *, by: Actor, at: datetime
) -> None:
    """The role ends on a day; who held it may no longer sign from then on."""
    require(by, P.ORGANISATION_EDIT, organisation)
    if on > day_of(at) or (office.since and on < office.since):
        raise Refusal(
            N_("Give a last day after the first one, today at the latest."), field="until"
        )
    office.until = on
    _changed(organisation)
    record("office.ended", organisation, by=by, at=at, role=office.role)


def withdraw(organisation: Organisation, reason: str, *, by: Actor, at: datetime) -> None:
    """Take a wrong entry out of lists and searches; history keeps it, with the reason."""
    require(by, P.ORGANISATION_EDIT, organisation)
    if by.is_partner:
        raise Refusal(N_("Ask the municipality to take this entry out."))
    if organisation.left_at:
        raise Refusal(N_("This entry was already taken out."))
    organisation.left_at = at
    write_keys(organisation)
    record("organisation.withdrawn", organisation, by=by, at=at, reason=reason)
