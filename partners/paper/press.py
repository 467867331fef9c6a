"""From strips to pages to a tagged PDF."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import groupby
from threading import Lock
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFString
from reportlab.pdfgen.canvas import Canvas

from partners.paper import type as faces
from partners.paper.blocks import Block, Para, Version
from partners.paper.layout import Layout
from partners.paper.strips import (
    MM,
    ORNAMENT,
    OURS,
    SMALL,
    THEIRS,
    WIDTH,
    Figure,
    Ink,
    Shape,
    Strip,
)
from partners.paper.tags import Element
from partners.paper.type import Line, Style, lines, width
from partners.paper.versions import laid_out

LEFT, TOP, FOOT = 20 * MM, A4[1] - 14 * MM, 20 * MM
ROOM = TOP - FOOT
LONELY, CLOSER = 110, 0.7  # points on a last page, and what becomes of each gap
BAR = 3.2 * MM
WATERMARK = Style(faces.SANS_BOLD, 54, 60, "#ebe7e0")
colour = cache(HexColor)
PRESS = Lock()  # because a typeface keeps a reading position while its subset is cut


def printed(
    blocks: Iterable[Block],
    *,
    title: str,
    language: str,
    reference: str,
    footer: str = "",
    author: str = "",
    pages: str = "page %(page)s of %(pages)s",
    watermark: str = "",
    also: Iterable[Version] = (),
) -> bytes:
    """The paper as a tagged A4 PDF; the same arguments give the same bytes, in any process.

    `language` is a BCP 47 code. `reference` and `footer` stand at the foot of every page beside
    `pages`; `watermark` stands across every page of its language and is read first. Any text
    prints: what has no glyph here appears as a replacement sign. `also`: the same paper in other
    languages, each on pages of its own after the first.
    """
    with PRESS:
        layout = Layout()
        versions = [Version(language, tuple(blocks), pages, watermark), *also]
        body = laid_out(layout, [_marked_draft(version) for version in versions])
        filled = [(version, page) for version, strips in body for page in _fitted(strips)]
        sheet = _Sheet(title, language, author)
        for number, (version, page) in enumerate(filled, 1):
            words = version.pages % {"page": number, "pages": len(filled)}
            sheet.page(page, " · ".join(filter(None, (reference, footer))), words, version)
        return sheet.done(layout)


def _marked_draft(version: Version) -> Version:
    """What stands across the pages is also said, before all else."""
    if not version.watermark:
        return version
    return replace(version, blocks=(Para(version.watermark, small=True), *version.blocks))


def _fitted(strips: list[Strip]) -> list[list[tuple[float, Strip]]]:
    """Strips on pages; what would stand lonely on the last one is drawn up to the page before, by
    narrower gaps all over."""
    pages = _paged(strips)
    if len(pages) > 1 and sum(strip.high for _, strip in pages[-1]) < LONELY:
        closer = _paged([s if s.things else replace(s, high=s.high * CLOSER) for s in strips])
        return min(pages, closer, key=len)
    return pages


def _paged(strips: list[Strip]) -> list[list[tuple[float, Strip]]]:
    """Strips on pages, each with its distance from the top; what keeps together moves together."""
    pages: list[list[tuple[float, Strip]]] = [[]]
    down = 0.0
    for at, strip in enumerate(strips):
        begins = at == 0 or not strips[at - 1].keep
        together = _together(strips, at) if begins else strip.high
        need = together if together <= ROOM else strip.high
        if pages[-1] and (strip.things or strip.keep) and down + need > ROOM:
            pages.append([])
            down = 0.0
            for head in strip.again:
                pages[-1].append((down, head))
                down += head.high
        if pages[-1] or strip.things:
            pages[-1].append((down, strip))
            down += strip.high
    return pages


class _Sheet:
    """One PDF being written."""

    def __init__(self, title: str, language: str, author: str) -> None:
        self.paper = BytesIO()
        faces.font(faces.SERIF)
        face: Any = faces.SERIF  # because reportlab's types take it for a number
        self.canvas: Any = Canvas(
            self.paper, pagesize=A4, invariant=1, lang=language, pageCompression=1,
            initialFontName=face, initialFontSize=10, pdfVersion=(1, 7),
        )  # fmt: skip
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.canvas.setSubject(title)
        self.canvas.setCreator("Partners")
        self.marked: list[list[Element]] = []
        self.deep = -1

    def page(
        self, strips: list[tuple[float, Strip]], foot: str, number: str, version: Version
    ) -> None:
        self.marked.append([])
        things = [(down, thing) for down, strip in strips for thing in strip.things]
        with self._marked("Artifact <</Type /Background>>"):
            self._frame(version)
        said: list[tuple[float, Ink | Figure]] = []
        with self._marked("Artifact <</Type /Layout>>"):
            for down, thing in things:
                if isinstance(thing, Shape):
                    self._shape(thing, down)
                elif isinstance(thing, Ink) and thing.element is ORNAMENT:
                    self._ink(thing, down)
                else:
                    said.append((down, thing))
        for down, strip in strips:
            if strip.mark:
                self._bookmark(down, *strip.mark)
        self._content(said)
        with self._marked("Artifact <</Type /Pagination>>"):
            self._foot(foot, number, version.from_right)
        self.canvas.showPage()

    def done(self, layout: Layout) -> bytes:
        layout.tree.write(self.canvas, self.marked)
        self.canvas.save()
        return self.paper.getvalue()

    @contextmanager
    def _marked(self, what: str) -> Iterator[None]:
        self.canvas._code.append(f"/{what} BDC")
        yield
        self.canvas._code.append("EMC")

    def _content(self, inks: list[tuple[float, Ink | Figure]]) -> None:
        """Content in reading order, so that a reader without tags hears the same paper."""
        inks.sort(key=lambda pair: pair[1].element.order)
        marked = self.marked[-1]
        for _, group in groupby(inks, key=lambda pair: pair[1].element.order):
            run = list(group)
            element = run[0][1].element
            element.marks.append((len(self.marked) - 1, len(marked)))
            with self._marked(f"{element.role.split()[0]} <</MCID {len(marked)}>>"):
                for down, ink in run:
                    box = (
                        self._figure(ink, down) if isinstance(ink, Figure) else self._ink(ink, down)
                    )
                    if element.link:
                        self._click(element.link, box)
            marked.append(element)

    def _ink(self, ink: Ink, down: float) -> tuple[float, ...]:
        x, y = LEFT + ink.x, TOP - down - ink.down
        self._line(ink.line, x, y, ink.colour)
        return x, y - 3, x + ink.line.width, y + 9

    def _figure(self, figure: Figure, down: float) -> tuple[float, ...]:
        for box in figure.boxes:
            self._shape(replace(box, x=figure.x + box.x), down + figure.down)
        x, y = LEFT + figure.x, TOP - down - figure.down
        figure.element.placed = (x, y - figure.wide, x + figure.wide, y)
        return figure.element.placed

    def _click(self, link: Element, box: tuple[float, ...]) -> None:
        """Where a click leads to the link's address; the tree writes it with its element."""
        goes = PDFDictionary({"S": PDFName("URI"), "URI": PDFString(link.address)})
        click = PDFDictionary({
            "Type": PDFName("Annot"), "Subtype": PDFName("Link"), "Rect": PDFArray(list(box)),
            "Border": PDFArray([0, 0, 0]), "F": 4, "A": goes, "Contents": PDFString(link.address),
        })  # fmt: skip
        self.canvas._addAnnotation(click)
        link.clicks.append((len(self.marked) - 1, click))

    def _line(self, line: Line, x: float, y: float, ink: str) -> None:
        held = f"/Lang ({line.language})" if line.language else ""
        if line.spoken is not None:
            held += f"/ActualText <feff{line.spoken.encode('utf-16-be', 'replace').hex()}>"
        with self._marked(f"Span <<{held}>>") if held else nullcontext():
            self._runs(line, x, y, ink)

    def _runs(self, line: Line, x: float, y: float, ink: str) -> None:
        text = self.canvas.beginText(x, y)
        text.setFillColor(colour(ink))
        for name, size, run in line.runs:
            text.setFont(name, size)
            text.textOut(run)
        if not line.cut:
            text.textOut(" ")  # because a reader joins lines as they are
        self.canvas.drawText(text)

    def _bookmark(self, down: float, level: int, words: str) -> None:
        key = f"m{len(self.marked)}-{down:.1f}"
        self.canvas.bookmarkPage(key, fit="XYZ", left=0, top=TOP - down + 6, zoom=0)
        self.deep = min(level, self.deep + 1)  # because an outline skips no level
        self.canvas.addOutlineEntry(words, key, self.deep, closed=False)

    def _frame(self, version: Version) -> None:
        canvas = self.canvas
        inks = (THEIRS, OURS) if version.from_right else (OURS, THEIRS)
        for x, ink in zip((0, A4[0] - BAR), inks, strict=True):
            canvas.setFillColor(colour(ink))
            canvas.rect(x, 0, BAR, A4[1], stroke=0, fill=1)
        if version.watermark:
            canvas.saveState()
            canvas.translate(A4[0] / 2, A4[1] / 2)
            canvas.rotate(50)
            line = lines(version.watermark, WATERMARK, 10_000)[0]
            self._line(line, -line.width / 2, -18, WATERMARK.ink)
            canvas.restoreState()

    def _foot(self, foot: str, number: str, from_right: bool) -> None:
        """The reference where a line begins, the number of the page where it ends."""
        room = WIDTH - width(number, SMALL) - 20
        for at, line in enumerate(lines(foot, SMALL, room, from_right)[:2]):
            x = LEFT + (WIDTH - line.width) * from_right
            self._line(line, x, 11 * MM - at * SMALL.leading, SMALL.ink)
        line = lines(number, SMALL, WIDTH, from_right)[0]
        x = LEFT + (WIDTH - line.width) * (not from_right)
        self._line(line, x, 11 * MM, SMALL.ink)

    def _shape(self, shape: Shape, down: float) -> None:
        x, y = LEFT + shape.x, TOP - down - shape.down
        self.canvas.setFillColor(colour(shape.colour))
        if shape.disc:
            half = shape.wide / 2
            self.canvas.circle(x + half, y - half, half, stroke=0, fill=1)
        else:
            self.canvas.rect(x, y - shape.high, shape.wide, shape.high, stroke=0, fill=1)


def _together(strips: list[Strip], first: int) -> float:
    """How high the strips are that stay together from `first` on."""
    last = first
    while strips[last].keep and last + 1 < len(strips):
        last += 1
    return sum(strip.high for strip in strips[first : last + 1])
