"""What holds for the charter, whoever signs it."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from partners.ground.refusals import Refusal
from partners.ground.words import N_


class State(StrEnum):
    """Where an offer stands. "Not signed" is no state, and withdrawn is shown to nobody else.

    Renewed: a newer signature has taken its place. Suspended: the link rests, and there is a way
    back. A signature that has run out keeps its state; its date says so. Waiting: signed, where
    several sign one text and it is not in force yet; declined is nobody else's to know.
    """

    OFFERED = "offered"
    DISCUSSING = "discussing"
    OWN_PROPOSED = "own_proposed"
    SIGNED = "signed"
    OWN_ACCEPTED = "own_accepted"
    WITHDRAWN = "withdrawn"
    RENEWED = "renewed"
    SUSPENDED = "suspended"
    WAITING = "waiting"
    DECLINED = "declined"


OPEN = (State.OFFERED, State.DISCUSSING, State.OWN_PROPOSED)
HOLDS = (State.SIGNED, State.OWN_ACCEPTED)
NAMED = (State.WAITING, *HOLDS, State.SUSPENDED)  # whose name stands under a text of several
SEVERAL = 2  # as many are asked before a text of several is signed
SENSE = ("shared", "organisation")  # the parts whose sense own words have to meet
PLEDGE = "city"  # the part to which the municipality commits itself
OWN_PART = (PLEDGE, "shared")  # the parts that the municipality signs point by point


def points(text: str, parts: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The headings of the points in the `wanted` parts of a charter, such as "8. Freedom".

    `parts`: what each part holds, in the order of the text.
    """
    found = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return [
        line.removeprefix("### ")
        for holds, part in zip(parts, found, strict=False)
        if holds in wanted
        for line in part.split("\n\n")
        if line.startswith("### ")
    ]


def compared(old: str, new: str) -> list[tuple[str, str]]:
    """Where two texts differ, paragraph beside paragraph; "" where one has nothing."""
    was, now = old.split("\n\n"), new.split("\n\n")
    rows: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if kind != "equal":
            left, right = was[a:b], now[c:d]
            longer = max(len(left), len(right))
            left += [""] * (longer - len(left))
            right += [""] * (longer - len(right))
            rows += zip(left, right, strict=True)
    return rows


def heard(suspension: Mapping[str, Any], today: date) -> bool:
    """Whether the other side was heard: it has answered, or its time to answer is over."""
    over = date.fromisoformat(suspension["until"]) < today
    return bool(suspension.get("answer")) or over


def require_open(first: bool, last: date | None, today: date) -> None:
    """Where several sign: refuse a signature before the municipality's (`first`), and after the
    last day to sign.
    """
    if not first:
        raise Refusal(N_("The municipality signs this text first. You are told when it has."))
    if last and last < today:
        raise Refusal(N_("The last day to sign this has passed. Ask your contact for more time."))
