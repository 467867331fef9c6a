"""Names folded, keyed and aligned, so that the same organisation is seen under two spellings.

Pure but for one table, `data/legal-forms.toml`. Nothing here decides: what is near is shown with
its explanation, and a person decides.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from anyascii import anyascii
from rapidfuzz.distance import OSA

from partners.ground.words import N_

_TABLE = Path(__file__).parents[2] / "data" / "legal-forms.toml"
_INITIAL = re.compile(r"(?<![a-z])([a-z])\.(?=[a-z](?![a-z]))")
_MARKS = re.compile(r"[^a-z0-9]+")
_MOST_WORDS = 12
_LONGEST_KEY = 80


class Word(NamedTuple):
    """One word of a name: as compared, as written, and its place, so that no two are equal."""

    token: str
    written: str
    place: int


@dataclass(frozen=True)
class Difference:
    """What differs between two names: `sentence` is the gettext id, `facts` its words."""

    sentence: str
    facts: dict[str, str]

    def __str__(self) -> str:
        return self.sentence % self.facts


@dataclass(frozen=True)
class Table:
    """Words that say little; they are explained in the file."""

    forms: frozenset[tuple[str, ...]]
    fill: frozenset[str]
    common: frozenset[str]
    everyday: frozenset[str]
    edges: frozenset[str]  # the words with which a legal form begins or ends


@cache
def word_table() -> Table:
    """The words that say little about which organisation it is."""
    rows = tomllib.loads(_TABLE.read_text("utf-8"))
    forms = frozenset(tuple(form.split()) for form in rows["forms"])
    edges = frozenset(word for form in forms for word in (form[0], form[-1]))
    fill, common, everyday = (frozenset(rows[k]) for k in ("fill", "common", "everyday"))
    return Table(forms, fill, common, everyday, edges)


def fold(name: str) -> str:
    """`name` in small ASCII letters, digits and single spaces: the key that is stored and searched.

    "Grønne Øer & Łódź e.V." becomes "gronne oer and lodz ev". A name of nothing but marks stays.
    """
    return _folded(name) or " ".join(unicodedata.normalize("NFKC", name).casefold().split())


@lru_cache(20_000)  # most words come again and again
def _folded(name: str) -> str:
    text = (name if name.isascii() else anyascii(unicodedata.normalize("NFC", name))).lower()
    if text.isalnum():
        return text
    text = _INITIAL.sub(r"\1", text) if "." in text else text
    return _MARKS.sub(" ", text.replace("'", "").replace("&", " and ")).strip()


def search_terms(query: str) -> list[str]:
    """The beginnings of words that a searched name must hold, letters and digits only."""
    return list(dict.fromkeys(_folded(query[:200]).split()))[:_MOST_WORDS]


def tokens(name: str) -> list[str]:
    """The words that tell which organisation it is: without legal form and small words."""
    return [word.token for word in core_of(words_of(name))[0]]


def words_of(name: str) -> list[Word]:
    """Every word of `name` in order, as written and as compared."""
    pieces = [
        (token, piece.strip(" ,.;:()\"'“”"))
        for piece in name[:400].split()
        for token in _folded(piece).split()
    ]
    return [Word(token, piece, place) for place, (token, piece) in enumerate(pieces)]


def core_of(words: list[Word]) -> tuple[list[Word], list[Word]]:
    """The telling words, and the legal forms that were left out."""
    fill, rest, forms = word_table().fill, list(words), list[Word]()
    while length := _form_at(rest, end=True):
        forms, rest = rest[-length:] + forms, rest[:-length]
    while length := _form_at(rest, end=False):
        forms, rest = forms + rest[:length], rest[length:]
    # A single letter at the end tells branches apart: "Boys' Club A" and "Boys' Club B".
    branch = rest[-1:] if rest and len(rest[-1].token) == 1 else []
    telling = [word for word in rest if word.token not in fill or word in branch]
    return telling or rest, forms


def without_form(name: str) -> str:
    """`name` as written, without the legal forms at its ends."""
    words = words_of(name)
    while length := _form_at(words, end=True):
        words = words[:-length]
    while length := _form_at(words, end=False):
        words = words[length:]
    places, at, said = {word.place for word in words}, 0, list[str]()
    for piece in name[:400].split():
        size = len(_folded(piece).split())
        said += [piece] if places & {*range(at, at + size)} else []
        at += size
    return " ".join(said).strip(" ,.;:()")


def _form_at(words: list[Word], *, end: bool) -> int:
    """How many words the longest legal form at that end has; 0 when nothing else would be left.

    In front of a name a form has three letters at least, because "Da Capo" is no Norwegian firm.
    """
    if not words or words[-1 if end else 0].token not in word_table().edges:
        return 0
    for length in range(len(words) - 1, 0, -1):
        at = len(words) - length if end else length
        part, rest = (words[at:], words[:at]) if end else (words[:at], words[at:])
        known = tuple(_tokens(part)) in word_table().forms and (end or len(_said(part)) > 2)
        if known and any(word.token not in word_table().fill for word in rest):
            return length
    return 0


def name_keys(name: str) -> frozenset[str]:
    """Keys to store beside a name; names that are near share one, so an index finds them.

    Equal but for order: all words sorted. Spacing: all words joined. One letter: all words but one,
    with the head or the tail of that one, because one slip cannot spoil both. No key begins with a
    letter or figure, so keys and folded words can share one table.
    """
    written = words_of(name)
    core = core_of(written)
    words = sorted(_tokens(core[0])[:_MOST_WORDS])
    if not words:
        return frozenset()
    telling = [word for word in words if word not in word_table().common]
    keys = {f"= {' '.join(some)}"[:_LONGEST_KEY] for some in (words, telling or words)}
    keys |= {f"~{joined[:_LONGEST_KEY]}" for joined in _without_spaces(written, core)}
    if len(words) == 1:
        word = words[0]
        cuts = range(len(word) if len(word) > 3 else 0)
        return frozenset(keys | {f"-{word}", *(f"-{word[:at]}{word[at + 1 :]}" for at in cuts)})
    for place, word in enumerate(words):
        if ends := _ends(word):
            others = " ".join(words[:place] + words[place + 1 :])
            keys.update([f"{end} {others}"[:_LONGEST_KEY] for end in ends])
    return frozenset(keys)


@lru_cache(20_000)
def _ends(word: str) -> tuple[str, ...]:
    """Two letters of short words, three of long ones; both between, because a slip can lengthen.

    A word with a figure in it has none: there another figure is another organisation.
    """
    if not word.isalpha():
        return ()
    lengths = [length for length, fits in ((2, 4 <= len(word) <= 6), (3, len(word) >= 6)) if fits]
    return tuple(end for n in lengths for end in (f"<{word[:n]}", f">{word[-n:]}"))


def near(name: str, others: Iterable[str]) -> list[tuple[str, tuple[Difference, ...]]]:
    """Those of `others` that may be the same organisation, with what differs, closest first."""
    words = words_of(name)
    pairs = ((other, _align(words, words_of(other))) for other in others)
    found = [(other, tuple(why)) for other, why in pairs if why is not None]
    return sorted(found, key=lambda one: (len(one[1]), one[0]))


def _align(words: list[Word], others: list[Word]) -> list[Difference] | None:
    (own, own_forms), (their, their_forms) = mine, theirs = core_of(words), core_of(others)
    if not own or not their:
        return None
    differences = _differences(own, their)
    if differences is None and _without_spaces(words, mine) & _without_spaces(others, theirs):
        differences = [Difference(N_("spaces between the words"), {})]
    return None if differences is None else differences + forms_differ(own_forms, their_forms)


def forms_differ(own: list[Word], their: list[Word]) -> list[Difference]:
    """What differs between the legal forms of two names."""
    if _tokens(own) == _tokens(their):
        return []
    one, other = _said(own), _said(their)
    if one and other:
        both = N_("legal form: “%(one)s” and “%(other)s”")
        return [Difference(both, {"one": one, "other": other})]
    return [Difference(N_("legal form: only one has “%(one)s”"), {"one": one or other})]


def _tokens(words: Iterable[Word]) -> list[str]:
    return [word.token for word in words]


def _said(words: Iterable[Word]) -> str:
    return " ".join(dict.fromkeys(word.written for word in words))


def _differences(own: list[Word], their: list[Word]) -> list[Difference] | None:
    """Words one to one: first the equal ones, then those one slip apart; common words may lack.

    None where the names are not near.
    """
    common, pairs, left = word_table().common, dict[Word, Word](), list(their)
    for close in (str.__eq__, _one_slip):
        for word in own:
            match = next((one for one in left if close(word.token, one.token)), None)
            if match and word not in pairs:
                left.remove(match)
                pairs[word] = match
    slips = [pair for pair in pairs.items() if pair[0].token != pair[1].token]
    lacking = [word for word in own if word not in pairs]
    tells = not (lacking or left) or any(word.token not in common for word in pairs)
    if len(slips) > 1 or (lacking and left) or not tells or {*_tokens(lacking + left)} - common:
        return None
    equal = [(o.written, t.written) for o, t in pairs.items() if o.token == t.token]
    found = [*surface(equal)]
    sentence = N_("one letter: “%(one)s” and “%(other)s”")
    found += [Difference(sentence, {"one": o.written, "other": t.written}) for o, t in slips]
    places = [pairs[word].place for word in own if word in pairs]
    if places != sorted(places):
        found.append(Difference(N_("the order of the words"), {}))
    sentence = N_("only one has “%(one)s”")
    return found + [Difference(sentence, {"one": word.written}) for word in lacking + left]


def _one_slip(one: str, other: str) -> bool:
    """One letter changed, missing, doubled or swapped, in words that are long enough to tell."""
    if min(len(one), len(other)) < 4 or any(letter.isdigit() for letter in one + other):
        return False
    return OSA.distance(one, other, score_cutoff=1) <= 1


def surface(differing: Iterable[tuple[str, str]]) -> Iterator[Difference]:
    """Accents and capital letters: what folding took away."""
    if any(one.casefold() != other.casefold() for one, other in differing):
        yield Difference(N_("accents, special letters or marks"), {})
    plain = [(anyascii(one), anyascii(other)) for one, other in differing]
    if any(one != other and one.lower() == other.lower() for one, other in plain):
        yield Difference(N_("capital and small letters"), {})


def _without_spaces(words: list[Word], core: tuple[list[Word], list[Word]]) -> set[str]:
    """All letters of a name in one run, with and without the small words."""
    telling, forms = core
    return {
        "".join(_tokens(telling)),
        "".join(_tokens(word for word in words if word not in forms)),
    }
