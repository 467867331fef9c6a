"""What changed between two versions of a paper, word by word, in each of its languages."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from partners.paper.blocks import Block, Heading, Masthead, Para, Version
from partners.paper.plain import lines_of

SAME, OUT, IN = "", "-", "+"
MOST_WORDS = 3000  # because comparing words takes time with the square of their number
Run = tuple[str, str]  # a mark, and the words that stand together under it
MARKS = {SAME: "%s", OUT: "[− %s −]", IN: "[+ %s +]"}


@dataclass(frozen=True, slots=True)
class Change:
    """A section in which something changed; `lines` are its lines, those unchanged included.

    `key` is the same in every language.
    """

    language: str
    key: str
    number: str
    heading: str
    lines: tuple[tuple[Run, ...], ...]


def changes(before: Iterable[Version], after: Iterable[Version]) -> tuple[Change, ...]:
    """The sections that differ, in the order of the newer paper; what went stands at its place.
    One language stands after the other.
    """
    old, new = ({v.language: v.blocks for v in versions} for versions in (before, after))
    return tuple(
        change
        for language in {**new, **old}
        for change in _between(language, old.get(language, ()), new.get(language, ()))
    )


def _between(language: str, before: Iterable[Block], after: Iterable[Block]) -> Iterator[Change]:
    old, new = _sections(before), _sections(after)
    for key in dict.fromkeys([*new, *old]):
        gone, come = old.get(key, ("", "", ())), new.get(key, ("", "", ()))
        if gone != come:
            number, heading, _lines = come if key in new else gone
            lines = tuple(_lines_between(gone[2], come[2]))
            yield Change(language, key, number, heading, lines)


def _sections(blocks: Iterable[Block]) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Number, heading and lines. A section's number stays, also where another is left out."""
    found: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    key = ""
    for block in blocks:
        if isinstance(block, Heading) and block.level == 2:
            key = block.number or block.text
            found[key] = (block.number, block.text, ())
            continue
        number, heading, lines = found.get(key, ("", "", ()))
        top = block.title if isinstance(block, Masthead) else heading
        found[key] = (number, top, (*lines, *lines_of((block,))))
    return found


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


def in_print(found: Iterable[Change], title: str, legend: str) -> tuple[Block, ...]:
    """The changes as a paper: marks in the text, so that they survive any printer and any eye."""
    blocks: list[Block] = [Masthead(title), Para(legend, small=True)]
    for change in found:
        blocks.append(Heading(2, change.heading, change.number))
        blocks += [Para(" ".join(MARKS[m] % words for m, words in line)) for line in change.lines]
    return tuple(blocks)
