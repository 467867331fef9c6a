"""Typed text, made the same everywhere: one visible text is one stored text, on both databases.

Pure. What can be mended silently is mended; what could hide or mean two things is asked back.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import cast
from urllib.parse import SplitResult, urlsplit, urlunsplit

from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol

from partners.ground.refusals import Refusal
from partners.ground.words import N_

# They show nothing, so two texts that look alike would differ: joiners, marks, fillers, selectors.
_INVISIBLE = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2060-\u2065"
    "\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_DAMAGED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff]")
_REFUSED = (
    (_DAMAGED, N_("Remove the unreadable character %(code)s after “%(before)s”.")),
    (_REORDERING,
     N_("Remove the hidden character %(code)s after “%(before)s”: it changes the order in "
        "which the text is shown.")),
)  # fmt: skip
_BREAK = re.compile("\r\n?|[\u2028\u2029]")
_SPACE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]")
_JOINERS = re.compile("[\u200c\u200d]+")
# Arabic, Syriac, Mandaic, Indic, Myanmar, Khmer and Mongolian spell words with joiners.
_JOINED = re.compile("[\u0620-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1820-\u18aa]")
# Unicode's stream-safe limit; longer runs of marks make normalising take quadratic time.
_MOST_MARKS = 30
_AMOUNT_DIGITS = 12
_YEARS = (1900, 2199)
_HOST = re.compile(r"(?=.{1,253}$)[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)*", re.I)
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def clean_text(raw: str, *, limit: int, lines: bool = False) -> str:
    """`raw` as it is stored: NFC, plain spaces, LF, trimmed; "" when nothing visible is left.

    A single line has its runs of spaces closed up. Characters without a picture are dropped; zero
    width joiners stay between letters that need them. Raises Refusal for control characters, lone
    surrogates, characters that reorder text on screen, and more than `limit` characters.
    """
    if raw.isascii() and raw.isprintable():  # by far most texts: there is nothing to look for
        text = raw.strip() if lines else " ".join(raw.split())
        _refuse_length(text, limit, limit)
        return text
    text = _BREAK.sub("\n", raw)
    for hidden, sentence in _REFUSED:
        if found := hidden.search(text):
            before = _unhidden(text[max(0, found.start() - 20) : found.start()])
            raise Refusal(sentence, code=f"U+{ord(found[0]):04X}", before=before)
    text = _SPACE.sub(" ", _JOINERS.sub(_keep_joiner, _INVISIBLE.sub("", text)))
    text = "\n".join(line.rstrip() for line in text.split("\n")).strip()
    if not lines:
        if found := re.search("[\n\t]", text):
            raise Refusal(N_("Write this on one line, without line breaks or tabs."))
        text = " ".join(text.split())
    elif "\t" in text:
        raise Refusal(N_("Replace the tabs in this text with spaces."))
    # First before normalising, because four characters at most become one.
    _refuse_length(text, limit * 4, limit)
    text = unicodedata.normalize("NFC", _few_marks(text))
    _refuse_length(text, limit, limit)
    return text


def _unhidden(text: str) -> str:
    return _REORDERING.sub("", _DAMAGED.sub("", text))


def _refuse_length(text: str, most: int, limit: int) -> None:
    if len(text) > most:
        raise Refusal(
            N_("Shorten this text: it has %(length)d characters, and at most %(limit)d fit."),
            length=len(text), limit=limit)  # fmt: skip


def _keep_joiner(found: re.Match[str]) -> str:
    start, end, text = found.start(), found.end(), found.string
    inside = start > 0 and end < len(text)
    return found[0][0] if inside and _joins(text[start - 1]) and _joins(text[end]) else ""


def _joins(letter: str) -> bool:
    return bool(_JOINED.fullmatch(letter)) and unicodedata.category(letter)[0] in "LM"


def _few_marks(text: str) -> str:
    if not text.isascii():
        for mark, run in groupby(text, key=lambda letter: unicodedata.combining(letter) > 0):
            if mark and sum(1 for _ in run) > _MOST_MARKS:
                raise Refusal(
                    N_("Remove the accents piled on one letter; at most %(most)d fit."),
                    most=_MOST_MARKS,
                )
    return text


def read_money(raw: str, *, language: str) -> Decimal:
    """An amount as `language` writes it, two decimals; Refusal when it could mean two amounts."""
    text = clean_text(raw, limit=40)
    if re.match(r"[-−]\s?[0-9]", text):
        raise Refusal(N_("An amount cannot be below zero."))
    point, group = get_decimal_symbol(language), get_group_symbol(language).replace("\xa0", " ")
    meant = _amount(text, point, group)
    other = _amount(text, *((",", ".") if point == "." else (".", ",")))
    if meant is not None and _decimals(meant) <= 2:
        if meant >= 10**_AMOUNT_DIGITS:
            raise Refusal(
                N_("Write an amount with at most %(most)d digits before the decimals."),
                most=_AMOUNT_DIGITS,
            )
        return meant.quantize(Decimal("0.01"))
    readings = [
        _written(value, language)
        for value in (meant, other)
        if value is not None and value < 10**_AMOUNT_DIGITS
    ]
    if len(readings) == 2:
        raise Refusal(
            N_("“%(raw)s” can mean %(one)s or %(other)s. Write the one you mean."),
            raw=text,
            one=readings[0],
            other=readings[1],
        )
    if meant is None and readings:
        raise Refusal(N_("If “%(raw)s” means %(one)s, write it so."), raw=text, one=readings[0])
    raise Refusal(
        N_("Write an amount in digits, with at most two decimals, such as %(example)s."),
        example=_written(Decimal("1250.5"), language),
    )


def _amount(text: str, point: str, group: str) -> Decimal | None:
    marks = rf"[{re.escape(group)} ]"
    shape = rf"([0-9]+|[0-9]{{1,3}}(?:{marks}[0-9]{{3}})+)(?:{re.escape(point)}([0-9]+))?"
    found = re.fullmatch(shape, text)
    return Decimal(f"{re.sub(marks, '', found[1])}.{found[2] or '0'}") if found else None


def _decimals(value: Decimal) -> int:
    return -int(value.as_tuple().exponent)


def _written(value: Decimal, language: str) -> str:
    return format_decimal(value, "#,##0.00###", language, decimal_quantization=False)


def read_date(day: str, month: str, year: str) -> date:
    """A date from three typed parts in ASCII digits, within the years that the register knows."""
    parts = [part.strip() for part in (day, month, year)]
    if not all(re.fullmatch("[0-9]{1,4}", part) for part in parts):
        raise Refusal(N_("Write day, month and year in digits, such as 20 11 2026."))
    number = [int(part) for part in parts]
    if not _YEARS[0] <= number[2] <= _YEARS[1]:
        raise Refusal(
            N_("Write the year in four digits, from %(first)d to %(last)d."),
            first=_YEARS[0],
            last=_YEARS[1],
        )
    try:
        return date(number[2], number[1], number[0])
    except ValueError:
        raise Refusal(
            N_("There is no day %(day)d in month %(month)d of %(year)d."),
            day=number[0],
            month=number[1],
            year=number[2],
        ) from None


def read_whole(raw: str, lo: int, hi: int) -> int:
    """A whole number in ASCII digits from `lo` to `hi`, both included."""
    text = raw.strip()
    if re.fullmatch("-?[0-9]{1,18}", text) and lo <= int(text) <= hi:
        return int(text)
    raise Refusal(N_("Write a whole number from %(lo)d to %(hi)d."), lo=lo, hi=hi)


def read_page(raw: str | None, cap: int = 100_000) -> int:
    """The page asked for, from 1 to `cap`; anything unreadable is page 1. Never refuses."""
    text = (raw or "").strip()[:40]
    return min(max(int(text), 1), cap) if re.fullmatch("-?[0-9]+", text) else 1


def read_url(raw: str) -> str:
    """A web address, http or https, without a name or password in it; https where none is said."""
    text = clean_text(raw, limit=2000)
    if not re.match(r"[A-Za-z][A-Za-z0-9+-]*:|[^/?#]*:", text) and "." in text.split("/")[0]:
        text = f"https://{text}"
    found = None if re.search(r"[\s\\<>\"`{}|^]", text) else _split(text)
    if found is None or found.scheme not in ("http", "https") or not _is_host(found.hostname or ""):
        raise Refusal(N_("Write a full web address, such as https://www.example.org."))
    if "@" in found.netloc:
        raise Refusal(N_("Remove the name or password before the @ in this web address."))
    return urlunsplit((found.scheme, found.netloc.lower(), *found[2:]))


def _split(text: str) -> SplitResult | None:
    try:
        found = urlsplit(text)
        return found if found.port != 0 else None
    except ValueError:
        return None


def _is_host(host: str) -> bool:
    try:
        return bool(_HOST.fullmatch(host)) and bool(host.encode("idna"))
    except UnicodeError:
        return False


def read_email(raw: str) -> str:
    """A mail address, the domain in small letters; display names and quoted parts are refused."""
    local, at, domain = clean_text(raw, limit=254).rpartition("@")
    if at and len(local) <= 64 and _LOCAL.fullmatch(local) and "." in domain and _is_host(domain):
        return f"{local}@{domain.lower()}"
    raise Refusal(N_("Write an e-mail address, such as name@example.org."))


def safe_filename(raw: str) -> str:
    """The last part of a path, cleaned, for display only; never used to open anything."""
    text = _unhidden(_INVISIBLE.sub("", raw[-1000:]))
    text = " ".join(re.split(r"[/\\]", text)[-1].split()).lstrip(". ")
    stem, dot, ending = unicodedata.normalize("NFC", text).rpartition(".")
    return (f"{stem[:100]}{dot}{ending[: 100 if not dot else 10]}").rstrip(". ") or "file"


def csv_line(cells: Iterable[object]) -> str:
    """One line of a table for spreadsheets: lists joined, nothing that starts a formula."""
    texts = ("; ".join(map(str, cast("list[object]", one))) if isinstance(one, list) else one
             for one in cells)  # fmt: skip
    out = io.StringIO()
    csv.writer(out).writerow(["" if one is None else csv_safe(str(one)) for one in texts])
    return out.getvalue()


def csv_safe(cell: str) -> str:
    """`cell` for a spreadsheet: what would start a formula gets an apostrophe, numbers do not."""
    start = _INVISIBLE.sub("", cell[:100]).lstrip(" \xa0\u3000")[:1]
    if start not in tuple("=+-@\t\r\n＝＋－＠﹦﹢﹣﹫−"):
        return cell
    return cell if re.fullmatch(r"-[0-9]+(?:[.,][0-9]+)*", cell) else f"'{cell}"
