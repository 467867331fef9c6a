"""The pages of an engagement up to the proposal: start, where it stands, support."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.accounts.queries import users_of
from partners.assessment import (
    actions,
    answering,
    beginning,
    conditions,
    deciding,
    holding,
    looking,
    notices,
    points,
    references,
)
from partners.assessment.actions.holding import SETTLED
from partners.assessment.actions.starting import Wish
from partners.assessment.asking import Asked, asked_of, who_said
from partners.assessment.beginning import SHOW_FIRST
from partners.assessment.blueprint import bp
from partners.assessment.forms import MoveForm, StartForm, SupportForm, TakeBackForm
from partners.assessment.models import Engagement, Support
from partners.assessment.pace import Pace, paces
from partners.assessment.pages import (
    Effect,
    Standpoint,
    outside_asked,
    pause_asked,
    sum_of,
    tasks_of,
    trail_of,
)
from partners.assessment.queries import (
    WHOLE,
    elsewhere,
    may_answer,
    paused_by,
    payments,
    policy_of,
    sources_of,
    standings,
    weighed,
)
from partners.assessment.rules.difference import Doing
from partners.assessment.rules.money import Payment
from partners.assessment.rules.moves import ANSWERING, State, Verb, may_move
from partners.assessment.sight import ladder_levels
from partners.ground import clock
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.queries import history_of
from partners.policy.today import todays, todays_policy
from partners.policy.values import Policy
from partners.registry.models import Organisation
from partners.web.fields import language
from partners.web.forms import conflict, show
from partners.web.guard import fetch, looked, page
from partners.web.said import short_day

__all__ = [
    "answering", "beginning", "bp", "conditions", "deciding", "holding", "looking", "points",
    "references",
]  # fmt: skip


# Start


@page(bp, "/organisations/<organisation_id>/start", needs=P.ENGAGEMENT_START,
      methods=("GET", "POST"))  # fmt: skip
def start(organisation_id: str) -> Any:
    """What do we want to do together, and what does it ask? With `?change=` of a running one."""
    organisation = fetch(Organisation, organisation_id, P.ENGAGEMENT_START)
    changed = _changed(organisation)
    policy = policy_of(changed) if changed else todays_policy()
    form = StartForm(policy, changed, organisation.district)
    if request.method == "GET" and "level" in request.args:
        _preview(form)
    ready = form.sent() and "show" not in request.form
    asked = _asked(organisation, policy, form, changed)
    if ready and form.stale:
        return conflict(form)
    if ready and asked and request.form.get("seen") != asked.seal:
        form.form_errors.append(gettext(SHOW_FIRST))
    elif ready:
        with form.refusals():
            made = _begin(organisation, form, changed)
            return redirect(url_for(".engagement", engagement_id=made.public_id))
    looked(organisation.id, "other work and support", N_("starting an engagement"))
    return show("assessment/start.html", form, organisation=organisation, asked=asked,
                policy=policy, changed=changed, words=policy.words(language()), sum_of=sum_of,
                levels=ladder_levels(policy, language()), who_said=who_said,
                sources=sources_of(asked.rows.values()) if asked else {},
                elsewhere=elsewhere(organisation.id, changed.id if changed else None))  # fmt: skip


def _changed(organisation: Organisation) -> Engagement | None:
    if "change" not in request.args:
        return None
    found = fetch(Engagement, request.args["change"], P.ENGAGEMENT_WORK, *WHOLE)
    if found.organisation_id != organisation.id:
        raise NotFound
    return found


def _preview(form: Any) -> None:
    """Read what is typed so far; what cannot be read yet is no error before it is sent."""
    form.process(request.args)
    form.validate()
    form.uncounted = any(amount.errors or due.errors for amount, due in form.rows)
    for field in form:
        field.errors = field.advice = []


def _asked(organisation: Any, policy: Policy, form: Any, changed: Any) -> Asked | None:
    if form.level.data not in policy.levels:
        return None
    own, added = changed.id if changed else None, form.payments
    if form.in_kind.data and not changed:
        added.append(Payment(clock.today()))
    ticked = policy.facts(t for t in form.facts.data or () if t in policy.triggers)
    kind = next((k for k in policy.kinds.activity if k.id == form.activity.data), None)
    suggested = tuple(t for t in (kind.triggers if kind else ()) if t not in ticked)
    return asked_of(policy, organisation.id, own, form.level.data, ticked, added=added,
                    intended=Doing.of(policy, form.activity.data or ""),
                    suggested=suggested)  # fmt: skip


def _begin(organisation: Organisation, form: Any, changed: Engagement | None) -> Engagement:
    names = ("title", "purpose", "level", "kind", "activity", "district", "in_kind")
    wish = Wish(**{name: form[name].data for name in names}, triggers=form.facts.data)
    who = {"by": g.actor, "at": clock.now()}
    if changed:
        actions.change_request(changed, wish, **who)
        flash(gettext("The request is changed. Only the difference is asked."))
        return changed
    flash(gettext("It has begun. Nothing is sent before you tell them the level."))
    return actions.start(organisation, wish, form.payments, todays(), **who)


# Where it stands


@page(bp, "/engagements/<engagement_id>", needs=P.ENGAGEMENT_VIEW, methods=("GET", "POST"))
def engagement(engagement_id: str) -> Any:
    """Where it stands, and the one next step for whoever looks; outside the team a card."""
    case, form = _open(engagement_id), MoveForm()
    if request.method == "POST":
        if form.sent():
            with form.refusals():
                _move(case, form)
                return redirect(_after(case))
        case = _open(engagement_id)
    if not may(g.actor, P.ENGAGEMENT_VIEW, case):
        return show("assessment/card.html", form, engagement=case,
                    words=policy_of(case).words(language()))  # fmt: skip
    return _whole(case, form)


def _open(engagement_id: str) -> Engagement:
    wanted = P.ENGAGEMENT_JOIN if g.actor.is_staff else P.ENGAGEMENT_VIEW
    return fetch(Engagement, engagement_id, wanted, *WHOLE)


def _after(case: Engagement) -> str:
    if g.actor.is_staff and case.stepped_aside(g.actor.id):
        return url_for("desk.organisation", organisation_id=case.organisation.public_id)
    return url_for(".engagement", engagement_id=case.public_id)


def _unseen(case: Engagement) -> bool:
    """Whether the organisation is asked something, and nobody signs in for it who could read it."""
    return case.state == State.TALKING and g.actor.is_staff and not users_of(case.organisation_id)


def _whole(case: Engagement, form: Any) -> Any:
    today, policy = clock.today(), policy_of(case)
    member = next((m for m in case.team if m.account_id == g.actor.id), None)
    looked(case.organisation_id, "engagement", (member and member.purpose) or case.title)
    entries = history_of("engagements", case.id)
    rows = [r for r in payments(case.organisation_id) if r.engagement_id == case.id]
    leave = partial(may_answer, g.actor, case)
    every = standings(case, today, optional=case.state in ANSWERING)
    shown = [row for row in every if row.asked or row.answer or leave(row.item)]
    stand = Standpoint(case, tasks_of(policy, shown, g.actor, leave), g.actor)
    verbs = {verb.name.lower(): may_move(State(case.state), verb) for verb in Verb}
    return show("assessment/engagement.html", form, engagement=case, stand=stand, policy=policy,
                words=policy.words(language()), levels=ladder_levels(policy, language()),
                supports=rows, sum_of=sum_of, can=verbs, State=State, member=member,
                trail=trail_of(case, entries, g.actor), pause=pause_asked(entries, today),
                outside=outside_asked(entries, today), others=_outside(entries, "outside"),
                written=_outside(entries, "outside_asked"), stands=conditions.stands,
                pace=_pace(case), conditions=conditions.open_of(case),
                referees=references.asked_of(case), unseen=_unseen(case),
                may_work=may(g.actor, P.ENGAGEMENT_WORK, case),
                may_close=may(g.actor, P.ENGAGEMENT_CLOSE, case),
                resumes=case.state == State.PAUSED and g.actor.id in paused_by(case))  # fmt: skip


def _outside(entries: Any, verb: str) -> list[Any]:
    """Decisions from outside the assessment: written down, or confirmed as well."""
    return [entry.facts | {"day": date.fromisoformat(entry.facts["day"])}
            for entry in entries if entry.what == f"engagement.{verb}"]  # fmt: skip


def _pace(case: Engagement) -> Pace | None:
    """What others needed at this level and with this support; read for those who are asked."""
    asked = g.actor.is_partner and case.state in ANSWERING
    return paces(clock.now()).get((case.level, case.band)) if asked else None


def _move(case: Engagement, form: Any) -> None:
    """Do what the pressed button says. Each move asks leave for itself."""
    verb = request.form.get("verb", "")
    if verb not in DEEDS:
        raise NotFound
    needs, deed, notice = DEEDS[verb]
    if needs and not form[needs].data:
        raise Refusal(N_("Write a sentence here first."), field=needs)
    deed(case, form, by=g.actor, at=clock.now())
    if notice:
        flash(gettext(notice))


def _confirm_pause(case: Engagement, form: Any, **who: Any) -> None:
    asked = pause_asked(history_of("engagements", case.id), day_of(who["at"]))
    if asked is None:
        raise Refusal(SETTLED)
    first = db.session.get_one(Account, asked.by_id).actor
    actions.pause(case, asked.facts["reason"], second=first, **who)
    notices.tell_pause(case, at=who["at"])


def _ask_outside(case: Engagement, form: Any, **who: Any) -> None:
    if not form.outside_day.data:
        raise Refusal(N_("Enter the day."), field="outside_day")
    actions.ask_outside(case, form.outside_body.data, form.outside_day.data,
                        form.outside_minute.data, form.outside_decided.data, **who)  # fmt: skip


def _confirm_outside(case: Engagement, form: Any, **who: Any) -> None:
    asked = outside_asked(history_of("engagements", case.id), day_of(who["at"]))
    if asked is None:
        raise Refusal(SETTLED)
    first = db.session.get_one(Account, asked.by_id).actor
    actions.confirm_outside(case, asked, first, **who)
    notices.tell_news(case, at=who["at"])


DEEDS: dict[str, tuple[str, Callable[..., Any], str]] = {
    "tell": ("", lambda e, f, **w: actions.tell_level(e, **w), N_("The level is said out loud.")),
    "join": ("purpose", lambda e, f, **w: actions.join(e, f.purpose.data, **w),
             N_("You take part now. The organisation can see it.")),
    "aside": ("", lambda e, f, **w: actions.step_aside(e, **w),
              N_("You have stepped aside. This case is closed to you.")),
    "decline": ("", lambda e, f, **w: actions.decline(e, **w),
                N_("Noted. Nothing follows from it, and either side can come back.")),
    "return": ("", lambda e, f, **w: actions.return_to(e, **w), N_("Welcome back.")),
    "close": ("close_because", lambda e, f, **w: actions.close(e, f.close_because.data, **w), ""),
    "ask-pause": ("pause_because",
                  lambda e, f, **w: actions.ask_pause(e, f.pause_because.data, **w),
                  N_("A second manager confirms the pause.")),
    "pause": ("", _confirm_pause, ""),
    "resume": ("", lambda e, f, **w: actions.resume(e, **w), ""),
    "ask-outside": ("outside_body", _ask_outside,
                    N_("A manager of another department confirms it.")),
    "outside": ("", _confirm_outside, N_("It stands beside the assessment. They are told.")),
    "drop-outside": ("", lambda e, f, **w: actions.drop_outside(e, **w), ""),
}  # fmt: skip


# Support


@page(bp, "/engagements/<engagement_id>/support", needs=P.ENGAGEMENT_WORK, methods=("GET", "POST"))
def support(engagement_id: str) -> Any:
    """Record support that falls due, or take an entry back; what it changes is shown before."""
    case = fetch(Engagement, engagement_id, P.ENGAGEMENT_WORK, *WHOLE)
    every = payments(case.organisation_id)
    rows = [r for r in every if r.engagement_id == case.id]
    taking = request.form.get("verb") == "take-back"
    form = SupportForm(blank=taking)
    back = TakeBackForm([(str(r.id), _named(r, policy_of(case))) for r in rows], blank=not taking)
    if request.method == "GET" and "kind" in request.args:
        _preview(form)
    used = back if taking else form
    ready = used.sent()
    effect = Effect.of(case, every, form)
    if ready and "show" not in request.form:
        if not taking and request.form.get("seen") != effect.then.id:
            form.form_errors.append(gettext("This is what it changes. Look at it, then record it."))
        else:
            with used.refusals():
                _book(case, rows, used)
                return redirect(url_for(".support", engagement_id=engagement_id))
    without = {r.id: weighed(effect.policy, [o for o in every if o is not r], case.id)[0].id
               for r in rows}  # fmt: skip
    looked(case.organisation_id, "support", case.title)
    return show("assessment/support.html", used, new=form, back=back, rows=rows, effect=effect,
                engagement=case, without=without, words=effect.policy.words(language()),
                sum_of=sum_of)  # fmt: skip


def _named(row: Support, policy: Policy) -> str:
    what = sum_of(row.amount, policy.currency) if row.amount else row.what
    return f"{short_day(row.due_on)}: {what}"


def _book(case: Engagement, rows: list[Support], form: Any) -> None:
    who = {"by": g.actor, "at": clock.now()}
    if isinstance(form, TakeBackForm):
        row = next(r for r in rows if str(r.id) == form.which.data)
        actions.withdraw_support(case, row, form.reason.data or "", **who)
        flash(gettext("The entry is taken back. It stays in history with your reason."))
        return
    amount = form.amount.amount if form.kind.data == "money" else None
    actions.record_support(case, Payment(form.due.data, amount, form.what.data), **who)
    flash(gettext("The support is recorded."))
