"""`partners policy check` and `partners policy result`, as an operator types them."""

import json
import shutil
from pathlib import Path

import pytest

from partners.tools.commands import main
from tests.assessment.rules.cases import TESTS, real

SMALL = str(TESTS / "small_policy")


def run(*words: str) -> int:
    return main(["policy", *words])


def worked_out(tmp_path: Path, text: str | bytes, *more: str) -> int:
    path = tmp_path / "case.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return run("result", str(path), *more)


def test_a_sound_policy_is_told_in_one_line(capsys):
    assert run("check", SMALL) == 0
    out, err = capsys.readouterr()
    assert "12 items, 3 levels, 5 bands" in out
    assert (out.count("\n"), err) == (1, "")


def test_a_broken_policy_is_told_line_by_line(capsys, tmp_path):
    shutil.copytree(SMALL, tmp_path / "data")
    items = tmp_path / "data/checklist/basics.toml"
    items.write_text(items.read_text().replace('"condition"', '"conditon"'))
    assert run("check", str(tmp_path / "data")) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0].startswith("checklist/basics.toml: S-01 if_unmet: effect cannot be")
    assert len(err.splitlines()) == 2


def test_an_example_that_comes_out_otherwise_is_told(capsys, tmp_path):
    shutil.copytree(SMALL, tmp_path / "data")
    examples = tmp_path / "data/examples.toml"
    examples.write_text(
        examples.read_text().replace("answers = {}", 'answers = { S-05 = "unmet" }')
    )
    assert run("check", str(tmp_path / "data")) == 1
    assert "everything met: level is 'talk', not 'work'" in capsys.readouterr().err


def test_a_folder_that_is_none_is_told(capsys):
    assert run("check", "/no/such/folder") == 1
    assert "is not a folder" in capsys.readouterr().err


def test_the_policy_folder_comes_from_the_environment(capsys, monkeypatch):
    monkeypatch.setenv("PARTNERS_POLICY", SMALL)
    assert run("check") == 0
    assert "12 items" in capsys.readouterr().out


CASE = {"level": "work", "band": "much", "answers": {"*": "met", "S-05": "unmet", "S-01": "partly"}}


def test_a_case_gives_one_object_with_the_keys_of_the_examples(capsys, tmp_path):
    assert worked_out(tmp_path, json.dumps(CASE), "--folder", SMALL) == 0
    assert json.loads(capsys.readouterr().out) == {
        "outcome": "supported_dialogue",
        "level": "talk",
        "band": "little",
        "conditions": ["S-01"],
        "activity_limits": [],
        "no_personal_data": False,
        "deciders": {
            "prepare": "officer",
            "decide": "manager",
            "second": ["reader_not_involved"],
            "needs": ["S-09"],
            "reads": [],
        },
        "review_months": 6,
    }


def test_what_is_not_mentioned_is_open(capsys, tmp_path):
    worked_out(tmp_path, '{"level": "talk", "band": "nothing"}', "--folder", SMALL)
    assert json.loads(capsys.readouterr().out) == {
        "outcome": "not_determined",
        "open": ["S-01", "S-02"],
        "hold": [],
        "deciders": None,
        "review_months": None,
    }


def test_open_stays_open_where_the_rest_is_met(capsys, tmp_path):
    case = {"level": "talk", "band": "nothing", "answers": {"*": "met", "S-01": "open"}}
    worked_out(tmp_path, json.dumps(case), "--folder", SMALL)
    assert json.loads(capsys.readouterr().out)["open"] == ["S-01"]


@pytest.mark.parametrize(
    ("support", "band"),
    [
        ('"money": 0', "nothing"),
        ('"money": 0, "in_kind": true', "rooms"),
        ('"in_kind": true', "rooms"),
        ('"money": 0.01, "in_kind": true', "little"),
        ('"money": "999.99"', "little"),
        ('"money": 999.99999999999999999', "little"),
        ('"money": 1e3', "much"),
        ('"money": 1e5', "most"),
        ('"money": 1000000000000', "most"),
        ('"money": -0', "nothing"),
    ],
)
def test_money_and_help_in_kind_stand_for_the_band(capsys, tmp_path, support, band):
    worked_out(
        tmp_path, f'{{"level": "work", {support}, "answers": {{"*": "met"}}}}', "--folder", SMALL
    )
    assert json.loads(capsys.readouterr().out)["band"] == band


def test_json_lines_give_a_line_each(capsys, tmp_path):
    lines = "\n".join(json.dumps(CASE | {"level": level}) for level in ("work", "talk", "hello"))
    assert worked_out(tmp_path, lines + "\n\n", "--folder", SMALL) == 0
    told = [json.loads(line)["level"] for line in capsys.readouterr().out.splitlines()]
    assert told == ["talk", "talk", "hello"]


BAD = [
    ("", "is not JSON"),
    ("[]", "an object in braces"),
    ("7", "an object in braces"),
    ("null", "an object in braces"),
    ("{", "is not JSON"),
    ('{"level": "work"}', "band is missing"),
    ('{"band": "much"}', "level is missing"),
    ('{"level": "wrok", "band": "much"}', "write one of hello, talk, work"),
    ('{"level": "work", "band": ["much"]}', "write one of nothing"),
    ('{"level": "work", "band": "much", "money": 5}', "not both"),
    ('{"level": "work", "band": "much", "kind": "club"}', "is not known here"),
    ('{"level": "work", "money": NaN}', "NaN is not a number"),
    ('{"level": "work", "money": Infinity}', "Infinity is not a number"),
    ('{"level": "work", "money": -1}', "number from 0"),
    ('{"level": "work", "money": 1e30}', "number from 0"),
    ('{"level": "work", "money": 1e999999999}', "number from 0"),
    ('{"level": "work", "money": 1e99999999999999999999999}', "is not JSON"),
    ('{"level": "work", "money": ' + "9" * 5000 + "}", "too long"),
    ('{"level": "work", "money": "1.000,50"}', "number from 0"),
    ('{"level": "work", "money": "1e5"}', "number from 0"),
    ('{"level": "work", "money": "NaN"}', "number from 0"),
    ('{"level": "work", "money": ""}', "number from 0"),
    ('{"level": "work", "money": "."}', "number from 0"),
    ('{"level": "work", "money": "١٢"}', "number from 0"),
    ('{"level": "work", "money": true}', "number from 0"),
    ('{"level": "work", "money": 5, "in_kind": "yes"}', "true or false"),
    ('{"level": "work", "band": "much", "triggers": "point"}', "in brackets"),
    ('{"level": "work", "band": "much", "triggers": ["pint"]}', "write one of outdoors"),
    ('{"level": "work", "band": "much", "triggers": [{}]}', "write one of outdoors"),
    ('{"level": "work", "band": "much", "answers": []}', "in braces"),
    ('{"level": "work", "band": "much", "answers": {"S-99": "met"}}', 'no item "S-99"'),
    ('{"level": "work", "band": "much", "answers": {"S-01": "yes"}}', "write one of met"),
    ('{"level": "work", "band": "much", "answers": {"S-01": null}}', "S-01 is missing"),
    ('{"level": "work", "band": "much", "answers": {"S-01": ["met"]}}', "write one of met"),
    ('{"level": "work", "level": "talk", "band": "much"}', "a key appears twice"),
    ('{"level": "work", "band": "much", "answers": {"S-01": "met", "S-01": "unmet"}}', "twice"),
    ("[" * 100_000, "nested too deeply"),
    ('{"level": "\\ud800", "band": "much"}', "write one of hello"),
    ('{"level": "work", "band": "much"}\n{"level": "no", "band": "much"}', "line 2: level is 'no'"),
    ('{"level": "work", "band": "much"}\n{"level": NaN}', "line 2: NaN"),
    (b"\xff\xfe{}", "is not UTF-8"),
    (b"\x00", "is not JSON"),
]


@pytest.mark.parametrize(("text", "told"), BAD, ids=[str(text)[:50] for text, _ in BAD])
def test_a_case_that_cannot_be_read_is_told_and_nothing_is_printed(capsys, tmp_path, text, told):
    assert worked_out(tmp_path, text, "--folder", SMALL) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert err.count("\n") == 1


def test_a_file_that_is_missing_is_told(capsys):
    assert run("result", "/no/such/case.json", "--folder", SMALL) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_the_help_says_how_what_is_not_mentioned_counts(capsys):
    with pytest.raises(SystemExit):
        run("result", "--help")
    assert "not mentioned is open" in " ".join(capsys.readouterr().out.split())


def test_the_golden_examples_come_out_through_the_command(capsys, tmp_path):
    lines = [
        json.dumps({**e.request, "triggers": e.triggers, "answers": {"*": "met", **e.answers}})
        for e in real().examples
    ]
    assert worked_out(tmp_path, "\n".join(lines)) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for example, got in zip(real().examples, found, strict=True):
        assert set(got) == {*example.expect, "deciders", "review_months"}
        assert {key: got[key] for key in example.expect} == example.expect
