"""Everything bad in every field and every parameter of an address, on both databases.

    make proof PART=inputs-paper        the form of a paper's draft, the longest of all
    make proof PART=inputs-forms        every other form
    make proof PART=inputs-addresses    every parameter of every address, by everybody who opens it

Each begins nothing new after eight minutes, and goes on later. It runs tests/web/test_bad_input.py
in steps with nothing left out; a step is written into `docs/proof` as soon as it is done.
"""

import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import proof_seal

FORMS, ADDRESSES = "test_bad_input_is", "test_a_bad_address"
ROOMS = ("assessment.e or assessment.p or assessment.s", "assessment.", "charter.g or charter.s",
         "charter. or public.", "registry.", "desk. or relations. or reports. or portal.",
         "accounts. or editions. or lists.", "mou.")  # fmt: skip
SHARES = 8


def rooms(test: str) -> dict[str, dict[str, Any]]:
    """Steps that together have every page, and each only once."""
    said = [(some, "".join(f" and not ({other})" for other in ROOMS[:number]))
            for number, some in enumerate(ROOMS)]  # fmt: skip
    draft = " and not mou.draft" if test == FORMS else ""
    return {some: {"K": f"{test} and ({some}){less}{draft}", **ALL} for some, less in said}


ALL = {"BAD_INPUTS": "1000000"}
PARTS: dict[str, dict[str, dict[str, Any]]] = {
    "paper": {f"share {n}": {"K": f"{FORMS} and mou.draft", "BAD_SHARE": f"{n}/{SHARES}", **ALL}
              for n in range(SHARES)},
    "forms": rooms(FORMS),
    "addresses": rooms(ADDRESSES),
}  # fmt: skip


def main(wanted: str = "", *only: str) -> bool:
    """Try everything, or one part, as far as the time goes."""
    tests = "tests/web/test_bad_input.py"
    return all([
        proof_seal.go_on(f"inputs-{name}", PARTS[name], tests, partial(summed, name), together,
                         only)
        for name in ([wanted] if wanted else PARTS)
    ])  # fmt: skip


def together(told: dict[str, Any]) -> dict[str, Any]:
    """The numbers of all pages of a part."""
    total: Counter[str] = Counter()
    for figures in told.values():
        total.update(figures)
    return dict(total)


def summed(name: str, parts: dict[str, Any]) -> dict[str, Any]:
    """What was tried so far, and that nothing was wrong."""
    return {
        "parts_done": len(parts), "parts_wanted": len(PARTS[name]), **together(parts),
        "broken_pages": 0, "half_written": 0, "answers_that_differ": 0, "parts": parts,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(not main(*sys.argv[1:]))
