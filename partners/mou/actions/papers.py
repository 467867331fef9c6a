"""What people do with a paper: begin, issue, try, decline. Once issued it never changes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from partners.access.rules import Actor, may, require
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.accounts.queries import municipality
from partners.assessment import actions as assessment
from partners.assessment.queries import policy_of
from partners.assessment.rules.moves import State as Case
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import NOT_NOW, Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.mou import queries, rules
from partners.mou.actions.promising import make
from partners.mou.models import Paper
from partners.mou.rules import State
from partners.mou.sheet import (
    Sheet,
    document_of,
    draft_sheet,
    kept_with,
    papers_of_policy,
    sheet_of,
)
from partners.paper.documents import Document
from partners.paper.plain import text_hash
from partners.registry.models import Office
from partners.signing import work
from partners.signing.actions import forget, void
from partners.signing.files import keep
from partners.signing.queries import handed_in, seat, signatures_on

if TYPE_CHECKING:
    from partners.assessment.models import Engagement

WRITTEN = (Case.DECIDED, Case.TOLD, Case.IN_FORCE, Case.DUE)
ISSUED = (Case.TOLD, Case.IN_FORCE, Case.DUE)
BEGUN = N_("Somebody has begun this paper already. Open the page again.")
BOTH = N_("%(name)s signs only together with somebody else. Name both.")
_TURN = 7_302_002  # any number: the name of the queue in which papers get their numbers


def draft(
    engagement: "Engagement", language: str, facts: Mapping[str, Any], *, kind: str = "",
    by: Actor, at: datetime,
) -> Paper:  # fmt: skip
    """Begin a paper: the one that the level needs, or of that kind. `facts` fill its blanks."""
    require(by, P.PAPER_DRAFT, engagement)
    main = document_of(engagement)
    document = papers_of_policy(engagement).get(kind) if kind else main
    if document is None or Case(engagement.state) not in WRITTEN:
        raise Refusal(N_("A paper is written when its level has been decided."))
    one_at_a_time(engagement)
    before = queries.newest(engagement.id, document.id)
    if before is not None and before.state in rules.OPEN:
        raise Refusal(BEGUN)
    paper = Paper(
        kind=document.id, organisation_id=engagement.organisation_id, engagement=engagement,
        round_id=engagement.round.id, language=language, drafted_by=by.id, drafted_at=at,
        facts=rules.proposed(facts, {}, side_name(engagement, by)),
        organisation=engagement.organisation,
    )  # fmt: skip
    db.session.add(paper)
    record("paper.drafted", paper, by=by, at=at, kind=paper.kind)
    return paper


def side_name(engagement: "Engagement", by: Actor) -> str:
    """What a paper calls the side of whoever writes."""
    house = municipality()
    return engagement.organisation.name if by.is_partner else house.name if house else ""


def issue(paper: Paper, files: Path, *, by: Actor, at: datetime) -> None:
    """Number the paper, print it once and keep it in `files`. From here on it never changes."""
    require(by, P.PAPER_DRAFT, paper)
    locked(paper)
    require_state(paper, State.DRAFT)
    engagement = paper.engagement
    document = papers_of_policy(engagement)[paper.kind]
    if Case(engagement.state) not in ISSUED:
        raise Refusal(N_("Deliver the decision first; then the paper can be issued."))
    start, review, end = (_day(paper.facts.get(n)) for n in ("start", "review_date", "end"))
    rules.require_order(start, review, end)
    rules.require_two_sides(paper.facts)
    _require_what_stands_elsewhere(paper, document, at)
    sheet = draft_sheet(engagement, document, paper.language, paper.facts, day_of(at), paper)
    sheet.complete()
    if "notice_days" in (f.name for f in rules.to_write(document, sheet.setting, language="en")):
        rules.notice_days(paper.facts)
    if rules.both_mean(paper.meant, text_hash(sheet.paper)) < document.agreed:
        raise Refusal(N_("Before this paper is issued, both sides say “this is what we mean” of"
                         " the text as it now stands."))  # fmt: skip
    paper.starts_on, paper.ends_on = start, end
    put_under_number(paper, sheet, files, by=by, at=at)


def put_under_number(paper: Paper, sheet: Sheet, files: Path, *, by: Actor, at: datetime) -> None:
    """Print a paper that is whole and keep it; what nobody signs is in force at once."""
    document = sheet.document
    number = _number(document.instrument, day_of(at).year)
    printed = {**sheet.facts, "reference": number, "issued_on": day_of(at).isoformat()}
    fingerprint = keep(files, replace(sheet, facts=printed).pdf())
    paper.number, paper.facts, paper.fingerprint = number, printed, fingerprint
    paper.texts = {**kept_with(paper.engagement, sheet.setting), "sign_by": _last(document, at)}
    paper.state, paper.issued_by, paper.issued_at = str(State.ISSUED), by.id, at
    record("paper.issued", paper, by=by, at=at, number=number, sha256=fingerprint)
    if not document.signed_by:
        enter(paper, at, by=by, at=at)


def _last(document: Document, at: datetime) -> str:
    """The last day to sign a paper that waits from now on."""
    within = int(document.more.get("sign_within_days", rules.SIGN_WITHIN))
    return (day_of(at) + timedelta(days=within)).isoformat()


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None


def require_state(paper: Paper, *states: State) -> None:
    """Refuse what is not possible where the paper stands."""
    if paper.state not in states:
        raise Refusal(NOT_NOW)


def one_at_a_time(engagement: "Engagement") -> None:
    """Let one paper of this engagement be begun at a time; SQLite's writers queue already."""
    db.session.refresh(engagement, ["state", "version"], with_for_update=True)


def locked(paper: Paper) -> None:
    """Let one deed on this paper go on at a time; SQLite's writers queue already."""
    db.session.flush()
    parts = ["state", "facts", "texts", "language", "version", "meant", "tested", "paused_until"]
    db.session.refresh(paper, parts, with_for_update=True)


def _number(instrument: str, year: int) -> str:
    """The next number of the year, given out one at a time."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(_TURN)))
    letter = instrument[:1].upper()
    return rules.next_number(letter, year, queries.newest_number(letter, year))


def _require_what_stands_elsewhere(paper: Paper, document: Document, at: datetime) -> None:
    """Who signs may do so today, and what the paper needs met is met."""
    engagement = paper.engagement
    for item in queries.not_met(engagement, document, day_of(at)):
        words = policy_of(engagement).words(paper.language).item(item.id)
        raise Refusal(N_("Before this paper is issued, settle “%(item)s”."), item=words.title)
    offices: list[Office] = []
    for row in rules.signers(paper.facts):
        account = db.session.get(Account, row["account"])
        found = authority(paper, account, at) if account else None
        if account is None or found is None:
            raise Refusal(
                BOTH if account and _alone(paper, account, at)
                else N_("%(name)s may not sign this paper any more. Name somebody else."),
                field="signers_city" if account is None or account.is_staff else "signers_org",
                name=row["name"],
            )  # fmt: skip
        offices += [found] if isinstance(found, Office) else []
    if len({o.id for o in offices}) < 2 and (one := next((o for o in offices if o.together), None)):
        raise Refusal(BOTH, field="signers_org", name=one.person or one.role)


def authority(paper: Paper, account: Account, at: datetime) -> object | None:
    """What lets this person sign this paper now: an office or a delegation. None: nothing does."""
    if account.ended_at or not may(account.actor, P.PAPER_SIGN, paper):
        return None
    if account.organisation_id is None:
        return queries.delegation(account.id, paper, at)
    return None if _alone(paper, account, at) else seat(account, at)


def _alone(paper: Paper, account: Account, at: datetime) -> bool:
    """Whether the statutes want two, and the paper names nobody beside this person."""
    office = seat(account, at)
    return bool(office and office.together and rules.alone(paper.facts))


def lack(paper: Paper, account: Account, at: datetime) -> str:
    """What this person, who is named, lacks in order to sign; "" when nothing."""
    if authority(paper, account, at) is not None:
        return ""
    if account.organisation_id is None:
        return N_("Your delegation does not cover this paper any more. The paper waits; ask a"
                  " manager for a new one.")  # fmt: skip
    if _alone(paper, account, at):
        return N_("You sign only together with somebody else, and the paper names nobody else of"
                  " yours. Ask your contact to name both.")  # fmt: skip
    return N_("Your role with the right to sign has ended. The paper waits; ask your contact to"
              " name somebody else.")  # fmt: skip


def enter(paper: Paper, whole: datetime, *, by: Actor, at: datetime) -> None:
    """What all have signed holds from now on, unless it is to be tried by both sides first."""
    document, main = sheet_of(paper, day_of(at)).document, document_of(paper.engagement)
    if document.more.get("tested") and not rules.both_tested(paper.tested):
        return
    paper.state, paper.in_force_at = str(State.IN_FORCE), whole
    record("paper.in_force", paper, by=by, at=at, number=paper.number)
    if document.signed_by:
        work.ask(at, paper_id=paper.id)
    before = paper.follows and paper.follows_how in rules.FOLLOWS
    if not (before and paper.starts_on and paper.starts_on > day_of(at)):
        begin(paper, by=by, at=at)
    if Case(paper.engagement.state) is Case.TOLD and main and main.id == paper.kind:
        assessment.enter_into_force(paper.engagement, by=by, at=at)


def begin(paper: Paper, *, by: Actor, at: datetime) -> None:
    """Its first day has come: what it promises is to be done, and the one before gives way."""
    make(paper, at=at)
    if paper.follows is not None and paper.follows_how in rules.FOLLOWS:
        paper.follows.state, paper.follows.ended_at = str(State.REPLACED), at
        record("paper.replaced", paper.follows, by=by, at=at, number=paper.number)


def record_test(paper: Paper, note: str, *, by: Actor, at: datetime) -> None:
    """Write down for one's own side how the test with a made-up case went."""
    require(by, P.PAPER_WRITE, paper)
    locked(paper)
    older = "seen" in paper.facts and paper.state == State.IN_FORCE
    if not older:
        require_state(paper, State.ISSUED)
    said = {"name": by.name, "at": at.isoformat(), "note": note}
    paper.tested = rules.say(paper.tested, by.side, said)
    record("paper.tested", paper, by=by, at=at, side=by.side)
    signed = {one.account_id for one in signatures_on(paper.id)}
    named = {row["account"] for row in rules.signers(paper.facts)}
    if not older and named and named <= signed:
        enter(paper, at, by=by, at=at)


def decline(paper: Paper, reason: str, *, by: Actor, at: datetime) -> None:
    """Say no to the paper before it is in force: somebody named on it, or those who wrote it.

    The organisation needs no reason; nothing follows but that a new draft can begin.
    """
    if not (queries.is_named(paper, by) and may(by, P.PAPER_SIGN, paper)):
        require(by, P.PAPER_DRAFT, paper)
    locked(paper)
    require_state(paper, State.DRAFT, State.ISSUED)
    require_reason(reason, by)
    void(signatures_on(paper.id), at=at)
    forget(handed_in(paper.about))
    paper.state, paper.ended_at, paper.ended_because = str(State.DECLINED), at, reason
    record("paper.declined", paper, by=by, at=at, side=by.side)


def wait_longer(paper: Paper, *, by: Actor, at: datetime) -> None:
    """Give everyone who has not signed yet as many days again; the text stays as it is."""
    require(by, P.PAPER_DRAFT, paper)
    locked(paper)
    require_state(paper, State.ISSUED)
    last = _last(sheet_of(paper, day_of(at)).document, at)
    paper.texts = {**paper.texts, "sign_by": last}
    record("paper.more_time", paper, by=by, at=at, until=last)


def require_reason(reason: str, by: Actor) -> None:
    """The municipality says why; the organisation needs not."""
    if not reason and not by.is_partner:
        raise Refusal(N_("Write the reason; the organisation reads it."), field="reason")
