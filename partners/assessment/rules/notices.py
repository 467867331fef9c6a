"""When the clock tells people that something is due (policy.toml, `notices`)."""

from collections.abc import Iterable
from datetime import date


def reached(days: Iterable[int], due: date, today: date) -> int | None:
    """The last notice whose day has come; None before the first.

    Only the last one is told, because after days on which the machine was off two letters about
    the same date would be one too many.
    """
    gone = (today - due).days
    return max((day for day in days if day <= gone), default=None)
