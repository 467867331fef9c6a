"""What both sides have promised: seen beside the work, kept with one press."""

from datetime import date
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import format_date, gettext

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.ground import clock
from partners.mou import actions, queries
from partners.mou.blueprint import bp
from partners.mou.forms import NoteForm
from partners.mou.models import Promise
from partners.mou.rules import due_by
from partners.web.forms import show
from partners.web.guard import fetch, looked, page


@page(bp, "/promises/<promise_id>", needs=P.PROMISE_KEEP, methods=("GET", "POST"))
def promise(promise_id: str) -> Any:
    """One promise of a paper: by when, who sees to it, and whether it is done."""
    row = fetch(Promise, promise_id, P.PROMISE_KEEP)
    looked(row.organisation_id, "paper", row.engagement.title)
    form = NoteForm(row=row)
    if form.sent():
        with form.refusals():
            form.refuse_stale()
            actions.keep_promise(row, form.note.data, by=g.actor, at=clock.now())
            flash(gettext("Noted as done. Both sides can read it."))
            return redirect(url_for(".promise", promise_id=promise_id))
        row = fetch(Promise, promise_id, P.PROMISE_KEEP)
    mine = g.actor.is_staff or row.side == g.actor.side
    return show("mou/promise.html", form if request.method == "POST" else None, row=row, note=form,
                mine=mine, reads=may(g.actor, P.PAPER_VIEW, row.paper))  # fmt: skip


def falls_due(row: Promise, today: date) -> tuple[date, str]:
    """By when a promise is due as its paper stands, and why that is later than it says."""
    due = due_by(row.due_on, queries.paused(row.paper, today))
    waits = gettext("The paper is paused; it waits until then.")
    return due, waits if due != row.due_on else ""


@bp.app_template_global("promises_beside")
def promises_beside(engagement_id: int) -> dict[str, list[dict[str, Any]]]:
    """What both sides have promised in the papers of an engagement, by side; open ones first."""
    found: dict[str, list[dict[str, Any]]] = {"city": [], "partner": []}
    today = clock.today()
    for row in queries.promised_in(engagement_id):
        seer = row.owner or (row.who.name if row.who else "")
        note = format_date(row.due_on, "d MMM y") + (f", {seer}" if seer else "")
        if row.done_at:
            done = format_date(clock.day_of(row.done_at), "d MMM y")
            note = gettext("Done on %(day)s.", day=done)
        late = not row.done_at and falls_due(row, today)[0] < today
        found[row.side].append(
            {"row": row, "note": note, "late": gettext("Late.") if late else "",
             "href": url_for("mou.promise", promise_id=row.public_id)}
        )  # fmt: skip
    return found
