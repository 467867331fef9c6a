"""Policies with one fault each."""

from collections.abc import Mapping

from partners.ground.mending import Problem
from partners.policy.load import load
from partners.policy.schema import read
from partners.policy.shapes import PolicyError
from tests.assessment.rules.cases import TESTS

TEXTS: Mapping[str, str] = load(TESTS / "small_policy")[1]


def problems(texts: Mapping[str, str]) -> tuple[Problem, ...]:
    """What is wrong with a policy; nothing when it reads."""
    try:
        read(texts, "planted")
    except PolicyError as error:
        return error.problems
    return ()


def changed(file: str, old: str, new: str, item: str = "") -> dict[str, str]:
    """The small policy with `old` replaced once, in the row of `item` where one is named."""
    text = TEXTS[file]
    start = (
        text.index(
            f'id = "{item}"' if "toml" in file and not file.startswith("lang") else f"[item.{item}]"
        )
        if item
        else 0
    )
    assert old in text[start:], (file, item, old)
    return {**TEXTS, file: text[:start] + text[start:].replace(old, new, 1)}
