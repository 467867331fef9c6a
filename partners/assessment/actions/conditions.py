"""The life of a condition: said to be done, looked at, moved by both sides, helped along."""

from datetime import date, datetime

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.assessment.models import Condition, Engagement
from partners.ground.clock import day_of
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record

CITY = "city"


def _still_open(condition: Condition) -> None:
    if not condition.is_open:
        raise Refusal(N_("This is settled already. Open the page again."))


def say_done(
    engagement: Engagement, condition: Condition, words: str, *, link: str = "",
    upload_id: int | None = None, by: Actor, at: datetime,
) -> None:  # fmt: skip
    """Its owner says, in own words, that it is done; the municipality looks and confirms."""
    require(by, P.CONDITION_SAY, engagement)
    _still_open(condition)
    if by.is_partner and condition.side == CITY:
        raise Refusal(N_("This is on the municipality. It says itself when it is done."))
    condition.said, condition.link, condition.upload_id = words, link, upload_id
    condition.said_at, condition.said_by = at, by.id
    record("condition.said", condition, by=by, at=at)


def meet(
    engagement: Engagement, condition: Condition, evidence: str, on: date, *, by: Actor,
    at: datetime,
) -> None:  # fmt: skip
    """A condition is met, seen by the municipality or said by its owner."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    _still_open(condition)
    condition.met_on, condition.met_by, condition.evidence = on, by.id, evidence
    record("condition.met", condition, by=by, at=at)


def not_yet(
    engagement: Engagement, condition: Condition, reason: str, *, by: Actor, at: datetime
) -> None:
    """What was said does not show it yet; the reason stands where both sides read it."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    _still_open(condition)
    condition.said_at = None
    record("condition.not_yet", condition, by=by, at=at, reason=reason)


def wish_date(
    engagement: Engagement, condition: Condition, on: date, because: str, *, agreed: bool = False,
    by: Actor, at: datetime,
) -> None:  # fmt: skip
    """Propose another date. It holds once the other side agrees; `agreed`: it did, in a talk."""
    require(by, P.CONDITION_SAY, engagement)
    _still_open(condition)
    if on <= day_of(at):
        raise Refusal(N_("Choose a day that is still to come."), field="wished_on")
    condition.wished_on, condition.wished_side, condition.wished_because = on, by.side, because
    record("condition.date_wished", condition, by=by, at=at, day=on.isoformat(), reason=because)
    if agreed and by.is_staff:
        _move(condition, by, at)


def agree_date(engagement: Engagement, condition: Condition, *, by: Actor, at: datetime) -> None:
    """The other side agrees to the date that was proposed."""
    require(by, P.CONDITION_SAY, engagement)
    _answers_the_other(condition, by)
    _move(condition, by, at)


def keep_date(engagement: Engagement, condition: Condition, *, by: Actor, at: datetime) -> None:
    """The other side does not agree, or whoever proposed it takes it back."""
    require(by, P.CONDITION_SAY, engagement)
    _still_open(condition)
    condition.wished_on = None
    record("condition.date_kept", condition, by=by, at=at)


def _answers_the_other(condition: Condition, by: Actor) -> None:
    _still_open(condition)
    if condition.wished_on is None or condition.wished_side == by.side:
        raise Refusal(N_("The other side agrees to a date that you have proposed."))


def _move(condition: Condition, by: Actor, at: datetime) -> None:
    assert condition.wished_on
    was, condition.due_on, condition.wished_on = condition.due_on, condition.wished_on, None
    days = {"was": was.isoformat(), "day": condition.due_on.isoformat()}
    record("condition.date_moved", condition, by=by, at=at, **days)


def offer_help(
    engagement: Engagement, condition: Condition, offer: str, owner_id: int | None, *, by: Actor,
    at: datetime,
) -> None:  # fmt: skip
    """What the municipality does to help, and who of the case team sees to it."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    _still_open(condition)
    condition.offer, condition.owner_id = offer, owner_id
    record("condition.offered", condition, by=by, at=at)
