"""A large list handed in, read, compared and added; for figures only."""

import io
import random
import resource
import time
from typing import Any

from sqlalchemy import func, select

from partners.accounts.models import Account
from partners.ground import clock
from partners.ground.db import db, writes
from partners.jobs.models import Job
from partners.registry import imports, pairs
from partners.registry.models import Organisation
from scripts.bench_rows import DISTRICTS, FIRST, SECOND, THIRD


def written(rows: int, dice: random.Random) -> bytes:
    """A list as a municipality might have it: name, number, what they do, district, website."""
    out = io.StringIO()
    out.write("name;number;topic;district;website\n")
    before = ""
    for number in range(rows):
        place = dice.choice(DISTRICTS)
        code, name = f"GB-CHC-{1_000_000 + number}", f"{dice.choice(SECOND)} {dice.choice(THIRD)}"
        name = f"{dice.choice(FIRST)} {name} {number}"
        if number % 50 == 49:  # one in fifty is the one before it, with a letter less
            code, name = "", before[:2] + before[3:]
        before = name
        out.write(f"{name};{code};sport;{place};w{number}.example\n")
    return out.getvalue().encode()


def imported(app: Any, content: bytes) -> dict[str, float]:
    """Seconds of each part, rows added, and the most memory that this process has taken."""
    with app.app_context():
        writes.set(True)
        maja = db.session.scalars(
            select(Account).where(Account.email == "maja@havnby.example")
        ).one()
        by, told = maja.actor, {}
        before = db.session.scalar(select(func.count()).select_from(Organisation)) or 0
        db.session.rollback()
        start, used = time.perf_counter(), time.process_time()
        made = imports.stage(io.BytesIO(content), "list.csv", "Bench", by=by, at=clock.now())
        told["hand in"] = time.perf_counter() - start
        targets = ["name", "number:", "tags", "district", "website"]
        imports.ask_to_check(
            made, targets, usual="association", because="The list does not say", headed=True, by=by
        )
        told["read and compare"] = _done(app)
        job = imports.newest_job(made)
        assert job is not None
        imports.ask_to_apply(made, "none", [], job, by=by)
        told["add"] = _done(app)
        after = db.session.scalar(select(func.count()).select_from(Organisation)) or 0
        told["rows"] = after - before
        told["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        pairs.search(by=by)
        told["propose"] = _done(app)
        found = pairs.newest_search()
        told["proposed"] = found.outcome["found"] if found else 0
        told["processor"] = time.process_time() - used
        told["memory of both"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return told


def _done(app: Any) -> float:
    db.session.commit()
    waiting = db.session.scalars(
        select(Job.id)
        .where(Job.state == "queued")
        .where(Job.key.like("import:%") | (Job.kind == pairs.FIND))
    ).all()
    db.session.rollback()
    start = time.perf_counter()
    for job_id in waiting:
        app.extensions["jobs"].run(job_id)
    return time.perf_counter() - start
