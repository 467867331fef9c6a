"""What somebody has looked through, so that the clock may destroy it on its day."""

from collections.abc import Sequence
from datetime import datetime

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.accounts.models import Municipality
from partners.history.actions import record

LOOKED_THROUGH = "keeping.looked_through"


def look_through(of: Municipality, things: Sequence[str], *, by: Actor, at: datetime) -> None:
    """Note that somebody has seen these on the list and lets them go; named, not told."""
    require(by, P.RECORDS_KEEP)
    record(LOOKED_THROUGH, of, by=by, at=at, things=[*things])
