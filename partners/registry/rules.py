"""What makes an entry of the register whole, and by which keys it is found. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any

from rapidfuzz.distance import OSA

from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.matching.names import fold, name_keys, search_terms

MAIN, OTHER, IDENTIFIER = "main", "other", "identifier"
# Before the keys of `name_keys`, so that a beginning of a word is not mistaken for one of those.
WORD, NUMBER = "/", "#"
_FIGURES = 3
_SHORTEST_TO_MEND = 4


@dataclass(frozen=True)
class Card:
    """What is told when an organisation is registered. Every text is already clean.

    `kind` is an id of the policy; `number` is checked and belongs to `scheme`; `role` is an id of
    the vocabulary: a contact without a name.
    """

    name: str
    kind: str
    legal_form: str = ""
    not_registered_because: str = ""
    purpose: str = ""
    scheme: str = ""
    number: str = ""
    district: str = ""
    website: str = ""
    email: str = ""
    telephone: str = ""
    role: str = ""
    other_names: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seat:
    """A role in an organisation; `person` only if the organisation gave the name (DP-04)."""

    role: str
    person: str = ""
    reach: str = ""
    may_sign: bool = False
    authority: str = ""
    told_on: date | None = None
    since: date | None = None
    together: bool = False


def read_telephone(text: str) -> str:
    """A telephone number as it is written, in figures and the signs between them."""
    if sum(letter.isdigit() for letter in text) < 3 or not re.fullmatch(r"[-+0-9 ()/.,a-z]+", text):
        raise Refusal(N_("Write a telephone number in figures, such as +45 55 50 14 20."))
    return text


def check_standing(legal_form: str, not_registered_because: str) -> None:
    """An organisation has a legal form, or a reason for having none; not both, not neither."""
    if not legal_form and not not_registered_because:
        raise Refusal(N_("Write the legal form, or why it is not registered."), field="legal_form")
    if legal_form and not_registered_because:
        raise Refusal(
            N_("Write the legal form or the reason why there is none, not both."),
            field="not_registered_because",
        )


def check_seat(seat: Seat, *, form: str, others: Iterable[str], today: date) -> None:
    """Refuse a person who was not told, a signatory without authority, a second contact person.

    `form`: "contact_role" for a public contact role, which has at most one contact person;
    `others`: the people who hold a role in it now.
    """
    if seat.person and seat.told_on is None:
        raise Refusal(
            N_("Say when this person was told what we keep, or leave the name out."),
            field="told_on",
        )
    if seat.told_on and seat.told_on > today:
        raise Refusal(N_("This day has not come yet: tell the person first."), field="told_on")
    if seat.may_sign and not seat.authority:
        raise Refusal(
            N_("Say where the right to sign comes from, such as statutes, section 7."),
            field="authority",
        )
    if seat.together and not seat.may_sign:
        raise Refusal(N_("Tick also that this role may sign, or leave this out."), field="together")
    if seat.person and form == "contact_role" and any(others):
        raise Refusal(
            N_("A public contact role has one contact person at most. End the other role first."),
            field="person",
        )


def identifier_key(scheme: str, number: str) -> str:
    """How a number is kept and compared: "dk-cvr-12345607"."""
    return f"{scheme}-{number}".casefold()


def squeezed(text: str) -> str:
    """Letters and figures only, small: what is left of a number when it is typed in any way."""
    return fold(text).replace(" ", "")


def keys_of(names: Iterable[tuple[str, str, str]]) -> frozenset[str]:
    """Every key by which an organisation with these (kind, scheme, text) is found."""
    return frozenset(chain.from_iterable(_keys(*name) for name in names))


def _keys(kind: str, scheme: str, text: str) -> Iterable[str]:
    if kind == IDENTIFIER:
        number = squeezed(text)
        return {f"{NUMBER}{number}", f"{NUMBER}{squeezed(scheme)}{number}"}
    return name_keys(text) | {f"{WORD}{word}" for word in fold(text).split()}


def wanted(query: str) -> tuple[tuple[str, ...], str]:
    """What a search asks for: the beginnings of words, and the beginning of a number or ""."""
    terms = tuple(search_terms(query))
    number = "".join(terms)
    figures = sum(letter.isdigit() for letter in number)
    return terms, number if figures >= _FIGURES else ""


def beginning(query: str) -> str:
    """What was typed as names are sorted, so that those which begin with it lie together."""
    return fold(query[:200])


def closest(term: str, words: Iterable[str]) -> str:
    """The word, or the beginning of one, that lies one slip from `term`; "" if there is none."""
    if len(term) < _SHORTEST_TO_MEND or any(letter.isdigit() for letter in term):
        return ""
    slips = (
        (OSA.distance(term, piece, score_cutoff=1), len(word), piece)
        for word in words
        for piece in {word, *(word[: len(term) + more] for more in (-1, 0, 1))}
    )
    near = min((slip for slip in slips if slip[0] <= 1), default=None)
    return near[2] if near else ""


# Of what can stand only once, the columns that go together; and what is gathered from both.
FACTS: Mapping[str, tuple[str, ...]] = {
    "name": ("name",),
    "kind": ("kind",),
    "standing": ("legal_form", "not_registered_because"),
    "purpose": ("purpose", "purpose_by", "purpose_on"),
    "website": ("website",),
    "feeds": ("feeds",),
    "email": ("email",),
    "telephone": ("telephone",),
    "district": ("district",),
}
GATHERED = ("districts", "languages", "tags", "please_avoid")
PARTING = timedelta(days=30)
# What may be there twice once two records are one, and what happens then.
TWICE: Mapping[str, str] = {
    "charter": N_("Both signed the charter. The newer signature holds; the older one stays in the"
                  " file."),
    "offer": N_("Both have an offer of the charter that is open. The newer one waits for them; the"
                " older one stays in the file."),
    "running": N_("Work runs with both. It goes on as it is, and from now on support to both counts"
                  " together."),
    "agreements": N_("Both have agreements in force. They stay word for word as they were signed,"
                     " with the name of then."),
    "answers": N_("Both answered questions. Where it was the same question, the newer answer is"
                  " used; the older one stays in the file."),
    "people": N_("People sign in for both. From now on all of them read one joint file."),
}  # fmt: skip


def says(record: Any, fact: str) -> Any:
    """What a record says about a fact; nothing where it says nothing."""
    return next((said for column in FACTS[fact] if (said := getattr(record, column))), "")


def differing(one: Any, other: Any) -> list[str]:
    """The facts about which two records say something different, so that somebody has to choose."""
    pairs = {fact: (says(one, fact), says(other, fact)) for fact in FACTS}
    return [fact for fact, (a, b) in pairs.items() if a and b and a != b]


def joined(
    kept: Any, gone: Any, stands: Mapping[str, Any], ranks: Mapping[str, int]
) -> dict[str, Any]:
    """What the staying record says once both are one, by column.

    `stands`: for a fact that differs, the record whose words stand; else those of the staying one.
    `ranks`: how close each level is.
    """
    found: dict[str, Any] = {}
    for fact, columns in FACTS.items():
        whose = stands.get(fact) or (kept if says(kept, fact) else gone)
        found |= {column: getattr(whose, column) for column in columns}
    for column in GATHERED:
        found[column] = list(dict.fromkeys([*getattr(kept, column), *getattr(gone, column)]))
    places = [found["district"], kept.district, gone.district, *found["districts"]]
    found["districts"] = list(dict.fromkeys(place for place in places if place))
    found["level"] = max(kept.level, gone.level, key=lambda level: ranks.get(level, -1))
    days: list[date] = [day for day in (kept.review_on, gone.review_on) if day]
    found["review_on"] = min(days, default=None)
    return found


def twice(one: Mapping[str, int], other: Mapping[str, int]) -> list[str]:
    """What is said before two records become one that both hold something of; counts by TWICE."""
    return [sentence for what, sentence in TWICE.items() if one.get(what) and other.get(what)]


def why_not_parted(until: date, today: date, *, undone: bool, built_upon: bool) -> str:
    """Why a merge cannot be undone, or "". `built_upon`: a later merge rests on it."""
    if undone:
        return N_("The two records have been parted again already.")
    if today > until:
        return N_("The thirty days in which it could be undone are over.")
    if built_upon:
        return N_("Another record was joined later. Part that one first.")
    return ""
