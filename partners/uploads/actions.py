"""Taking in a paper, and destroying what is not ours to hold."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.uploads import files
from partners.uploads.models import Upload
from partners.uploads.queries import held_elsewhere, rows_of, standing
from partners.uploads.rules import clean_name, kind_of

GRACE = timedelta(days=1)  # longer than any form is open whose commit may still come


def keep(
    folder: Path, content: bytes, name: str, *, item: str, what: str, within: Any, by: Actor,
    at: datetime,
) -> Upload:  # fmt: skip
    """Keep a paper handed in for one item of the engagement `within`.

    The file lies on disk before the row is committed; where the commit does not come, the sweep
    takes the file away.
    """
    require(by, P.ENGAGEMENT_ANSWER, within)
    mime = kind_of(content)
    fingerprint, organisation = files.fingerprint_of(content), within.organisation_id
    if any(r.destroyed_kind and r.organisation_id == organisation for r in rows_of(fingerprint)):
        raise Refusal(N_("This very paper was removed because it is not ours to hold."))
    files.store(folder, content)
    made = Upload(
        organisation_id=organisation, engagement_id=within.id, item=item, what=what,
        name=clean_name(name, mime), mime=mime, size=len(content), fingerprint=fingerprint,
        by_id=by.id, at=at,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    record("paper.kept", made, by=by, at=at, item=item)
    return made


def not_ours(
    folder: Path, paper: Upload, kind: str, *, within: Any, by: Actor, at: datetime
) -> None:
    """Destroy at once a paper that we must not hold, wherever the same content is kept.

    The same bytes are the same certificate, so every row with them loses its file. Only somebody of
    the organisation cannot reach into another's file: there the content goes when staff press.
    """
    require(by, P.ENGAGEMENT_VIEW, within)
    rows = [row for row in rows_of(paper.fingerprint) if row.destroyed_at is None]
    reached = [row for row in rows if by.is_staff or row.organisation_id == by.organisation_id]
    for row in reached:
        row.destroyed_at, row.destroyed_by, row.destroyed_kind = at, by.id, kind
        record("paper.destroyed", row, by=by, at=at, kind=kind, item=row.item)
    # What was signed stays, even where somebody handed in a copy of it and thinks better of it.
    if len(reached) == len(rows) and not held_elsewhere([paper.fingerprint]):
        files.destroy(folder, paper.fingerprint)


def sweep(folder: Path, *, at: datetime) -> int:
    """Take away files that no row holds; young ones stay, because their commit may still come."""
    taken, limit = 0, (at - GRACE).timestamp()
    old = list(files.older_than(folder, limit))
    for start in range(0, len(old), 500):
        part = old[start : start + 500]
        held = standing([path.name for path in part])
        for path in part:
            # Looked at once more, because the same content may have come in again meanwhile.
            if path.name not in held and files.is_older(path, limit):
                path.unlink(missing_ok=True)
                taken += 1
    return taken
