"""What is suggested to the reader of a feed: files beside the database, never in it.

They are in no backup and no history, and are destroyed when the reading ends.
"""

import json
from collections.abc import Collection
from pathlib import Path

from partners.media.rules import Suggestion


def place(folder: Path, reading_id: int) -> Path:
    return folder / f"{reading_id}.json"


def suggestions(folder: Path, reading_id: int) -> list[Suggestion]:
    """What was suggested so far, newest first; nothing where no file is."""
    path = place(folder, reading_id)
    rows = json.loads(path.read_text("utf-8")) if path.exists() else []
    return [Suggestion(**row) for row in rows]


def add(folder: Path, reading_id: int, found: Collection[Suggestion]) -> None:
    """Put what was found beside what was suggested before; an entry that left its feed stays."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = {one.mark: one for one in (*suggestions(folder, reading_id), *found)}
    rows = sorted(known.values(), key=lambda one: one.on, reverse=True)
    path = place(folder, reading_id)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps([row.as_dict() for row in rows]), "utf-8")
    fresh.replace(path)


def keep_only(folder: Path, reading_ids: Collection[int]) -> None:
    """Destroy the suggestions of every reading that is over."""
    for path in folder.glob("*.*"):
        if not path.stem.isdecimal() or int(path.stem) not in reading_ids:
            path.unlink(missing_ok=True)
