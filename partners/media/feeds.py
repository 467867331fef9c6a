"""A feed as entries. The only place of feedparser, and run as a program of its own.

A hostile feed costs its own process some seconds and some memory, and nobody else anything.
Nothing of the house is imported here, so that the program starts quickly and knows nothing.
"""

import html
import io
import json
import re
import subprocess
import sys
import unicodedata
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import feedparser  # pyright: ignore[reportMissingTypeStubs]

MOST_MEMORY = 512 * 1024 * 1024
LONGEST, LONGEST_MARKUP = 2000, 20_000
DATES = ("published_parsed", "updated_parsed", "created_parsed")
_HIDDEN = re.compile(r"<(script|style)\b[^<]*(?:<(?!/\1)[^<]*)*", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_JOINERS = "\u200c\u200d"


class Unreadable(Exception):
    """It is no feed, or it took too long to read."""


def read_apart(
    body: bytes, media_type: str, address: str, most: int, seconds: float
) -> list[dict[str, str]]:
    """The newest `most` entries, read by a process that ends after `seconds`."""
    head = json.dumps({"type": media_type, "address": address, "most": most, "seconds": seconds})
    try:
        done = subprocess.run(
            [sys.executable, "-I", __file__], input=head.encode() + b"\n" + body,
            capture_output=True, timeout=seconds, check=True, env={},
        )  # fmt: skip
        return list(json.loads(done.stdout))
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        raise Unreadable from error


def entries_of(body: bytes, media_type: str, address: str, most: int) -> list[dict[str, str]]:
    """The newest entries: id, title, text, link and date, all of it plain text.

    Raises Unreadable for what is no feed. An empty feed is one.
    """
    kind = "".join(filter(str.isprintable, media_type))
    said = {"content-type": kind, "content-location": address}
    # A stream, because bytes would be tried as the name of a file, and text as an address.
    found: Any = feedparser.parse(
        io.BytesIO(body), response_headers=said, sanitize_html=False, resolve_relative_uris=False
    )
    if not found.get("version") and not found.get("entries"):
        raise Unreadable
    entries = [_entry(entry) for entry in found.get("entries", ())]
    return sorted(entries, key=lambda one: one["on"], reverse=True)[:most]


def _entry(entry: dict[str, Any]) -> dict[str, str]:
    content = entry.get("content") or [{}]
    texts = [entry.get("summary"), *(part.get("value") for part in content[:3])]
    link, title = str(entry.get("link") or ""), _plain(entry.get("title"))
    made = {"title": title[:300], "text": max(map(_plain, texts), key=len),
            "link": link if _is_web(link) else "", "on": _day(entry)}  # fmt: skip
    return made | {"id": str(entry.get("id") or link or title)[:LONGEST]}


def _plain(markup: Any) -> str:
    """What a reader would see: no tags, no scripts, nothing that hides or reorders."""
    text = _TAG.sub(" ", _HIDDEN.sub(" ", str(markup or "")[:LONGEST_MARKUP]))
    text = unicodedata.normalize("NFC", html.unescape(text))
    shown = "".join(c if c.isprintable() or c in _JOINERS else " " for c in text)
    return " ".join(shown.split())[:LONGEST]


def _is_web(link: str) -> bool:
    try:
        found = urlsplit(link)
    except ValueError:
        return False
    return found.scheme in ("http", "https") and "@" not in found.netloc and len(link) < LONGEST


def _day(entry: dict[str, Any]) -> str:
    """The day as 2026-11-21, or "" where none is given that can be read."""
    for name in DATES:
        try:
            # As a plain dict, because feedparser's own answers for another name, with a warning.
            return date(*dict.get(entry, name, ())[:3]).isoformat()
        except (TypeError, ValueError):
            continue
    return ""


def main() -> None:
    """Read one feed from standard input, within limits that nothing in it can lift."""
    import resource

    head = json.loads(sys.stdin.buffer.readline())
    seconds = int(head["seconds"]) + 1
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    found = entries_of(sys.stdin.buffer.read(), head["type"], head["address"], head["most"])
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
