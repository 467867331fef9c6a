from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import defer

from partners.access.rules import Actor
from partners.accounts.models import Account
from partners.ground.db import db
from partners.ground.words import N_
from partners.jobs.models import Job
from partners.policy.models import Draft
from partners.policy.values import Policy, Second, When

PROPOSED = (Draft.proposed_by.is_not(None), Draft.published_by.is_(None),
            Draft.withdrawn_by.is_(None))  # fmt: skip
BRIEFLY = defer(Draft.texts), defer(Draft.found)


def drafts(limit: int = 50) -> Sequence[Draft]:
    """The newest drafts, without their texts and what trying them showed."""
    rows = select(Draft).order_by(Draft.id.desc()).limit(limit)
    return db.session.scalars(rows.options(*BRIEFLY)).all()


def job_of(draft: Draft) -> Job | None:
    """The work that tries it, or tried it last."""
    return db.session.get(Job, draft.job_id)


def proposed() -> Sequence[Draft]:
    """What waits to be read by the protector, or to be published."""
    rows = select(Draft).where(*PROPOSED).options(*BRIEFLY)
    return db.session.scalars(rows.order_by(Draft.id)).all()


def why_not(draft: Draft, policy: Policy, by: Actor) -> str:
    """Why this manager cannot publish it now, as the policy in use asks; nothing if they can."""
    if draft.proposed_by is None:
        return N_("First a manager proposes it and the protector has read it.")
    if draft.read_by is None:
        return N_("It can be published once the protector has noted that they have read it.")
    if by.id in (draft.proposed_by, draft.read_by):
        return N_("Another manager publishes it.")
    rows = [r for r in policy.deciders if r.when is When.POLICY_CHANGE]
    if any(row.second is Second.OTHER_DEPARTMENT for row in rows):
        first = db.session.get_one(Account, draft.proposed_by)
        if first.department_id == by.department_id:
            return N_("A manager of another department publishes it.")
    return ""
