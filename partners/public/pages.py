"""The municipality's own pages: short texts in `data/pages/<name>/<language>.md`, as blocks.

They are written in the small language of the papers: `## Heading {#id}`, `- item`, `|= head |`,
`| row |`, paragraphs, and blanks such as `{{complain_to}}` with `{{?name}} … {{/name}}` and
`{{^name}} … {{/name}}` on lines of their own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from partners.paper import blocks as b
from partners.paper.templates import Blank, Parts, Piece, Span, parsed, sections

NAMES = ("privacy", "accessibility", "complaints")
DEFAULT = Path(__file__).parents[2] / "data"
Facts = Mapping[str, str]


@dataclass(frozen=True)
class Section:
    """A part of a page with a place that can be linked to; the first has the page's own title."""

    id: str
    heading: str
    blocks: tuple[b.Block, ...]


@cache
def _sections(folder: Path, name: str, language: str) -> dict[str, tuple[str, Parts]]:
    files = [at / "pages" / name / f"{tongue}.md" for tongue in (language, "en")
             for at in (folder, DEFAULT)]  # fmt: skip
    text = next(file for file in files if file.exists()).read_text("utf-8")
    return {key: (heading, parsed(body)) for key, (heading, body) in sections(text).items()}


def page_text(folder: Path, name: str, language: str, facts: Facts) -> list[Section]:
    """One page in `language`, else in English, with the municipality's facts in its blanks."""
    found = []
    for key, (heading, parts) in _sections(folder, name, language).items():
        lines = list(_lines(parts, facts))
        title = next((cells[0] for kind, cells in lines if kind == "title"), heading)
        shown = [line for line in lines if line[0] != "title"]
        if title:
            found.append(Section(key, title, tuple(_blocks(shown))))
    return found


def _lines(parts: Parts, facts: Facts) -> Iterator[tuple[str, list[str]]]:
    for part in parts:
        if isinstance(part, Piece):
            yield part.kind, [_words(cell, facts).strip() for cell in part.cells]
        elif isinstance(part, Span) and _holds(part, facts):
            yield from _lines(part.inside, facts)


def _words(parts: Parts, facts: Facts) -> str:
    said = ""
    for part in parts:
        if isinstance(part, str):
            said += part
        elif isinstance(part, Blank):
            said += facts.get(part.name, "")
        elif isinstance(part, Span) and _holds(part, facts):
            said += _words(part.inside, facts)
    return said


def _holds(span: Span, facts: Facts) -> bool:
    return bool(facts.get(span.name)) == (span.mark != "^")


def _blocks(lines: Iterable[tuple[str, list[str]]]) -> Iterator[b.Block]:
    joined = {"item": "items", "head": "table", "row": "table"}
    for kind, group in groupby(lines, lambda line: joined.get(line[0], line[0])):
        rows = list(group)
        if kind == "items":
            yield b.Bullets(tuple(b.Item(cells[0], *cells[1:2]) for _kind, cells in rows))
        elif kind == "table":
            head = next((tuple(cells) for kind, cells in rows if kind == "head"), ())
            yield b.TableBlock(head, tuple(tuple(c) for kind, c in rows if kind == "row"))
        elif kind == "part":
            yield from (b.Heading(3, cells[0]) for _kind, cells in rows)
        else:
            yield from (b.Para(cells[0], kind == "small") for _kind, cells in rows)
