"""What follows an issued paper: a changed text, a renewal, another paper, or its end.

The earlier paper is never touched: what follows is a paper of its own, chained to exactly that
file by its SHA-256.
"""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partners.access.rules import CLOCK, Actor, require
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.mou import queries, rules
from partners.mou.actions.papers import (
    BEGUN,
    NOT_NOW,
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
from partners.mou.rules import PAUSED, State
from partners.mou.sheet import draft_sheet, papers_of_policy, sheet_of

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
    if queries.later(paper):
        raise Refusal(BEGUN)
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
    _require_for_a_side(paper, by, at)
    if queries.stands(paper, day_of(at)) not in rules.ENDS:
        raise Refusal(NOT_NOW)
    require_reason(reason, by)
    days = rules.notice_days(paper.facts)
    paper.ends_on = last = rules.last_day(day_of(at), days, paper.ends_on)
    paper.state, paper.ended_at, paper.ended_because = str(State.NOTICE), at, reason
    paper.texts, paper.paused_until = {**paper.texts, "notice_by": by.side}, None
    record("paper.notice", paper, by=by, at=at, side=by.side, ends_on=last.isoformat())
    _write_notice(paper, files, by=by, at=at)


def pause(paper: Paper, until: date, why: str, *, by: Actor, at: datetime) -> None:
    """Let what is being done rest until the day of the next talk; again, to set another day.

    Whoever began a pause is told as its author; what either side says of it stands beside it.
    """
    _require_for_a_side(paper, by, at)
    today = day_of(at)
    days = sheet_of(paper, today).document.pause_days
    if not days or queries.stands(paper, today) not in (State.IN_FORCE, PAUSED):
        raise Refusal(NOT_NOW)
    last = rules.last_day(today, days, paper.ends_on)
    if not today <= until <= last:
        raise Refusal(N_("Choose a day from today until %(last)s."), field="paused_until",
                      last=last)  # fmt: skip
    mine = {"side": by.side, "by": side_name(paper.engagement, by)}
    first = {**mine, "since": today.isoformat(), "said": []}
    told = paper.texts["paused"] if queries.paused(paper, today) else first
    said = [*told["said"], {**mine, "why": why}] if why else told["said"]
    paper.paused_until, paper.texts = until, {**paper.texts, "paused": {**told, "said": said}}
    record("paper.paused", paper, by=by, at=at, side=by.side, until=until.isoformat(), why=why)


def resume(paper: Paper, *, by: Actor, at: datetime) -> None:
    """Go on: either side, whoever paused it, or the clock once the day of the talk has passed."""
    if by is not CLOCK:
        _require_for_a_side(paper, by, at)
        if queries.stands(paper, day_of(at)) != PAUSED:
            raise Refusal(NOT_NOW)
    paper.paused_until = None
    record("paper.resumed", paper, by=by, at=at, side=by.side)


def _require_for_a_side(paper: Paper, by: Actor, at: datetime) -> None:
    """Only whoever may sign for a side today gives notice or pauses for it."""
    require(by, P.PAPER_SIGN, paper)
    locked(paper)
    if authority(paper, db.session.get_one(Account, by.id), at) is None:
        raise NotYours(P.PAPER_SIGN)


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
