"""The page on which two people hold one thing back, on a legal ground, until a day."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.assessment import actions
from partners.assessment.actions.holding import SETTLED, Hold
from partners.assessment.blueprint import bp
from partners.assessment.letters import day
from partners.assessment.models import Engagement
from partners.assessment.queries import WHOLE, points_of, policy_of, standings
from partners.ground import clock
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.queries import held_now, hold_asked
from partners.policy.values import Asker
from partners.registry.vocabulary import vocabulary
from partners.relations.queries import contacts
from partners.web.fields import Day, Pick, language
from partners.web.forms import HouseForm, show
from partners.web.guard import fetch, looked, page

WHAT = {
    "contacts": N_("One line of the contact log"),
    "points": N_("One thing that we noted"),
    "answers": N_("One answer to a question of ours"),
}
NAMED = 60  # letters of a text that name it in a list


class HoldForm(HouseForm):
    """What is held back, on which ground, until when."""

    which = Pick(_l("What?"), ask=_l("Choose what is held back."))
    ground = Pick(_l("On which legal ground?"), ask=_l("Choose the ground."),
                  hint=_l("The organisation reads it, beside the day."))  # fmt: skip
    until = Day(_l("Until when?"), ask=_l("Enter the last day."),
                hint=_l("On the next day it appears by itself."))  # fmt: skip


@page(bp, "/engagements/<engagement_id>/held-back", needs=P.FILE_HOLD_BACK,
      methods=("GET", "POST"))  # fmt: skip
def held_back(engagement_id: str) -> Any:
    """What is held back from the organisation, who asked, and until when."""
    case = fetch(Engagement, engagement_id, P.FILE_HOLD_BACK, *WHOLE)
    today, known = clock.today(), vocabulary()
    asked = hold_asked(case.organisation_id, today)
    held = held_now(case.organisation_id, today)
    pressed = request.form.get("verb", "")
    form, names = HoldForm(blank=bool(pressed)), _things(case)
    form.which.offer([("", gettext("Choose")), *names.items()])
    grounds = [(one, known.ground(one, language())) for one in known.grounds]
    form.ground.offer([("", gettext("Choose")), *grounds])
    if pressed or form.sent():
        with form.refusals():
            _do(case, form, pressed, asked if pressed == "agree" else (*asked, *held))
            return redirect(url_for(".held_back", engagement_id=engagement_id))
    looked(case.organisation_id, "held back", case.title)
    return show("assessment/held-back.html", form, engagement=case, asked=asked, held=held,
                named=lambda e: names.get(f"{e.facts['thing']}-{e.facts.get('row')}", ""),
                ground=lambda e: known.ground(e.facts["ground"], language()),
                until=lambda e: day(date.fromisoformat(e.facts["until"])),
                may_agree=may(g.actor, P.FILE_HOLD_BACK_AGREE, case))  # fmt: skip


def _do(case: Engagement, form: Any, pressed: str, entries: Sequence[Any]) -> None:
    who = {"by": g.actor, "at": clock.now()}
    if not pressed:
        thing, _, row = form.which.data.partition("-")
        hold = Hold(thing, int(row), form.ground.data, form.until.data)
        actions.ask_to_hold(case, hold, vocabulary().grounds[hold.ground]["days"], **who)
        flash(gettext("Asked. Nothing is held back before a manager agrees."))
        return
    entry = next((e for e in entries if str(e.id) == request.form.get("entry")), None)
    if pressed not in ("agree", "release"):
        raise NotFound
    if entry is None:
        raise Refusal(SETTLED)
    if pressed == "agree":
        actions.hold_back(case, entry, **who)
    else:
        actions.release(case, entry, **who)


def _things(case: Engagement) -> dict[str, str]:
    """What can be held back, by kind and number, named by day and first words."""
    words = policy_of(case).words(language())
    ours = (Asker.STAFF, Asker.MANAGER)
    rows = [("contacts", c.id, c.held_on, c.line)
            for c in contacts(of=case.organisation_id, size=50) if not c.withdrawn_at]  # fmt: skip
    rows += [("points", p.id, p.noted_at, p.said) for p in points_of(case) if not p.sent_at]
    rows += [("answers", s.answer.id, s.answer.answered_on, words.item(s.item.id).title)
             for s in standings(case, clock.today())
             if s.answer and s.item.completed_by in ours]  # fmt: skip
    return {
        f"{kind}-{number}": f"{gettext(WHAT[kind])}, {day(on)}: {text[:NAMED]}"
        for kind, number, on, text in rows
    }
