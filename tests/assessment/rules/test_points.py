from datetime import date

import pytest

from partners.assessment.rules.points import (
    BACKWARDS,
    NOT_REPEATED,
    NOT_THEIRS,
    NOT_YET,
    TOO_OLD,
    why_not,
)
from tests.assessment.rules.cases import small

TODAY = date(2026, 11, 20)
CASES = [
    ("said last week", "speaker", date(2026, 11, 13), None, None),
    ("said today", "speaker", TODAY, None, None),
    ("said by somebody they do not answer for", "bystander", date(2026, 11, 13), None, NOT_THEIRS),
    ("said by nobody the policy knows", "neighbour", date(2026, 11, 13), None, NOT_THEIRS),
    ("24 months old to the day", "speaker", date(2024, 11, 20), None, None),
    ("a day older than 24 months", "speaker", date(2024, 11, 19), None, NOT_REPEATED),
    ("older, and said again since", "speaker", date(2024, 11, 19), date(2025, 3, 1), None),
    ("older, and last said again as long ago", "speaker", date(2023, 1, 1), date(2024, 11, 19),
     NOT_REPEATED),
    ("60 months old, said again since", "speaker", date(2021, 11, 20), date(2026, 1, 1), None),
    ("older than 60 months, said again since", "speaker", date(2021, 11, 19), date(2026, 1, 1),
     TOO_OLD),
    ("said tomorrow", "speaker", date(2026, 11, 21), None, NOT_YET),
    ("said again tomorrow", "speaker", date(2026, 1, 1), date(2026, 11, 21), NOT_YET),
    ("said again before it was said", "speaker", date(2026, 2, 3), date(2026, 1, 1), BACKWARDS),
    ("an age that leaves the calendar", "speaker", date.min, None, TOO_OLD),
]  # fmt: skip


@pytest.mark.parametrize(("role", "said_on", "repeated_on", "sentence"),
                         [case[1:] for case in CASES], ids=[case[0] for case in CASES])  # fmt: skip
def test_age_and_speaker_decide_by_themselves_what_counts(
    role: str, said_on: date, repeated_on: date | None, sentence: str | None
) -> None:
    wrong = why_not(small(), role, said_on, repeated_on, TODAY)
    assert (wrong and wrong[0]) == sentence
