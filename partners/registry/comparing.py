"""Many entries compared with the register and with each other, a few hundred at a time.

An entry is what `rows.read_row` made. What is found is a state and, as JSON, why: sentences with
their facts, and the organisation that is meant.
"""

import json
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import OSA
from sqlalchemy import select

from partners.ground.db import among, db
from partners.ground.words import N_
from partners.matching.names import near, tokens
from partners.registry.models import Name, NameKey, Organisation
from partners.registry.rules import IDENTIFIER

NEAR, KNOWN = "near", "known"
Found = dict[int, tuple[str, str]]


def _numbers(made: Any) -> dict[str, set[str]]:
    """The numbers of an entry by register."""
    found: dict[str, set[str]] = {}
    for kind, scheme, number, _folded in made["names"]:
        if kind == IDENTIFIER:
            found.setdefault(scheme, set()).add(number)
    return found


def told_apart(one: Any, other: Any) -> bool:
    """Whether one register knows two entries under different numbers: then they are two."""
    return apart(_numbers(one), _numbers(other))


def apart(one: dict[str, set[str]], other: dict[str, set[str]]) -> bool:
    """Whether one register knows these numbers as those of two."""
    return any(not one[scheme] & other[scheme] for scheme in one.keys() & other.keys())


def marks_of(made: Any) -> list[str]:
    """What two rows about the same organisation share: a number, or the words of the name."""
    numbers = [f"#{name[3]}" for name in made["names"] if name[0] == IDENTIFIER]
    return [*numbers, f"= {' '.join(sorted(made['names'][0][3].split()))}"]


def why(sentence: str, facts: dict[str, Any], **more: str) -> str:
    return json.dumps({"said": [[sentence, facts]], **more})


def compare(made: dict[int, Any], after: int = 0) -> Found:
    """Rows that are in the register already or may be; `after`: only later organisations count."""
    found = _by_number(made, after)
    rest = {number: entry for number, entry in made.items() if number not in found}
    return found | _by_name(rest, after)


def _by_number(made: dict[int, Any], after: int) -> Found:
    asked = [n[3] for entry in made.values() for n in entry["names"] if n[0] == IDENTIFIER]
    held: Any = db.session.execute(
        select(Name.folded, Organisation.id, Organisation.public_id, Organisation.name)
        .join(Organisation, Organisation.id == Name.organisation_id)
        .where(among(Name.folded, asked), Name.kind == IDENTIFIER, Organisation.id > after)
        .where(Organisation.left_at.is_(None))
    ).all() if asked else []  # fmt: skip
    theirs: dict[int, dict[str, set[str]]] = {}
    for owner, scheme, number in db.session.execute(
        select(Name.organisation_id, Name.scheme, Name.text)
        .where(Name.organisation_id.in_({row.id for row in held}), Name.kind == IDENTIFIER)
    ) if held else ():  # fmt: skip
        theirs.setdefault(owner, {}).setdefault(scheme, set()).add(number)
    holders = {row.folded: row for row in held}
    found: Found = {}
    for number, entry in made.items():
        for kind, scheme, told, folded in entry["names"]:
            row = holders.get(folded) if kind == IDENTIFIER else None
            if row is not None and found.get(number, ("",))[0] != KNOWN:
                two = apart(_numbers(entry), theirs[row.id])
                found[number] = (NEAR if two else KNOWN), why(
                    N_("the same number %(number)s"), {"number": f"{scheme}-{told}"},
                    ref=row.public_id, name=row.name)  # fmt: skip
    return found


def _by_name(made: dict[int, Any], after: int) -> Found:
    keys = {key for entry in made.values() for key in entry["near"]}
    sharing: dict[str, list[Any]] = {}
    for row in db.session.execute(
        select(NameKey.key, Name.text, Organisation.public_id, Organisation.name)
        .join(Name, Name.organisation_id == NameKey.organisation_id)
        .join(Organisation, Organisation.id == NameKey.organisation_id)
        .where(among(NameKey.key, keys), Name.kind != IDENTIFIER, Organisation.id > after)
    ) if keys else ():  # fmt: skip
        sharing.setdefault(row.key, []).append(row)
    found: Found = {}
    for number, entry in made.items():
        name = entry["card"]["name"]
        shared = sorted(sharing.keys() & entry["near"])
        close = {row.text: row for key in shared for row in sharing[key]
                 if key.startswith("~") or _may_be(name, row.text)}  # fmt: skip
        for text, differences in near(name, close)[:1] if close else ():
            said = [[d.sentence, d.facts] for d in differences]
            said = said or [[N_("the same name"), {}]]
            found[number] = NEAR, json.dumps(
                {"said": said, "ref": close[text].public_id, "name": close[text].name})  # fmt: skip
    return found


@lru_cache(20_000)
def _telling(name: str) -> frozenset[str]:
    return frozenset(tokens(name))


def _may_be(one: str, other: str) -> bool:
    """What two near names have at least: all words but one slip on one side. Quick, not exact."""
    own, their = _telling(one) - _telling(other), _telling(other) - _telling(one)
    if not own or not their:
        return True
    slip = any(OSA.distance(a, b, score_cutoff=1) <= 1 for a in own for b in their)
    return slip and min(len(own), len(their)) == 1
