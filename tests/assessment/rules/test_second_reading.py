"""Two readings of the same paper, written apart, agree."""

import random

from tests.assessment.rules.cases import plain, random_case, real, result, small, varied
from tests.assessment.rules.second_reading import second_reading

COMPARED = 10_000


def test_two_readings_of_the_paper_agree_on_ten_thousand_cases():
    draw = random.Random(20261120)
    outcomes = set()
    for number in range(COMPARED):
        policy = small() if number % 10 == 0 else real()
        policy = varied(policy, draw) if number % 4 == 0 else policy
        case = random_case(policy, draw)
        mine = plain(result(policy, case))
        other = second_reading(policy, case.level, case.band, case.triggers, case.answers)
        assert mine == other, case
        outcomes.add(mine["outcome"])
    assert len(outcomes) == 6


def test_the_second_reading_is_short_enough_to_be_read():
    from pathlib import Path

    lines = Path(__file__).with_name("second_reading.py").read_text().splitlines()
    assert len(lines) <= 80
