"""What each publisher's file says: organisations come out with all their names, people never do."""

from pathlib import Path

import pytest

from partners.ground.refusals import Refusal
from partners.lists.known import lists_of
from partners.lists.readers import read
from partners.lists.rules import PARTS, Entry, refuse_what_shrank
from partners.policy.shapes import PolicyError

FILES = Path(__file__).parents[1] / "files" / "lists"
REAL = Path(__file__).parents[3] / "shared" / "data" / "lists"
OFAC = [f"ofac_{part}.csv" for part in ("sdn", "alt", "add")]
CYRILLIC = "Квартердек Фрейт"


def entries(kind: str, *names: str, folder: Path = FILES) -> list[Entry]:
    return list(read(kind, [folder / name for name in names]))


@pytest.mark.parametrize(
    ("kind", "names", "keys", "first"),
    [
        ("eu", ["eu.xml"], ["EU.1.1", "EU.3.3"],
         ("Quarterdeck Freight and Forwarding Ltd", CYRILLIC)),
        ("uk", ["uk.xml"], ["INV0001"],
         ("QUARTERDECK FREIGHT & FORWARDING", "QFF Logistics", CYRILLIC)),
        ("un", ["un.xml"], ["1"],
         ("Velvet Anchor Trading Group", "Вельвет Анкор", "Velvet Traders of the Anchor")),
        ("ofac", OFAC, ["1"],
         ("QUARTERDECK FREIGHT AND FORWARDING LTD.", "QFF", "OLD QUARTERDECK FREIGHT",
          "CUARTERDEC FREIGHT")),
        ("ftm", ["ftm.json"], ["inv-1"], ("Quarterdeck Freight", CYRILLIC)),
        ("csv", ["plain.csv"], ["A1", "A2"],
         ("Quarterdeck Freight", "QFF Logistics", "Old Quarterdeck")),
    ],
)  # fmt: skip
def test_organisations_are_read_with_every_name_and_people_and_ships_are_not(
    kind: str, names: list[str], keys: list[str], first: tuple[str, ...]
) -> None:
    found = entries(kind, *names)
    assert [entry.key for entry in found] == keys
    assert found[0].names == first
    assert "Nobody" not in str(found)


@pytest.mark.parametrize("kind", PARTS)
@pytest.mark.parametrize(
    "content",
    [
        b"<html><body>We will be back soon</body></html>",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        b"<export>&b;</export>",
        b'<export><sanctionEntity euReferenceNumber="1"><subjectType code="enterprise"/>',
        b'{"id": "1", "schema"', b"id;name\n1;Choir\n", b"\x00\x00\x00", b"\xff\xfe<\x00e\x00",
        b'36,"CUT OFF',
    ],
)  # fmt: skip
def test_a_file_that_is_cut_off_or_something_else_is_refused_in_words(
    kind: str, content: bytes, tmp_path: Path
) -> None:
    paths = [tmp_path / part for part in PARTS[kind]]
    for path in paths:
        path.write_bytes(content)
    with pytest.raises(Refusal) as told:
        list(read(kind, paths))
    assert len(str(told.value)) > 30


@pytest.mark.parametrize(
    ("found", "before", "taken"),
    [(1, 0, True), (50, 100, True), (49, 100, False), (0, 0, False), (0, 100, False)],
)
def test_a_list_that_is_suddenly_tiny_is_refused(found: int, before: int, taken: bool) -> None:
    if taken:
        refuse_what_shrank(found, before, 0.5)
        return
    with pytest.raises(Refusal, match="last good version stays"):
        refuse_what_shrank(found, before, 0.5)


HALF = "smallest_share = 0.5\n[[list]]\nid = 'x'\nname = 'X'"
BROKEN = [
    "", "smallest_share = 2", HALF, f"{HALF}\nformat = 'word'",
    f"{HALF}\nformat = 'un'\ncolour = 'red'", f"{HALF}\nformat = 'ofac'\naddresses = ['y']",
]  # fmt: skip


@pytest.mark.parametrize("wrong", BROKEN)
def test_what_the_policy_owner_writes_wrongly_is_said(wrong: str, tmp_path: Path) -> None:
    (tmp_path / "lists.toml").write_text(wrong)
    with pytest.raises(PolicyError, match=r"lists\.toml: \w.*; \w"):
        lists_of(tmp_path)


@pytest.mark.skipif(not REAL.exists(), reason="the publishers' files are not beside this project")
@pytest.mark.parametrize(
    ("kind", "names", "bodies", "names_of_them"),
    [
        ("ofac", OFAC, 3673, 9807), ("un", ["un_consolidated.xml"], 273, 926),
        ("ftm", ["os_ftm_t1_entities.ftm.json"], 2, 14), ("ftm", ["os_ftm_zala.ftm.json"], 8, 178),
    ],
)  # fmt: skip
def test_the_real_files_are_read_to_their_end(
    kind: str, names: list[str], bodies: int, names_of_them: int
) -> None:
    found = entries(kind, *names, folder=REAL)
    assert (len(found), sum(len(e.names) for e in found)) == (bodies, names_of_them)
