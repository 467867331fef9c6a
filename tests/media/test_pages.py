"""The page of the reading list, for the team; and what the organisation reads of it."""

import csv
import io
import zipfile

from partners.assessment.readings import read_now
from partners.ground import clock
from partners.ground.db import db
from tests.assessment.case import started
from tests.builders import House
from tests.media.test_reading import OWN_FEED, POST, hours, minute
from tests.page import Page

__all__ = ["hours"]


def page_of(case: object) -> str:
    return f"/engagements/{case.public_id}/reading"


def test_an_officer_keeps_one_sets_one_aside_and_the_list_answers(house: House, hours) -> None:
    case = started(house, organisation=house.organisation(feeds=[OWN_FEED]))
    minute(house, {POST: "plain.xml", OWN_FEED: "own.atom"})
    page = Page(house.client("maja")).get(page_of(case))
    assert "2 entries wait" in page.heading
    assert "its whole name stands there" in page.text
    keep = next(href for text, href in page.links().items() if "Soup for a whole" in text
                and "Keep it" in text)  # fmt: skip
    page.get(keep.split("#")[0])
    page.send(press="Keep this entry", status=422)
    other = Page(house.client("maja")).get(keep.split("#")[0])
    page.send({"good": "yes", "note": "They fed a street."}, press="Keep this entry", follow=True)
    other.send({"good": "no", "note": "Who paid?"}, press="Keep this entry", status=422)
    assert "settled, or no longer there" in other.text
    assert "Who paid?" in other.text, "nothing that was typed is lost"
    page.send(press="Set it aside", follow=True)
    assert "Nothing waits" in page.heading
    assert "One entry is kept. Looked for: “Harbour Kitchen”. Read: " in page.text
    page.send(press="Answer with this", follow=True)
    assert "The reading is over" in page.heading
    db.session.expire_all()
    assert read_now(clock.today()) == []


def test_nothing_found_answers_with_words_and_dates(house: House, hours) -> None:
    case = started(house)
    page = Page(house.client("maja"))
    minute(house, {})
    page.get(page_of(case))
    assert "No source was read yet" in page.text
    hours.append(24)
    minute(house, {POST: "empty.xml"})
    page = Page(house.client("maja")).get(page_of(case))
    page.send(press="Nothing found: answer with this", follow=True)
    assert "Nothing found. Looked for: “Harbour Kitchen”." in page.text
    assert "Havnby Post, local news: 21 Nov 2026" in page.text
    assert "Could not be read: Harbour Radio, news" in page.text


def test_the_organisation_reads_the_log_and_what_is_kept_but_no_suggestion(
    house: House, hours
) -> None:
    case = started(house, organisation=house.organisation(feeds=[OWN_FEED]))
    minute(house, {POST: "plain.xml", OWN_FEED: "own.atom"})
    page = Page(house.client("maja")).get(page_of(case) + "?entry=none")
    keep = next(href for text, href in page.links().items() if "Soup for a whole" in text
                and "Keep it" in text)  # fmt: skip
    page.get(keep.split("#")[0])
    page.send({"good": "no", "note": "Who cooked?"}, press="Keep this entry", follow=True)
    house.partner("nadia", case.organisation)
    theirs = Page(house.client("nadia")).get("/our/file/reading")
    for said in ("Soup for a whole street", "Who cooked?", "Havnby Post", "One entry looked at"):
        assert said in theirs.text
    assert "We peel" not in theirs.text
    assert "Maja" not in theirs.text
    answer = house.client("nadia").get("/our/everything.zip")
    whole = zipfile.ZipFile(io.BytesIO(answer.data))
    kept = whole.read("tables/kept-entries.csv").decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(kept))
    assert [(row["title"], row["note"]) for row in rows] == [
        ("Soup for a whole street", "Who cooked?")
    ]
    log = whole.read("tables/reading-log.csv").decode()
    assert POST in log
    assert OWN_FEED in log


def test_markup_in_a_feed_is_shown_as_text_and_no_link_of_it_runs(house: House, hours) -> None:
    case = started(house, organisation=house.organisation(feeds=[OWN_FEED]))
    minute(house, {OWN_FEED: "script.xml"})
    page = Page(house.client("maja")).get(page_of(case))
    assert "Open doors" in page.text
    assert "javascript:" not in page.source
    assert "onerror" not in page.source
    assert "<svg/onload" not in page.source
