"""A result told item by item, in plain words.

A sentence is a gettext id with its facts. The facts `level` and `band` are ids; whoever shows the
sentence puts the names of the policy in their place, and the name of the owner for `owner`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from partners.assessment.rules.answers import Answer, counts_as, falls_short
from partners.assessment.rules.reach import Case, Result
from partners.ground.words import N_
from partners.policy.values import Effect, Item, Policy, Strength

Said = tuple[str, Mapping[str, object]]

MET = N_("Done: nothing stands in the way.")
OPEN = N_("Not answered yet. The decision waits for it; nothing is lowered.")
OPEN_NOTE = N_("Not answered yet. Nothing depends on it.")
HOLDS = N_("The decision waits until this is done; nothing is lowered.")
CONDITION = N_("Supported with a condition, to be met within %(days)s days.")
ADDS = N_("Supported with a condition: only the additional part is missing, within %(days)s days.")
WAITS = N_("This activity waits until it is done. Talking about it and planning it go on.")
NO_DATA = N_("No information about people is shared until this is done.")
LOWERS = N_("While this is so, support reaches up to: %(level)s, %(band)s.")
POINT = N_("This is a point that the organisation is asked to answer before anything is decided.")
BESIDE = N_("This falls short, but does not limit the result.")
NOTED = N_("Noted; it never affects the result.")
OPTIONAL = N_("Not asked for at this level and support; it is shown without effect.")

ANSWER_IT = N_("Answer it.")
DO_IT = N_("Have it done.")
ADD_IT = N_("Add the part that is asked for at this level and support.")
WHOLLY = N_("Have the part that is missing done as well.")


@dataclass(frozen=True)
class Line:
    """One item: what was answered, what that means, and what would change it."""

    item: str
    strength: Strength
    answer: Answer | None
    means: Said
    change: Said | None
    limits: bool = False


def explain(policy: Policy, case: Case, result: Result) -> tuple[Line, ...]:
    """A line for every item that is asked, and for every optional one that falls short."""
    facts = frozenset(result.triggers)
    lines: list[Line] = []
    for item in policy.items.values():
        strength = policy.strength(item, case.level, case.band, facts)
        answer = counts_as(item, case.answers.get(item.id))
        shown_anyway = strength is Strength.OPTIONAL and falls_short(answer, strength)
        if strength >= Strength.REQUIRED or shown_anyway:
            means, limits = _means(item, strength, answer, result)
            change = _change(item, strength, answer)
            lines.append(Line(item.id, strength, answer, means, change, limits))
    return tuple(lines)


def _means(
    item: Item, strength: Strength, answer: Answer | None, result: Result
) -> tuple[Said, bool]:
    """What an item's answer means in this result, and whether it limits level or support."""
    if strength < Strength.REQUIRED:
        return (OPTIONAL, {}), False
    for reason in result.reasons:
        if reason.item == item.id and reason.lowers:
            reach = {"level": reason.level, "band": reason.band}
            return ((LOWERS, reach) if reason.level else (POINT, {})), True
    for condition in result.conditions:
        if condition.item == item.id:
            facts = {"days": condition.grace_days, "owner": condition.owner}
            return (ADDS if condition.enhanced_only else CONDITION, facts), False
    return (_plain(item, strength, answer, result), {}), False


def _plain(item: Item, strength: Strength, answer: Answer | None, result: Result) -> str:
    if item.id in result.activity_limits:
        return WAITS
    if item.effect is Effect.NO_DATA and (answer is None or falls_short(answer, strength)):
        return NO_DATA
    if answer is None:
        return OPEN if item.id in result.open else OPEN_NOTE
    if not falls_short(answer, strength):
        return MET
    if item.id in result.hold:
        return HOLDS
    return NOTED if item.effect is Effect.NOTE else BESIDE


def _change(item: Item, strength: Strength, answer: Answer | None) -> Said | None:
    if answer is None:
        return ANSWER_IT, {}
    if not falls_short(answer, strength):
        return None
    if answer is Answer.ENHANCED_MISSING:
        return ADD_IT, {"owner": item.enhanced_owner}
    return (WHOLLY if answer is Answer.PARTLY else DO_IT), {"owner": item.remedy_owner}
