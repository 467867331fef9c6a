"""A case as JSON gives it, and what comes out of it; the examples of a policy, worked out."""

import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from partners.assessment.rules.answers import Answer
from partners.assessment.rules.deciders import deciders_of
from partners.assessment.rules.reach import Case, Result, result
from partners.assessment.rules.review import review_months
from partners.ground.mending import Problem, told
from partners.ground.words import N_
from partners.policy.values import Outcome, Policy

MOST_MONEY = Decimal(10) ** 12
PLAIN = re.compile(r"[0-9]{1,15}(?:[.][0-9]{1,20})?\Z")
SPELLINGS: Mapping[str, Answer | None] = {
    **{str(answer): answer for answer in Answer},
    "unmet": Answer.NOT_MET,
    "met_base": Answer.ENHANCED_MISSING,
    "open": None,
}


class BadCase(Exception):
    """A case cannot be read; the text says why."""


def unlike_expected(policy: Policy) -> Iterator[Problem]:
    """The examples of the policy that do not come out as they say."""
    for example in policy.examples:
        answers = {"*": "met", **example.answers}
        given = {**example.request, "triggers": [*example.triggers], "answers": answers}
        try:
            found = shown(policy, result(policy, read_case(policy, given)))
        except BadCase as bad:
            yield Problem("examples.toml", example.case, bad.args[0], "mend the example")
            continue
        for key, wanted in example.expect.items():
            if found.get(key) != wanted:
                what = told("%(key)s is %(now)s, not %(wanted)s", key=key, now=repr(found.get(key)),
                            wanted=repr(wanted))  # fmt: skip
                yield Problem("examples.toml", example.case, what, "mend the policy or the example")


def shown(policy: Policy, found: Result) -> dict[str, Any]:
    """A result in the keys of the policy's examples, with deciders and review months."""
    who = deciders_of(policy, found)
    after = {
        "deciders": who.to_dict() if who else None,
        "review_months": review_months(policy, found),
    }
    if found.outcome is Outcome.NOT_DETERMINED:
        return {"outcome": found.outcome, "open": [*found.open], "hold": [*found.hold], **after}
    return {
        "outcome": found.outcome,
        "level": found.level,
        "band": found.band,
        "conditions": [condition.item for condition in found.conditions],
        "activity_limits": [*found.activity_limits],
        "no_personal_data": found.no_personal_data,
        **({"open": [*found.open]} if found.outcome is Outcome.REGISTERED else {}),
        **after,
    }


def read_case(policy: Policy, given: Any) -> Case:
    """A case as JSON gives it. Raises BadCase with what is wrong."""
    row = _of(dict, given, N_("a case is an object in braces"))
    known = ("level", "band", "money", "in_kind", "triggers", "answers")
    if unknown := [key for key in row if key not in known]:
        raise BadCase(told("'%(key)s' is not known here", key=unknown[0]))
    level = _one_of(policy.levels, row.get("level"), "level")
    if "band" in row and ("money" in row or "in_kind" in row):
        raise BadCase(N_("give band, or money and in_kind, not both"))
    band = row["band"] if "band" in row else _band(policy, row)
    triggers = _of(
        list, row.get("triggers", []), N_("triggers is not a list; write it in brackets")
    )
    said = _of(dict, row.get("answers", {}), N_("answers is not an object; write it in braces"))
    for item, answer in said.items():
        if item != "*" and item not in policy.items:
            raise BadCase(told('there is no %(kind)s "%(name)s"', kind="item", name=item[:60]))
        _one_of(SPELLINGS, answer, item[:60])
    whole = {item: SPELLINGS[said.get(item, said.get("*", "open"))] for item in policy.items}
    return Case(
        level,
        _one_of(policy.bands, band, "band"),
        frozenset(_one_of(policy.triggers, one, "trigger") for one in triggers),
        {item: answer for item, answer in whole.items() if answer is not None},
    )


def _of(kind: type, given: Any, otherwise: str) -> Any:
    if not isinstance(given, kind):
        raise BadCase(otherwise)
    return given


def _one_of(known: Collection[str], given: Any, key: str) -> str:
    if given is None:
        raise BadCase(told("%(key)s is missing", key=key))
    if not isinstance(given, str) or given not in known:
        raise BadCase(told("%(key)s is %(now)s; write one of %(words)s", key=key,
                           now=_short(given), words=", ".join(known)))  # fmt: skip
    return given


def _short(value: object) -> str:
    return repr(value)[:60]


def _band(policy: Policy, row: Mapping[str, Any]) -> str:
    if "money" not in row and "in_kind" not in row:
        raise BadCase(N_("band is missing; give band, or money and in_kind"))
    in_kind = _of(bool, row.get("in_kind", False), N_("in_kind is true or false"))
    given = row.get("money", Decimal(0))
    money = Decimal(given) if isinstance(given, str) and PLAIN.match(given) else given
    if not isinstance(money, Decimal) or not 0 <= money <= MOST_MONEY:
        raise BadCase(told("money is %(now)s; write a number from 0 to %(most)s",
                           now=_short(given), most=f"{MOST_MONEY:,}"))  # fmt: skip
    return policy.band_for(money, in_kind).id
