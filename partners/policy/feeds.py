"""The municipality's own list of feeds, `data/feeds.toml`: checked, the same for everybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from partners.ground.mending import Problem, told
from partners.ground.refusals import Refusal
from partners.ground.text import read_url
from partners.policy import shapes as s
from partners.policy.load import own_or_ours
from partners.policy.shapes import PolicyError

FILE = "feeds.toml"
MOST_SOURCES = 30


def _address(value: object) -> str:
    try:
        return read_url(str(value))
    except Refusal as refusal:
        raise s.Wrong("a full web address without a name or password in it") from refusal


HEAD = s.need(
    most_own=s.whole(0, 10), entries=s.whole(1, 200), seconds=s.whole(1, 10),
    hours_between=s.whole(1, 168),
)  # fmt: skip
SOURCE = s.need(id=s.name, name=s.text, address=_address)


@dataclass(frozen=True)
class Source:
    """One feed of a public source."""

    id: str
    name: str
    address: str


@dataclass(frozen=True)
class Sources:
    """What is read, for everybody: the sources and the limits."""

    most_own: int
    entries: int
    seconds: int
    hours_between: int
    sources: tuple[Source, ...]


def read(text: str) -> Sources:
    """The list as `text` says it. Raises PolicyError with all that is to be mended."""
    head, rows, problems = s.read_rows(text, FILE, HEAD, "source", SOURCE)
    found = [Source(**cast(Mapping[str, Any], row)) for row in rows]
    if problems := problems + _doubles(found):
        raise PolicyError(problems)
    return Sources(**cast(Mapping[str, Any], head), sources=tuple(found))


def _doubles(found: list[Source]) -> list[Problem]:
    problems: list[Problem] = []
    for key in ("id", "address"):
        values = [getattr(source, key) for source in found]
        what = told("its %(key)s appears twice", key=key)
        problems += [Problem(FILE, source.id, what, "take one out")
                     for n, source in enumerate(found) if values[n] in values[:n]]  # fmt: skip
    if len(found) > MOST_SOURCES:
        what = told("names %(number)s sources", number=len(found))
        mend = told("keep the %(number)s that say most", number=MOST_SOURCES)
        problems.append(Problem(FILE, "", what, mend))
    return problems


@cache
def sources(folder: Path) -> Sources:
    """The list of the policy folder, else the house's own."""
    return read(own_or_ours(folder, FILE).read_text("utf-8"))
