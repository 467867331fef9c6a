"""Which points from open sources count, and for how long (policy paper 2.4). Good ones alike."""

from datetime import date

from partners.assessment.rules.answers import months_after
from partners.ground.words import N_
from partners.policy.values import Policy

NOT_THEIRS = N_("The organisation does not answer for this speaker, so it is not recorded.")
TOO_OLD = N_("This is older than %(months)s months. It is not used, and so not recorded.")
NOT_REPEATED = N_(
    "This is older than %(months)s months. It counts only if it was repeated since then; enter"
    " when, or leave it out."
)
NOT_YET = N_("This lies in the future. Check the date.")
BACKWARDS = N_("It can only be repeated after it was first said. Check the two dates.")
# The field that a sentence is about; every other one is about the day on which it was said.
FIELDS = {NOT_THEIRS: "role", BACKWARDS: "repeated_on"}


def why_not(
    policy: Policy, role: str, said_on: date, repeated_on: date | None, today: date
) -> tuple[str, dict[str, int]] | None:
    """Why something found does not count, as a sentence and its facts; None when it counts.

    What was said longer ago than the policy looks back counts only where the newest repetition
    lies within that time, and beyond the highest age not at all.
    """
    head = policy.head
    if not policy.attributions.get(role, False):
        return NOT_THEIRS, {}
    if max(said_on, repeated_on or said_on) > today:
        return NOT_YET, {}
    if repeated_on and repeated_on < said_on:
        return BACKWARDS, {}
    if months_after(said_on, head.statement_max_age_months) < today:
        return TOO_OLD, {"months": head.statement_max_age_months}
    newest = max(said_on, repeated_on or said_on)
    if months_after(newest, head.statement_lookback_months) < today:
        return NOT_REPEATED, {"months": head.statement_lookback_months}
    return None
