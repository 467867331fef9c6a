"""When we look again (policy paper 2.7): the shortest period that applies."""

from datetime import date

from partners.assessment.rules.answers import months_after
from partners.assessment.rules.reach import Result
from partners.policy.values import Party, Policy


def review_months(policy: Policy, result: Result) -> int | None:
    """How many months a decision on this result stands; None while it is not determined."""
    if result.level is None or result.band is None:
        return None
    periods = [policy.levels[result.level].review_months, policy.bands[result.band].review_months]
    # What the city owes shortens nothing for the organisation.
    if any(condition.owner is not Party.CITY for condition in result.conditions):
        periods.append(policy.head.conditions_review_months)
    if result.stopped:
        periods.append(policy.head.stop_review_months)
    return min(months for months in periods if months is not None)


def review_on(policy: Policy, result: Result, decided_on: date) -> date | None:
    months = review_months(policy, result)
    return None if months is None else months_after(decided_on, months)
