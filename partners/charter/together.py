"""Pages of the charter's life: shaped together, kept and reported on, and what rests for a time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from partners.access.rules import may_ever
from partners.access.table import Permission as P
from partners.access.table import Role
from partners.accounts.models import Account
from partners.accounts.queries import staff, users_of
from partners.assessment.queries import names_of
from partners.charter import queries
from partners.charter.actions import keeping, shaping, suspending
from partners.charter.forms import (
    AnswerForm,
    AskForm,
    CloseForm,
    OwnerForm,
    ReportForm,
    RoundForm,
    VoiceForm,
    WhyForm,
    WordsForm,
)
from partners.charter.models import Charter, Commitment, Shaping, Voice
from partners.charter.queries import shaping as told_of
from partners.charter.rules import (
    HOLDS,
    PLEDGE,
    State,
    compared,
    heard,
    points,
)
from partners.charter.text import Wording, parts_of, report_months_of, training_of
from partners.charter.views import (
    FEW,
    asked_for,
    bp,
    charter_document,
    here,
    house_name,
    looked_for,
    tell,
    told_forms,
)
from partners.ground import clock
from partners.policy.today import todays_policy
from partners.registry.models import Organisation
from partners.web.fields import language, options
from partners.web.forms import HouseForm, show
from partners.web.guard import OPEN_TO_ALL, fetch, looked, page
from partners.web.said import long_day


def pledges(wording: Wording) -> dict[str, str]:
    """The points to which the municipality commits itself: number and words."""
    found = points(wording.text, parts_of(charter_document()), (PLEDGE,))
    return {heading.split(".")[0]: heading for heading in found}


@page(bp, "/charter/kept", needs=OPEN_TO_ALL)
def kept() -> Any:
    """What the municipality did about its own part, and how the text came to be."""
    rounds = told_of.shapings()
    voices = told_of.voices(*(r.id for r in rounds))
    words = todays_policy().words(language())
    kinds = {
        one.id: Counter(words.named("organisation_kind", v.organisation.kind).name
                        for v in voices if v.shaping_id == one.id)
        for one in rounds
    }  # fmt: skip
    return show("charter/kept.html", pledges=pledges(here()), rows=_newest(), today=clock.today(),
                rounds=rounds, voices=voices, kinds=kinds, versions=list(_changes()),
                training=training_of(charter_document(), language()))  # fmt: skip


def _newest() -> dict[str, list[Commitment]]:
    """By number: what is still to be reported, then the reports, newest first."""
    found: dict[str, list[Commitment]] = {}
    for row in told_of.commitments():
        found.setdefault(row.number, []).append(row)
    return found


def _changes() -> Iterator[tuple[Charter, Charter, list[tuple[str, str]]]]:
    """Each version beside the one before it, in the reader's language."""
    rows = [c for c in queries.city_texts() if c.language == here().language]
    for new, old in pairwise(rows):
        yield old, new, compared(old.text, new.text)


@page(bp, "/charter/commitments", needs=P.CHARTER_REPORT, methods=("GET", "POST"))
def commitments() -> Any:
    """Each point of our own part: who sees to it, and the report that is due."""
    verb, said = request.form.get("verb", ""), request.form.get("commitment", "")
    known, rows, form = pledges(here()), _newest(), None
    people = options((a.email, a.name) for a in staff() if may_ever(a.actor, P.CHARTER_REPORT))
    made: dict[str, dict[str, Any]] = {}
    for waiting in (found[0] for found in rows.values() if found[0].reported_at is None):
        mine = said == waiting.public_id
        forms = {"report": ReportForm(blank=not (mine and verb == "report")),
                 "owner": OwnerForm(blank=not (mine and verb == "owner"))}  # fmt: skip
        forms["owner"].owner.choices = people
        form = forms.get(verb) if mine else form
        made[waiting.public_id] = {k: f.about(waiting.public_id) for k, f in forms.items()}
    start = HouseForm(blank=verb != "take_on")
    form = start if verb == "take_on" else form
    if request.method == "POST" and form is None:
        raise NotFound
    if form is not None and form.sent():
        with form.refusals():
            _keep(verb, said, form, known)
            return redirect(url_for(".commitments"))
    return show("charter/commitments.html", form, made=made, rows=rows, pledges=known,
                people=names_of(r.owner_id for found in rows.values() for r in found),
                start=start, today=clock.today(), manages=may_ever(g.actor, P.CHARTER_SIGN_CITY),
                signed=queries.signed_by_city(here()))  # fmt: skip


def _keep(verb: str, said: str, form: Any, known: dict[str, str]) -> None:
    by, at, months = g.actor, clock.now(), report_months_of(charter_document())
    if verb == "take_on":
        keeping.take_on(here().version, known, months, by=by, at=at)
        return flash(gettext("Each point has an owner now. Hand it to whoever sees to it."))
    commitment = fetch(Commitment, said, P.CHARTER_REPORT)
    if verb == "owner":
        chosen = next(a for a in staff() if a.email == form.owner.data)
        keeping.hand_over(commitment, chosen, by=by, at=at)
        return flash(gettext("%(name)s sees to it now.", name=chosen.name))
    keeping.report(commitment, form.report.data, months, by=by, at=at)
    return flash(gettext("Everyone can read it now."))


@page(bp, "/charter/shaping", needs=P.CHARTER_READ, methods=("GET", "POST"))
def shape() -> Any:
    """Ask organisations of every kind what the text should say, and answer each of them."""
    kinds = {"open": RoundForm, "ask": AskForm, "answer": AnswerForm, "close": CloseForm}
    verb, forms = told_forms(kinds)
    current, form = told_of.open_shaping(), forms.get(verb)
    voices = told_of.voices(current.id) if current else ()
    said = request.form.get("voice", "")
    answers = {v.public_id: _own(v, forms["answer"], said) for v in voices if v.words}
    form = answers.get(said) if verb == "answer" else form
    if request.method == "POST" and form is None:
        raise NotFound
    if form is not None and form.sent():
        with form.refusals():
            _shape(verb, form, current)
            return redirect(url_for(".shape"))
    asked = asked_for("name")
    invited = Counter(v.organisation.kind for v in voices)
    return show("charter/shaping.html", form, forms=forms, answers=answers, current=current,
                voices=voices, asked=asked, near=looked_for(asked), past=_past(),
                warn=len(invited) == 1 and len(voices) >= FEW,
                may_ask=may_ever(g.actor, P.CHARTER_OFFER),
                may_close=may_ever(g.actor, P.CHARTER_SIGN_CITY))  # fmt: skip


def _own(voice: Voice, sent: Any, said: str) -> Any:
    """The form of one proposal; what was sent belongs to one of them."""
    form = sent if said == voice.public_id else AnswerForm(blank=True)
    if not form.answer.data:
        form.answer.data = voice.answer
    return form.about(voice.public_id)


def _past() -> Sequence[Shaping]:
    return [row for row in told_of.shapings() if row.closed_at]


def _shape(verb: str, form: Any, current: Shaping | None) -> None:
    by, at = g.actor, clock.now()
    if verb == "open":
        shaping.open_round(here().version, form.asks.data, form.until.data, by=by, at=at)
        return flash(gettext("The round is open. Ask organisations of every kind."))
    if current is None:
        raise NotFound
    if verb == "ask":
        organisation = fetch(Organisation, form.organisation.data, P.CHARTER_OFFER)
        shaping.ask_to_shape(current, organisation, by=by, at=at)
        for account in users_of(organisation.id):
            tell(account, url_for(".propose"))
        return flash(gettext("%(name)s is asked.", name=organisation.name))
    if verb == "answer":
        voice = fetch(Voice, request.form.get("voice", ""), P.CHARTER_READ)
        shaping.answer_voice(voice, current, form.answer.data, by=by, at=at)
        return flash(gettext("They read your answer, and so does everyone."))
    shaping.close_round(current, form.changed.data, by=by, at=at)
    return flash(gettext("The round is closed, and everyone can read what came of it."))


@page(bp, "/our-charter/shaping", needs=P.CHARTER_SHAPE, methods=("GET", "POST"))
def propose() -> Any:
    """What we were asked about the text, what we proposed, and what became of it."""
    rows = told_of.own_voices(g.actor.organisation_id)
    waiting = next(((v, s) for v, s in rows if not s.closed_at and not v.answered_at
                    and s.until >= clock.today()), None)  # fmt: skip
    form = VoiceForm() if waiting else None
    if waiting and form and form.sent():
        with form.refusals():
            voice, current = waiting
            shaping.speak(voice, current, form.words.data, bool(form.by_name.data),
                          by=g.actor, at=clock.now())  # fmt: skip
            flash(gettext("Thank you. You get an answer, and can write it anew until %(day)s.",
                          day=long_day(current.until)))  # fmt: skip
            return redirect(url_for(".propose"))
    if waiting and form and request.method == "GET":
        form.words.data, form.by_name.data = waiting[0].words, waiting[0].by_name
    return show("charter/propose.html", form, rows=rows, waiting=waiting)


@page(bp, "/charter/<charter_id>/suspension", needs=P.CHARTER_SUSPEND, methods=("GET", "POST"))
def suspension(charter_id: str) -> Any:
    """Both sides on one page: why the link should rest, the answer, the decision, the way back."""
    charter = fetch(Charter, charter_id, P.CHARTER_SUSPEND)
    organisation = charter.organisation
    if organisation is None or charter.state not in (*HOLDS, State.SUSPENDED):
        raise NotFound
    looked(organisation.id, "charter")
    verb, forms = told_forms({"propose": WhyForm, "answer": WordsForm, "suspend": WhyForm,
                              "leave": HouseForm, "end": WhyForm})  # fmt: skip
    form = forms.get(verb)
    if form is not None and form.sent():
        with form.refusals():
            _suspend(verb, charter, form)
            _tell_of(charter, organisation)
            flash(gettext("Written down. Both sides can read it."))
            return redirect(url_for(".suspension", charter_id=charter.public_id))
    it = charter.suspension
    return show("charter/suspension.html", form, forms=forms, charter=charter, it=it,
                organisation=organisation, open=charter.hearing, house_name=house_name(),
                rests=charter.state == State.SUSPENDED, mine=it.get("side") == g.actor.side,
                heard=charter.hearing and heard(it, clock.today()),
                first=it.get("by") == g.actor.id, days=todays_policy().head.reply_days,
                until=date.fromisoformat(it["until"]) if it else None)  # fmt: skip


def _suspend(verb: str, charter: Charter, form: Any) -> None:
    by, at = g.actor, clock.now()
    match verb:
        case "propose":
            until = clock.today() + timedelta(days=todays_policy().head.reply_days)
            suspending.propose_suspension(charter, form.because.data, until, by=by, at=at)
        case "answer":
            suspending.answer_suspension(charter, form.words.data, by=by, at=at)
        case "suspend":
            suspending.suspend(charter, form.because.data, by=by, at=at)
        case "leave":
            suspending.leave_suspension(charter, by=by, at=at)
        case _:
            suspending.end_suspension(charter, form.because.data, by=by, at=at)


def _tell_of(charter: Charter, organisation: Organisation) -> None:
    """A letter to the other side: that there is news, and where."""
    path = url_for(".suspension", charter_id=charter.public_id)
    others: list[Account] = list(users_of(organisation.id)) if g.actor.is_staff else staff(
        Role.MANAGER)  # fmt: skip
    for account in others:
        if account.is_staff or Role.SIGNATORY in account.roles:
            tell(account, path)
