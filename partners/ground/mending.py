"""What is wrong in a file that somebody wrote, and what would be right; it knows no language."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from partners.ground.words import N_

PLACE = re.compile(r"\(at line (\d+), column (\d+)\)\Z")


@dataclass(frozen=True)
class Problem:
    """One thing to mend: where it stands, what is wrong, and what would be right."""

    file: str
    item: str
    what: str
    mend: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.file, self.item, f"{self.what}; {self.mend}")))


class Told(str):
    """A sentence with facts in it, that a page says in the reader's language."""

    sentence: str
    facts: dict[str, object]


def told(sentence: str, *, aside: str = "", **facts: object) -> str:
    """`sentence` with its facts, as `%(name)s`; it reads as English where nobody translates.

    An `aside` is read there only: what another program says in its own words.
    """
    made = Told(sentence % facts + aside)
    made.sentence, made.facts = sentence, facts
    return made


def not_toml(error: Exception) -> str:
    """Where a text stops being TOML; the parser's own words are for the terminal."""
    aside = f" ({error})"
    if found := PLACE.search(str(error)):
        return told("is not TOML at line %(line)s, column %(column)s", aside=aside,
                    line=found[1], column=found[2])  # fmt: skip
    return told("is not TOML", aside=aside)


def nearest(name: object, known: Collection[str]) -> str:
    """The mend of a name that nobody knows: the one that was meant, as far as one can tell."""
    near = get_close_matches(str(name), list(known), 1)
    return told('write "%(name)s"', name=near[0]) if near else N_("use one that exists, or add it")
