"""huey as clock and hands over our own table: at least once, with its effect exactly once."""

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app
from huey import PostgresHuey, SqliteHuey, crontab
from huey.api import Huey
from sqlalchemy import CursorResult, Update, and_, delete, event, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from partners.ground import clock
from partners.ground.db import db, public_id, writes
from partners.ground.words import N_
from partners.jobs.models import Job

LEASE = timedelta(seconds=60)
FIRST_LOOK = timedelta(seconds=30)  # a job whose wake-up call was lost is found by the sweep
MOST_CLAIMS = 25  # work that takes its worker with it every time must not do so for ever
TICKS_KEPT, ROWS_KEPT = timedelta(hours=6), timedelta(days=90)
BROKE = N_("It broke on our side. Nothing of the unfinished step was kept.")
TOO_OFTEN = {"trouble": N_("It was taken up many times and never came to its end.")}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Again:
    """What work returns to keep what it wrote and to be called once more, not before `after`."""

    after: timedelta


Steps = Generator[tuple[int, int], None, dict[str, Any] | Again | None]
Work = Callable[[Job], dict[str, Any] | Again | Steps | None]


class Stopped(Exception):
    """Somebody asked for this job to stop; the step that had begun is rolled back."""


class Lost(Exception):
    """The lease ran out and another worker has the job; whatever was done here is rolled back."""


class Jobs:
    """The kinds of work that rooms announce when the house opens, and the hands that do them."""

    def __init__(self, app: Flask, database_url: str, wake_file: str) -> None:
        self.app = app
        self.kinds: dict[str, Work] = {}
        self.ticks: list[str] = []
        self.days: list[str] = []
        self.huey: Huey = (
            # The role that serves may not make tables; `partners migrate` makes huey's own.
            PostgresHuey("partners", dsn=database_url.replace("+psycopg", ""), create_tables=False)
            if database_url.startswith("postgresql")
            else SqliteHuey("partners", filename=wake_file, journal_mode="truncate")
        )
        self._wake = self.huey.task()(self.run)
        self.huey.periodic_task(crontab(minute="*"))(self.sweep)

    def kind(self, name: str, work: Work, *, every_minute: bool = False) -> None:
        """Announce a kind of work: a function of its job; see the room's plaque."""
        self.kinds[name] = work
        if every_minute:
            self.ticks.append(name)

    def each_day(self, name: str, work: Callable[[datetime], Steps]) -> None:
        """Announce the work of a day: a function of the time at which it is taken up.

        It is put under the day's name, so that however many clocks there are it is done once. What
        was missed while the machine was off the work itself sees by its dates.
        """
        self.kinds[name] = lambda _job: work(clock.now())
        self.days.append(name)

    def wake(self, job_id: str) -> None:
        """Call a worker. A call that is lost costs time only: the sweep finds the job."""
        try:
            self._wake(job_id)
        except Exception:
            log.exception("no wake-up call for job %s", job_id)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with self.app.app_context():
            token = writes.set(True)
            try:
                yield
            finally:
                db.session.rollback()
                writes.reset(token)

    def run(self, job_id: str) -> None:
        """Claim one job with one UPDATE and do it."""
        with self._at_work():
            if job := _claim(job_id):
                self._do(job)

    def _do(self, job: Job) -> None:
        try:
            outcome = TOO_OFTEN if job.attempts > MOST_CLAIMS else self._work(job)
            _end(job, outcome)
            db.session.commit()
        except Stopped:
            _give_up(job, "stopped", {})
        except Lost:
            log.warning("job %s was taken over", job.id)
        except Exception:
            log.exception("job %s", job.id)
            _give_up(job, "broken", {"trouble": BROKE})

    def _work(self, job: Job) -> dict[str, Any] | Again | None:
        made = self.kinds[job.kind](job)
        if not isinstance(made, Generator):
            return made
        try:
            while True:
                job.done, job.total = next(made)
                _hold(job, done=job.done, total=job.total, lease_until=clock.now() + LEASE)
                db.session.commit()
        except StopIteration as last:
            return last.value
        finally:
            made.close()

    def sweep(self) -> None:
        """Each minute: the ticks and the day's work, once however many clocks there are; and what
        was left lying.
        """
        now = clock.now()
        with self._at_work():
            for name in self.ticks:
                put(name, key=f"{name}:{int(now.timestamp()) // 60}")
            for name in self.days:
                put(name, key=f"{name}:{clock.day_of(now).isoformat()}")
            _clear_away(self.ticks, now)
            left = (Job.state.in_(["queued", "running"]), Job.lease_until < now)
            late = db.session.scalars(select(Job.id).where(*left).limit(500)).all()
            db.session.commit()
        for job_id in late:
            self.wake(job_id)


def _changed(statement: Update, session: Any = db.session) -> int:
    done = session.execute(statement)
    return done.rowcount if isinstance(done, CursorResult) else 0


def _claim(job_id: str) -> Job | None:
    now = clock.now()
    late = Job.lease_until < now
    waits = and_(Job.state == "queued", or_(Job.attempts == 0, late))
    free = update(Job).where(Job.id == job_id, or_(waits, and_(Job.state == "running", late)))
    held = {"state": "running", "attempts": Job.attempts + 1, "lease_until": now + LEASE}
    job = db.session.get(Job, job_id) if _changed(free.values(**held)) else None
    if job is not None:
        db.session.expunge(job)  # so that reading it later opens no transaction
    db.session.commit()
    return job


def _mine(job: Job) -> Any:
    return and_(Job.id == job.id, Job.attempts == job.attempts, Job.state == "running")


def _hold(job: Job, session: Any = db.session, **values: Any) -> None:
    """Write to the job's row if this claim still holds it; raise Stopped or Lost otherwise."""
    if not _changed(update(Job).where(_mine(job), Job.stop.is_(False)).values(**values), session):
        raise Stopped if session.scalar(select(Job.stop).where(_mine(job))) else Lost


def _end(job: Job, outcome: dict[str, Any] | Again | None) -> None:
    now = clock.now()
    match outcome:
        case Again(after):
            _hold(job, state="queued", lease_until=now + after)
        case {"trouble": _}:
            _hold(job, state="broken", outcome=outcome, ended_at=now)
        case _:
            _hold(job, state="done", outcome=outcome or {}, ended_at=now)


def _give_up(job: Job, state: str, outcome: dict[str, Any]) -> None:
    db.session.rollback()
    ended = {"state": state, "outcome": outcome, "ended_at": clock.now()}
    db.session.execute(update(Job).where(_mine(job)).values(**ended))
    db.session.commit()


def _clear_away(ticks: list[str], now: datetime) -> None:
    over = Job.state.in_(["done", "stopped"])
    old_tick = and_(Job.kind.in_(ticks), Job.ended_at < now - TICKS_KEPT)
    db.session.execute(delete(Job).where(over, or_(old_tick, Job.ended_at < now - ROWS_KEPT)))


def put(kind: str, *, key: str | None = None, by: int = 0, **args: Any) -> str:
    """Queue work in the caller's transaction; the same `key` twice queues once. Returns the id."""
    job_id, now = public_id(), clock.now()
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(Job).on_conflict_do_nothing().returning(Job.id)
    made = db.session.scalar(
        insert.values(
            id=job_id,
            kind=kind,
            args=args,
            key=key or job_id,
            created_at=now,
            created_by=by,
            lease_until=now + FIRST_LOOK,
        )  # fmt: skip
    )
    if made is None:
        return db.session.scalars(select(Job.id).where(Job.key == key)).one()
    db.session.info.setdefault("wake", []).append(job_id)
    return job_id


def progress(job: Job, done: int, total: int) -> None:
    """Within one step: say how far it has come, keep the lease, raise Stopped or Lost.

    Only PostgreSQL can show this before the step is kept. On SQLite the step holds the only pen, so
    nobody can take the job over meanwhile and nobody could read it: there it does nothing.
    """
    if db.engine.dialect.name == "sqlite":
        return
    with Session(db.engine) as own, own.begin():
        _hold(job, own, done=done, total=total, lease_until=clock.now() + LEASE)


def ask_to_stop(job_id: str) -> bool:
    """Ask a job to stop after its present step; one that has not begun stops at once."""
    this = update(Job).where(Job.id == job_id)
    ended = {"state": "stopped", "stop": True, "ended_at": clock.now()}
    waiting = _changed(this.where(Job.state == "queued").values(**ended))
    return bool(waiting or _changed(this.where(Job.state == "running").values(stop=True)))


# After the session's commit, not Core's event: that one fires before the row can be seen by others.
@event.listens_for(Session, "after_commit")
def _wake_up(session: Session) -> None:
    if not session.in_nested_transaction():
        for job_id in session.info.pop("wake", []):
            current_app.extensions["jobs"].wake(job_id)


@event.listens_for(Session, "after_rollback")
def _sleep_on(session: Session) -> None:
    session.info.pop("wake", None)
