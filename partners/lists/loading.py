"""A version of a list from its files to the register of names, as a job; and what follows from it.

The files are read to their end before anything is written. What is written becomes a version in one
moment, with the last step: until then, and when it is refused, the last good version stays.
"""

import hashlib
import shutil
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from flask import current_app
from sqlalchemy import func, insert, select, update

from partners.access.rules import CLOCK, Actor, require
from partners.access.table import Permission as P
from partners.ground import clock, outside
from partners.ground.clock import day_of
from partners.ground.db import db, public_id
from partners.ground.outside import Reach
from partners.ground.refusals import Refusal
from partners.ground.text import safe_filename
from partners.ground.words import N_
from partners.history.actions import record
from partners.jobs.models import Job
from partners.jobs.runner import Jobs, Steps, put
from partners.lists import actions
from partners.lists.actions import let_go, note
from partners.lists.known import known_lists
from partners.lists.models import ListedBody, ListVersion, Resemblance
from partners.lists.queries import (
    alike,
    bodies,
    compared_before,
    current_versions,
    good_before,
    look_ups_about,
    names_in,
    newest_look_ups,
    newest_number,
)
from partners.lists.readers import read
from partners.lists.rules import Entry, LawList, names_of, refuse_what_shrank
from partners.matching.listed import Listed
from partners.registry.actions import RENAMED
from partners.registry.models import Organisation
from partners.registry.reading import MOST_BYTES, unpack

LOAD, AGAIN, STEP = "lists.load", "lists.look-again", 500
# Lists are large; yet one file is fetched within the time for which a worker holds its job.
REACH = Reach(seconds=50, most=MOST_BYTES)
SAME = N_("This is the version that is here already; nothing changes.")


def announce(jobs: Jobs) -> None:
    """Say which kinds of work this room does."""
    jobs.kind(LOAD, load)
    jobs.kind(AGAIN, look_again)
    jobs.kind(RENAMED, look_up_renamed)


def _folder(version: str) -> Path:
    place: Path = current_app.config["SETTINGS"].instance / "lists" / version
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def hand_in(
    law: LawList, files: Sequence[tuple[str, BinaryIO]], *, by: Actor, at: datetime
) -> ListVersion:
    """Keep the files of a new version and queue their reading. Raises Refusal."""
    require(by, P.SYSTEM)
    name = public_id()
    try:
        for part, (_name, stream) in zip(law.parts, files, strict=True):
            unpack(stream, _folder(name) / part)
        fingerprint = _fingerprint(law, _folder(name))
        now = current_versions().get(law.id)
        if now is not None and now.fingerprint == fingerprint:
            raise Refusal(SAME)
    except Refusal:
        shutil.rmtree(_folder(name))
        raise
    source = ", ".join(safe_filename(file)[:60] for file, _stream in files)
    return begin(law, name, source, fingerprint, by=by, at=at)


def begin(
    law: LawList, name: str, source: str, fingerprint: str, *, by: Actor, at: datetime
) -> ListVersion:
    """Write down that a version is being read, and queue the work."""
    made = ListVersion(public_id=name, of_list=law.id, source=source, fingerprint=fingerprint,
                       at=at, by_id=by.id)  # fmt: skip
    db.session.add(made)
    record("list.handed-in", made, by=by, at=at, list=law.id)
    put(LOAD, key=f"{LOAD}:{name}", by=by.id, version=made.id)
    return made


def _fingerprint(law: LawList, folder: Path) -> str:
    whole = hashlib.sha256()
    for part in law.parts:
        with (folder / part).open("rb") as file:
            while piece := file.read(1 << 20):
                whole.update(piece)
    return whole.hexdigest()


def refresh(law: LawList, *, by: Actor, at: datetime) -> ListVersion:
    """Queue fetching a new version from where the publisher keeps it."""
    require(by, P.SYSTEM)
    if not law.addresses:
        raise Refusal(N_("No address is known for this list. Load its file instead."))
    return begin(law, public_id(), ", ".join(law.addresses), "", by=by, at=at)


def load(job: Job) -> Steps:
    """Fetch, where nobody handed them in, and read the files of a version; keep or refuse it."""
    number = job.args["version"]
    version = db.session.get_one(ListVersion, number)
    lists, before = known_lists(), good_before(version)
    law, folder, fetched = lists.every[version.of_list], _folder(version.public_id), ""
    since, held, had = (before.id, before.entries, before.fingerprint) if before else (0, 0, "")
    fetching = not version.fingerprint
    db.session.rollback()  # nobody waits for us while files are fetched and read
    try:
        if fetching:
            for done, address in enumerate(law.addresses):
                _fetch(address, folder / law.parts[done])
                yield 0, 0
            fetched = _fingerprint(law, folder)
            if fetched == had:
                raise Refusal(SAME)
        entries = _entries(law, folder)
        refuse_what_shrank(len(entries), held, lists.smallest_share)
    except Refusal as refusal:
        _refuse(number, refusal)
        shutil.rmtree(folder)
        return {"refused": law.id}
    for start in range(job.done, len(entries), STEP):
        enter(law.id, entries[start : start + STEP], since, number)
        yield min(start + STEP, len(entries)), len(entries)
    version = db.session.get_one(ListVersion, number)
    version.fingerprint = version.fingerprint or fetched
    make_good(version, entries, since)
    shutil.rmtree(folder)
    return {"entries": len(entries)}


def _fetch(address: str, target: Path) -> None:
    try:
        got = outside.fetch(address, reach=REACH)
    except outside.Unreachable as error:
        raise Refusal(error.sentence) from error
    unpack(BytesIO(got.body or b""), target)


def _entries(law: LawList, folder: Path) -> list[Entry]:
    paths = [folder / part for part in law.parts]
    if not all(path.exists() for path in paths):
        raise Refusal(N_("The files that were handed in are gone. Hand them in once more."))
    return list({entry.key: entry for entry in read(law.format, paths)}.values())


def _refuse(number: int, refusal: Refusal) -> None:
    version = db.session.get_one(ListVersion, number)
    version.state, version.trouble = "refused", refusal.sentence
    version.trouble_facts = dict(refusal.facts)
    record("list.refused", version, by=CLOCK, at=clock.now(), list=version.of_list)


def enter(list_id: str, entries: Sequence[Entry], since: int, number: int) -> None:
    """Let unchanged entries reach up to this version, and enter the others."""
    prints = [entry.fingerprint for entry in entries]
    held = select(ListedBody.fingerprint, ListedBody.id).where(
        ListedBody.of_list == list_id, ListedBody.last_id >= max(since, 1),
        ListedBody.fingerprint.in_(prints),
    )  # fmt: skip
    known = {fingerprint: row for fingerprint, row in db.session.execute(held)}
    db.session.execute(
        update(ListedBody).where(ListedBody.id.in_(known.values())).values(last_id=number),
        execution_options={"synchronize_session": False},
    )
    new = [
        {"of_list": list_id, "key": e.key, "fingerprint": e.fingerprint, "names": list(e.names),
         "country": e.country, "first_id": number, "last_id": number}
        for e in entries if e.fingerprint not in known
    ]  # fmt: skip
    if new:
        db.session.execute(insert(ListedBody), new)


def make_good(version: ListVersion, entries: Sequence[Entry], since: int) -> None:
    """From now on this version is looked up; queue the comparison of what is new in it."""
    version.state, version.entries = "good", len(entries)
    version.names = sum(len(entry.names) for entry in entries)
    new = select(func.count()).where(
        ListedBody.of_list == version.of_list, ListedBody.first_id > since,
        ListedBody.last_id == version.id,
    )  # fmt: skip
    version.new = db.session.scalar(new) or 0
    record("list.loaded", version, by=CLOCK, at=clock.now(), list=version.of_list)
    put(AGAIN, key=f"{AGAIN}:{version.public_id}", version=version.id)


def compare_on(version: ListVersion, *, by: Actor, at: datetime) -> None:
    """Queue a comparison that was stopped, or broke off, once more."""
    require(by, P.SYSTEM)
    job = comparison(version)
    if version.looked_again is not None or (job and job.is_open):
        raise Refusal(N_("It is compared already."))
    put(AGAIN, key=f"{AGAIN}:{version.public_id}:{at.timestamp()}", by=by.id, version=version.id)
    record("list.compared-on", version, by=by, at=at, list=version.of_list)


def comparison(version: ListVersion | None) -> Job | None:
    """The newest work that compares a version."""
    key = f"{AGAIN}:{version.public_id}" if version else ""
    rows = select(Job).where(Job.kind == AGAIN, Job.key.startswith(key, autoescape=True))
    return db.session.scalar(rows.order_by(Job.created_at.desc()).limit(1)) if version else None


def look_again(job: Job) -> Steps:
    """Compare what is new in a version with everybody whose look-up still counts.

    New is what came since the last version that was compared to the end.
    """
    version, now = db.session.get_one(ListVersion, job.args["version"]), clock.now()
    before, total = compared_before(version), newest_number(day_of(now))
    _let_go(version, now)
    yield 0, total
    new = names_in(bodies([version], before.id if before else 0))
    db.session.rollback()  # here and below: nobody waits for us while names are compared
    fresh, after, done = Listed(new), 0, 0
    while looks := newest_look_ups(day_of(now), STEP, after=after):
        after, done = looks[-1].id, done + len(looks)
        named = [(look.id, names_of(look.organisation, look.controlled_by)) for look in looks]
        db.session.rollback()
        found = {one: like for one, names in named if (like := alike(names, fresh))}
        # A pair is noted once, so who takes this up again finds nothing twice.
        there = newest_look_ups(day_of(now), STEP, only=found)
        version.found += sum(note(look, found[look.id], at=now) for look in there)
        yield done, max(done, total)
    version.looked_again = done
    return {"looked_again": done}


def look_up_renamed(job: Job) -> dict[str, Any]:
    """Whoever is called otherwise, and whom it controls, is looked up anew while an answer stands.

    What was settled about a name stays settled: only a pair that was never noted makes a task.
    """
    whose, before, now = job.args["organisation"], job.args["before"], clock.now()
    called = db.session.get_one(Organisation, whose)
    fresh = [n for n in (called.name, *called.other_names) if n not in before]
    looks = look_ups_about(whose, before, day_of(now))
    for look in looks:
        names = [] if look.organisation_id == whose else fresh
        actions.look_up_renamed(look, names, known_lists(), at=now)
    return {"looked_up": len(looks)}


def _let_go(version: ListVersion, at: datetime) -> None:
    """Questions about entries that this version does not hold any more are over."""
    rows = db.session.scalars(
        select(Resemblance).join(ListedBody, ListedBody.id == Resemblance.body_id).where(
            Resemblance.settled_at.is_(None), ListedBody.of_list == version.of_list,
            ListedBody.last_id < version.id,
        )
    )  # fmt: skip
    for row in rows.all():
        let_go(row, at=at)
