"""The reading list of the sample: its feeds come from files, because their addresses are
invented.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from partners.assessment.readings import begin_and_end
from partners.ground.outside import TOO_SLOW
from partners.media import actions, shelf
from partners.media.feeds import entries_of
from partners.media.models import Reading
from partners.media.queries import open_readings
from partners.policy.feeds import Sources, sources

FILES = Path(__file__).parents[2] / "data" / "sample-feeds"
NEVER = timedelta(days=3650)


def readings(story: Any) -> None:
    """What is asked for is read; one entry is kept, the others wait for a reader."""
    settings = story.app.config["SETTINGS"]
    limits, folder = sources(settings.policy), settings.instance / "reading"
    begin_and_end(limits)
    rows = open_readings()
    for row in rows:
        _read(row, limits, folder, story)
    waiting = [(r, one) for r in rows if r.own for one in shelf.suggestions(folder, r.id)]
    for row, one in waiting[:1]:
        note = "They open their rehearsals, and say so in plain words. Written by themselves."
        within = next(c for c in story.cases if c.id == row.engagement_id)
        by = {"within": within, "by": story.actor("maja"), "at": story.ago(0.5)}
        actions.keep(row, one, note, good=True, **by)


def _read(row: Reading, limits: Sources, folder: Path, story: Any) -> None:
    names = {source.address: source.id for source in limits.sources}
    path = FILES / f"{names.get(row.feed.address, 'own')}.xml"
    row.feed.tried_at = story.ago(1)
    if path.exists():
        text = re.sub(r"\{(\d+) days ago\}", lambda m: story.ago(int(m[1])).isoformat(),
                      path.read_text("utf-8"))  # fmt: skip
        entries = entries_of(text.encode(), "", row.feed.address, limits.entries)
        actions.took(row.feed, entries, folder, hours=limits.hours_between, at=story.ago(1))
    else:
        actions.failed(row.feed, TOO_SLOW, hours=limits.hours_between, asked=0, at=story.ago(1))
    row.feed.due_at = story.now + NEVER
