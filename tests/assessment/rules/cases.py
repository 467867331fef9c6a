"""Policies and cases for these tests: the real policy, a small one, and random cases."""

import random
from dataclasses import replace
from functools import cache
from pathlib import Path

from partners.assessment.rules.answers import Answer
from partners.assessment.rules.reach import Case, Result, result
from partners.policy.load import load
from partners.policy.schema import read
from partners.policy.values import Effect, Party, Policy

TESTS = Path(__file__).parents[2]
SPELT = {"unmet": "not_met", "met_base": "enhanced_missing"}


@cache
def policy_in(folder: Path) -> Policy:
    version, texts = load(folder)
    return read(texts, version)


def real() -> Policy:
    return policy_in(TESTS.parent / "data")


def small() -> Policy:
    return policy_in(TESTS / "small_policy")


def case(policy: Policy, level: str, band: str, triggers=(), rest="met", **answers: str) -> Case:
    """A case in which every item that is not named is answered with `rest`."""
    given = {item: answers.get(item.replace("-", "_"), rest) for item in policy.items}
    known = {k: Answer(SPELT.get(v, v)) for k, v in given.items() if v != "open"}
    return Case(level, band, frozenset(triggers), known)


def found(policy: Policy, *asked, **answers) -> Result:
    return result(policy, case(policy, *asked, **answers))


def plain(found: Result) -> dict:
    """A result in the keys of the second reading."""
    if found.outcome == "not_determined":
        return {"outcome": "not_determined", "open": sorted(found.open), "hold": sorted(found.hold)}
    return {
        "outcome": str(found.outcome),
        "level": found.level,
        "band": found.band,
        "conditions": sorted(c.item for c in found.conditions),
        "activity_limits": sorted(found.activity_limits),
        "no_personal_data": found.no_personal_data,
        **({"open": sorted(found.open)} if found.outcome == "registered" else {}),
    }


def random_case(policy: Policy, draw: random.Random) -> Case:
    """Mostly met, and mostly nothing that holds, so that every outcome comes up often enough."""
    met = draw.choice([0.5, 0.8, 0.9, 0.97])
    may_wait = draw.random() < 0.4
    answers: dict[str, Answer | None] = {}
    for name, item in policy.items.items():
        others = [*Answer, None] if may_wait else list(Answer)
        done = draw.random() < met or (item.effect is Effect.HOLD and not may_wait)
        answers[name] = Answer.MET if done else draw.choice(others)
    top = draw.random() < 0.5
    return Case(
        list(policy.levels)[-1] if top else draw.choice(list(policy.levels)),
        draw.choice(list(policy.bands)),
        frozenset(t for t in policy.triggers if draw.random() < 0.3),
        {name: answer for name, answer in answers.items() if answer},
    )


def varied(policy: Policy, draw: random.Random) -> Policy:
    """A policy that differs in who owns what, within what the linter allows."""
    items = {
        name: replace(item, enhanced_owner=draw.choice(list(Party))) if item.lowers else item
        for name, item in policy.items.items()
    }
    return replace(policy, items=items)
