"""What holds for a paper between two sides, whatever its words."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from babel.dates import get_month_names

from partners.ground.refusals import Refusal, beside
from partners.ground.text import read_whole
from partners.ground.words import N_
from partners.matching.names import fold
from partners.paper.documents import BlankKind, Document
from partners.paper.filling import Setting, applies, said
from partners.paper.templates import spans


class State(StrEnum):
    """Where a paper stands. `NOTICE`: in force until its last day, which somebody has set."""

    DRAFT = "draft"
    ISSUED = "issued"
    IN_FORCE = "in_force"
    NOTICE = "notice"
    DECLINED = "declined"
    REPLACED = "replaced"


OPEN = (State.DRAFT, State.ISSUED)
OVER = (State.DECLINED, State.REPLACED)
SIDES = ("city", "partner")
PROMISES = {"promise_city": "city", "promise_org": "partner"}
WORDINGS = ("wordings", "wordings_by")  # asked only where a paper stands in two languages
OWNER, WHO = "owner", "account"  # of a row: the words on the paper, and the account behind them
FOLLOWS = ("amended", "renewed", "replaced")  # what a paper does to the one that it follows
LONGEST_NOTICE = 730
PAUSED = "paused"  # where a paper in force stands until the day of the next talk
ENDS = (State.IN_FORCE, PAUSED, "begins")  # where a paper stands of which notice can be given
SIGN_WITHIN = 90  # days, where a document says nothing else


@dataclass(frozen=True, slots=True)
class Field:
    """A blank for people to write. `must`: the paper is not issued without it."""

    name: str
    blank: BlankKind
    must: bool
    section: str


def document_for(documents: Mapping[str, Document], instrument: str) -> Document | None:
    """The paper that serves a level's instrument; a level may have none."""
    found = (document for document in documents.values() if document.instrument == instrument)
    return next(found, None) if instrument else None


def to_write(document: Document, setting: Setting, *, language: str) -> tuple[Field, ...]:
    """The blanks of the sections that apply, in order, each once; not those of the house."""
    found: dict[str, Field] = {}
    for clause in document.clauses:
        if not applies(document, clause.when, setting):
            continue
        text = document.text(clause.id, language)
        conditions = document.conditions
        used = [
            part.name
            for part, around in spans((*text.heading, *text.body))
            if all(applies(document, s.name, setting) for s in around if s.name in conditions)
        ]
        for name in dict.fromkeys([*clause.must, *used]):
            blank = document.blanks.get(name)
            if blank and not blank.always and (name not in found or name in clause.must):
                found[name] = Field(name, blank, name in clause.must, clause.id)
    return tuple(found.values())


def second(document: Document, facts: Mapping[str, Any], language: str) -> str:
    """The second language of a paper, if it has one in which its fixed text is written."""
    code = str(facts.get("second_language") or "")
    return code if code != language and code in document.texts else ""


def passages(
    document: Document, setting: Setting, facts: Mapping[str, Any], language: str
) -> tuple[str, ...]:
    """What people wrote in their own words, in the order of the paper, each once.

    A person who was chosen by account is a name; what the house can say itself is `retold`.
    """
    blanks = {n: b for n, b in document.blanks.items() if b.always}
    blanks |= {f.name: f.blank for f in to_write(document, setting, language=language)}
    cells = (
        row.get(cell, "") if hasattr(row, "keys") else row
        for name, blank in blanks.items() if blank.passage
        for row in _rows(facts.get(name))
        for cell in blank.own_words
        if cell != OWNER or not row.get(WHO)
    )  # fmt: skip
    typed = dict.fromkeys(filter(None, (str(cell).strip() for cell in cells)))
    return tuple(one for one in typed if one not in facts.get("retold", ()))


def wordings(facts: Mapping[str, Any], typed: Collection[str]) -> dict[str, str]:
    """The wordings in the other language by passage; of `typed` only, because a passage that
    changed has none until somebody looks at it again. White space does not count."""
    kept = {one_line(row["text"]): row["wording"] for row in facts.get("wordings") or ()}
    return {one: kept[one_line(one)] for one in typed if kept.get(one_line(one))}


def worded(
    document: Document, facts: Mapping[str, Any], words: Mapping[str, str]
) -> dict[str, Any]:
    """The facts for the other language: each passage in its wording, where it has one."""
    words = {**facts.get("retold", {}), **words}

    def say(value: Any, cells: Sequence[str]) -> Any:
        if hasattr(value, "keys"):
            return {**value, **{n: say(value[n], ()) for n in cells if n in value}}
        return words.get(value.strip(), value)

    blanks = ((n, v, document.blanks[n].own_words) for n, v in facts.items()
              if n in document.blanks)  # fmt: skip
    return {n: say(v, ()) if isinstance(v, str) else [say(row, cells) for row in _rows(v)]
            for n, v, cells in blanks if cells}  # fmt: skip


def retold(
    cells: Iterable[str], phrases: Mapping[str, str], language: str, second: str
) -> dict[str, str]:
    """What the house can say in the other language by itself: its own phrases, names, and days."""
    days = ((one, day_in(one, language)) for one in cells)
    alone = {one: said(day, second) for one, day in days if day and said(day, language) == one}
    return alone | {one: phrases[one] for one in cells if one in phrases}


def one_line(text: str) -> str:
    """A text without its line breaks and doubled spaces, which a form may have changed."""
    return " ".join(text.split())


def _rows(value: Any) -> list[Any]:
    return [value] if isinstance(value, str) else list(value or ())


def require_order(start: date | None, review: date | None, end: date | None) -> None:
    """Refuse a paper that ends before it starts, or is looked at outside its time."""
    if start and end and end <= start:
        raise Refusal(
            "The last day must be after the first day, %(start)s.", field="end", start=start
        )
    if start and review and not start <= review <= (end or review):
        raise Refusal(
            "Look at it together between the first day, %(start)s, and the last, %(end)s.",
            field="review_date", start=start, end=end or "…",
        )  # fmt: skip


def in_force_at(required: Collection[str], signed: Mapping[str, datetime]) -> datetime | None:
    """When the paper came into force: at the last required signature, or not yet.

    `required` are the signatories named on the paper, of both sides; nobody named, never in force.
    """
    times = [signed[name] for name in required if name in signed]
    return max(times) if times and len(times) == len(required) else None


def other(side: str) -> str:
    """The side across the table."""
    return SIDES[1 - SIDES.index(side)]


def proposed(facts: Mapping[str, Any], before: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The facts, with the name of the side that writes beside each row that is new.

    Only rows that have a place for it; who is named already stays named.
    """
    found = dict(facts)
    for blank, value in facts.items():
        rows = cast("list[Any]", value) if isinstance(value, list) else []
        if any(hasattr(row, "keys") and "proposed_by" in row for row in rows):
            old: list[Any] = before.get(blank) or []
            known = {row["text"] if hasattr(row, "keys") else row for row in old}
            found[blank] = [
                row if row["proposed_by"] or row["text"] in known else {**row, "proposed_by": name}
                for row in rows
            ]
    return found


def say(said: Mapping[str, Any], side: str, what: Mapping[str, Any]) -> dict[str, Any]:
    """What each side has said so far, with what this side says now."""
    return {**said, side: dict(what)}


def both_mean(meant: Mapping[str, Any], text: str) -> bool:
    """Whether both sides have said “this is what we mean” of exactly this text."""
    return all(meant.get(side, {}).get("text") == text for side in SIDES)


def both_tested(tested: Mapping[str, Any]) -> bool:
    """Whether both sides have written down their test."""
    return all(side in tested for side in SIDES)


def counts(standing: str, must_test: bool, tested: Mapping[str, Any]) -> bool:
    """Whether others may rely on a paper: it holds, and where it must be tried, both have."""
    return standing in (State.IN_FORCE, PAUSED, State.NOTICE) and (
        not must_test or both_tested(tested)
    )


def day_in(words: str, language: str) -> date | None:
    """The day that a promise names: 2027-01-08, 8 January 2027, 8.1.2027; None for "Fridays"."""
    with suppress(ValueError):
        return date.fromisoformat(words.strip())
    found = re.search(r"\b(\d{1,2})[./ ]+(?:(\d{1,2})|([^\W\d]{3,}))[./ ]+(\d{4})\b", words)
    if not found:
        return None
    names: Any = get_month_names("wide", locale=language)
    months: dict[str, int] = {str(names[n]).casefold(): n for n in range(1, 13)}
    month = int(found[2]) if found[2] else months.get(found[3].casefold(), 0)
    with suppress(ValueError):
        return date(int(found[4]), month, int(found[1]))
    return None


def signers(facts: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The people named to sign, of both sides; `account` says who each is in the house."""
    return (*facts.get("signers_org", ()), *facts.get("signers_city", ()))


def row_of(facts: Mapping[str, Any], account_id: int) -> Mapping[str, Any] | None:
    """The row in which this person is named to sign, if the paper names them."""
    return next((row for row in signers(facts) if row.get("account") == account_id), None)


def alone(facts: Mapping[str, Any]) -> bool:
    """Whether fewer than two people sign for the organisation."""
    return len({fold(row["name"]) for row in facts.get("signers_org", ())}) < 2


def require_two_sides(facts: Mapping[str, Any]) -> None:
    """Refuse a paper on which one person stands on both sides."""
    ours, theirs = (
        {fold(row["name"]): row["name"] for row in facts.get(side, ())}
        for side in ("signers_city", "signers_org")
    )
    for both in ours.keys() & theirs.keys():
        raise Refusal(
            N_("%(name)s stands on both sides. Nobody signs for both: name somebody else."),
            field="signers_city", name=ours[both],
        )  # fmt: skip


def notice_days(facts: Mapping[str, Any]) -> int:
    """The days of notice as a number; Refusal when they are not one."""
    with beside("notice_days"):
        return read_whole(str(facts.get("notice_days", "")), 0, LONGEST_NOTICE)


def last_day(given_on: date, days: int, ends_on: date | None) -> date:
    """The last day after so many days from a day; a paper that ends before then ends as agreed."""
    ends = given_on + timedelta(days=days)
    return min(ends, ends_on) if ends_on else ends


def renewed(facts: Mapping[str, Any], last: date | None, today: date) -> dict[str, Any]:
    """The facts of a renewal: the same words, from the day after the last one, ends still open."""
    start = last + timedelta(days=1) if last and last >= today else today
    return {**facts, "start": start.isoformat(), "end": "", "review_date": ""}


def next_number(letter: str, year: int, newest: str | None) -> str:
    """The number after `newest` in its row, as "M-2026-00012"."""
    last = int(newest.rsplit("-", 1)[1]) if newest else 0
    return f"{letter}-{year}-{last + 1:05}"


def sign_by(texts: Mapping[str, Any]) -> date | None:
    """The last day on which an issued paper can be signed."""
    return date.fromisoformat(texts["sign_by"]) if texts.get("sign_by") else None


def too_late(texts: Mapping[str, Any], today: date) -> bool:
    """Whether the last day to sign has passed."""
    last = sign_by(texts)
    return last is not None and today > last


def standing(
    state: State, starts_on: date | None, ends_on: date | None, today: date,
    paused_until: date | None = None,
) -> str:  # fmt: skip
    """What a page says of a paper: its state, "begins" when all have signed and its first day is
    still to come, "ended" once its last day has passed, or "paused" until the day of the talk has:
    because nothing rests for ever by silence, it is in force again the day after.
    """
    held = state in (State.IN_FORCE, State.NOTICE)
    if state is State.IN_FORCE and starts_on and starts_on > today:
        return "begins"
    if held and ends_on and ends_on < today:
        return "ended"
    rests = state is State.IN_FORCE and paused_until and paused_until >= today
    return PAUSED if rests else str(state)


def due_by(due_on: date, paused: tuple[date, date] | None) -> date:
    """When a promise is due as things stand: what falls into a pause, by the day of its talk."""
    return max(due_on, paused[1]) if paused and due_on >= paused[0] else due_on
