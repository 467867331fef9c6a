"""What of a feed is suggested, and when a feed is asked again. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from partners.ground.refusals import Refusal
from partners.ground.text import read_url
from partners.ground.words import N_
from partners.matching.mentions import Names, small_words

OWN = N_("it stands in the organisation’s own feed")
AROUND = 140  # letters shown on each side of a name
LONGEST_PAUSE = timedelta(days=1)


@dataclass(frozen=True)
class Suggestion:
    """An entry that may be about the organisation: `before`, `name`, `after` are its own words."""

    mark: str
    title: str
    link: str
    on: str
    reason: str
    before: str
    name: str
    after: str

    @property
    def day(self) -> date | None:
        """The day on which it was published, where the feed says it."""
        return date.fromisoformat(self.on) if self.on else None

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def suggested(
    entries: Sequence[Mapping[str, str]], whose: Mapping[int, Sequence[str]], own: Iterable[int],
    *, since: Mapping[int, date], today: date,
) -> dict[int, list[Suggestion]]:  # fmt: skip
    """For each reading in `whose`, with the names it looks for: what a person should look at.

    `own`: readings of the organisation's own feed, where every entry is by the organisation.
    `since`: how far back each one reads. An entry without a day is shown; a person sees its age.
    """
    names = Names((reading, name) for reading, words in whose.items() for name in words)
    texts = [f"{entry['title']}. {entry['text']}" for entry in entries]
    small = small_words(texts)
    found: dict[int, list[Suggestion]] = {reading: [] for reading in whose}
    for entry, text in zip(entries, texts, strict=True):
        on = entry["on"] if entry["on"] <= (today + timedelta(days=1)).isoformat() else ""
        named = {m.of: (m.reason, m.start, m.end) for m in reversed(names.within(text, small))}
        for reading, place in ({one: (OWN, 0, 0) for one in own} | named).items():
            if reading in whose and not (on and on < since[reading].isoformat()):
                found[reading].append(_suggestion(entry, text, on, *place))
    return found


def _suggestion(
    entry: Mapping[str, str], text: str, on: str, reason: str, start: int, end: int
) -> Suggestion:
    mark = hashlib.sha256(entry["id"].encode("utf-8", "replace")).hexdigest()[:16]
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    before = f"…{before}" if start > AROUND else before
    after = f"{after}…" if end + AROUND < len(text) else after
    return Suggestion(
        mark, entry["title"], safe_link(entry["link"]), on, reason, before, text[start:end], after
    )


def safe_link(link: str) -> str:
    """The link as it may stand on a page, or nothing."""
    try:
        return read_url(link) if link else ""
    except Refusal:
        return ""


def pause(hours: int, failures: int, asked: int) -> timedelta:
    """How long a feed is left alone: twice as long after each trouble, or as long as it asks."""
    longer = timedelta(hours=hours) * 2 ** min(failures, 6)
    return max(timedelta(hours=hours), min(max(longer, timedelta(seconds=asked)), LONGEST_PAUSE))
