"""What a paper hands in to be sealed: its file as issued, the page of signatures, and the text."""

from functools import partial
from pathlib import Path
from typing import Any

from partners.ground.clock import day_of
from partners.ground.db import db
from partners.mou.models import Paper
from partners.mou.queries import unsealed
from partners.mou.sheet import receipt_of, sheet_of
from partners.paper.filling import Filled
from partners.paper.plain import plain
from partners.signing.files import kept
from partners.signing.models import Signature
from partners.signing.queries import signatures_on
from partners.signing.work import SOURCES, UNSEALED, Mark, Whole, proof_of, signature_page


def announce(files: Path) -> None:
    """Say where the issued files are kept, and what was signed before there was a seal."""
    SOURCES["paper_id"], UNSEALED["paper_id"] = partial(whole, files=files), unsealed


def whole(paper_id: int, mark: Mark, *, files: Path) -> Whole:
    """Everything that goes under the seal of a paper."""
    paper = db.session.get_one(Paper, paper_id)
    signatures, facts = _held(paper), paper.facts
    sides = {
        "city": {"side": "city", "name": facts["municipality"]},
        "partner": {"side": "partner", "name": facts["organisation"]},
    }
    about = {
        "kind": paper.kind, "number": paper.number, "title": facts["title"],
        "language": paper.language, "issued_on": facts["issued_on"],
        "in_force_at": paper.in_force_at.isoformat() if paper.in_force_at else None,
        "ends_on": paper.ends_on.isoformat() if paper.ends_on else None,
        "follows": {"how": paper.follows_how, "file_sha256": paper.follows_hash},
        "parties": [side["name"] for side in sides.values()],
    }  # fmt: skip
    proofs = [proof_of(one, sides[one.side]) for one in signatures]
    body = kept(files, paper.fingerprint)
    words = sheet_of(paper, day_of(signatures[-1].at)).paper
    return Whole(paper, body, _last(paper, mark, body), about, content_of(paper, words), proofs)


def content_of(paper: Paper, words: Filled) -> dict[str, Any]:
    """What was agreed, without a PDF around it: the text, and what it was filled from."""
    return {
        "schema": "partners-content-1", "kind": paper.kind, "number": paper.number,
        "language": paper.language, "edition": paper.texts["edition"], "text": plain(words),
        "facts": {name: _public(value) for name, value in paper.facts.items()},
    }  # fmt: skip


def _held(paper: Paper) -> list[Signature]:
    """The signatures that stand; those that were voided are under no seal."""
    return [one for one in signatures_on(paper.id) if one.voided_at is None]


def _public(value: Any) -> Any:
    """A fact without the house's own numbers of people."""
    if not isinstance(value, list):
        return value
    return [{k: v for k, v in row.items() if k != "account"} if isinstance(row, dict) else row
            for row in value]  # fmt: skip


def _last(paper: Paper, mark: Mark, body: bytes) -> bytes:
    assert paper.in_force_at is not None
    sheet = receipt_of(paper, _held(paper), day_of(paper.in_force_at), mark)
    return signature_page(
        sheet.paper.blocks, mark, sheet.document, paper.language, str(paper.number), sheet.author,
        body,
    )  # fmt: skip
