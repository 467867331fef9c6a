"""The papers of a policy: their sections, conditions, blanks and words, by language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from partners.paper.templates import Parts, Piece

FOLDER = "documents"
RUNGS = ("account", "key", "elsewhere")  # how a paper can be signed, the lowest first
NOTICES = (-90, -30, -5)  # days before a last day, where a document says nothing else
PAUSE_DAYS = 90  # how far ahead the next talk may lie, where a document says nothing else
BASE = "en"
MOST_AHEAD = -365  # days before a last day on which anybody is told of it
KINDS = {"text", "date", "list", "rows", "yes-no", "language"}
# What may stand at the top of document.toml, and what it is.
HEAD = {
    "instrument": str, "must_hold": list, "when": dict, "section": list, "met_first": list,
    "defaults": dict, "version": str, "months": int, "review_months": int,
    "report_months": int, "notices": list, "training": list, "agreed": bool,
    "tested": bool, "fills": str, "offer": list, "sign_within_days": int, "lowest_rung": str,
    "pause_days": int,
}  # fmt: skip
# What a field of a row is where it is no text.
FIELDS = {
    "always": bool, "passage": bool | list, "fields": list, "words": dict, "must": list,
}  # fmt: skip
# How words.toml counts pages, and what each count must name; those of signatures, where wanted.
NUMBERED = {
    "page": "page %(page)s of %(pages)s",
    "signatures-page": "page %(page)s of %(pages)s, after page %(text)s",
}
Condition = Mapping[str, tuple[str, ...]]
"""Holds where one of the `levels`, `bands` and `triggers` is there, of each kind that is named."""


@dataclass(frozen=True, slots=True)
class BlankKind:
    """A blank that papers may have. `always`: the house fills it itself; `words` by language.

    `passage`: somebody's own words, which a second language needs in its own; of rows, in these
    fields. `within`: needed where that other blank is filled.
    """

    kind: str = "text"
    always: bool = False
    passage: bool | Sequence[str] = False
    within: str = ""
    fields: Sequence[str] = ()
    words: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def own_words(self) -> Sequence[str]:
        """The fields of a row that hold somebody's own words; of a text or list, "text"."""
        return self.passage if isinstance(self.passage, Sequence) else ["text"] * self.passage


@dataclass(frozen=True, slots=True)
class Clause:
    """A section as the policy sets it. `must`: blanks without which no paper is issued."""

    id: str = ""
    number: str = ""
    when: str = ""
    must: Sequence[str] = ()
    holds: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """Where a paper is called for: a condition of the document, and the reason by language."""

    when: str = ""
    words: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Text:
    heading: Parts
    body: Parts


@dataclass(frozen=True, slots=True)
class Document:
    """One kind of paper. `texts` by language, then by section id ("" is the masthead).

    `more`: what else stands at the top of document.toml, for the room that uses the paper.
    """

    id: str
    instrument: str
    clauses: Sequence[Clause]
    conditions: Mapping[str, Condition]
    texts: Mapping[str, Mapping[str, Text]]
    blanks: Mapping[str, BlankKind]
    words: Mapping[str, Mapping[str, str]]
    levels: tuple[str, ...]
    more: Mapping[str, Any] = field(default_factory=dict[str, Any])
    offers: Sequence[Offer] = ()

    @property
    def signed_by(self) -> frozenset[str]:
        """The sides that sign: those without whose signers no paper is issued."""
        must = {name for clause in self.clauses for name in clause.must}
        sides = {"signers_city": "city", "signers_org": "partner"}
        return frozenset(side for name, side in sides.items() if name in must)

    @property
    def agreed(self) -> bool:
        """Whether both sides must have said “this is what we mean” before it is issued."""
        return bool(self.more.get("agreed", True))

    @property
    def notices(self) -> Sequence[int]:
        """On which days before the last day both sides are told, the first one first."""
        return [int(day) for day in self.more.get("notices", NOTICES)]

    @property
    def lowest_rung(self) -> str:
        """The lowest way in which it can be signed."""
        return str(self.more.get("lowest_rung", RUNGS[0]))

    @property
    def pause_days(self) -> int:
        """For how many days ahead the next talk may be set; 0: what nobody signs, nobody pauses."""
        return int(self.more.get("pause_days", PAUSE_DAYS)) if self.signed_by else 0

    def called(self, language: str) -> str:
        """What such a paper is called: the first line of its masthead."""
        first = next((p for p in self.text("", language).body if isinstance(p, Piece)), None)
        words = first.cells[0] if first else ()
        return "".join(part for part in words if isinstance(part, str)).strip()

    def text(self, section: str, language: str) -> Text:
        """A section in `language`, or in the base language until somebody has translated it."""
        return self.texts.get(language, {}).get(section) or self.texts[BASE][section]

    def word(self, name: str, language: str, instead: str = "") -> str:
        """A word of the print shop itself, such as "page %(page)s of %(pages)s"; `instead`: what
        serves where an older edition or another language has none."""
        own, base = self.words.get(language, {}), self.words[BASE]
        return own.get(name) or own.get(instead) or base.get(name) or base.get(instead, name)
