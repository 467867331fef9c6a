"""References: asked for, compared, and given by somebody without an account."""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.accounts.actions.passes import OPENED
from partners.accounts.letters import send
from partners.accounts.queries import fingerprint, live_pass, municipality
from partners.accounts.views.doors import house_address
from partners.assessment.actions import references as deeds
from partners.assessment.blueprint import bp
from partners.assessment.forms import TakeBackForm
from partners.assessment.models import Engagement, Reference
from partners.assessment.queries import WHOLE, names_of, policy_of
from partners.assessment.rules.moves import ANSWERING
from partners.ground import clock
from partners.ground.db import db
from partners.ground.words import LANGUAGES
from partners.policy.load import own_or_ours
from partners.policy.values import AnswerType, Item, Scope
from partners.web.fields import Choice, Pick, Text, language, options
from partners.web.forms import HouseForm, posted, pressed, show, troubled
from partners.web.guard import OPEN_TO_ALL, fetch, looked, page


@cache
def _read(path: Path) -> tuple[Mapping[str, str], ...]:
    return tuple(tomllib.loads(path.read_text("utf-8"))["question"])


def questions(tongue: str) -> dict[str, str]:
    """What a referee is asked, by id: the municipality's own questions, else ours."""
    rows = _read(own_or_ours(current_app.config["SETTINGS"].policy, "references.toml"))
    return {row["id"]: row.get(tongue) or row["en"] for row in rows}


def asked_of(case: Engagement) -> list[Item]:
    """The items of this engagement that a reference answers."""
    policy = policy_of(case)
    every = policy.asked(case.level, case.band, case.triggers)
    return [item for item in every if item.answer_type is AnswerType.REFERENCE]


def references_of(case: Engagement) -> list[Reference]:
    """The references that this engagement may use, oldest first, as its answers are."""
    kept = [i.id for i in policy_of(case).items.values() if i.kept_with is Scope.ORGANISATION]
    rows = db.session.scalars(
        select(Reference)
        .where(Reference.organisation_id == case.organisation_id)
        .order_by(Reference.id)
    )
    return [r for r in rows if r.item in kept or r.engagement_id == case.id]


class AskForm(HouseForm):
    item = Pick(_l("For which question?"), ask=_l("Choose the question."))
    who = Text(_l("Who knows their work?"), ask=_l("Write the role and where it belongs."),
               hint=_l("A role and its body, such as: leader of the library in Harbour district."
                       " No name."))  # fmt: skip
    email = Text(_l("E-mail address"), free=False, ask=_l("Enter an e-mail address."))
    tongue = Choice(_l("In which language do we write?"), ask=_l("Choose a language."),
                    choices=options(LANGUAGES.items()))  # fmt: skip


def _with_questions(base: type[HouseForm], tongue: str) -> type[HouseForm]:
    fields = {name: Text(words, lines=True, limit=2000, optional=True, aid=base is CallForm)
              for name, words in questions(tongue).items()}  # fmt: skip
    return type(base.__name__, (base,), fields)


class CallForm(HouseForm):
    item = AskForm.item
    who = AskForm.who


def _answers(form: Any, tongue: str) -> dict[str, str]:
    return {words: form[name].data for name, words in questions(tongue).items()}


@page(bp, "/engagements/<engagement_id>/references", needs=P.ENGAGEMENT_VIEW,
      methods=("GET", "POST"))  # fmt: skip
def references(engagement_id: str) -> Any:
    """What those say who know their work, two beside each other; and ways to ask."""
    case = fetch(Engagement, engagement_id, P.ENGAGEMENT_VIEW, *WHOLE)
    rows = references_of(case)
    forms = _forms(case, rows)
    form = pressed(forms)
    if form and form.sent():
        with form.refusals():
            DEEDS[request.form["verb"]](case, rows, form, by=g.actor, at=clock.now())
            return redirect(url_for(".references", engagement_id=engagement_id))
    looked(case.organisation_id, "references", case.title)
    stand = [r for r in rows if not r.withdrawn_at]
    return show("assessment/references.html", troubled(forms.values()), engagement=case,
                forms=forms,
                given=[r for r in stand if r.given_at],
                waiting=[r for r in stand if not r.given_at],
                questions=questions(language()), names=names_of(r.asked_by for r in rows),
                words=policy_of(case).words(language()), items=asked_of(case),
                open=case.state in ANSWERING,
                may_work=may(g.actor, P.ENGAGEMENT_WORK, case))  # fmt: skip


def _forms(case: Engagement, rows: list[Reference]) -> dict[str, Any]:
    def how(name: str) -> dict[str, Any]:
        return {"blank": not posted(name), "prefix": f"{name}-"}

    words = policy_of(case).words(language())
    forms: dict[str, Any] = {
        "ask": AskForm(**how("ask")),
        "call": _with_questions(CallForm, language())(**how("call")),
        "use": HouseForm(**how("use")),
        "withdraw": TakeBackForm(
            [(r.public_id, r.who) for r in rows if not r.withdrawn_at], **how("withdraw")
        ),
    }
    for name in ("ask", "call"):
        forms[name].item.offer((i.id, words.item(i.id).title) for i in asked_of(case))
    return forms


def _ask(case: Engagement, rows: Any, form: Any, **who: Any) -> None:
    _made, secret = deeds.ask_referee(case, form.item.data, form.who.data, **who)
    link = f"{house_address()}{url_for('.reference', secret=secret)}"
    house = municipality()
    names = {"house": house.name if house else "", "organisation": case.organisation.name}
    with force_locale(form.tongue.data):
        send(
            form.email.data, form.tongue.data,
            gettext("%(house)s asks about working with %(organisation)s", **names),
            gettext("%(organisation)s works with %(house)s and you know its work. We would like to"
                    " hear how it is to work together.", **names),
            gettext("Open this link to answer a few plain questions. It works once, for fourteen"
                    " days, and you need no account:"),
            link,
            gettext("The people who work on this read what you write, and %(organisation)s may"
                    " read it too. If you would rather not, you need do nothing.", **names),
            at=who["at"],
        )  # fmt: skip
    if current_app.config["SETTINGS"].smtp:
        flash(gettext("The link is sent."))
    else:
        flash(gettext("Hand this link over: %(link)s", link=link))


def _call(case: Engagement, rows: Any, form: Any, **who: Any) -> None:
    said = _answers(form, language())
    deeds.write_down(case, form.item.data, form.who.data, said, **who)
    flash(gettext("Written down. The organisation can read it."))


def _one(rows: list[Reference], wanted: str) -> Reference:
    found = next((r for r in rows if r.public_id == wanted and not r.withdrawn_at), None)
    if found is None:
        raise NotFound
    return found


def _use(case: Engagement, rows: Any, form: Any, **who: Any) -> None:
    deeds.rest_on(case, _one(rows, request.form.get("reference", "")), **who)
    flash(gettext("The question is answered with it."))


def _withdraw(case: Engagement, rows: Any, form: Any, **who: Any) -> None:
    row = _one(rows, form.which.data)
    deeds.withdraw_reference(case, row, form.reason.data, **who)
    flash(gettext("Taken back. Its words are deleted."))


DEEDS: dict[str, Callable[..., None]] = {
    "ask": _ask, "call": _call, "use": _use, "withdraw": _withdraw,
}  # fmt: skip


@page(bp, "/reference/<secret>", needs=OPEN_TO_ALL, methods=("GET", "POST"))
def reference(secret: str) -> Any:
    """The form of whoever was sent a link: no account, used once; opening it uses nothing up."""
    at = clock.now()
    row = db.session.scalar(select(Reference).where(Reference.link == fingerprint(secret)))
    held = live_pass(secret, deeds.KIND, at=at)
    form: Any = _with_questions(HouseForm, language())()
    said = _answers(form, language()) if form.sent() else {}
    if row is not None and row.given_at:
        late = {asked: words for asked, words in said.items() if words}
        return render_template("assessment/reference-given.html", organisation=row.organisation,
                               late=[*late.items()] if late != row.answers else [])  # fmt: skip
    if row is None or held is None:
        return render_template("accounts/door-closed.html", sentence=gettext(OPENED)), 404
    if said:
        with form.refusals():
            deeds.give_reference(row, held, said, at=at)
            return redirect(url_for(".reference", secret=secret))
        row = db.session.scalar(select(Reference).where(Reference.link == fingerprint(secret)))
    return show("assessment/reference.html", form, organisation=row and row.organisation,
                secret=secret, fields=[form[name] for name in questions(language())])  # fmt: skip
