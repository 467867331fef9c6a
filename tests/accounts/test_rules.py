"""What makes a password easy to guess, where one may go on to, who may give what."""

import pytest

from partners.access.table import Role as R
from partners.accounts import rules

OWN = ("maja@havnby.example", "Maja Lund", "Havnby", "partners")


@pytest.mark.parametrize(
    "password",
    [
        "password123456", "Passw0rd!Passw0rd!", "P@$$w0rd2026!", "qwertyuiop123", "qwertyqwerty",
        "1234567890123", "abcdefghijkl", "zxcvbnm,./zxcvbnm", "1qaz2wsx3edc", "sommer2026!!!",
        "SommerSommer12", "iloveyou2026!", "jegelskerdig1", "aaaaaaaaaaaaaaa", "abababababab",
        "Havnby2026!Havnby", "MajaLund2026!", "maja.havnby.123", "Partners2026!!", "liverpool-2026",
        "LiverpoolChelsea1", "poiuytrewq12",
        "ｐａｓｓｗｏｒｄ１２３４", "pässwörd123456", "............", "            ",
    ],
)  # fmt: skip
def test_what_many_people_use_is_refused(password: str) -> None:
    assert rules.password_trouble(password, *OWN) == rules.COMMON


@pytest.mark.parametrize(
    "password",
    [
        "seagulls argue over the ferry", "correct horse battery staple", "tr4-vpm-99x-kkd",
        "xkqvzpwmrtya", "min bedstemors gule cykel", "ørkenræv i opgang fire",
        "わたしのふねはあおいです",
    ],
)  # fmt: skip
def test_a_sentence_of_ones_own_is_taken(password: str) -> None:
    assert rules.password_trouble(password, *OWN) == ""


@pytest.mark.parametrize(
    ("password", "trouble"), [("", rules.SHORT), ("x" * 11, rules.SHORT), ("xy z" * 60, rules.LONG)]
)
def test_length_is_told(password: str, trouble: str) -> None:
    assert rules.password_trouble(password, *OWN) == trouble


def test_a_very_long_password_is_judged_quickly() -> None:
    assert rules.password_trouble("q" * 1_000_000, *OWN) == rules.LONG


@pytest.mark.parametrize("address", ["/", "/today", "/organisations/x?page=2", "/a?next=//b"])
def test_one_goes_on_inside_the_house(address: str) -> None:
    assert rules.safe_onward(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "", "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
        "javascript:alert(1)", "/\n/evil.example", "/\t/evil.example", " //evil.example",
        "/x//evil", "/today\r\nSet-Cookie: a=b", "/\x00", "evil", "/\u2028",
    ],
)  # fmt: skip
def test_nobody_is_led_out_of_the_house(address: str) -> None:
    assert rules.safe_onward(address) == ""


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),  # as a socket for both versions tells it
        ("", "elsewhere"),
    ],
)
def test_a_place_is_an_address_or_a_network_of_version_six(address: str, place: str) -> None:
    assert rules.place_of(address) == place


@pytest.mark.parametrize(
    ("roles", "giver", "staff", "allowed"),
    [
        ({R.OFFICER}, {R.KEEPER}, True, True),
        ({R.MANAGER}, {R.KEEPER}, True, False),
        ({R.LIAISON}, {R.KEEPER}, True, False),
        ({R.MANAGER}, {R.MANAGER}, True, True),
        ({R.KEEPER}, {R.MANAGER}, True, True),
        (set(), {R.MANAGER}, True, False),
        ({R.MEMBER}, {R.MANAGER}, True, False),
        ({R.MEMBER, R.STEWARD}, {R.STEWARD}, False, True),
        ({R.OFFICER}, {R.STEWARD}, False, False),
        ({R.GUEST}, {R.MANAGER}, False, False),
    ],
)
def test_who_gives_which_role(roles: set[R], giver: set[R], staff: bool, allowed: bool) -> None:
    assert (rules.roles_trouble(roles, giver, staff=staff) == "") is allowed
