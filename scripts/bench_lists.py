"""A changed list compared with everybody whose look-up still counts; for figures only."""

import random
import time
from typing import Any

from sqlalchemy import select

from partners.assessment.models import Engagement
from partners.ground import clock
from partners.ground.db import db, public_id, writes
from partners.jobs.models import Job
from partners.jobs.runner import put
from partners.lists.loading import AGAIN
from partners.lists.models import ListedBody, ListVersion, LookUp
from scripts.bench_rows import FIRST, SECOND, THIRD, bulk

WHOLE, NEW = 18_000, 500
STEMS = [a + b for a in "al bar cor dal fen gor hal jur".split() for b in "ami bek dov est".split()]
ENDS = [a + b for a in "kan lor mir nas pol qua rud sav".split() for b in "ex ia on um".split()]
TRADES = "Trading Freight Holding Shipping Mining Energy Import Export Steel Cement Oil Gas".split()


def looked_again(app: Any) -> dict[int, tuple[float, float]]:
    """For a list that is new whole, and for one with some new entries: seconds until everybody is
    compared, and seconds of the longest step.
    """
    with app.app_context():
        writes.set(True)
        dice = random.Random(20261121)
        _look_ups()
        return {many: _compared(app, _version(many, dice)) for many in (WHOLE, NEW)}


def _look_ups() -> None:
    whose = select(Engagement.id, Engagement.organisation_id, Engagement.started_by)
    now, rows = clock.now(), db.session.execute(whose).all()
    same = {"at": now, "valid_until": clock.day_of(now), "controlled_by": [], "versions": [],
            "found": 0}  # fmt: skip
    bulk(LookUp, ({"organisation_id": organisation, "engagement_id": case, "by_id": by, **same}
                  for case, organisation, by in rows))  # fmt: skip


def _version(many: int, dice: random.Random) -> int:
    """A good version with so many entries; each twentieth is called as an organisation might be."""
    made = ListVersion(of_list="un", source="bench", at=clock.now(), by_id=0, state="good")
    db.session.add(made)
    db.session.flush()

    def name(number: int) -> str:
        if number % 20:
            return " ".join(dice.choice(part) for part in (STEMS, ENDS, TRADES))
        return f"{dice.choice(FIRST)} {dice.choice(SECOND)} {dice.choice(THIRD)} {number}"

    bulk(ListedBody, ({"of_list": "un", "key": str(n), "fingerprint": public_id(), "country": "",
                       "names": [name(n)], "first_id": made.id, "last_id": made.id}
                      for n in range(many)))  # fmt: skip
    return made.id


def _compared(app: Any, version: int) -> tuple[float, float]:
    job = db.session.get_one(Job, put(AGAIN, version=version))
    steps, began, most = app.extensions["jobs"].kinds[AGAIN](job), time.perf_counter(), 0.0
    while True:
        start = time.perf_counter()
        try:
            next(steps)
        except StopIteration:
            db.session.commit()
            return time.perf_counter() - began, most
        db.session.commit()
        most = max(most, time.perf_counter() - start)
