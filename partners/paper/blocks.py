"""What a paper is made of. Plain text throughout: nothing in it is ever read as markup."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import escape

from partners.ground.words import RIGHT_TO_LEFT


class Mixed(str):
    """Words of which some stand in another language: plain text that also knows its `parts`, each
    with its language ("" is the paper's own), so that a page and the press can mark them."""

    parts: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, text: str, alone: Iterable[tuple[str, str]]) -> str:
        """`text` with the passages named, each with its language, in the order in which they stand;
        without any it stays as it is."""
        found, at = list[tuple[str, str]](), 0
        for words, language in alone:
            start = text.index(words, at)
            found += [(text[at:start], ""), (words, language)]
            at = start + len(words)
        made = cls(text)
        made.parts = tuple(part for part in (*found, (text[at:], "")) if part[0])
        return made if found else text

    def __html__(self) -> str:
        """For a page: all escaped, passages of another language in an element of their own."""
        return "".join(
            f'<bdi lang="{escape(tongue)}">{escape(words)}</bdi>' if tongue else escape(words)
            for words, tongue in self.parts
        )


class Kind:
    """Templates ask a block for its `kind`; the press asks for its class."""

    __slots__ = ()

    @property
    def kind(self) -> str:
        return type(self).__name__.lower()


@dataclass(frozen=True, slots=True)
class Rung:
    """The mark of a level on a masthead: `step` counts from 1, lowest, to 4; words beneath it."""

    step: int
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Masthead(Kind):
    """The top of a paper. Its title is the paper's first heading."""

    title: str
    kicker: str = ""
    lines: tuple[str, ...] = ()
    rung: Rung | None = None


@dataclass(frozen=True, slots=True)
class Heading(Kind):
    """`level` 2 opens a section, 3 a part of it; `number` stands before it and is read with it."""

    level: int
    text: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Para(Kind):
    text: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Quote(Kind):
    """Somebody's own words, with name and date in `by`."""

    text: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list: what, and in small who and when. A signer has `signed` once it signed."""

    text: str
    note: str = ""
    signed: str = ""


@dataclass(frozen=True, slots=True)
class Bullets(Kind):
    items: tuple[Item, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Facts(Kind):
    """Label and value, one pair a row."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TableBlock(Kind):
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the table: `ours` is the municipality's."""

    ours: bool
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Sides(Kind):
    """Both sides next to each other; with `signing`, each item is a line to sign on."""

    sides: tuple[Side, ...]
    signing: bool = False


@dataclass(frozen=True, slots=True)
class Square(Kind):
    """An address as a square for cameras. The words around it must name the address, too."""

    address: str


@dataclass(frozen=True, slots=True)
class Version:
    """The whole paper in one more language, a BCP 47 code. `pages` stands at the foot of its pages,
    `watermark` across them, as in `press.printed`."""

    language: str
    blocks: tuple["Block", ...]
    pages: str
    watermark: str = ""

    @property
    def from_right(self) -> bool:
        """Whether it is read from the right."""
        return self.language.split("-")[0] in RIGHT_TO_LEFT


Block = Masthead | Heading | Para | Quote | Bullets | Facts | TableBlock | Sides | Square
