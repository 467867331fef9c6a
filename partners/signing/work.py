"""The job that seals what all have signed. Whatever is cut off is begun again; nothing is half.

A room says how its text is printed and what its signatures prove (`SOURCES`); this file knows
when, with which keys, and where the sealed file is kept. No transaction is open while the seal is
made and the time-stamp authority is spoken to.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from partners.access.rules import CLOCK
from partners.accounts.queries import municipality
from partners.ground import clock
from partners.ground.db import db
from partners.ground.words import N_
from partners.history.actions import record
from partners.jobs.models import Job
from partners.jobs.runner import Jobs, Steps, put
from partners.paper import blocks as b
from partners.paper.documents import Document
from partners.paper.press import printed
from partners.signing.canonical import canonical, signed
from partners.signing.checking import covered
from partners.signing.files import fingerprint, keep
from partners.signing.keys import Keys, in_words, keys_in
from partners.signing.models import Seal, Signature
from partners.signing.rules import in_fours
from partners.signing.sealing import Closing, NoTimeStamp, pages_of, sealed

KIND = "signing.seal"
AT_A_TIME = 50
NO_STAMP = N_("Sealed, time stamp pending: the time-stamp server gave none. It is asked again.")
BROKE = N_("It could not be sealed. The log says why; it is tried again.")
DEFAULT_ADDRESS = "http://localhost:8000"  # as `partners new` has it
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Mark:
    """What a paper says about its seal: its code, its day, where to check it, its root."""

    code: str
    address: str
    root: str
    on: date | None = None

    @property
    def link(self) -> str:
        return f"{self.address}/verify?code={self.code}"

    def row(self, in_force_on: date | None) -> dict[str, Any]:
        """What a paper prints about its seal; a seal of a later day than the signatures says so."""
        late = bool(self.on and in_force_on and self.on > in_force_on)
        return {
            "sealed_on": self.on, "late": "late" if late else "",
            "code": in_fours(self.code.upper()), "check_at": f"{self.address}/verify",
            "root_hex": in_fours(self.root), "root_words": in_words(self.root),
        }  # fmt: skip


@dataclass(frozen=True)
class Whole:
    """What a room hands in: the row, the file as issued, its last page, what was agreed, who
    signed.
    """

    on: Any
    body: bytes
    last: bytes
    about: Mapping[str, Any]
    content: Mapping[str, Any]
    signatures: list[dict[str, Any]]


SOURCES: dict[str, Callable[[int, Mark], Whole]] = {}  # by the column of the seal
# By the same: what holds, is signed, and was never handed in, such as from before there was a seal.
UNSEALED: dict[str, Callable[[], Sequence[int]]] = {}


def announce(jobs: Jobs, instance: Path, stamps: str) -> None:
    """Announce the sealing. `stamps` is the setting PARTNERS_TIMESTAMP."""
    jobs.kind(KIND, partial(seal_waiting, instance=instance, stamps=stamps), every_minute=True)
    jobs.each_day("signing.older", partial(seal_older, instance=instance))


def ask(at: datetime, **of: int) -> Seal:
    """Ask for the seal of a text, in the caller's transaction. `of`: paper_id or charter_id."""
    seal = Seal(asked_at=at, try_after=at, **of)
    db.session.add(seal)
    db.session.flush()
    put(KIND, key=f"{KIND}:{seal.public_id}")
    return seal


def seal_older(at: datetime, *, instance: Path) -> Steps:
    """Ask for the seal of everything that holds and has none; the seal bears its own day."""
    asked = 0
    for kind, find in UNSEALED.items() if keys_in(instance).exist else ():
        for number in find():
            ask(at, **{kind: number})
            asked += 1
            yield asked, asked
    return {"asked": asked}


def seal_waiting(_job: Job, *, instance: Path, stamps: str) -> Steps:
    """Seal everything that waits, each in steps of its own."""
    keys = keys_in(instance)
    house = municipality()
    if house is None or not keys.exist:
        return {"sealed": 0}
    keys.check(invented=house.invented)
    rows = _waiting(clock.now())
    for at, seal_id in enumerate(rows):
        yield from _one(seal_id, (at, len(rows)), keys, instance / "files", stamps)
    return {"sealed": len(rows)}


def _waiting(now: datetime) -> list[int]:
    found = select(Seal.id).where(Seal.fingerprint == "", Seal.try_after <= now)
    return list(db.session.scalars(found.order_by(Seal.id).limit(AT_A_TIME)))


def _one(seal_id: int, count: tuple[int, int], keys: Keys, files: Path, stamps: str) -> Steps:
    seal = db.session.get_one(Seal, seal_id, with_for_update=True, populate_existing=True)
    if seal.fingerprint or seal.try_after > clock.now():
        return None  # another worker has taken it up
    seal.tries, at = seal.tries + 1, clock.now()
    # Until then nobody else takes it up, and what takes its worker with it does not do so at once.
    seal.try_after = at + timedelta(minutes=min(2**seal.tries, 60))
    try:
        made = _prepared(seal, keys, stamps, at)
    except Exception:
        log.exception("seal %s", seal_id)
        made, seal.trouble = None, BROKE
    yield count
    if made is None:
        return None
    whole, evidence = made
    attached = {
        "content.json": canonical(whole.content), "evidence.json": signed(evidence, keys),
        "paper.pdf": whole.body,
    }  # fmt: skip
    try:
        content = sealed(whole.body, whole.last, attached, keys, stamps, at=at)
    except Closing:
        log.info("seal %s waits for the next start", seal_id)
    except Exception as error:
        log.exception("seal %s", seal_id)
        trouble = NO_STAMP if isinstance(error, NoTimeStamp) else BROKE
        db.session.get_one(Seal, seal_id).trouble = trouble
    else:
        _kept(seal_id, content, evidence, files, whole.on)
    yield count
    return None


def _kept(seal_id: int, content: bytes, evidence: dict[str, Any], files: Path, on: Any) -> None:
    seal = db.session.get_one(Seal, seal_id, with_for_update=True, populate_existing=True)
    if seal.fingerprint:
        return  # another worker was quicker; its file is the one that was given out
    at, seal.fingerprint = clock.now(), keep(files, content)
    seal.sealed_at, seal.signed_bytes = at, covered(content)
    seal.evidence, seal.trouble = evidence, ""
    record("paper.sealed", on, by=CLOCK, at=at, sha256=seal.fingerprint)


def _prepared(seal: Seal, keys: Keys, stamps: str, at: datetime) -> tuple[Whole, dict[str, Any]]:
    house = municipality()
    address = str(house.texts.get("url") or DEFAULT_ADDRESS).rstrip("/") if house else ""
    mark = Mark(seal.public_id, address, keys.fingerprint, clock.day_of(at))
    kind = "paper_id" if seal.paper_id else "charter_id"
    whole = SOURCES[kind](getattr(seal, kind), mark)
    return whole, evidence_of(whole, seal, mark, stamps)


def evidence_of(whole: Whole, seal: Seal, mark: Mark, stamps: str) -> dict[str, Any]:
    """The record of who signed what, before the seal's own signature is put under it."""
    return {
        "schema": "partners-evidence-1",
        "paper": {
            **whole.about, "code": seal.public_id, "file_sha256": fingerprint(whole.body),
            "content_sha256": fingerprint(canonical(whole.content)),
        },
        "signatures": whole.signatures,
        "seal": {"root_sha256": mark.root, "salt": seal.salt, "time_stamps": stamps},
        "check_at": mark.link,
    }  # fmt: skip


def signature_page(
    blocks: Sequence[b.Block], mark: Mark, words: Document, language: str, reference: str,
    author: str, body: bytes,
) -> bytes:  # fmt: skip
    """The last page of a sealed paper: what its receipt says, and the square that leads here.

    Because the pages of the text keep the count that was signed, these say after which they stand.
    """
    after = {"text": pages_of(body), "page": "%(page)s", "pages": "%(pages)s"}
    title = words.word("signatures", language)
    parts = [replace(x, level=3) if isinstance(x, b.Heading) else x for x in blocks[1:]]
    return printed(
        [b.Heading(2, title), *parts, b.Square(mark.link)], title=title, language=language,
        reference=reference, author=author,
        pages=words.word("signatures-page", language, "page") % after,
    )  # fmt: skip


def proof_of(one: Signature, party: Mapping[str, Any]) -> dict[str, Any]:
    """What one signature is, whatever its rung. `proof` holds what only that rung has."""
    return {
        "name": one.name, "role": one.role, "for": dict(party), "authority": one.authority,
        "rung": one.method, "statement": one.statement, "language": one.language,
        "text_sha256": one.text_hash, "at": one.at.isoformat(), "proof": one.evidence,
    }  # fmt: skip
