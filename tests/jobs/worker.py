"""A worker with one kind of work that writes ten rows, and stands still after the third."""

import os
import threading
from pathlib import Path

from partners import create_app
from partners.accounts.models import Attempt
from partners.ground import clock
from partners.ground.db import db, throwaway
from partners.jobs.models import Job
from partners.jobs.runner import Steps

throwaway.set(True)
REACHED = Path(os.environ.get("STANDS_STILL_AT", "/nonexistent"))


def ten_rows(job: Job) -> Steps:
    for number in range(job.done, 10):
        db.session.add(Attempt(who=f"{job.id}:{number}", at=clock.now()))
        db.session.flush()
        if number == 3 and job.attempts == 1:
            REACHED.write_text(str(os.getpid()))
            threading.Event().wait()
        yield number + 1, 10
    return {"rows": 10}


def stands_still(job: Job) -> dict[str, int]:
    db.session.add(Attempt(who=f"{job.id}:whole", at=clock.now()))
    db.session.flush()
    if job.attempts == 1:
        REACHED.write_text(str(os.getpid()))
        threading.Event().wait()
    return {"rows": 1}


def build() -> object:
    app = create_app()
    app.extensions["jobs"].kind("test.ten", ten_rows)
    app.extensions["jobs"].kind("test.whole", stands_still)
    app.extensions["jobs"].kind("test.tick", lambda _job: None, every_minute=True)
    return app.extensions["jobs"].huey


if "PARTNERS_DATABASE" in os.environ:
    huey = build()
