"""What a value in a policy file may look like, and how its faults are told.

A shape takes a value as TOML gives it, and returns it as the house keeps it, or raises `Wrong`.
"""

import re
import tomllib
from collections.abc import Callable, Sequence
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, cast
from zoneinfo import available_timezones

from partners.ground.mending import Problem, not_toml, told

Shape = Callable[[object], object]
Row = dict[str, object]
# Shape, and whether the key has to be there.
Fields = dict[str, tuple[Shape, bool]]

ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}\Z")
UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


class PolicyError(Exception):
    """The policy cannot be used. `problems` names all that is wrong, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class Wrong(Exception):
    """A value does not fit. `what` completes the sentence `write …`."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def need(**shapes: Shape) -> Fields:
    return {key: (shape, True) for key, shape in shapes.items()}


def may(**shapes: Shape) -> Fields:
    return {key: (shape, False) for key, shape in shapes.items()}


def fitting(what: str, fits: Callable[[Any], object], made: Callable[[Any], object]) -> Shape:
    """The shape of what `fits`, kept as `made` of it; anything else is `what`."""

    def shape(value: object) -> object:
        if not fits(value):
            raise Wrong(what)
        return made(value)

    return shape


def _itself(value: object) -> object:
    return value


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not UNSEEN.search(value)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and ID.match(value) is not None


anything = _itself
text = fitting("one line of text", _is_text, str.strip)
name = fitting("an id: a letter, then letters, digits, - or _, at most 60", _is_name, _itself)
truth = fitting("true or false", lambda value: isinstance(value, bool), _itself)
money = fitting("a whole sum above 0", lambda sum: type(sum) is int and 0 < sum <= 10**12, Decimal)


zone = fitting(
    'a time zone such as "Europe/Copenhagen"',
    lambda value: isinstance(value, str) and value in available_timezones(),
    _itself,
)


def whole(low: int, high: int) -> Shape:
    what = told("a whole number from %(low)s to %(high)s", low=low, high=high)
    return fitting(what, lambda value: type(value) is int and low <= value <= high, _itself)


def only(wanted: str | bool) -> Shape:
    """A value that the house stands for and that no policy may change."""
    what = told("%(only)s", only=f'"{wanted}"' if isinstance(wanted, str) else str(wanted).lower())
    return fitting(what, lambda value: type(value) is type(wanted) and value == wanted, _itself)


def word(*allowed: str, made: Callable[[Any], object] = _itself) -> Shape:
    what = told("one of %(words)s", words=", ".join(f'"{one}"' for one in allowed))
    return fitting(what, lambda value: isinstance(value, str) and value in allowed, made)


def member(kind: type[StrEnum]) -> Shape:
    return word(*kind, made=kind)


def many(shape: Shape, least: int = 0, most: int = 200) -> Shape:
    def whole_list(value: object) -> tuple[object, ...]:
        rows = cast(list[object], value)
        if not isinstance(value, list) or not least <= len(rows) <= most:
            raise Wrong(told("a list of at least %(number)s", number=least))
        found = tuple(shape(one) for one in rows)
        if len(set(found)) < len(found) and shape is name:
            raise Wrong("a list without repetitions")
        return found

    return whole_list


def by_name(shape: Shape) -> Shape:
    def table(value: object) -> dict[str, object]:
        if not isinstance(value, dict):
            raise Wrong("a table in braces")
        return {str(name(key)): shape(one) for key, one in cast(Row, value).items()}

    return table


def read_rows(
    text: str, file: str, head: Fields, kind: str, fields: Fields
) -> tuple[Row, list[Row], list[Problem]]:
    """A file of a head and rows of one kind: both as the house keeps them, and what is wrong."""
    try:
        given: Row = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return {}, [], [Problem(file, "", not_toml(error), "mend that line")]
    rows = cast(list[object], given.pop(kind, []))
    top, problems = read_row(given, head, file, "")
    read = [read_row(row, fields, file, f"{kind} {n}") for n, row in enumerate(rows, 1)]
    problems += [problem for _row, wrong in read for problem in wrong]
    return top, [row for row, wrong in read if not wrong], problems


def read_row(row: object, fields: Fields, file: str, item: str) -> tuple[Row, list[Problem]]:
    """The row as the house keeps it, and what is wrong with it."""
    if not isinstance(row, dict):
        return {}, [Problem(file, item, "is not a table", "write it as a table")]
    found: Row = {}
    problems: list[Problem] = []
    given = cast(Row, row)
    for key in given.keys() - fields.keys():
        near = get_close_matches(key, fields, 1)
        mend = told("write %(key)s", key=near[0]) if near else "take it out"
        problems.append(Problem(file, item, told("'%(key)s' is not known here", key=key), mend))
    for key, (shape, needed) in fields.items():
        if key not in given:
            if needed:
                problems.append(Problem(file, item, told("%(key)s is missing", key=key), "add it"))
            continue
        try:
            found[key] = shape(given[key])
        except Wrong as wrong:
            what, mend = (
                told("%(key)s cannot be read", key=key),
                told("write %(what)s", what=wrong.what),
            )
            problems.append(Problem(file, item, what, mend))
    return found, sorted(problems, key=str)
