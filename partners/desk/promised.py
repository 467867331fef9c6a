"""What papers have in store for a member of staff: a turn to write, a talk, promises, an end."""

from collections.abc import Iterator
from datetime import date

from flask import url_for
from flask_babel import gettext

from partners.access.rules import Actor
from partners.mou.queries import promised_to, waiting
from partners.mou.views.promised import falls_due
from partners.web.said import Task

OURS, THEIRS = "ours", "theirs"


def tasks(actor: Actor, today: date, ahead: date) -> Iterator[Task]:
    """Papers to sign, write on, compare and talk about, what we promised, what is late of theirs,
    what ends.
    """
    for why, paper in waiting(actor, today):
        names = {"org": paper.organisation.name, "number": paper.number}
        text, page, due = {
            "sign": (gettext("Read and sign %(number)s for %(org)s", **names),
                     "mou.show_paper", None),
            "write": (gettext("Write on with %(org)s: it is our turn", org=names["org"]),
                      "mou.together", None),
            "compare": (gettext("Compare whom a file signed elsewhere names: %(number)s, %(org)s",
                                **names), "mou.show_paper", None),
            "talk": (gettext("Talk with %(org)s: %(number)s is paused", **names),
                     "mou.show_paper", paper.paused_until),
            "end": (gettext("Agree with %(org)s what follows %(number)s", **names),
                    "mou.show_paper", paper.ends_on),
        }[why]  # fmt: skip
        href = url_for(page, paper_id=paper.public_id)
        yield Task(OURS, text, paper.engagement.title, href, due, today)
    for row in promised_to(actor, today, ahead):
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
        due, waits = falls_due(row, today)
        note = f"{note} {waits}".rstrip()
        yield Task(OURS if city else THEIRS, row.text, note, href, due, today, first=city)
