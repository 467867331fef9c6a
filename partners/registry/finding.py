"""The register as a list: what is looked for, filtered and sorted, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, literal_column, select, tuple_, union
from sqlalchemy.orm import aliased, selectinload

from partners.ground.db import db
from partners.registry.models import NameKey, Organisation
from partners.registry.rules import NUMBER, WORD, closest, wanted

PAGE = 20
# Nobody waits for the rest of a count.
_COUNTED = 1000
# Up to so many are gathered and sorted; of more, every page is near on a walk along the list.
_MANY = 10_000
_MOST_WORDS = 5000
_AFTER_Z = "{"


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
    """One page: its organisations with their names, and whether there are more on either side."""

    rows: Sequence[Organisation]
    earlier: bool
    later: bool


@dataclass(frozen=True)
class Found:
    """Who fits a wish. `walking`: so many that a page is found by going along the list."""

    wish: Wish
    conditions: Sequence[ColumnElement[bool]]
    walking: bool = False

    def leaf(self, *, after: str = "", before: str = "", size: int = PAGE) -> Leaf:
        """The page behind or in front of an organisation (public id); the first without either."""
        place = self._place(before or after) if before or after else None
        back = bool(before) and place is not None
        statement = select(Organisation).where(*self.conditions)
        if place is not None:
            statement = statement.where(self._beyond(place, back))
        statement = statement.options(selectinload(Organisation.names)).limit(size + 1)
        rows = list(db.session.scalars(statement.order_by(*self._order(back))))
        more = len(rows) > size
        rows = rows[:size][::-1] if back else rows[:size]
        return Leaf(rows, more if back else place is not None, True if back else more)

    def count(self) -> tuple[int, bool]:
        """How many, and whether there are more than that. Along a walk nobody counts."""
        if self.walking and self.wish.query:
            return PAGE, True
        some = select(Organisation.id).where(*self.conditions).limit(_COUNTED + 1)
        number = db.session.scalar(select(func.count()).select_from(some.subquery())) or 0
        return min(number, _COUNTED), number > _COUNTED

    @property
    def _columns(self) -> tuple[Any, ...]:
        # What was gathered is sorted, not looked for along the list: the added text keeps both
        # databases from using the index of the order, which takes long where matches lie together.
        name = Organisation.sort_name if self.walking else Organisation.sort_name + ""
        columns: dict[str, tuple[Any, ...]] = {
            "name": (name, Organisation.id),
            "newest": (Organisation.id,),
            "review": (Organisation.review_on, Organisation.id),
        }
        return columns[self.wish.sort]

    def _order(self, back: bool) -> list[Any]:
        newest_first = self.wish.sort == "newest"
        return [c.asc() if back == newest_first else c.desc() for c in self._columns]

    def _place(self, public_id: str) -> Any:
        """Where an organisation stands in this order, or None if nobody knows it."""
        return db.session.execute(
            select(*self._columns).where(Organisation.public_id == public_id)
        ).one_or_none()

    def _beyond(self, place: Any, back: bool) -> ColumnElement[bool]:
        columns, values = tuple_(*self._columns), tuple_(*place)
        return columns > values if back == (self.wish.sort == "newest") else columns < values


def look_for(wish: Wish) -> Found:
    """Who fits. A search by name asks the keys first, because they know how many there are."""
    conditions = _filters(wish)
    if not wish.query:
        return Found(wish, conditions, walking=wish.among is None and not wish.review_by)
    terms, number = wanted(wish.query)
    if not terms:
        return Found(wish, [*conditions, false()])
    sizes = _sizes(terms)
    if min(sizes.values()) > _MANY:
        held = [_holds(Organisation.id, term) for term in terms]
        return Found(wish, [*conditions, *held], walking=True)
    return Found(wish, [*conditions, Organisation.id.in_(_gathered(sizes, number))])


def _filters(wish: Wish) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Organisation.left_at.is_(None)]
    for column in ("kind", "district", "level"):
        if value := getattr(wish, column):
            found.append(getattr(Organisation, column) == value)
    if wish.review_by:
        found.append(Organisation.review_on <= wish.review_by)
    elif wish.sort == "review":
        found.append(Organisation.review_on.is_not(None))
    if wish.among is not None:
        found.append(Organisation.id.in_(wish.among))
    return found


def _gathered(sizes: Mapping[str, int], number: str = "") -> Any:
    """Those with a name word for every term, the rarest first, or a number that begins so."""
    first, *others = sorted(sizes, key=lambda term: sizes[term])
    named = _with_beginning(WORD, first)
    for term in others:
        named = named.where(_holds(NameKey.organisation_id, term))
    return union(named, _with_beginning(NUMBER, number)) if number else named


def _with_beginning(sign: str, beginning: str) -> Select[Any]:
    key = f"{sign}{beginning}"
    return select(NameKey.organisation_id).where(
        NameKey.key >= key, NameKey.key < f"{key}{_AFTER_Z}"
    )


def _holds(organisation_id: Any, term: str) -> ColumnElement[bool]:
    """A word of one of its names begins with `term`."""
    other = aliased(NameKey)
    key = f"{WORD}{term}"
    wanted_keys = other.organisation_id == organisation_id, other.key >= key
    return select(literal_column("1")).where(*wanted_keys, other.key < f"{key}{_AFTER_Z}").exists()


def _sizes(terms: Sequence[str]) -> Mapping[str, int]:
    """How many keys begin with each term, counted up to a limit."""
    counts = [
        select(func.count())
        .select_from(_with_beginning(WORD, term).limit(_MANY + 1).subquery())
        .scalar_subquery()
        for term in terms
    ]
    return dict(zip(terms, db.session.execute(select(*counts)).one(), strict=True))


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
    near = select(Organisation).where(Organisation.id.in_(found))
    return db.session.scalars(near.order_by(Organisation.sort_name + "").limit(limit)).all()


def _words_like(terms: Sequence[str]) -> Sequence[str]:
    """The words of the register with the same first two letters: most slips come later."""
    rows = [_with_beginning(WORD, t[:2]).with_only_columns(NameKey.key) for t in terms]
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
