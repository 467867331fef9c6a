"""Records that may be about one organisation, looked for in the whole register in the background.

What is found is proposed and never joined: a person compares both, or says that they are two, and
then nobody asks again until one of them is called otherwise.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import combinations, product
from typing import Any, NamedTuple

from sqlalchemy import String, cast, func, insert, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.jobs.models import Job
from partners.jobs.runner import Jobs, Steps, put
from partners.matching.names import Difference, name_keys, near, tokens
from partners.registry.comparing import apart
from partners.registry.models import Name, NameKey, Organisation, Pair
from partners.registry.rules import IDENTIFIER

FIND = "registry.pairs"
SIGNS = "-<=>~"  # with which the keys begin that near names share
# What more records share than these tells nothing: "Parents' Association".
MOST_SHARING, MOST_KEPT, STEP = 20, 5_000, 1_000
_SHORT = 5  # an abbreviation of so few letters is shared by many
_AGREE = {"district": N_("the same district"), "website": N_("the same website"),
          "email": N_("the same mailbox"), "telephone": N_("the same telephone")}  # fmt: skip


class Record(NamedTuple):
    """What is read of an organisation to compare it; `numbers` by register."""

    facts: dict[str, str]
    names: list[str]
    numbers: dict[str, set[str]]


class Likely(NamedTuple):
    """Two records that may be one: the likelier, the smaller; `sign` changes with their names."""

    weight: int
    one_id: int
    other_id: int
    sign: str
    said: list[Any]


def announce(jobs: Jobs) -> None:
    """Say which kind of work this is."""
    jobs.kind(FIND, find)


def find(job: Job) -> Steps:
    """Look through the whole register. Nothing is written but the proposals, at the end."""
    shared = set[tuple[int, int]]()
    for part, groups in enumerate(_groups(), 1):
        shared |= _pairs_in(groups)
        yield 10 * part, 100
    pairs, likely = sorted(shared), list[Likely]()
    for start in range(0, len(pairs), STEP):
        likely += weighed(pairs[start : start + STEP])
        yield 60 + 40 * start // len(pairs), 100
    _keep(sorted(likely)[:MOST_KEPT])
    records = db.session.scalar(select(func.count()).where(Organisation.left_at.is_(None)))
    return {"records": records, "found": len(likely)}


def sharing() -> list[tuple[int, int]]:
    """All pairs that are worth comparing, at once."""
    return sorted({pair for groups in _groups() for pair in _pairs_in(groups)})


def _pairs_in(groups: Iterable[str]) -> set[tuple[int, int]]:
    sets = ({int(number) for number in group.split(",")} for group in groups)
    return {pair for some in sets for pair in combinations(sorted(some), 2)}


def _groups() -> Iterator[Iterable[str]]:
    """Records that share a key, as numbers with commas; found by the database in one go a part."""
    few = func.count().between(2, MOST_SHARING)
    for sign in SIGNS:
        number = func.aggregate_strings(cast(NameKey.organisation_id, String), ",")
        mine = NameKey.key >= sign, NameKey.key < chr(ord(sign) + 1)
        yield db.session.scalars(select(number).where(*mine).group_by(NameKey.key).having(few))
    number = func.aggregate_strings(cast(Name.organisation_id, String), ",")
    yield db.session.scalars(select(number).where(Name.kind == IDENTIFIER)
                             .group_by(Name.folded).having(few))  # fmt: skip


def weighed(pairs: Sequence[tuple[int, int]]) -> Iterator[Likely]:
    """Those of the pairs that may be one organisation, with the reasons."""
    held = _records({number for pair in pairs for number in pair})
    for one, other in pairs:
        if one in held and other in held and (found := _why(held[one], held[other])):
            weight, said = found
            yield Likely(weight, one, other, sign_of(held[one].names, held[other].names), said)


def _records(numbers: Iterable[int]) -> dict[int, Record]:
    columns = [getattr(Organisation, fact) for fact in _AGREE]
    rows = db.session.execute(select(Organisation.id, *columns).where(
        Organisation.id.in_(numbers), Organisation.left_at.is_(None)))  # fmt: skip
    held = {row[0]: Record(dict(zip(_AGREE, row[1:], strict=True)), [], {}) for row in rows}
    for owner, kind, scheme, text in db.session.execute(
        select(Name.organisation_id, Name.kind, Name.scheme, Name.text)
        .where(Name.organisation_id.in_(held)).order_by(Name.id)
    ):  # fmt: skip
        if kind == IDENTIFIER:
            held[owner].numbers.setdefault(scheme, set()).add(text)
        else:
            held[owner].names.append(text)
    return held


def _why(one: Record, other: Record) -> tuple[int, list[Any]] | None:
    """How likely it is that both are one, and why; None when they are two or nothing says so."""
    if apart(one.numbers, other.numbers):
        return None
    agree = [said for fact, said in _AGREE.items()
             if one.facts[fact] and one.facts[fact] == other.facts[fact]]  # fmt: skip
    same = [f"{scheme}-{number}" for scheme in one.numbers.keys() & other.numbers.keys()
            for number in sorted(one.numbers[scheme] & other.numbers[scheme])]  # fmt: skip
    named = _named(one.names, other.names, short=bool(agree or same))
    if not named and not same:
        return None
    said = [[N_("the same number %(number)s"), {"number": number}] for number in same]
    said += [[sentence, {}] for sentence in agree]
    differences = 9
    if named:
        first, second, alignment = named
        differences = len(alignment)
        said += _words(first, second, alignment)
    elsewhere = one.facts["district"] != other.facts["district"]
    return (0 if same else 10) + differences + 2 * elsewhere - len(agree), said


def _named(
    names: list[str], others: list[str], *, short: bool
) -> tuple[str, str, tuple[Difference, ...]] | None:
    """The two names that are nearest. Abbreviations alone count only if something else agrees."""
    both = [(mine, theirs) for mine, theirs in product(names, others)
            if not _keys(mine).isdisjoint(_keys(theirs))
            and (short or (_tells(mine) and _tells(theirs)))]  # fmt: skip
    found = [(*pair, why) for pair in both for _name, why in near(pair[0], pair[1:])]
    return min(found, key=lambda one: len(one[2]), default=None)


_keys = lru_cache(20_000)(name_keys)  # names that are near share one


def _tells(name: str) -> bool:
    words = tokens(name)
    return len(words) > 1 or len("".join(words)) > _SHORT


def _words(first: str, second: str, differences: tuple[Difference, ...]) -> list[Any]:
    """Which words agree and what differs, as sentences with their facts."""
    if not differences:
        return [[N_("the same name “%(name)s”"), {"name": first}]]
    theirs = {*tokens(second)}
    both = ", ".join(word for word in first.split() if {*tokens(word)} & theirs)
    said: list[Any] = [[N_("“%(one)s” and “%(other)s”"), {"one": first, "other": second}]]
    said += [[N_("both have: %(words)s"), {"words": both}]] if both else []
    return said + [[one.sentence, one.facts] for one in differences]


def sign_of(names: Iterable[str], others: Iterable[str]) -> str:
    """A mark that is another one as soon as one of the two is called otherwise."""
    said = json.dumps([sorted(names), sorted(others)])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _keep(likely: Sequence[Likely]) -> None:
    """What is found now is open; what is not found any more goes; what is settled stays so."""
    now = {(one.one_id, one.other_id): one for one in likely}
    for pair in db.session.scalars(select(Pair)):
        found = now.pop((pair.one_id, pair.other_id), None)
        if found is None and pair.settled_at is None:
            db.session.delete(pair)
        elif found and (pair.settled_at is None or pair.sign != found.sign):
            pair.settled_at = pair.settled_by = None
            pair.weight, pair.sign, pair.said = found.weight, found.sign, found.said
    if now:
        db.session.execute(insert(Pair), [one._asdict() for one in now.values()])


# What the page asks and does


def newest_search() -> Job | None:
    """The latest search, over or not."""
    mine = select(Job).where(Job.kind == FIND)
    return db.session.scalars(mine.order_by(Job.created_at.desc())).first()


def search(*, by: Actor) -> None:
    """Have the register looked through; a second press while it runs has no effect."""
    require(by, P.ORGANISATION_MERGE)
    before = newest_search()
    if before is None or not before.is_open:
        put(FIND, key=f"pairs:{before.id if before else ''}", by=by.id)


def proposed(*, settled: bool, limit: int, offset: int) -> tuple[int, Sequence[Pair]]:
    """How many pairs are open or settled, and some of them, the likeliest first."""
    one, other = aliased(Organisation), aliased(Organisation)
    state = Pair.settled_at.is_not(None) if settled else Pair.settled_at.is_(None)
    rows = (select(Pair).join(one, one.id == Pair.one_id).join(other, other.id == Pair.other_id)
            .where(one.left_at.is_(None), other.left_at.is_(None), state))  # fmt: skip
    whole = [joinedload(side).options(selectinload(Organisation.names))
             for side in (Pair.one, Pair.other)]  # fmt: skip
    many = db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    part = rows.order_by(Pair.weight, Pair.id).limit(limit).offset(offset).options(*whole)
    return many, db.session.scalars(part).all()


def tell_apart(pair: Pair, *, by: Actor, at: datetime) -> None:
    """These are two organisations: they are not proposed again until one is called otherwise."""
    require(by, P.ORGANISATION_MERGE, pair)
    if pair.settled_at is not None:
        raise Refusal(N_("Somebody has said already that these are two organisations."))
    pair.settled_at, pair.settled_by = at, by.id
    _note("organisation.told_apart", pair, by, at)


def propose_again(pair: Pair, *, by: Actor, at: datetime) -> None:
    """It was wrong to say that these are two: they are proposed once more."""
    require(by, P.ORGANISATION_MERGE, pair)
    pair.settled_at = pair.settled_by = None
    _note("organisation.told_apart_no_more", pair, by, at)


def _note(what: str, pair: Pair, by: Actor, at: datetime) -> None:
    record(what, pair.one, by=by, at=at, other=pair.other_id)
    record(what, pair.other, by=by, at=at, other=pair.one_id)
