"""Support from the whole municipality, and the band that it makes."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import select

from partners.assessment.models import (
    Engagement,
    Support,
)
from partners.assessment.queries.cases import policy_of
from partners.assessment.rules.difference import (
    raised,
)
from partners.assessment.rules.money import Payment, band_sum
from partners.ground.db import db
from partners.policy.values import Band, Policy


def payments(organisation_id: int) -> Sequence[Support]:
    """All support to one organisation from the whole municipality that stands, by due date."""
    return db.session.scalars(
        select(Support)
        .where(Support.organisation_id == organisation_id, Support.withdrawn_at.is_(None))
        .order_by(Support.due_on, Support.id)
    ).all()


def band_of(
    policy: Policy, organisation_id: int, engagement_id: int | None, added: Iterable[Payment] = ()
) -> tuple[Band, Decimal]:
    """The band of an engagement and the sum that sets it, with support still to be added."""
    return weighed(policy, payments(organisation_id), engagement_id, added)


def weighed(
    policy: Policy, rows: Sequence[Support], engagement_id: int | None,
    added: Iterable[Payment] = (),
) -> tuple[Band, Decimal]:  # fmt: skip
    """As `band_of`, for support that was read already."""
    ours = [r for r in rows if engagement_id is not None and r.engagement_id == engagement_id]
    rest = [r for r in rows if r not in ours]
    own, others = ([Payment(r.due_on, r.amount) for r in part] for part in (ours, rest))
    own += added
    total = band_sum(own, others, policy.window_months)
    return policy.band_for(total, any(one.amount is None for one in own)), total


def raised_band(engagement: Engagement) -> Band | None:
    """The band to which all support together has raised an engagement; None: it has not."""
    policy = policy_of(engagement)
    band, _total = band_of(policy, engagement.organisation_id, engagement.id)
    return band if raised(policy, engagement.band, band.id) else None
