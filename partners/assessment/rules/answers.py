"""What an answer means (policy paper 2.7, "What an answer means")."""

import calendar
from datetime import date
from enum import StrEnum

from partners.policy.values import Effect, Item, Strength


class Answer(StrEnum):
    """How an item stands. An item without an answer, or with an expired one, is open."""

    MET = "met"
    ENHANCED_MISSING = "enhanced_missing"
    PARTLY = "partly"
    NOT_MET = "not_met"
    NOT_RELEVANT = "not_relevant"


def takes_partly(item: Item) -> bool:
    """Whether "partly" is offered; where it is not, it counts as not met."""
    whole_only = (Effect.HOLD, Effect.NO_DATA, Effect.STOP)
    return item.effect not in whole_only and not item.is_declaration


def takes_not_relevant(item: Item) -> bool:
    """Whether "not relevant" is offered; where it is not, it leaves the item open."""
    return item.trigger is None and item.effect in (Effect.NOTE, Effect.CONDITION, Effect.FUND)


def offered(item: Item, strength: Strength) -> tuple[Answer, ...]:
    """The answers that a form offers for `item` at this strength, best first."""
    offers = {
        Answer.MET: True,
        Answer.ENHANCED_MISSING: strength is Strength.ENHANCED,
        Answer.PARTLY: takes_partly(item),
        Answer.NOT_MET: True,
        Answer.NOT_RELEVANT: takes_not_relevant(item),
    }
    return tuple(answer for answer, offer in offers.items() if offer)


def counts_as(item: Item, given: Answer | None) -> Answer | None:
    """What a given answer counts as, whatever form it came through. None means open."""
    if given is Answer.PARTLY and not takes_partly(item):
        return Answer.NOT_MET
    if given is Answer.NOT_RELEVANT:
        return Answer.MET if takes_not_relevant(item) else None
    return given


def falls_short(answer: Answer | None, strength: Strength) -> bool:
    """Whether an answered item lacks something at this strength. An open item does not."""
    if answer is Answer.ENHANCED_MISSING:
        return strength is Strength.ENHANCED
    return answer in (Answer.PARTLY, Answer.NOT_MET)


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def expires_on(answered_on: date, valid_months: int) -> date:
    """The last day on which an answer counts; from the next day on the item is open again."""
    return months_after(answered_on, valid_months)


def is_current(answered_on: date, valid_months: int, today: date) -> bool:
    return today <= expires_on(answered_on, valid_months)
