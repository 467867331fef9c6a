"""Putting a name under a text. Whether this person may is for the room of the text to say."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from partners.access.rules import Actor
from partners.ground.db import db
from partners.history.actions import record
from partners.signing.models import Signature
from partners.signing.rules import require_own_name, require_statement


@dataclass(frozen=True)
class Hand:
    """What a signer typed and ticked, on a page in `language`."""

    typed: str
    ticked: bool
    statement: str
    language: str


@dataclass(frozen=True)
class Standing:
    """Why this person may sign: name and role as the text names them, and on which authority."""

    name: str
    role: str
    authority: str


def sign(
    thing: Any, hand: Hand, standing: Standing, text_hash: str, *, by: Actor, at: datetime,
    **of: int | None,
) -> Signature:  # fmt: skip
    """Sign the text with this SHA-256. `of`: paper_id or charter_id, and organisation_id.

    The statement is kept word for word as it was read.
    """
    require_own_name(hand.typed, standing.name)
    require_statement(hand.ticked)
    signature = Signature(
        side=by.side, account_id=by.id, name=hand.typed, role=standing.role,
        authority=standing.authority, statement=hand.statement, text_hash=text_hash,
        language=hand.language, at=at, **of,
    )  # fmt: skip
    db.session.add(signature)
    db.session.flush()
    record("paper.signed", thing, by=by, at=at, text_hash=text_hash, side=by.side)
    return signature
