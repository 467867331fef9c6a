"""What changed between two versions of a paper, word by word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from partners.paper.blocks import Block, Heading, Masthead, Para
from partners.paper.filling import Filled
from partners.paper.plain import lines_of

SAME, OUT, IN = "", "-", "+"
MOST_WORDS = 3000  # because comparing words takes time with the square of their number
Run = tuple[str, str]  # a mark, and the words that stand together under it
MARKS = {SAME: "%s", OUT: "[− %s −]", IN: "[+ %s +]"}


@dataclass(frozen=True, slots=True)
class Change:
    """A section in which something changed; `lines` are its lines, those unchanged included."""

    number: str
    heading: str
    lines: tuple[tuple[Run, ...], ...]


def changes(before: Filled, after: Filled) -> tuple[Change, ...]:
    """The sections that differ, in the order of the newer paper; what went stands at its place."""
    old, new = _sections(before), _sections(after)
    found = []
    for key in dict.fromkeys([*new, *old]):
        gone, come = old.get(key, ("", "", ())), new.get(key, ("", "", ()))
        if gone != come:
            number, heading, _lines = come if key in new else gone
            found.append(Change(number, heading, tuple(_lines_between(gone[2], come[2]))))
    return tuple(found)


def _sections(paper: Filled) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    top = tuple(lines_of((paper.masthead,)))
    parts = {s.id: (s.number, s.heading, tuple(lines_of(s.blocks))) for s in paper.sections}
    return {"": ("", paper.masthead.title, top), **parts}


def _lines_between(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Run, ...]]:
    for how, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            yield from (((SAME, line),) for line in new[c:d])
            continue
        both = min(b - a, d - c)
        yield from (words_between(old[a + n], new[c + n]) for n in range(both))
        yield from (((OUT, line),) for line in old[a + both : b])
        yield from (((IN, line),) for line in new[c + both : d])


def words_between(old: str, new: str) -> tuple[Run, ...]:
    """One line that became another: what stayed, what went, what came."""
    gone, come = old.split(), new.split()
    if len(gone) + len(come) > MOST_WORDS:
        return ((OUT, old), (IN, new))
    runs: list[Run] = []
    for how, a, b, c, d in SequenceMatcher(None, gone, come, autojunk=False).get_opcodes():
        if how == "equal":
            runs.append((SAME, " ".join(come[c:d])))
            continue
        runs += [(m, " ".join(w)) for m, w in ((OUT, gone[a:b]), (IN, come[c:d])) if w]
    return tuple(runs)


def in_print(found: Sequence[Change], title: str, legend: str, nothing: str) -> list[Block]:
    """The changes as a paper: marks in the text, so that they survive any printer and any eye."""
    blocks: list[Block] = [Masthead(title), Para(legend if found else nothing, small=True)]
    for change in found:
        blocks.append(Heading(2, change.heading, change.number))
        blocks += [Para(" ".join(MARKS[m] % words for m, words in line)) for line in change.lines]
    return blocks
