"""Readings begun and ended by the clock; entries kept or set aside by a person."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.media import shelf
from partners.media.models import Feed, Kept, Reading
from partners.media.queries import feed_at, readers_of
from partners.media.rules import Suggestion, pause, suggested


def begin(
    address: str, name: str, *, own: bool, within: Any, words: Sequence[str], since: date,
    at: datetime,
) -> Reading:  # fmt: skip
    """Begin to read one feed for the engagement `within`. The clock's deed."""
    feed = feed_at(address) or Feed(address=address, due_at=at)
    # Who begins now has not seen what the others have: the whole feed is fetched once more.
    feed.etag = feed.modified = ""
    feed.due_at = feed.due_at if feed.failures else at
    made = Reading(
        organisation_id=within.organisation_id, engagement_id=within.id, feed=feed, name=name,
        own=own, words=list(words), since=since, begun_at=at,
    )  # fmt: skip
    db.session.add(made)
    return made


def took(
    feed: Feed, entries: Sequence[Mapping[str, str]] | None, folder: Path, *, hours: int,
    at: datetime,
) -> None:  # fmt: skip
    """A feed was read, or (`entries` None) has nothing new; its readers get their suggestions."""
    readers = readers_of(feed.id)
    feed.trouble, feed.failures, feed.due_at = "", 0, at + pause(hours, 0, 0)
    if entries is not None:
        found = suggested(
            entries, {r.id: r.words for r in readers}, [r.id for r in readers if r.own],
            since={r.id: r.since for r in readers}, today=day_of(at),
        )  # fmt: skip
        for reader in readers:
            shelf.add(folder, reader.id, found[reader.id])
            reader.entries = len(entries)
    for reader in readers:
        reader.read_at = at


def failed(feed: Feed, sentence: str, *, hours: int, asked: int, at: datetime) -> None:
    """It could not be read. What was read before stands, with its age."""
    feed.trouble, feed.failures = sentence, feed.failures + 1
    feed.due_at = at + pause(hours, feed.failures, asked)


def keep(
    reading: Reading, one: Suggestion, note: str, *, good: bool, within: Any, by: Actor,
    at: datetime,
) -> Kept:  # fmt: skip
    """Keep an entry with a note. History holds that it was kept, not what it says."""
    require(by, P.ENGAGEMENT_WORK, within)
    made = Kept(
        organisation_id=within.organisation_id, engagement_id=within.id, reading_id=reading.id,
        mark=one.mark, title=one.title or one.link, link=one.link, published_on=one.day,
        good=good, note=note, by_id=by.id, at=at,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    record("entry.kept", made, by=by, at=at, good=good)
    return made


def set_aside(
    reading: Reading, marks: Sequence[str], *, within: Any, by: Actor, at: datetime
) -> None:
    """Set entries aside: nothing of them stays but a mark, so that they are not shown again."""
    require(by, P.ENGAGEMENT_WORK, within)
    reading.aside = [*reading.aside, *marks]
    record("entry.aside", reading, by=by, at=at, number=len(marks))


def take_back(kept: Kept, reason: str, *, within: Any, by: Actor, at: datetime) -> None:
    """Take back what was kept by mistake; it stays readable, struck out, with the reason."""
    require(by, P.ENGAGEMENT_WORK, within)
    if kept.withdrawn_at:
        raise Refusal(N_("This entry was already taken back."))
    kept.withdrawn_at, kept.withdrawn_because = at, reason
    record("entry.withdrawn", kept, by=by, at=at, reason=reason)
