"""The small language in which papers are written; `data/documents/README.md` teaches it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from partners.ground.mending import told
from partners.ground.words import N_

TAG = re.compile(r"\{\{\s*([?^#/]?)\s*(\w+)\s*\}\}")
SECTION = re.compile(r"##\s+(.+?)\s*\{#([\w-]+)\}")
STARTS = (  # what a line begins with, what kind of piece it then is; the first that fits counts
    ("title", re.compile(r"#\s+(.+)")),
    ("theirs signs", re.compile(r"###\s+theirs signs:\s*(.+)")),
    ("ours signs", re.compile(r"###\s+ours signs:\s*(.+)")),
    ("theirs", re.compile(r"###\s+theirs:\s*(.+)")),
    ("ours", re.compile(r"###\s+ours:\s*(.+)")),
    ("part", re.compile(r"###\s+(.+)")),
    ("item", re.compile(r"-\s+(.+)")),
    ("step", re.compile(r"1\.\s+(.+)")),
    ("quote", re.compile(r">\s+(.+)")),
    ("head", re.compile(r"\|=\s*(.+?)\s*\|")),
    ("row", re.compile(r"\|\s*(.+?)\s*\|")),
    ("small", re.compile(r"~\s+(.+)")),
    ("rung", re.compile(r"=\s+(.+)")),
)


@dataclass(frozen=True, slots=True)
class Blank:
    name: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of a paper, in cells: what stood between bars."""

    kind: str
    cells: tuple["Parts", ...]


@dataclass(frozen=True, slots=True)
class Span:
    """What stands between `{{?name}}` (if), `{{^name}}` (if not) or `{{#name}}` (for each) and
    `{{/name}}`."""

    mark: str
    name: str
    inside: "Parts"


Parts = tuple["str | Blank | Span | Piece", ...]


class Miswritten(ValueError):
    """A text breaks the language: what is wrong, and what would be right."""


def sections(text: str) -> dict[str, tuple[str, str]]:
    """The text's sections by id, each with heading and body; under "" what stands before them."""
    found, name = {"": ("", "")}, ""
    for line in text.splitlines():
        if line.startswith("## "):
            match = SECTION.fullmatch(line.strip())
            if not match:
                what = told("“%(words)s” has no id", words=line)
                raise Miswritten(what, told("end it with %(key)s", key="{#id}"))
            name = match[2]
            if name in found:
                what = told('section "%(name)s" stands twice', name=name)
                raise Miswritten(what, N_("take one out"))
            found[name] = (match[1], "")
        else:
            found[name] = (found[name][0], found[name][1] + line + "\n")
    return found


def parsed(body: str) -> Parts:
    """The pieces of a section, those inside conditions included. Raises `Miswritten`."""
    return _nested(_tokens(body))


def inline(text: str) -> Parts:
    """One run of text as words, blanks and conditions. Raises `Miswritten`."""
    tokens: list[object] = []
    at = 0
    for match in TAG.finditer(text):
        tokens += [text[at : match.start()], match if match[1] else Blank(match[2])]
        at = match.end()
    if "{{" in (rest := text[at:]) or "}}" in rest:
        what = told("“%(words)s” has a blank that is not closed", words=rest.strip())
        raise Miswritten(what, told("write %(key)s", key="{{name}}"))
    return _nested([token for token in [*tokens, rest] if token])


def _tokens(body: str) -> list[object]:
    """Pieces, and the matches of tags that stand alone on a line; wrapped lines are joined."""
    tokens: list[object] = []
    kind, words = "", ""
    for raw in [*body.splitlines(), ""]:
        line = raw.strip()
        tag = TAG.fullmatch(line)
        alone = tag is not None and bool(tag[1])
        begins = next(((k, m[1]) for k, rule in STARTS if (m := rule.fullmatch(line))), None)
        if words and (alone or begins or not line):
            cells = [words] if kind in ("para", "small") else re.split(r"\s+\|\s+", words)
            tokens.append(Piece(kind, tuple(inline(cell) for cell in cells)))
            kind, words = "", ""
        if alone:
            tokens.append(tag)
        elif begins:
            kind, words = begins
        elif line:
            kind, words = kind or "para", f"{words} {line}".strip()
    return tokens


def _nested(tokens: list[object]) -> Parts:
    stack: list[tuple[str, str, list[object]]] = [("", "", [])]
    for token in tokens:
        if not isinstance(token, re.Match):
            stack[-1][2].append(token)
        elif token[1] != "/":
            stack.append((token[1], token[2], []))
        else:
            mark, name, inside = stack.pop()
            if name != token[2] or not stack:
                mend = told("open it with %(key)s", key=f"{{{{?{token[2]}}}}}")
                raise Miswritten(told("%(key)s closes nothing", key=token[0]), mend)
            stack[-1][2].append(Span(mark, name, tuple(inside)))  # type: ignore[arg-type]
    if len(stack) > 1:
        key = f"{{{{{stack[-1][0]}{stack[-1][1]}}}}}"
        mend = told("close it with %(key)s", key=f"{{{{/{stack[-1][1]}}}}}")
        raise Miswritten(told("%(key)s is not closed", key=key), mend)
    return tuple(stack[0][2])  # type: ignore[return-value]


def spans(parts: Parts) -> Iterator[tuple[Span | Blank, tuple[Span, ...]]]:
    """Every blank and condition in `parts`, each with the conditions around it, outermost first."""
    for part in parts:
        if isinstance(part, Blank):
            yield part, ()
        elif isinstance(part, Piece):
            for cell in part.cells:
                yield from spans(cell)
        elif isinstance(part, Span):
            yield part, ()
            yield from ((found, (part, *around)) for found, around in spans(part.inside))
