"""Random papers, and whether each says the same on the page, under its hash and in print."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
from flask import Flask, get_template_attribute
from flask_babel import Babel

from partners.ground import clock
from partners.mou.models import Paper
from partners.mou.sealing import content_of
from partners.paper import blocks as b
from partners.paper.documents import Document
from partners.paper.filling import Filled, Setting, filled
from partners.paper.press import printed
from partners.paper.reading import read_documents
from partners.signing.canonical import canonical
from partners.signing.keys import Keys
from partners.signing.sealing import OWN, sealed
from tests.paper import papers
from tests.paper.structure import folded, printed_texts, shown_text

ARABIC = papers.DATA.parent / "tests/files/arabic/dialogue-agreement.md"
WORDS = {
    "en": "we meet at the harbour every Friday with soup & bread “for all” – 12 people 3.5 kg it’s",
    "da": "vi mødes på havnen hver fredag åbent hus kærlighed ØL Ærø 12.000 kr. ’tak’ såvel søndag",
    "ar": "نلتقي عند الميناء كل جمعة (الساعة 18:00) مع الجيران، ونأكل معا «مجانا» 12 طبقا [مفتوح]",
}
# In papers of every language: other scripts, accents as two signs, what no typeface here draws.
STRANGE = ("Łódź", "Ελλάδα", "Київ", "e\u0301cole", "مؤسسة السلام", "(Harbour Kitchen)", "漢字",
           "½", "<b>&amp;</b>", "a\u00a0b", "two\nlines", "{{purpose}}", "W" * 120)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One random paper: what it was filled from, and what came out."""

    document: Document
    setting: Setting
    language: str
    facts: dict[str, Any]

    @property
    def paper(self) -> Filled:
        return filled(self.document, self.facts, self.setting, language=self.language)


@cache
def documents() -> dict[str, Document]:
    """Those of the default policy, and one of them in Arabic."""
    texts = papers.texts_of(papers.DATA)
    words = texts["documents/words.toml"] + '\n[ar]\npage = "صفحة %(page)s من %(pages)s"\n'
    texts |= {"documents/dialogue-agreement/ar.md": ARABIC.read_text("utf-8"),
              "documents/words.toml": words}  # fmt: skip
    levels, bands = papers.LEVELS, papers.BANDS
    return read_documents(texts, levels=levels, bands=bands, triggers=papers.TRIGGERS)


def case(seed: int, language: str) -> Case:
    """A paper of any kind with random blanks, rows, conditions and strange signs."""
    pick = random.Random(f"{language} {seed}")
    written = [d for d in documents().values() if language in d.texts]
    document = pick.choice(written)
    triggers = frozenset(pick.sample(papers.TRIGGERS, pick.randint(0, 4)))
    setting = Setting(pick.choice(papers.LEVELS), pick.choice(papers.BANDS), triggers)
    facts = {name: _value(pick, language, blank) for name, blank in document.blanks.items()
             if blank.always or pick.random() < 0.8}  # fmt: skip
    return Case(document, setting, language, facts)


def _value(pick: random.Random, language: str, blank: Any) -> Any:
    many = range(pick.randint(0, 4))
    match blank.kind:
        case "date":
            return (date(2027, 1, 1) + timedelta(days=pick.randint(0, 900))).isoformat()
        case "language":
            return pick.choice(("", "en", "da", "ar"))
        case "yes-no":
            return pick.random() < 0.5
        case "list":
            return [_said(pick, language) for _ in many]
        case "rows":
            # Nobody has signed when a paper is issued.
            return [{f: "" if f == "signed" else _said(pick, language) for f in blank.fields}
                    for _ in many]  # fmt: skip
        case _:
            return _said(pick, language)


def _said(pick: random.Random, language: str) -> str:
    words = WORDS[language].split()
    said = pick.choices(words, k=pick.choice((1, 3, 8, 30)))
    if pick.random() < 0.3:
        said.insert(pick.randint(0, len(said)), pick.choice(STRANGE))
    return " ".join(said)


def faults(one: Case, show: Any, keys: Keys | None = None) -> Iterator[str]:
    """Where the paper's texts differ from each other. `show`: the page's macro for blocks. With
    `keys` it is sealed as well, and what lies under the seal is read.
    """
    paper = one.paper
    pdf = printed(
        paper.blocks, title=paper.masthead.title, language=one.language, reference="P-1",
        pages=one.document.word("page", one.language),
    )  # fmt: skip
    shown = shown_text(str(show(paper.blocks, level=2, masthead=True)))
    # What is hashed and kept is the facts in their one form; the paper filled from them again.
    kept = json.loads(json.dumps(one.facts, sort_keys=True, ensure_ascii=False))
    again = Case(one.document, one.setting, one.language, kept).paper
    heard = printed_texts(pdf)
    if shown != heard.tree:
        yield "the page and the structure tree differ"
    if shown != heard.runs:
        yield "the page and the runs of the PDF differ"
    if again != paper:
        yield "what is kept under the hash makes another paper"
    if heard.silent:
        yield "a run from the right has no ActualText"
    if keys:
        yield from _sealed_faults(one, pdf, heard.tree, keys)


def _sealed_faults(one: Case, pdf: bytes, heard: str, keys: Keys) -> Iterator[str]:
    row = Paper(kind=one.document.id, number="P-1", language=one.language, facts=one.facts,
                texts={"edition": "1"})  # fmt: skip
    attached = {"content.json": canonical(content_of(row, one.paper)), "paper.pdf": pdf}
    last = printed([b.Heading(2, "Signatures")], title="t", language="en", reference="P-1")
    whole = sealed(pdf, last, attached, keys, OWN, at=clock.now())
    inside = attachments(whole)
    told = json.loads(inside["content.json"])
    if bare(told["text"]) != bare(heard):
        yield "content.json under the seal and the structure tree differ"
    if told["facts"] != one.facts:
        yield "content.json was filled from other facts"
    if printed_texts(whole).tree != f"{heard} Signatures":
        yield "sealing has changed the structure tree"


def attachments(content: bytes) -> dict[str, bytes]:
    """The files that lie inside a PDF."""
    with pikepdf.open(BytesIO(content)) as pdf:
        return {name: found.get_file().read_bytes() for name, found in pdf.attachments.items()}


def bare(text: str) -> str:
    """A text without the signs that part its rows and items, which are drawn otherwise."""
    return re.sub(r"[\s–·:|“”]", "", folded(text))


@cache
def page() -> Any:
    """The macro that shows a paper's blocks, in a house with nothing but templates."""
    app = Flask("partners.app", template_folder="templates")
    app.jinja_env.add_extension("jinja2.ext.i18n")
    Babel(app)
    with app.app_context():
        return get_template_attribute("paper/blocks.html", "blocks")
