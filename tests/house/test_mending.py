"""Whatever is wrong in a file of the municipality is told in the reader's language."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from partners.assessment.rules.cases import BadCase, read_case
from partners.ground.mending import Told
from partners.lists.rules import read_lists
from partners.paper.reading import DocumentError
from partners.policy import feeds, variants
from partners.policy.load import load
from partners.policy.shapes import PolicyError
from tests.assessment.rules.cases import TESTS, small
from tests.house.test_words import OTHERS, words  # noqa: F401 - a fixture
from tests.lists import test_readers as lists
from tests.media import test_reading as media
from tests.paper import test_documents as papers
from tests.policy import test_lint, test_schema, test_tool, test_variants
from tests.policy.planted import TEXTS, changed, problems

DATA = load(TESTS.parent / "data")[1]


def told_by(read: Callable[..., Any], *given: Any, **more: Any) -> Iterator[object]:
    try:
        read(*given, **more)
    except (PolicyError, DocumentError) as error:
        yield from (said for one in error.problems for said in (one.what, one.mend))
    except BadCase as bad:
        yield bad.args[0]


def everything(folder: Path) -> Iterator[object]:
    """What is said of every broken file that the tests know."""
    (folder / "x.toml").write_text("= x")
    planted = [changed(file, old, new, item) for file, item, old, new, *_ in test_schema.NONSENSE]
    planted += [changed(file, old, new, item) for _, file, item, old, new, *_ in test_lint.PLANTED]
    planted += [{key: TEXTS[key] for key in TEXTS if key != gone} for gone in TEXTS]
    yield from (said for p in planted for one in problems(p) for said in (one.what, one.mend))
    for body, more, _ in papers.BROKEN:
        yield from told_by(papers.read, body, **more)
    for old, new, _ in media.BROKEN:
        yield from told_by(feeds.read, media.SOUND.replace(old, new, 1))
    for text in lists.BROKEN:
        yield from told_by(read_lists, text)
    for change, _ in test_variants.BROKEN:
        yield from told_by(variants.varied, DATA, change)
    for place in (folder / "x.toml", folder / "none.toml"):
        yield from told_by(variants.read_variant, place)
    for text, _ in test_tool.BAD:
        with suppress(ValueError, RecursionError):
            yield from told_by(read_case, small(), json.loads(text))
    yield from told_by(load, folder)
    yield from told_by(load, folder / "nowhere")


def sentences(said: object) -> Iterator[str]:
    """What a page translates of it: the sentence, and one that stands within."""
    yield said.sentence if isinstance(said, Told) else str(said)
    if isinstance(said, Told) and "what" in said.facts:
        yield from sentences(said.facts["what"])


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_that_a_check_says_stays_english(
    words: ModuleType, code: str, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    known = {one.id for one in words.catalogue(code) if one.string}
    said = {one for whole in everything(tmp_path) for one in sentences(whole)}
    assert len(said) > 100
    assert said - known == set()
