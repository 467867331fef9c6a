"""Whether a paper is what was sealed, and whether it still holds. Nothing is kept of what is asked.

The bytes decide: a file is identical to one that was sealed, or it is not. Only for a file that the
house does not know is a signature looked at, and nothing else in it is ever interpreted.
"""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from hashlib import sha256
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from partners.charter import queries as charter
from partners.ground.db import db
from partners.mou import queries as mou
from partners.signing import queries
from partners.signing.canonical import signed
from partners.signing.checking import is_of, signatures
from partners.signing.keys import Keys
from partners.signing.models import Seal
from partners.signing.rules import Standing

LARGEST = 20 * 1024 * 1024
CODE = 26
LOOKALIKES = str.maketrans("oil", "011")


class Verdict(IntEnum):
    """The five answers."""

    HOLDS = 1
    HELD = 2
    ADDED = 3
    UNKNOWN = 4
    CANNOT = 5


@dataclass(frozen=True)
class Found:
    """An answer; `seal` and `standing` where the paper is one of ours."""

    verdict: Verdict
    seal: Seal | None = None
    standing: Standing | None = None


def check_file(content: bytes, keys: Keys, today: date) -> Found:
    """The answer for a file."""
    try:
        if seal := queries.sealed_as(sha256(content).hexdigest()):
            now = standing(seal, today)
            return Found(Verdict.HOLDS if now.holds else Verdict.HELD, seal, now)
        return _changed(content, keys, today)
    except (SQLAlchemyError, OSError):
        db.session.rollback()
        return Found(Verdict.CANNOT)


def _changed(content: bytes, keys: Keys, today: date) -> Found:
    """The answer for a file that is none of ours as it is."""
    for one in signatures(content):
        if seal := queries.sealed_over(one.digest):
            return Found(Verdict.ADDED, seal, standing(seal, today))
        if keys.exist and is_of(one, keys.root):
            # Ours, but not in our records, such as after an older backup came back.
            return Found(Verdict.CANNOT if one.whole else Verdict.ADDED)
    return Found(Verdict.UNKNOWN)


def check_code(typed: str, today: date) -> tuple[Seal | None, Standing | None]:
    """The seal of a code, however it was typed, and how its paper stands."""
    code = "".join(c for c in typed.lower() if c.isalnum()).translate(LOOKALIKES)
    seal = queries.by_code(code) if len(code) == CODE else None
    return seal, standing(seal, today) if seal else None


def standing(seal: Seal, today: date) -> Standing:
    """How the paper stands that was sealed."""
    if seal.paper_id:
        return mou.standing_of(seal.paper_id, today)
    assert seal.charter_id is not None
    return charter.standing_of(seal.charter_id, today)


def status_list(keys: Keys, at: Any, today: date) -> bytes:
    """Every sealed paper by a name that only its holder can compute, with its state; signed."""
    rows = (_entry(seal, standing(seal, today)) for seal in queries.all_sealed())
    record = {
        "schema": "partners-status-1", "made_at": at.isoformat(timespec="seconds"),
        "root_sha256": keys.fingerprint, "papers": sorted(rows, key=lambda row: row["id"]),
    }  # fmt: skip
    return signed(record, keys)


def _entry(seal: Seal, now: Standing) -> dict[str, Any]:
    """Named by the SHA-256 of the file and the salt that stands in its evidence.json."""
    named = sha256(bytes.fromhex(seal.fingerprint) + bytes.fromhex(seal.salt)).hexdigest()
    until = now.until.isoformat() if now.until else None
    return {"id": named, "state": now.state, "since": now.since.isoformat(), "until": until}
