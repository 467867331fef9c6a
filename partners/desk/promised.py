"""What papers have in store for a member of staff: a turn to write, promises, an end that nears."""

from collections.abc import Iterator
from datetime import date

from flask import url_for
from flask_babel import gettext

from partners.access.rules import Actor
from partners.mou.queries import promised_to, running_out, to_write
from partners.web.said import Task

OURS, THEIRS = "ours", "theirs"


def tasks(actor: Actor, today: date) -> Iterator[Task]:
    """Drafts that were handed to us, what we promised, what is late of theirs, what ends."""
    for paper in to_write(actor):
        text = gettext("Write on with %(org)s: it is our turn", org=paper.organisation.name)
        href = url_for("mou.together", paper_id=paper.public_id)
        yield Task(OURS, text, paper.engagement.title, href)
    for row in promised_to(actor, today):
        note = gettext("Promised to %(org)s in %(number)s.", org=row.organisation.name,
                       number=row.paper.number)  # fmt: skip
        if row.side == "partner":
            note = gettext("%(org)s promised it in %(number)s.", org=row.organisation.name,
                           number=row.paper.number)  # fmt: skip
        elif row.who is None or row.who.ended_at:
            note += " " + gettext("Whoever saw to it has left: somebody takes it over.")
        elif row.owner_id != actor.id:
            note += " " + gettext("%(name)s owns this.", name=row.who.name)
        href = url_for("mou.promise", promise_id=row.public_id)
        city = row.side == "city"
        yield Task(OURS if city else THEIRS, row.text, note, href, row.due_on, today, first=city)
    for paper in running_out(actor, today):
        text = gettext("Agree with %(org)s what follows %(number)s", org=paper.organisation.name,
                       number=paper.number)  # fmt: skip
        href = url_for("mou.show_paper", paper_id=paper.public_id)
        yield Task(OURS, text, paper.engagement.title, href, paper.ends_on, today)
