"""Small numbers said honestly: shares and middles with the range in which they may lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from statistics import median

LEAST = 5  # fewer say nothing about a group, and might say something about one of its members
Z = 1.959964  # of a range that holds the truth 19 times in 20


@dataclass(frozen=True)
class Measure:
    """A value from `number` cases, and the lowest and highest that these cases still allow."""

    number: int
    value: float
    low: float
    high: float

    @property
    def enough(self) -> bool:
        return self.number >= LEAST


def share(part: int, whole: int) -> Measure:
    """The share of `part` in `whole`, from 0 to 1, with Wilson's score interval."""
    if not whole:
        return Measure(0, 0.0, 0.0, 1.0)
    p, z2 = part / whole, Z * Z
    centre = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z * sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole)) / (1 + z2 / whole)
    return Measure(whole, p, max(0.0, centre - half), min(1.0, centre + half))


def middle(values: Sequence[float]) -> Measure:
    """The median, with the order statistics between which the true one lies 19 times in 20.

    Of fewer than six values the smallest and the greatest are named: no narrower pair holds.
    """
    number = len(values)
    if not number:
        return Measure(0, 0.0, 0.0, 0.0)
    ranked = sorted(values)
    reach = Z * sqrt(number) / 2
    first = max(1, floor(number / 2 - reach))
    last = min(number, ceil(1 + number / 2 + reach))
    return Measure(number, float(median(ranked)), ranked[first - 1], ranked[last - 1])
