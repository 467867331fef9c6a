from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, exists, select

from partners.accounts.models import Account
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.registry.models import Office
from partners.signing.models import Ceremony, Seal, Signature
from partners.signing.rules import ELSEWHERE, seat_of


def signatures_on(paper_id: int) -> Sequence[Signature]:
    """The signatures on a paper, in the order given; those that were voided count as well."""
    return db.session.scalars(
        select(Signature).where(Signature.paper_id == paper_id).order_by(Signature.id)
    ).all()


def ceremony(about: str, account_id: int) -> Ceremony | None:
    """How far this person has come with this text."""
    own = (Ceremony.about == about, Ceremony.account_id == account_id)
    return db.session.scalar(select(Ceremony).where(*own))


def handed_in(about: str, account_id: int | None = None) -> list[Ceremony]:
    """Whose file, signed elsewhere, waits to be compared; the first one first."""
    rows = db.session.scalars(select(Ceremony).where(Ceremony.about == about).order_by(Ceremony.id))
    return [row for row in rows if ELSEWHERE in row.said and account_id in (None, row.account_id)]


def to_compare(about: ColumnElement[str], *whose: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same as a condition, where `about` names the text; `whose` narrows by account."""
    said = cast(Ceremony.said, String).like(f'%"{ELSEWHERE}": {{%')
    return exists().where(Ceremony.about == about, said, *whose)


def waiting_copies() -> set[str]:
    """The files that wait to be compared; they are few."""
    rows = db.session.scalars(select(Ceremony.said))
    return {said[ELSEWHERE]["evidence"]["copy"] for said in rows if ELSEWHERE in said}


def seal_of(**of: int) -> Seal | None:
    """The seal of a text, made or awaited. `of`: paper_id or charter_id."""
    return db.session.scalar(select(Seal).filter_by(**of))


def sealed_as(fingerprint: str) -> Seal | None:
    """The seal whose file has exactly this fingerprint."""
    return db.session.scalar(select(Seal).where(Seal.fingerprint == fingerprint).limit(1))


def sealed_over(digest: str) -> Seal | None:
    """The seal over exactly these bytes, whatever stands around them now."""
    return db.session.scalar(select(Seal).where(Seal.signed_bytes == digest).limit(1))


def by_code(code: str) -> Seal | None:
    """The seal of a code, made or awaited."""
    return db.session.scalar(select(Seal).where(Seal.public_id == code))


def all_sealed() -> Sequence[Seal]:
    """Every seal that was made."""
    return db.session.scalars(select(Seal).where(Seal.fingerprint != "")).all()


def charter_signatures(charter_ids: Sequence[int]) -> dict[int, Signature]:
    """The newest signature on each of these charters."""
    return {number: given[-1] for number, given in charter_hands(charter_ids).items()}


def charter_hands(charter_ids: Sequence[int]) -> dict[int, list[Signature]]:
    """The signatures on each of these charters in the order given, because statutes may want two.

    Where any counts, those that were voided are left out.
    """
    rows = db.session.scalars(
        select(Signature).where(Signature.charter_id.in_(charter_ids)).order_by(Signature.id)
    )
    found: dict[int, list[Signature]] = {}
    for row in rows:
        found.setdefault(row.charter_id or 0, []).append(row)
    return {number: [one for one in given if not one.voided_at] or given
            for number, given in found.items()}  # fmt: skip


def seats(organisation_id: int) -> Sequence[Office]:
    """The offices of an organisation that carry the right to sign."""
    return db.session.scalars(
        select(Office)
        .where(Office.organisation_id == organisation_id, Office.may_sign.is_(True))
        .order_by(Office.id)
    ).all()


def signs_with_another(account: Account, at: datetime) -> bool:
    """Whether this person signs for an organisation only together with somebody else; whoever has
    no office does, where anybody there does.
    """
    if found := seat(account, at):
        return found.together
    return any(office.together for office in seats(account.organisation_id or 0))


def seat(account: Account, at: datetime) -> Office | None:
    """The office by which somebody of an organisation may sign now."""
    if account.organisation_id is None:
        return None
    return seat_of(account.name, account.title, seats(account.organisation_id), day_of(at))
