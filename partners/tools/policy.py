"""`partners policy check FOLDER` and `partners policy result CASE.json`."""

import argparse
import json
import os
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from partners.assessment.rules.answers import Answer
from partners.assessment.rules.deciders import deciders_of
from partners.assessment.rules.reach import Case, Result, result
from partners.assessment.rules.review import review_months
from partners.policy import feeds
from partners.policy.load import load
from partners.policy.schema import read
from partners.policy.shapes import PolicyError, Problem
from partners.policy.values import Outcome, Policy

MOST_MONEY = Decimal(10) ** 12
PLAIN = re.compile(r"[0-9]{1,15}(?:[.][0-9]{1,20})?\Z")
SPELLINGS: Mapping[str, Answer | None] = {
    **{str(answer): answer for answer in Answer},
    "unmet": Answer.NOT_MET,
    "met_base": Answer.ENHANCED_MISSING,
    "open": None,
}
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


class BadCase(Exception):
    """A case cannot be read; the text says why."""


def add_commands(subparsers: Any) -> None:
    """Announce `policy` and its two commands to the parser of `partners`."""
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


def check(chosen: argparse.Namespace) -> int:
    """Read the policy, hold it against the house rules, and work out its examples."""
    policy, _list = _policy(chosen.folder), feeds.sources(chosen.folder)
    if problems := [*_unlike_expected(policy)]:
        raise PolicyError(problems)
    items = sum(not item.retired for item in policy.items.values())
    print(
        f"{chosen.folder}: in order. Edition {policy.version}: {items} items,"
        f" {len(policy.levels)} levels, {len(policy.bands)} bands, {len(policy.examples)} examples,"
        f" languages: {', '.join(sorted(policy.books))}."
    )
    return 0


def _policy(folder: Path) -> Policy:
    version, texts = load(folder)
    return read(texts, version)


def _unlike_expected(policy: Policy) -> Iterator[Problem]:
    """The examples of the policy that do not come out as they say."""
    for example in policy.examples:
        answers = {"*": "met", **example.answers}
        given = {**example.request, "triggers": [*example.triggers], "answers": answers}
        try:
            found = shown(policy, result(policy, read_case(policy, given)))
        except BadCase as bad:
            yield Problem("examples.toml", example.case, str(bad), "mend the example")
            continue
        for key, wanted in example.expect.items():
            if found.get(key) != wanted:
                what = f"{key} is {found.get(key)!r}, not {wanted!r}"
                yield Problem("examples.toml", example.case, what, "mend the policy or the example")


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


def shown(policy: Policy, found: Result) -> dict[str, Any]:
    """A result in the keys of the policy's examples, with deciders and review months."""
    who = deciders_of(policy, found)
    after = {
        "deciders": who.to_dict() if who else None,
        "review_months": review_months(policy, found),
    }
    if found.outcome is Outcome.NOT_DETERMINED:
        return {"outcome": found.outcome, "open": [*found.open], "hold": [*found.hold], **after}
    return {
        "outcome": found.outcome,
        "level": found.level,
        "band": found.band,
        "conditions": [condition.item for condition in found.conditions],
        "activity_limits": [*found.activity_limits],
        "no_personal_data": found.no_personal_data,
        **({"open": [*found.open]} if found.outcome is Outcome.REGISTERED else {}),
        **after,
    }


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


def read_case(policy: Policy, given: Any) -> Case:
    """A case as JSON gives it. Raises BadCase with what is wrong."""
    row = _of(dict, given, "a case is an object in braces")
    known = ("level", "band", "money", "in_kind", "triggers", "answers")
    if unknown := [key for key in row if key not in known]:
        raise BadCase(f"{unknown[0]!r} is not known here; known are {', '.join(known)}")
    level = _one_of(policy.levels, row.get("level"), "level")
    if "band" in row and ("money" in row or "in_kind" in row):
        raise BadCase("give band, or money and in_kind, not both")
    band = row["band"] if "band" in row else _band(policy, row)
    triggers = _of(list, row.get("triggers", []), "triggers is not a list; write it in brackets")
    said = _of(dict, row.get("answers", {}), "answers is not an object; write it in braces")
    for item, answer in said.items():
        if item != "*" and item not in policy.items:
            raise BadCase(f"there is no item {_short(item)}")
        _one_of(SPELLINGS, answer, f"the answer to {_short(item)}")
    whole = {item: SPELLINGS[said.get(item, said.get("*", "open"))] for item in policy.items}
    return Case(
        level,
        _one_of(policy.bands, band, "band"),
        frozenset(_one_of(policy.triggers, one, "a trigger") for one in triggers),
        {item: answer for item, answer in whole.items() if answer is not None},
    )


def _of(kind: type, given: Any, otherwise: str) -> Any:
    if not isinstance(given, kind):
        raise BadCase(otherwise)
    return given


def _one_of(known: Collection[str], given: Any, what: str) -> str:
    if not isinstance(given, str) or given not in known:
        raise BadCase(f"{what} is {_short(given)}; write one of {', '.join(known)}")
    return given


def _short(value: object) -> str:
    return "missing" if value is None else repr(value)[:60]


def _band(policy: Policy, row: Mapping[str, Any]) -> str:
    if "money" not in row and "in_kind" not in row:
        raise BadCase("band is missing; give band, or money and in_kind")
    told = f"in_kind is {_short(row.get('in_kind'))}; write true or false"
    in_kind = _of(bool, row.get("in_kind", False), told)
    given = row.get("money", Decimal(0))
    money = Decimal(given) if isinstance(given, str) and PLAIN.match(given) else given
    if not isinstance(money, Decimal) or not 0 <= money <= MOST_MONEY:
        raise BadCase(f"money is {_short(given)}; write a number from 0 to {MOST_MONEY:,}")
    return policy.band_for(money, in_kind).id
