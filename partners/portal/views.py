"""The partner's own door. Each page reads as the organisation; its own looks are not noted."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, current_app, g, send_file
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from partners.access.rules import may_ever, require
from partners.access.table import Permission as P
from partners.access.table import Role
from partners.assessment.actions.moving import REUSED
from partners.assessment.letters import day
from partners.assessment.pace import paces
from partners.assessment.pages import answer_words, sum_of
from partners.assessment.queries import engagements_of, kept_now, papers_held
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.moves import OVER, State
from partners.assessment.sight import about, ladder_levels
from partners.ground import clock
from partners.ground.clock import day_of
from partners.history.queries import HELD, deeds_named, held_now, history_about, looks_at
from partners.lists.queries import waiting_for_partner
from partners.media.queries import kept_of, log_of
from partners.mou.models import Paper
from partners.mou.queries import papers_of, stands
from partners.mou.sheet import papers_of_policy
from partners.portal import queries, sentences
from partners.portal.bundle import Bundle
from partners.portal.sentences import deed_rows, held_back, kept_rows, look_rows
from partners.portal.sight import Sight, item_title, sights
from partners.portal.todo import Waiting, promised, waiting
from partners.registry.forms import policy
from partners.registry.models import Organisation
from partners.registry.vocabulary import vocabulary
from partners.relations.views import how
from partners.web.fields import language
from partners.web.forms import show
from partners.web.guard import page
from partners.web.said import counted, duration

bp = Blueprint("portal", __name__)
Found = dict[int, Sight]
FEW = 5  # looks that are shown on the first page
OUTSIDE = "engagement.outside"  # another body decided


def ours() -> Organisation:
    """The organisation of whoever is at the door. A one-time link opens no file."""
    organisation = queries.organisation(g.actor.organisation_id)
    if organisation is None:
        raise NotFound
    require(g.actor, P.ORGANISATION_FILE, organisation)
    return organisation


@page(bp, "/our/file", needs=P.PORTAL)
def file() -> Any:
    """What do you want from us, what is the result, and who looked?"""
    if Role.GUEST in g.actor.roles:
        return _questions()
    organisation = ours()
    found = sights(queries.engagements(organisation.id, queries.TEAM), language())
    found.sort(key=lambda s: s.told is None)  # what was told stands first, each part newest first
    deeds = held_now(organisation.id, clock.today(), OUTSIDE)
    return show("portal/file.html", organisation=organisation, sights=found,
                ladder_levels=ladder_levels, counts=queries.counts(organisation.id),
                looks=look_rows(looks_at(organisation.id, limit=FEW)),
                held=_held(organisation, deeds), kept=_kept(organisation),
                promised=_promised(organisation, found),
                about=_about(organisation, found), today=clock.today(),
                outside=_outside(deeds))  # fmt: skip


def _outside(deeds: Sequence[Any]) -> list[tuple[int, dict[str, Any]]]:
    """What another body decided, by engagement; it stands beside the assessment."""
    return [(e.on_id, e.facts | {"day": day(date.fromisoformat(e.facts["day"]))})
            for e in deeds if e.what == OUTSIDE]  # fmt: skip


def _promised(organisation: Organisation, found: list[Sight]) -> Waiting:
    return promised(found, queries.follow_ups(organisation.id),
                    queries.promised(organisation.id), clock.today())  # fmt: skip


def _held(organisation: Organisation, deeds: Sequence[Any]) -> list[sentences.HeldBack]:
    rows = [e for e in deeds if e.what == HELD]
    answers = any(row.facts["thing"] == "answers" for row in rows)
    papers = papers_held(organisation.id, clock.today()) if answers else ()
    return held_back(rows, papers, language())


def _kept(organisation: Organisation) -> list[sentences.Kept]:
    return kept_rows(kept_now(clock.today(), organisation.id), language())


def _about(organisation: Organisation, found: list[Sight]) -> list[tuple[str, str]]:
    """What stands beside the file: with whom you talk, and what is held about you in short."""
    names = {m.account.name: m.account.email for s in found for m in s.engagement.team
             if m.part == "lead"}  # fmt: skip
    people = [f"{o.person} ({vocabulary().office(o.role, language())})"
              for o in organisation.offices if o.person]  # fmt: skip
    rows = [
        (gettext("You talk to"), ", ".join(f"{n}, {mail}" for n, mail in names.items())),
        (gettext("Other names"), ", ".join(organisation.other_names)),
        (gettext("Registered"), ", ".join(organisation.identifiers)),
        (gettext("Districts"), ", ".join(organisation.districts)),
        (gettext("Languages"), ", ".join(organisation.languages)),
        (gettext("Your tags"), ", ".join(organisation.tags)),
        (gettext("You ask us to avoid"), ", ".join(organisation.please_avoid)),
        (gettext("How we reach you"), ", ".join(
            filter(None, [organisation.email, organisation.telephone, organisation.website]))),
        (gettext("People you named"), ", ".join(people)),
        (gettext("In the register since"), day(day_of(organisation.registered_at))),
    ]  # fmt: skip
    return [(term, what) for term, what in rows if what]


def _questions() -> Any:
    """What a one-time link opens: the questions, and nothing that is held."""
    only = queries.guest_engagement(g.actor.pass_id)
    rows = queries.engagements(g.actor.organisation_id)
    found = [s for s in sights(rows, language()) if only in (None, s.engagement.id)]
    answers, today = queries.answers(g.actor.organisation_id), clock.today()
    alike = {row.engagement_id for row in waiting_for_partner(g.actor.organisation_id)}
    asked = [(s, s.open_items(answers, today), s.engagement.id in alike) for s in found]
    known = paces(clock.now())
    return show("portal/questions.html", asked=[row for row in asked if any(row[1:])],
                pace=lambda e: known.get((e.level, e.band)),
                time=lambda s, items: duration(s.policy.minutes(items)[0]))  # fmt: skip


@page(bp, "/our/to-do", needs=P.PORTAL)
def to_do() -> Any:
    """What is on us, and what is on the municipality? Late ones of theirs stand first."""
    organisation = ours()
    return show("portal/to-do.html", organisation=organisation, counted=counted,
                waiting=_waiting(organisation))  # fmt: skip


def _waiting(organisation: Organisation) -> Waiting:
    found = sights(queries.engagements(organisation.id), language())
    states = {sight.state for sight in found}
    papers = queries.papers(organisation.id, drafts=may_ever(g.actor, P.PAPER_WRITE))
    return waiting(
        found,
        answers=queries.answers(organisation.id),
        # Only where there can be any: while they wait for a reply.
        points=queries.points(organisation.id) if State.REPLYING in states else (),
        conditions=_conditions(found),
        papers=[row for row in papers if row[0].issued_at],
        alike=waiting_for_partner(organisation.id),
        follow_ups=queries.follow_ups(organisation.id),
        promises=queries.promised(organisation.id),
        drafts=[paper for paper, *_ in papers if not paper.issued_at],
        charters=queries.charters(organisation.id),
        today=clock.today(),
    )


def _conditions(found: list[Sight]) -> list[tuple[Any, Any, str | None]]:
    """What must still happen by results that were told, with the name of our owner."""
    rows = [
        (c, s.engagement, c.owner.name if c.owner else None)
        for s in found if s.state not in OVER
        for told in s.engagement.rounds if told.told_at
        for c in told.conditions if c.is_open
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row[0].due_on, row[0].id))


@page(bp, "/our/file/<part>", needs=P.PORTAL)
def part(part: str) -> Any:
    """One part of the file whole: answers, points, contacts, or who did and looked at what."""
    parts = {"answers": _answers, "points": _points, "contacts": _contacts, "looks": _looks,
             "reading": _reading}  # fmt: skip
    if part not in parts:
        raise NotFound
    organisation = ours()
    found = {s.engagement.id: s for s in sights(queries.engagements(organisation.id), language())}
    deeds = held_now(organisation.id, clock.today())
    return show(f"portal/{part}.html", organisation=organisation, sights=found,
                held=[row for row in _held(organisation, deeds) if row.kind == part],
                title_of=lambda row: item_title(row.item, found, row.engagement_id),
                **parts[part](organisation, found))  # fmt: skip


def _answers(organisation: Organisation, found: Found) -> dict[str, Any]:
    return {"answers": queries.answers(organisation.id),
            "used": _used_again(organisation, found),
            "uploads": queries.uploads(organisation.id),
            "today": clock.today(), "answer_word": _word(found)}  # fmt: skip


def _used_again(organisation: Organisation, found: Found) -> dict[int, list[tuple[str, Any]]]:
    """For each answer the works that used it again, and when; nothing was asked twice."""
    used: dict[int, list[tuple[str, Any]]] = {}
    for deed in reversed(deeds_named(organisation.id, REUSED)):
        if deed.on_id in found:
            for answer in deed.facts["answers"]:
                used.setdefault(answer, []).append((found[deed.on_id].engagement.title, deed.at))
    return used


def _word(found: Found) -> Any:
    """How an answer is called on the organisation's page, as it was called when it was given."""

    def word(row: Any) -> str:
        sight = found.get(row.engagement_id)
        item = sight.policy.items.get(row.item) if sight else None
        words = answer_words(item) if item else {}
        given = Given(row.answer)
        return gettext(words[given]) if given in words else row.answer

    return word


def _points(organisation: Organisation, found: Found) -> dict[str, Any]:
    return {"points": queries.points(organisation.id), "about": about}


def _contacts(organisation: Organisation, found: Found) -> dict[str, Any]:
    return {"contacts": queries.contacts(organisation.id), "how": how,
            "supports": queries.supports(organisation.id),
            "sum_of": sum_of, "currency": policy().currency}  # fmt: skip


def _reading(organisation: Organisation, found: Found) -> dict[str, Any]:
    log, kept = log_of(organisation.id), kept_of(organisation.id)
    groups = [
        {"title": sight.engagement.title, "log": rows,
         "words": list(dict.fromkeys(word for row in rows for word in row.words)),
         "kept": [one for one in kept if one.engagement_id == number]}
        for number, sight in found.items()
        if (rows := [row for row in log if row.engagement_id == number])
    ]  # fmt: skip
    return {"groups": groups, "today": clock.today()}


def _looks(organisation: Organisation, found: Found) -> dict[str, Any]:
    return {"looks": look_rows(looks_at(organisation.id)), "deeds": _deeds(organisation, found)}


def _deeds(organisation: Organisation, found: Found) -> list[sentences.Row]:
    """What was done, without what would tell of a decision before it was told."""
    return deed_rows(
        history_about(organisation.id, limit=500),
        team=queries.team(organisation.id),
        cases=found,
        points={p.id for p in queries.points(organisation.id)},
    )


@page(bp, "/our/papers", needs=P.PORTAL)
def papers() -> Any:
    """What do we sign, what does it mean, and what did you write to us?"""
    organisation = ours()
    found = sights(queries.engagements(organisation.id), language())
    return show("portal/papers.html", organisation=organisation, sights=found,
                papers=[(*row, *_told(row[0])) for row in queries.papers(organisation.id)],
                drafts=[p for p in papers_of(organisation.id, g.actor) if p.state == "draft"],
                charters=queries.charters(organisation.id))  # fmt: skip


def _told(paper: Paper) -> tuple[str, str]:
    """What a paper is called, and where it stands today."""
    known = papers_of_policy(paper.engagement)[paper.kind]
    return known.called(language()), stands(paper, clock.today())


@page(bp, "/our/everything.zip", needs=P.PORTAL)
def everything() -> Any:
    """Everything that is held, to take home: one file, written to disk and sent piece by piece."""
    organisation = ours()
    rows = sights(engagements_of(organisation.id, g.actor), language())
    found = {sight.engagement.id: sight for sight in rows}
    folder = current_app.config["SETTINGS"].instance / "files"
    bundle = Bundle(organisation, found, language(), clock.today())
    file = bundle.written(_deeds(organisation, found), folder)
    name = f"{organisation.reference}-everything.zip"
    return send_file(file, mimetype="application/zip", as_attachment=True, download_name=name)
