"""The policy that comes with the house: reads, keeps its ids, and says what it was meant to say."""

import ast
import re
from pathlib import Path

import pytest

from partners.assessment.rules.reach import result
from partners.policy.values import Strength
from partners.tools.policy import read_case, shown
from tests.assessment.rules.cases import TESTS, real
from tests.assessment.rules.second_reading import second_reading

IDS = Path(__file__).with_name("ids.txt").read_text().splitlines()
EXAMPLES = real().examples
SECTIONS = ("organisation_kind", "engagement_kind", "activity_kind")


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.case for example in EXAMPLES])
def test_every_golden_example_comes_out_as_expected(example):
    given = {**example.request, "triggers": list(example.triggers)}
    case = read_case(real(), {**given, "answers": {"*": "met", **example.answers}})
    found = shown(real(), result(real(), case))
    assert {key: found[key] for key in example.expect} == example.expect
    other = second_reading(real(), case.level, case.band, case.triggers, case.answers)
    assert {key: other[key] for key in example.expect} == example.expect


def test_there_are_twenty_one_golden_examples_and_sixty_two_items():
    assert (len(EXAMPLES), len(real().items)) == (21, 62)


def test_ids_are_for_ever():
    """An id that was ever published stays: retire it, never delete or rename it."""
    policy = real()
    named = {
        "level": policy.levels,
        "band": policy.bands,
        "theme": policy.themes,
        "bundle": policy.bundles,
        "trigger": policy.triggers,
        "item": policy.items,
    }
    now = {f"{section} {name}" for section, names in named.items() for name in names}
    for section, kinds in zip(SECTIONS, vars(policy.kinds).values(), strict=True):
        now |= {f"{section} {kind.id}" for kind in kinds}
    assert set(IDS) - now == set()
    assert now - set(IDS) == set(), "add the new ids to ids.txt"


# Policy paper 2.2: level, band, required items without triggered ones; of these enhanced.
WEIGHTS = [
    ("information", "B0", 4, 0),
    ("consultation", "B0", 6, 0),
    ("dialogue", "B0", 16, 0),
    ("partnership", "B0", 36, 0),
    ("information", "BK", 13, 0),
    ("dialogue", "BK", 22, 0),
    ("partnership", "BK", 37, 0),
    ("information", "BM", 14, 0),
    ("dialogue", "BM", 23, 0),
    ("partnership", "BM", 38, 0),
    ("consultation", "B1", 28, 0),
    ("dialogue", "B1", 34, 0),
    ("partnership", "B1", 41, 0),
    ("partnership", "B2", 51, 0),
    ("partnership", "B3", 51, 13),
    ("partnership", "B4", 51, 27),
]


@pytest.mark.parametrize(("level", "band", "required", "enhanced"), WEIGHTS)
def test_the_policy_is_as_heavy_as_the_paper_says(level, band, required, enhanced):
    asked = real().asked(level, band)
    firm = [item for item in asked if item.strengths[level, band] is Strength.ENHANCED]
    assert (len(asked), len(firm)) == (required, enhanced)


def test_policy_words_stay_out_of_the_code():
    """Ids of items, levels, bands and triggers live in data/; the code knows only their effects."""
    policy = real()
    words = {*policy.items, *policy.levels, *policy.bands, *policy.triggers}
    found = {
        (path.name, node.value)
        for path in sorted((TESTS.parent / "partners").rglob("*.py"))
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in words
    }
    assert found == set()


def test_no_sentence_of_the_policy_uses_a_word_that_judges():
    said = (TESTS.parent / "data/languages/en.toml").read_text()
    judging = r"\b(vetting|screening|flag|risk score|failed|rejected|suspicious|blacklist)\b"
    assert not re.search(judging, said, re.IGNORECASE)


def test_every_item_says_what_it_asks_why_and_how_in_english():
    words = real().words("en")
    for item in real().items:
        said = words.item(item)
        assert all((said.title, said.question, said.why, said.guidance, said.evidence)), item


def test_levels_outcomes_and_themes_have_danish_names():
    words = real().words("da")
    assert words.level("dialogue").name == "Dialog"
    assert words.outcome("supported").name == "Støttet på det ønskede niveau"
    assert words.theme("finance").name == "Økonomi og finansiering"


def test_connectors_are_an_organisation_a_network_or_a_public_contact_role():
    connectors = [k for k in real().kinds.organisation if k.id.startswith("connector")]
    assert {kind.form for kind in connectors} == {"organisation", "network", "contact_role"}


def test_the_three_kinds_of_partners_are_there():
    names = [real().words("en").named(SECTIONS[0], k.id).name for k in real().kinds.organisation]
    assert {"Civil-society organisation", "Faith community", "Connector: network"} <= set(names)
