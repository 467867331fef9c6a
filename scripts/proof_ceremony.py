"""People who read, sign, edit and withdraw in any order, and processes killed on every page.

    make proof PART=ceremony    300 interleavings; ten kills at each step, before and after its
                                commit; stops after nine minutes, and goes on later

Each part runs tests/signing/test_ceremony.py, and is written into `docs/proof/ceremony.json` as
soon as it is done.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import proof_moves as kept_proof
import proof_seal

FILE = kept_proof.OUT / "ceremony.json"
TESTS, KILLS, ORDERS = "test_ceremony", 10, 300
PARTS: dict[str, dict[str, Any]] = {
    **{f"killed on {page}": {"K": f"killed and {page}-", "CEREMONY_KILLS": str(KILLS)}
       for page in ("start", "read", "who", "sign")},
    "orders": {"K": "whatever_order", "INTERLEAVINGS": str(ORDERS)},
}  # fmt: skip


def main() -> bool:
    """Run what an earlier run on the same commit has not done yet."""
    began = time.monotonic()
    found = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    done = found.get("parts", {}) if found.get("commit") == kept_proof.commit() else {}
    for name, part in PARTS.items():
        if name in done or time.monotonic() - began > kept_proof.LIMIT:
            continue
        told = proof_seal.run(part, TESTS)
        if told is None:
            return False
        kills = sum(1 for figure in told if figure.startswith("killed"))
        done[name] = {"kills": kills} if kills else told
        print(f"{name}: {done[name]}", flush=True)
        kept_proof.write(summed(done), "ceremony")
    return len(done) == len(PARTS)


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
