"""Which lists are looked up, from `data/lists.toml`, and what a file of one must keep to. Pure."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from partners.ground.mending import Problem
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.policy import shapes as s
from partners.policy.shapes import PolicyError

FILE = "lists.toml"
# The files that each kind of list is published in, in the order in which they are read.
PARTS: Mapping[str, tuple[str, ...]] = {
    "ofac": ("sdn.csv", "alt.csv", "add.csv"),
    "un": ("xml",), "eu": ("xml",), "uk": ("xml",), "ftm": ("json",), "csv": ("csv",),
}  # fmt: skip
SHARE = s.fitting(
    "a number above 0, at most 1",
    lambda value: type(value) in (int, float) and 0 < value <= 1,
    float,
)
HEAD = s.need(smallest_share=SHARE)
LIST = s.need(id=s.name, name=s.text, format=s.word(*PARTS)) | s.may(
    required=s.truth, addresses=s.many(s.text)
)


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

    def missing(self, here: Collection[str]) -> list[LawList]:
        """The lists that are needed and of which no version is here."""
        return [one for one in self.every.values() if one.required and one.id not in here]


def read_lists(text: str) -> Lists:
    """The lists that `text` (TOML) names. Raises PolicyError with all that is to be mended."""
    head, rows, problems = s.read_rows(text, FILE, HEAD, "list", LIST)
    made = [LawList(**cast(dict[str, Any], row)) for row in rows]
    every = {one.id: one for one in made}
    if len(every) < len(made):
        problems.append(Problem(FILE, "", "an id appears twice", "give each an id of its own"))
    problems += [Problem(FILE, one.id, "does not say where each file lies", "name all, or none")
                 for one in made if len(one.addresses) not in (0, len(one.parts))]  # fmt: skip
    if problems:
        raise PolicyError(problems)
    return Lists(cast(float, head["smallest_share"]), every)


def refuse_what_shrank(found: int, before: int, share: float) -> None:
    """A list that is suddenly tiny was cut off on its way; the last good one stays."""
    if not found:
        raise Refusal(N_("No organisation stands in this file. The last good version stays."))
    if found < before * share:
        raise Refusal(
            N_("Organisations in this file: %(found)s; in the last good version: %(before)s. That"
               " is too few to be whole, so the last good version stays."),
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
