"""The only place that asks what time it is, and on which day a moment falls here.

Everybody else is told.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import current_app


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def day_of(moment: datetime) -> date:
    """The day of a moment by the municipality's clock: there days begin and end."""
    return moment.astimezone(ZoneInfo(current_app.extensions["time_zone"])).date()


def today() -> date:
    """The day that it is in the municipality."""
    return day_of(now())
