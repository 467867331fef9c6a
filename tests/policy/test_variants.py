"""Starter variants: differences only, under the same rules as every policy."""

import pytest

from partners.policy.load import load
from partners.policy.schema import read
from partners.policy.shapes import PolicyError
from partners.policy.values import Strength
from partners.policy.variants import applied, of_edition, variants, varied
from partners.tools.commands import main
from tests.assessment.rules.cases import TESTS, real

DATA = TESTS.parent / "data"
NAMES = sorted(variants(DATA))


def policy_of(name):
    return read(of_edition(applied(DATA, name)), name)


def test_three_variants_come_with_the_house():
    assert NAMES == ["denmark", "small-municipality", "sweden"]


@pytest.mark.parametrize("name", NAMES)
def test_a_variant_passes_the_same_check_and_every_golden_example(name, capsys):
    assert main(["policy", "check", str(DATA / "variants" / name)]) == 0
    assert "21 examples" in capsys.readouterr().out


@pytest.mark.parametrize("name", NAMES)
def test_what_a_variant_does_not_name_stays_word_for_word(name):
    made, before = applied(DATA, name), load(DATA)[1]
    named = variants(DATA)[name].keys()
    assert {file for file in before if made[file] != before[file]} <= named


@pytest.mark.parametrize(
    ("name", "item", "level", "band", "triggers", "strength"),
    [
        ("denmark", "SC-02", "dialogue", "BK", [], Strength.ENHANCED),
        ("denmark", "SC-02", "partnership", "B0", [], Strength.REQUIRED),
        ("sweden", "GO-03", "dialogue", "B2", ["organisation_grant"], Strength.REQUIRED),
        ("sweden", "GO-03", "partnership", "B2", [], Strength.NONE),
        ("small-municipality", "PV-02", "partnership", "B3", [], Strength.ENHANCED),
    ],
)
def test_a_variant_asks_what_it_says(name, item, level, band, triggers, strength):
    policy = policy_of(name)
    assert policy.strength(policy.items[item], level, band, policy.facts(triggers)) is strength


def test_the_small_municipality_has_one_large_band_and_asks_no_less_than_the_default():
    small = policy_of("small-municipality")
    assert set(real().bands) - set(small.bands) == {"B4"}
    for item in real().items.values():
        for level in real().levels:
            assert small.items[item.id].strengths[level, "B3"] >= item.strengths[level, "B4"]


def test_remarks_stay_where_a_variant_changes_a_file():
    assert (
        "# No support for violence" in applied(DATA, "denmark")["checklist/statements_conduct.toml"]
    )


BROKEN = [
    ({"checklist/finance.toml": {"item": {"FI-01": 3}}}, "is not a table"),
    ({"checklist/nothing.toml": {}}, "a file that is not there"),
    ({"documents/points-letter/en.md": {"No such line": ""}}, "does not stand there once"),
]


@pytest.mark.parametrize(("change", "told"), BROKEN)
def test_a_variant_that_points_nowhere_is_refused(change, told):
    with pytest.raises(PolicyError, match=told):
        varied(load(DATA)[1], change)


def test_a_variant_that_cannot_be_read_is_offered_and_told_when_it_is_chosen(tmp_path):
    (tmp_path / "variants/ours").mkdir(parents=True)
    (tmp_path / "variants/ours/variant.toml").write_text("= x")
    assert variants(tmp_path) == {"ours": {}}
    with pytest.raises(PolicyError, match="is not TOML at line 1, column 1"):
        applied(tmp_path, "ours")


def test_a_written_variant_is_a_whole_folder_and_never_written_over_another(tmp_path, capsys):
    place = str(tmp_path / "ours")
    assert main(["policy", "variant", "denmark", place]) == 0
    assert main(["policy", "check", place]) == 0
    assert "required = true" in (tmp_path / "ours/lists.toml").read_text().split('"national"')[1]
    assert main(["policy", "variant", "sweden", place]) == 1
    assert "is there already" in capsys.readouterr().err
