"""What makes a name under a text a signature."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from partners.ground.refusals import Refusal
from partners.signing.files import FileChanged, fingerprint, keep, kept
from partners.signing.rules import in_fours, require_own_name, require_statement, seat_of

TODAY = date(2026, 11, 20)


@dataclass
class Seat:
    role: str = "chair"
    person: str = "Grethe Lind"
    may_sign: bool = True
    together: bool = False
    until: date | None = None


@pytest.mark.parametrize(
    ("seat", "may"),
    [
        (Seat(), True),
        (Seat(person="GRETHE  LIND"), True),
        (Seat(person="Yusuf Demir"), False),
        (Seat(may_sign=False), False),
        (Seat(until=date(2026, 11, 21)), True),
        (Seat(until=TODAY), False),
        (Seat(person=""), True),
        (Seat(person="", role="treasurer"), False),
    ],
)
def test_who_may_sign_holds_a_living_seat_with_that_right(seat: Seat, may: bool) -> None:
    assert (seat_of("Grethe Lind", "Chair", [seat], TODAY) is seat) is may


def test_whoever_may_also_sign_alone_does() -> None:
    alone = Seat(role="treasurer")
    for seats in ([Seat(together=True), alone], [alone, Seat(together=True)]):
        assert seat_of("Grethe Lind", "Chair", seats, TODAY) is alone


def test_without_a_title_nobody_takes_an_unnamed_seat() -> None:
    assert seat_of("Grethe Lind", "", [Seat(person="")], TODAY) is None


@pytest.mark.parametrize("typed", ["Søren Łukasz", "soren lukasz", " Søren  Łukasz "])
def test_a_name_is_ones_own_whatever_its_accents_and_spaces(typed: str) -> None:
    require_own_name(typed, "Søren Łukasz")


@pytest.mark.parametrize("typed", ["", "Søren", "S. Łukasz", "Somebody Else"])
def test_another_name_is_no_signature(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        require_own_name(typed, "Søren Łukasz")
    assert refused.value.field == "name"


def test_without_the_statement_nothing_is_signed() -> None:
    with pytest.raises(Refusal):
        require_statement(False)


def test_a_fingerprint_is_compared_in_groups_of_four() -> None:
    groups = in_fours(fingerprint(b"paper")).split()
    assert ("".join(groups), len(groups)) == (fingerprint(b"paper"), 16)


def test_a_kept_file_is_what_its_name_says_or_is_not_shown(tmp_path: Path) -> None:
    name = keep(tmp_path, b"paper")
    assert keep(tmp_path, b"paper") == name
    assert kept(tmp_path, name) == b"paper"
    next(tmp_path.rglob(name)).write_bytes(b"another")
    with pytest.raises(FileChanged):
        kept(tmp_path, name)
    with pytest.raises(FileChanged):
        kept(tmp_path, fingerprint(b"never kept"))
