"""Work in the background: taken up again, stopped, and its effect kept exactly once."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from partners.accounts.models import Attempt
from partners.ground import clock
from partners.ground.db import db
from partners.jobs.models import Job
from partners.jobs.runner import Again, Jobs, Steps, ask_to_stop, put
from tests.builders import House


def row(job_id: str) -> Job:
    """The row as it stands; let go at once, because on SQLite this reader holds the only pen."""
    db.session.rollback()
    job = db.session.get_one(Job, job_id)
    db.session.expunge(job)
    db.session.rollback()
    return job


def change(job_id: str, **values: object) -> None:
    db.session.execute(update(Job).where(Job.id == job_id).values(**values))
    db.session.commit()


def effects() -> list[str]:
    db.session.rollback()
    found = list(db.session.scalars(select(Attempt.who).order_by(Attempt.id)))
    db.session.rollback()
    return found


def write(who: str) -> None:
    db.session.add(Attempt(who=who, at=clock.now()))
    db.session.flush()


def overtake(app: Flask, job_id: str) -> None:
    """Another worker finds the lease run out and does the job."""
    with app.app_context():
        db.session.get_one(Job, job_id).lease_until = clock.now() - timedelta(seconds=1)
        db.session.commit()
    app.extensions["jobs"].run(job_id)


def queue(kind: str, **args: object) -> str:
    job_id = put(kind, **args)
    db.session.commit()
    return job_id


def test_what_a_job_writes_is_kept_with_its_end(jobs: Jobs) -> None:
    jobs.kind("t", lambda job: write(job.args["who"]) or {"said": "yes"})
    job = row(queue("t", who="a"))
    assert (job.state, job.outcome, effects()) == ("done", {"said": "yes"}, ["a"])


def test_the_same_key_queues_once(jobs: Jobs) -> None:
    jobs.kind("t", lambda job: write("a"))
    first, second = queue("t", key="k"), queue("t", key="k")
    assert first == second
    assert effects() == ["a"]


def test_a_finished_job_is_not_done_again_by_a_second_call(jobs: Jobs) -> None:
    jobs.kind("t", lambda job: write("a"))
    job_id = queue("t")
    jobs.run(job_id)
    assert effects() == ["a"]


def test_a_job_that_breaks_keeps_nothing_of_its_step_and_says_so(jobs: Jobs) -> None:
    def breaks(_job: Job) -> Steps:
        write("first")
        yield 1, 2
        write("second")
        raise ZeroDivisionError

    jobs.kind("t", breaks)
    job = row(queue("t"))
    assert (job.state, job.done, effects()) == ("broken", 1, ["first"])
    assert "trouble" in job.outcome


def test_a_worker_that_lost_its_lease_keeps_nothing(house: House, jobs: Jobs) -> None:
    def slow(job: Job) -> Steps:
        yield 0, 1
        if job.attempts == 1:
            overtake(house.app, job.id)
        write(f"claim {job.attempts}")
        return {"claim": job.attempts}

    jobs.kind("t", slow)
    job = row(queue("t"))
    assert (job.state, job.outcome, effects()) == ("done", {"claim": 2}, ["claim 2"])


def test_a_step_of_a_worker_that_lost_its_lease_is_not_kept_either(
    house: House, jobs: Jobs
) -> None:
    def slow(job: Job) -> Steps:
        for number in range(job.done, 3):
            if number == 1 and job.attempts == 1:
                overtake(house.app, job.id)
            write(f"{number}")
            yield number + 1, 3
        return None

    jobs.kind("t", slow)
    job = row(queue("t"))
    assert (job.state, job.done, effects()) == ("done", 3, ["0", "1", "2"])


def test_stop_takes_effect_between_two_steps(house: House, jobs: Jobs) -> None:
    def endless(job: Job) -> Steps:
        number = 0
        while True:
            if number == 2:
                with house.app.app_context():
                    ask_to_stop(job.id)
                    db.session.commit()
            write(f"{number}")
            number += 1
            yield number, 100

    jobs.kind("t", endless)
    job = row(queue("t"))
    assert (job.state, job.done, effects()) == ("stopped", 2, ["0", "1"])


def test_a_job_that_has_not_begun_stops_at_once(queue_only: Jobs) -> None:
    queue_only.kind("t", lambda job: write("a"))
    job_id = queue("t")
    assert ask_to_stop(job_id)
    db.session.commit()
    queue_only.run(job_id)
    assert (row(job_id).state, effects()) == ("stopped", [])


def test_again_keeps_what_was_written_and_waits(jobs: Jobs) -> None:
    jobs.kind("t", lambda job: write(f"{job.attempts}") or Again(timedelta(hours=1)))
    job_id = queue("t")
    jobs.run(job_id)
    job = row(job_id)
    assert (job.state, effects()) == ("queued", ["1"])
    assert job.lease_until > clock.now() + timedelta(minutes=59)


def test_work_that_kills_its_worker_every_time_is_given_up(queue_only: Jobs) -> None:
    queue_only.kind("t", lambda job: write("never"))
    job_id = queue("t")
    change(job_id, attempts=25, state="running", lease_until=clock.now() - timedelta(seconds=1))
    queue_only.run(job_id)
    assert (row(job_id).state, effects()) == ("broken", [])


def test_a_lost_wake_up_call_is_made_good_by_the_sweep(queue_only: Jobs) -> None:
    queue_only.kind("t", lambda job: write("a"))
    job_id = queue("t")
    queue_only.huey.storage.flush_queue()
    change(job_id, lease_until=clock.now() - timedelta(seconds=1))
    queue_only.sweep()
    assert queue_only.huey.pending_count() == 1 + len(queue_only.ticks) + len(queue_only.days)
    queue_only.run(job_id)
    assert (row(job_id).state, effects()) == ("done", ["a"])


def test_a_tick_of_two_clocks_is_one(jobs: Jobs) -> None:
    jobs.kind("t.tick", lambda job: write("tick"), every_minute=True)
    minutes = set()
    for _clock in range(2):
        minutes.add(int(clock.now().timestamp()) // 60)
        jobs.sweep()
    minutes.add(int(clock.now().timestamp()) // 60)
    assert 1 <= len(effects()) <= len(minutes)


def test_old_ticks_are_cleared_away_and_broken_jobs_stay(jobs: Jobs) -> None:
    jobs.kind("t.tick", lambda job: None, every_minute=True)
    for key, state in (("old", "done"), ("trouble", "broken")):
        change(queue("t.tick", key=key), state=state, ended_at=clock.now() - timedelta(days=2))
    jobs.sweep()
    kept = set(db.session.scalars(select(Job.key)))
    assert "old" not in kept
    assert "trouble" in kept
