"""A worker is killed in the middle, another takes over: nothing is lost, nothing is twice."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from partners.accounts.models import Attempt
from partners.ground import clock
from partners.ground.db import db
from partners.jobs.models import Job
from partners.jobs.runner import Jobs, put
from tests.builders import House
from tests.conftest import DATA

ROOT = Path(__file__).parent.parent.parent


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass in time"
        threading.Event().wait(0.05)


def consumer(house: House, reached: Path) -> subprocess.Popen[bytes]:
    settings = house.app.config["SETTINGS"]
    env = {
        **os.environ,
        "PARTNERS_DATABASE": settings.database,
        "PARTNERS_INSTANCE": str(settings.instance),
        "PARTNERS_POLICY": str(DATA),
        "STANDS_STILL_AT": str(reached),
        "PYTHONPATH": str(ROOT),
    }
    program = [sys.executable, str(Path(sys.executable).parent / "huey_consumer")]
    return subprocess.Popen(
        [*program, "tests.jobs.worker.huey", "-w", "2", "-q"], env=env, cwd=ROOT
    )


def read(statement: Any) -> Any:
    """Read and let go at once: on SQLite a reader that may write holds the only pen."""
    found = db.session.scalar(statement)
    db.session.rollback()
    return found


def state(job_id: str) -> str:
    return read(select(Job.state).where(Job.id == job_id))


@pytest.mark.parametrize(("kind", "rows", "first"), [("test.ten", 10, 3), ("test.whole", 1, 0)])
def test_a_job_survives_the_killing_of_its_worker_and_has_its_effect_once(
    house: House, queue_only: Jobs, tmp_path: Path, kind: str, rows: int, first: int
) -> None:
    reached = tmp_path / "reached"
    job_id = put(kind)
    db.session.commit()
    worker = consumer(house, reached)
    until(reached.exists)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    kept = select(func.count()).select_from(Attempt)
    assert read(kept) == first
    assert state(job_id) == "running"

    job = db.session.get_one(Job, job_id)
    job.lease_until = clock.now() - timedelta(seconds=1)
    db.session.commit()
    second = consumer(house, reached)
    queue_only.wake(job_id)
    until(lambda: state(job_id) == "done")
    second.send_signal(signal.SIGKILL)
    second.wait()
    who = list(db.session.scalars(select(Attempt.who)))
    assert len(who) == len(set(who)) == rows


def test_two_consumers_do_each_job_once(house: House, queue_only: Jobs, tmp_path: Path) -> None:
    ids = []
    for number in range(12):
        # The first attempt would stand still, so these have been attempted already.
        ids.append(put("test.ten", key=f"k{number}"))
        job = db.session.get_one(Job, ids[-1])
        job.attempts, job.lease_until = 1, clock.now() - timedelta(seconds=1)
    db.session.commit()
    workers = [consumer(house, tmp_path / "reached") for _ in range(2)]
    for job_id in ids * 2:
        queue_only.wake(job_id)
    until(lambda: all(state(i) == "done" for i in ids))
    for worker in workers:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 120
