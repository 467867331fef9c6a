"""The papers between the two sides: written together, issued, read, signed, ended."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, current_app, flash, g, make_response, redirect, request, url_for
from flask_babel import force_locale, gettext
from flask_wtf.csrf import validate_csrf
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import NotFound
from wtforms import ValidationError

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.accounts.views.doors import house_address
from partners.assessment.models import Engagement
from partners.assessment.queries import WHOLE, policy_of
from partners.assessment.rules.moves import State as Case
from partners.ground import clock
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.text import safe_filename
from partners.ground.words import LANGUAGES
from partners.mail.actions import write
from partners.mou import actions, queries, rules
from partners.mou.forms import (
    ReasonForm,
    of_people,
    offer,
    paper_form,
    readable,
    stored,
    typed,
)
from partners.mou.models import Paper
from partners.mou.prefill import candidates, prefilled
from partners.mou.rules import State, to_write
from partners.mou.sheet import (
    Sheet,
    document_of,
    draft_sheet,
    receipt_of,
    setting_of,
    sheet_of,
    signed_sheet,
)
from partners.registry.models import Organisation
from partners.signing.files import kept
from partners.signing.queries import signatures_on
from partners.signing.rules import in_fours
from partners.web.fields import language
from partners.web.forms import HouseForm, show
from partners.web.guard import FormOutOfDate, fetch, looked, page

bp = Blueprint("mou", __name__)
# All that a draft is written from, in as few statements as there are kinds of row.
SOURCES = (
    *WHOLE,
    joinedload(Engagement.department),
    joinedload(Engagement.organisation).options(
        joinedload(Organisation.names), joinedload(Organisation.offices)
    ),
)


def files() -> Path:
    """Where what was signed is kept, outside the web root."""
    return current_app.config["SETTINGS"].instance / "files"


class Desk:
    """The page on which a paper is written: its document, its form, and who may be named."""

    def __init__(self, engagement: Engagement, paper: Paper | None) -> None:
        self.engagement = engagement
        document = document_of(engagement)
        assert document is not None
        self.document, self.setting = document, setting_of(engagement)
        self.paper = paper if paper and paper.state == State.DRAFT else None
        tongue = paper.language if paper else language()
        self.fields, now = to_write(document, self.setting, language=tongue), clock.now()
        chosen = request.form.get("language") or tongue
        self.tongue = chosen if chosen in LANGUAGES else next(iter(LANGUAGES))
        self.who = who = candidates(engagement, document.id, self.tongue, now)
        facts = paper.facts if paper else prefilled(engagement, document, tongue, who, day_of(now))
        version = self.paper.version if self.paper else "new"
        row = stored(facts, self.fields, tongue, version)
        self.form: Any = paper_form(self.fields, language())(row=row)
        self.form.language.offer(LANGUAGES.items())
        offer(self.form, self.who)

    @property
    def facts(self) -> dict[str, Any]:
        return typed(self.form, self.fields, self.who)

    @cached_property
    def sheet(self) -> Sheet:
        today = clock.today()
        return draft_sheet(self.engagement, self.document, self.tongue, self.facts, today)

    @property
    def parts(self) -> list[tuple[str, str, list[Any]]]:
        """The form's fields under the headings of the paper: number, heading, fields."""
        headings = {s.id: (s.number, s.heading) for s in self.sheet.paper.sections}
        clauses = {c.id: c.number for c in self.document.clauses}
        found: dict[str, list[Any]] = {}
        for field in of_people(self.fields):
            found.setdefault(field.section, []).append((self.form[field.name], field.must))
        empty = gettext("More")
        return [(*headings.get(i, (clauses[i], empty)), fields) for i, fields in found.items()]

    def shown(self, form: HouseForm | None, rows: Sequence[Any] = ()) -> Any:
        return show("mou/draft.html", form, desk=self, sheet=self.sheet, paper=self.paper,
                    engagement=self.engagement, rows_of_both=rows)  # fmt: skip

    def both_texts(self) -> Any:
        """Somebody saved while this was typed: what differs, side by side; the form keeps mine."""
        form, rows = self.form, []
        for field in form:
            now, mine = readable(field, getattr(form.row, field.name)), readable(field, field.data)
            if now != mine:
                rows.append({"label": field.label.text, "mine": mine, "other": now})
        form.version_value, form.key_value = str(form.row.version), token_urlsafe(18)
        return self.shown(None, rows=rows)[0], 409

    def save(self) -> Paper:
        by, at = g.actor, clock.now()
        if self.paper is None:
            made = actions.draft(self.engagement, self.form.language.data, self.facts, by=by, at=at)
        else:
            made = self.paper
            actions.rewrite(made, self.form.language.data, self.facts, by=by, at=at)
        db.session.flush()
        return made


def _written(engagement_id: str) -> tuple[Engagement, Paper | None, bool]:
    """The engagement, its newest paper, and whether one can be written now."""
    engagement = fetch(Engagement, engagement_id, P.PAPER_DRAFT, *SOURCES)
    looked(engagement.organisation_id, "paper", engagement.title)
    ready = Case(engagement.state) in actions.WRITTEN and document_of(engagement) is not None
    return engagement, queries.newest(engagement.id), ready


@page(bp, "/engagements/<engagement_id>/paper", needs=P.PAPER_DRAFT, methods=("GET", "POST"))
def draft(engagement_id: str) -> Any:
    """Write the paper that the level needs; issue it when nothing is missing."""
    engagement, paper, ready = _written(engagement_id)
    if paper and paper.state not in (State.DRAFT, State.DECLINED):
        return redirect(url_for(".show_paper", paper_id=paper.public_id))
    if not ready:
        return show("mou/none.html", engagement=engagement)
    desk = Desk(engagement, paper)
    form = desk.form
    if form.sent():
        if form.stale:
            return desk.both_texts()
        with form.refusals():
            saved = desk.save()
            if request.form.get("verb") != "issue":
                flash(gettext("The draft is saved. Both sides can read it."))
                return redirect(url_for(".draft", engagement_id=engagement_id))
            actions.issue(saved, files(), by=g.actor, at=clock.now())
            tell_signers(saved)
            flash(gettext("%(number)s is issued. It waits for signatures.", number=saved.number))
            return redirect(url_for(".show_paper", paper_id=saved.public_id))
        engagement, paper, ready = _written(engagement_id)
        desk.engagement, desk.paper = engagement, paper
    return desk.shown(form)


def preview(engagement_id: str) -> Any:
    """The draft with what is typed now, as a page; nothing is saved."""
    if request.method != "POST":
        return redirect(url_for(".draft", engagement_id=engagement_id))
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError as error:
        raise FormOutOfDate from error
    engagement, paper, ready = _written(engagement_id)
    if not ready:
        raise NotFound
    desk = Desk(engagement, paper)
    desk.form.validate()
    answer = make_response(desk.shown(desk.form))
    db.session.rollback()
    return answer


# Because it keeps nothing, a preview needs no key that lets a deed happen once.
preview.needs = P.PAPER_DRAFT  # type: ignore[attr-defined]
bp.add_url_rule("/engagements/<engagement_id>/paper/preview", "preview", preview,
                methods=["GET", "POST"])  # fmt: skip


def opened(paper_id: str) -> Paper:
    """A paper for whoever may read it, and for whoever it names."""
    paper = db.session.scalar(
        select(Paper).where(Paper.public_id == paper_id).options(*queries.WHOLE)
    )
    if paper is None or not queries.may_open(paper, g.actor):
        raise NotFound
    looked(paper.organisation_id, "paper", paper.engagement.title)
    return paper


@page(bp, "/papers/<paper_id>", needs=P.PAPER_VIEW, methods=("GET", "POST"))
def show_paper(paper_id: str) -> Any:
    """Read the whole paper; sign it, say no, or give notice. `?as=pdf` is the file itself."""
    paper = opened(paper_id)
    if request.args.get("as") == "pdf" and request.method == "GET":
        return _file(_bytes(paper), paper.number or gettext("Draft"))
    verb = request.form.get("verb", "")
    kinds: dict[str, type[HouseForm]] = {"decline": ReasonForm, "end": ReasonForm,
                                         "wait": HouseForm}  # fmt: skip
    if request.method == "POST" and verb not in kinds:
        raise NotFound
    forms = {name: kind(blank=name != verb) for name, kind in kinds.items()}
    form = forms.get(verb)
    if form is not None and form.sent():
        with form.refusals():
            _do(verb, paper, form)
            return redirect(url_for(".show_paper", paper_id=paper_id))
        paper = opened(paper_id)
    return show("mou/show.html", form, paper=paper, forms=forms, **_sight(paper))


def _sight(paper: Paper) -> dict[str, Any]:
    """What the page of a paper shows: the text, who signs, and what this person can do."""
    signed = {one.account_id: one for one in signatures_on(paper.id)}
    mine = next((r for r in rules.signers(paper.facts) if r.get("account") == g.actor.id), None)
    account = db.session.get(Account, g.actor.id)
    sheet = signed_sheet(sheet_of(paper, clock.today()), signed)
    late = paper.state == State.ISSUED and rules.too_late(paper.texts, clock.today())
    right = account is not None and actions.authority(paper, account, clock.now()) is not None
    return {
        "sheet": sheet, "signed": signed, "mine": mine, "State": State,
        "standing": rules.standing(State(paper.state), paper.ends_on, clock.today()),
        "may_sign": bool(mine) and right and g.actor.id not in signed
        and paper.state == State.ISSUED and not late, "late": late,
        "lost": bool(mine) and not right and g.actor.id not in signed,
        "may_decline": bool(mine) and paper.state == State.ISSUED,
        "may_write": may(g.actor, P.PAPER_DRAFT, paper),
        "may_end": right and paper.state == State.IN_FORCE,
        "sign_by": rules.sign_by(paper.texts),
        "party": _party(paper), "in_fours": in_fours,
        "policy": policy_of(paper.engagement),
    }  # fmt: skip


def _party(paper: Paper) -> str:
    """For whom this person would sign."""
    house = paper.facts.get("municipality") or gettext("the municipality")
    return paper.organisation.name if g.actor.is_partner else house


def _do(verb: str, paper: Paper, form: Any) -> None:
    by, at = g.actor, clock.now()
    if verb == "wait":
        actions.wait_longer(paper, by=by, at=at)
        flash(gettext("Everyone named has more time. The text stays as it is."))
        return
    if verb == "decline":
        actions.decline(paper, form.reason.data, by=by, at=at)
        flash(gettext("It is not signed this time. Nothing else changes; dialogue stays open."))
    else:
        actions.end(paper, form.reason.data, by=by, at=at)
        flash(gettext("Notice is given. The paper holds until its last day."))
    tell_signers(paper, done=True)


def tell_signers(paper: Paper, *, done: bool = False) -> None:
    """Write to everyone named, in their language; neither subject nor text tells the content."""
    wanted = [row["account"] for row in rules.signers(paper.facts)] + [paper.drafted_by]
    accounts = db.session.scalars(
        select(Account).where(Account.id.in_(wanted), Account.ended_at.is_(None))
    )
    voided = {one.account_id for one in signatures_on(paper.id) if one.voided_at}
    for account in accounts:
        if account.id != g.actor.id:
            address = house_address() + url_for(".show_paper", paper_id=paper.public_id)
            _tell(account, address, done, account.id in voided)


def _tell(account: Account, address: str, done: bool, voided: bool) -> None:
    with force_locale(account.language):
        subject = gettext("There is news in Partners") if done else gettext(
            "A paper waits for you in Partners")  # fmt: skip
        body = gettext("Hello %(name)s\n\nSign in to read it: %(address)s\n",
                       name=account.name, address=address)  # fmt: skip
        if voided:
            body += gettext("\nWhat you signed there will not come into force, so your signature"
                            " does not count any more. A new text is a new paper.\n")  # fmt: skip
    write(account.email, subject, body, at=clock.now())


def _bytes(paper: Paper) -> bytes:
    if paper.issued_at is None:
        return sheet_of(paper, clock.today()).pdf(draft=True)
    return kept(files(), paper.fingerprint)


def _file(content: bytes, name: str) -> Any:
    answer = make_response(content)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{safe_filename(name)}.pdf"'
    return answer


@page(bp, "/papers/<paper_id>/receipt", needs=P.PAPER_VIEW)
def receipt(paper_id: str) -> Any:
    """Who signed what and when, and how anyone can check it. `?as=pdf` to keep it."""
    paper = opened(paper_id)
    signatures = signatures_on(paper.id)
    if not signatures:
        raise NotFound
    sheet = receipt_of(paper, signatures, clock.today())
    if request.args.get("as") == "pdf":
        return _file(sheet.pdf(), f"{paper.number}-receipt")
    return show("mou/receipt.html", paper=paper, sheet=sheet, signatures=signatures,
                notice=rules.notice_days(paper.facts), in_fours=in_fours,
                waiting=_waiting(paper, signatures))  # fmt: skip


def _waiting(paper: Paper, signatures: Iterable[Any]) -> list[str]:
    signed = {one.account_id for one in signatures}
    return [row["name"] for row in rules.signers(paper.facts) if row["account"] not in signed]
