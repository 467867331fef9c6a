"""The look-up of a case on the lists that the law names: done, asked about, answered, settled."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.assessment import actions
from partners.assessment.actions.working import Reply
from partners.assessment.blueprint import bp
from partners.assessment.letters import day
from partners.assessment.models import Engagement
from partners.assessment.queries import WHOLE, policy_of, standings
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.answers import expires_on
from partners.assessment.rules.moves import ANSWERING
from partners.ground import clock
from partners.ground.clock import day_of
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.lists import actions as lists
from partners.lists import queries
from partners.lists.known import known_lists
from partners.lists.models import LookUp, Resemblance
from partners.lists.rules import names_of
from partners.policy.values import Item
from partners.web.fields import Choice, Lines, Text
from partners.web.forms import HouseForm, posted, show
from partners.web.guard import fetch, looked, page

LISTS = "lists"  # what an item says that is looked up here
ANSWERS = {"another": N_("Another body"), "same": N_("The same body"), "unsure": N_("Not known")}
SETTLED = {
    lists.ANOTHER: N_("They are two bodies"), lists.SAME: N_("They are the same body"),
    lists.GONE: N_("The entry or the name is not there any more"),
}  # fmt: skip


class LookForm(HouseForm):
    controlled_by = Lines(_l("Bodies that control it"), optional=True, limit=1000, hint=_l(
        "Organisations that decide over it, one a line. Never people."))  # fmt: skip


class ReplyForm(HouseForm):
    answer = Choice(_l("Is it you?"), ask=_l("Choose what fits."))
    reply = Text(_l("In your words"), lines=True, limit=2000,
                 ask=_l("Write a sentence about it."),
                 hint=_l("Such as your address, your number in a register, or since when you are"
                         " called so."))  # fmt: skip


class SettleForm(HouseForm):
    settled = Choice(_l("What is it?"), ask=_l("Choose what it is."))
    because = Text(_l("How do we know?"), lines=True, limit=2000,
                   ask=_l("Say in a sentence how we know."))  # fmt: skip


def looked_up_items(case: Engagement) -> list[Item]:
    """The items of this case that are answered by a look-up."""
    return [s.item for s in standings(case, clock.today())
            if s.item.looks_up == LISTS and s.asked]  # fmt: skip


@page(bp, "/engagements/<engagement_id>/look-up", needs=P.ENGAGEMENT_ANSWERS,
      methods=("GET", "POST"))  # fmt: skip
def look_up(engagement_id: str) -> Any:
    """For staff the look-up and what came of it; for the organisation what it is asked."""
    case = fetch(Engagement, engagement_id, P.ENGAGEMENT_ANSWERS, *WHOLE)
    items, looks = looked_up_items(case), queries.look_ups(case.organisation_id)
    if not items and not looks:
        raise NotFound
    looked(case.organisation_id, "look-up", case.title)
    verb, wrong = request.form.get("verb", ""), None
    if request.method == "POST":
        wrong = _form(verb, request.form.get("row", "")) if verb in DEEDS else abort(404)
        if wrong.sent():
            with wrong.refusals():
                DEEDS[verb](case, wrong)
                return redirect(url_for(".look_up", engagement_id=engagement_id))
    return _shown(case, items, wrong)


def _form(verb: str, row: str = "", looks: Sequence[LookUp] = ()) -> HouseForm:
    """The form of one name, with ids of its own; what was typed stays with it."""
    mine = posted(verb) and request.form.get("row", "") == row
    form: Any = KINDS[verb](blank=not mine, data={
        "controlled_by": looks[0].controlled_by if looks else []})  # fmt: skip
    if verb == "reply":
        form.answer.offer((key, gettext(text)) for key, text in ANSWERS.items())
    if verb == "settle":
        form.settled.offer((key, gettext(SETTLED[key])) for key in (lists.ANOTHER, lists.SAME))
    return form.about(row)


KINDS = {"look": LookForm, "ask": HouseForm, "reply": ReplyForm, "settle": SettleForm}


def _shown(case: Engagement, items: list[Item], wrong: HouseForm | None) -> Any:
    whole = may(g.actor, P.ENGAGEMENT_VIEW, case)
    rows = queries.resemblances(case.organisation_id, asked=g.actor.is_partner)
    looks = queries.look_ups(case.organisation_id)
    versions = queries.versions_by_id(n for look in looks for n in look.versions)
    here = queries.current_versions()
    missing = [law.name for law in known_lists().every.values() if law.id not in here]
    typed = request.form.get("row", "") if wrong else None

    def own(verb: str, row: str = "") -> HouseForm:
        mine = wrong if verb == request.form.get("verb") and row == typed else None
        return mine or _form(verb, row, looks)

    def until(row: Resemblance) -> date | None:
        return queries.answer_until(row.asked_at, policy_of(case).head.reply_days)

    # A one-time link answers what is asked; the file it does not open.
    return show("assessment/look-up.html", wrong, engagement=case, own=own, until=until,
                rows=[row for row in rows if whole or not row.settled_at], whole=whole,
                today=clock.today(),
                looks=[(look, _where(look, versions)) for look in looks], missing=missing,
                answers=ANSWERS, settled=SETTLED, lists=known_lists().every, asked_here=bool(items),
                may_work=may(g.actor, P.ENGAGEMENT_WORK, case),
                may_reply=may(g.actor, P.ENGAGEMENT_ANSWER, case))  # fmt: skip


def _where(look: LookUp, versions: Any) -> str:
    """Which lists, in which version, with enough of the fingerprint to know it again."""
    every, found = known_lists().every, (versions[n] for n in look.versions)
    return "; ".join(
        gettext("%(list)s of %(day)s (%(mark)s)", day=day(day_of(v.at)), mark=v.fingerprint[:12],
                list=every[v.of_list].name if v.of_list in every else v.of_list)
        for v in found
    )  # fmt: skip


def _row(case: Engagement) -> Resemblance:
    rows = queries.resemblances(case.organisation_id, asked=g.actor.is_partner)
    found = next((r for r in rows if r.public_id == request.form.get("row")), None)
    return found or abort(404)


def _look(case: Engagement, form: Any) -> None:
    items, today = looked_up_items(case), clock.today()
    if not items:
        raise Refusal(N_("Nothing in this case asks for a look-up now."))
    until = max(expires_on(today, item.valid_months) for item in items)
    lists.look_up(case.organisation, form.controlled_by.entries, known_lists(), valid_until=until,
                  within=case, by=g.actor, at=clock.now())  # fmt: skip
    waits = sum(not r.settled_at for r in queries.resemblances(case.organisation_id))
    flash(ngettext("One name is like theirs. Ask them about it.",
                   "%(num)d names are like theirs. Ask them about each.", waits) if waits
          else gettext("Nothing is found."))  # fmt: skip
    _conclude(case)


def _ask(case: Engagement, _form: Any) -> None:
    lists.ask(_row(case), within=case, by=g.actor, at=clock.now())
    flash(gettext("They are asked. It stands in what they have to do."))


def _reply(case: Engagement, form: Any) -> None:
    lists.reply(_row(case), form.answer.data, form.reply.data, within=case, by=g.actor,
                at=clock.now())  # fmt: skip
    flash(gettext("It is written down."))


def _settle(case: Engagement, form: Any) -> None:
    days = policy_of(case).head.reply_days
    lists.settle(_row(case), form.settled.data, form.because.data, days=days, within=case,
                 by=g.actor, at=clock.now())  # fmt: skip
    flash(gettext("It is settled, and stays so until the name or the list changes."))
    _conclude(case)


DEEDS: dict[str, Callable[[Engagement, Any], None]] = {
    "look": _look, "ask": _ask, "reply": _reply, "settle": _settle,
}  # fmt: skip


def _conclude(case: Engagement) -> None:
    """Answer what is looked up, once nothing waits to be settled and the answers are open."""
    looks = queries.look_ups(case.organisation_id)
    rows = queries.resemblances(case.organisation_id)
    waits = not looks or any(not row.settled_at for row in rows)
    if waits or case.state not in ANSWERING:
        return
    here = queries.current_versions()
    same = [r.listed_name for r in rows
            if r.settled_as == lists.SAME and queries.is_listed(r, here)]  # fmt: skip
    where = _where(looks[0], queries.versions_by_id(looks[0].versions))
    words = gettext("It is this body: %(names)s", names=", ".join(same)) if same else gettext(
        "Nothing is found. Looked up: %(names)s", names=", ".join(
            names_of(case.organisation, looks[0].controlled_by)))  # fmt: skip
    said = Reply(Given.NOT_MET if same else Given.MET, words=words, evidence="check",
                 source=where[:1000], answered_on=day_of(looks[0].at))  # fmt: skip
    for item in looked_up_items(case):
        actions.answer(case, item.id, said, by=g.actor, at=clock.now())
