"""A paper as plain lines: what it says, whatever it looks like."""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import chain
from typing import Any

from partners.paper import blocks as b
from partners.paper.filling import Filled


def lines_of(blocks: Iterable[b.Block]) -> Iterator[str]:
    """One line for each heading, paragraph, item and row, in the order of reading."""
    for block in blocks:
        yield from LINES[type(block)](block)


def _item(item: b.Item) -> str:
    return "– " + " · ".join(filter(None, (item.text, item.note)))


def _rung(rung: b.Rung | None) -> tuple[str, ...]:
    return (rung.label, rung.note) if rung else ()


def _side(side: b.Side) -> list[str]:
    return [side.title, *map(_item, side.items)]


LINES: dict[type, Callable[[Any], Iterable[str]]] = {
    b.Masthead: lambda it: filter(None, (it.kicker, it.title, *it.lines, *_rung(it.rung))),
    b.Heading: lambda it: [f"{it.number}. {it.text}" if it.number else it.text],
    b.Para: lambda it: [it.text],
    b.Quote: lambda it: [" – ".join(filter(None, (f"“{it.text}”", it.by)))],
    b.Bullets: lambda it: map(_item, it.items),
    b.Facts: lambda it: (f"{label}: {value}" for label, value in it.rows),
    b.TableBlock: lambda it: (" | ".join(row) for row in (it.head, *it.rows)),
    b.Sides: lambda it: chain.from_iterable(map(_side, it.sides)),
}


def plain(paper: Filled) -> str:
    """The words of a paper, in both languages where it has two."""
    whole = chain(paper.blocks, *(version.blocks for version in paper.also))
    return "\n".join(lines_of(whole))


def text_hash(paper: Filled) -> str:
    """SHA-256 of the words of a paper: two people who read the same have the same."""
    return sha256(plain(paper).encode()).hexdigest()
