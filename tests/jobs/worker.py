"""A worker with one kind of work that writes ten rows, and stands still after the third. An import
stands still in the middle of its second step of reading, and after its first table when entering.
"""

import os
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from partners import create_app
from partners.accounts.models import Attempt
from partners.ground import clock
from partners.ground.db import db, throwaway
from partners.jobs.models import Job
from partners.jobs.runner import Steps
from partners.registry import checking, entering

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


def stands_still_once(work: Callable[..., Any], at: int) -> Callable[..., Any]:
    """`work`, whose call number `at` waits for leave to go on; only in the first worker."""
    calls = count(1)

    def waiting(*told: Any) -> Any:
        if next(calls) == at and not REACHED.exists():
            REACHED.write_text(str(os.getpid()))
            while not REACHED.with_suffix(".go").exists():
                threading.Event().wait(0.05)
        return work(*told)

    return waiting


def build() -> object:
    checking.read_row = stands_still_once(checking.read_row, 2_500)
    entering.progress = stands_still_once(entering.progress, 2)
    app = create_app()
    app.extensions["jobs"].kind("test.ten", ten_rows)
    app.extensions["jobs"].kind("test.whole", stands_still)
    app.extensions["jobs"].kind("test.tick", lambda _job: None, every_minute=True)
    return app.extensions["jobs"].huey


if "PARTNERS_DATABASE" in os.environ:
    huey = build()
