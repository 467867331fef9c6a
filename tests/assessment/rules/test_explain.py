"""Every result explains itself item by item, in words that no one need be ashamed of."""

import random
import re

import pytest

from partners.assessment.rules import explain as words
from partners.assessment.rules.explain import explain
from partners.assessment.rules.reach import result
from tests.assessment.rules.cases import case, random_case, real, small

# Level, band, triggers, answers, the item looked at; what is said, its facts, what would change it.
LINES = [
    ("work", "most", "", {}, "S-03", words.MET, {}, None),
    ("work", "most", "", {"S_01": "open"}, "S-01", words.OPEN, {}, words.ANSWER_IT),
    ("work", "most", "", {"S_00": "open"}, "S-00", words.OPEN_NOTE, {}, words.ANSWER_IT),
    ("work", "most", "", {"S_00": "unmet"}, "S-00", words.NOTED, {}, words.DO_IT),
    ("work", "most", "", {"S_10": "unmet"}, "S-10", words.HOLDS, {}, words.DO_IT),
    ("work", "most", "", {"S_04": "met_base"}, "S-04", words.HOLDS, {}, words.ADD_IT),
    ("work", "most", "", {"S_01": "unmet"}, "S-01", words.CONDITION, {"days": 30}, words.DO_IT),
    ("work", "most", "", {"S_02": "met_base"}, "S-02", words.ADDS, {"days": 60}, words.ADD_IT),
    ("work", "most", "", {"S_03": "unmet"}, "S-03", words.LOWERS,
     {"level": "work", "band": "little"}, words.DO_IT),
    ("work", "most", "", {"S_05": "unmet"}, "S-05", words.LOWERS,
     {"level": "talk", "band": "little"}, words.DO_IT),
    ("work", "most", "", {"S_05": "unmet", "S_09": "open"}, "S-05", words.POINT, {}, words.DO_IT),
    ("work", "much", "", {"S_03": "partly", "S_06": "unmet"}, "S-03", words.BESIDE, {},
     words.WHOLLY),
    ("work", "most", "outdoors", {"S_07": "unmet"}, "S-07", words.WAITS, {}, words.DO_IT),
    ("work", "most", "weather", {"S_11": "open"}, "S-11", words.NO_DATA, {}, words.ANSWER_IT),
    ("work", "most", "weather", {"S_11": "unmet"}, "S-11", words.NO_DATA, {}, words.DO_IT),
    ("talk", "nothing", "", {"S_05": "unmet"}, "S-05", words.OPTIONAL, {}, words.DO_IT),
]  # fmt: skip


@pytest.mark.parametrize(
    ("level", "band", "triggers", "answers", "item", "says", "facts", "change"), LINES
)
def test_every_line_says_what_an_answer_means(
    level, band, triggers, answers, item, says, facts, change
):
    asked = case(small(), level, band, triggers.split(), **answers)
    lines = {line.item: line for line in explain(small(), asked, result(small(), asked))}
    sentence, said = lines[item].means
    assert sentence == says
    assert facts.items() <= said.items()
    assert (lines[item].change or (None,))[0] == change


def test_what_limits_the_result_is_marked():
    asked = case(small(), "work", "most", S_05="unmet", S_01="unmet")
    lines = explain(small(), asked, result(small(), asked))
    assert [line.item for line in lines if line.limits] == ["S-05"]


def test_every_asked_item_has_a_line_and_every_fact_of_a_sentence_is_given():
    draw = random.Random(5)
    for _ in range(300):
        drawn = random_case(real(), draw)
        got = result(real(), drawn)
        lines = explain(real(), drawn, got)
        asked = {item.id for item in real().asked(drawn.level, drawn.band, got.triggers)}
        assert asked <= {line.item for line in lines}
        for line in lines:
            for sentence, facts in filter(None, (line.means, line.change)):
                assert set(re.findall(r"%\((\w+)\)s", sentence)) <= set(facts)


def test_no_sentence_uses_a_word_that_judges():
    said = " ".join(value for value in vars(words).values() if isinstance(value, str))
    judging = r"\b(vetting|screening|flag|risk|score|failed|rejected|suspicious)\b"
    assert not re.search(judging, said, re.IGNORECASE)
