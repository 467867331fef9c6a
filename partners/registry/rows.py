"""One row of a handed-in file, read as an entry of the register, or refused with the reason."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from flask import current_app

from partners.ground.refusals import Refusal, beside
from partners.ground.text import clean_text, read_email, read_url
from partners.ground.words import N_
from partners.matching.identifiers import check_identifier, schemes, split_identifier
from partners.matching.names import fold, name_keys
from partners.policy import shelf, today
from partners.registry import reading
from partners.registry.rules import (
    IDENTIFIER,
    MAIN,
    OTHER,
    WORD,
    check_standing,
    identifier_key,
    keys_of,
    read_telephone,
)
from partners.wording.rules import Rule, refusals

NUMBER = "number:"
FIELDS = {  # our field: its longest text, and whether one cell may hold several
    "name": (200, False), "other_names": (200, True), "kind": (200, False),
    "legal_form": (200, False), "not_registered_because": (200, False), "purpose": (4000, False),
    "district": (60, False), "website": (500, False), "email": (254, False),
    "telephone": (40, False), "languages": (60, True), "tags": (60, True),
}  # fmt: skip
OWN_WORDS = ("legal_form", "not_registered_because", "purpose", "tags")
_NOTHING = {"", "-", "–", "n/a", "#n/a", "null", "none", "nan"}
_LONGEST_CELL = 20_000
_PARTED, _LISTED = re.compile("[;|]"), re.compile("[;,|]")
_MARKS = {"other_names": _PARTED, "languages": _LISTED, "tags": _LISTED}
_EMPTY: dict[str, Any] = {field: () if several else "" for field, (_, several) in FIELDS.items()}
# Headings, folded, by which a column is recognised: English and Danish.
_HEADINGS = {
    "name": "name navn organisation forening foreningsnavn organisationsnavn title charity_name",
    "other_names": "names other_names alias aliases also_known_as andre_navne acronym kaldenavn",
    "kind": "kind type types category slags art kategori organisationstype",
    "legal_form": "legal_form form virksomhedsform retsform selskabsform",
    "purpose": "purpose objects activities aims formaal formal beskrivelse description",
    "district": "district area neighbourhood bydel omrade omraade kvarter",
    "website": "website web url homepage hjemmeside webadresse",
    "email": "email e_mail mail mailadresse e_post",
    "telephone": "telephone phone tel telefon tlf telefonnummer",
    "languages": "languages language sprog",
    "tags": "tags keywords topics emneord emner maerker tag",
}
_FIELD_OF = {word: field for field, words in _HEADINGS.items() for word in words.split()}
_SAYS_NUMBER = {"id", "number", "nr", "no", "nummer", "reg", "org", "code", "kode"}


class NotHeld(Refusal):
    """A cell says what must not be held; `rule` is counted."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.hint)
        self.rule = rule.id


@dataclass(frozen=True)
class Plan:
    """What the person chose: a field for each column, and what holds for the whole file."""

    targets: tuple[str, ...]
    kind: str
    because: str
    headed: bool


def read_row(row: Any, columns: Sequence[Any], plan: Plan) -> dict[str, Any]:
    """What a row says, as it will be stored: card, names and keys. Raises Refusal with a field."""
    if isinstance(row, list) and (len(row) < len(columns) or any(row[len(columns) :])):
        raise Refusal(N_("This line has %(cells)d cells and the heading %(columns)d."),
                      cells=len(row), columns=len(columns))  # fmt: skip
    found: dict[str, list[str]] = {}
    for target, column in zip(plan.targets, columns, strict=True):
        if target:
            found.setdefault(target, []).extend(_texts(row, column["path"], target))
    numbers = [_number(target, text) for target, texts in found.items()
               if target.startswith(NUMBER) for text in texts]  # fmt: skip
    return _stored(_card(found, plan), list(dict.fromkeys(numbers)))


def _texts(row: Any, path: Sequence[Any], target: str) -> list[str]:
    plain = isinstance(row, list) and len(path) == 1 and isinstance(row[0], str)
    texts = [row[int(path[0])]] if plain else reading.pick(row, tuple(path))
    if max(map(len, texts), default=0) > _LONGEST_CELL:
        raise Refusal(N_("A cell of this line is longer than %(most)d characters."),
                      most=_LONGEST_CELL)  # fmt: skip
    if marks := _MARKS.get(target, _PARTED if target.startswith(NUMBER) else None):
        texts = [piece for one in texts for piece in marks.split(one)]
    return [text for text in texts if text.strip().casefold() not in _NOTHING]


def _clean(field: str, texts: Sequence[str]) -> tuple[str, ...]:
    with beside(field):
        read = [_cleaned(field, one) for one in texts]
        if field in OWN_WORDS:
            _refuse(" ".join(read), current_app.extensions["wording"])
    return tuple(dict.fromkeys(filter(None, read)))


@lru_cache(5000)
def _refuse(text: str, rules: tuple[Rule, ...]) -> None:
    for found in refusals(text, rules):
        raise NotHeld(found)


@lru_cache(5000)
def _cleaned(field: str, text: str) -> str:
    limit = FIELDS[field][0]
    return _READERS.get(field, str)(clean_text(text, limit=limit, lines=field == "purpose"))


_READERS = {"website": read_url, "email": read_email, "telephone": read_telephone}


def _card(found: Mapping[str, Sequence[str]], plan: Plan) -> dict[str, Any]:
    card = dict(_EMPTY)
    for field, (_most, several) in FIELDS.items():
        if texts := found.get(field):
            told = _clean(field, texts if several else texts[:1])
            card[field] = told if several else "".join(told)
    if not card["name"]:
        raise Refusal(N_("Write the name that the organisation uses."), field="name")
    card["kind"] = _kind(card["kind"]) or plan.kind
    if not card["kind"]:
        raise Refusal(N_("Choose the kind that fits best."), field="kind")
    if not card["legal_form"] and not card["not_registered_because"]:
        card["not_registered_because"] = plan.because
    check_standing(card["legal_form"], card["not_registered_because"])
    return card


def _kind(text: str) -> str:
    if not text:
        return ""
    found = _kinds(today.todays()[0]).get(fold(text))
    if not found:
        raise Refusal(N_("“%(text)s” is none of our kinds."), text=text, field="kind")
    return found


@lru_cache(4)
def _kinds(version: str) -> dict[str, str]:
    """Kinds by their folded names in every language, and by id."""
    policy = shelf.edition(version)
    kinds = [kind.id for kind in policy.kinds.organisation]
    words = [policy.words(language) for language in policy.books]
    named = {fold(w.named("organisation_kind", kind).name): kind for w in words for kind in kinds}
    return named | {fold(kind): kind for kind in kinds}


def _number(target: str, text: str) -> tuple[str, str]:
    scheme = target.removeprefix(NUMBER)
    with beside("number"):
        if not scheme:
            scheme, text = split_identifier(text)
        scheme = _sister(scheme, text.strip())
        return scheme, check_identifier(scheme, text)


def _sister(scheme: str, text: str) -> str:
    """Another register of the same country, when the number begins with that one's letters."""
    for one, begins in _beginnings(scheme[:3]):
        if text.upper().startswith(begins):
            return one
    return scheme


@cache
def _beginnings(country: str) -> list[tuple[str, tuple[str, ...]]]:
    found = ((o.id, tuple(filter(None, (o.begin, *o.drop)))) for o in schemes().values())
    return [(one, begins) for one, begins in found if begins and one.startswith(country)]


def _stored(card: Mapping[str, Any], numbers: Sequence[tuple[str, str]]) -> dict[str, Any]:
    others = [other for other in card["other_names"] if other != card["name"]]
    names = [(MAIN, "", card["name"]), *((OTHER, "", other) for other in others),
             *((IDENTIFIER, *number) for number in numbers)]  # fmt: skip
    near = name_keys(card["name"])
    folded = [identifier_key(s, t) if kind == IDENTIFIER else fold(t) for kind, s, t in names]
    return {
        "card": card, "names": [(*n, f) for n, f in zip(names, folded, strict=True)],
        "keys": near | keys_of(names[1:]) | {f"{WORD}{w}" for w in folded[0].split()},
        "near": near,
    }  # fmt: skip


# Headings


def is_heading(row: Sequence[str]) -> bool:
    """Whether a first row names its columns: a known heading, or no figures and no addresses."""
    known = any(_heading(cell) in _FIELD_OF for cell in row)
    return known or not any(re.search(r"[0-9]{3}|@|://", cell) for cell in row)


def _heading(label: str) -> str:
    return re.sub(r"(_[0-9]+)+$", "", fold(label).replace(" ", "_"))


def guess(columns: Sequence[Mapping[str, Any]]) -> list[str]:
    """A field for each column, "" where nothing suggests one. One column for each field."""
    found: list[str] = []
    for column in columns:
        target = _guess(column)
        found.append(target if target.startswith(NUMBER) or target not in found else "")
    return found


def _guess(column: Mapping[str, Any]) -> str:
    label, samples = column["label"], column["samples"]
    if re.search(r"\[\w*(display|main|primary|official)\w*\]", label):
        return "name"
    field = _FIELD_OF.get(_heading(label), "")
    words = set(_heading(label).split("_"))
    if field == "kind":
        known = _kinds(today.todays()[0])
        return "kind" if all(fold(sample) in known for sample in samples) else "tags"
    if field or "[" in label or not samples:
        return field
    if sum(map(_has_scheme, samples)) * 2 >= len(samples):
        return NUMBER
    named = [one for one in schemes() if one.lower().split("-")[-1] in words]
    fitting = named or [one for one in schemes() if words & _SAYS_NUMBER and _all(one, samples)]
    return f"{NUMBER}{fitting[0]}" if len(fitting) == 1 else ""


def _has_scheme(text: str) -> bool:
    try:
        return bool(check_identifier(*split_identifier(text)))
    except Refusal:
        return False


def _all(scheme: str, samples: Sequence[str]) -> bool:
    try:
        return all(check_identifier(scheme, sample) for sample in samples)
    except Refusal:
        return False
