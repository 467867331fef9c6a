"""An import in a worker of its own: killed, stopped, and beside somebody who writes meanwhile."""

import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from partners.ground import clock
from partners.ground.db import db
from partners.history.models import Entry
from partners.jobs.models import Job
from partners.registry.models import Name, NameKey, Organisation
from tests.builders import House
from tests.jobs.test_killed import consumer, read, until
from tests.page import Page
from tests.registry.test_import import add, hand_in, read_all
from tests.registry.test_register import KITCHEN

ROWS = 5_000
LIST = "name\n" + "".join(f"Harbour Choir {n:04}\n" for n in range(ROWS))
Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def start(house: House, tmp_path: Path) -> Iterator[Start]:
    """Start a worker; all of them end with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def one() -> subprocess.Popen[bytes]:
        started.append(consumer(house, tmp_path / "reached"))
        return started[-1]

    yield one
    for process in started:
        process.kill()
        process.wait()
    house.app.extensions["jobs"].huey.storage.close()


def handed_in(house: House, step: str) -> tuple[Page, str]:
    """A list that waits for a worker: to be read and compared, or to be added."""
    jobs = house.app.extensions["jobs"]
    page = hand_in(Page(house.client("maja")), LIST)
    jobs.huey.immediate = step == "adding"
    read_all(page)
    jobs.huey.immediate = False
    if step == "adding":
        add(page)
    newest = select(Job.id).where(Job.key.like("import:%")).order_by(Job.created_at.desc())
    return page, read(newest.limit(1))


def job(job_id: str, what: Any = Job.state) -> Any:
    return read(select(what).where(Job.id == job_id))


def held() -> list[int]:
    """How many organisations there are, main names, beginnings in history, and owners of keys."""
    counts = (
        select(func.count()).select_from(Organisation),
        select(func.count()).select_from(Name),
        select(func.count()).where(Entry.what == "organisation.registered"),
        select(func.count(NameKey.organisation_id.distinct())),
    )
    return [read(count) for count in counts]


@pytest.mark.parametrize("step", ["reading", "adding"])
def test_an_import_whose_worker_is_killed_is_taken_up_again_and_has_its_effect_once(
    house: House, start: Start, tmp_path: Path, step: str
) -> None:
    page, job_id = handed_in(house, step)
    first = start()
    until((tmp_path / "reached").exists)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert held() == [0, 0, 0, 0]
    assert (job(job_id), job(job_id, Job.done)) == ("running", 2000 if step == "reading" else 0)

    db.session.get_one(Job, job_id).lease_until = clock.now() - timedelta(seconds=1)
    db.session.commit()
    start()
    house.app.extensions["jobs"].wake(job_id)
    until(lambda: job(job_id) == "done")
    if step == "reading":
        add(page.get(page.path))
        until(lambda: held()[0] > 0)
    assert held() == [ROWS] * 4
    assert read(select(func.count(Organisation.reference.distinct()))) == ROWS


def test_an_import_that_is_stopped_adds_nothing_and_can_be_begun_anew(
    house: House, start: Start, tmp_path: Path
) -> None:
    page, job_id = handed_in(house, "reading")
    start()
    until((tmp_path / "reached").exists)
    page.get(page.path)
    assert f"2000 of {ROWS + 1} rows" in page.text
    page.send(press="Stop it", follow=True)
    (tmp_path / "reached.go").touch()
    until(lambda: job(job_id) == "stopped")
    assert "It was stopped. Nothing was added." in page.get(page.path).text
    assert held() == [0, 0, 0, 0]
    read_all(page)
    until(lambda: page.get(page.path).heading == f"{ROWS} organisations are new")


def test_whoever_registers_while_a_list_is_added_waits_and_meets_no_error(
    house: House, start: Start, tmp_path: Path
) -> None:
    _page, job_id = handed_in(house, "adding")
    other = Page(house.client("jonas")).post("/organisations/new", KITCHEN)
    start()
    until((tmp_path / "reached").exists)
    beside = threading.Thread(
        target=other.send, kwargs={"press": "Register Harbour Kitchen", "status": 302}
    )
    beside.start()
    (tmp_path / "reached.go").touch()
    beside.join()
    until(lambda: job(job_id) == "done")
    assert held()[0] == ROWS + 1
    assert read(select(func.count(Organisation.reference.distinct()))) == ROWS + 1


def test_stop_pressed_while_rows_are_copied_leaves_none_of_them_or_comes_too_late(
    house: House, start: Start, tmp_path: Path
) -> None:
    page, job_id = handed_in(house, "adding")
    start()
    until((tmp_path / "reached").exists)
    page.get(page.path)
    beside = threading.Thread(target=page.send, kwargs={"press": "Stop it", "status": 303})
    beside.start()
    alone = db.engine.dialect.name == "sqlite"  # there the press waits for the copying to end
    if not alone:
        beside.join()
    (tmp_path / "reached.go").touch()
    beside.join()
    until(lambda: job(job_id) == ("done" if alone else "stopped"))
    assert held() == [ROWS if alone else 0] * 4
    said = f"{ROWS} organisations were added" if alone else "It was stopped. Nothing was added."
    assert said in page.get(page.path).text
