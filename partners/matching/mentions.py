"""Organisations named in running text: where, in which words, and why it may be them. Pure.

What is found is a suggestion that a person reads; it says nothing about the organisation.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from anyascii import anyascii

from partners.ground.words import N_
from partners.matching.names import without_form

WHOLE = N_("its whole name stands there")
SHORT = N_("its name without the legal form stands there")
_WORD = re.compile(r"[^\W_]+")
NONE: Mapping[str, bool] = {}
_MOST_WORDS = 12
_SHORT_FORM = 6  # " e. V.", " GmbH", ", Inc."


@dataclass(frozen=True)
class Mention:
    """A name in a text, from `start` to `end`; `reason` is a gettext id."""

    of: int
    name: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class Known:
    """A name as it is looked for: how it is written decides how it must be written in a text."""

    of: int
    name: str
    reason: str
    capital: bool
    letters: bool  # "SPS" is not "Sps"


class Seen(NamedTuple):
    """One word of a text."""

    token: str
    is_capital: bool
    is_small: bool
    is_letters: bool
    start: int
    end: int


def _token(word: str) -> str:
    return word.lower() if word.isascii() else anyascii(word).lower()


class Names:
    """Names to look for, each with the number of whose it is; built once for many texts."""

    def __init__(self, names: Iterable[tuple[int, str]]) -> None:
        self.known: dict[str, dict[int, Known]] = {}
        self.beginnings: set[str] = set()
        for of, name in names:
            self._learn(of, name, name, WHOLE)
            core = without_form(name)
            # "Havnby Forening" without its form is the name of the place.
            if " " in core or len(name) - len(core) <= _SHORT_FORM:
                self._learn(of, name, core, SHORT)

    def _learn(self, of: int, name: str, said: str, reason: str) -> None:
        words = _WORD.findall(said)
        letters = len(words) == 1 and words[0].isupper()
        if len("".join(words)) < (2 if letters else 3) or len(words) > _MOST_WORDS:
            return
        key = " ".join(map(_token, words))
        known = Known(of, name, reason, not words[0][0].islower(), letters)
        self.known.setdefault(key, {}).setdefault(of, known)
        pieces = key.split(" ")
        self.beginnings.update(" ".join(pieces[:n]) for n in range(1, len(pieces)))

    def within(self, text: str, small: Mapping[str, bool] = NONE) -> list[Mention]:
        """The longest names in `text`, left to right. `small`: see `small_words`."""
        words = [Seen(_token(m[0]), m[0][0].isupper(), m[0][0].islower(), m[0].isupper(), *m.span())
                 for m in _WORD.finditer(text)]  # fmt: skip
        found, at = list[Mention](), 0
        while at < len(words):
            length, known = self._longest(words, at)
            telling = [k for k in known if _tells(words, at, length, k, small)]
            start, end = words[at].start, words[at + max(length, 1) - 1].end
            found += [Mention(k.of, k.name, start, end, k.reason) for k in telling]
            at += length if telling else 1
        return found

    def _longest(self, words: Sequence[Seen], at: int) -> tuple[int, Iterable[Known]]:
        key, longest = "", (0, ())
        for length, word in enumerate(words[at : at + _MOST_WORDS], 1):
            key = f"{key} {word.token}" if key else word.token
            if key in self.known:
                longest = length, self.known[key].values()
            if key not in self.beginnings:
                break
        return longest


def small_words(texts: Iterable[str]) -> Mapping[str, bool]:
    """The words that a source also writes small: ordinary words of its own language.

    Each with whether it writes them large too, which it never does with a name that is small.
    """
    found = [word for text in texts for word in _WORD.findall(text)]
    large = {_token(word) for word in found if word[0].isupper()}
    small = {_token(word) for word in found if word[0].islower()}
    return {token: token in large for token in small}


def _tells(
    words: Sequence[Seen], at: int, length: int, known: Known, small: Mapping[str, bool]
) -> bool:
    """Whether it is written as a name, and not an ordinary word or a piece of another name."""
    these = words[at : at + length]
    if (known.capital and these[0].is_small) or (known.letters and not these[0].is_letters):
        return False
    if not known.capital and these[0].is_small:
        return length > 2 or not all(small.get(word.token) for word in these)
    ordinary = all(word.token in small for word in these)
    if length > 1:
        return not (length == 2 and ordinary) or these[-1].is_capital
    if ordinary:
        return False
    # "Radio ABC" may be ABC, and after a full stop any word is written large.
    alone = known.letters or at < 2 or not _beside(words[at - 2], words[at - 1])
    around = [words[i] for i in ((at + 1,) if alone else (at - 1, at + 1)) if i < len(words)]
    run = any(w.is_capital and w.token not in small and _beside(w, these[0]) for w in around)
    return not run


def _beside(one: Seen, other: Seen) -> bool:
    return max(one.start, other.start) - min(one.end, other.end) == 1
