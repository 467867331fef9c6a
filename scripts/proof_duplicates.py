"""How well records of one organisation are found among others, on labelled names.

    python scripts/proof_duplicates.py [--data FOLDER]

Two sets: research bodies, each entered under two of its own names, as ROR lists them; and British
charities, one in five of them entered a second time with one slip. Names are halved by their hash:
the rules were looked at on one half, and the other was kept apart.
"""

import argparse
import json
import lzma
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from rapidfuzz import fuzz, utils  # noqa: E402

from partners.ground import clock  # noqa: E402
from partners.ground.db import db, public_id, writes  # noqa: E402
from partners.matching.names import fold  # noqa: E402
from partners.registry import pairs  # noqa: E402
from partners.registry.models import Name, NameKey, Organisation, Pair  # noqa: E402
from partners.registry.rules import keys_of  # noqa: E402
from partners.tools.database import migrate_up  # noqa: E402
from scripts import bench  # noqa: E402
from scripts.bench_rows import bulk  # noqa: E402
from scripts.proof_matching import half_of, ordinary_names  # noqa: E402

SEED, NEAR = 20261121, 85
Told = list[tuple[str, str, str]]  # who it is, a name, a place


def research(data: Path) -> Told:
    """Each body under its first name, and under another of its Latin names, in its country."""
    found: Told = []
    with lzma.open(data / "orgs" / "ror_dev.jsonl.xz", "rt", encoding="utf-8") as lines:
        for body in map(json.loads, lines):
            first = sorted(body["names"], key=lambda name: "display" not in name[2])
            names = [n for n, _l, kinds in first if "acronym" not in kinds and n[:1] < "\u0250"]
            found += [(body["id"], name, body["cc"]) for name in list(dict.fromkeys(names))[:2]]
    return found


def charities(data: Path) -> Told:
    """British charities, some of them twice: a letter less, or two letters swapped."""
    dice, found = random.Random(SEED), list[tuple[str, str, str]]()
    names = {n for group in ordinary_names(data).values() for n in group if re.search("[a-z]", n)}
    for number, name in enumerate(sorted(names)):
        found.append((str(number), name, ""))
        if number % 5 == 0 and len(name) > 8:
            at = dice.randrange(1, len(name) - 1)
            less = name[:at] + name[at + 1 :]
            swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
            found.append((str(number), dice.choice([less, swapped]), ""))
    return found


def enter(told: Told) -> None:
    """Into an empty register."""
    for table in (Pair, NameKey, Name, Organisation):
        db.session.execute(table.__table__.delete())
    every, now = list(enumerate(told, 1)), clock.now()
    bulk(Organisation, ({
        "id": n, "public_id": public_id(), "reference": f"O-20-{n:07}", "name": name,
        "sort_name": fold(name), "kind": "association", "legal_form": "x", "district": place,
        "registered_at": now, "registered_by": 1} for n, (_who, name, place) in every))  # fmt: skip
    bulk(Name, ({"organisation_id": n, "kind": "main", "scheme": "", "text": name,
                 "folded": fold(name)} for n, (_who, name, _place) in every))  # fmt: skip
    bulk(NameKey, ({"key": key, "organisation_id": n} for n, (_who, name, _p) in every
                   for key in sorted(keys_of([("main", "", name)]))))  # fmt: skip


def judged(told: Told) -> dict[str, Any]:
    """What is proposed of it, and how much of that is right."""
    enter(told)
    start, likely = time.process_time(), list[pairs.Likely]()
    shared = pairs.sharing()
    for part in range(0, len(shared), pairs.STEP):
        likely += pairs.weighed(shared[part : part + pairs.STEP])
    took = time.process_time() - start
    twins = list(_twins(told))
    near = {pair for pair in twins if _near(told, *pair)}
    proposed = {(one.one_id, one.other_id) for one in likely}
    here = {p for p in proposed if told[p[0] - 1][2] == told[p[1] - 1][2]}
    right, share = proposed & set(twins), lambda some, all_: len(some) / max(len(all_), 1)
    return {"records": len(told), "pairs": len(twins), "near": len(near), "proposed": len(proposed),
            "right": share(right, proposed), "here": share(here & set(twins), here),
            "found": share(right, twins), "found_near": share(right & near, near),
            "a_second": len(told) / took}  # fmt: skip


def _twins(told: Told) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    for number, (who, *_rest) in enumerate(told, 1):
        if first.setdefault(who, number) != number:
            yield first[who], number


def _near(told: Told, one: int, other: int) -> bool:
    names = told[one - 1][1], told[other - 1][1]
    return fuzz.token_sort_ratio(*names, processor=utils.default_process) >= NEAR


def table(found: dict[str, dict[str, Any]]) -> str:
    """The figures as a part of a page."""
    lines = [
        "## Records that may be one organisation\n",
        "Proposed over a whole register, for a person to look at; by name alone unless a place is"
        f" said. Near: the two names reach {NEAR} by RapidFuzz token_sort. Made by"
        " `make proof PART=duplicates`.\n",
        "| | records | labelled pairs | of them near | proposed | right | right, same place |"
        " found of near | found of all | records a second |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, at in found.items():
        lines += [f"| {name} | {at['records']:,} | {at['pairs']:,} | {at['near']:,} |"
                  f" {at['proposed']:,} | {at['right']:.3f} | {at['here']:.3f} |"
                  f" {at['found_near']:.3f} | {at['found']:.3f} |"
                  f" {at['a_second']:,.0f} |"]  # fmt: skip
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HOME.parent / "shared" / "data")
    data = parser.parse_args().data
    if not data.exists():
        print(f"skipped: the registers are not at {data}; name them with --data")
        return 0
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/proof.sqlite"
        app = bench.opened(url, folder)
        migrate_up(app)
        with app.app_context():
            writes.set(True)
            for name, told in (("research bodies", research(data)), ("charities", charities(data))):
                for half, words in enumerate(("looked at", "kept apart")):
                    found[f"{name}, {words}"] = judged([t for t in told if half_of(t[0]) == half])
    page = HOME / "docs" / "figures-matching.md"
    before = page.read_text().split("## Records that may be one organisation\n")[0]
    page.write_text(f"{before.rstrip()}\n\n{table(found)}")
    print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
