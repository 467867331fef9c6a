"""Signing a paper, or saying for somebody else that they have signed. The last name puts it into
force.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.assessment.rules.moves import State as Case
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.mou import rules
from partners.mou.actions.papers import ISSUED, authority, enter, lack, locked, require_state
from partners.mou.models import Paper
from partners.mou.rules import State
from partners.signing.actions import Hand, Standing, forget
from partners.signing.actions import sign as put_name
from partners.signing.models import Ceremony, Signature
from partners.signing.queries import handed_in, signatures_on
from partners.signing.rules import ELSEWHERE, SENT_BACK, suffices


def sign(paper: Paper, hand: Hand, *, by: Actor, at: datetime) -> Signature:
    """Sign for one's own side, in any order. The last of those named puts the paper into force."""
    require(by, P.PAPER_SIGN, paper)
    locked(paper)
    row = _row(paper, by.id)
    _require_open(paper, at)
    before = signatures_on(paper.id)
    if any(one.account_id == by.id for one in before):
        raise Refusal(N_("You have signed this paper already. Once is enough."))
    if trouble := lack(paper, db.session.get_one(Account, by.id), at):
        raise Refusal(trouble)
    forget(handed_in(paper.about, by.id))
    return _put(paper, hand, row, before, signer=by, by=by, at=at)


def attest(
    paper: Paper, account_id: int, hand: Hand, lowest: str, *, by: Actor, at: datetime,
    given_at: datetime | None = None,
) -> Signature:  # fmt: skip
    """Write down that somebody named has signed: a print by hand, or a file elsewhere (`given_at`).

    It counts for what it is: the word of whoever saw it, with a copy where one is held. Nobody
    does it for themselves.
    """
    require(by, P.PAPER_DRAFT, paper)
    locked(paper)
    row = rules.row_of(paper.facts, account_id)
    if row is None or account_id == by.id:
        raise Refusal(N_("Choose somebody else who is named on the paper."), field="who")
    _require_open(paper, given_at or at)
    before = signatures_on(paper.id)
    if any(one.account_id == account_id for one in before):
        raise Refusal(N_("%(name)s has signed already."), field="who", name=row["name"])
    if not suffices(lowest, hand.method):
        raise Refusal(N_("This paper asks for a stronger signature than this one."))
    account = db.session.get_one(Account, account_id)
    if authority(paper, account, at) is None:
        raise Refusal(N_("%(name)s may not sign this paper any more."), field="who",
                      name=row["name"])  # fmt: skip
    forget(held for held in handed_in(paper.about) if held.account_id == account_id)
    return _put(paper, hand, row, before, signer=account.actor, by=by, at=at)


def compare(paper: Paper, held: Ceremony, *, by: Actor, at: datetime) -> Signature:
    """Say that whom a certificate names is the person named on the paper. Now it counts."""
    told = held.said[ELSEWHERE]
    row = _row(paper, held.account_id)
    evidence = {**told["evidence"], "compared_by": by.name}
    hand = Hand(row["name"], True, told["statement"], told["language"], held.text_hash, ELSEWHERE,
                evidence)  # fmt: skip
    return attest(paper, held.account_id, hand, ELSEWHERE, by=by, at=at,
                  given_at=datetime.fromisoformat(evidence["handed_in"]))  # fmt: skip


def send_back(paper: Paper, held: Ceremony, reason: str, *, by: Actor, at: datetime) -> None:
    """Say why a file signed elsewhere does not count; whoever handed it in reads that."""
    require(by, P.PAPER_DRAFT, paper)
    if not reason:
        raise Refusal(N_("Write why; whoever handed it in reads that."), field="why")
    said = {step: what for step, what in held.said.items() if step != ELSEWHERE}
    held.said = {**said, SENT_BACK: reason}
    record("paper.sent_back", paper, by=by, at=at)


def stopped(paper: Paper, at: datetime) -> str:
    """Why nobody can sign this issued paper now; "" while they can."""
    if Case(paper.engagement.state) not in ISSUED:
        return N_("The work on this rests, has ended, or is talked about anew, so nothing is signed"
                  " now.")  # fmt: skip
    if rules.too_late(paper.texts, day_of(at)):
        return N_("The last day to sign this has passed. Ask your contact for more time.")
    return ""


def _require_open(paper: Paper, at: datetime) -> None:
    require_state(paper, State.ISSUED)
    if why := stopped(paper, at):
        raise Refusal(why)


def _put(
    paper: Paper, hand: Hand, row: Mapping[str, Any], before: Sequence[Signature], *,
    signer: Actor, by: Actor, at: datetime,
) -> Signature:  # fmt: skip
    """Put the name under the paper; the last of those named puts it into force."""
    standing = Standing(row["name"], row["role"], row["authority"])
    whose = paper.organisation_id if signer.is_partner else None
    made = put_name(paper, hand, standing, paper.fingerprint, by=by, at=at, signer=signer,
                    paper_id=paper.id, organisation_id=whose)  # fmt: skip
    signed = {str(one.account_id): one.at for one in (*before, made)}
    required = [str(one["account"]) for one in rules.signers(paper.facts)]
    if whole := rules.in_force_at(required, signed):
        enter(paper, whole, by=by, at=at)
    return made


def _row(paper: Paper, account_id: int) -> Mapping[str, Any]:
    if (found := rules.row_of(paper.facts, account_id)) is None:
        raise Refusal(N_("You are not named on this paper, so you cannot sign it."))
    return found
