# ruff: noqa: E501 - a case is a row
"""Whatever stands in the files, the reader answers with a policy or with what to mend."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partners.policy.load import load
from partners.policy.schema import read
from partners.policy.shapes import PolicyError
from partners.policy.values import Scope, Strength
from tests.assessment.rules.cases import TESTS, small
from tests.policy.planted import TEXTS, changed, problems

ITEMS = "checklist/basics.toml"

# File, item, what stands there, what is written instead; then the item named and what is told.
NONSENSE = [
    (ITEMS, "S-01", 'levels = { hello = "required" }', "levels = 7", "S-01", "table in braces"),
    (ITEMS, "S-01", '"required"', '"requierd"', "S-01", '"required"'),
    (ITEMS, "S-01", "hello =", "helo =", "S-01", 'write "hello"'),
    (ITEMS, "S-01", 'bundle = "meet"', 'bundle = "meat"', "S-01", 'write "meet"'),
    (ITEMS, "S-01", '"condition"', '"conditon"', "S-01 if_unmet", '"condition"'),
    (ITEMS, "S-01", 'if_unmet = { effect = "condition", grace_days = 30 }', "if_unmet = 3", "S-01 if_unmet",
     "is not a table"),
    (ITEMS, "S-01", "grace_days = 30", "grace_days = true", "S-01 if_unmet", "whole number"),
    (ITEMS, "S-01", "grace_days = 30", "grace_days = -1", "S-01 if_unmet", "whole number"),
    (ITEMS, "S-01", "valid_months = 12", "valid_months = 1.5", "S-01", "whole number"),
    (ITEMS, "S-01", "valid_months = 12", "valid_months = 99999999999999999999999", "S-01", "whole number"),
    (ITEMS, "S-01", "valid_months = 12", "valid_months = nan", "S-01", "whole number"),
    (ITEMS, "S-01", "valid_months = 12", "", "S-01", "valid_months is missing"),
    (ITEMS, "S-01", "valid_months", "valid_month", "S-01", "write valid_months"),
    (ITEMS, "S-01", "minutes = [5, 3]", "minutes = [5]", "S-01", "list"),
    (ITEMS, "S-01", "minutes = [5, 3]", "minutes = [5, 3, 1]", "S-01", "list"),
    (ITEMS, "S-01", 'sources = ["HERE"]', 'sources = "HERE"', "S-01", "list"),
    (ITEMS, "S-01", 'sources = ["HERE"]', 'sources = ["HERE", "HERE"]', "S-01", "repetitions"),
    (ITEMS, "S-01", 'sources = ["HERE"]', 'sources = [["HERE"]]', "S-01", "an id"),
    (ITEMS, "S-01", 'id = "S-01"', 'id = "S-02"', "S-02", "twice"),
    (ITEMS, "S-01", 'id = "S-01"', 'id = ""', "item 2", "an id"),
    (ITEMS, "S-01", 'id = "S-01"', "id = 4", "item 2", "an id"),
    (ITEMS, "S-01", 'id = "S-01"', 'id = "../S"', "../S", "an id"),
    (ITEMS, "S-01", 'id = "S-01"', "", "item 2", "id is missing"),
    (ITEMS, "S-07", '"outdoors"', '"indoors"', "S-07", 'write "outdoors"'),
    (ITEMS, "S-05", 'max_level = "talk"', 'max_level = "tal"', "S-05", 'write "talk"'),
    (ITEMS, "", "[[item]]", "stray = 1\n[[item]]", "", "'stray' is not known here"),
    (ITEMS, "", "[[item]]", "[item]\nx = 1\n[[item]]", "", "is not TOML"),
    ("levels.toml", "", 'floor = "talk"', 'floor = "tlak"', "floor", 'write "talk"'),
    ("levels.toml", "", 'floor = "talk"', "", "", "floor is missing"),
    ("levels.toml", "talk", 'id = "talk"', 'id = "hello"', "hello", "twice"),
    ("bands.toml", "", "window_months = 12", "window_months = 0", "", "whole number"),
    ("bands.toml", "much", "from = 1000", "from = -1000", "much", "above 0"),
    ("bands.toml", "much", "from = 1000", "from = inf", "much", "above 0"),
    ("policy.toml", "", 'scoring = "forbidden"', 'scoring = "allowed"', "policy", '"forbidden"'),
    ("policy.toml", "", "Europe/Copenhagen", "Europe/Kopenhagen", "policy", "a time zone"),
    ("policy.toml", "", '"Europe/Copenhagen"', '"../../etc/passwd"', "policy", "a time zone"),
    ("policy.toml", "", "published = true", "published = false", "policy", "write true"),
    ("policy.toml", "", "published = true", "published = 1", "policy", "write true"),
    ("policy.toml", "", "[policy]", "[police]", "", "write policy"),
    ("policy.toml", "", "after_stop = 6", "", "review_months", "after_stop is missing"),
    ("policy.toml", "outdoors", '"S-01"', '"S-10x"', "outdoors", 'write "S-10"'),
    ("policy.toml", "outdoors", '["weather"]', '["wether"]', "outdoors", 'write "weather"'),
    ("deciders.toml", "", 'prepare = "officer"', 'prepare = "mayor"', "row 1", '"officer"'),
    ("deciders.toml", "", '"talk"', '"tolk"', "row 2", 'write "talk"'),
    ("kinds.toml", "picnic", '["outdoors"]', '["outdoor"]', "picnic", 'write "outdoors"'),
    ("kinds.toml", "club", '"organisation"', '"person"', "club", '"contact_role"'),
    ("examples.toml", "", "answers = {}", "answers = { S-99 = \"met\" }", "everything met", "there is no item"),
    ("examples.toml", "", 'case = "everything met"', "case = []", "example 1", "one line of text"),
    ("languages/en.toml", "", "[policy]", "[[policy]]", "policy", "is not a table"),
    ("languages/en.toml", "S-01", 'why = "So', "why = 3 # ", "S-01", "one line of text"),
    ("languages/en.toml", "S-01", 'evidence = ["A line"]', 'evidence = "A line"', "S-01", "list"),
    ("languages/en.toml", "S-01", 'why = "So', 'why = "\\u202eSo', "S-01", "one line of text"),
    ("languages/en.toml", "", "[policy]", "[polcy]", "polcy", "not known here"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "item", "old", "new", "at_item", "told"), NONSENSE, ids=[r[3][:40] for r in NONSENSE]
)
def test_nonsense_is_told_with_file_item_and_mend(file, item, old, new, at_item, told):
    found = problems(changed(file, old, new, item))
    lines = [str(problem) for problem in found]
    assert any(p.file == file and p.item == at_item and told in str(p) for p in found), lines


@pytest.mark.parametrize("file", sorted(set(TEXTS) - {"languages/da.toml"}))
def test_a_missing_file_is_told(file):
    found = problems({name: text for name, text in TEXTS.items() if name != file})
    assert found


@pytest.mark.parametrize("file", sorted(TEXTS))
@pytest.mark.parametrize(
    "text",
    [
        "",
        "=",
        "[",
        "[[item]]",
        "x = " + "[" * 9000,
        'item = "x"',
        "item = [1]",
        "level = {}",
        "\x00",
    ],
    ids=["empty", "=", "open", "bare", "deep", "text", "number", "table", "nul"],
)
def test_no_file_however_broken_ends_in_a_traceback(file, text):
    problems({**TEXTS, file: text})


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_no_value_however_odd_ends_in_a_traceback(data):
    """Every value of every file, replaced by junk of every type."""
    file = data.draw(st.sampled_from(sorted(TEXTS)))
    lines = TEXTS[file].splitlines()
    places = [n for n, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    place = data.draw(st.sampled_from(places))
    junk = data.draw(JUNK.map(as_toml).filter(lambda text: text is not None))
    lines[place] = f"{lines[place].split(' = ')[0]} = {junk}"
    text = "\n".join(lines)
    problems({**TEXTS, file: text})


def as_toml(value: object) -> str | None:
    import json

    if isinstance(value, dict):
        rows = [(json.dumps(key, ensure_ascii=False), as_toml(one)) for key, one in value.items()]
        said = ", ".join(f"{key} = {one}" for key, one in rows)
        return None if any(one is None for _, one in rows) else f"{{ {said} }}"
    if isinstance(value, list):
        parts = [as_toml(one) for one in value]
        return None if None in parts else f"[{', '.join(str(part) for part in parts)}]"
    if value is None or (isinstance(value, str) and not value.isprintable()):
        return None
    text = json.dumps(value, ensure_ascii=False)
    return {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}.get(text, text)


def test_a_folder_that_is_none_is_told(tmp_path: Path):
    with pytest.raises(PolicyError, match="is not a folder"):
        load(tmp_path / "nowhere")


def test_files_that_are_missing_or_no_text_are_all_told(tmp_path: Path):
    (tmp_path / "levels.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "bands.toml").mkdir()
    with pytest.raises(PolicyError) as error:
        load(tmp_path)
    told = str(error.value)
    assert "levels.toml: is not UTF-8 text" in told
    assert "bands.toml: cannot be read" in told
    assert "policy.toml: cannot be read" in told


def test_the_fingerprint_follows_the_words_and_not_the_line_ends(tmp_path: Path):
    for name, text in TEXTS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    first, texts = load(tmp_path)
    assert (first, texts) == load(TESTS / "small_policy")
    (tmp_path / "kinds.toml").write_text(TEXTS["kinds.toml"] + "# changed\n")
    assert load(tmp_path)[0] != first


def test_a_strength_holds_from_where_it_is_named_upwards():
    item = small().items["S-03"]
    assert [s.name for s in item.levels.values()] == ["NONE", "OPTIONAL", "OPTIONAL"]
    assert item.strengths["hello", "rooms"] is Strength.NONE
    assert item.strengths["hello", "most"] is Strength.ENHANCED


def test_an_answer_is_kept_with_the_scope_where_nothing_else_is_said():
    assert small().items["S-07"].kept_with is Scope.ACTIVITY


def test_items_are_asked_in_the_order_of_bundles():
    order = [item.bundle for item in small().asked("work", "most", ["point"])]
    assert order == sorted(order, key=small().bundles.index)


def test_minutes_add_up_on_both_sides():
    asked = small().asked("talk", "nothing")
    assert small().minutes(asked) == (5 * len(asked), 3 * len(asked))


def test_a_language_falls_back_sentence_by_sentence():
    words = small().words("da")
    assert words.level("talk").name == "Samtale"
    assert words.item("S-01").question == "Hvad hedder foreningen?"
    assert words.item("S-01").title == "A name"
    assert small().words("fr").level("talk").name == "Talk"
    assert words.title == "A small policy"


def test_a_level_and_a_band_and_an_item_are_added_by_their_rows_and_words_alone():
    texts = dict(TEXTS)
    texts["levels.toml"] += (
        '\n[[level]]\nid = "build"\ninstrument = "memorandum"\nreview_months = 12\n'
    )
    texts["bands.toml"] += '\n[[band]]\nid = "huge"\nkind = "money"\nfrom = 900000\n'
    row = TEXTS[ITEMS].split("[[item]]")[2]
    texts[ITEMS] += "[[item]]" + row.replace("S-01", "S-50")
    words = '[level.build]\nname = "Build"\n[band.huge]\nname = "Huge"\n'
    words += '[item.S-50]\ntitle = "New"\nquestion = "What is new?"\nwhy = "To see."\n'
    texts["languages/en.toml"] += words
    policy = read(texts, "grown")
    assert "S-50" in [item.id for item in policy.asked("build", "huge")]
    assert policy.items["S-03"].strengths["build", "huge"] is Strength.ENHANCED


def test_a_policy_that_does_not_say_how_long_an_assessment_is_kept_has_the_defaults():
    assert "assessment" not in TEXTS["policy.toml"].split("[keep_months]")[1].split("[[")[0]
    months = small().head.keep_months
    assert (months["assessment"], months["statement"], months["left_office"]) == (24, 60, 6)
