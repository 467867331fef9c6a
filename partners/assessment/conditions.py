"""The pages of conditions: all of one engagement, and each with what either side can say to it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.accounts.queries import users_of
from partners.assessment.actions import conditions as promises
from partners.assessment.blueprint import bp
from partners.assessment.condition_forms import DateForm, HelpForm, NotYetForm, SaidForm
from partners.assessment.handed_in import kept
from partners.assessment.models import Condition, Engagement
from partners.assessment.pages import doer
from partners.assessment.queries import WHOLE, names_of, policy_of
from partners.assessment.round_forms import MetForm
from partners.ground import clock
from partners.ground.words import N_
from partners.history.queries import history_of
from partners.uploads.queries import uploads_by_id
from partners.web.fields import language
from partners.web.forms import HouseForm, conflict, posted, pressed, show, troubled
from partners.web.guard import fetch, looked, page

TRAIL = {
    "conditions.noticed": N_("reminded whoever has something to do"),
    "condition.said": N_("said that it is done"),
    "condition.not_yet": N_("answered that it is not done yet"),
    "condition.date_wished": N_("proposed another date"),
    "condition.date_moved": N_("noted that both sides agreed on another date"),
    "condition.date_kept": N_("kept to the date"),
    "condition.offered": N_("wrote down what we do to help"),
    "condition.met": N_("confirmed that it is done"),
}


def all_of(case: Engagement) -> list[Condition]:
    """The conditions that whoever looks may read: a partner those that it was told."""
    rounds = [r for r in case.rounds if r.told_at or not g.actor.is_partner]
    return [condition for one in rounds for condition in one.conditions]


def open_of(case: Engagement) -> list[tuple[int, Condition]]:
    """Those that still stand, with the numbers of their pages."""
    return [(n, c) for n, c in enumerate(all_of(case), 1) if not c.replaced_on]


def stands(condition: Condition) -> str:
    """Where a condition stands, in a word or two."""
    if condition.met_on:
        return gettext("Done")
    if condition.replaced_on:
        return gettext("Taken up in a later decision")
    if condition.said_at:
        return gettext("Said to be done; we look at it")
    return gettext("Late") if condition.due_on < clock.today() else gettext("Open")


@page(bp, "/engagements/<engagement_id>/conditions", needs=P.ENGAGEMENT_VIEW)
def conditions(engagement_id: str) -> Any:
    """What must still happen, on whom it is, by when, and what helps."""
    case = fetch(Engagement, engagement_id, P.ENGAGEMENT_VIEW, *WHOLE)
    rows = sorted(enumerate(all_of(case), 1), key=lambda row: (not row[1].is_open, row[1].due_on))
    looked(case.organisation_id, "conditions", case.title)
    return show("assessment/conditions.html", engagement=case, rows=rows, stands=stands,
                names=names_of(c.owner_id for _n, c in rows if c.owner_id))  # fmt: skip


@page(bp, "/engagements/<engagement_id>/conditions/<number>", needs=P.ENGAGEMENT_VIEW,
      methods=("GET", "POST"))  # fmt: skip
def condition(engagement_id: str, number: str) -> Any:
    """One condition: its life so far, and what whoever looks can say to it."""
    case = fetch(Engagement, engagement_id, P.ENGAGEMENT_VIEW, *WHOLE)
    every = all_of(case)
    if not number.isdecimal() or not 0 < int(number[:4]) <= len(every):
        raise NotFound
    row = every[int(number[:4]) - 1]
    forms = _forms(case, row)
    form = pressed(forms)
    if form and form.sent():
        if form.stale and form.data:
            return conflict(form)
        with form.refusals():
            form.refuse_stale()
            _do(request.form["verb"], case, row, form)
            return redirect(url_for(".condition", engagement_id=engagement_id, number=number))
    looked(case.organisation_id, "conditions", case.title)
    papers = uploads_by_id({row.upload_id} if row.upload_id else ())
    return show("assessment/condition.html", troubled(forms.values()), engagement=case, c=row,
                number=number, forms=forms, stands=stands, trail=_trail(row), papers=papers,
                names=names_of(i for i in (row.owner_id, row.said_by, row.met_by) if i),
                why=policy_of(case).words(language()).item(row.item).why,
                may_say=may(g.actor, P.CONDITION_SAY, case), users=users_of(case.organisation_id),
                may_work=may(g.actor, P.ENGAGEMENT_WORK, case))  # fmt: skip


def _forms(case: Engagement, row: Condition) -> dict[str, HouseForm]:
    papers = policy_of(case).words(language()).item(row.item).evidence
    kinds: dict[str, Callable[..., HouseForm]] = {
        "said": partial(SaidForm, papers), "met": MetForm, "not-yet": NotYetForm, "date": DateForm,
        "agree": HouseForm, "keep": HouseForm, "help": partial(HelpForm, case),
    }  # fmt: skip
    return {verb: kind(row=row, obj=None, blank=not posted(verb)) for verb, kind in kinds.items()}


def _do(verb: str, case: Engagement, row: Condition, form: Any) -> None:
    deed, notice = DEEDS[verb]
    deed(case, row, form, by=g.actor, at=clock.now())
    flash(gettext(notice))


def _said(case: Engagement, row: Condition, form: Any, **who: Any) -> None:
    file, paper = form.file.data, row.upload_id
    if file:
        paper = kept(case, row.item, form.what.data, file).id
    promises.say_done(case, row, form.said.data, link=form.link.data, upload_id=paper, **who)


def _help(case: Engagement, row: Condition, form: Any, **who: Any) -> None:
    owner = int(form.owner_id.data) if form.owner_id.data else None
    promises.offer_help(case, row, form.offer.data, owner, **who)


DEEDS: dict[str, tuple[Callable[..., Any], str]] = {
    "said": (_said, N_("Written down. The municipality looks at it.")),
    "met": (
        lambda e, c, f, **w: promises.meet(e, c, f.evidence.data, f.on.data, **w),
        N_("It is done."),
    ),
    "not-yet": (
        lambda e, c, f, **w: promises.not_yet(e, c, f.reason.data, **w),
        N_("They can read what is still missing."),
    ),
    "date": (
        lambda e, c, f, **w: promises.wish_date(
            e, c, f.wished_on.data, f.because.data, agreed=f.agreed.data, **w
        ),
        N_("Written down."),
    ),
    "agree": (lambda e, c, f, **w: promises.agree_date(e, c, **w), N_("The new date holds.")),
    "keep": (lambda e, c, f, **w: promises.keep_date(e, c, **w), N_("The date stays as it was.")),
    "help": (_help, N_("Saved.")),
}


def _trail(row: Condition) -> list[dict[str, Any]]:
    """Who did what, oldest first."""
    return [
        {"side": "theirs" if e.by_side == "partner" else "ours",
         "text": f"{doer(e)} {gettext(TRAIL[e.what])}", "on": e.at,
         "reason": e.facts.get("reason", ""), "missing": e.what == "condition.not_yet"}
        for e in reversed(history_of("conditions", row.id)) if e.what in TRAIL
    ]  # fmt: skip
