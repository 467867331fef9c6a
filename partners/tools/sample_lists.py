"""A chapter of the sample: invented lists, a look-up, and a name about which somebody is asked."""

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from partners.assessment.models import Engagement
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.lists import actions, loading
from partners.lists.known import known_lists
from partners.lists.models import ListVersion
from partners.lists.queries import resemblances
from partners.lists.rules import Entry

if TYPE_CHECKING:
    from partners.tools.sample import Story


def tell(story: "Story") -> None:
    """Load the lists, look one case up, and ask about every name that is alike."""
    for row in story.data["law_list"]:
        entries = [Entry(str(n), tuple(names)) for n, names in enumerate(row["names"], 1)]
        version = ListVersion(
            of_list=row["list"], source="invented.xml", at=story.ago(row["ago"]),
            fingerprint=hashlib.sha256(str(entries).encode()).hexdigest(),
            by_id=story.people["per"].id,
        )  # fmt: skip
        db.session.add(version)
        db.session.flush()
        loading.enter(row["list"], entries, 0, version.id)
        loading.make_good(version, entries, 0)
    _look(story)


def _look(story: "Story") -> None:
    told = story.data["look_up"]
    case = db.session.scalars(select(Engagement).where(Engagement.title == told["title"])).one()
    who = {"within": case, "by": story.actor(told["by"]), "at": story.ago(2)}
    until = day_of(story.now).replace(year=story.now.year + 1, day=1)
    actions.look_up(case.organisation, [], known_lists(), valid_until=until, **who)
    for found in resemblances(case.organisation_id):
        actions.ask(found, **who)
