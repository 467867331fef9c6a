"""Random walks of many people through a round, against the model of the moves.

    make proof PART=moves     20 seeds of 5,000 steps; begins nothing new after
                              eight minutes, and goes on later

Writes `docs/proof/moves.json` after every seed: figures, date, machine and the commit tried.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
OUT = HOME / "docs" / "proof"
LIMIT = 8 * 60  # seconds after which nothing new is begun
SEEDS, STEPS, TOGETHER = 20, 5_000, 2


def commit() -> str:
    """The commit that is checked out, with a word where files differ from it."""
    head = _git("rev-parse", "HEAD")
    return head + (
        " and changes" if _git("status", "--porcelain", "--", "partners", "tests") else ""
    )


def _git(*words: str) -> str:
    done = subprocess.run(["git", "-C", HOME, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def kept() -> dict[str, Any]:
    """What an earlier run found on the same commit; nothing when it is another."""
    file = OUT / "moves.json"
    found = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return found if found.get("commit") == commit() else {}


def write(figures: dict[str, Any], part: str = "moves") -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    whole = {
        "part": part, "commit": commit(), "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()},"
                   f" Python {platform.python_version()}",
        **figures,
    }  # fmt: skip
    (OUT / f"{part}.json").write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n", "utf-8")


def moves() -> bool:
    """Random walks of many people over a round, against the model of the moves.

    Some seeds share a process, because starting one takes as long as half a seed; as many
    processes walk beside each other as there are cores.
    """
    began, seeds = time.monotonic(), dict(kept().get("seeds", {}))
    left = [seed for seed in range(SEEDS) if str(seed) not in seeds]
    with ThreadPoolExecutor(os.cpu_count()) as hands:
        walks = [hands.submit(_walked, some, began) for some in _together(left)]
        for walk in as_completed(walks):
            for told in walk.result():
                seeds[str(told["seed"])] = told
                print("seed {seed}: {steps} steps, {seconds} s".format(**told), flush=True)
                _moves_so_far(seeds)
    return len(seeds) == SEEDS


def _together(left: list[int]) -> list[list[int]]:
    """Seeds that follow each other, a few at a time."""
    some = [left[n : n + TOGETHER] for n in range(0, len(left), TOGETHER)]
    whole = (one[-1] - one[0] == len(one) - 1 for one in some)
    return [part for one, ok in zip(some, whole, strict=True) for part in ([one] if ok else
            [[seed] for seed in one])]  # fmt: skip


def _walked(seeds: list[int], began: float) -> list[dict[str, Any]]:
    """What these seeds told; nothing when it is too late to begin. Raises what went wrong."""
    if time.monotonic() - began > LIMIT:
        return []
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "MOVES_FIRST": str(seeds[0]), "MOVES_LAST": str(seeds[-1] + 1),
               "MOVES_STEPS": str(STEPS), "MOVES_OUT": folder, "PYTHONPATH": str(HOME)}  # fmt: skip
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider",
                   "--timeout", "0",  # a busy machine is no illegal move
                   "tests/assessment/test_moves_walk.py"]  # fmt: skip
        done = subprocess.run(command, cwd=HOME, env=env, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stdout[-4000:])
        found = [Path(folder, f"moves-{seed}.json") for seed in seeds]
        return [json.loads(file.read_text("utf-8")) for file in found]


def _moves_so_far(seeds: dict[str, Any]) -> None:
    total: Counter[str] = Counter()
    for told in seeds.values():
        total.update({k: n for k, n in told.items() if k not in ("seed", "seconds")})
    write({"seeds_done": len(seeds), "seeds_wanted": SEEDS, "illegal_moves": 0,
                    "total": dict(total), "seeds": seeds})  # fmt: skip


if __name__ == "__main__":
    sys.exit(not moves())
