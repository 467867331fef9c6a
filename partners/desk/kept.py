"""What is destroyed when, what two people keep for longer, and how often something was refused."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import current_app, flash, g, redirect, request, url_for
from flask_babel import format_date, gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from partners.access.table import Permission as P
from partners.accounts.queries import municipality
from partners.assessment.actions import four_eyes
from partners.assessment.actions.four_eyes import Wish
from partners.assessment.actions.holding import SETTLED
from partners.assessment.models import Engagement, FourEyes
from partners.assessment.queries import between_two, cards_of, kept_now, names_of
from partners.desk import actions
from partners.desk.keeping import KINDS, Due, due_deletions
from partners.desk.views import bp
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.registry.models import Organisation
from partners.registry.vocabulary import vocabulary
from partners.web.fields import Day, Pick, Text, language
from partners.web.forms import HouseForm, show
from partners.web.guard import fetch, looked, page
from partners.web.models import Refused

MOST, MONTHS = 500, 12
FIELDS = {
    "line": N_("A short field"),
    "paragraph": N_("A longer text"),
    "file": N_("A line of a file"),
}


class KeepForm(HouseForm):
    """Of what, on which ground, why and until when."""

    which = Pick(_l("What is kept?"), ask=_l("Choose what is kept."))
    ground = Pick(_l("On which ground?"), ask=_l("Choose the ground."))
    reason = Text(_l("Why?"), lines=True, limit=1000, aid=True, ask=_l("Write why, in a sentence."),
                  hint=_l("The organisation reads it. Name nobody."))  # fmt: skip
    until = Day(_l("Until when?"), ask=_l("Enter the last day."),
                hint=_l("On the next day the hold has ended by itself."))  # fmt: skip


@page(bp, "/keeping", needs=P.RECORDS_KEEP, methods=("GET", "POST"))
def keeping() -> Any:
    """What goes in the next 30 days; somebody looks it through, or two people keep it."""
    form, today = HouseForm(), clock.today()
    due = due_deletions(today)
    waits = [one for one in due if not one.seen and not one.hold][:MOST]
    if form.sent():
        with form.refusals():
            _look_through(waits)
            return redirect(url_for(".keeping"))
    return show("desk/keeping.html", form, waits=waits, seal=_seal(waits), today=today,
                rest=[one for one in due if one.seen and not one.hold],
                asked=between_two("hold", today), kinds=KINDS, ground=_ground,
                refused=_refused(today))  # fmt: skip


def _look_through(waits: Sequence[Due]) -> None:
    of = municipality()
    if of is None or request.form.get("seal") != _seal(waits):
        raise Refusal(N_("The list has changed while you were looking. Look through it once more."))
    actions.look_through(of, [one.name for one in waits], by=g.actor, at=clock.now())
    flash(gettext("Looked through. Each of these goes on its day."))


def _seal(waits: Sequence[Due]) -> str:
    """What the list was when somebody looked at it."""
    return hashlib.sha256(" ".join(one.name for one in waits).encode()).hexdigest()[:16]


def _ground(row: FourEyes) -> str:
    return vocabulary().keep_ground(row.ground, language())


def _refused(today: date) -> list[tuple[str, str, str, int]]:
    """Month, what the rule says, kind of field and number, newest first; nothing else is known."""
    first = f"{today.year - 1}-{today.month:02}"
    said = {rule.id: rule.said.get(language(), (rule.hint, ""))[0]
            for rule in current_app.extensions["wording"]}  # fmt: skip
    rows = db.session.scalars(
        select(Refused)
        .where(Refused.month > first)
        .order_by(Refused.month.desc(), Refused.rule, Refused.kind)
    )
    return [(format_date(date.fromisoformat(f"{row.month}-01"), "MMMM y"),
             said.get(row.rule, row.rule), FIELDS.get(row.kind, row.kind), row.number)
            for row in rows]  # fmt: skip


@page(bp, "/organisations/<organisation_id>/keeping", needs=P.RECORDS_KEEP,
      methods=("GET", "POST"))  # fmt: skip
def keep(organisation_id: str) -> Any:
    """What of one organisation is kept for longer, on which ground, and asking for it."""
    whose = fetch(Organisation, organisation_id, P.RECORDS_KEEP)
    verb = request.form.get("verb", "")
    form, cases = KeepForm(blank=bool(verb)), cards_of(whose.id)
    every = ("all", gettext("Everything of this organisation that is due to go"))
    one = [(c.reference, gettext("What belongs to %(case)s", case=c.reference)) for c in cases]
    form.which.offer([every, *one])
    grounds = [(one, vocabulary().keep_ground(one, language()))
               for one in vocabulary().keep_grounds]  # fmt: skip
    form.ground.offer([("", gettext("Choose")), *grounds])
    rows = between_two("hold", clock.today(), whose.id)
    if verb or form.sent():
        with form.refusals():
            _do(verb, whose, form, cases, rows)
            return redirect(url_for(".keep", organisation_id=organisation_id))
    looked(whose.id, "kept")
    return show("desk/keep.html", form, whose=whose, rows=rows, ground=_ground,
                held=kept_now(clock.today(), whose.id), today=clock.today(),
                people=names_of(n for r in rows for n in (r.asked_by, r.agreed_by) if n),
                due=[one for one in due_deletions(clock.today()) if one.organisation is whose],
                kinds=KINDS)  # fmt: skip


def _do(
    verb: str, whose: Organisation, form: Any, cases: Sequence[Engagement], rows: Sequence[FourEyes]
) -> None:
    who: dict[str, Any] = {"by": g.actor, "at": clock.now()}
    if not verb:
        case = next((c for c in cases if c.reference == form.which.data), None)
        wish = Wish(form.ground.data, form.reason.data, form.until.data, case)
        days = vocabulary().keep_grounds[wish.ground]["days"]
        four_eyes.ask_to_keep(whose, wish, days, **who)
        flash(gettext("Asked. Nothing is kept for longer before a second person agrees."))
        return
    row = next((r for r in rows if r.public_id == request.form.get("row")), None)
    if verb not in ("agree", "end"):
        raise NotFound
    if row is None:
        raise Refusal(SETTLED)
    (four_eyes.agree if verb == "agree" else four_eyes.end)(row, **who)
