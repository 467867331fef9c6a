"""Pages for a changed policy: hand one in, read what it would do, propose and publish it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, abort, current_app, flash, g, redirect, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from partners.access.table import Permission as P
from partners.assessment.queries import names_of, openable
from partners.editions import actions, files, trying
from partners.editions.queries import drafts, job_of, why_not
from partners.ground import clock
from partners.ground.mending import Problem, Told
from partners.ground.refusals import Refusal
from partners.ground.text import read_page, safe_filename
from partners.ground.words import N_
from partners.history.queries import history_of
from partners.policy import shelf, today
from partners.policy.models import Draft
from partners.policy.shapes import PolicyError
from partners.policy.values import Policy
from partners.policy.variants import variants
from partners.web.fields import File, Pick, Text, language
from partners.web.forms import HouseForm, conflict, show
from partners.web.guard import fetch, looked, page

bp = Blueprint("editions", __name__)
ROWS, FOLDER = 50, "folder"
TO_MEND = N_("It cannot be used yet. Mend what is listed here.")
DEEDS = {
    "policy.tried": N_("handed it in"), "policy.tried_again": N_("had it tried again"),
    "policy.read": N_("noted as the protector that they have read it"),
    "policy.proposed": N_("proposed it"), "policy.published": N_("published it"),
    "policy.withdrawn": N_("withdrew it"),
}  # fmt: skip


class HandInForm(HouseForm):
    """A packed folder, or something that lies on the server."""

    file = File(_l("A policy folder, packed as zip"), optional=True)
    chosen = Pick(_l("Or one that is here"), optional=True)

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        here = variants(_folder()).items()
        self.here = {name: str(said.get("name", name)) for name, said in here}
        if today.overruled():
            self.here[FOLDER] = gettext("The policy folder on the server")
        self.chosen.offer([("", gettext("None")), *self.here.items()])

    def texts(self) -> tuple[dict[str, str], str]:
        """The files handed in, and what they are called. Raises Refusal or PolicyError."""
        file, chosen = self.file.data, self.chosen.data
        if bool(file) == bool(chosen):
            raise Refusal(N_("Choose a file, or one that is here."), field="file")
        if file:
            return files.unpacked(file.stream), safe_filename(file.filename)[:80]
        if chosen == FOLDER:
            return current_app.extensions["policy"][1], self.here[chosen]
        return files.variant_of(_folder(), chosen), self.here[chosen]


class FileForm(HouseForm):
    """One file of the policy that is in use, word for word."""

    # The policy speaks of conduct and of rules for people, so the check reads it, not the aid.
    text = Text(_l("The text of the file"), lines=True, limit=200_000, free=False,
                ask=_l("A file cannot be empty."))  # fmt: skip


class Written(NamedTuple):
    """A file of the edition in use; `version` is the edition."""

    text: str
    version: str


class ProposeForm(HouseForm):
    """Why the policy should change."""

    reason = Text(_l("Why should it change?"), lines=True, limit=1000, aid=True,
                  ask=N_("Write why. It is shown with the change."))  # fmt: skip


def told(text: str) -> str:
    """What the check says, in the reader's language; the check itself knows none."""
    if not isinstance(text, Told):
        return text and gettext(text)
    facts = {key: told(one) if key == "what" and isinstance(one, str) else one
             for key, one in text.facts.items()}  # fmt: skip
    return gettext(text.sentence, **facts)


def _folder() -> Any:
    return current_app.config["SETTINGS"].policy


@page(bp, "/policy/changes", needs=P.POLICY_VIEW, methods=("GET", "POST"))
def overview() -> Any:
    """The drafts so far, and handing in a new one: it is checked at once."""
    form, problems = HandInForm(), list[Problem]()
    if form.sent():
        with form.refusals():
            draft, problems = _handed_in(form)
            if draft is not None:
                return redirect(url_for(".one", draft_id=draft.public_id))
            form.form_errors.append(_to_mend())
    rows = drafts()
    edition, texts = today.todays()
    return show("editions/overview.html", form, rows=rows, problems=problems, told=told,
                edition=edition, since=shelf.published(), files=sorted(texts),
                who=names_of(row.tried_by for row in rows))  # fmt: skip


@page(bp, "/policy/changes/edit", needs=P.POLICY_CHANGE, methods=("GET", "POST"))
def edit() -> Any:
    """One file of the policy in use, changed here; it is checked, then tried like any other."""
    edition, texts = today.todays()
    file = request.args.get("file", "")
    if file not in texts:
        abort(404)
    form, problems = FileForm(row=Written(texts[file], edition)), list[Problem]()
    if form.sent():
        if form.stale:
            return conflict(form)
        with form.refusals():
            changed = {**texts, file: f"{form.text.data}\n"}
            draft, problems = _checked(changed, file)
            if draft is not None:
                return redirect(url_for(".one", draft_id=draft.public_id))
            form.form_errors.append(_to_mend())
    return show("editions/edit.html", form, file=file, problems=problems, told=told)


def _to_mend() -> str:
    return Markup('<a href="#mend">%s</a>') % gettext(TO_MEND)


def _handed_in(form: HandInForm) -> tuple[Draft | None, list[Problem]]:
    """The draft, or everything that is to be mended first."""
    try:
        texts, source = form.texts()
    except PolicyError as error:
        return None, [*error.problems]
    return _checked(texts, source)


def _checked(texts: dict[str, str], source: str) -> tuple[Draft | None, list[Problem]]:
    if problems := files.to_mend(texts):
        return None, [*problems]
    return actions.try_out(texts, source, today.todays()[0], by=g.actor, at=clock.now()), []


@page(bp, "/policy/changes/<draft_id>", needs=P.POLICY_VIEW, methods=("GET", "POST"))
def one(draft_id: str) -> Any:
    """What a draft would do to everything that runs; and its steps until it is published."""
    draft = fetch(Draft, draft_id, P.POLICY_VIEW)
    deed = request.form.get("deed", "") if request.method == "POST" else ""
    form = ProposeForm(blank=deed != "propose")
    if request.method == "POST" and deed not in DO:
        abort(404)
    if deed and (deed != "propose" or form.sent()):
        with form.refusals():
            DO[deed](draft, form, by=g.actor, at=clock.now())
            return redirect(url_for(".one", draft_id=draft.public_id))
    number, found = read_page(request.args.get("page")), draft.found
    cases = found.get("cases", [])
    pages = max(-(-len(cases) // ROWS), 1)
    part = cases[(min(number, pages) - 1) * ROWS :][:ROWS]
    policy = shelf.printing(draft.edition, draft.texts)
    mine = openable(g.actor, [case["id"] for case in part])
    for case in mine.values():
        looked(case.organisation_id, "result", N_("to see what another policy would change"))
    return show("editions/one.html", form, draft=draft, found=found, said=Said(policy), part=part,
                mine=mine, deeds=DEEDS,
                page=min(number, pages), pages=pages, job=job_of(draft),
                day=date.fromisoformat(found["day"]) if found else None,
                history=history_of("policy_drafts", draft.id), lines=_lines(draft),
                waits_for=why_not(draft, today.todays_policy(), g.actor))  # fmt: skip


def _lines(draft: Draft) -> Any:
    """What is written otherwise than in use, as long as the draft is open."""
    return files.otherwise(today.todays()[1], draft.texts) if draft.is_open else []


def _publish(draft: Draft, _form: ProposeForm, **who: Any) -> None:
    actions.publish(draft, today.todays_policy(), **who)
    today.forget()
    flash(gettext("It is published. New work begins with it; what runs keeps its own."))


DO: Mapping[str, Callable[..., None]] = {
    "propose": lambda draft, form, **who: actions.propose(draft, form.reason.data, **who),
    "read": lambda draft, _form, **who: actions.note_read(draft, **who),
    "publish": _publish,
    "withdraw": lambda draft, _form, **who: actions.withdraw(draft, **who),
    "again": lambda draft, _form, **who: actions.try_again(draft, **who),
}


class Said:
    """The words of what was found; what the draft no longer has is said as the policy in use."""

    def __init__(self, draft: Policy) -> None:
        both = (draft, today.todays_policy())
        self.policies = [(policy, policy.words(language())) for policy in both]

    def item(self, name: str) -> str:
        """The title of an item."""
        for policy, words in self.policies:
            if name in policy.items:
                return words.item(name).title
        return name

    def band(self, name: str) -> str:
        """The name of a band."""
        return self._named("band", name)

    def bands(self, counted: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """The bands in the order of the policy."""
        order = [*dict.fromkeys(band for policy, _words in self.policies for band in policy.bands)]
        return sorted(counted.items(), key=lambda row: (*order, row[0]).index(row[0]))

    def stand(self, outcome: str, level: str, band: str) -> str:
        """A result in a few words."""
        told = [self._named("outcome", outcome), self._named("level", level), self.band(band)]
        return ", ".join(filter(None, told))

    def _named(self, section: str, name: str) -> str:
        found = (words.named(section, name).name for _policy, words in self.policies)
        return next(filter(None, found), name)

    def items(self, counted: Mapping[str, int]) -> list[tuple[str, str, int]]:
        """Items with how often, most often first: id, title, number."""
        rows = [(name, self.item(name), number) for name, number in counted.items()]
        return sorted(rows, key=lambda row: (-row[2], row[0]))


bp.record_once(lambda state: trying.announce(state.app.extensions["jobs"]))
