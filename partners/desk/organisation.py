"""One organisation: its own words, what we work on together, what we promised, when we met."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import g, redirect, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import joinedload

from partners.access.rules import Actor, may
from partners.access.table import Permission as P
from partners.assessment.models import Condition, Engagement
from partners.assessment.queries import cards_of
from partners.assessment.sight import ladder_levels
from partners.desk.views import bp
from partners.ground import clock
from partners.history.queries import history_of
from partners.mou.models import Promise
from partners.mou.queries import promises
from partners.mou.views.promised import falls_due
from partners.policy.words import Words
from partners.registry.forms import policy
from partners.registry.models import Merge, Organisation
from partners.registry.vocabulary import vocabulary
from partners.relations.models import Contact
from partners.relations.queries import last_and_open
from partners.relations.views import how
from partners.web.fields import language
from partners.web.forms import show
from partners.web.guard import fetch, looked, page

WHOLE = (
    joinedload(Organisation.names), joinedload(Organisation.offices),
    joinedload(Organisation.merges).joinedload(Merge.gone),
)  # fmt: skip


@dataclass(frozen=True)
class Work:
    """An engagement as shown: to everyone what is agreed, to its team also where it stands."""

    engagement: Engagement
    open: bool
    line: str
    levels: list[dict[str, Any]]

    @property
    def asked(self) -> str:
        return self.engagement.level if self.open else ""

    @property
    def supported(self) -> str:
        return self.engagement.supported_level if self.open else ""


@page(bp, "/organisations/<organisation_id>", needs=P.ORGANISATION_CARD)
def organisation(organisation_id: str) -> Any:
    """Colleagues see name, kind and level; who keeps the relationship sees the page whole."""
    shown = fetch(Organisation, organisation_id, P.ORGANISATION_CARD, *WHOLE)
    if shown.public_id != organisation_id:
        return redirect(url_for(".organisation", organisation_id=shown.public_id))
    whole = may(g.actor, P.ORGANISATION_FILE, shown)
    words = policy().words(language())
    facts: dict[str, Any] = {
        "organisation": shown,
        "kind": words.named("organisation_kind", shown.kind).name or shown.kind,
        "level": words.level(shown.level).name if shown.level else "",
        "withdrawn": _withdrawn(shown) if shown.left_at else None,
    }
    if not whole:
        looked(shown.id, "card")
        return show("desk/card.html", **facts)
    cards = cards_of(shown.id)
    inside = not cards or any(may(g.actor, P.ENGAGEMENT_VIEW, card) for card in cards)
    looked(shown.id, "organisation page", _purpose(cards, g.actor))
    last, waiting = last_and_open(shown.id)
    return show(
        "desk/organisation.html",
        work=[_work(card, g.actor) for card in cards if may(g.actor, P.ENGAGEMENT_VIEW, card)
              or card.agreed_level],
        inside=inside,
        last=last if inside else [c for c in last if c.by_id == g.actor.id],
        promised=_promised(cards, waiting, g.actor, inside),
        title_of=lambda office: vocabulary().office(office.role, language()),
        ours=_ours(cards),
        how=how,
        **facts,
    )  # fmt: skip


def _withdrawn(shown: Organisation) -> dict[str, Any]:
    entries = history_of("organisations", shown.id)
    reason = next((e.facts["reason"] for e in entries if e.what == "organisation.withdrawn"), "")
    return {"at": shown.left_at, "reason": reason}


def _purpose(cards: Sequence[Engagement], actor: Actor) -> str:
    """Why this person looks: what they said when they joined a case of this organisation."""
    own = (m for card in cards for m in card.team if m.account_id == actor.id and m.purpose)
    return next((member.purpose for member in own), "")


def _work(card: Engagement, actor: Actor) -> Work:
    edition = policy()
    opened = may(actor, P.ENGAGEMENT_VIEW, card)
    return Work(
        card,
        opened,
        _line(card, edition.words(language()), opened),
        ladder_levels(edition, language()),
    )


def _line(card: Engagement, words: Words, opened: bool) -> str:
    """Where an engagement stands, in one line."""
    if card.agreed_level:
        level = words.level(card.agreed_level).name
        return gettext("Agreed: %(level)s.", level=level)
    asked = gettext("Asked for: %(level)s.", level=words.level(card.level).name)
    if not card.supported_level:
        return f"{asked} {gettext('Not yet determined.')}"
    level = words.level(card.supported_level).name
    return f"{asked} {gettext('Highest level supported: %(level)s.', level=level)}"


def _ours(cards: Sequence[Engagement]) -> list[str]:
    """Who of us works with them, each once."""
    members = (m for card in cards for m in card.team if not m.aside)
    return list(dict.fromkeys(member.account.name for member in members))


def _promised(
    cards: Sequence[Engagement], waiting: Sequence[Contact], actor: Actor, inside: bool
) -> dict[str, list[dict[str, Any]]]:
    """Open promises and conditions of both sides, the longest overdue first."""
    today, seen = clock.today(), [c.id for c in cards if may(actor, P.ENGAGEMENT_VIEW, c)]
    rows = [(c.due_on, c.side, c.text, "") for c in _conditions(cards, actor)]
    rows += [
        (c.follow_up_on or c.held_on, c.follow_up_side, c.follow_up, owner.name if owner else "")
        for c in waiting
        for owner in [c.follow_up_owner]
        if inside or actor.id in (c.by_id, c.follow_up_owner_id)
    ]
    rows += [
        (falls_due(p, today)[0], p.side, p.text, p.who.name if p.who else p.owner)
        for p in (promises(Promise.engagement_id.in_(seen)) if seen else ())
    ]
    rows.sort(key=lambda row: row[0])
    return {
        side: [_promise(due, text, owner, today) for due, of, text, owner in rows if of == side]
        for side in ("city", "partner")
    }


def _conditions(cards: Sequence[Engagement], actor: Actor) -> list[Condition]:
    return [
        condition
        for card in cards
        if card.rounds and may(actor, P.ENGAGEMENT_VIEW, card)
        for condition in card.round.conditions
        if condition.is_open
    ]


def _promise(due: date, text: str, owner: str, today: date) -> dict[str, Any]:
    days = (today - due).days
    late = ngettext("One day late.", "%(num)d days late.", days) if days > 0 else ""
    return {"text": text, "late": late, "due": due, "owner": owner}
