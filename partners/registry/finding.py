"""The register as a list: what is looked for, filtered and sorted, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union,
)
from sqlalchemy.orm import joinedload

from partners.ground.db import db
from partners.registry.models import NameKey, Organisation
from partners.registry.rules import NUMBER, WORD, beginning, closest, wanted

PAGE = 20
# Nobody waits for the rest of a count.
_COUNTED = 1000
# So many who have a word are gathered and sorted sooner than met on a walk along the list; of
# several words that more of them have, the names that begin with what was typed come first.
_FEW, _MANY = 2_000, 10_000
_MOST_WORDS = 5000
_AFTER_Z = "{"
_NAMED = joinedload(Organisation.names)
# As plain tables, because with every letter that is typed a dozen of their columns are asked for.
_KEYS = NameKey.__table__.c
_OTHER = NameKey.__table__.alias().c


@dataclass(frozen=True)
class Wish:
    """What is looked for. Empty means any; `among` narrows to a select of organisation ids."""

    query: str = ""
    kind: str = ""
    district: str = ""
    level: str = ""
    review_by: date | None = None
    among: Select[Any] | None = None
    sort: str = "name"


@dataclass(frozen=True)
class Leaf:
    """One page: its organisations with their names, and whether there are more on either side.

    `count`: how many there are on all pages, and whether there are more than that.
    """

    rows: Sequence[Organisation]
    earlier: bool
    later: bool
    count: tuple[int, bool]


@dataclass(frozen=True)
class Found:
    """Who fits a wish. Of a search by name: whose name begins with what was typed, then whose name
    holds the words, then who is found by another name or number.

    `parts`: conditions of those who are soon met along the list, part after part; `gathered`: the
    ids of all, where these parts are not all; `begins` and `terms`: what was typed.
    """

    wish: Wish
    filters: Sequence[ColumnElement[bool]]
    parts: Sequence[Sequence[ColumnElement[bool]]] = ((),)
    gathered: Any = None
    begins: str = ""
    terms: Sequence[str] = ()

    def leaf(self, *, after: str = "", before: str = "", size: int = PAGE) -> Leaf:
        """The page behind or in front of an organisation (public id); the first without either."""
        place = self._place(before or after) if before or after else None
        back, number = bool(before) and place is not None, None
        rows, whole = self._walked(place, back, size + 1)
        if not whole:
            rows, number = self._sorted(place, back, size + 1)
        more = len(rows) > size
        rows = rows[:size][::-1] if back else rows[:size]
        earlier, later = (more, True) if back else (place is not None, more)
        return Leaf(rows, earlier, later, self._counted(
            number if earlier or later else len(rows)))  # fmt: skip

    def _counted(self, number: int | None) -> tuple[int, bool]:
        if number is None and self.wish.query:
            return PAGE, True
        if number is None:
            some = select(Organisation.id).where(*self.filters).limit(_COUNTED + 1)
            number = db.session.scalar(select(func.count()).select_from(some.subquery())) or 0
        return min(number, _COUNTED), number > _COUNTED

    @property
    def _columns(self) -> tuple[Any, ...]:
        # The added text keeps both databases from going along the list for the few that are due.
        name = Organisation.sort_name + "" if self.wish.review_by else Organisation.sort_name
        columns: dict[str, tuple[Any, ...]] = {
            "name": (name, Organisation.id),
            "newest": (Organisation.id,),
            "review": (Organisation.review_on, Organisation.id),
        }
        return columns[self.wish.sort]

    def _part(self, name: Any) -> ColumnElement[int]:
        """In which part of the order a name stands; always 0 where this sorts nothing."""
        if not self.begins or self.wish.sort != "name":
            return literal_column("0")
        opens, named = _opens(name, self.begins), _named(name, self.terms)
        return case((opens, 0), (named, 1), else_=2)

    def _place(self, public_id: str) -> Any:
        """Where an organisation stands in this order, or None if nobody knows it."""
        part = self._part(Organisation.sort_name)
        known = select(part, *self._columns).where(Organisation.public_id == public_id)
        return db.session.execute(known).one_or_none()

    def _walked(self, place: Any, back: bool, most: int) -> tuple[list[Organisation], bool]:
        """Who is met along the list, and whether the page is whole with them."""
        at, rows = place[0] if place else 0, list[Organisation]()
        numbers = range(at, -1, -1) if back else range(at, len(self.parts))
        if at >= len(self.parts):
            return rows, False
        for number in numbers:
            if len(rows) < most:
                if (number or self.wish.sort != "name") and self._rare:
                    return rows, False
                statement = select(Organisation).where(*self.filters, *self.parts[number])
                if place and number == at:
                    statement = statement.where(self._beyond(self._columns, place[1:], back))
                statement = statement.order_by(*self._order(self._columns, back))
                statement = statement.options(_NAMED).limit(most - len(rows))
                rows += db.session.scalars(statement).unique()
        return rows, back or self.gathered is None or len(rows) == most

    @cached_property
    def _rare(self) -> bool:
        """Whether few have all of several words: on a walk nearly the whole list would be read."""
        if len(self.terms) < 2 or self.gathered is None:
            return False
        some = select(self.gathered).limit(_FEW + 1).subquery()
        return (db.session.scalar(select(func.count()).select_from(some)) or 0) <= _FEW

    def _sorted(self, place: Any, back: bool, most: int) -> tuple[list[Organisation], int | None]:
        """The same of the ids that are gathered, and how many these are."""
        ids = self.gathered
        # A scalar select is looked up id by id; a join makes PostgreSQL read the whole register.
        its = Organisation.id == ids.c.organisation_id
        first = select(self._columns[0]).where(its, *self.filters).scalar_subquery()
        kept = select(ids.c.organisation_id, first.label("first")).cte()
        kept = kept.prefix_with("MATERIALIZED")
        every = select(
            self._part(kept.c.first).label("part"), kept.c.first, kept.c.organisation_id,
            func.count().over().label("number"),
        ).where(kept.c.first.is_not(None)).subquery()  # fmt: skip
        columns = every.c.part, every.c.first, every.c.organisation_id
        page = select(every).order_by(*self._order(columns, back)).limit(most)
        if place:
            page = page.where(self._beyond(columns, (*place[:2], place[-1]), back))
        page = page.subquery()
        statement = select(Organisation, page.c.number).options(_NAMED)
        statement = statement.join(page, page.c.organisation_id == Organisation.id)
        order = self._order((page.c.part, page.c.first, page.c.organisation_id), back)
        rows = db.session.execute(statement.order_by(*order)).unique().all()
        return [row for row, _number in rows], rows[0][1] if rows else None

    def _order(self, columns: Sequence[Any], back: bool) -> list[Any]:
        newest_first = self.wish.sort == "newest"
        return [c.asc() if back == newest_first else c.desc() for c in columns]

    def _beyond(self, columns: Sequence[Any], values: Any, back: bool) -> ColumnElement[bool]:
        left, right = tuple_(*columns), tuple_(*values)
        return left > right if back == (self.wish.sort == "newest") else left < right


def look_for(wish: Wish) -> Found:
    """Who fits. A search by name asks the keys first, because they know how many there are."""
    filters, mine = _filters(wish), wish.among
    if not wish.query:
        return Found(wish, filters) if mine is None else Found(wish, filters, (), _all(mine))
    terms, number = wanted(wish.query)
    if not terms:
        return Found(wish, filters, [[false()]])
    begins, sizes = beginning(wish.query), _sizes(terms)
    if mine is not None:
        return Found(wish, [*filters, _held(terms, number)], (), _all(mine), begins, terms)
    parts, every = _soon_met(wish, sizes, begins, number), _gathered(sizes, number)
    return Found(wish, filters, parts, every, begins, terms)


def _soon_met(
    wish: Wish, sizes: Mapping[str, int], begins: str, number: str
) -> Sequence[Sequence[ColumnElement[bool]]]:
    """Nobody where few have the words; else those whose name begins so; where one word is asked
    for that many have, also all others whose name has it.
    """
    fewest, terms, name = min(sizes.values()), [*sizes], Organisation.sort_name
    often = fewest > (_FEW if len(terms) == 1 else _MANY)
    if wish.sort != "name":
        return [[_held(terms, number)]] if often else []
    opens = _opens(name, begins)
    # Said as a number, because PostgreSQL takes a pattern for rare and sorts the whole register.
    later = [[~opens, case((_named(name, terms), 1), else_=0) != 0]] if often else []
    return [[opens], *later] if fewest > _FEW else []


def _all(ids: Select[Any]) -> Any:
    return ids.distinct().subquery()


def _filters(wish: Wish) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Organisation.left_at.is_(None)]
    for column in ("kind", "district", "level"):
        if value := getattr(wish, column):
            found.append(getattr(Organisation, column) == value)
    if wish.review_by:
        found.append(Organisation.review_on <= wish.review_by)
    elif wish.sort == "review":
        found.append(Organisation.review_on.is_not(None))
    return found


def _gathered(sizes: Mapping[str, int], number: str = "") -> Any:
    """Those with a name word for every term, the rarest first, or a number that begins so."""
    first, *others = sorted(sizes, key=lambda term: sizes[term])
    named = _with_beginning(f"{WORD}{first}").distinct()
    for term in others:
        # Of two sets alike in size the one is read once; a much larger one is asked id by id.
        alike = sizes[term] <= 4 * sizes[first]
        its, key = _KEYS.organisation_id, f"{WORD}{term}"
        named = named.where(its.in_(_with_beginning(key)) if alike else _holds(its, key))
    every = union(named, _with_beginning(f"{NUMBER}{number}")) if number else named
    return every.subquery()


def _held(terms: Sequence[str], number: str) -> ColumnElement[bool]:
    """The same, asked of one organisation."""
    named = and_(*(_holds(Organisation.id, f"{WORD}{term}") for term in terms))
    return or_(named, _holds(Organisation.id, f"{NUMBER}{number}")) if number else named


def _opens(name: Any, beginning: str) -> ColumnElement[bool]:
    return and_(name >= beginning, name < f"{beginning}{_AFTER_Z}")


def _named(name: Any, terms: Sequence[str]) -> ColumnElement[bool]:
    return and_(*((literal(" ") + name).contains(f" {term}") for term in terms))


def _with_beginning(beginning: str) -> Select[Any]:
    return select(_KEYS.organisation_id).where(_opens(_KEYS.key, beginning))


def _holds(organisation_id: Any, beginning: str) -> ColumnElement[bool]:
    """One of its keys begins so. A scalar select is looked up; "exists" may become a long join."""
    its = select(literal_column("1")).where(_OTHER.organisation_id == organisation_id)
    return its.where(_opens(_OTHER.key, beginning)).limit(1).scalar_subquery().is_not(None)


def _sizes(terms: Sequence[str]) -> Mapping[str, int]:
    """How many keys begin with each term, counted up to a limit.

    Figures first, because they are rare, and of the others no more than tells which are alike.
    """
    first, *others = sorted(terms, key=lambda term: (term.isalpha(), -len(term)))
    rare = _count(first, _MANY + 1).cte()
    number = select(rare.c.number).scalar_subquery()
    most = case((number * 4 < _MANY, number * 4 + 1), else_=_MANY + 1)
    counts = [number, *(_count(term, most).scalar_subquery() for term in others)]
    return dict(zip([first, *others], db.session.execute(select(*counts)).one(), strict=True))


def _count(term: str, most: Any) -> Select[Any]:
    some = _with_beginning(f"{WORD}{term}").limit(most).subquery()
    return select(func.count().label("number")).select_from(some)


def mended(query: str, limit: int = 10) -> Sequence[Organisation]:
    """Who may be meant when nobody is called so: unknown words are put right by one slip."""
    terms, _number = wanted(query)
    if not terms:
        return ()
    sizes = _sizes(terms)
    known = _words_like([term for term in terms if not sizes[term]])
    better = [term if sizes[term] else closest(term, known) for term in terms]
    if "" in better or tuple(better) == terms:
        return ()
    found = _gathered(dict.fromkeys(better, 0) | {t: n for t, n in sizes.items() if n})
    near = Found(Wish(query), _filters(Wish()), (), found, " ".join(better), better)
    return near.leaf(size=limit).rows


def _words_like(terms: Sequence[str]) -> Sequence[str]:
    """The words of the register with the same first two letters: most slips come later."""
    rows = [_with_beginning(f"{WORD}{t[:2]}").with_only_columns(_KEYS.key) for t in terms]
    found = db.session.scalars(union(*rows).limit(_MOST_WORDS)) if rows else ()
    return [key.removeprefix(WORD) for key in found]


def districts(limit: int = 200) -> list[str]:
    """The districts in use, by name. Jumps from one to the next, so it costs no more when full."""
    first = select(func.min(Organisation.district).label("district")).where(
        Organisation.district > ""
    )
    walk = first.cte("walk", recursive=True)
    onward = (
        select(func.min(Organisation.district))
        .where(Organisation.district > walk.c.district)
        .scalar_subquery()
    )
    walk = walk.union_all(select(onward).where(walk.c.district.is_not(None)))
    found = db.session.scalars(select(walk.c.district).limit(limit + 1))
    return [district for district in found if district]
