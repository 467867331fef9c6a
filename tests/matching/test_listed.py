"""Names among the names on lists: found when they are alike, explained, and not found otherwise."""

import random
from itertools import product

import pytest

from partners.matching.explained import explain
from partners.matching.listed import Listed
from partners.matching.names import fold

LISTED = [
    "Quarterdeck Freight and Forwarding Ltd", "Velvet Anchor Trading Group",
    "AL-NOOR ISLAMIC CHARITABLE SOCIETY", "Society of Islamic Cooperation",
    "National Standards and Calibration Laboratory", "Интер Тобако", "AERO-MERIDIAN AIRLINES",
    "11th Harbour Brigade", "The Islamic Foundation", "CORP", "QFF", "Ministry of Ferries",
]  # fmt: skip
INDEX = Listed((name, name) for name in LISTED)


@pytest.mark.parametrize(
    ("asked", "found", "differs"),
    [
        ("quarterdeck freight & forwarding", 0, "legal form: only one has “Ltd”"),
        ("Forwarding and Freight Quarterdeck Ltd", 0, "the order of the words"),
        ("Quarterdek Freight and Forwarding", 0, "one letter: “Quarterdek” and “Quarterdeck”"),
        ("Quarter deck Freight and Forwarding", 0, ""),
        ("Velvet Anchor Trading", 1, "only the name on the list has “Group”"),
        ("Al-Noor Islamic Society", 2, "only the name on the list has “CHARITABLE”"),
        ("Inter Tobako", 5, "the alphabet: one was written over into the other"),
        ("Aeromeridian Airlines", 6, ""),
        ("Velvet Ancohr Tradnig Group", 1, "one letter: “Ancohr” and “Anchor”"),
        ("The Islamic Foundation", 8, ""),
    ],
)  # fmt: skip
def test_a_name_that_is_alike_is_found_and_what_differs_is_said(
    asked: str, found: int, differs: str
) -> None:
    assert [one.name for one in INDEX.look_up(asked)][:1] == [LISTED[found]]
    told = [str(one) for one in explain(asked, LISTED[found]).differences]
    assert differs in told or not differs, told


@pytest.mark.parametrize(
    "ordinary",
    [
        "Islamic Society of Boston", "Noor Kindergarten", "Islamic Cultural Foundation", "Corp",
        "12th Harbour Brigade", "Ferry Ministry Choir", "Anchor Baptist Church", "QFF", "Velvet",
        "National Society", "The Christian Foundation", "Harbour Kitchen", "", "— — —", "и",
    ],
)  # fmt: skip
def test_everyday_words_acronyms_and_numbers_that_differ_make_nothing_alike(ordinary: str) -> None:
    assert INDEX.look_up(ordinary) == []


def test_words_that_align_are_told_as_each_side_writes_them() -> None:
    told = explain("Al-Noor Islamic Society", LISTED[2])
    assert ("Islamic", "ISLAMIC") in told.same
    assert ("Society", "SOCIETY") in told.same


def _invented(rng: random.Random, number: int) -> list[str]:
    sounds = ["bar", "kel", "mon", "tir", "vash", "lor", "pen", "dru", "gath", "sol", "wim", "zek"]
    words = ["".join(parts) for parts in product(sounds, repeat=3)]
    kinds = [
        "Trading Company",
        "Islamic Society",
        "Christian Fellowship",
        "Sports Club",
        "Bank",
        "Cultural Association",
        "Shipping Ltd",
        "Foundation",
        "Jewish Centre",
        "Choir",
    ]
    return [f"{rng.choice(words)} {rng.choice(words)} {kinds[n % len(kinds)]}".title()
            for n in range(number)]  # fmt: skip


def test_two_slips_are_found_and_ordinary_names_of_no_kind_are_asked_about_more_than_seldom() -> (
    None
):
    rng = random.Random(20261120)
    names = _invented(rng, 3000)
    listed, ordinary = names[:1500], {fold(n): n for n in names[1500:]}
    index = Listed((name, name) for name in listed)
    letters = "abcdefghijklmnopqrstuvwxyz"
    found = 0
    for name in listed[:400]:
        slips = list(name)
        for at in rng.sample(range(len(slips)), 2):
            slips[at] = rng.choice(letters)
        found += any(one.key == name for one in index.look_up("".join(slips)))
    assert found >= 0.8 * 400
    asked = {name for name in ordinary.values() if index.look_up(name) and name not in listed}
    by_kind = [sum(kind in name for name in asked) for kind in ("Islamic", "Christian", "Jewish")]
    assert len(asked) <= 0.005 * len(ordinary), sorted(asked)
    assert max(by_kind) <= 1
