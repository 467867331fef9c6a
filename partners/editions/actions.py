"""The steps of a changed policy: tried, read by the protector, proposed, published or withdrawn."""

from collections.abc import Mapping
from datetime import datetime

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.editions.queries import why_not
from partners.editions.trying import TRY
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.jobs.runner import put
from partners.policy import shelf
from partners.policy.load import fingerprint
from partners.policy.models import Draft
from partners.policy.values import Policy

OVER = N_("This draft has been published or withdrawn. Hand in another one.")


def try_out(
    texts: Mapping[str, str], source: str, in_use: str, *, by: Actor, at: datetime
) -> Draft:
    """Keep a policy that the check has passed, and begin to try it. `in_use`: the edition."""
    require(by, P.POLICY_CHANGE)
    edition = fingerprint(texts)
    if edition == in_use:
        raise Refusal(N_("This is the policy that is in use; nothing would change."))
    draft = Draft(edition=edition, source=source, texts=dict(texts), tried_by=by.id, tried_at=at)
    db.session.add(draft)
    db.session.flush()
    record("policy.tried", draft, by=by, at=at, edition=edition, source=source)
    draft.job_id = put(TRY, by=by.id, draft=draft.id)
    return draft


def try_again(draft: Draft, *, by: Actor, at: datetime) -> None:
    """Try it once more, on what runs today."""
    _still_open(draft, by, P.POLICY_CHANGE)
    draft.job_id = put(TRY, by=by.id, draft=draft.id)
    record("policy.tried_again", draft, by=by, at=at)


def note_read(draft: Draft, *, by: Actor, at: datetime) -> None:
    """The protector notes that they have read it. That is no consent, and it can be withdrawn."""
    _still_open(draft, by, P.POLICY_READ)
    if draft.proposed_by == by.id:
        raise Refusal(N_("Whoever proposed it does not read it as the protector."))
    draft.read_by = by.id
    record("policy.read", draft, by=by, at=at)


def propose(draft: Draft, reason: str, *, by: Actor, at: datetime) -> None:
    """A manager proposes it, with the reason; another one publishes it."""
    _still_open(draft, by, P.POLICY_CHANGE)
    if not draft.found:
        raise Refusal(N_("Wait until it has been tried on everything that runs."))
    if draft.proposed_by is not None or draft.read_by == by.id:
        raise Refusal(N_("It is proposed already, or you have read it as the protector."))
    draft.proposed_by, draft.reason = by.id, reason
    record("policy.proposed", draft, by=by, at=at, reason=reason)


def publish(draft: Draft, policy: Policy, *, by: Actor, at: datetime) -> None:
    """The second manager publishes it, as the policy in use asks: new work begins with it."""
    _still_open(draft, by, P.POLICY_CHANGE)
    if said := why_not(draft, policy, by):
        raise Refusal(said)
    shelf.adopt(draft.edition, draft.texts, at)
    draft.published_by, draft.published_at = by.id, at
    db.session.flush()
    record("policy.published", draft, by=by, at=at, edition=draft.edition)


def withdraw(draft: Draft, *, by: Actor, at: datetime) -> None:
    """Take it back before it is published. Every manager may."""
    _still_open(draft, by, P.POLICY_CHANGE)
    draft.withdrawn_by = by.id
    record("policy.withdrawn", draft, by=by, at=at)


def _still_open(draft: Draft, by: Actor, right: P) -> None:
    require(by, right, draft)
    if not draft.is_open:
        raise Refusal(OVER)
