"""The form in which a paper is written, each side in its turn."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from json import dumps
from secrets import token_urlsafe
from typing import Any

from flask import flash, g, make_response, redirect, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import validate_csrf
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import NotFound
from wtforms import ValidationError

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.assessment.models import Engagement
from partners.assessment.queries import WHOLE
from partners.assessment.rules.moves import State as Case
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import beside
from partners.ground.words import LANGUAGES
from partners.mou import actions, queries, rules
from partners.mou.blueprint import bp, files
from partners.mou.forms import OlderForm, of_people, offer, paper_form, readable, stored, typed
from partners.mou.letters import handed, tell_signers
from partners.mou.models import Paper
from partners.mou.prefill import candidates, owners, phrases_in, prefilled
from partners.mou.rules import State, to_write
from partners.mou.sheet import (
    Sheet,
    document_of,
    draft_sheet,
    is_written,
    papers_of_policy,
    setting_of,
)
from partners.paper.documents import Document
from partners.registry.models import Organisation
from partners.uploads import actions as uploads
from partners.uploads.rules import MOST_BYTES
from partners.web.fields import language
from partners.web.forms import HouseForm, show
from partners.web.guard import FormOutOfDate, fetch, looked, page

# All that a draft is written from, in as few statements as there are kinds of row.
SOURCES = (
    *WHOLE,
    joinedload(Engagement.department),
    joinedload(Engagement.organisation).options(
        joinedload(Organisation.names), joinedload(Organisation.offices)
    ),
)


class Desk:
    """The page on which a paper is written: its document, its form, and who may be named."""

    def __init__(self, engagement: Engagement, document: Document, paper: Paper | None) -> None:
        self.engagement = engagement
        self.document, self.setting = document, setting_of(engagement)
        self.paper = paper if paper and paper.state == State.DRAFT else None
        tongue = paper.language if paper else language()
        asked, now = to_write(document, self.setting, language=tongue), clock.now()
        # Others fill some; who signs for the municipality is not the organisation's to name.
        others = {d.more.get("fills") for d in papers_of_policy(engagement).values()}
        if not g.actor.is_staff:
            others.add("signers_city")
        held = paper.facts if paper else {}
        self.second = (rules.second(document, request.form, tongue)
                       or rules.second(document, held, tongue))  # fmt: skip
        if not self.second:
            others.update(rules.WORDINGS)
        self.fields = [f for f in asked if f.name not in others]
        chosen = request.form.get("language") or tongue
        self.tongue = chosen if chosen in LANGUAGES else next(iter(LANGUAGES))
        self.who = who = candidates(engagement, document.id, self.tongue, now)
        facts = (
            paper.facts
            if paper
            else prefilled(engagement, document, tongue, who, clock.day_of(now))
        )
        names = {f.name for f in asked}
        self.kept = {n: v for n, v in paper.facts.items() if n in names} if paper else {}
        row = stored(facts, self.fields, tongue, self._version())
        self.form: Any = paper_form(self.fields, language())(row=row)
        self.form.language.offer(LANGUAGES.items())
        offer(self.form, self.who, owners(engagement, self.who, g.actor, tongue))
        if self.second and "wordings" in self.form:
            typed = rules.passages(document, self.setting, self.sheet.facts, tongue)
            self.form.wordings.ask_for(typed)

    def _version(self) -> str:
        """Of the text alone, so that a remark of the other side makes no text out of date."""
        if self.paper is None:
            return "new"
        text = dumps([self.paper.turn, self.paper.language, self.kept], sort_keys=True)
        return sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What is written; for two languages also what the house says in the second by itself."""
        found = {**self.kept, **typed(self.form, self.fields, self.who)}
        return {**found, "retold": self._retold(found)} if self.second else found

    def _retold(self, facts: Mapping[str, Any]) -> dict[str, str]:
        told = self.document, self.tongue, self.second
        cells = rules.passages(self.document, self.setting, facts, self.tongue)
        phrases = phrases_in(self.engagement, *told, clock.today())
        return rules.retold(cells, phrases, self.tongue, self.second)

    @cached_property
    def sheet(self) -> Sheet:
        today = clock.today()
        return draft_sheet(self.engagement, self.document, self.tongue, self.facts, today,
                           self.paper)  # fmt: skip

    @property
    def parts(self) -> list[tuple[str, str, list[Any], list[Any]]]:
        """The form's fields under the headings of the paper: number, heading, fields, remarks."""
        headings = {s.id: (s.number, s.heading) for s in self.sheet.paper.sections}
        clauses = {c.id: c.number for c in self.document.clauses}
        found: dict[str, list[Any]] = {}
        for field in of_people(self.fields):
            found.setdefault(field.section, []).append((self.form[field.name], field.must))
        empty = gettext("More")
        said = [r for r in (self.paper.remarks if self.paper else ()) if not r["settled"]]
        about = {i: [r for r in said if r["section"] == i] for i in found}
        return [(*headings.get(i, (number, empty)), found[i], about[i])
                for i, number in clauses.items() if i in found]  # fmt: skip

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
            made = actions.draft(self.engagement, self.form.language.data, self.facts,
                                 kind=self.document.id, by=by, at=at)  # fmt: skip
        else:
            made = self.paper
            actions.rewrite(made, self.form.language.data, self.facts, by=by, at=at)
        db.session.flush()
        return made


def _written(engagement_id: str) -> tuple[Engagement, Document | None, Paper | None]:
    """The engagement, the paper asked for if it can be written now, and the newest of its kind."""
    engagement = fetch(Engagement, engagement_id, P.PAPER_WRITE, *SOURCES)
    looked(engagement.organisation_id, "paper", engagement.title)
    kind = request.args.get("kind")
    document = papers_of_policy(engagement).get(kind) if kind else document_of(engagement)
    if Case(engagement.state) not in actions.WRITTEN or document is None:
        return engagement, None, None
    paper = queries.newest(engagement.id, document.id)
    if not is_written(engagement, document) and not (paper and _goes_on(paper)):
        raise NotFound  # letters and notices are not written by hand
    return engagement, document, paper


@page(bp, "/engagements/<engagement_id>/paper", needs=P.PAPER_WRITE, methods=("GET", "POST"))
def draft(engagement_id: str) -> Any:
    """Write a paper: the one that the level needs, or `?kind=`. Each side in its turn."""
    engagement, document, paper = _written(engagement_id)
    if paper and _reads_only(paper):
        return redirect(url_for(".show_paper", paper_id=paper.public_id))
    if document is None or (paper is None and not may(g.actor, P.PAPER_DRAFT, engagement)):
        return show("mou/none.html", engagement=engagement)
    desk = Desk(engagement, document, paper)
    form = desk.form
    if form.sent():
        if form.stale:
            return desk.both_texts()
        with form.refusals():
            return _kept(desk.save(), request.form.get("verb", ""))
        engagement, _document, paper = _written(engagement_id)
        desk.engagement, desk.paper = engagement, paper
    return desk.shown(form)


def _reads_only(paper: Paper) -> bool:
    """Whether there is nothing to write now. What was typed before is looked at, not lost."""
    if paper.state == State.DRAFT:
        return request.method == "GET" and paper.turn != g.actor.side
    return _goes_on(paper)


def _goes_on(paper: Paper) -> bool:
    return queries.stands(paper, clock.today()) not in ("ended", *rules.OVER)


def _kept(paper: Paper, verb: str) -> Any:
    """After saving: go on, give the turn away, or issue what needs nobody's yes."""
    by, at = g.actor, clock.now()
    if verb == "issue":
        actions.issue(paper, files(), by=by, at=at)
        tell_signers(paper)
        flash(gettext("%(number)s is issued.", number=paper.number))
    elif verb == "hand-over":
        actions.hand_over(paper, by=by, at=at)
        flash(handed(paper))
    else:
        flash(gettext("The draft is saved. Both sides can read it."))
        return redirect(url_for(".draft", engagement_id=paper.engagement.public_id,
                                kind=paper.kind))  # fmt: skip
    return redirect(url_for(".show_paper", paper_id=paper.public_id))


@page(bp, "/engagements/<engagement_id>/older-paper", needs=P.PAPER_DRAFT,
      methods=("GET", "POST"))  # fmt: skip
def older(engagement_id: str) -> Any:
    """Write down a paper that was signed before this register existed, as what it is."""
    engagement = fetch(Engagement, engagement_id, P.PAPER_DRAFT, *SOURCES)
    looked(engagement.organisation_id, "paper", engagement.title)
    form: Any = OlderForm()
    known = papers_of_policy(engagement).values()
    form.kind.offer([(d.id, d.called(language())) for d in known if "partner" in d.signed_by])
    if form.sent():
        with form.refusals():
            told = {"signed_on": form.signed_on.data, "until": form.until.data,
                    "where": form.where.data}  # fmt: skip
            made = actions.record_older(engagement, form.kind.data, told, by=g.actor,
                                        at=clock.now())  # fmt: skip
            db.session.flush()
            hold_scan(made, form.scan.data)
            flash(gettext("It is written down as what it is: a paper from before this register."))
            return redirect(url_for(".show_paper", paper_id=made.public_id))
        engagement = fetch(Engagement, engagement_id, P.PAPER_DRAFT, *SOURCES)
    return show("mou/older-new.html", form, engagement=engagement, older=form)


def hold_scan(paper: Paper, handed: Any) -> None:
    """Keep a scan of an older paper as any paper handed in: read by the case, and not by others."""
    if not handed:
        return
    what = papers_of_policy(paper.engagement)[paper.kind].called(language())
    with beside("scan"):
        held = uploads.keep(files(), handed.stream.read(MOST_BYTES + 1), handed.filename or "",
                            item="", what=what, within=paper.engagement, by=g.actor,
                            at=clock.now())  # fmt: skip
    paper.facts = {**paper.facts, "scan": held.public_id}


def preview(engagement_id: str) -> Any:
    """The draft with what is typed now, as a page; nothing is saved."""
    if request.method != "POST":
        return redirect(url_for(".draft", engagement_id=engagement_id))
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError as error:
        raise FormOutOfDate from error
    engagement, document, paper = _written(engagement_id)
    if document is None:
        raise NotFound
    desk = Desk(engagement, document, paper)
    desk.form.validate()
    answer = make_response(desk.shown(desk.form))
    db.session.rollback()
    return answer


# Because it keeps nothing, a preview needs no key that lets a deed happen once.
preview.needs = P.PAPER_WRITE  # type: ignore[attr-defined]
bp.add_url_rule("/engagements/<engagement_id>/paper/preview", "preview", preview,
                methods=["GET", "POST"])  # fmt: skip
