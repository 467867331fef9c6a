"""The page of a result: proposed, sent for reply, read, decided, told; its verbs as forms."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, g, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.assessment import actions
from partners.assessment.blueprint import bp
from partners.assessment.letters import DECISION, POINTS, letter
from partners.assessment.models import Engagement, Point
from partners.assessment.queries import WHOLE, point_in, policy_of, result_of
from partners.assessment.round_forms import (
    DecideForm,
    MoreTimeForm,
    PointForm,
    ProposeForm,
    ReasonForm,
    ReplyForm,
    TellForm,
)
from partners.assessment.rules.moves import State
from partners.assessment.sight import Sight, about, answer_word, named_facts
from partners.ground import clock
from partners.ground.clock import day_of
from partners.ground.refusals import NotYours, Refusal
from partners.ground.words import LANGUAGES, N_
from partners.web.fields import language
from partners.web.forms import HouseForm, conflict, posted, pressed, show, troubled
from partners.web.guard import fetch, looked, page


@page(bp, "/engagements/<engagement_id>/result", needs=P.ENGAGEMENT_VIEW, methods=("GET", "POST"))
def result(engagement_id: str) -> Any:
    engagement = _fetch(engagement_id)
    looked(engagement.organisation_id, "result", engagement.title)
    forms = _forms(engagement)
    form = pressed(forms)
    if form and form.sent():
        if form.stale and isinstance(form.row, Point):
            return conflict(form)
        with form.refusals():
            form.refuse_stale()
            _do(request.form["verb"], engagement, form)
            return redirect(url_for("assessment.result", engagement_id=engagement_id))
    return show("assessment/result.html", troubled(forms.values()), sight=Sight.of(engagement),
                engagement=engagement, State=State, told=named_facts, forms=forms,
                own=partial(_own, forms), answer_word=answer_word, about=about,
                may_read=may(g.actor, P.ENGAGEMENT_READ, engagement),
                may_decide=may(g.actor, P.ENGAGEMENT_DECIDE, engagement),
                may_work=may(g.actor, P.ENGAGEMENT_WORK, engagement),
                may_reply=may(g.actor, P.POINT_REPLY, engagement),
                may_confirm=may(g.actor, P.ENGAGEMENT_CONFIRM, engagement))  # fmt: skip


def _fetch(engagement_id: str) -> Engagement:
    return fetch(Engagement, engagement_id, P.ENGAGEMENT_VIEW, *WHOLE)


ROUND: dict[str, type[HouseForm]] = {
    "propose": ProposeForm, "take-back": ReasonForm, "send": HouseForm, "read": HouseForm,
    "decide": DecideForm, "confirm": HouseForm, "hand-back": ReasonForm, "tell": TellForm,
    "more-time": MoreTimeForm,
}  # fmt: skip
POINT: dict[str, type[HouseForm]] = {"point": PointForm, "reply": ReplyForm, "aside": ReasonForm}


def _forms(engagement: Engagement) -> dict[str, HouseForm]:
    """The forms of this page by verb, of a point the one that was sent; each knows what it shows.

    Which of them are shown depends on state and person.
    """
    forms = {verb: kind(engagement, obj=None, blank=not posted(verb))
             for verb, kind in ROUND.items()}  # fmt: skip
    _choices(engagement, forms)
    if (verb := request.form.get("verb", "")) in POINT:
        point = _point(engagement)
        forms[verb] = POINT[verb](point).about(point.public_id)
    return forms


def _own(forms: dict[str, HouseForm], verb: str, point: Point) -> HouseForm:
    """The form of one of several points, with ids of its own and what was typed about it."""
    sent = forms.get(verb)
    if sent and sent.row is point:
        return sent
    return POINT[verb](point, blank=True).about(point.public_id)


def _choices(engagement: Engagement, forms: dict[str, Any]) -> None:
    policy = policy_of(engagement)
    words = policy.words(language())
    top = policy.levels[engagement.level].rank
    choose = ("", gettext("Choose"))
    forms["decide"].level.offer([choose, *(
        (level.id, words.level(level.id).name) for level in policy.levels.values()
        if min(policy.floor.rank, top) <= level.rank
    )])  # fmt: skip
    forms["decide"].band.offer(
        [choose, *((b.id, words.band(b.id).name) for b in policy.bands.values())]
    )
    forms["decide"].choice.offer([
        ("as-found", gettext("Decide as the answers lead to")),
        ("otherwise", gettext("Decide otherwise")),
        ("back", gettext("Send it back")),
    ])  # fmt: skip
    forms["tell"].way.offer([
        ("portal", gettext("In their own file, with a notice by e-mail")),
        ("meeting", gettext("In a meeting")),
        ("post", gettext("By post")),
    ])  # fmt: skip
    forms["tell"].language.offer(LANGUAGES.items())


def _do(verb: str, engagement: Engagement, form: Any) -> None:
    """Do what the pressed form says, and say what follows."""
    deed, notice = DEEDS.get(verb, (_decide, ""))
    deed(engagement, form, by=g.actor, at=clock.now())
    if notice:
        flash(gettext(notice))


def _propose(engagement: Engagement, form: Any, **who: Any) -> None:
    actions.propose(engagement, open_named=form.open_named.data, good=form.good.entries, **who)


def _rewrite(engagement: Engagement, form: Any, **who: Any) -> None:
    point = _point(engagement)
    actions.rewrite_point(engagement, point, form.said.data, form.source.data, **who)


DEEDS: dict[str, tuple[Callable[..., Any], str]] = {
    "propose": (_propose, N_("The result is proposed. Somebody else decides.")),
    "take-back": (lambda e, f, **w: actions.take_back(e, f.reason.data, **w), ""),
    "send": (
        lambda e, f, **w: actions.send_points(e, **w),
        N_("The points are with the organisation now."),
    ),
    "read": (
        lambda e, f, **w: actions.read(e, **w),
        N_("You have read it. It can be decided now."),
    ),
    "point": (_rewrite, ""),
    "reply": (
        lambda e, f, **w: actions.reply(
            e, _point(e), f.reply.data, meeting=f.meeting.data, interpreter=f.interpreter.data, **w
        ),
        N_("Your answer stands next to the point."),
    ),
    "more-time": (
        lambda e, f, **w: actions.give_more_time(e, f.until.data, f.because.data, **w),
        N_("They have more time now."),
    ),
    "aside": (
        lambda e, f, **w: actions.settle_point(e, _point(e), f.reason.data, **w),
        N_("The point is set aside. It no longer counts."),
    ),
    "tell": (lambda e, f, **w: actions.tell(e, f.way.data, f.language.data, **w), ""),
    "confirm": (lambda e, f, **w: actions.confirm(e, **w), ""),
    "hand-back": (lambda e, f, **w: actions.hand_back(e, f.reason.data, **w), ""),
}


def _decide(engagement: Engagement, form: Any, **who: Any) -> None:
    if form.choice.data == "back":
        actions.send_back(engagement, form.missing.data, **who)
        return
    found = result_of(engagement, day_of(who["at"]))
    otherwise = form.choice.data == "otherwise"
    level, band = (form.level.data, form.band.data) if otherwise else (found.level, found.band)
    if otherwise and not (level and band):
        wanting = "band" if level else "level"
        raise Refusal(N_("Choose the level and the support that you decide on."), field=wanting)
    if otherwise and (level, band) == (found.level, found.band):
        raise Refusal(N_("This is what the answers lead to. Choose another level or support, or"
                         " decide as the answers lead to."), field="level")  # fmt: skip
    reason = form.reason.data if otherwise else ""
    actions.decide(
        engagement, level or "", band or "", reason=reason, minute=form.minute.data, **who
    )
    settled = engagement.state == State.DECIDED
    flash(
        gettext("Decided. The organisation gets a letter.")
        if settled
        else gettext("Your decision is written down. It counts once it is confirmed.")
    )


def _point(engagement: Engagement) -> Point:
    point = point_in(engagement, request.form.get("point", ""))
    if g.actor.is_partner and not point.sent_at:
        raise NotYours
    return point


@page(bp, "/engagements/<engagement_id>/letter/<kind>", needs=P.ENGAGEMENT_VIEW)
def show_letter(engagement_id: str, kind: str) -> Any:
    """A letter as a page, or as PDF with `?as=pdf`; of an earlier round with its number."""
    engagement = _fetch(engagement_id)
    number = request.args.get("round", default=len(engagement.rounds), type=int)
    if not 0 < number <= len(engagement.rounds):
        raise NotFound
    this = engagement.rounds[number - 1]
    waits = engagement.state == State.DECIDED and this is engagement.round
    ready = {POINTS: this.sent_at, DECISION: this.told_at or (waits and not g.actor.is_partner)}
    if not ready.get(kind):
        raise NotFound
    looked(engagement.organisation_id, "letter", engagement.title)
    tongue = this.told_language or language()
    made = letter(kind, engagement, tongue, this)
    if request.args.get("as") != "pdf":
        return show(
            "assessment/letter.html", letter=made, engagement=engagement, kind=kind, number=number
        )
    answer = make_response(made.pdf)
    answer.headers["Content-Type"] = "application/pdf"
    name = f"{engagement.reference}-{kind}.pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer
