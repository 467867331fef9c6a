"""What the page of a paper shows: the text, who signs, and what this person can do with it. Nothing
is offered that would be refused."""

from typing import Any

from flask import g
from flask_babel import gettext

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.assessment.queries import policy_of
from partners.assessment.rules.moves import State as Case
from partners.ground import clock
from partners.ground.db import db
from partners.mou import actions, queries, rules
from partners.mou.models import Paper
from partners.mou.rules import PAUSED, State
from partners.mou.sheet import is_written, papers_of_policy, sheet_of, signed_sheet
from partners.mou.views.together import STANDS
from partners.signing.queries import ceremony, handed_in, signatures_on
from partners.signing.rules import SENT_BACK, in_fours, suffices

BY_HAND = "paper"  # the rung of a signature on a print


def sight(paper: Paper) -> dict[str, Any]:
    """All that `mou/show.html` asks about this paper and whoever reads it."""
    at, today, issued = clock.now(), clock.today(), paper.state == State.ISSUED
    signed = {one.account_id: one for one in signatures_on(paper.id)}
    mine = rules.row_of(paper.facts, g.actor.id)
    account = db.session.get(Account, g.actor.id)
    sheet = signed_sheet(sheet_of(paper, today), signed)
    right = account is not None and actions.authority(paper, account, at) is not None
    unsigned = bool(mine) and g.actor.id not in signed
    stopped = actions.stopped(paper, at) if issued else ""
    standing, may_write = queries.stands(paper, today), may(g.actor, P.PAPER_DRAFT, paper)
    handed = handed_in(paper.about) if issued else []
    tested = bool(sheet.document.more.get("tested"))
    return {
        "sheet": sheet, "signed": signed, "mine": mine, "State": State, "standing": standing,
        "may_pause": right and standing in (State.IN_FORCE, PAUSED) and sheet.document.pause_days,
        "may_sign": unsigned and right and issued and not stopped, "stopped": stopped,
        "late": stopped and Case(paper.engagement.state) in actions.ISSUED,
        "lost": actions.lack(paper, account, at) if unsigned and account and not right else "",
        "handed": next((h for h in handed if h.account_id == g.actor.id), None),
        "sent_back": _sent_back(paper),
        "to_compare": next((h for h in handed if h.account_id != g.actor.id), None)
        if may_write else None,
        "may_decline": bool(mine) and issued and may(g.actor, P.PAPER_SIGN, paper),
        "may_write": may_write, "tested": tested,
        "may_test": issued and may(g.actor, P.PAPER_WRITE, paper)
        and tested and g.actor.side not in paper.tested,
        "may_end": right and standing in rules.ENDS and "notice_days" in paper.facts,
        "sign_by": rules.sign_by(paper.texts), "after": queries.following(paper.id),
        "party": party(paper), "in_fours": in_fours, "policy": policy_of(paper.engagement),
        **_next(paper, may_write),
    }  # fmt: skip


def _next(paper: Paper, may_write: bool) -> dict[str, Any]:
    """The paper that comes after this one, or what this person can begin instead."""
    later = queries.later(paper)
    known = papers_of_policy(paper.engagement).get(paper.kind)
    free = may_write and not later and Case(paper.engagement.state) in actions.WRITTEN
    return {
        "later": later if later and queries.may_open(later, g.actor) else None,
        "later_stands": STANDS[queries.stands(later, clock.today())] if later else "",
        "may_follow": free and known and paper.state in (State.IN_FORCE, State.NOTICE)
        and paper.follows_how != "notice",
        "may_begin": free and known and paper.state == State.DECLINED
        and is_written(paper.engagement, known),
    }  # fmt: skip


def _sent_back(paper: Paper) -> str:
    """Why a file that this person signed elsewhere did not count."""
    held = ceremony(paper.about, g.actor.id)
    return str(held.said.get(SENT_BACK, "")) if held else ""


def by_hand(paper: Paper) -> list[Any]:
    """Who could still sign a print by hand, for somebody of the case team to write down."""
    at = clock.now()
    if paper.state != State.ISSUED or not may(g.actor, P.PAPER_DRAFT, paper):
        return []
    if actions.stopped(paper, at) or not suffices(lowest_rung(paper), BY_HAND):
        return []
    taken = {one.account_id for one in signatures_on(paper.id)} | {g.actor.id}
    rows = [row for row in rules.signers(paper.facts) if row["account"] not in taken]
    return [row for row in rows if (account := db.session.get(Account, row["account"]))
            and actions.authority(paper, account, at)]  # fmt: skip


def lowest_rung(paper: Paper) -> str:
    """The lowest way in which this paper can be signed."""
    return sheet_of(paper, clock.today()).document.lowest_rung


def party(paper: Paper) -> str:
    """For whom this person would sign."""
    house = paper.facts.get("municipality") or gettext("the municipality")
    return paper.organisation.name if g.actor.is_partner else house
