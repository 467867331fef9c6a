"""Reading a file that somebody hands in: what it is, how it is written, its rows one by one.

Nothing is guessed away: a file that could be read in two ways is asked back, and a row that cannot
be read comes as the Refusal that says why.
"""

import csv
import gzip
import io
import json
import lzma
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from partners.ground.refusals import Refusal
from partners.ground.words import N_

MOST_BYTES = 100 * 1024 * 1024
MOST_COLUMNS = 200
_LONGEST_LINE = 2 * 1024 * 1024
_DEEPEST = 12
_XZ, _GZ, _PIECE = b"\xfd7zXZ\0", b"\x1f\x8b", 1 << 20
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_OTHER_PROGRAMS = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_BROKEN = (lzma.LZMAError, zlib.error, EOFError, OSError)
DAMAGED = N_("Some letters in this file are damaged. Save it once more as CSV in UTF-8.")
csv.field_size_limit(_LONGEST_LINE)


@dataclass(frozen=True)
class Sheet:
    """How a file is written; `delimiter` is "" for JSON lines."""

    path: Path
    encoding: str
    delimiter: str


def unpack(upload: BinaryIO, target: Path) -> None:
    """Write what is in a plain, .gz or .xz file to `target`, at most `MOST_BYTES`."""
    size = 0
    try:
        with target.open("wb") as out:
            for piece in _pieces(upload):
                size += len(piece)
                if size > MOST_BYTES:
                    raise Refusal(N_("Split this file: unpacked it is larger than 100 MB."))
                out.write(piece)
    except _BROKEN as error:
        raise Refusal(N_("This packed file is damaged. Pack it again, or hand it in unpacked."),
                      field="file") from error  # fmt: skip


def _pieces(upload: BinaryIO) -> Iterator[bytes]:
    start = upload.read(8)
    upload.seek(0)
    if start.startswith(_XZ):
        return _unxz(upload)
    plain: Any = gzip.GzipFile(fileobj=upload) if start.startswith(_GZ) else upload
    return iter(partial(plain.read, _PIECE), b"")


def _unxz(upload: BinaryIO) -> Iterator[bytes]:
    # The module's own reader lets the file say how much memory it takes.
    decoder = lzma.LZMADecompressor(memlimit=128 * _PIECE)
    while not decoder.eof:
        packed = upload.read(_PIECE) if decoder.needs_input else b""
        if decoder.needs_input and not packed:
            raise EOFError
        yield decoder.decompress(packed, _PIECE)


def look(path: Path) -> Sheet:
    """How the file is written, found by its content. Raises Refusal when it is no such file."""
    with path.open("rb") as file:
        start = file.read(8192)
    if not start.strip(b" \t\r\n\xef\xbb\xbf"):
        raise Refusal(N_("This file is empty. Choose the file again."), field="file")
    wide = start.startswith(_WIDE)
    if start.startswith(_OTHER_PROGRAMS) or (not wide and start.count(0) * 10 > len(start)):
        raise Refusal(
            N_("This is a document or program, not a table as text. Open it where it was made and"
               " save it as CSV."), field="file")  # fmt: skip
    encoding = "utf-16" if wide else _encoding(path)
    with path.open(encoding=encoding, newline="") as text:
        sample = text.read(65536)
    if sample.lstrip().startswith("["):
        raise Refusal(N_("Write one organisation a line, each between { and }, without a list"
                         " around them."), field="file")  # fmt: skip
    return Sheet(path, encoding, "" if sample.lstrip().startswith("{") else _delimiter(sample))


def _encoding(path: Path) -> str:
    if _fits(path, "utf-8-sig"):
        return "utf-8-sig"
    with path.open(encoding="utf-8", errors="replace", newline="") as text:
        signs = Counter(sign == "\ufffd" for piece in iter(partial(text.read, _PIECE), "")
                        for sign in piece if sign > "\x7f")  # fmt: skip
    # More whole letters than damaged ones: read as CP1252, all the whole ones would be spoilt.
    if signs[False] > signs[True] or not _fits(path, "cp1252"):
        raise Refusal(DAMAGED, field="file")
    return "cp1252"


def _fits(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as text:
            return all(True for _ in iter(partial(text.read, _PIECE), ""))
    except UnicodeError:
        return False


def _delimiter(sample: str) -> str:
    """The one that cuts most lines into equally many cells."""

    def evenness(delimiter: str) -> tuple[bool, float, int]:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        try:
            widths = Counter(len(row) for row in islice(reader, 50) if row)
        except csv.Error:
            return False, 0, 0
        width, times = max(widths.items(), key=lambda one: (one[1], one[0]), default=(0, 0))
        return width > 1, times / (widths.total() or 1), width

    return max(",;\t", key=evenness)


def rows(sheet: Sheet) -> Iterator[tuple[int, Any]]:
    """Every row that is not blank: its line in the file and its cells, or why it has none."""
    try:
        with sheet.path.open(encoding=sheet.encoding, newline="") as text:
            yield from _table(text, sheet.delimiter) if sheet.delimiter else _objects(text)
    except UnicodeError as error:
        raise Refusal(DAMAGED, field="file") from error


def _table(text: Any, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader, line = csv.reader(text, delimiter=delimiter, strict=True), 0
    try:
        for row in reader:
            start, line = line + 1, reader.line_num
            if start == 1 and len(row) <= 2 and row and row[0].lower().startswith("sep="):
                continue
            if len(row) > MOST_COLUMNS:
                raise Refusal(N_("Take columns out of this file: at most %(most)d are taken."),
                              most=MOST_COLUMNS, field="file")  # fmt: skip
            if any(cell.strip() for cell in row):
                yield start, row
    except csv.Error as error:
        raise Refusal(
            N_("From line %(line)d on, a quotation mark opens a cell and does not close it, or text"
               " follows the closing one. Mend that line."), line=line + 1, field="file",
        ) from error  # fmt: skip


def _objects(text: Any) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(iter(partial(text.readline, _LONGEST_LINE), ""), 1):
        if line.strip():
            yield number, _object(line)


def _object(line: str) -> Any:
    try:
        read = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return Refusal(N_("This line is no whole object between { and }."))
    if not isinstance(read, dict) or not _shallow(read, _DEEPEST):
        return Refusal(N_("This line is no whole object between { and }."))
    return read


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _shallow(value: Any, left: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left > 0 and all(_shallow(one, left - 1) for one in inner)


# A path leads to a value: keys of objects, places of a row as figures, and [key, word] for "those
# entries of a list in which `key` is `word`". Lists of objects or rows are walked through.

Path_ = tuple[Any, ...]


def pick(value: Any, path: Path_) -> list[str]:
    """The texts at the end of a path; [] where it leads nowhere."""
    if isinstance(value, list) and _is_list_of_rows(value):
        if path and not isinstance(path[0], str):
            key, word = path[0]
            value, path = [e for e in value if word in _said(pick(e, (key,)))], path[1:]
        return [text for entry in value for text in pick(entry, path)]
    if not path:
        plain = value if isinstance(value, list) else [value]
        return [str(one) for one in plain if one is not None and not isinstance(one, dict | list)]
    if isinstance(value, list):
        place = int(path[0]) if str(path[0]).isdecimal() else len(value)
        return pick(value[place], path[1:]) if place < len(value) else []
    return pick(value.get(path[0]), path[1:]) if isinstance(value, dict) else []


def _is_list_of_rows(value: list[Any]) -> bool:
    return bool(value) and all(isinstance(entry, list | dict) for entry in value)


def _said(texts: list[str]) -> set[str]:
    return {word for text in texts for word in re.split(r"[/,;| ]+", text)}


def paths(records: list[Any]) -> list[Path_]:
    """The paths to texts in these rows; where a few words sort the entries, one for each word."""
    found: dict[Path_, None] = {}
    words: dict[tuple[Path_, str], set[str]] = {}
    for record in records:
        for path, sorts in _walk(record, ()):
            found.setdefault(path)
            if sorts:
                words.setdefault((path[:-1], path[-1]), set()).update(_said(list(sorts)))
    few = {at: said for at, said in words.items() if _sort(said)}
    for (at, key), said in few.items():
        others = [k for (place, k) in words if place == at and (place, k) not in few]
        found |= dict.fromkeys((*at, (key, word), k) for word in sorted(said) for k in others)
    return list(found)[:MOST_COLUMNS]


def _sort(words: set[str]) -> bool:
    return len(words) <= 12 and all(re.fullmatch(r"[a-z_]{3,20}", word) for word in words)


def _walk(value: Any, at: Path_) -> Iterator[tuple[Path_, tuple[str, ...]]]:
    """Paths below a value; inside lists of rows each with its texts, by which they may sort."""
    if isinstance(value, list) and _is_list_of_rows(value):
        for entry in value:
            places = entry.items() if isinstance(entry, dict) else enumerate(entry)
            for key, inner in places:
                yield (*at, str(key)), tuple(pick(inner, ()))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(inner, (*at, key))
    else:
        yield at, ()
