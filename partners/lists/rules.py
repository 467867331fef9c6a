"""Which lists are looked up, from `data/lists.toml`, and what a file of one must keep to. Pure."""

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from partners.ground.refusals import Refusal
from partners.ground.words import N_

# The files that each kind of list is published in, in the order in which they are read.
PARTS: Mapping[str, tuple[str, ...]] = {
    "ofac": ("sdn.csv", "alt.csv", "add.csv"),
    "un": ("xml",), "eu": ("xml",), "uk": ("xml",), "ftm": ("json",), "csv": ("csv",),
}  # fmt: skip
KNOWN_KEYS = {"id", "name", "format", "required", "addresses"}


@dataclass(frozen=True)
class Entry:
    """An organisation on a list: its publisher's number, all its names, its country."""

    key: str
    names: tuple[str, ...]
    country: str = ""

    @property
    def fingerprint(self) -> str:
        """Differs as soon as anything that is compared or shown does."""
        return _hashed([self.key, *sorted(self.names), self.country])


@dataclass(frozen=True)
class LawList:
    """One list. Where it is `required`, nothing is found before a version of it is here."""

    id: str
    name: str
    format: str
    required: bool = False
    addresses: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        return PARTS[self.format]


@dataclass(frozen=True)
class Lists:
    """Every list by id, and which share of the last good version a new one must have at least."""

    smallest_share: float
    every: Mapping[str, LawList]


def read_lists(text: str) -> Lists:
    """The lists that `text` (TOML) names. Raises ValueError, with what to mend."""
    said: dict[str, Any] = tomllib.loads(text)
    rows, share = cast(list[dict[str, Any]], said.get("list", [])), said.get("smallest_share")
    if not isinstance(share, int | float) or not 0 < share <= 1:
        raise ValueError("write smallest_share as a number above 0, at most 1")
    for row in rows:
        _check(row)
    made = [LawList(str(row["id"]), str(row["name"]), row["format"], bool(row.get("required")),
                    tuple(row.get("addresses", ()))) for row in rows]  # fmt: skip
    if len({one.id for one in made}) < len(made):
        raise ValueError("give each list an id of its own")
    return Lists(float(share), {one.id: one for one in made})


def _check(row: Mapping[str, Any]) -> None:
    where = row.get("id", "a list")
    if strange := set(row) - KNOWN_KEYS or {"id", "name", "format"} - set(row):
        raise ValueError(f"{where}: see to {sorted(strange)}")
    if row["format"] not in PARTS:
        raise ValueError(f"{where}: write a format of {', '.join(PARTS)}")
    if len(row.get("addresses", ())) not in (0, len(PARTS[row["format"]])):
        raise ValueError(f"{where}: give an address for each file, or none")


def refuse_what_shrank(found: int, before: int, share: float) -> None:
    """A list that is suddenly tiny was cut off on its way; the last good one stays."""
    if not found:
        raise Refusal(N_("No organisation stands in this file. The last good version stays."))
    if found < before * share:
        raise Refusal(
            N_("This file names %(found)s organisations, the last good version %(before)s. That is"
               " too few to be whole, so the last good version stays."),
            found=found, before=before,
        )  # fmt: skip


def pair_of(name: str, list_id: str, fingerprint: str) -> str:
    """Stands for a name and an entry as both are now: what is settled holds until one changes."""
    return _hashed([name, list_id, fingerprint])


def names_of(organisation: Any, controlled_by: Sequence[str]) -> list[str]:
    """What is looked up: the names of the organisation and of bodies that control it. No people."""
    return list(dict.fromkeys([organisation.name, *organisation.other_names, *controlled_by]))


def _hashed(parts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
