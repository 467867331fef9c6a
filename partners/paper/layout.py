"""Blocks become strips: lines of the page with everything on them, and elements in the tree."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby, zip_longest
from typing import Any

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

from partners.paper import blocks as b
from partners.paper import type as faces
from partners.paper.strips import (
    BODY,
    GAP,
    GUTTER,
    HAIR,
    INK,
    MM,
    OURS,
    OWN_WORDS,
    SIGNED,
    SMALL,
    STRONG,
    THEIRS,
    TITLE,
    WIDTH,
    Column,
    Figure,
    Shape,
    Strip,
    beside,
    echoed,
    flowing,
    ruled,
    side_by_side,
)
from partners.paper.tags import Tree
from partners.paper.type import Style, width

HEADINGS = {  # 1 is a section without a number, which has to stand out by itself
    1: Style(faces.SANS_BOLD, 12.4, 17, INK),
    2: Style(faces.SANS_BOLD, 10.6, 14.5, INK),
    3: Style(faces.SANS_BOLD, 9.4, 13, INK),
}
RUNGS = (30.5, 23, 14.5, 5)  # of the ladder, lowest first
Cell = tuple[str, Style, str]  # text, style, role
Place = tuple[float, float]  # x, width
ADDRESS = re.compile(r"https?://\S+")


class Layout:
    """Lays out one paper. `tree` is complete when `strips` has returned."""

    def __init__(self) -> None:
        self.tree = Tree()
        self.left = 0.0  # where text begins: beside the numbers, where there are any

    def strips(self, blocks: Iterable[b.Block]) -> list[Strip]:
        """All strips of the paper. Who signs, signs under words, never on a page of names only; and
        a square for cameras stands under the heading that says what it is for.
        """
        whole = list(blocks)
        numbered = any(isinstance(block, b.Heading) and block.number for block in whole)
        found: list[Strip] = []
        above = words = under = 0
        for block in whole:
            last = len(found)
            # What stands above the masthead begins where that does.
            before = block is whole[0] and isinstance(block, b.Para)
            self.left = GUTTER if numbered and not before else 0.0
            if isinstance(block, b.Sides) and block.signing:
                last = words
            elif isinstance(block, b.Square):
                last = under
            found[last:] = [replace(strip, keep=True) for strip in found[last:]]
            above = len(found)
            if isinstance(block, b.Heading):
                under = above + 1  # the space before it is not kept, so that a page may end there
            found += getattr(self, block.kind)(block)
            if not isinstance(block, b.Heading):
                words = max(above, len(found) - 3)  # its last lines
        return found

    def _column(self, indent: float = 0) -> Column:
        return Column(self.left + indent, WIDTH - self.left - indent)

    def masthead(self, block: b.Masthead) -> Iterator[Strip]:
        side = 40 * MM if block.rung else 0
        left, right = Column(0, WIDTH - side - GAP * bool(side)), Column(WIDTH - side, side)
        if block.kicker:
            left.write(block.kicker, SMALL, self.tree.add("P"))
        left.write(block.title, TITLE, self.tree.add("H1"))
        left.rows.append((6, []))
        for text in block.lines:
            left.write(text, SMALL, self.tree.add("P"))
        if block.rung:
            right.rows.append((17 * MM + 5, list(_ladder(right.x, block.rung.step))))
            right.write(block.rung.label, STRONG, self.tree.add("P"))
            if block.rung.note:
                right.write(block.rung.note, SMALL, self.tree.add("P"))
        first, *rest = side_by_side([left, right], keep=True)
        yield replace(first, mark=(0, block.title))
        yield from rest
        yield ruled(6, 1.4, 8, INK)

    def heading(self, block: b.Heading) -> Iterator[Strip]:
        step = 3 if block.level == 3 else 2 if self.left and block.number else 1
        style, element = HEADINGS[step], self.tree.add(f"H{block.level}")
        column = self._column()
        column.write(block.text, style, element)
        if block.number:
            beside(column, 0, 0, f"{block.number}.", style, element)
        yield Strip(style.size * 0.85 if block.level == 2 else 5)
        first, *rest = flowing(column, keep=True)
        yield replace(first, mark=(block.level - 1, f"{block.number} {block.text}".strip()))
        yield from rest
        yield Strip(1.5, keep=True)

    def para(self, block: b.Para) -> Iterator[Strip]:
        column = self._column()
        column.write(block.text, SMALL if block.small else BODY, self.tree.add("P"))
        yield from flowing(column)
        yield Strip(4)

    def quote(self, block: b.Quote) -> Iterator[Strip]:
        element, column = self.tree.add("BlockQuote"), self._column(5 * MM)
        column.write(block.text, OWN_WORDS, self.tree.add("P", element))
        if block.by:
            column.write(block.by, SMALL, self.tree.add("P", element))
        for strip in flowing(column):
            bar = Shape(self.left + 1 * MM, 0, 1.6, strip.high, THEIRS)
            yield replace(strip, things=(bar, *strip.things))
        yield Strip(6)

    def bullets(self, block: b.Bullets) -> Iterator[Strip]:
        parent = self.tree.add("L numbered" if block.numbered else "L")
        for at, item in enumerate(block.items, 1):
            column, entry = self._column(), self.tree.add("LI", parent)
            label, body = self.tree.add("Lbl", entry), self.tree.add("LBody", entry)
            column.write(item.text, BODY, body, 5 * MM)
            beside(column, 0, column.x, f"{at}." if block.numbered else "•", BODY, label)
            if item.note:
                column.write(item.note, SMALL, body, 5 * MM)
            yield from flowing(column)
            yield Strip(2)
        yield Strip(3)

    def facts(self, block: b.Facts) -> Iterator[Strip]:
        room, first = WIDTH - self.left, (WIDTH - self.left) * 0.32
        places = [(self.left, first - 10), (self.left + first, room - first)]
        yield replace(ruled(2, 0.5, 2, HAIR, self.left), keep=True)
        rows = [[(label, SMALL, "TH row"), (value, BODY, "TD")] for label, value in block.rows]
        yield from self._table(rows, places)

    def tableblock(self, block: b.TableBlock) -> Iterator[Strip]:
        head = [(text, STRONG, "TH") for text in block.head]
        rows = [[(text, BODY, "TD") for text in cells] for cells in block.rows]
        yield Strip(3, keep=True)
        yield from self._table([head, *rows], _places(block, self.left))

    def _table(self, rows: list[list[Cell]], places: list[Place]) -> Iterator[Strip]:
        table, again = self.tree.add("Table"), tuple[Strip, ...]()
        for cells in rows:
            row, columns, head = self.tree.add("TR", table), list[Column](), cells[-1][2] == "TH"
            for (text, style, role), place in zip(cells, places, strict=True):
                columns.append(Column(*place))
                cell = self.tree.add(role, row)
                cell = self.tree.link(text, cell) if ADDRESS.fullmatch(text) else cell
                columns[-1].write(text, style, cell)
            strips = list(side_by_side(columns, keep=head))
            rule = ruled(2, 0.9 if head else 0.5, 3, INK if head else HAIR, self.left)
            yield from (replace(strip, again=again) for strip in strips)
            yield replace(rule, keep=head)
            again = echoed([*strips, rule]) if head else again
        yield Strip(5)

    def sides(self, block: b.Sides) -> Iterator[Strip]:
        left = 0 if block.signing else self.left
        wide = (WIDTH - left - GAP) / 2
        sides = [
            list(self._side(side, left + at * (wide + GAP), wide, block.signing))
            for at, side in enumerate(block.sides)
        ]
        again = tuple[Strip, ...]()
        yield Strip(8 if block.signing else 3, keep=True)
        for at, row in enumerate(zip_longest(*sides)):
            columns = [column for column in row if column]
            strips = list(side_by_side(columns, keep=block.signing or at == 0))
            yield from (replace(strip, again=again) for strip in strips)
            again = again if at else echoed(strips)
            if at and not block.signing:
                rules = tuple(Shape(cell.x, 2, cell.wide, 0.6, HAIR) for cell in columns)
                yield Strip(4.6, rules)
        yield Strip(12 if block.signing else 5)

    def square(self, block: b.Square) -> Iterator[Strip]:
        """A QR code: a click leads where it leads, and whoever listens hears the address."""
        code = QRCode(None, QRErrorCorrectLevel.M)
        code.addData(block.address)
        code.make()
        size = 30 * MM / code.getModuleCount()
        dark = [(row, run) for row in range(code.getModuleCount()) for run in _runs(code, row)]
        # A hair wider than it is, because some screens show light between two boxes that touch.
        boxes = (Shape(at * size, row * size, long * size, size + 0.1, INK)
                 for row, (at, long) in dark)  # fmt: skip
        link = self.tree.link(block.address)
        element = self.tree.add("Figure", link)
        element.alt, element.link = block.address, link
        yield Strip(6, keep=True)
        yield Strip(30 * MM + 8, (Figure(self.left, 0, 30 * MM, tuple(boxes), element),))

    def _side(self, side: b.Side, x: float, wide: float, signing: bool) -> Iterator[Column]:
        colour, column = OURS if side.ours else THEIRS, Column(x, wide)
        column.rule(2.2, colour, 3)
        column.write(side.title, Style(faces.SANS_BOLD, 9.6, 13, colour), self.tree.add("H3"), 12)
        column.rows[1][1].insert(0, Shape(x, 3.2, 7.6, 7.6, colour, disc=not side.ours))
        column.rows.append((2, []))
        yield column
        parent = None if signing else self.tree.add("L")
        for item in side.items:
            column = Column(x, wide)
            if signing:
                self._signature(column, item)
            else:
                body = self.tree.add("LBody", self.tree.add("LI", parent))
                column.write(item.text, BODY, body)
                if item.note:
                    column.write(item.note, SMALL, body)
            yield column

    def _signature(self, column: Column, item: b.Item) -> None:
        element = self.tree.add("P")
        column.rows.append((8, []))
        column.write(item.text if item.signed else "", SIGNED, element)
        column.rule(0.7, INK, 2)
        column.write(item.text, STRONG, element)
        for part in filter(None, (item.note, item.signed)):
            column.write(part, SMALL, element)


def _runs(code: Any, row: int) -> Iterator[tuple[int, int]]:
    """The dark runs in a row of a QR code: where each begins and how long it is."""
    at = 0
    for dark, group in groupby(code.isDark(row, c) for c in range(code.getModuleCount())):
        long = len(list(group))
        if dark:
            yield at, long
        at += long


def _ladder(x: float, step: int) -> Iterator[Shape]:
    """The house's mark: two rails, four rungs, a disc on one; dialogue reaches past both."""
    unit = MM / 2
    for rail, colour in ((4, OURS), (26, THEIRS)):
        yield Shape(x + rail * unit, unit, 4 * unit, 32 * unit, colour)
    for at, high in enumerate(RUNGS, 1):
        past = 0 if at == 3 else 8.5
        yield Shape(x + past * unit, (high - 1) * unit, (34 - 2 * past) * unit, 2 * unit, INK)
    disc = 9.2 * unit
    yield Shape(x + 17 * unit - disc / 2, RUNGS[step - 1] * unit - disc / 2, disc, disc, INK, True)


def _places(block: b.TableBlock, left: float) -> list[Place]:
    """Where the columns stand: as wide as their longest text asks, within reason."""
    columns = list(zip(block.head, *block.rows, strict=True))
    asks = [min(max(width(text, BODY) for text in column), 220) + 40 for column in columns]
    x, places = left, []
    for ask in asks:
        wide = (WIDTH - left) * ask / sum(asks)
        places.append((x, wide - 10))
        x += wide
    return places
