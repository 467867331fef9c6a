"""The sum that sets the band (policy paper 2.7, "Bands"): money counts when it falls due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from partners.assessment.rules.answers import months_after


@dataclass(frozen=True)
class Payment:
    """Support that falls due: a sum, or, without one, `what` is given in kind."""

    due_on: date
    amount: Decimal | None = None
    what: str = ""


def band_sum(own: Iterable[Payment], others: Iterable[Payment] = (), months: int = 12) -> Decimal:
    """The largest sum within `months` in a row that contain a payment of this engagement.

    `own` are the payments of this engagement, `others` all the rest that the municipality pays
    to the same organisation. Nothing falls due: nothing counts. Raises ValueError below zero.
    """
    both = ((own, True), (others, False))
    paid = [(p.due_on, p.amount, ours) for some, ours in both for p in some if p.amount is not None]
    if any(not amount.is_finite() or amount < 0 for _, amount, _ in paid):
        raise ValueError("a sum of money is a number, and not below zero")
    return max((_window(paid, day, months) for day, _, _ in paid), default=Decimal(0))


def _window(paid: list[tuple[date, Decimal, bool]], start: date, months: int) -> Decimal:
    """The sum of the months that begin on `start`, or nothing where none of it is our own."""
    end = _first_day_after(start, months)
    inside = [(amount, ours) for day, amount, ours in paid if start <= day < end]
    ours = any(ours for _, ours in inside)
    return sum((amount for amount, _ in inside if ours), Decimal(0))


def _first_day_after(start: date, months: int) -> date:
    """The same day later; the first of the next month where that month has no such day."""
    later = months_after(start, months)
    return later if later.day == start.day or later == date.max else later + timedelta(1)
