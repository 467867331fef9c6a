"""The words of the policy in one language, with the base language behind every sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partialmethod
from typing import cast

Book = Mapping[str, object]

NAMED = (
    "level", "band", "theme", "bundle", "effect", "trigger", "attribution", "outcome", "invariant",
)  # fmt: skip
NAMED_KINDS = ("organisation_kind", "engagement_kind", "activity_kind")
# Which texts an entry may hold; the first is never empty in the base language.
TEXTS = {
    **dict.fromkeys(NAMED + NAMED_KINDS, ("name", "meaning")),
    "item": ("title", "question", "why", "guidance", "evidence", "enhanced_adds"),
}


@dataclass(frozen=True)
class Named:
    name: str
    meaning: str


@dataclass(frozen=True)
class ItemWords:
    title: str
    question: str
    why: str
    guidance: str
    evidence: tuple[str, ...]
    enhanced_adds: str


@dataclass(frozen=True)
class Words:
    """`own` is the language asked for, `base` the one that is complete."""

    own: Book
    base: Book

    @property
    def title(self) -> str:
        return self._text("policy", None, "title")

    @property
    def floor_note(self) -> str:
        return self._text("policy", None, "floor_note")

    def item(self, name: str) -> ItemWords:
        found = {key: self._text("item", name, key) for key in TEXTS["item"] if key != "evidence"}
        evidence = self._find("item", name, "evidence") or ()
        return ItemWords(**found, evidence=tuple(cast(list[str], evidence)))

    def named(self, section: str, name: str) -> Named:
        """The words of anything that is not an item. `section` is one of `TEXTS`."""
        return Named(self._text(section, name, "name"), self._text(section, name, "meaning"))

    level = partialmethod(named, "level")
    band = partialmethod(named, "band")
    theme = partialmethod(named, "theme")
    bundle = partialmethod(named, "bundle")
    effect = partialmethod(named, "effect")
    trigger = partialmethod(named, "trigger")
    attribution = partialmethod(named, "attribution")
    outcome = partialmethod(named, "outcome")

    def _text(self, section: str, name: str | None, key: str) -> str:
        return cast(str, self._find(section, name, key) or "")

    def _find(self, section: str, name: str | None, key: str) -> object:
        return entry(self.own, section, name).get(key) or entry(self.base, section, name).get(key)


def entry(book: Book, section: str, name: str | None) -> Mapping[str, object]:
    """One entry of a word book, or nothing."""
    part = cast(Mapping[str, Mapping[str, object]], book.get(section, {}))
    return part if name is None else part.get(name, {})
