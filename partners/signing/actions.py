"""Putting a name under a text. Whether this person may is for the room of the text to say."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.ground.db import db
from partners.ground.refusals import NOT_NOW, Refusal
from partners.history.actions import record
from partners.signing.models import Ceremony, Signature
from partners.signing.queries import ceremony
from partners.signing.rules import require_own_name, require_shown, require_statement


@dataclass(frozen=True)
class Hand:
    """What a signer typed and ticked, on a page in `language`, under the text `shown` (SHA-256).

    `may_show`: everyone may read the name.
    """

    typed: str
    ticked: bool
    statement: str
    language: str
    shown: str
    method: str = "account"
    evidence: Mapping[str, Any] = field(default_factory=dict[str, Any])
    may_show: bool = False


@dataclass(frozen=True)
class Standing:
    """Why this person may sign: name and role as the text names them, and on which authority."""

    name: str
    role: str
    authority: str


def begin(about: str, text_hash: str, *, by: Actor, at: datetime) -> Ceremony:
    """Set out towards a signature, or begin again because the text is another one now."""
    held = ceremony(about, by.id) or Ceremony(account_id=by.id, about=about)
    require(by, P.ACCOUNT_SELF, held)
    if held.text_hash != text_hash:
        held.text_hash, held.nonce = text_hash, secrets.token_hex(16)
        held.said, held.begun_at = {}, at
        db.session.add(held)
        record("signing.begun", held, by=by, at=at, about=about)
    return held


def note(
    held: Ceremony | None, step: str, what: Any, shown: str, *, by: Actor, at: datetime
) -> None:
    """Keep what was said on one page, under the text that this page showed."""
    if held is None:
        raise Refusal(NOT_NOW)
    require(by, P.ACCOUNT_SELF, held)
    require_shown(shown, held.text_hash)
    held.said = {**held.said, step: what}
    record("signing.noted", held, by=by, at=at, about=held.about, step=step)


def leave(held: Ceremony, *, by: Actor, at: datetime) -> None:
    """End the way, because the signature is given or something else was chosen."""
    require(by, P.ACCOUNT_SELF, held)
    record("signing.left", held, by=by, at=at, about=held.about)
    db.session.delete(held)


def forget(ways: Iterable[Ceremony]) -> None:
    """End the ways to a signature that somebody else has decided about."""
    for held in ways:
        db.session.delete(held)


def sign(
    thing: Any, hand: Hand, standing: Standing, text_hash: str, *, by: Actor, at: datetime,
    signer: Actor | None = None, **of: int | None,
) -> Signature:  # fmt: skip
    """Sign the text with this SHA-256. `of`: paper_id or charter_id, and organisation_id.

    The statement is kept word for word as it was read. `signer`: whoever signed by hand, where
    `by` only writes it down.
    """
    require_shown(hand.shown, text_hash)
    require_own_name(hand.typed, standing.name)
    require_statement(hand.ticked)
    whose = signer or by
    signature = Signature(
        side=whose.side, account_id=whose.id, name=hand.typed, role=standing.role,
        authority=standing.authority, statement=hand.statement, text_hash=text_hash,
        language=hand.language, method=hand.method, evidence=dict(hand.evidence), at=at,
        shown=hand.may_show, **of,
    )  # fmt: skip
    db.session.add(signature)
    db.session.flush()
    record("paper.signed", thing, by=by, at=at, text_hash=text_hash, side=whose.side,
           method=hand.method)  # fmt: skip
    return signature


def void(given: Iterable[Signature], *, at: datetime) -> None:
    """Let signatures count no more, because their text will not come into force."""
    for signature in given:
        signature.voided_at = signature.voided_at or at
