"""The room's work: one job a feed, so that one that hangs keeps nobody waiting but itself."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from partners.ground import clock, outside
from partners.ground.db import db
from partners.ground.outside import Reach, Unreachable
from partners.ground.words import N_
from partners.jobs.models import Job
from partners.jobs.runner import Jobs, Steps, put
from partners.media import shelf
from partners.media.actions import failed, took
from partners.media.feeds import Unreadable, read_apart
from partners.media.models import Feed
from partners.media.queries import due_feeds, readers_of
from partners.media.rules import pause
from partners.policy.feeds import Sources

READ = "media.read"
NO_FEED = N_("What came is no feed, or could not be read in time.")


def announce(jobs: Jobs, folder: Path, limits: Sources) -> None:
    """Tell the house's workers how a feed is read."""
    jobs.kind(READ, partial(read_feed, folder=folder, limits=limits))


def queue_due() -> None:
    """One job for each feed whose time has come, once however many clocks there are."""
    for feed in due_feeds(clock.now()):
        put(READ, key=f"{READ}:{feed.id}:{feed.due_at.timestamp():.0f}", feed=feed.id)


def read_feed(
    job: Job, *, folder: Path, limits: Sources,
    fetch: Callable[..., outside.Fetched] = outside.fetch,
) -> Steps:  # fmt: skip
    """Read one feed for all who read it. No transaction is open while it is waited for."""
    feed, now = db.session.get_one(Feed, job.args["feed"]), clock.now()
    readers = readers_of(feed.id)
    if not readers:
        return {}
    if not all(r.read_at and shelf.place(folder, r.id).exists() for r in readers):
        feed.etag = feed.modified = ""
    address, known = feed.address, {"etag": feed.etag, "modified": feed.modified}
    feed.tried_at, feed.due_at = now, now + pause(limits.hours_between, 0, 0)
    yield 0, 1
    hours, most, seconds = limits.hours_between, limits.entries, limits.seconds
    try:
        got = fetch(address, **known, reach=Reach(seconds=seconds))
        entries = got.body if got.body is None else read_apart(
            got.body, got.media_type, address, most, seconds
        )  # fmt: skip
    except (Unreachable, Unreadable) as error:
        trouble = error if isinstance(error, Unreachable) else Unreachable(NO_FEED)
        feed = db.session.get_one(Feed, job.args["feed"])
        failed(feed, trouble.sentence, hours=hours, asked=trouble.after, at=clock.now())
        return {"read": False}
    feed = db.session.get_one(Feed, job.args["feed"])
    took(feed, entries, folder, hours=hours, at=clock.now())
    feed.etag, feed.modified = got.etag or known["etag"], got.modified or known["modified"]
    return {"read": True}
