"""Typefaces, and text broken into lines of measured runs."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate, groupby
from pathlib import Path

from arabic_reshaper import reshape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from partners.paper.turning import turned

SHELF = Path(__file__).parent.parent / "static/fonts/print"
SERIF, ITALIC, SERIF_BOLD = "Literata-Regular", "Literata-Italic", "Literata-SemiBold"
SANS, SANS_BOLD = "SchibstedGrotesk-Regular", "SchibstedGrotesk-SemiBold"
OTHER, OTHER_BOLD = "DejaVuSans", "DejaVuSans-Bold"
SCALE = {OTHER: 0.9, OTHER_BOLD: 0.9}  # their letters stand larger on the same size
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


@dataclass(frozen=True, slots=True)
class Style:
    """A typeface at a size, in points, and its ink."""

    face: str
    size: float
    leading: float
    ink: str


@dataclass(frozen=True, slots=True)
class Line:
    """Runs of (typeface, size, text) in the order of the eye.

    `spoken` is what the line says where that differs from the glyphs printed: Arabic is drawn in
    joined forms from right to left, and a sign without a glyph as a replacement. `from_right`: the
    paragraph runs from right to left. `cut`: what follows goes on without a space. `language`:
    where it is not that of the paper.
    """

    runs: tuple[tuple[str, float, str], ...]
    width: float
    spoken: str | None = None
    from_right: bool = False
    cut: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class _Word:
    drawn: str
    spoken: str
    width: float
    cut: bool = False


@cache
def font(name: str) -> TTFont:
    """The typeface, registered with reportlab at first use."""
    loaded = TTFont(name, str(SHELF / f"{name}.ttf"))
    pdfmetrics.registerFont(loaded)
    return loaded


@cache
def glyph(face: str, char: str) -> tuple[str, str, float]:
    """The typeface that has a character, what is printed, and its width at one point.

    Text falls back character by character: own typeface, DejaVu, a visible replacement.
    """
    other = OTHER_BOLD if face.endswith("SemiBold") else OTHER
    plain = unicodedata.normalize("NFKC", char)
    for name, sign in ((face, char), (other, char), (face, plain)):
        if len(sign) == 1 and ord(sign) in font(name).face.charToGlyph:
            wide = font(name).face.getCharWidth(ord(sign)) / 1000
            return name, sign, wide * SCALE.get(name, 1)
    if unicodedata.category(char) in {"Cf", "Mn", "Me", "Cc"}:
        return face, "", 0.0  # invisible in itself: joins, marks, variation selectors
    return glyph(face, REPLACEMENT)


def width(text: str, style: Style) -> float:
    """The length in points of `text` on one line."""
    return sum(glyph(style.face, char)[2] for char in text) * style.size


def lines(text: str, style: Style, room: float, from_right: bool | None = None) -> list[Line]:
    """`text` broken at spaces into lines no longer than `room` points; line breaks are kept.

    A word longer than the room is broken where the room ends. Empty text is one empty line. A
    sentence runs with its paper, `from_right` or not, also where it begins with a foreign name;
    without a paper of its own it runs with its first letter.
    """
    clean = unicodedata.normalize("NFC", text).replace("\t", " ")
    return [
        line
        for part in clean.splitlines() or [""]
        for line in _broken(part, style, room, from_right)
    ]


def in_tongues(
    found: list[Line], parts: Iterable[tuple[str, str]], style: Style
) -> Iterator[list[Line]]:
    """Lines in as many pieces as they have languages, in the order of reading; `parts` are all
    their words, with languages. A passage of another language runs as it does by itself.
    """
    # White space is not counted, because breaking lines takes some of it away.
    tongues = iter([
        tongue for words, tongue in parts
        for sign in unicodedata.normalize("NFC", words) if not sign.isspace()
    ])  # fmt: skip
    for line in found:
        said = "".join(run[2] for run in line.runs) if line.spoken is None else line.spoken
        each = _spaced([None if sign.isspace() else next(tongues, "") for sign in said])
        if len(set(each)) < 2:
            yield [replace(line, language=each[0] if each else "")]
            continue
        pieces = list[Line]()
        for tongue, run in groupby(zip(each, said, strict=True), key=lambda one: one[0]):
            words = "".join(sign for _, sign in run)
            base = _direction(words, None if tongue else line.from_right)
            backwards = _backwards(words, base)
            drawn = _joined(words) if backwards else words
            made = _set([_Word(drawn, words, 0, True)], style, base, backwards)
            pieces.append(replace(made, language=tongue, from_right=line.from_right))
        yield [*pieces[:-1], replace(pieces[-1], cut=line.cut)]


def _spaced(tongues: list[str | None]) -> list[str]:
    """The space within a passage is of its language, that around it the paper's own."""

    def on(last: str | None, own: str | None) -> str | None:
        return last if own is None else own

    before, after = accumulate(tongues, on), [*accumulate(tongues[::-1], on)][::-1]
    return [(a or "") if a == z else "" for a, z in zip(before, after, strict=True)]


def _broken(
    text: str, style: Style, room: float, from_right: bool | None
) -> Iterator[Line]:  # fmt: skip
    base = _direction(text, from_right)
    backwards = _backwards(text, base)
    drawn = _joined(text) if backwards else text
    space, used = width(" ", style), 0.0
    line: list[_Word] = []
    for pair in zip(drawn.split(" "), text.split(" "), strict=True):
        for word in _fitting(*pair, style, room):
            if line and used + space + word.width > room:
                yield _set(line, style, base, backwards)
                line = []
            used = used + space + word.width if line else word.width
            line.append(word)
    yield _set(line, style, base, backwards)


def _fitting(drawn: str, spoken: str, style: Style, room: float) -> Iterator[_Word]:
    """The word, in pieces where it is longer than a line."""
    while (length := width(drawn, style)) > room and len(drawn) > 1:
        cut = max(1, int(len(drawn) * room / length))
        while cut > 1 and width(drawn[:cut], style) > room:
            cut -= 1
        yield _Word(drawn[:cut], drawn[:cut], width(drawn[:cut], style), True)
        drawn = spoken = drawn[cut:]
    yield _Word(drawn, spoken, length)


def _set(pieces: list[_Word], style: Style, base: str, backwards: bool) -> Line:
    drawn = " ".join(piece.drawn for piece in pieces)
    spoken = " ".join(piece.spoken for piece in pieces)
    if backwards:
        drawn = turned(drawn, base)
    found = [glyph(style.face, char) for char in drawn]
    runs = tuple(
        (name, style.size * SCALE.get(name, 1), "".join(sign for _, sign, _ in run))
        for name, run in groupby(found, key=lambda one: one[0])
    )
    printed = "".join(run[2] for run in runs)
    length = sum(wide for _, _, wide in found) * style.size
    said = None if printed == spoken else spoken
    return Line(runs, length, said, base == "R", pieces[-1].cut)


def _backwards(text: str, base: str) -> bool:
    return base == "R" or RIGHT_TO_LEFT.search(text) is not None


def _joined(text: str) -> str:
    """Letters in the forms in which they join."""
    drawn = reshape(text)
    # A ligature may take a space with it: better unjoined than misread.
    return drawn if drawn.count(" ") == text.count(" ") else text


def _direction(text: str, from_right: bool | None) -> str:
    """The direction of a paragraph: its paper's where any letter has it, else its first letter's
    (UAX #9, P2)."""
    kinds = (unicodedata.bidirectional(char) for char in text)
    ways = ["L" if kind == "L" else "R" for kind in kinds if kind in ("L", "R", "AL")]
    own = "R" if from_right else "L"
    return own if not ways or (from_right is not None and own in ways) else ways[0]
