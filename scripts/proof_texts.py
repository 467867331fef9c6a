"""Text shown, text hashed and text in the PDF, on random papers: `make proof PART=texts`.

    python scripts/proof_texts.py [--english 100] [--danish 100] [--arabic 20]

Reads the page with lxml, the PDF's structure tree with pikepdf, and content.json from under the
seal; all after NFC and with white space folded. Writes docs/proof/texts.json; ends with 1 where a
paper differs.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from partners.ground import clock  # noqa: E402
from partners.signing.keys import Keys, make  # noqa: E402
from tests.paper.texts import case, faults, page  # noqa: E402


def commit() -> str:
    """The commit that is checked out."""
    asked = ["git", "-C", str(HOME), "rev-parse", "HEAD"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def tried(language: str, count: int, keys: Keys) -> dict[str, Any]:
    """How `count` random papers came out: by kind, and what differs."""
    kinds, wrong, signs = Counter[str](), list[str](), 0
    for seed in range(count):
        one = case(seed, language)
        kinds[one.document.id] += 1
        signs += sum(map(len, map(str, one.facts.values())))
        wrong += [f"{seed}: {fault}" for fault in faults(one, page(), keys)]
    return {"papers": count, "kinds": dict(kinds), "signs_filled_in": signs, "wrong": wrong}


def main() -> int:
    """Try them all and write what came out."""
    asked = argparse.ArgumentParser(description=__doc__)
    for language, count in (("english", 100), ("danish", 100), ("arabic", 20)):
        asked.add_argument(f"--{language}", type=int, default=count)
    given, began = vars(asked.parse_args()), time.monotonic()
    codes = {"english": "en", "danish": "da", "arabic": "ar"}
    with tempfile.TemporaryDirectory() as folder:
        keys = Keys(Path(folder) / "keys")
        make(keys, "Havnby", at=clock.now())
        found = {code: tried(code, given[name], keys) for name, code in codes.items()}
    whole = {
        "part": "texts", "commit": commit(), "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()},"
                   f" Python {platform.python_version()}",
        "seconds": round(time.monotonic() - began, 1), **found,
    }  # fmt: skip
    file = HOME / "docs/proof/texts.json"
    file.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")
    wrong = [fault for row in found.values() for fault in row["wrong"]]
    print("\n".join(wrong) or f"{sum(given.values())} papers, no difference")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
