"""Numbers by which organisations are known, checked by the register that gives them out.

Pure but for one table, `data/identifiers.toml`; check digits come from python-stdnum.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType
from typing import Any

from partners.ground.refusals import Refusal
from partners.ground.text import clean_text
from partners.ground.words import N_

_TABLE = Path(__file__).parents[2] / "data" / "identifiers.toml"
_OTHER_SCHEME = re.compile(r"[A-Z]{2,3}-[A-Z0-9]+")
_OTHER_VALUE = re.compile(r"[0-9A-Z][0-9A-Z ./-]{0,39}")


@dataclass(frozen=True)
class Scheme:
    """One kind of number; the fields are explained in the table."""

    id: str
    name: str
    pattern: str
    example: str
    check: str = ""
    spaced: bool = False
    small: bool = False
    drop: Sequence[str] = ()
    begin: str = ""
    digits: int = 0


@cache
def schemes() -> MappingProxyType[str, Scheme]:
    """The known schemes by id, in the order of the table."""
    rows: list[dict[str, Any]] = tomllib.loads(_TABLE.read_text("utf-8"))["scheme"]
    return MappingProxyType({row["id"]: Scheme(**row) for row in rows})


def split_identifier(written: str) -> tuple[str, str]:
    """Scheme and number of "GB-CHC-1000000"; Refusal when it does not begin with a scheme."""
    text = clean_text(written, limit=120)
    beginnings = accumulate(text.upper().split("-")[:-1], "{}-{}".format)
    if known := [one for one in beginnings if one in schemes()]:
        return (scheme := known[-1]), text[len(scheme) + 1 :]
    if found := re.match(rf"({_OTHER_SCHEME.pattern})-(.+)", text, re.IGNORECASE):
        return found[1].upper(), found[2]
    raise Refusal(
        N_("Write the register before the number, such as %(example)s."), example="DK-CVR-12345607"
    )


def check_identifier(scheme: str, value: str) -> str:
    """The number as its register writes it; Refusal says what it should look like.

    Schemes that nobody taught us are taken as plain text in capital letters.
    """
    text = clean_text(value, limit=120)
    if text.upper().startswith(f"{scheme}-"):
        text = text[len(scheme) + 1 :]
    known = schemes().get(scheme)
    if known is None:
        number = text.upper()
        if _OTHER_SCHEME.fullmatch(scheme) and _OTHER_VALUE.fullmatch(number):
            return number
        raise Refusal(
            N_("Write the register as country and name, such as DK-CVR, and the number in "
               "letters and figures.")
        )  # fmt: skip
    number = _plain(text, known)
    if re.fullmatch(known.pattern, number) and _checked(known, number):
        return number
    raise Refusal(
        N_("“%(number)s” is not a number of %(register)s. Check each figure; it looks like "
           "%(example)s."),
        number=text[:40], register=known.name, example=known.example,
    )  # fmt: skip


def _plain(text: str, scheme: Scheme) -> str:
    if scheme.spaced:
        return text
    number = text.upper()
    for beginning in scheme.drop:
        number = number.removeprefix(beginning)
    number = re.sub(r"[ ./-]", "", number)
    number = scheme.begin + number.removeprefix(scheme.begin)
    if re.fullmatch("[0-9]{4,}", number):
        number = number.zfill(scheme.digits)
    return number.lower() if scheme.small else number


def _checked(scheme: Scheme, number: str) -> bool:
    return not scheme.check or import_module(f"stdnum.{scheme.check}").is_valid(number)
