"""A list is kept version by version; what is broken or suddenly tiny changes nothing."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from partners.ground.db import db
from partners.ground.outside import Reach
from partners.ground.refusals import NotYours, Refusal
from partners.jobs.models import Job
from partners.jobs.runner import ask_to_stop
from partners.lists import loading
from partners.lists.known import known_lists
from partners.lists.models import ListedBody, Resemblance
from partners.lists.queries import bodies, current_versions, good_before
from tests.builders import NOON, House
from tests.lists.files import FILES, both, case_of, handed_in, looked_up, rows
from tests.page import Page

NAMES = [f"Invented Body {n}" for n in range(8)]


def held(list_id: str) -> set[str]:
    version = current_versions()[list_id]
    return {body.names[0] for body in bodies([version])}


def test_a_version_holds_what_its_file_says_and_only_what_changed_is_new(house: House) -> None:
    first = handed_in(house, "national", rows(*NAMES))
    assert (first.state, first.entries, first.new, held("national")) == ("good", 8, 8, {*NAMES})
    second = handed_in(house, "national", rows(*NAMES[:7], "Another Body"))
    assert (second.state, second.entries, second.new) == ("good", 8, 1)
    assert held("national") == {*NAMES[:7], "Another Body"}
    assert [b.names[0] for b in bodies([second], good_before(second).id)] == ["Another Body"]
    assert {b.names[0] for b in bodies([first])} == {*NAMES}, "an older version stays as it was"
    assert db.session.query(ListedBody).count() == 9


def test_what_left_the_list_and_comes_back_was_not_there_in_between(house: House) -> None:
    handed_in(house, "national", rows(*NAMES))
    between = handed_in(house, "national", rows(*NAMES[:6]))
    last = handed_in(house, "national", rows(*NAMES, "x y z"))
    assert {b.names[0] for b in bodies([between])} == {*NAMES[:6]}
    assert (last.new, len(bodies([last]))) == (3, 9)


@pytest.mark.parametrize(
    "content",
    [rows(*NAMES[:3]), rows(), b"id,name\n1,a,b\n", b"<html>", rows(*NAMES)[:90] + b'"'],
    ids=["tiny", "empty", "broken", "another", "cut off"],
)
def test_a_file_that_cannot_be_whole_is_refused_and_the_last_good_one_stays(
    house: House, content: bytes
) -> None:
    good = handed_in(house, "national", rows(*NAMES))
    refused = handed_in(house, "national", content)
    assert (refused.state, refused.entries) == ("refused", 0)
    assert current_versions()["national"].id == good.id
    assert held("national") == {*NAMES}
    page = Page(house.client("per")).get("/lists/national")
    assert (refused.trouble % refused.trouble_facts)[:40] in page.text
    later = handed_in(house, "national", rows(*NAMES, "Another Body"))
    assert (later.new, held("national")) == (1, {*NAMES, "Another Body"})


def test_the_same_file_twice_is_one_version(house: House) -> None:
    handed_in(house, "national", rows(*NAMES))
    with pytest.raises(Refusal, match="already"):
        handed_in(house, "national", rows(*NAMES))


def test_the_keeper_loads_a_list_and_sees_where_each_stands(house: House) -> None:
    page = Page(house.client("per")).get("/lists")
    assert page.heading == "2 lists that are needed are not here yet"
    page.click("EU consolidated list of financial sanctions")
    page.send({"part0": (io.BytesIO((FILES / "eu.xml").read_bytes()), "eu.xml")}, press="Load it")
    page.follow()
    assert "2 organisations" in page.text
    assert "Compared with 0 organisations" in page.text
    assert current_versions()["eu"].fingerprint[:16] in page.text
    assert Page(house.client("per")).get("/lists").heading.startswith("One list")


@pytest.mark.parametrize("who", ["maja", "karin", "else"])
def test_nobody_but_the_keeper_loads_lists(house: House, who: str) -> None:
    Page(house.client(who)).get("/lists", status=404)
    with pytest.raises(NotYours):
        loading.hand_in(known_lists().every["un"], [], by=house.actor(who), at=NOON)
    with pytest.raises(NotYours):
        loading.refresh(known_lists().every["un"], by=house.actor(who), at=NOON)


def test_a_worker_that_is_killed_in_the_middle_leaves_the_last_good_one_and_is_taken_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "STEP", 3)
    good = handed_in(house, "national", rows(*NAMES))
    law, content = known_lists().every["national"], rows(*NAMES[:7], "Another Body")
    half = loading.hand_in(law, [("a", io.BytesIO(content))], by=house.actor("per"), at=NOON)
    db.session.info["wake"] = []  # no worker is called yet
    db.session.commit()
    job = db.session.query(Job).filter(Job.kind == loading.LOAD, Job.state == "queued").one()
    steps = loading.load(job)
    for _step in range(2):
        job.done, job.total = next(steps)
        db.session.commit()
    steps.close()
    assert (half.state, current_versions()["national"].id, held("national")) == (
        "reading", good.id, {*NAMES})  # fmt: skip
    taken_up = job.id
    db.session.rollback()
    house.app.extensions["jobs"].run(taken_up)
    db.session.expire_all()
    assert (half.state, half.new) == ("good", 1)
    assert held("national") == {*NAMES[:7], "Another Body"}


def test_a_comparison_that_is_stopped_says_so_and_is_made_good(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    both(house)
    handed_in(house, "national", rows(*NAMES))
    for name in ("Lighthouse Choir", "Quay Table"):
        looked_up(house, case_of(house, name))
    compared, jobs, waits = loading.alike, house.app.extensions["jobs"], []

    def stopped(*given: Any) -> Any:
        waits.append(db.session().in_transaction())
        ask_to_stop(db.session.query(Job.id).filter(Job.state == "running").scalar())
        db.session.commit()
        return compared(*given)

    monkeypatch.setattr(loading, "alike", stopped)
    first = handed_in(house, "national", rows(*NAMES, "Lighthouse Choirs"))
    assert first.looked_again is None
    assert loading.comparison(first).state == "stopped"
    assert waits == [False, False], "somebody waits while names are compared"
    assert not db.session.query(Resemblance).count()
    keeper = Page(house.client("per")).get("/lists/national")
    assert "was not compared to the end" in keeper.text
    monkeypatch.setattr(loading, "alike", compared)
    second = handed_in(house, "national", rows(*NAMES, "Lighthouse Choirs", "Quay Tables"))
    found = {row.listed_name for row in db.session.query(Resemblance)}
    assert (second.looked_again, found) == (2, {"Lighthouse Choirs", "Quay Tables"})
    assert "Compare it now" not in keeper.get("/lists/national").text
    monkeypatch.setattr(loading, "alike", stopped)
    third = handed_in(house, "national", rows(*NAMES, "Quay Tabel"))
    monkeypatch.setattr(loading, "alike", compared)
    jobs.huey.immediate = False
    keeper.get("/lists/national").send(press="Compare it now").follow()
    assert "It is being compared" in keeper.text
    with pytest.raises(Refusal, match="already"):
        loading.compare_on(third, by=house.actor("per"), at=NOON)
    waiting = loading.comparison(third)
    assert waiting is not None
    number = waiting.id
    db.session.rollback()
    jobs.run(number)
    db.session.expire_all()
    assert (third.looked_again, third.found) == (2, 1)
    assert loading.comparison(third).total == 2, "how far it has come is told"


def test_a_list_is_fetched_from_where_its_publisher_keeps_it(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_bytes(rows(*NAMES))
    law = known_lists().every["national"]
    with served(tmp_path) as port:
        law = replace(law, addresses=(f"http://127.0.0.1:{port}/list.csv",))
        lists = replace(known_lists(), every={**known_lists().every, "national": law})
        monkeypatch.setattr(loading, "known_lists", lambda: lists)
        # By itself the fetcher goes nowhere inside: the refusal is told, nothing is kept.
        near = loading.refresh(law, by=house.actor("per"), at=NOON)
        db.session.commit()
        assert near.state == "refused"
        monkeypatch.setattr(
            loading, "REACH", Reach(ports=frozenset({port}), public_only=False, most=1 << 20)
        )
        for state in ("good", "refused"):
            made = loading.refresh(law, by=house.actor("per"), at=NOON)
            db.session.commit()
            db.session.expire_all()
            assert made.state == state, made.trouble
        assert "already" in made.trouble
        assert len(current_versions()["national"].fingerprint) == 64


@contextmanager
def served(folder: Path) -> Iterator[int]:
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
