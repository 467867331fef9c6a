"""The register as a list: searched while typing, filtered, sorted, taken out as a file."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import g, request, stream_with_context
from flask_babel import gettext
from sqlalchemy import func, select

from partners.access.rules import Actor, may_ever
from partners.access.table import Permission as P
from partners.assessment.models import Engagement, TeamMember
from partners.assessment.sight import ladder_levels
from partners.ground import clock
from partners.ground.db import db, writes
from partners.ground.refusals import Refusal
from partners.ground.text import clean_text
from partners.matching.names import fold, search_terms
from partners.registry import exports, finding, queries
from partners.registry.finding import Leaf, Wish
from partners.registry.forms import ExportForm, kind_choices, policy
from partners.registry.models import Organisation
from partners.registry.views import asked, bp
from partners.relations.models import Contact
from partners.web.fields import language, told
from partners.web.forms import show
from partners.web.guard import page

DUE = {"late": timedelta(0), "soon": timedelta(days=90)}
PARAMETERS = ("q", "kind", "district", "level", "due", "mine", "sort")


@page(bp, "/organisations", needs=P.ORGANISATION_LIST, methods=("GET", "POST"))
def list_all() -> Any:
    """Whom are you looking for? Sending the form below takes the same rows out as a file."""
    choices = _choices()
    typed, notes = _typed(choices)
    wish = _wish(typed, g.actor)
    form = ExportForm()
    if form.sent():
        with form.refusals():
            with_contacts = form.columns.data == "contacts"
            exports.note(wish, typed, form.purpose.data, with_contacts, by=g.actor, at=clock.now())
            return _file(exports.lines(wish, with_contacts=with_contacts))
    leaf = finding.look_for(wish).leaf(after=asked("after"), before=asked("before"))
    return show(
        "registry/list.html",
        form,
        leaf=leaf,
        count=leaf.count,
        typed={name: value for name, value in typed.items() if value},
        choices=choices,
        notes=notes,
        close=_close(wish) if wish.query and not leaf.rows else [],
        alongside=_alongside(leaf, g.actor),
        levels=ladder_levels(policy(), language()),
        marked=lambda name: list(marked(name, wish.query)),
    )


def _choices() -> dict[str, list[tuple[str, str]]]:
    words, every = policy().words(language()), finding.districts()
    return {
        "kind": kind_choices(),
        "district": [(district, district) for district in every],
        "level": [(level, words.level(level).name) for level in policy().levels],
        "due": [("late", gettext("Review is due")), ("soon", gettext("Within 90 days"))],
        "sort": [
            ("name", gettext("By name")),
            ("newest", gettext("Newest first")),
            ("review", gettext("Next review first")),
        ],
    }


def _typed(choices: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """What the address asks for; and a sentence for each thing in it that cannot be used."""
    typed: dict[str, str] = dict.fromkeys(PARAMETERS, "")
    notes: list[str] = []
    for name in PARAMETERS:
        try:
            value = clean_text(request.args.get(name, ""), limit=200)
        except Refusal as refusal:
            notes.append(told(refusal))
            continue
        if value and name in choices and value not in dict(choices[name]):
            notes.append(gettext("One of the filters is not known any more and was left out."))
        else:
            typed[name] = value
    return typed, list(dict.fromkeys(notes))


def _wish(typed: Mapping[str, str], actor: Actor) -> Wish:
    due = DUE.get(typed["due"])
    return Wish(
        query=typed["q"],
        kind=typed["kind"],
        district=typed["district"],
        level=typed["level"],
        review_by=clock.today() + due if due is not None else None,
        among=_cases_of(actor) if typed["mine"] else None,
        sort=typed["sort"] or "name",
    )


def _cases_of(actor: Actor) -> Any:
    return (
        select(Engagement.organisation_id)
        .join(TeamMember, TeamMember.engagement_id == Engagement.id)
        .where(TeamMember.account_id == actor.id, ~TeamMember.aside)
    )


def _close(wish: Wish) -> Sequence[Organisation]:
    """What may be meant when nothing is found: near names, then words that lie one slip apart."""
    found = [near.organisation for near in queries.near_to(wish.query)]
    return found or finding.mended(wish.query)


def _alongside(leaf: Leaf, actor: Actor) -> dict[int, dict[str, Any]]:
    """What stands beside each name: agreements in force, and when the sides last met."""
    if not may_ever(actor, P.ORGANISATION_FILE):
        return {}
    ids = [organisation.id for organisation in leaf.rows]
    alongside: dict[int, dict[str, Any]] = {one: {"agreed": [], "met": None} for one in ids}
    agreed = select(Engagement.organisation_id, Engagement.title, Engagement.agreed_level).where(
        Engagement.organisation_id.in_(ids), Engagement.agreed_level != ""
    )
    for organisation_id, title, level in db.session.execute(agreed.order_by(Engagement.id)):
        alongside[organisation_id]["agreed"].append((title, level))
    met = (
        select(Contact.organisation_id, func.max(Contact.held_on))
        .where(Contact.organisation_id.in_(ids), Contact.withdrawn_at.is_(None))
        .group_by(Contact.organisation_id)
    )
    for organisation_id, day in db.session.execute(met):
        alongside[organisation_id]["met"] = day
    return alongside


def marked(name: str, query: str) -> Iterator[tuple[str, bool]]:
    """`name` in pieces, those that were searched for marked: their beginnings, word by word."""
    terms = search_terms(query)
    for number, word in enumerate(name.split(" ")):
        lead = " " if number else ""
        hit = max((len(t) for t in terms if fold(word).startswith(t)), default=0)
        # Folding may change the length ("ß" is "ss"); then the whole word is marked.
        hit = hit if len(fold(word)) == len(word) else len(word) * bool(hit)
        yield from [(lead, False), (word[:hit], True), (word[hit:], False)]


def _file(lines: Iterator[str]) -> Any:
    headers = {"Content-Disposition": 'attachment; filename="organisations.csv"'}
    return stream_with_context(_reading(lines)), 200, headers | {"Content-Type": "text/csv"}


def _reading(lines: Iterator[str]) -> Iterator[str]:
    # The deed is kept before the first line is sent; the lines themselves only read.
    token = writes.set(False)
    try:
        yield from lines
    finally:
        db.session.rollback()
        writes.reset(token)
