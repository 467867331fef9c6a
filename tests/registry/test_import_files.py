"""Invented files, one for each trap that real lists have held: all tell of the same two."""

from pathlib import Path

import pytest

from tests.builders import House
from tests.conftest import only_sqlite
from tests.page import Page
from tests.registry.test_import import add, hand_in, names, read_all

LISTS = sorted((Path(__file__).parent.parent / "files" / "imports").iterdir())
CHOSEN = {
    "no-heading.csv": {"column_000": "name", "column_001": "number:"},
    "headings-twice.csv": {"column_001": "other_names"},
    "ragged.csv": {"column_002": "website"},
}


@only_sqlite
@pytest.mark.parametrize("file", LISTS, ids=lambda file: file.name)
def test_every_trap_of_a_list_is_read_as_a_person_would_read_it(house: House, file: Path) -> None:
    page = hand_in(Page(house.client("maja")), file.read_bytes(), file.name)
    add(read_all(page, **CHOSEN.get(file.name, {})))
    assert page.heading == "2 organisations were added"
    assert names() == ["Grønne Øer", "Café Fyrtårn"]
