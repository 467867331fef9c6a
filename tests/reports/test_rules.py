import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.reports.rules import LEAST, middle, share

# Wilson's interval, worked by hand from the formula in Wilson 1927 for z = 1.959964.
SHARES = [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (5, 10, 0.2366, 0.7634),
          (10, 10, 0.7225, 1.0), (0, 1, 0.0, 0.7935), (50, 100, 0.4038, 0.5962)]  # fmt: skip


@pytest.mark.parametrize(("part", "whole", "low", "high"), SHARES)
def test_a_share_is_told_with_wilsons_range(part: int, whole: int, low: float, high: float) -> None:
    measure = share(part, whole)
    assert (measure.value, round(measure.low, 4), round(measure.high, 4)) == (
        part / whole, low, high,
    )  # fmt: skip


def test_of_nothing_nothing_is_known() -> None:
    assert (share(0, 0).low, share(0, 0).high, share(0, 0).enough) == (0.0, 1.0, False)
    assert not middle([]).enough


def test_few_values_name_no_narrower_range_than_all_of_them() -> None:
    assert [(middle(list(range(n))).low, middle(list(range(n))).high) for n in (1, 3, 5)] == [
        (0, 0), (0, 2), (0, 4),
    ]  # fmt: skip


def test_a_group_of_fewer_than_five_is_not_measured() -> None:
    assert [middle([1.0] * n).enough for n in (LEAST - 1, LEAST)] == [False, True]


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_the_middle_lies_in_its_range_and_the_range_in_the_values(rows: list[float]) -> None:
    m = middle(rows)
    assert min(rows) <= m.low <= m.value <= m.high <= max(rows)


@given(st.integers(0, 500), st.integers(1, 500))
def test_more_cases_never_widen_the_range_of_the_same_share(part: int, whole: int) -> None:
    part = min(part, whole)
    one, ten = share(part, whole), share(part * 10, whole * 10)
    assert ten.high - ten.low <= one.high - one.low + 1e-12
    assert one.low - 1e-12 <= one.value <= one.high + 1e-12
