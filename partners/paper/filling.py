"""A document and the facts become the blocks of a paper."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from partners.ground.refusals import Refusal
from partners.paper import blocks as b
from partners.paper.documents import Document
from partners.paper.templates import Blank, Parts, Piece, Span

Value = str | int | date | bool | None | Collection[str] | Collection[Mapping[str, str]]
Values = Mapping[str, Value]
Line = tuple[str, tuple[str, ...]]  # kind, cells
SIDE = ("ours", "theirs")


@dataclass(frozen=True, slots=True)
class Setting:
    """What the conditions of a paper ask about: the engagement's level, band and triggers."""

    level: str
    band: str
    triggers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    number: str
    heading: str
    blocks: tuple[b.Block, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A blank that must be written before the paper is issued, in which section, in words."""

    blank: str
    section: str
    words: str


@dataclass(frozen=True, slots=True)
class Filled:
    """One paper, ready for `press.printed` or for the macro in `paper/blocks.html`. `also`: the
    same paper in other languages."""

    masthead: b.Masthead
    sections: tuple[Section, ...]
    missing: tuple[Missing, ...]
    also: tuple[b.Version, ...] = ()

    @property
    def blocks(self) -> tuple[b.Block, ...]:
        """Masthead, then each section's heading and blocks, in the document's order."""
        body = [
            block
            for section in self.sections
            for block in (b.Heading(2, section.heading, section.number), *section.blocks)
        ]
        return (self.masthead, *body)


def filled(
    document: Document, facts: Values, setting: Setting, *, language: str,
    alone: Mapping[str, str] | None = None,
) -> Filled:  # fmt: skip
    """The sections that apply, with their blanks filled, and what is still to be written.

    A section that comes out empty is left out; one that must hold something is reported missing.
    `alone`: passages that stand in another language, and in which.
    """
    pen = _Pen(document, facts, setting, language, alone or {})
    top = _masthead(list(pen.lines(document.text("", language).body, facts)), document, setting)
    missing, found = pen.missing("", ()), list[Section]()
    for clause in document.clauses:
        if applies(document, clause.when, setting):
            text = document.text(clause.id, language)
            heading = pen.words(text.heading, facts).strip()
            blocks = tuple(_blocks(pen.lines(text.body, facts)))
            missing += pen.missing(heading, clause.must)
            if blocks:
                found.append(Section(clause.id, clause.number, heading, blocks))
    return Filled(top, tuple(found), tuple(missing))


def complete(document: Document, facts: Values, setting: Setting, *, language: str) -> Filled:
    """As `filled`; raises `Refusal` where something that the paper must hold is missing."""
    return whole(filled(document, facts, setting, language=language))


def whole(paper: Filled) -> Filled:
    """The paper; raises `Refusal` where something that it must hold is missing."""
    if paper.missing:
        first = paper.missing[0]
        raise Refusal(
            "Before this paper is issued, write %(what)s (section “%(section)s”).",
            field=first.blank, what=first.words, section=first.section,
        )  # fmt: skip
    return paper


def applies(document: Document, condition: str, setting: Setting) -> bool:
    """Whether a condition of the document holds; no condition always does."""
    if not condition:
        return True
    held = {"levels": {setting.level}, "bands": {setting.band}, "triggers": setting.triggers}
    asked = document.conditions[condition]
    return all(not held[kind].isdisjoint(words) for kind, words in asked.items())


class _Pen:
    def __init__(
        self, document: Document, facts: Values, setting: Setting, language: str,
        alone: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.document, self.facts, self.setting = document, facts, setting
        self.language, self.empty = language, dict[str, None]()
        self.alone, self.met = alone, list[str]()

    def missing(self, section: str, must: Collection[str]) -> list[Missing]:
        """What was needed since the last time this was asked and is empty."""
        names = dict.fromkeys([*(name for name in must if not self.true(name)), *self.empty])
        self.empty.clear()
        words = {name: self.document.blanks[name].words for name in names}
        return [
            Missing(name, section, said.get(self.language) or next(iter(said.values())))
            for name, said in words.items()
        ]

    def lines(self, parts: Parts, scope: Values) -> Iterator[Line]:
        for part in parts:
            if isinstance(part, Piece):
                cells = tuple(self._cell(cell, scope) for cell in part.cells)
                if any(cells):
                    yield part.kind, cells
            elif isinstance(part, Span):
                for inner in self._scopes(part, scope):
                    yield from self.lines(part.inside, inner)

    def _cell(self, parts: Parts, scope: Values) -> str:
        self.met.clear()
        words = self.words(parts, scope).strip()
        return b.Mixed.of(words, [(one, self.alone[one]) for one in self.met])

    def words(self, parts: Parts, scope: Values) -> str:
        words = ""
        for part in parts:
            if isinstance(part, str):
                ended = words.endswith(".") and part.startswith(".")  # "8,000 kr." ends a sentence
                words += part[ended:]
            elif isinstance(part, Blank):
                words += self._value(part.name, scope)
            elif isinstance(part, Span):
                words += "".join(self.words(part.inside, s) for s in self._scopes(part, scope))
        return words

    def _scopes(self, span: Span, scope: Values) -> Iterator[Values]:
        if span.mark == "#":
            for row in self._rows(span.name, scope):
                yield {**scope, **row}
        elif self.true(span.name, scope) == (span.mark == "?"):
            yield scope

    def true(self, name: str, scope: Values | None = None) -> bool:
        """Whether a condition holds, or a blank is filled with more than blanks."""
        if name in self.document.conditions:
            return applies(self.document, name, self.setting)
        scope = self.facts if scope is None else scope
        value = scope.get(name)
        if isinstance(value, Collection) and not isinstance(value, str):
            return bool(self._rows(name, scope))
        return bool(value.strip() if isinstance(value, str) else value)

    def _rows(self, name: str, scope: Values) -> list[Mapping[str, str]]:
        """The rows of a list that say something. A list typed as text has a row for each line."""
        value, fields = scope.get(name), self.document.blanks[name].fields
        if isinstance(value, str):
            value = value.splitlines()
        if not isinstance(value, Collection):
            return []
        empty = dict.fromkeys(fields, "")
        rows = [empty | ({"text": row} if isinstance(row, str) else dict(row)) for row in value]
        return [row for row in rows if row[fields[0] if fields else "text"].strip()]

    def _value(self, name: str, scope: Values) -> str:
        value, blank = scope.get(name), self.document.blanks.get(name)
        if not self.true(name, scope):
            if blank:
                self.empty[name] = None
            return "…" if blank else ""
        if blank and blank.kind == "list":
            rows = (self._met(row["text"].strip()) for row in self._rows(name, scope))
            return reduce(lambda all_, one: f"{all_}{';' * (all_[-1] != '.')} {one}", rows)
        if blank and blank.kind == "language":
            return _language(str(value), self.language)
        return self._met(said(value, self.language, day=bool(blank and blank.kind == "date")))

    def _met(self, words: str) -> str:
        if words in self.alone:
            self.met.append(words)
        return words


def _language(code: str, language: str) -> str:
    """A language as another calls it; a name that was typed stays."""
    try:
        return Locale.parse(code).get_language_name(language) or code
    except (UnknownLocaleError, ValueError):
        return code


def said(value: object, language: str, *, day: bool = False) -> str:
    """A value as a paper writes it; a `day` may be given in ISO form: 20 November 2026."""
    if day and isinstance(value, str):
        with suppress(ValueError):
            value = date.fromisoformat(value)
    if isinstance(value, date):
        return format_date(value, "long", locale="en_GB" if language == "en" else language)
    return str(value).strip()


def _masthead(lines: list[Line], document: Document, setting: Setting) -> b.Masthead:
    kinds = [kind for kind, _ in lines]
    at = kinds.index("title") if "title" in kinds else 0
    before = [cells[0] for kind, cells in lines[:at] if kind == "para"]
    after = [cells[0] for kind, cells in lines[at + 1 :] if kind == "para"]
    levels, rung = document.levels, None
    # Because the ladder is drawn with four rungs.
    if "rung" in kinds and setting.level in levels and len(levels) == 4:
        rung = b.Rung(levels.index(setting.level) + 1, *lines[kinds.index("rung")][1][:2])
    return b.Masthead(lines[at][1][0], " ".join(before), tuple(after), rung)


def _blocks(lines: Iterator[Line]) -> Iterator[b.Block]:
    """Lines of one kind that follow each other are one list, one table, one pair of sides."""
    for group in _groups(lines):
        kind, first = group[0]
        match kind:
            case "item" | "step":
                yield b.Bullets(tuple(b.Item(*cells[:3]) for _, cells in group), kind == "step")
            case "head":
                wide = len(first)
                rows = (((*cells, *[""] * wide)[:wide]) for _, cells in group[1:])
                yield b.TableBlock(first, tuple(rows))
            case "row":
                yield b.Facts(tuple((cells[0], _together(cells[1:])) for _, cells in group))
            case "part":
                number, dot, words = first[0].partition(". ")
                numbered = dot and number.isdecimal()
                yield b.Heading(3, words, number) if numbered else b.Heading(3, first[0])
            case "quote":
                yield b.Quote(*first[:2])
            case _ if kind.startswith(SIDE):
                yield _sides(group)
            case _:
                yield b.Para(first[0], small=kind == "small")


def _together(cells: tuple[str, ...]) -> str:
    return cells[0] if len(cells) == 1 else " ".join(cells)


def _groups(lines: Iterator[Line]) -> Iterator[list[Line]]:
    group: list[Line] = []
    for line in lines:
        if group and not _joins(group[0][0], line[0]):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _joins(first: str, kind: str) -> bool:
    if first.startswith(SIDE):
        return kind == "item" or kind.startswith(SIDE)
    return kind == "row" if first in ("head", "row") else kind == first in ("item", "step")


def _sides(lines: list[Line]) -> b.Sides:
    sides: list[b.Side] = []
    for kind, cells in lines:
        if kind == "item":
            sides[-1] = replace(sides[-1], items=(*sides[-1].items, b.Item(*cells[:3])))
        else:
            sides.append(b.Side(kind.startswith("ours"), cells[0], ()))
    return b.Sides(tuple(sides), lines[0][0].endswith("signs"))
