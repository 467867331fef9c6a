"""Periods, expiry, and the sum that sets the band."""

from datetime import date
from decimal import Decimal

import pytest

from partners.assessment.rules.answers import expires_on, is_current
from partners.assessment.rules.money import Payment, band_sum
from partners.assessment.rules.review import review_months, review_on
from tests.assessment.rules.cases import found, real, small


@pytest.mark.parametrize(
    ("answered", "months", "last_day"),
    [
        (date(2025, 3, 14), 12, date(2026, 3, 14)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2025, 12, 31), 24, date(2027, 12, 31)),
        (date(9999, 1, 1), 36, date.max),
    ],
)
def test_an_answer_is_valid_up_to_and_including_the_same_day(answered, months, last_day):
    assert expires_on(answered, months) == last_day


def test_an_answer_counts_on_its_last_day_and_not_after():
    assert is_current(date(2025, 3, 14), 12, date(2026, 3, 14))
    assert not is_current(date(2025, 3, 14), 12, date(2026, 3, 15))


# Level, band, what is not met: months.
PERIODS = [
    ("hello", "nothing", {}, 36),
    ("talk", "nothing", {}, 36),
    ("work", "nothing", {}, 24),
    ("talk", "little", {}, 24),
    ("work", "much", {}, 12),
    ("work", "nothing", {"S_01": "unmet"}, 6),
    ("work", "nothing", {"S_02": "unmet"}, 6),
    ("work", "most", {"S_02": "met_base"}, 12),
    ("work", "most", {"S_03": "unmet"}, 24),
    ("work", "much", {"S_06": "unmet"}, 6),
    ("talk", "nothing", {"S_06": "unmet"}, 36),
    ("work", "much", {"S_01": "open"}, None),
]


@pytest.mark.parametrize(("level", "band", "answers", "months"), PERIODS)
def test_the_shortest_period_that_applies(level, band, answers, months):
    assert review_months(small(), found(small(), level, band, **answers)) == months


def test_a_city_condition_shortens_nothing():
    assert review_months(real(), found(real(), "dialogue", "B0", PR_03="unmet")) == 36


def test_the_review_date_is_counted_from_the_decision():
    assert review_on(small(), found(small(), "work", "much"), date(2024, 2, 29)) == date(
        2025, 2, 28
    )
    assert review_on(small(), found(small(), "work", "much", S_01="open"), date(2024, 1, 1)) is None


def paid(*rows: tuple[str, str]) -> list[Payment]:
    return [Payment(date.fromisoformat(day), Decimal(amount)) for day, amount in rows]


SUMS = [
    ("nothing falls due", [], [], "0"),
    ("one payment", [("2025-01-01", "999.99")], [], "999.99"),
    ("a year later counts apart", [("2025-01-01", "900"), ("2026-01-01", "900")], [], "900"),
    ("the last day of the year counts with it", [("2025-01-01", "900"), ("2025-12-31", "900")], [],
     "1800"),
    ("three years are not punished", [("2025-06-01", "8000"), ("2026-06-01", "8000"),
     ("2027-06-01", "8000")], [], "8000"),
    ("small amounts from several departments add up", [("2025-06-01", "600")],
     [("2025-01-01", "600"), ("2026-05-31", "600")], "1200"),
    ("both sides of our payment, but not one window", [("2025-06-01", "1")],
     [("2024-06-02", "500"), ("2026-05-31", "700")], "701"),
    ("what lies apart from this engagement does not count", [("2025-06-01", "10")],
     [("2020-01-01", "999999")], "10"),
    ("a window may begin with somebody else's payment", [("2025-12-31", "10")],
     [("2025-01-01", "500")], "510"),
    ("29 February begins a year that ends with February", [("2024-02-29", "5")],
     [("2025-02-28", "5")], "10"),
    ("and no day longer", [("2024-02-29", "5")], [("2025-03-01", "5")], "5"),
    ("only others pay", [], [("2025-01-01", "500")], "0"),
    ("the last year there is", [("9999-12-30", "5")], [("9999-12-01", "5")], "10"),
    ("exact decimals", [("2025-01-01", "0.10"), ("2025-01-02", "0.20")], [], "0.30"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("own", "others", "total"), [row[1:] for row in SUMS], ids=[row[0] for row in SUMS]
)
def test_the_largest_sum_within_twelve_months_in_a_row(own, others, total):
    assert band_sum(paid(*own), paid(*others)) == Decimal(total)


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity", "-Infinity"])
def test_a_sum_below_zero_or_no_number_is_refused(amount):
    with pytest.raises(ValueError, match="below zero"):
        band_sum([Payment(date(2025, 1, 1), Decimal(amount))])
    with pytest.raises(ValueError, match="below zero"):
        real().band_for(Decimal(amount), in_kind=False)


@pytest.mark.parametrize(
    ("money", "in_kind", "band"),
    [
        ("0", False, "B0"),
        ("0", True, "BK"),
        ("0.01", False, "BM"),
        ("0.01", True, "BM"),
        ("999.99", False, "BM"),
        ("1000", False, "B1"),
        ("9999.99", True, "B1"),
        ("10000", False, "B2"),
        ("49999.99", False, "B2"),
        ("50000", False, "B3"),
        ("249999.99", False, "B3"),
        ("250000", False, "B4"),
        ("1e12", False, "B4"),
    ],
)
def test_the_lower_edge_counts(money, in_kind, band):
    assert real().band_for(Decimal(money), in_kind).id == band
