"""What stands on a page, in strips as high as a line: ink, boxes and figures; columns beside each
other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from partners.paper import blocks as b
from partners.paper import type as faces
from partners.paper.tags import Element
from partners.paper.type import Line, Style, in_tongues, lines

INK, SOFT, HAIR, OURS, THEIRS = "#1b2529", "#4a555a", "#d5d0c8", "#0f4a5a", "#7b2a4e"
MM = 72 / 25.4
WIDTH, GUTTER, GAP = 169 * MM, 9 * MM, 7 * MM  # the text's full width, its numbers, two columns
BODY = Style(faces.SERIF, 10, 14.5, INK)
OWN_WORDS = Style(faces.ITALIC, 10, 14.5, INK)
SMALL = Style(faces.SANS, 8.4, 11.6, SOFT)
STRONG = Style(faces.SANS_BOLD, 8.8, 12.4, INK)
TITLE = Style(faces.SANS_BOLD, 22, 26, INK)
SIGNED = Style(faces.SERIF, 11.5, 16, INK)
ORNAMENT = Element("Artifact")
TALL = 200  # points: a row taller than this may break over two pages


@dataclass(frozen=True, slots=True)
class Ink:
    """Text at `x`, its baseline `down` from the strip's top; `shift`: how far `x` lies from where
    a line from the left would begin."""

    x: float
    down: float
    line: Line
    colour: str
    element: Element
    shift: float = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """Ornament: a filled box, or a `disc` in it. Always an artifact."""

    x: float
    down: float
    wide: float
    high: float
    colour: str
    disc: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture that says something: boxes in a square, whose corner is the figure's."""

    x: float
    down: float
    wide: float
    boxes: tuple[Shape, ...]
    element: Element


Thing = Ink | Shape | Figure


@dataclass(frozen=True, slots=True)
class Strip:
    """A band of the page. `keep`: never the last on its page while the next would start another.

    `mark` is a bookmark: how deep, and its words. `again`: heads that stand above it once more,
    where a page begins with it.
    """

    high: float
    things: tuple[Thing, ...] = ()
    keep: bool = False
    mark: tuple[int, str] | None = None
    again: tuple["Strip", ...] = ()


class Column:
    """One column of a row: where it begins, how wide, and what stands in it, line by line."""

    def __init__(self, x: float, wide: float) -> None:
        self.x, self.wide = x, wide
        self.rows: list[tuple[float, list[Thing]]] = []

    def write(self, text: str, style: Style, element: Element, indent: float = 0) -> None:
        # Somebody's own words run as they do, whatever paper they stand in.
        runs = None if style == OWN_WORDS else element.from_right
        set_lines = lines(text, style, self.wide - indent, runs)
        parts = text.parts if isinstance(text, b.Mixed) else ()
        tongues = {tongue for words, tongue in parts if words.strip()}
        if not element.says and len(tongues) == 1:
            element.language = tongues.pop()
        element.says.append(text)
        element.silent |= any(line.spoken is not None for line in set_lines)
        for pieces in in_tongues(set_lines, parts, style) if parts else ([s] for s in set_lines):
            whole = sum(piece.width for piece in pieces)
            back = pieces[0].from_right
            shift = self.wide - indent - whole if back else 0
            down, at, inks = style.leading * 0.5 + style.size * 0.34, 0.0, list[Thing]()
            for piece in pieces:
                past = whole - at - piece.width if back else at
                aside = shift + (2 * past + piece.width - whole)
                x = self.x + indent + shift + past
                inks.append(Ink(x, down, piece, style.ink, element, aside))
                at += piece.width
            self.rows.append((style.leading, inks))

    def rule(self, thick: float, colour: str, after: float) -> None:
        self.rows.append((thick + after, [Shape(self.x, 0, self.wide, thick, colour)]))


def beside(column: Column, row: int, x: float, label: str, style: Style, element: Element) -> None:
    """Write a number or bullet on a line of `column`, before its text."""
    mark = Column(x, GUTTER)
    mark.write(label, style, element)
    element.says.insert(0, element.says.pop())
    column.rows[row][1].insert(0, mark.rows[0][1][0])


def flowing(column: Column, keep: bool = False) -> list[Strip]:
    """One strip a line; the first and last two lines of a paragraph stay together."""
    last = len(column.rows) - 1
    return [
        Strip(high, tuple(things), keep or (at in (0, last - 1) and at < last))
        for at, (high, things) in enumerate(column.rows)
    ]


def side_by_side(columns: list[Column], keep: bool = False) -> Iterator[Strip]:
    """A row, with a strip for every line; unless it is very tall, they stay together."""
    placed: dict[float, list[Thing]] = {0.0: []}
    high = 0.0
    for column in columns:
        top = 0.0
        for deep, things in column.rows:
            placed.setdefault(top, []).extend(things)
            top += deep
        high = max(high, top)
    whole = high <= TALL
    for start, end in pairwise([*sorted(placed), high]):
        yield Strip(end - start, tuple(placed[start]), keep or start == 0 or (whole and end < high))


def echoed(strips: list[Strip]) -> tuple[Strip, ...]:
    """Strips to be seen once more and heard only once; none where they are tall themselves."""
    if sum(one.high for one in strips) > TALL:
        return ()
    return tuple(
        replace(one, things=tuple(
            replace(thing, element=ORNAMENT) if isinstance(thing, Ink) else thing
            for thing in one.things))
        for one in strips
    )  # fmt: skip


def ruled(before: float, thick: float, after: float, colour: str, x: float = 0) -> Strip:
    """A line across the text, from `x` on."""
    return Strip(before + thick + after, (Shape(x, before, WIDTH - x, thick, colour),))
