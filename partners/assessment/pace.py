"""How long work like this took from its beginning to the letter: measured, by level and support.

Whoever tells a result writes days and answers into history. Days on which it was paused do not
count. How long people sat over a question is not measured: nobody should feel watched at it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import func, select

from partners.assessment.models import Answer, Engagement
from partners.ground.db import db
from partners.history.queries import deeds, history_of

TOLD, LEAST, READ, YEARS = "engagement.tell", 5, 500, 3
Tier = tuple[str, str]  # level and band


@dataclass(frozen=True)
class Pace:
    """Half of the last `rounds` took no more than these days, and no more than these answers."""

    days: int
    answers: int
    rounds: int


def taken(engagement: Engagement, at: datetime) -> dict[str, object]:
    """What a round took until now, as history keeps it."""
    opened = engagement.round.opened_at
    given = select(func.count()).where(Answer.engagement_id == engagement.id, Answer.at >= opened)
    days = (at - opened - _paused(engagement, opened, at)).days
    return {
        "level": engagement.level, "band": engagement.band, "days": max(days, 0),
        "answers": db.session.scalar(given),
    }  # fmt: skip


def _paused(engagement: Engagement, opened: datetime, at: datetime) -> timedelta:
    rested, since = timedelta(), None
    for entry in reversed(history_of("engagements", engagement.id, limit=500)):
        if entry.at < opened or entry.at > at:
            continue
        if entry.what == "engagement.pause":
            since = entry.at
        elif entry.what == "engagement.resume" and since:
            rested, since = rested + (entry.at - since), None
    return rested


def paces(today: datetime) -> Mapping[Tier, Pace]:
    """The medians of the newest rounds for each level and band of which enough are known."""
    told: dict[Tier, list[tuple[int, int]]] = {}
    since = today - timedelta(days=365 * YEARS)
    for entry in deeds("engagements", [TOLD], since, limit=READ):
        facts = entry.facts
        if "days" in facts:
            tier = (facts["level"], facts["band"])
            told.setdefault(tier, []).append((facts["days"], facts["answers"]))
    return {
        tier: Pace(*(round(median(one)) for one in zip(*rows, strict=True)), rounds=len(rows))
        for tier, rows in told.items() if len(rows) >= LEAST
    }  # fmt: skip
