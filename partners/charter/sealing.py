"""What a signature under the charter hands in to be sealed: the text as signed, and who signed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from partners.accounts.queries import municipality
from partners.charter.models import Charter
from partners.charter.queries import several, signed_by_city, texts_of, unsealed
from partners.charter.rules import NAMED
from partners.charter.text import RECEIPT, document, pdf
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.paper.blocks import Block
from partners.paper.filling import Setting, filled, said
from partners.policy.today import todays
from partners.registry.models import Organisation
from partners.signing.models import Seal, Signature
from partners.signing.queries import charter_hands, seal_of
from partners.signing.work import SOURCES, UNSEALED, Mark, Whole, proof_of, signature_page


def whole(charter_id: int, mark: Mark) -> Whole:
    """Everything that goes under the seal of a signature; the municipality's own comes first."""
    charter = db.session.get_one(Charter, charter_id)
    wording, house = charter.wording, municipality()
    assert house is not None
    signatures = signed_under(charter)
    names = names_under(signatures, house.name)
    texts = document(*todays(), RECEIPT)
    word = texts.word("page", charter.language)
    about = {
        "kind": "charter", "number": charter.version, "title": wording.title,
        "language": charter.language, "parties": list(names.values()),
        "in_force_at": charter.signed_at.isoformat() if charter.signed_at else None,
        "ends_on": charter.valid_until.isoformat() if charter.valid_until else None,
    }  # fmt: skip
    content = {"schema": "partners-content-1", "kind": "charter", "text": charter.text,
               "text_sha256": wording.hash, "version": charter.version}  # fmt: skip
    blocks = receipt_of(charter, signatures, house.name, mark)
    body = pdf(wording, house.name, word)
    last = signature_page(blocks, mark, texts, charter.language, charter.version, house.name, body)
    proofs = [proof_of(one, {"side": one.side, "name": names[one.organisation_id]})
              for one in signatures]  # fmt: skip
    if charter.with_id:
        proofs = [_for_all(proof) for proof in proofs]
    return Whole(charter, body, last, about, content, proofs)


def _for_all(proof: dict[str, Any]) -> dict[str, Any]:
    """Where several sign, the file of the others does not tell what an organisation remarked."""
    said = proof["proof"].get("values", {}).items() if proof["for"]["side"] == "partner" else ()
    values = {number: {"answer": told["answer"]} for number, told in said}
    return proof | {"proof": proof["proof"] | ({"values": values} if values else {})}


def signed_under(charter: Charter) -> list[Signature]:
    """The signatures that stand under a text, in the order given: the municipality's, one's own,
    and where several sign, those of the others.
    """
    rows: list[Charter | None] = [charter]
    if not charter.with_id:
        rows.append(signed_by_city(charter.wording))
    else:
        rows += [row for row in texts_of(charter) if row.text_hash == charter.text_hash]
        it = several(charter.with_id)
        rows += it.named if it.head in rows else ()
    found = charter_hands([row.id for row in rows if row])
    return sorted((one for given in found.values() for one in given), key=lambda one: one.id)


def names_under(signatures: Sequence[Signature], house: str) -> dict[int | None, str]:
    """The parties by their number; the municipality has none."""
    ids = [one.organisation_id for one in signatures if one.organisation_id]
    rows = db.session.scalars(select(Organisation).where(Organisation.id.in_(ids)))
    known = {row.id: row.name for row in rows}
    return {None: house, **{number: known[number] for number in ids}}


def seal_for(charter: Charter) -> Seal | None:
    """The seal under which a signature lies: its own, or that of all who signed together."""
    own = seal_of(charter_id=charter.id)
    if own or not charter.with_id or charter.state not in NAMED:
        return own
    return seal_of(charter_id=several(charter.with_id).head.id)


def receipt_of(
    charter: Charter, signatures: Sequence[Signature], house: str, mark: Mark | None = None
) -> Sequence[Block]:
    """Who signed what and when, with the fingerprint of the text, and its seal."""
    texts, names = document(*todays(), RECEIPT), names_under(signatures, house)
    wording = charter.wording
    in_force_on = day_of(charter.signed_at) if charter.signed_at else None
    facts: dict[str, Any] = {
        "municipality": house, "organisation": ", ".join(n for at, n in names.items() if at),
        "reference": wording.version, "title": wording.title, "paper_title": wording.title,
        "fingerprint": wording.hash, "plain_text": True, "sign_by": charter.sign_by,
        "seal": [mark.row(in_force_on)] if mark else [], "in_force_on": in_force_on,
        "signatures": [
            {"name": s.name, "role": ", ".join(filter(None, (s.role, s.authority))),
             "party": names[s.organisation_id],
             "when": said(day_of(s.at), wording.language, day=True),
             "statement": s.statement, "rung": texts.word(f"rung-{s.method}", wording.language)}
            for s in signatures
        ],
    }  # fmt: skip
    return filled(texts, facts, Setting("", ""), language=charter.language).blocks


def announce() -> None:
    """Say how a charter is sealed, and which were signed before there was a seal."""
    SOURCES["charter_id"], UNSEALED["charter_id"] = whole, unsealed
