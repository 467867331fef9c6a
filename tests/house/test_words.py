"""The catalogues: whole, true to their placeholders, and compiled as they are written."""

import importlib.util
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from partners.ground.words import LANGUAGES

HOME = Path(__file__).resolve().parents[2]
DATA = HOME / "data"
TAGS = re.compile(r"\{\{[^}]*\}\}|\{#[^}]*\}")
PLACE = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}|<[^>]+>")
OTHERS = [code for code in LANGUAGES if code != "en"]
NEVER = {
    "da": re.compile(
        r"\b(vett?ing|screen\w*|flag\w*|risiko(score|vurdering)\w*|dumpe\w*|afvis\w*|afslag"
        r"|forkaste\w*|mistænk\w*|mistanke\w*|uegne\w*|sortlist\w*|baggrundstjek\w*"
        r"|sikkerhedsgodkend\w*)\b", re.I)
}  # fmt: skip


@pytest.fixture(scope="module")
def words() -> ModuleType:
    spec = importlib.util.spec_from_file_location("words", HOME / "scripts/words.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def pairs(words: ModuleType, code: str) -> Iterator[tuple[str, str]]:
    """Every sentence with its translation; of several forms, each with its own."""
    for one in words.catalogue(code):
        if isinstance(one.id, str):
            yield one.id, one.string
        else:
            yield from zip(one.id, one.string, strict=True)


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_names_the_same_facts_as_the_sentence(words: ModuleType, code: str) -> None:
    for said, translated in pairs(words, code):
        if said and translated:
            facts, theirs = sorted(PLACE.findall(said)), sorted(PLACE.findall(translated))
            # “One item” may be “%(num)d” in a language and a word in another.
            assert facts == theirs or set(theirs) - set(facts) == {"%(num)d"}, said


@pytest.mark.parametrize("code", OTHERS)
def test_the_compiled_catalogue_is_the_written_one(words: ModuleType, code: str) -> None:
    folder = words.SHELF / code / "LC_MESSAGES"
    text, packed = words.written(words.catalogue(code))
    assert text == (folder / "messages.po").read_bytes(), "run make words"
    assert packed == (folder / "messages.mo").read_bytes(), "run make words"


@pytest.mark.parametrize("code", OTHERS)
def test_words_that_judge_are_on_no_page_in_any_language(words: ModuleType, code: str) -> None:
    for _said, translated in pairs(words, code):
        assert not NEVER[code].search(translated), translated


def in_tables(table: object, code: str, at: str) -> Iterator[str]:
    """Entries with words in English and none in the language."""
    if isinstance(table, dict):
        if isinstance(table.get("en"), str) and not table.get(code):
            yield f"{at}: {table['en']}"
        for name, row in table.items():
            yield from in_tables(row, code, f"{at} {name}")
    elif isinstance(table, list):
        for row in table:
            yield from in_tables(row, code, at)


def in_book(base: dict[str, Any], own: dict[str, Any], at: str) -> Iterator[str]:
    """Entries of the base language that the other book has not, or not in the same number."""
    for name, said in base.items():
        if isinstance(said, dict):
            yield from in_book(said, own.get(name, {}), f"{at}.{name}")
        elif not own.get(name) or (isinstance(said, list) and len(said) != len(own[name])):
            yield f"{at}.{name}"


def in_pages(code: str) -> Iterator[str]:
    """Papers and pages with other sections, blanks or conditions than in English."""
    for page in sorted(DATA.rglob("en.md")):
        own = page.with_name(f"{code}.md")
        tags = [
            sorted(TAGS.findall(p.read_text("utf-8"))) if p.exists() else [] for p in (page, own)
        ]
        if tags[0] != tags[1] or not own.exists():
            yield str(own.relative_to(DATA))


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_of_the_policy_is_missing(code: str) -> None:
    books = [tomllib.loads((DATA / f"languages/{c}.toml").read_text("utf-8")) for c in ("en", code)]
    tables = (
        p for p in sorted(DATA.rglob("*.toml")) if p.parent.name not in ("languages", "wording")
    )
    left = [fault for p in tables for fault in
            in_tables(tomllib.loads(p.read_text("utf-8")), code, p.name)]  # fmt: skip
    words = tomllib.loads((DATA / "documents/words.toml").read_text("utf-8"))
    assert [
        *left,
        *in_book(*books, code),
        *in_pages(code),
        *in_book(words["en"], words[code], "words.toml"),
    ] == []


@pytest.mark.parametrize("code", OTHERS)
def test_no_sentence_of_the_interface_is_missing(words: ModuleType, code: str) -> None:
    today = words.updated(code, words.marked())
    assert words.missing(today) == [], "translate these, then run make words"
    kept, asked = ({one.id for one in c} for c in (words.catalogue(code), today))
    assert kept == asked, "run make words"


def test_a_danish_paper_speaks_to_an_organisation_and_not_to_a_person() -> None:
    person = re.compile(r"\b(du|dig|din|dit|dine)\b", re.IGNORECASE)
    for file in sorted((DATA / "documents").glob("*/da.md")):
        assert not person.search(file.read_text("utf-8")), file
