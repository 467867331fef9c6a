"""Names compared: a slip of writing is near and explained, a shared common word is not."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.matching.names import fold, name_keys, near, search_terms, tokens


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Harbour  Kitchen", "harbour kitchen"),
        ("Grønne Øer", "gronne oer"),
        ("Łódź Klub", "lodz klub"),
        ("Große Straße", "grosse strasse"),
        ("Æblehaven", "aeblehaven"),
        ("Café\u0301", "cafe"),
        ("Cafe\u0301 Blåbær", "cafe blabaer"),
        ("ＨＡＲＢＯＵＲ", "harbour"),
        ("Women’s Shed & Café (Havnby)", "womens shed and cafe havnby"),
        ("F.C. Havnby", "fc havnby"),
        ("A.B.C.", "abc"),
        ("z o.o.", "z oo"),
        ("Клуб Север", "klub sever"),
        ("", ""),
        ("!!!", "!!!"),
    ],
)
def test_a_name_is_folded_to_plain_letters(name, folded):
    assert fold(name) == folded


@given(st.text(max_size=60))
def test_folding_again_changes_nothing(name):
    assert fold(fold(name)) == fold(name)
    assert all(term.isascii() and term.isalnum() for term in search_terms(name))


@given(st.text(max_size=60))
def test_a_name_keeps_a_word_and_keys_as_long_as_it_has_letters(name):
    assert bool(tokens(name)) == bool(search_terms(name)) == bool(name_keys(name))
    assert all(len(key) <= 80 and not key[0].isalnum() for key in name_keys(name))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("The Harbour Kitchen Ltd.", ["harbour", "kitchen"]),
        ("Havnby Skakklub A/S", ["havnby", "skakklub"]),
        ("Foreningen Havnby Haver", ["havnby", "haver"]),
        ("Nordhafen e. V.", ["nordhafen"]),
        ("Port Fundacja Sp. z o.o.", ["port"]),
        ("The Foundation", ["foundation"]),
        ("Limited", ["limited"]),
        ("Da Capo Choir", ["da", "capo", "choir"]),
        ("Boys' Club A", ["boys", "club", "a"]),
    ],
)
def test_legal_forms_and_small_words_do_not_tell_who_it_is(name, words):
    assert tokens(name) == words


SAME = [
    ("Harbour Kitchen", "HARBOUR kitchen", "capital"),
    ("Café Blåbær", "Cafe Blabaer", "accents"),
    ("Womens Shed Havnby", "Women’s Shed, Havnby", "accents"),
    ("Northside Chess Club", "Chess Club Northside", "order"),
    ("Harbour Kitchen", "Harbour Kitchen ApS", "only one has “ApS”"),
    ("Harbour Kitchen Ltd", "Harbour Kitchen CIC", "“Ltd” and “CIC”"),
    ("Foreningen Havnby Haver", "Havnby Haver", "only one has “Foreningen”"),
    ("Harbour Kitchen", "Harbor Kitchen", "“Harbour” and “Harbor”"),
    ("Harbour Kitchen", "Harbour Kithcen", "“Kitchen” and “Kithcen”"),
    ("Aarhusgade Beboerhus", "Århusgade Beboerhus", "one letter"),
    ("Harbour Kitchen", "Harbourkitchen", "spaces"),
    ("Northside Chess Club", "Northside Chess", "only one has “Club”"),
    ("The Islamic Foundation", "Islamic Foundation", None),
    ("Friends of the Library", "Library Friends", "order"),
    ("Friends of the Library", "Friends of Library and", None),
    ("Kulturhuset", "Kulturhused", "one letter"),
    ("1st Havnby Scout Group", "Havnby 1st Scout Group", "order"),
    ("Harbour Kitchen Ltd.", "kitchen, HARBOR", "order"),
]


@pytest.mark.parametrize(("name", "other", "reason"), SAME)
def test_the_same_organisation_is_seen_and_the_difference_is_said(name, other, reason):
    for one, two in ((name, other), (other, name)):
        ((found, why),) = near(one, [two])
        assert found == two
        said = " · ".join(map(str, why))
        assert reason is None or all(part in said for part in reason.split(" and ")), said
        assert name_keys(one) & name_keys(two)


UNLIKE = [
    ("Friends of the Library", "Friends of the Museum"),
    ("Northside Chess Club", "Southside Chess Club"),
    ("1st Havnby Scout Group", "2nd Havnby Scout Group"),
    ("Branch 12 of the Angling Union", "Branch 13 of the Angling Union"),
    ("Boys' Club A", "Boys' Club B"),
    ("Harbour Foundation", "Harbour Society"),
    ("Masjid Noor", "Noor Foundation"),
    ("Islamic Society of Havnby", "Society of Islamic Cooperation"),
    ("Havnby Rowing Club", "Havnby Running Club"),
    ("Men's Shed", "Women's Shed"),
    ("North Harbour Friends", "South Harbour Friends"),
    ("The Foundation", "The Society"),
    ("Association", "Harbour Association"),
    ("Havnby Choir", "Havnby Choir for Children"),
    ("Limited", "Ltd"),
    ("!!!", "???"),
    ("", "Harbour Kitchen"),
]


@pytest.mark.parametrize(("name", "other"), UNLIKE)
def test_common_words_do_not_make_two_organisations_one(name, other):
    assert near(name, [other]) == near(other, [name]) == []


def test_the_closest_comes_first_and_a_name_is_near_itself():
    others = ["Kitchen Harbor Ltd", "Harbour Kitchen", "Harbour Kitchen ApS", "Library"]
    assert [other for other, _ in near("Harbour Kitchen", others)] == [
        "Harbour Kitchen", "Harbour Kitchen ApS", "Kitchen Harbor Ltd",
    ]  # fmt: skip
    assert near("Harbour Kitchen", ["Harbour Kitchen"])[0][1] == ()


def test_a_search_takes_the_beginnings_of_words_and_no_wildcards():
    assert search_terms("Å_%be  é-tude b* ab AB") == ["a", "be", "e", "tude", "b", "ab"]
    assert search_terms("%%%") == []


FIRST = ["Harbour", "Northside", "Greenfield", "Millbrook", "Eastgate", "Sundby", "Oakwood"]
SECOND = ["Kitchen", "Chess", "Rowing", "Allotment", "Theatre", "Choir", "Orchard", "Cycling"]
THIRD = ["Club", "Society", "Workshop", "Network", "Circle", "Friends", "Exchange"]
TOWN = [f"{one} {two} {three}" for one in FIRST for two in SECOND for three in THIRD]


def _slip(word: str, chance: random.Random) -> str:
    at, letter = chance.randrange(len(word)), chance.choice(string.ascii_lowercase)
    return chance.choice([
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
    ])  # fmt: skip


def test_nearly_every_slip_of_a_finger_is_found_through_the_keys_and_little_else_is():
    chance, index = random.Random(11), {}
    for name in TOWN:
        for key in name_keys(name):
            index.setdefault(key, set()).add(name)
    found = others = 0
    for name in chance.sample(TOWN, 300):
        words = name.split()
        place = chance.randrange(3)
        words[place] = _slip(words[place], chance)
        typed = " ".join(words)
        held = {name for key in name_keys(typed) for name in index.get(key, ())}
        shown = [other for other, _ in near(typed, held)]
        found += name in shown
        others += len([other for other in shown if other != name])
    assert found >= 294
    assert others <= 30
