"""What a signature under the charter hands in to be sealed: the text as signed, and who signed."""

from typing import Any

from partners.accounts.queries import municipality
from partners.charter.models import Charter
from partners.charter.queries import signed_by_city, unsealed
from partners.charter.text import RECEIPT, Wording, document, pdf
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.paper.filling import Setting, filled, said
from partners.policy.today import todays
from partners.signing.models import Signature
from partners.signing.queries import charter_signatures
from partners.signing.work import SOURCES, UNSEALED, Mark, Whole, proof_of, signature_page


def whole(charter_id: int, mark: Mark) -> Whole:
    """Everything that goes under the seal of a signature; the municipality's own comes first."""
    charter = db.session.get_one(Charter, charter_id)
    wording = Wording(charter.version, charter.language, charter.text)
    house, city = municipality(), signed_by_city(wording)
    assert charter.organisation is not None
    assert house is not None
    names = {"city": house.name, "partner": charter.organisation.name}
    found = charter_signatures([row.id for row in (city, charter) if row])
    signatures = [found[row.id] for row in (city, charter) if row and row.id in found]
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
    facts = _facts(wording, names, signatures, texts, mark)
    blocks = filled(texts, facts, Setting("", ""), language=charter.language).blocks
    last = signature_page(blocks, mark, texts, charter.language, charter.version, house.name)
    proofs = [proof_of(one, {"side": one.side, "name": names[one.side]}) for one in signatures]
    return Whole(charter, pdf(wording, house.name, word), last, about, content, proofs)


def _facts(
    wording: Wording, names: dict[str, str], signatures: list[Signature], texts: Any, mark: Mark
) -> dict[str, Any]:
    in_force_on = day_of(signatures[-1].at) if signatures else None
    return {
        "municipality": names["city"], "organisation": names["partner"],
        "reference": wording.version, "title": wording.title, "paper_title": wording.title,
        "fingerprint": wording.hash, "seal": [mark.row(in_force_on)],
        "in_force_on": in_force_on,
        "signatures": [
            {"name": s.name, "role": ", ".join(filter(None, (s.role, s.authority))),
             "party": names[s.side], "when": said(day_of(s.at), wording.language, day=True),
             "statement": s.statement, "rung": texts.word(f"rung-{s.method}", wording.language)}
            for s in signatures
        ],
    }  # fmt: skip


def announce() -> None:
    """Say how a charter is sealed, and which were signed before there was a seal."""
    SOURCES["charter_id"], UNSEALED["charter_id"] = whole, unsealed
