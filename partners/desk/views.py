from datetime import timedelta
from typing import Any

from flask import Blueprint, g, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from partners.access.queries import only_allowed
from partners.access.rules import Actor, may, may_ever
from partners.access.table import Permission as P
from partners.accounts.queries import staff
from partners.assessment.models import Engagement, TeamMember
from partners.assessment.pages import STANDS
from partners.assessment.rules.moves import OVER, State
from partners.assessment.sight import ladder_levels
from partners.desk.log import ROWS as LOOKS
from partners.desk.log import looks
from partners.desk.picked import OTHERS, OWN
from partners.desk.today import AHEAD, today_of
from partners.ground import clock
from partners.ground.db import db
from partners.ground.text import read_page
from partners.registry.forms import policy
from partners.web.fields import language
from partners.web.forms import show
from partners.web.guard import page
from partners.web.said import look_said, moment

bp = Blueprint("desk", __name__)
ROWS = 20


@page(bp, "/today", needs=P.TODAY)
def today() -> Any:
    """What waits for me, for them, for a colleague? What is late, our side first?"""
    found = today_of(g.actor, clock.now())
    searching = may_ever(g.actor, P.ORGANISATION_LIST)
    return show("desk/today.html", today=found, searching=searching,
                working=may_ever(g.actor, P.ENGAGEMENT_JOIN))  # fmt: skip


@page(bp, "/log", needs=P.LOG_VIEW)
def log() -> Any:
    """Who looked at what, newest first, of anybody or of one person."""
    number, who = read_page(request.args.get("page"), 1000), request.args.get("who", "")
    person = int(who) if who.isascii() and who.isdigit() and len(who) < 10 else None
    rows = looks(number, person)
    return show("desk/log.html", looks=rows[:LOOKS], more=len(rows) > LOOKS, number=number,
                who=person, people=staff(), moment=moment, said=look_said)  # fmt: skip


@page(bp, "/engagements", needs=P.ENGAGEMENT_JOIN)
def engagements() -> Any:
    """Every engagement, narrowed by where it stands, by level, by review and to one's own."""
    edition = policy()
    words, typed = edition.words(language()), _typed()
    wanted = _wanted(typed, g.actor)
    number = db.session.scalar(wanted.with_only_columns(func.count(Engagement.id))) or 0
    pages = max(1, -(-number // ROWS))
    at = min(_page(), pages)
    rows = db.session.scalars(
        wanted.options(
            joinedload(Engagement.organisation),
            selectinload(Engagement.team).joinedload(TeamMember.account),
        )
        .order_by(Engagement.id.desc())
        .offset((at - 1) * ROWS)
        .limit(ROWS)
    ).all()
    return show("desk/engagements.html", rows=[_row(row) for row in rows], typed=typed,
                number=number, page=at, pages=pages, states=STANDS, words=words,
                levels=ladder_levels(edition, language()))  # fmt: skip


def _typed() -> dict[str, str]:
    """The filters; what is not offered narrows nothing."""
    offered = {"state": set(State), "level": set(policy().levels), "due": {"late", "soon", "step"},
               "mine": {"1"}}  # fmt: skip
    asked = {name: request.args.get(name, "") for name in offered}
    return {name: value if value in offered[name] else "" for name, value in asked.items()}


def _page() -> int:
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _wanted(typed: dict[str, str], actor: Actor) -> Any:
    # Where a case stands is its team's to know, so a filter by it must not tell others.
    right = P.ENGAGEMENT_VIEW if typed["state"] or typed["due"] else P.ENGAGEMENT_JOIN
    found = only_allowed(select(Engagement), Engagement, actor, right)
    if typed["state"]:
        found = found.where(Engagement.state == typed["state"])
    if typed["level"]:
        found = found.where(Engagement.level == typed["level"])
    if typed["mine"]:
        found = found.where(Engagement.on_team(actor.id))
    if typed["due"] == "step":
        working = Engagement.state.in_([*OWN, *OTHERS])
        found = found.where(working, Engagement.due_on < clock.today())
    elif typed["due"]:
        until = clock.today() + (AHEAD if typed["due"] == "soon" else timedelta(-1))
        found = found.where(Engagement.review_on <= until)
    return found


def _row(case: Engagement) -> dict[str, Any]:
    """Outside the case team only what is agreed is shown, not what was found."""
    inside = may(g.actor, P.ENGAGEMENT_VIEW, case)
    agreed = case.agreed_level and case.state not in OVER
    known = State(case.state) if inside else State.IN_FORCE if agreed else None
    text, side = STANDS[known] if known else ("", "")
    href = url_for("assessment.engagement", engagement_id=case.public_id)
    lead = next((m.account.name for m in case.team if m.part == "lead"), "")
    return {"case": case, "stands": text, "side": side, "lead": lead, "inside": inside,
            "supported": case.supported_level if inside else case.agreed_level,
            "href": href}  # fmt: skip
