"""What makes a password good enough, where a visitor may go on to, who may be given what. Pure."""

import re
import unicodedata
from collections.abc import Collection
from contextlib import suppress
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from partners.access.table import DECIDING, STAFF, Role
from partners.ground.refusals import Refusal
from partners.ground.words import N_

SHORTEST, LONGEST = 12, 200
FEWEST_PIECES, LONGEST_WORD = 4, 25
SHORT = N_("Use at least 12 characters. A sentence that only you would write works well.")
LONG = N_("Use at most 200 characters.")
COMMON = N_(
    "This is easy to guess: it is made of words and rows that many people use, or of your own"
    " name or ours. Choose one that only you would think of."
)
_ROWS = (
    "qwertyuiopå", "asdfghjklæø", "zxcvbnm", "qwertzuiop", "azertyuiop", "01234567890",
    "abcdefghijklmnopqrstuvwxyzæøå", "qazwsxedcrfvtgbyhnujm", "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)  # fmt: skip
ROWS = tuple(row for one in _ROWS for row in (one, one[::-1]))
LOOKALIKES = str.maketrans("013457@$!", "oieastasi")
PARTNER_ROLES = (Role.MEMBER, Role.SIGNATORY, Role.STEWARD)


@cache
def common() -> frozenset[str]:
    """Words that many passwords are made of, folded; the file is bundled with the house."""
    path = Path(__file__).with_name("common-passwords.txt")
    return frozenset(path.read_text("utf-8").split())


def folded(text: str) -> str:
    """Lower case without accents: what a guesser tries first."""
    marks = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in marks if not unicodedata.combining(letter))


def pieces(text: str, words: Collection[str]) -> int:
    """How many different things somebody would have to guess: words, rows, numbers, letters."""
    alike = text.translate(LOOKALIKES)
    # fewest[i] is the shortest way to put together the first i characters.
    fewest: list[list[str]] = [[]]
    for end in range(1, len(text) + 1):
        starts = (s for s in range(max(0, end - LONGEST_WORD), end) if s == end - 1
                  or any(_known(t[s:end], words) for t in (text, alike)))  # fmt: skip
        fewest.append(min(([*fewest[s], text[s:end]] for s in starts), key=len))
    return len({piece for piece in fewest[-1] if piece[0].isalnum()})


def _known(piece: str, words: Collection[str]) -> bool:
    long = len(piece) > 2
    return piece.isdigit() or (long and (piece in words or any(piece in row for row in ROWS)))


def password_trouble(password: str, *own: str) -> str:
    """What is wrong with a password, as a sentence that says how to mend it; "" when nothing is.

    `own` are texts that a guesser would know: address, name, the municipality's name. The choice
    follows NIST SP 800-63B: length and a list of what others use, no rules of composition.
    """
    if len(password) < SHORTEST:
        return SHORT
    if len(password) > LONGEST:
        return LONG
    known = {word for text in own for word in re.split(r"\W+", folded(text)) if len(word) > 2}
    words = common() | known
    return COMMON if pieces(folded(password), words) < FEWEST_PIECES else ""


def place_of(address: str) -> str:
    """Where a visitor comes from, as counted by the limits: an IPv4 address or an IPv6 /64."""
    try:
        found = ip_address(address)
    except ValueError:
        return "elsewhere"
    found = getattr(found, "ipv4_mapped", None) or found  # as a socket for both versions tells it
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def safe_onward(address: str) -> str:
    """An address of this house to go on to after sign-in, else ""."""
    inside = re.fullmatch(r"/(?![/\\])[^\\\s]*", address[:2000])
    return address if inside and address.isprintable() and "//" not in address.split("?")[0] else ""


def roles_trouble(roles: Collection[Role], giver: Collection[Role], *, staff: bool) -> str:
    """Why these roles may not be given by somebody with those, as a sentence; "" when they may."""
    if not roles:
        return N_("Choose at least one role.")
    if not set(roles) <= set(STAFF if staff else PARTNER_ROLES):
        return N_("Choose roles of one side only.")
    if set(roles) & DECIDING and Role.MANAGER not in giver:
        return N_("Only a manager gives a role that decides.")
    return ""


def read_house(text: str) -> str:
    """The whole address of a house: how it is spoken to, and its name. Raises Refusal."""
    with suppress(ValueError):
        parts = urlsplit(text)
        if parts.scheme in ("http", "https") and parts.hostname and " " not in text:
            return text.rstrip("/")
    raise Refusal(N_("Write a whole address, such as https://partners.town.example."))
