"""The catalogues: whole, true to their placeholders, and compiled as they are written."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from partners.ground.words import LANGUAGES

HOME = Path(__file__).resolve().parents[2]
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
