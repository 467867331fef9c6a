"""A signature's link rests: only after the other side was heard, with reasons, and not for good.

Either side may do it. For the municipality two people do, one who says why and one who decides.
"""

from datetime import date, datetime
from typing import Any

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.assessment.actions.settling import settle, unsettle
from partners.charter import actions
from partners.charter.models import Charter
from partners.charter.rules import HOLDS, State, heard
from partners.ground.clock import day_of
from partners.ground.refusals import NOT_NOW, Refusal
from partners.ground.words import N_
from partners.history.actions import record


def propose_suspension(
    charter: Charter, because: str, until: date, *, by: Actor, at: datetime
) -> None:
    """Say why, in writing. The other side may answer until the end of that day."""
    require(by, P.CHARTER_SUSPEND, charter)
    _ready(charter, charter.state in HOLDS and not charter.hearing)
    charter.suspension = {"side": by.side, "by": by.id, "name": by.name, "because": because,
                          "at": at.isoformat(), "until": until.isoformat()}  # fmt: skip
    charter.hearing = True
    record("charter.suspension_proposed", charter, by=by, at=at, until=until.isoformat())


def answer_suspension(charter: Charter, words: str, *, by: Actor, at: datetime) -> None:
    """Be heard. The words stand beside the reason for as long as the reason stands."""
    require(by, P.CHARTER_SUSPEND, charter)
    it = _open(charter)
    _ready(charter, it["side"] != by.side and not it.get("answer"))
    charter.suspension = it | {"answer": words, "answered_by": by.name}
    record("charter.suspension_answered", charter, by=by, at=at)


def suspend(charter: Charter, reason: str, *, by: Actor, at: datetime) -> None:
    """Let the link rest. Dialogue stays open, and what runs is looked at within its grace."""
    require(by, P.CHARTER_SUSPEND, charter)
    it = _open(charter)
    _ready(charter, it["side"] == by.side)
    if not heard(it, day_of(at)):
        raise Refusal(N_("The other side may answer until %(day)s. Wait for it."),
                      day=date.fromisoformat(it["until"]))  # fmt: skip
    if by.is_staff and it["by"] == by.id:
        raise Refusal(N_("You said why. Another manager decides."))
    charter.suspension = it | {"reason": reason, "decided_by": by.name, "before": charter.state,
                               "rests_at": at.isoformat()}  # fmt: skip
    charter.state, charter.hearing = str(State.SUSPENDED), False
    record("charter.suspended", charter, by=by, at=at)
    assert charter.organisation_id is not None
    unsettle(charter.organisation_id, actions.ANSWERS, actions.source_of(charter), by=by, at=at)


def leave_suspension(charter: Charter, *, by: Actor, at: datetime) -> None:
    """Leave it: what was proposed is taken back, and nothing rests."""
    require(by, P.CHARTER_SUSPEND, charter)
    it = _open(charter)
    _ready(charter, it["side"] == by.side)
    charter.suspension, charter.hearing = it | {"dropped_at": at.isoformat()}, False
    record("charter.suspension_left", charter, by=by, at=at)


def end_suspension(charter: Charter, reason: str, *, by: Actor, at: datetime) -> None:
    """The way back: the signature holds again, as before, until its own date."""
    require(by, P.CHARTER_SUSPEND, charter)
    actions.locked(charter)
    it: dict[str, Any] = charter.suspension
    _ready(charter, charter.state == State.SUSPENDED and it["side"] == by.side)
    charter.suspension = it | {"ended_at": at.isoformat(), "why_ended": reason}
    charter.state = it["before"]
    record("charter.suspension_ended", charter, by=by, at=at)
    assert charter.organisation_id
    assert charter.signed_at
    settle(charter.organisation_id, actions.ANSWERS, actions.source_of(charter),
           day_of(charter.signed_at), by=by, at=at)  # fmt: skip


def _open(charter: Charter) -> dict[str, Any]:
    actions.locked(charter)
    _ready(charter, charter.state in HOLDS and charter.hearing)
    return charter.suspension


def _ready(_charter: Charter, yes: bool) -> None:
    if not yes:
        raise Refusal(NOT_NOW)
