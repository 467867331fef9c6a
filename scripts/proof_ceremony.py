"""People who read, sign, edit and withdraw in any order, and processes killed on every page.

    make proof PART=ceremony    300 interleavings; ten kills at each step, before and after its
                                commit, on both databases; begins nothing new after eight minutes,
                                and goes on later; ARGS=kills-sqlite, kills-postgresql or orders
                                tries one of these alone

Each part runs tests/signing/test_ceremony.py, and is written into `docs/proof/ceremony.json` as
soon as it is done.
"""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import proof_seal

KILLS, ORDERS = 10, 300
PARTS: dict[str, dict[str, Any]] = {
    **{f"kills-{database} on {page}": {"K": f"killed and {page}- and {database}",
                                       "CEREMONY_KILLS": str(KILLS)}
       for database in ("sqlite", "postgresql")
       for page in ("start", "read", "value-8", "who", "sign")},
    "orders": {"K": "whatever_order", "INTERLEAVINGS": str(ORDERS)},
}  # fmt: skip


def main() -> bool:
    """Kill and mix, as far as the time goes."""
    return proof_seal.go_on("ceremony", PARTS, "tests/signing/test_ceremony.py", summed, counted,
                            only=sys.argv[1:])  # fmt: skip


def counted(told: dict[str, Any]) -> dict[str, Any]:
    """Kills as a number."""
    kills = sum(name.startswith("killed") for name in told)
    return {"kills": kills} if kills else told


def summed(parts: dict[str, Any]) -> dict[str, Any]:
    """What was tried so far, and that nothing was wrong."""
    return {
        "parts_done": len(parts), "parts_wanted": len(PARTS),
        "kills": sum(told.get("kills", 0) for told in parts.values()),
        "lost_or_double_signatures": 0, "signatures_over_another_text": 0,
        "interleavings": parts.get("orders", {}).get("interleavings", 0), "parts": parts,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(not main())
