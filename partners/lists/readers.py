"""The files of each publisher, read piece by piece: organisations come out, people never do."""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.lists.rules import Entry

LONGEST, PIECE = 300, 1 << 16
_NOTHING = "-0-"
_WEAK = re.compile(r"\b[afn]\.k\.a\. '([^']+)'")  # OFAC writes weak names into the remarks
_COLUMNS = {"sdn": 12, "alt": 5, "add": 6}
_SCHEMAS = ("Organization", "Company", "PublicBody")
BROKEN = N_("Line %(line)s of this file cannot be read. Fetch the file once more and load it anew.")
OTHER = N_("This is another kind of file. Choose the file that the publisher names %(kind)s.")


def read(kind: str, paths: Sequence[Path]) -> Iterator[Entry]:
    """The organisations in the files of a list of this kind. Raises Refusal for broken files."""
    for entry in READERS[kind](paths):
        names = tuple(dict.fromkeys(filter(None, map(_clean, entry.names))))
        if names:
            yield Entry(entry.key[:80], names, _clean(entry.country))


def _clean(text: str) -> str:
    """One line without what cannot be shown: nobody here typed it, so nobody can be asked."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:LONGEST]


def _csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    # Older files hold letters of Western Europe in one byte; nothing in UTF-8 fits that by chance.
    whole = path.read_bytes()[: 1 << 20]
    encoding = "utf-8-sig" if _is_utf8(whole) else "cp1252"
    with path.open(encoding=encoding, errors="replace", newline="") as lines:
        rows = csv.reader(lines)
        try:
            yield from ((rows.line_num, row) for row in rows if any(map(str.strip, row)))
        except csv.Error as error:
            raise Refusal(BROKEN, line=rows.line_num) from error


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(content) - 4  # the piece ends within a letter
    return True


def _ofac_rows(path: Path, part: str) -> Iterator[list[str]]:
    for line, row in _csv_rows(path):
        if row == ["\x1a"]:  # the mark of the end that old programs write
            return
        if len(row) != _COLUMNS[part] or not row[0].strip().isdecimal():
            raise Refusal(BROKEN, line=line) if line > 1 else Refusal(OTHER, kind=f"{part}.csv")
        yield ["" if cell.strip() == _NOTHING else cell.strip() for cell in row]


def _ofac(paths: Sequence[Path]) -> Iterator[Entry]:
    sdn, alt, add = paths
    # Whoever is a person, a ship or an aircraft says so in the third column.
    found = {row[0]: [row[1], *_WEAK.findall(row[11])] for row in _ofac_rows(sdn, "sdn")
             if not row[2]}  # fmt: skip
    for row in _ofac_rows(alt, "alt"):
        if row[0] in found:
            found[row[0]].append(row[3])
    countries = {row[0]: row[4] for row in _ofac_rows(add, "add") if row[4]}
    for key, names in found.items():
        yield Entry(key, tuple(names), countries.get(key, ""))


class _Records:
    """Elements of one kind from an XML file, as expat tells of them; nothing else is held."""

    def __init__(self, root: str, tag: str) -> None:
        self.root, self.tag, self.made = root, tag, list[Element]()
        self.builder: TreeBuilder | None = None
        self.depth = self.inside = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.begin, self.end
        self.parser.CharacterDataHandler = self.text
        # Entities are how a small file becomes a large one; no publisher needs them.
        self.parser.StartDoctypeDeclHandler = self.parser.EntityDeclHandler = self.declares

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        name = name.rpartition(":")[2]
        if self.depth == 1 and name != self.root:
            raise Refusal(OTHER, kind=f"<{self.root}>")
        if self.builder is None and name == self.tag:
            self.builder, self.inside = TreeBuilder(), self.depth
        if self.builder is not None:
            self.builder.start(name, attributes)

    def end(self, name: str) -> None:
        if self.builder is not None:
            self.builder.end(name.rpartition(":")[2])
            if self.depth == self.inside:
                self.made.append(self.builder.close())
                self.builder = None
        self.depth -= 1

    def text(self, letters: str) -> None:
        if self.builder is not None:
            self.builder.data(letters)

    def declares(self, *_what: Any) -> None:
        raise Refusal(N_("This file declares entities of its own, which no publisher does."))


def _records(path: Path, root: str, tag: str) -> Iterator[Element]:
    """Every element `tag` of an XML file, one at a time."""
    reading = _Records(root, tag)
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                reading.parser.Parse(piece)
                yield from reading.made
                reading.made.clear()
            reading.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Refusal(BROKEN, line=error.lineno) from error


def _texts(element: Element, path: str) -> list[str]:
    return [found.text or "" for found in element.iterfind(path)]


def _first(texts: Sequence[str]) -> str:
    return next(filter(None, texts), "")


def _un(paths: Sequence[Path]) -> Iterator[Entry]:
    for one in _records(paths[0], "CONSOLIDATED_LIST", "ENTITY"):
        ways = ("FIRST_NAME", "NAME_ORIGINAL_SCRIPT", "ENTITY_ALIAS/ALIAS_NAME")
        names = [name for way in ways for name in _texts(one, way)]
        country = _first(_texts(one, "ENTITY_ADDRESS/COUNTRY"))
        yield Entry(_first(_texts(one, "DATAID")), tuple(names), country)


def _eu(paths: Sequence[Path]) -> Iterator[Entry]:
    for one in _records(paths[0], "export", "sanctionEntity"):
        kind = one.find("subjectType")
        if kind is not None and kind.get("code") == "enterprise":
            names = tuple(alias.get("wholeName", "") for alias in one.iterfind("nameAlias"))
            where = [a.get("countryDescription", "") for a in one.iterfind("address")]
            yield Entry(one.get("euReferenceNumber") or one.get("logicalId", ""), names,
                        _first(where))  # fmt: skip


def _uk(paths: Sequence[Path]) -> Iterator[Entry]:
    for one in _records(paths[0], "Designations", "Designation"):
        if _first(_texts(one, "IndividualEntityShip")).strip().casefold() == "entity":
            ways = ("Names/Name/Name6", "NonLatinNames/NonLatinName/NameNonLatinScript")
            names = [name for way in ways for name in _texts(one, way)]
            where = _first(_texts(one, "Addresses/Address/AddressCountry"))
            yield Entry(_first(_texts(one, "UniqueID")), tuple(names), where)


def _ftm(paths: Sequence[Path]) -> Iterator[Entry]:
    with paths[0].open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                one = json.loads(line)
                schema, given = one["schema"], one.get("properties", {})
                names = [str(n) for way in ("name", "alias", "weakAlias", "previousName")
                         for n in given.get(way, ())]  # fmt: skip
                made = Entry(str(one["id"]), tuple(names), _first(given.get("country", ())))
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
                raise Refusal(BROKEN, line=number) from error
            # What only stands beside somebody who is listed is no target.
            if schema in _SCHEMAS and one.get("target") is not False:
                yield made


def _plain_csv(paths: Sequence[Path]) -> Iterator[Entry]:
    rows = _csv_rows(paths[0])
    head = [cell.strip().casefold() for cell in next(rows, (0, []))[1]]
    if not {"id", "name"} <= set(head):
        raise Refusal(N_("The first line must name the columns: id, name, other_names, country."))
    for line, row in rows:
        if len(row) != len(head):
            raise Refusal(BROKEN, line=line)
        cells = defaultdict[str, str](str, zip(head, row, strict=True))
        names = (cells["name"], *cells["other_names"].split(";"))
        yield Entry(cells["id"].strip(), names, cells["country"])


READERS: dict[str, Callable[[Sequence[Path]], Iterator[Entry]]] = {
    "ofac": _ofac, "un": _un, "eu": _eu, "uk": _uk, "ftm": _ftm, "csv": _plain_csv,
}  # fmt: skip
