"""The reading list: read while it is asked for, the same for everybody, and gone afterwards."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from partners.assessment import actions
from partners.assessment.models import Answer
from partners.assessment.readings import look_after, read_now
from partners.ground import clock, outside
from partners.ground.db import Table, db
from partners.ground.outside import Fetched, Reach, Unreachable
from partners.ground.refusals import NotYours
from partners.jobs.models import Job
from partners.media import actions as media
from partners.media import shelf
from partners.media.models import Kept, Reading
from partners.media.queries import kept_of, log_of
from partners.media.rules import OWN, pause, safe_link
from partners.media.work import NO_FEED, READ, read_feed
from partners.policy.feeds import read, sources
from partners.policy.load import OURS
from partners.policy.shapes import PolicyError
from tests.assessment.case import answered, proposed, started
from tests.builders import NOON, TODAY, House
from tests.ground.test_outside import says, server

FILES = Path(__file__).parent.parent / "files" / "feeds"
LIMITS = sources(OURS)
POST, RADIO = LIMITS.sources[0].address, LIMITS.sources[1].address
OWN_FEED = "https://kitchen.example/news.atom"
Answers = Mapping[str, Any]


@pytest.fixture(autouse=True)
def hours(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many hours after noon it is; append to it and time goes on."""
    passed = [0]
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(hours=sum(passed)))
    return passed


def world(answers: Answers) -> Callable[..., Fetched]:
    """Every address answers with the file that is named here; what is not named is not there."""

    def fetch(address: str, **_kind: Any) -> Fetched:
        assert not db.session().in_transaction(), "the pen is held while a feed is waited for"
        said = answers.get(address, Unreachable(outside.SAID_NO))
        if isinstance(said, Unreachable):
            raise said
        body = (FILES / said).read_bytes() if isinstance(said, str) else said
        return Fetched(body, "text/xml", '"1"', "")

    return fetch


def minute(house: House, answers: Answers, limits: Any = LIMITS) -> Path:
    """One look of the clock, and every job that it queued."""
    folder = house.app.config["SETTINGS"].instance / "reading"
    house.app.extensions["jobs"].kinds[READ] = lambda job: read_feed(
        job, folder=folder, limits=limits, fetch=world(answers)
    )
    look_after(folder, limits)
    db.session.commit()
    return folder


def seen(folder: Path, engagement: Any) -> dict[str, str]:
    """The titles that are suggested, with the reason."""
    rows = log_of(engagement.organisation_id, engagement.id)
    return {s.title: s.reason for r in rows for s in shelf.suggestions(folder, r.id)}


def reading(engagement: Any, address: str = POST) -> Reading:
    rows = log_of(engagement.organisation_id, engagement.id)
    return next(row for row in rows if row.feed.address == address)


def test_entries_that_name_it_are_suggested_and_its_own_are_all_shown(house: House) -> None:
    case = started(house, organisation=house.organisation(feeds=[OWN_FEED]))
    folder = minute(house, {POST: "plain.xml", OWN_FEED: "own.atom"})
    found = seen(folder, case)
    assert set(found) == {"Soup for a whole street", "We peel on Thursdays"}
    assert found["We peel on Thursdays"] == OWN
    one = shelf.suggestions(folder, reading(case).id)[0]
    assert (one.name, one.before[-14:]) == ("Harbour Kitchen", ". On Thursday ")


def test_everybody_is_read_in_the_same_sources_and_no_more_of_their_own(house: House) -> None:
    many = [f"https://kitchen.example/{n}" for n in range(9)]
    first = started(house, organisation=house.organisation(feeds=many))
    other = started(house, organisation=house.organisation("Lantern Choir"))
    minute(house, {})
    public = {source.address for source in LIMITS.sources}
    for case in (first, other):
        log = log_of(case.organisation_id, case.id)
        assert {row.feed.address for row in log if not row.own} == public
        assert sum(row.own for row in log) == min(LIMITS.most_own, len(case.organisation.feeds))


def test_nothing_is_read_that_is_not_asked_or_already_answered(house: House) -> None:
    lowest = started(house, place=0)
    done = answered(house, started(house, organisation=house.organisation("Lantern Choir")))
    again = started(house, organisation=done.organisation)  # an answer kept with the organisation
    minute(house, {})
    assert read_now(TODAY) == []
    assert not db.session.scalars(select(Reading)).all()
    assert {lowest.id, done.id, again.id}


@pytest.mark.parametrize("ending", ["answered", "declined", "proposed"])
def test_what_nobody_kept_is_gone_when_the_reading_ends(house: House, ending: str) -> None:
    case = started(house)
    folder = minute(house, {POST: "plain.xml"})
    assert list(folder.iterdir())
    match ending:
        case "answered":
            answered(house, case)
        case "declined":
            actions.decline(case, by=house.actor("maja"), at=clock.now())
        case _:
            proposed(house, answered(house, case))
    minute(house, {POST: "plain.xml"})
    assert not list(folder.iterdir())
    assert all(row.closed_at for row in log_of(case.organisation_id))
    assert "Soup" not in everything()


def everything() -> str:
    """Every row of every table, as text."""
    rows = [db.session.execute(text(f"select * from {t.name}")).all()
            for t in Table.metadata.sorted_tables]  # fmt: skip
    return str(rows)


def test_only_what_is_kept_is_stored_and_history_has_none_of_its_words(house: House) -> None:
    case = started(house)
    folder = minute(house, {POST: "plain.xml"})
    assert "Soup" not in everything()
    row = reading(case)
    one = shelf.suggestions(folder, row.id)[0]
    by = {"by": house.actor("maja"), "at": clock.now()}
    kept = media.keep(row, one, "They fed a street.", good=True, within=case, **by)
    media.take_back(kept, "It is another kitchen.", within=case, **by)
    db.session.commit()
    history = str(db.session.execute(text("select * from history")).all())
    assert "Soup" in everything()
    assert "Soup" not in history
    assert "fed a street" not in history


def test_nobody_outside_the_team_keeps_or_sets_aside(house: House) -> None:
    case = started(house)
    folder = minute(house, {POST: "plain.xml"})
    row = reading(case)
    one = shelf.suggestions(folder, row.id)[0]
    partner = house.partner("asha", case.organisation).actor
    for actor in (house.actor("lene"), house.actor("karin"), partner):
        by = {"within": case, "by": actor, "at": clock.now()}
        with pytest.raises(NotYours):
            media.keep(row, one, "A note.", good=True, **by)
        with pytest.raises(NotYours):
            media.set_aside(row, [one.mark], **by)


def test_a_source_in_trouble_keeps_its_last_good_state_and_touches_no_other(
    house: House, hours: list[int]
) -> None:
    case = started(house)
    folder = minute(house, {POST: "plain.xml", RADIO: "page.html"})
    post, radio = reading(case), reading(case, RADIO)
    assert (post.feed.trouble, post.entries) == ("", 3)
    assert (radio.feed.trouble, radio.read_at) == (NO_FEED, None)
    hours.append(24)
    before = post.read_at
    minute(house, {POST: Unreachable(outside.TOO_SLOW), RADIO: "plain.xml"})
    assert (post.feed.trouble, post.read_at) == (outside.TOO_SLOW, before)
    assert reading(case, RADIO).entries == 3
    assert list(seen(folder, case)) == ["Soup for a whole street"]


def test_a_feed_is_asked_once_for_all_and_again_in_whole_for_who_comes_later(
    house: House, hours: list[int]
) -> None:
    asked: list[str] = []

    def counting(address: str, *, etag: str, **_kind: Any) -> Fetched:
        asked.append(etag)
        return Fetched(None if etag else (FILES / "plain.xml").read_bytes(), "", '"1"', "")

    folder = house.app.config["SETTINGS"].instance / "reading"
    limits = replace(LIMITS, sources=LIMITS.sources[:1])
    kinds = house.app.extensions["jobs"].kinds
    kinds[READ] = lambda j: read_feed(j, folder=folder, limits=limits, fetch=counting)

    def look() -> None:
        look_after(folder, limits)
        db.session.commit()

    first = started(house)
    look()
    look()
    assert asked == [""]
    hours.append(7)
    look()
    assert asked == ["", '"1"']
    second = started(house, organisation=house.organisation("Harbour Kitchen Friends"))
    look()
    assert asked == ["", '"1"', ""]
    assert reading(second).entries == reading(first).entries == 3


@pytest.mark.parametrize(
    ("failures", "asked", "hours"),
    [(0, 0, 6), (1, 0, 12), (2, 0, 24), (9, 0, 24), (0, 10, 6), (1, 72_000, 20), (1, 10**9, 24)],
)
def test_a_feed_in_trouble_is_left_alone_for_longer(failures: int, asked: int, hours: int) -> None:
    assert pause(6, failures, asked) == timedelta(hours=hours)


@pytest.mark.parametrize(
    "link",
    "javascript:alert(1) data:text/html,x file:///etc/hosts http://a:b@a.example/ //a".split(),
)
def test_a_link_is_of_the_web_or_none(link: str) -> None:
    assert safe_link(link) == ""


SOUND = (OURS / "feeds.toml").read_text("utf-8")


MANY = "".join(
    f'\n[[source]]\nid = "s{n}"\nname = "S"\naddress = "https://s{n}.example"' for n in range(30)
)
BROKEN = [
    ("https://post.", "ftp://post.", "address cannot be read"),
    ("https://post.", "https://a:b@post.", "address cannot be read"),
    ('id = "havnby-post"', "", "id is missing"),
    ('"harbour-radio"', '"havnby-post"', "appears twice"),
    ("seconds = 5", "seconds = 500", "seconds cannot be read"),
    ("most_own = 3", "most_won = 3", "not known here"),
    ("\n[[source]]", "\n[[source", "is not TOML"),
    ("\n[[source]]", MANY + "\n[[source]]", "names 3. sources; keep the 30 that say most"),
]


@pytest.mark.parametrize(("old", "new", "told"), BROKEN)
def test_a_list_that_is_not_sound_is_told_what_to_mend(old: str, new: str, told: str) -> None:
    with pytest.raises(PolicyError, match=told):
        read(SOUND.replace(old, new, 1))


def test_the_same_job_twice_has_one_effect(house: House) -> None:
    case = started(house)
    folder = minute(house, {POST: "plain.xml"})
    jobs = db.session.scalars(select(Job).where(Job.kind == READ)).all()
    assert {job.state for job in jobs} == {"done"}
    assert len(jobs) == len(LIMITS.sources)
    assert len(shelf.suggestions(folder, reading(case).id)) == 1
    assert not kept_of(case.organisation_id)
    assert not db.session.scalars(select(Kept)).all()
    assert not db.session.scalars(select(Answer)).all()


def test_a_feed_that_hangs_costs_its_own_time_and_no_other_its_reading(house: House) -> None:
    """The real fetch and the real reader, against a server of this machine."""
    case, good = started(house), (FILES / "plain.xml").read_bytes()
    head = b"HTTP/1.1 200 OK\r\nETag: 1\r\n\r\n"
    with server(lambda line, _r: time.sleep(3)) as slow, server(says(head + good)) as quick:
        ports = {POST: quick, RADIO: slow}

        def fetch(address: str, *, reach: Reach, **known: Any) -> Fetched:
            own = Reach(0.3, reach.most, frozenset(ports.values()), public_only=False)
            return outside.fetch(f"http://127.0.0.1:{ports[address]}/", reach=own, **known)

        limits = replace(LIMITS, sources=LIMITS.sources[:2])
        folder = house.app.config["SETTINGS"].instance / "reading"
        house.app.extensions["jobs"].kinds[READ] = lambda j: read_feed(
            j, folder=folder, limits=limits, fetch=fetch
        )
        look_after(folder, limits)
        db.session.commit()
    assert reading(case, RADIO).feed.trouble == outside.TOO_SLOW
    assert (reading(case).feed.trouble, reading(case).feed.etag) == ("", "1")
    assert list(seen(folder, case)) == ["Soup for a whole street"]
