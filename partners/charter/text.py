"""The words of the charter: one text for everyone, kept and signed as plain lines."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from partners.paper import blocks as b
from partners.paper.documents import BASE, FOLDER, Document
from partners.paper.filling import Setting, filled
from partners.paper.press import printed
from partners.paper.reading import read_documents

NAME, RECEIPT = "charter", "receipt"
_read: dict[tuple[str, str], Document] = {}  # because an edition never changes


@dataclass(frozen=True)
class Wording:
    """One version in one language, word for word, with its SHA-256."""

    version: str
    language: str
    text: str

    @property
    def hash(self) -> str:
        return sha256(self.text.encode()).hexdigest()

    @property
    def title(self) -> str:
        return self.text.split("\n", 1)[0].removeprefix("# ")

    @property
    def blocks(self) -> tuple[b.Block, ...]:
        return tuple(_blocks(self.text))


def joint(charter: Wording, title: str, statement: str, heading: str, number: int) -> Wording:
    """The charter word for word under another title, and after it what several state together."""
    own, *rest = charter.text.split("\n\n")
    said = [line.lstrip("# ") for line in statement.splitlines() if line.strip("# ")]
    lines = [f"# {title.lstrip('# ')}", own.removeprefix("# "), *rest, f"## {heading}", *said]
    version = charter.version if number == 1 else f"{charter.version}-{number}"
    return Wording(version, charter.language, "\n\n".join(lines))


def statement_of(text: str) -> str:
    """What several state together, as it was typed; it is the last part of their text."""
    return text.rsplit("\n\n## ", 1)[-1].partition("\n\n")[2]


def stated(text: str) -> tuple[str, str]:
    """What several state together, and under which title; the charter between may change."""
    return text.split("\n", 1)[0], statement_of(text)


def document(version: str, texts: Mapping[str, str], name: str = NAME) -> Document:
    """The charter of an edition of the policy, or the receipt for signing it."""
    if (version, name) not in _read:
        shared = {f"{FOLDER}/words.toml", f"{FOLDER}/blanks.toml"}
        own = {n: t for n, t in texts.items() if n in shared or n.startswith(f"{FOLDER}/{name}/")}
        found = read_documents(own, levels=(), bands=(), triggers=())[name]
        _read[version, name] = found
    return _read[version, name]


def wordings(charter: Document, municipality: str) -> dict[str, Wording]:
    """The charter in each of its languages."""
    return {
        language: Wording(version_of(charter), language, _plain(charter, municipality, language))
        for language in charter.texts
    }


def version_of(charter: Document) -> str:
    return str(charter.more["version"])


def months_of(charter: Document) -> int:
    """How many months a signature lasts."""
    return int(charter.more["months"])


def parts_of(charter: Document) -> list[str]:
    """What each part of the text holds, in the order of the text."""
    return [clause.holds for clause in charter.clauses]


def report_months_of(charter: Document) -> int:
    """After how many months the municipality reports on its own part; a year if none is said."""
    return int(charter.more.get("report_months", 12))


def training_of(charter: Document, language: str) -> list[str]:
    """What the municipality offers with the charter, a line each."""
    rows = charter.more.get("training", ())
    return [str(row.get(language) or row.get(BASE, "")) for row in rows]


def _plain(charter: Document, municipality: str, language: str) -> str:
    """The text without the signatures, as lines: #, ## and ### for headings, - for items."""
    facts = {
        "municipality": municipality,
        "charter_version": version_of(charter),
        "charter_months": str(months_of(charter)),
        "charter_review_months": str(charter.more["review_months"]),
    }
    paper = filled(charter, facts, Setting("", ""), language=language)
    top = paper.masthead
    lines = [f"# {top.title}", *filter(None, [top.kicker]), *top.lines]
    for block in paper.blocks[1:]:
        lines += _lines(block)
    return "\n\n".join(lines)


def _lines(block: b.Block) -> list[str]:
    match block:
        case b.Heading(level=level, text=text, number=number):
            return [f"{'#' * level} {number + '. ' if number else ''}{text}"]
        case b.Para(text=text):
            return [text]
        case b.Bullets(items=items):
            return [f"- {item.text}" for item in items]
        case _:
            raise ValueError(f"the charter is plain text and holds no {block.kind}")


def _blocks(text: str) -> Iterator[b.Block]:
    first, *rest = text.split("\n\n")
    heads = [i for i, line in enumerate(rest) if line.startswith("#")] or [len(rest)]
    yield b.Masthead(first.removeprefix("# "), lines=tuple(rest[: heads[0]]))
    for line in rest[heads[0] :]:
        marks, _blank, words = line.partition(" ")
        if marks in ("##", "###"):
            yield b.Heading(len(marks), words)
        elif marks == "-":
            yield b.Bullets((b.Item(words),))
        else:
            yield b.Para(line)


def pdf(wording: Wording, municipality: str, pages: str) -> bytes:
    """The charter in print, with its fingerprint at the foot."""
    return printed(
        wording.blocks, title=wording.title, language=wording.language, reference=wording.version,
        footer=wording.hash, author=municipality, pages=pages,
    )  # fmt: skip
