"""What follows an issued paper: a changed text, a renewal, another paper, or its end.

The earlier paper is never touched: what follows is a paper of its own, chained to exactly that
file by its SHA-256.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.mou import queries, rules
from partners.mou.actions.papers import (
    authority,
    draft,
    locked,
    one_at_a_time,
    put_under_number,
    require_reason,
    require_state,
    side_name,
)
from partners.mou.models import Paper, Turn
from partners.mou.rules import State
from partners.mou.sheet import draft_sheet, papers_of_policy

if TYPE_CHECKING:
    from partners.assessment.models import Engagement

NOTICE = "notice"  # the id of the document from which a notice of withdrawal is printed


def follow(paper: Paper, how: str, facts: Mapping[str, Any], *, by: Actor, at: datetime) -> Paper:
    """Begin a draft that changes, renews or takes the place of this paper.

    The text of the paper itself is kept as the draft's first version, so that every difference
    to it is told word by word.
    """
    require(by, P.PAPER_DRAFT, paper)
    locked(paper)
    require_state(paper, State.IN_FORCE, State.NOTICE)
    if how not in rules.FOLLOWS:
        raise Refusal(N_("Say whether it changes, renews or takes the place of the paper."))
    made = draft(paper.engagement, paper.language, facts, kind=paper.kind, by=by, at=at)
    made.follows, made.follows_how, made.follows_hash = paper, how, paper.fingerprint
    db.session.flush()
    db.session.add(
        Turn(paper_id=made.id, number=1, side=by.side, by_id=by.id, at=at,
             language=paper.language, facts=paper.facts)
    )  # fmt: skip
    return made


def end(paper: Paper, reason: str, files: Path, *, by: Actor, at: datetime) -> None:
    """Give notice. The paper stays as it is and ends after the days that stand in it.

    The notice itself becomes a paper, kept in `files`.
    """
    require(by, P.PAPER_SIGN, paper)
    locked(paper)
    require_state(paper, State.IN_FORCE)
    if authority(paper, db.session.get_one(Account, by.id), at) is None:
        raise NotYours(P.PAPER_SIGN)
    require_reason(reason, by)
    days = rules.notice_days(paper.facts)
    paper.ends_on = last = rules.last_day(day_of(at), days, paper.ends_on)
    paper.state, paper.ended_at, paper.ended_because = str(State.NOTICE), at, reason
    paper.texts = {**paper.texts, "notice_by": by.side}
    record("paper.notice", paper, by=by, at=at, side=by.side, ends_on=last.isoformat())
    _write_notice(paper, files, by=by, at=at)


def _write_notice(paper: Paper, files: Path, *, by: Actor, at: datetime) -> None:
    """An edition of the policy from before there were notices has none, and none is made."""
    document = papers_of_policy(paper.engagement).get(NOTICE)
    if document is None or paper.ends_on is None:
        return
    facts = {
        "notice_by": side_name(paper.engagement, by), "notice_on": day_of(at).isoformat(),
        "notice_reason": paper.ended_because, "end": paper.ends_on.isoformat(),
    }  # fmt: skip
    made = Paper(
        kind=NOTICE, organisation_id=paper.organisation_id, engagement=paper.engagement,
        organisation=paper.organisation, round_id=paper.round_id, language=paper.language,
        facts=facts, drafted_by=by.id, drafted_at=at, follows=paper, follows_how=NOTICE,
        follows_hash=paper.fingerprint,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    sheet = draft_sheet(paper.engagement, document, paper.language, facts, day_of(at), made)
    put_under_number(made, sheet, files, by=by, at=at)


def record_older(
    engagement: "Engagement", kind: str, told: Mapping[str, Any], *, by: Actor, at: datetime
) -> Paper:
    """A paper that was signed before this register existed, as what it is: seen, not signed here.

    It has no number and no file of ours; `told` says when it was signed, until when it holds,
    and where the original lies.
    """
    require(by, P.PAPER_DRAFT, engagement)
    signed, until = told["signed_on"], told["until"]
    if signed > day_of(at) or (until and until <= signed):
        field = "signed_on" if signed > day_of(at) else "until"
        raise Refusal(N_("It was signed in the past, and ends after that."), field=field)
    one_at_a_time(engagement)
    before = queries.newest(engagement.id, kind)
    if kind not in papers_of_policy(engagement) or (before and before.state not in rules.OVER):
        raise Refusal(N_("There is such a paper already."), field="kind")
    made = Paper(
        kind=kind, organisation_id=engagement.organisation_id, engagement=engagement,
        organisation=engagement.organisation, round_id=engagement.round.id, drafted_by=by.id,
        drafted_at=at, state=str(State.IN_FORCE), starts_on=signed, ends_on=until,
        in_force_at=at, facts={"seen": told["where"], "seen_by": by.name},
    )  # fmt: skip
    db.session.add(made)
    record("paper.recorded", made, by=by, at=at, kind=kind, signed_on=signed.isoformat())
    return made


def notice_end(paper: Paper, days: int, *, by: Actor, at: datetime) -> bool:
    """Note that both sides are told now, once for each notice; whether this is the first time."""
    told = paper.texts.get("told_end", {})
    day = paper.ends_on.isoformat() if paper.ends_on else ""
    if told.get("due") == day and told["days"] >= days:
        return False
    paper.texts = {**paper.texts, "told_end": {"due": day, "days": days}}
    record("papers.noticed", paper, by=by, at=at, days=days, due=day)
    return True
