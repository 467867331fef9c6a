"""Feeds as they come: what is read is plain text, dated where it can be, and costs little."""

import os
from pathlib import Path
from typing import Any

import pytest

from partners.media.feeds import Unreadable, entries_of, read_apart

FILES = Path(__file__).parent.parent / "files" / "feeds"
AT = "https://post.havnby.example/feed.xml"


def read(name: str, media_type: str = "application/xml") -> list[dict[str, str]]:
    return entries_of((FILES / name).read_bytes(), media_type, AT, 60)


def test_an_entry_has_its_words_its_link_and_its_day() -> None:
    newest = read("plain.xml")[0]
    assert newest == {
        "id": "https://post.havnby.example/s2", "title": "The ferry is late", "on": "2026-11-20",
        "link": "https://post.havnby.example/ferry",
        "text": "The harbour was closed, and so was the kitchen on board.",
    }  # fmt: skip


def test_markup_is_told_as_text_and_a_relative_link_as_a_whole_one() -> None:
    entry = read("own.atom")[0]
    assert (entry["title"], entry["text"]) == ("We peel on Thursdays", "Bring potatoes .")
    assert entry["link"] == "https://kitchen.example/peel"


def test_a_day_is_read_in_every_form_and_what_is_no_day_is_none() -> None:
    entries = read("dates.xml")
    wrong = [e for e in entries if e["title"] and e["on"] not in (e["title"], "2026-11-20")]
    assert not wrong
    assert [e["on"] for e in entries if not e["title"]] == [""] * 6
    assert len(entries) == 12


def test_nothing_that_runs_or_hides_is_left() -> None:
    entries = {e["id"]: e for e in read("script.xml")}
    assert entries["1"]["title"] == "Open doors"
    assert entries["1"]["text"] == "Soup & bread"
    assert entries["2"]["text"] == "1 < 2"
    links = {number: e["link"] for number, e in entries.items()}
    assert links == {"1": "", "2": "", "3": "", "4": "https://post.havnby.example/4", "5": ""}
    hidden = read("hidden.xml")[0]
    assert hidden["title"] == "Kitchen desolc open s"
    assert hidden["text"] == "Line one line two"


def test_what_is_broken_or_lies_about_its_letters_is_read_as_far_as_it_goes() -> None:
    assert "Harbour Kitchen" in str(read("broken.xml"))
    for said in ("", "text/xml; charset=zip", "text/xml; charset=\x00", "a/b; charset=idna"):
        assert read("charset.xml", said)[0]["title"].endswith("at the quay")


def test_an_empty_feed_is_one_and_a_page_is_none() -> None:
    assert read("empty.xml") == []
    for body in (b"", b"\0" * 99, b"<", (FILES / "page.html").read_bytes()):
        with pytest.raises(Unreadable):
            entries_of(body, "text/html", AT, 60)


@pytest.mark.parametrize("body", [b"/etc/hosts", b"file:///etc/hosts", b"https://a.example/f"])
def test_what_came_is_never_taken_for_an_address_or_a_file(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedparser.http.get", lambda *a, **k: pytest.fail("fetched"))
    monkeypatch.setattr("builtins.open", lambda *a, **k: pytest.fail("opened"))
    with pytest.raises(Unreadable):
        entries_of(body, "", AT, 60)


def rss(inside: bytes) -> bytes:
    return (
        b"<rss version='2.0'><channel><item><title>" + inside + b"</title></item></channel></rss>"
    )


HOSTILE = {
    "laughter": (FILES / "entities.xml").read_bytes(),
    "deep": rss(b"<a>" * 300_000),
    "many attributes": rss(b"<a " + b"b='c' " * 200_000 + b"/>"),
    "unclosed tags": rss(b"<script" * 200_000),
    "unclosed comments": rss(b"<!--" * 300_000),
    "ampersands": rss(b"&" * 1_500_000),
    "many entries": b"<rss version='2.0'><channel>" + b"<item><title>x</title></item>" * 60_000,
    "one word": rss(b"x" * 2_000_000),
    "doctypes": b"<!DOCTYPE a [" * 100_000,
    "noise": os.urandom(1_000_000),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_feed_costs_its_own_process_and_says_little(body: bytes) -> None:
    try:
        found: list[Any] = read_apart(body, "text/xml", AT, 60, 2)
    except Unreadable:
        return
    assert len(found) <= 60
    assert len(str(found)) < 60 * 7000
    assert "localhost" not in str(found)
