"""Everything about one organisation as one file: JSON, tables, letters, agreements, papers."""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from flask_babel import gettext

from partners.accounts.queries import users_of
from partners.assessment.letters import DECISION, POINTS, letter
from partners.assessment.queries import kept_now, papers_held
from partners.assessment.sight import words_of
from partners.charter.queries.shaping import own_voices
from partners.charter.sealing import seal_for
from partners.ground.text import csv_line, safe_filename
from partners.history.queries import held_now, looks_at
from partners.lists.queries import look_ups, resemblances
from partners.media.queries import kept_of, log_of
from partners.portal import queries
from partners.portal.sentences import Row, held_back, kept_rows, look_rows
from partners.portal.sight import Sight
from partners.registry.forms import policy
from partners.registry.models import Organisation
from partners.signing.files import kept
from partners.uploads.files import place

IN_MEMORY = 4 * 1024 * 1024  # what is larger goes to disk while it is written
WHEN = (2020, 1, 1, 0, 0, 0)  # one date for all, so that the same content gives the same file
PIECE = 256 * 1024
Record = Mapping[str, Any]
# Numbers of rows and of our staff say nothing to the reader; what a paper holds stands in its PDF.
OURS = ("_id", "_by")
HIDDEN = {"id", "public_id", "version", "sort_name", "facts", "texts", "registered_by", "invented"}
# What was found and decided in a round is told by letter first.
BEFORE_TOLD = ("opened_at", "sent_at", "reply_due", "reply_ended_at")
NOT_TOLD = ("supported_level", "supported_band", "supported_on")


def taken(row: Any, *, without: Iterable[str] = (), **more: Any) -> dict[str, Any]:
    """Every column of a row that is about the organisation, as JSON can hold it."""
    names = [column.key for column in row.__mapper__.column_attrs]
    hidden = HIDDEN.union(without)
    kept_names = [n for n in names if n not in hidden and not n.endswith(OURS)]
    return {name: plain(getattr(row, name)) for name in kept_names} | more


def plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


@dataclass(frozen=True)
class Bundle:
    """One organisation's own copy. Of our staff it names the case team and nobody else."""

    organisation: Organisation
    sights: Mapping[int, Sight]
    language: str
    today: date

    def written(self, deeds: Sequence[Row], folder: Path) -> IO[bytes]:
        """The whole file, open at its beginning."""
        file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  sent, then closed
        tables = self._tables(deeds)
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            _put(archive, "everything.json", _json(self._whole() | tables))
            for name, rows in tables.items():
                _put(archive, f"tables/{name}.csv", _csv(rows))
            for name, content in [*self._letters(), *self._papers(folder)]:
                _put(archive, name, content)
            for name, path in self._uploads(folder):
                _copy(archive, name, path)
            _put(archive, "read-me.txt", gettext(READ_ME, name=self.organisation.name).encode())
        file.seek(0)
        return file

    def _whole(self) -> dict[str, Any]:
        organisation = self.organisation
        more = {
            "other_names": organisation.other_names,
            "identifiers": organisation.identifiers,
            "roles": [taken(office) for office in organisation.offices],
            "joined": [{"record": m.gone.name, "reference": m.gone.reference, "reason": m.reason,
                        "on": plain(m.at)} for m in organisation.merges],
        }  # fmt: skip
        return {
            "organisation": taken(organisation) | more,
            "engagements": [self._engagement(sight) for sight in self.sights.values()],
            "charters": [taken(row) for row in queries.charters(organisation.id)],
            "charter-shaping": [
                taken(voice, version=about.version, about=about.about)
                for voice, about in own_voices(organisation.id)
            ],
            "users": [
                {"name": u.name, "email": u.email, "roles": u.roles, "since": plain(u.created_at)}
                for u in users_of(organisation.id)
            ],
            "signatures": [taken(row) for row in queries.signatures(organisation.id)],
        }

    def _engagement(self, sight: Sight) -> dict[str, Any]:
        case = sight.engagement
        team = [{"name": m.account.name, "role": m.account.roles, "part": m.part}
                for m in case.team]  # fmt: skip
        rounds = [
            taken(this, conditions=[taken(c) for c in this.conditions]) if this.told_at
            else {name: plain(getattr(this, name)) for name in BEFORE_TOLD}
            for this in case.rounds
        ]  # fmt: skip
        return taken(case, without=NOT_TOLD) | {
            "where_it_stands": sight.stands, "state": sight.stated, "case_team": team,
            "rounds": rounds, "supported_level": sight.supported,
        }  # fmt: skip

    def _tables(self, deeds: Sequence[Row]) -> dict[str, list[Record]]:
        org, of = self.organisation.id, self._reference
        known, currency = queries.team(org), policy().currency
        return {
            "answers": [taken(row, engagement=of(row), by=_who(row, known), words=words_of(row))
                        for row in queries.answers(org)],
            "points": [taken(p, engagement=of(p)) for p in queries.points(org)],
            "reading-log": [taken(r, without=["aside"], address=r.feed.address, engagement=of(r))
                            for r in log_of(org)],
            "kept-entries": [taken(k, source=k.reading.name, engagement=of(k))
                             for k in kept_of(org)],
            "references": [taken(r, without=("link",), engagement=of(r))
                           for r in queries.references(org)],
            "contacts": [taken(c) for c in queries.contacts(org)],
            "support": [taken(s, engagement=of(s), currency=currency if s.amount else "")
                        for s in queries.supports(org)],
            "agreements": [taken(p, engagement=of(p), paused=p.texts.get("paused"),
                                 meant={side: [m["name"], m["at"]] for side, m in p.meant.items()})
                           for p, *_ in queries.papers(org)],
            "promises": [taken(p, engagement=of(p)) for p in queries.promised(org)],
            "papers-handed-in": [taken(u, engagement=of(u)) for u in queries.uploads(org)],
            "held-back": [vars(r) for r in held_back(
                held_now(org, self.today), papers_held(org, self.today), self.language)],
            "kept-for-longer": [vars(r) for r in kept_rows(
                kept_now(self.today, org), self.language)],
            "look-ups": [taken(row, engagement=of(row)) for row in look_ups(org)],
            "names-alike": [taken(row, list=row.body.of_list) for row in resemblances(
                org, asked=True)],
            "looks": [vars(r) for r in look_rows(looks_at(org, limit=100_000))],
            "deeds": [vars(r) for r in deeds],
        }  # fmt: skip

    def _reference(self, row: Any) -> str:
        sight = self.sights.get(row.engagement_id)
        return sight.engagement.reference if sight else ""

    def _letters(self) -> Iterator[tuple[str, bytes]]:
        """The letters of every round, each in the language in which it was told."""
        for case in (sight.engagement for sight in self.sights.values()):
            for number, this in enumerate(case.rounds, start=1):
                for kind, sent in ((POINTS, this.sent_at), (DECISION, this.told_at)):
                    if sent:
                        made = letter(kind, case, this.told_language or self.language, this)
                        yield f"letters/{case.reference}-{number}-{kind}.pdf", made.pdf

    def _papers(self, folder: Path) -> Iterator[tuple[str, bytes]]:
        for paper in (p for p, *_ in queries.papers(self.organisation.id) if p.fingerprint):
            yield f"agreements/{paper.number}.pdf", kept(folder, paper.fingerprint)
        for charter in queries.charters(self.organisation.id):
            seal = seal_for(charter) if charter.signed_at else None
            if seal and seal.has_file:
                name = f"charter/{charter.version}-{charter.signed_at:%Y-%m-%d}.pdf"
                yield name, kept(folder, seal.fingerprint)

    def _uploads(self, folder: Path) -> Iterator[tuple[str, Path]]:
        for row in queries.uploads(self.organisation.id):
            path = place(folder, row.fingerprint)
            if not row.destroyed_at and path.exists():
                yield f"papers-handed-in/{row.public_id}-{safe_filename(row.name)}", path


READ_ME = """%(name)s: everything that the municipality holds about you.

everything.json     all of it, for computers
tables/             the same as tables, for spreadsheets
letters/            our letters to you
agreements/         what we have agreed, as it was issued
charter/            the charter as it was signed
papers-handed-in/   the papers that you gave us and that we still keep

Of our staff only the people of your case team are named. Something is wrong? Tell us, or complain.
"""


def _who(answer: Any, known: set[int]) -> str:
    """Partners by name; of our staff the case team, and the others as the municipality."""
    if answer.side == "partner" or answer.by_id in known:
        return str(answer.by.name)
    return gettext("The municipality")


def _put(archive: ZipFile, name: str, content: bytes) -> None:
    archive.writestr(_entry(name), content)


def _copy(archive: ZipFile, name: str, path: Path) -> None:
    with path.open("rb") as source, archive.open(_entry(name), "w", force_zip64=True) as target:
        read: Callable[[], bytes] = lambda: source.read(PIECE)  # noqa: E731
        for piece in iter(read, b""):
            target.write(piece)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, WHEN)
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o644 << 16
    return entry


def _json(whole: Record) -> bytes:
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _csv(rows: Sequence[Record]) -> bytes:
    """A table for spreadsheets: UTF-8 with a mark, one line a row, no cell starts a formula."""
    lines = (csv_line(row.values()) for row in rows)
    return "".join([*map(csv_line, rows[:1]), *lines]).encode("utf-8-sig")
