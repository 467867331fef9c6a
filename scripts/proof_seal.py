"""Sealed papers before tools that are not ours, changed in every way, cut off, and years later.

    make proof PART=seal    100 papers, 5,000 changed files, 1,000 changed records, 10 kills a
                            step; begins nothing new after eight minutes, and goes on later

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
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import proof_moves as kept_proof

HOME = kept_proof.HOME
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
    """Seal, change and check, as far as the time goes."""
    return go_on("seal", PARTS, "tests/signing/test_seal_proof.py", summed, only=sys.argv[1:])


def go_on(
    proof: str,
    parts: dict[str, dict[str, Any]],
    tests: str,
    whole: Callable[[dict[str, Any]], dict[str, Any]],
    figures: Callable[[dict[str, Any]], dict[str, Any]] = dict,
    only: Sequence[str] = (),
) -> bool:
    """Run what an earlier run on the same commit has not done yet, as many parts beside each other
    as there are cores; begin nothing new when the time is over. `only`: the parts that begin so.
    """
    began, file = time.monotonic(), kept_proof.OUT / f"{proof}.json"
    found = json.loads(file.read_text("utf-8")) if file.exists() else {}
    done = found.get("parts", {}) if found.get("commit") == kept_proof.commit() else {}
    wanted = [name for name in parts if name.startswith(tuple(only) or "")]

    def tried(name: str) -> dict[str, Any] | None:
        return {} if time.monotonic() - began > kept_proof.LIMIT else run(parts[name], tests)

    with ThreadPoolExecutor(os.cpu_count()) as hands:
        runs = {hands.submit(tried, name): name for name in wanted if name not in done}
        for one in as_completed(runs):
            if told := one.result():
                done[runs[one]] = figures(told)
                print(f"{runs[one]}: {done[runs[one]]}", flush=True)
                kept_proof.write(whole(done), proof)
    return bool(wanted) and all(name in done for name in wanted)


def run(part: dict[str, Any], tests: str) -> dict[str, Any] | None:
    """The figures of one part; None when a claim does not hold."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, **{k: v for k, v in part.items() if k != "K"}, "SEAL_OUT": folder,
               "CI": "1", "PYTHONPATH": str(HOME)}  # fmt: skip
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider",
                   "--timeout=900", "-k", part["K"], tests]  # fmt: skip
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
