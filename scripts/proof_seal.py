"""Sealed papers before tools that are not ours, changed in every way, cut off, and years later.

    make proof PART=seal    100 papers, 5,000 changed files, 1,000 changed records, 10 kills a
                            step; stops after nine minutes, and goes on later

Each part runs tests/signing/test_seal_proof.py with its own seed and number, and is written into
`docs/proof/seal.json` as soon as it is done.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import proof_moves as kept_proof

HOME, LIMIT = kept_proof.HOME, kept_proof.LIMIT
FILE = HOME / "docs" / "proof" / "seal.json"
PARTS: dict[str, dict[str, Any]] = {
    **{f"papers {n}": {"K": "accepted", "SEAL_PAPERS": "25", "SEAL_SEED": str(n)}
       for n in range(4)},
    **{f"changed {n}": {"K": "taken_for", "SEAL_CHANGED": "1250", "SEAL_SEED": str(n)}
       for n in range(4)},
    "records": {"K": "record_of_evidence", "SEAL_RECORDS": "1000"},
    "years": {"K": "years_later or told_by"},
    "kills": {"K": "killed", "SEAL_KILLS": "10"},
}  # fmt: skip


def main() -> bool:
    """Run what an earlier run on the same commit has not done yet."""
    began = time.monotonic()
    found = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    done = found.get("parts", {}) if found.get("commit") == kept_proof.commit() else {}
    for name, part in PARTS.items():
        if name in done or time.monotonic() - began > LIMIT:
            continue
        figures = run(part)
        if figures is None:
            return False
        done[name] = figures
        print(f"{name}: {figures}", flush=True)
        kept_proof.write(summed(done), "seal")
    return len(done) == len(PARTS)


def run(part: dict[str, Any], tests: str = "test_seal_proof") -> dict[str, Any] | None:
    """The figures of one part; None when a claim does not hold."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, **{k: v for k, v in part.items() if k != "K"}, "SEAL_OUT": folder,
               "CI": "1", "PYTHONPATH": str(HOME)}  # fmt: skip
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider",
                   "--timeout=900", "-k", part["K"], f"tests/signing/{tests}.py"]  # fmt: skip
        ran = subprocess.run(command, cwd=HOME, env=env, capture_output=True, text=True)
        if ran.returncode:
            print(ran.stdout[-4000:], file=sys.stderr)
            return None
        return {p.stem: json.loads(p.read_text("utf-8")) for p in sorted(Path(folder).iterdir())}


def summed(parts: dict[str, Any]) -> dict[str, Any]:
    """What was tried so far, and that nothing was wrong."""
    changed: Counter[str] = Counter()
    for told in parts.values():
        changed.update(told.get("changed", {}))
    return {
        "parts_done": len(parts), "parts_wanted": len(PARTS),
        "papers": sum(told.get("papers", 0) for told in parts.values()),
        "changed_files": sum(changed.values()), "changed_by_class": dict(changed),
        "taken_for_the_sealed_one": 0, "parts": parts,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(not main())
