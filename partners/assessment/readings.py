"""Which engagements are read for now: in conversation, with the item asked and not answered yet."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from partners.access.rules import CLOCK
from partners.assessment.models import Answer, Engagement
from partners.assessment.queries import policy_of
from partners.assessment.rules.answers import is_current, months_after
from partners.assessment.rules.moves import State
from partners.ground import clock
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.history.actions import record
from partners.media import actions as media
from partners.media import shelf
from partners.media.models import Reading
from partners.media.queries import open_readings
from partners.media.work import queue_due
from partners.policy import shelf as editions
from partners.policy.feeds import Source, Sources
from partners.policy.values import Item, Policy, Strength
from partners.registry.models import Organisation

FEEDS = "feeds"
OWN = ""  # the id of a source that the organisation itself publishes


def reading_item(policy: Policy) -> Item | None:
    """The item that is answered with the reading list."""
    return next((i for i in policy.items.values() if i.reads == FEEDS and not i.retired), None)


def read_now(today: date) -> list[int]:
    """The engagements that are read for; two statements, however many there are."""
    case = select(Engagement).where(Engagement.state == str(State.TALKING)).subquery()
    names = ("id", "organisation_id", "level", "band", "triggers", "policy_version")
    rows = db.session.execute(select(*(case.c[name] for name in names))).all()
    asked = [(row, item) for row in rows if (item := _asked(row))]
    if not asked:
        return []
    valid = {
        (*key, item.id): item.valid_months
        for row, item in asked
        for key in ((row.organisation_id, "organisation"), (row.id, "engagement"))
    }
    done = {key for key, on in _answers({item.id for _row, item in asked}, case)
            if key in valid and is_current(on, valid[key], today)}  # fmt: skip
    return [row.id for row, item in asked
            if (row.organisation_id, "organisation", item.id) not in done
            and (row.id, "engagement", item.id) not in done]  # fmt: skip


def _asked(row: Any) -> Item | None:
    policy = editions.edition(row.policy_version)
    item = reading_item(policy)
    facts = policy.facts(row.triggers)
    asks = item and policy.strength(item, row.level, row.band, facts) >= Strength.REQUIRED
    return item if asks else None


def _answers(items: set[str], case: Any) -> Iterator[tuple[tuple[int, str, str], date]]:
    rows = db.session.execute(
        select(Answer.organisation_id, Answer.engagement_id, Answer.kept_with, Answer.item,
               Answer.answered_on)
        .where(Answer.item.in_(items), Answer.withdrawn_at.is_(None),
               Answer.organisation_id.in_(select(case.c.organisation_id)))
        .order_by(Answer.id)
    )  # fmt: skip
    for organisation, engagement, kept_with, item, on in rows:
        yield (engagement, "engagement", item), on
        if kept_with == "organisation":
            yield (organisation, "organisation", item), on


def look_after(folder: Path, limits: Sources) -> dict[str, int]:
    """Begin and end readings, destroy what is over, and queue the feeds that are due."""
    begin_and_end(limits)
    left = {row.id for row in open_readings()}
    shelf.keep_only(folder, left)
    queue_due()
    return {"readings": len(left)}


def begin_and_end(limits: Sources) -> None:
    """What is asked for now is read from now on; what is not, no more."""
    going: dict[int, dict[str, Reading]] = {}
    for row in open_readings():
        going.setdefault(row.engagement_id, {})[row.feed.address] = row
    wanted = set(read_now(clock.today()))
    rows = db.session.scalars(
        select(Engagement)
        .where(Engagement.id.in_(wanted | going.keys()))
        .options(selectinload(Engagement.organisation).selectinload(Organisation.names))
    )
    for case in rows:
        sources = _sources(case, limits) if case.id in wanted else {}
        _follow(case, going.get(case.id, {}), sources)
    db.session.flush()


def _sources(case: Engagement, limits: Sources) -> dict[str, Source]:
    """The same public sources for everybody, and at most so many of their own."""
    own = [Source(OWN, case.organisation.name, address) for address in case.organisation.feeds]
    return {one.address: one for one in (*limits.sources, *own[: limits.most_own])}


def _follow(case: Engagement, going: Mapping[str, Reading], wanted: Mapping[str, Source]) -> None:
    now = clock.now()
    policy = policy_of(case)
    since = months_after(day_of(now), -policy.head.statement_lookback_months)
    words = [case.organisation.name, *case.organisation.other_names]
    for address, one in wanted.items():
        if address in going:
            continue
        media.begin(
            address, one.name, own=one.id == OWN, within=case, words=words, since=since, at=now
        )
        db.session.flush()
    for address in going.keys() - wanted.keys():
        going[address].closed_at = now
    if wanted and not going:
        record("engagement.reading_begun", case, by=CLOCK, at=now, sources=len(wanted))
    elif going and not wanted:
        record("engagement.reading_ended", case, by=CLOCK, at=now, sources=len(going))
