"""The long proofs, in parts of at most ten minutes.

    python scripts/proof.py               every part
    python scripts/proof.py moves         one part; it goes on where it was stopped

Each part writes `docs/proof/<part>.json`: figures, date, machine and the commit that was tried.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
OUT = HOME / "docs" / "proof"
LIMIT = 9 * 60  # seconds after which nothing new is begun
SEEDS, STEPS = 20, 5_000


def commit() -> str:
    """The commit that is checked out, with a word where files differ from it."""
    head = _git("rev-parse", "HEAD")
    return head + (
        " and changes" if _git("status", "--porcelain", "--", "partners", "tests") else ""
    )


def _git(*words: str) -> str:
    done = subprocess.run(["git", "-C", HOME, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def kept(part: str) -> dict[str, Any]:
    """What an earlier run of this part found on the same commit; nothing when it is another."""
    file = OUT / f"{part}.json"
    found = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return found if found.get("commit") == commit() else {}


def write(part: str, figures: dict[str, Any]) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    whole = {
        "part": part, "commit": commit(), "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()},"
                   f" Python {platform.python_version()}",
        **figures,
    }  # fmt: skip
    (OUT / f"{part}.json").write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n", "utf-8")


def moves() -> bool:
    """Random walks of many people over a round, against the model of the moves; one seed a run."""
    began, seeds = time.monotonic(), dict(kept("moves").get("seeds", {}))
    for seed in range(SEEDS):
        if str(seed) in seeds or time.monotonic() - began > LIMIT:
            continue
        with tempfile.TemporaryDirectory() as folder:
            env = {**os.environ, "MOVES_FIRST": str(seed), "MOVES_LAST": str(seed + 1),
                   "MOVES_STEPS": str(STEPS), "MOVES_OUT": folder, "PYTHONPATH": str(HOME)}  # fmt: skip
            command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider",
                       "tests/assessment/test_moves_walk.py"]  # fmt: skip
            done = subprocess.run(command, cwd=HOME, env=env, capture_output=True, text=True)
            if done.returncode:
                print(done.stdout[-4000:], file=sys.stderr)
                return False
            seeds[str(seed)] = json.loads(Path(folder, f"moves-{seed}.json").read_text("utf-8"))
        print(f"seed {seed}: {seeds[str(seed)]['steps']} steps", flush=True)
        _moves_so_far(seeds)
    return len(seeds) == SEEDS


def _moves_so_far(seeds: dict[str, Any]) -> None:
    total: Counter[str] = Counter()
    for told in seeds.values():
        total.update({k: n for k, n in told.items() if k not in ("seed", "seconds")})
    write("moves", {"seeds_done": len(seeds), "seeds_wanted": SEEDS, "illegal_moves": 0,
                    "total": dict(total), "seeds": seeds})  # fmt: skip


def faults() -> bool:
    """Faults planted one by one in a copy of the house: does anybody notice?"""
    began = time.monotonic()
    command = [sys.executable, HOME / "scripts/plant_faults.py", *sys.argv[2:]]
    done = subprocess.run(command, capture_output=True, text=True)
    print(done.stdout)
    lines = done.stdout.splitlines()
    write("faults", {"noticed": lines[-1] if lines else "", "lines": lines[:-1],
                     "seconds": round(time.monotonic() - began)})  # fmt: skip
    return done.returncode == 0


PARTS: dict[str, Callable[[], bool]] = {"faults": faults, "moves": moves}


def main() -> int:
    wanted = sys.argv[1:2] or list(PARTS)
    if unknown := set(wanted) - set(PARTS):
        sys.exit(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return not all([PARTS[part]() for part in wanted])


if __name__ == "__main__":
    sys.exit(main())
