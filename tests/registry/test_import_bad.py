"""Files that are not what they seem: a clear sentence, nothing half-written, no broken page."""

import gzip
import io
import json
import lzma

import pytest
from sqlalchemy import func, select

from partners.ground.db import db
from partners.registry import imports, reading
from partners.registry.models import Organisation
from tests.builders import House
from tests.page import Page
from tests.registry.test_import import add, counts, hand_in, names, read_all

REFUSED = {
    "no bytes": (b"", "This file is empty"),
    "blanks only": (b" \r\n\t\n", "This file is empty"),
    "a heading only": (b"name;district\n", "a heading and no rows"),
    "a paper": (b"%PDF-1.7\n%\xe2\xe3\n1 0 obj", "save it as CSV"),
    "a workbook": (b"PK\x03\x04\x14\x00\x06\x00", "save it as CSV"),
    "a program": (b"\x7fELF\x02\x01\x01" + b"\0" * 60, "save it as CSV"),
    "an open quotation mark": (b'name;x\n"Harbour Kitchen;1\nHill Choir;2\n', "quotation mark"),
    "text behind a quotation": (b'name;x\n"Harbour" Kitchen;1\n', "quotation mark"),
    "ten thousand columns": (b";".join([b"name"] * 10_000) + b"\nx;y\n", "at most 200"),
    "a list of objects": (b'[{"name": "Harbour Kitchen"}]', "one organisation a line"),
    "torn letters": ("name\nGrønne Øer\nŁódź\n".encode() + b"S\xf8\n", "letters in this file"),
    "neither of two alphabets": (b"name\nS\x81\x8d\n", "letters in this file"),
    "half a packed file": (lzma.compress(b"name\nHill Choir\n" * 99)[:40], "damaged"),
    "half another packed file": (gzip.compress(b"name\nHill Choir\n" * 99)[:20], "damaged"),
    "objects that are none": (b'{"name": \n{{{\n', "no rows"),
}


@pytest.mark.parametrize(("content", "said"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_read_is_answered_with_the_mend(
    house: House, content: bytes, said: str
) -> None:
    page = hand_in(Page(house.client("maja")), content)
    assert page.status == 422
    assert said in " ".join(page.troubles)
    assert list(imports.folder().iterdir()) == []


def test_a_small_file_that_unpacks_to_a_huge_one_is_not_unpacked(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 3_000_000)
    for bomb in (lzma.compress(b"0" * 9_000_000), gzip.compress(b"0" * 9_000_000)):
        page = hand_in(Page(house.client("maja")), bomb, "list.csv.xz")
        assert "Split this file" in page.troubles[0]
        assert list(imports.folder().iterdir()) == []


def test_more_rows_than_are_taken_at_once_are_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MOST_ROWS", 3)
    page = hand_in(Page(house.client("maja")), "name\n" + "Hill Choir\n" * 4)
    assert "at most 3 rows" in page.troubles[0]


def test_without_a_file_or_its_origin_the_form_says_what_is_missing(house: House) -> None:
    page = Page(house.client("maja")).post("/organisations/import", {"source": ""})
    assert page.status == 422
    assert len(page.troubles) == 2


BAD_ROWS = {
    "NUL": ("name;x\nHarbour\0Kitchen;1\n", "U+0000"),
    "reordering": ("name;x\nHarbour \u202eKitchen;1\n", "U+202E"),
    "a cell of a million": ("name;x\n" + "K" * 1_048_576 + ";1\n", "longer than 20000"),
    "too long a name": ("name;x\n" + "K" * 201 + ";1\n", "at most 200 fit"),
    "too few cells": ("name;x;y\nHarbour Kitchen;1\n", "2 cells and the heading 3"),
    "too many cells": ("name;x\nHarbour Kitchen;1;2\n", "3 cells and the heading 2"),
    "no name": ("name;x\n ;1\n", "Write the name"),
    "a name of nothing": ("name;x\n\u200b;1\n", "Write the name"),
    "a private page": ("name;website\nHill Choir;http://a:b@c.example\n", "name or password"),
    "no mailbox": ("name;email\nHill Choir;nobody\n", "e-mail address"),
    "an unknown kind": ("name;kind\nHill Choir;zzz\nTwo;zz\n", "none of our kinds"),
    "form and none": (
        "name;legal form;why\nHill Choir;association;small\n", "not both"),
    "a lone surrogate": ('{"name": "Hill \\ud800 Choir"}\n', "U+D800"),
    "not a number": ('{"name": NaN}\n{"name": "Hill Choir"}\n', "no whole object"),
    "a list": ('{"name": "Hill Choir"}\n["x"]\n', "no whole object"),
    "nested": ('{"name": "A"}\n{"name": ' + "[" * 90_000 + "]" * 90_000 + "}\n", "no whole"),
    "nested a little": ('{"name": "A"}\n{"name": ' + "[" * 20 + "]" * 20 + "}\n", "no whole"),
}  # fmt: skip
CHOSEN = {
    "an unknown kind": {"column_001": "kind"},
    "form and none": {"column_002": "not_registered_because"},
}


@pytest.mark.parametrize("trap", BAD_ROWS)
def test_a_row_that_cannot_be_read_is_told_with_its_reason_and_left_out(
    house: House, trap: str
) -> None:
    content, said = BAD_ROWS[trap]
    page = hand_in(Page(house.client("maja")), gzip.compress(content.encode()))
    read_all(page, **CHOSEN.get(trap, {}))
    assert counts(page)["Cannot be read"] >= 1, page.text
    page.click("Cannot be read")
    assert said in page.text
    file = page.client.get(page.path.split("?")[0] + "/rows.csv")
    assert said in file.get_data(as_text=True)
    assert names() == []


def test_headings_that_are_equal_or_empty_are_told_apart(house: House) -> None:
    page = hand_in(Page(house.client("maja")), "name;name;\nHill Choir;x;y\n")
    assert {"name", "name (2)", "Column 3"} <= {
        "".join(th.itertext()).strip() for th in page.all("//tbody//th")
    }


def test_a_file_without_headings_is_read_from_its_first_line(house: House) -> None:
    page = hand_in(Page(house.client("maja")), "Hill Choir;DK-CVR-12345607\nTwelve Oars;\n")
    read_all(page, column_000="name", column_001="number:")
    add(page)
    assert names() == ["Hill Choir", "Twelve Oars"]


def test_without_a_name_column_or_a_kind_nothing_is_read(house: House) -> None:
    page = hand_in(Page(house.client("maja")), "name;x\nHill Choir;1\n")
    page.send(usual="", press="Read all rows", status=422)
    assert "kind" in page.troubles[0]
    page.send(usual="association", column_000="", press="Read all rows", status=422)
    assert "name" in page.troubles[0]
    page.send(column_000="name", because="", press="Read all rows", status=422)
    assert "Write why" in page.troubles[0]
    page.send(column_001="number:XX-NO", press="Read all rows", status=422)


def test_words_that_must_not_be_held_are_refused_in_a_list_as_in_a_form(house: House) -> None:
    refused = ["Her CPR is 010190-1234.", "The imam was accused of extremism"]
    refused += ["The chair has a criminal record", "The contact person is Muslim"]
    told = (json.dumps({"name": f"Choir {n}", "purpose": text}) for n, text in enumerate(refused))
    page = read_all(hand_in(Page(house.client("maja")), "\n".join(told)))
    assert counts(page)["Cannot be read"] == len(refused) > 0


def test_a_report_about_many_rows_is_paged_and_strange_pages_are_the_first(house: House) -> None:
    content = "name\n" + "".join(f"Choir {n:03}\n" for n in range(120))
    page = read_all(hand_in(Page(house.client("maja")), content))
    path = page.path.split("?")[0]
    for query in ("page=-1", "page=zzz", "page=0", "show=zzz"):
        assert "Choir 000" in page.get(f"{path}?{query}").text
    assert "Choir 119" in page.get(f"{path}?show=new&page=3").text
    assert db.session.scalar(select(func.count()).select_from(Organisation)) == 0


def test_a_file_name_with_a_path_is_only_its_last_part(house: House) -> None:
    client = house.client("maja")
    page = Page(client).post(
        "/organisations/import",
        {"file": (io.BytesIO(b"name\nHill Choir\n"), "../../etc/x<b>.csv"), "source": "Havnby"},
        follow=True,
    )
    assert "x<b>.csv" in page.text
