"""`partners policy check FOLDER`, `policy result CASE.json` and `policy variant NAME FOLDER`."""

import argparse
import json
import os
import shutil
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from partners.assessment.rules.cases import (
    SPELLINGS,
    BadCase,
    read_case,
    shown,
    unlike_expected,
)
from partners.assessment.rules.reach import Case, result
from partners.ground.mending import Problem
from partners.lists.known import lists_of
from partners.policy import feeds
from partners.policy.load import fingerprint, load
from partners.policy.schema import read
from partners.policy.shapes import PolicyError
from partners.policy.values import Policy
from partners.policy.variants import FILE, FOLDER, applied, of_edition

RESULT_HELP = f"""\
CASE.json holds one case, or one case a line (JSON lines); - reads standard input.

  {{"level": "...", "band": "...", "triggers": ["..."], "answers": {{"ITEM": "ANSWER"}}}}

Instead of band: "money" (a number or "9999.99"; due within the window of the policy) and
"in_kind" (true or false). Triggers and answers may be left out.

Answers: {", ".join(SPELLINGS)}.
unmet is not_met; met_base is enhanced_missing: met, but the enhanced part is missing.
An item that is not mentioned is open, as it is for an organisation that nobody has asked yet.
With "*": "met" among the answers (or any other answer), it counts as that instead: the examples
of a policy are read with "*": "met".

Printed for each case: outcome, level, band, conditions, activity_limits, no_personal_data,
deciders, review_months (and open, for a registered contact); or outcome, open and hold where the
result is not determined, when nobody decides yet: deciders and review_months are null.

Exit: 0 all worked out, 1 the policy is broken, 2 a case cannot be read.
"""


def add_commands(subparsers: Any) -> None:
    """Announce `policy` and its three commands to the parser of `partners`."""
    policy = subparsers.add_parser("policy", help="check a policy; work out results under it")
    commands = policy.add_subparsers(required=True, metavar="COMMAND")
    own = Path(os.environ.get("PARTNERS_POLICY") or Path(__file__).parents[2] / "data")
    told = "read a policy folder, hold it against the house rules, work out its examples"
    checking = commands.add_parser("check", help=told)
    checking.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", default=own)
    checking.set_defaults(run=check)
    working = commands.add_parser(
        "result",
        help="work out what a case carries",
        description=RESULT_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    working.add_argument("case", metavar="CASE.json")
    working.add_argument("--folder", type=Path, default=own, help="default: PARTNERS_POLICY")
    working.set_defaults(run=work_out)
    varying = commands.add_parser("variant", help="write a policy folder from a starter variant")
    varying.add_argument("name", metavar="NAME", help="a folder in variants, such as denmark")
    varying.add_argument("folder", type=Path, metavar="FOLDER")
    varying.add_argument("--of", type=Path, default=own, help="default: PARTNERS_POLICY")
    varying.set_defaults(run=write_variant)


def check(chosen: argparse.Namespace) -> int:
    """Read the policy, hold it against the house rules, and work out its examples."""
    policy, _list = _policy(chosen.folder), feeds.sources(_base(chosen.folder))
    lists_of(_base(chosen.folder))
    if problems := [*unlike_expected(policy)]:
        raise PolicyError(problems)
    items = sum(not item.retired for item in policy.items.values())
    print(
        f"{chosen.folder}: in order. Edition {policy.version}: {items} items,"
        f" {len(policy.levels)} levels, {len(policy.bands)} bands, {len(policy.examples)} examples,"
        f" languages: {', '.join(sorted(policy.books))}."
    )
    return 0


def _base(folder: Path) -> Path:
    """A folder that holds only differences lies in `variants` of the policy that they are to."""
    return folder.resolve().parents[1] if (folder / FILE).is_file() else folder


def _policy(folder: Path) -> Policy:
    base = _base(folder)
    texts = load(base)[1] if base == folder else of_edition(applied(base, folder.resolve().name))
    return read(texts, fingerprint(texts))


def write_variant(chosen: argparse.Namespace) -> int:
    """Write the whole policy folder that a variant makes; that folder must not be there yet."""
    made, place = applied(chosen.of, chosen.name), chosen.folder
    if place.exists():
        raise PolicyError([Problem(str(place), "", "is there already", "name a new folder")])
    shutil.copytree(chosen.of, place, ignore=shutil.ignore_patterns(FOLDER))
    for name, text in made.items():
        (place / name).write_text(text, encoding="utf-8")
    print(f"{place}: the policy as {chosen.name} says it. Name it in PARTNERS_POLICY.")
    return 0


def work_out(chosen: argparse.Namespace) -> int:
    """Print what each case carries; all are read before the first is printed."""
    policy = _policy(chosen.folder)
    try:
        cases = _cases(policy, _text_of(chosen.case))
    except BadCase as bad:
        print(f"{chosen.case}: {bad}", file=sys.stderr)
        return 2
    for case in cases:
        print(json.dumps(shown(policy, result(policy, case)), ensure_ascii=False))
    return 0


def _text_of(name: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise BadCase(f"cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, ValueError):
        raise BadCase("is not UTF-8 text; save it as UTF-8") from None


def _cases(policy: Policy, text: str) -> list[Case]:
    """The whole text as one case, or else a case a line."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) < 2 or not lines[0][1].rstrip().endswith("}"):
        return [read_case(policy, _json(text))]
    cases: list[Case] = []
    for number, line in lines:
        try:
            cases.append(read_case(policy, _json(line)))
        except BadCase as bad:
            raise BadCase(f"line {number}: {bad}") from None
    return cases


def _json(text: str) -> object:
    try:
        return json.loads(
            text,
            parse_int=_number,
            parse_float=_number,
            parse_constant=_no_number,
            object_pairs_hook=_once,
        )
    except RecursionError:
        raise BadCase("is nested too deeply") from None
    except (ValueError, ArithmeticError) as error:
        raise BadCase(f"is not JSON ({error})") from None


def _number(literal: str) -> Decimal:
    if len(literal) > 40:
        raise BadCase("a number is too long")
    return Decimal(literal)


def _no_number(literal: str) -> None:
    raise BadCase(f"{literal} is not a number")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BadCase("a key appears twice")
    return found
