"""What a paper is made of. Plain text throughout: nothing in it is ever read as markup."""

from dataclasses import dataclass

from partners.ground.words import RIGHT_TO_LEFT


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
    """The whole paper in one more language, a BCP 47 code."""

    language: str
    blocks: tuple["Block", ...]

    @property
    def from_right(self) -> bool:
        """Whether it is read from the right."""
        return self.language.split("-")[0] in RIGHT_TO_LEFT


Block = Masthead | Heading | Para | Quote | Bullets | Facts | TableBlock | Sides | Square
