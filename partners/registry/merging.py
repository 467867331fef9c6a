"""Two records of one organisation become one; for thirty days they can be parted again.

Rows that point at the record that goes are pointed at the one that stays, whatever table they lie
in: a table that nobody thought of yet goes along. What went is written down, so that undoing puts
back exactly that.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, bindparam, or_, select, update

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.ground.clock import day_of
from partners.ground.db import Table, db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.history.queries import HELD, RELEASED, held_now
from partners.jobs.runner import put
from partners.registry import actions
from partners.registry.models import Merge, Organisation
from partners.registry.rules import IDENTIFIER, joined, why_not_parted

# Tables that do not go along, each because of something.
STAY: Mapping[str, str] = {
    "looks": "cannot be rewritten; whoever reads a file follows the merges",
    "names": "the record that stays is called so too; the other keeps its own, to be parted with",
}
# What hangs on one of these goes back with it, also when it was added since.
ROOTS = ("engagements", "papers", "charters")


def pointers() -> list[Column[Any]]:
    """Every column that points at an organisation and goes along when two records become one.

    What names two records, such as a merge, is about these two and stays.
    """
    found: list[Column[Any]] = []
    for name, table in sorted(Table.metadata.tables.items()):
        keys = [k.parent for k in table.foreign_keys if k.column.table.name == "organisations"]
        found += keys if len(keys) == 1 and name not in STAY else []
    return found


def merge(
    kept: Organisation, gone: Organisation, stands: Mapping[str, Organisation], reason: str, *,
    ranks: Mapping[str, int], seen: str, by: Actor, at: datetime,
) -> Merge:  # fmt: skip
    """Make one record of two. `stands`, `ranks`: see `joined`; `seen`: what `seal` was when the
    person looked.
    """
    require(by, P.ORGANISATION_MERGE, kept)
    require(by, P.ORGANISATION_MERGE, gone)
    _hold(kept, gone)
    if kept.left_at or gone.left_at or kept.id == gone.id:
        raise Refusal(N_("Both records must stand in the register."))
    if seen != seal(kept, gone):
        raise Refusal(N_("Something changed while you were looking. Compare once more."))
    changed = _rewrite(kept, gone, joined(kept, gone, stands, ranks), by=by, at=at)
    gone.left_at, gone.merged_into_id = at, kept.id
    actions.write_keys(gone)
    db.session.flush()
    moved = {str(column): rows for column in pointers() if (rows := _all(column, gone, kept))}
    db.session.expire_all()
    made = Merge(kept_id=kept.id, gone_id=gone.id, reason=reason, at=at, by_id=by.id, moved=moved,
                 changed=changed)  # fmt: skip
    db.session.add(made)
    record("organisation.merged", kept, by=by, at=at, other=gone.id, reason=reason)
    record("organisation.merged_away", gone, by=by, at=at, other=kept.id, reason=reason)
    return made


def seal(one: Organisation, other: Organisation) -> str:
    """What a person saw who compared two records: both as they stand, and who signs in for them."""
    accounts = Table.metadata.tables["accounts"]
    people = select(accounts.c.id).where(accounts.c.organisation_id.in_([one.id, other.id]),
                                         accounts.c.ended_at.is_(None))  # fmt: skip
    versions = (f"{o.id}.{o.version}" for o in sorted((one, other), key=lambda o: o.id))
    return " ".join([*versions, *map(str, sorted(db.session.scalars(people)))])


def _hold(*records: Organisation) -> None:
    """Let nobody else write about these two meanwhile; SQLite's writers queue already."""
    actions.take_turn()
    mine = select(Organisation.id).where(Organisation.id.in_([o.id for o in records]))
    db.session.execute(mine.order_by(Organisation.id).with_for_update())


def _rewrite(
    kept: Organisation, gone: Organisation, now: dict[str, Any], *, by: Actor, at: datetime
) -> dict[str, Any]:
    """Write what both say together; what stood there before and what since, by column."""
    before = {column: _plain(getattr(kept, column)) for column in now}
    names = [n for o in (kept, gone) for n in o.names]
    own = [(n.scheme, n.text) for n in kept.names]
    texts = list(dict.fromkeys(n.text for n in names if n.kind != IDENTIFIER))
    numbers = list(dict.fromkeys((n.scheme, n.text) for n in names if n.kind == IDENTIFIER))
    for column, value in now.items():
        setattr(kept, column, value)
    actions.rename(kept, now["name"], texts, by=by, at=at)
    actions.identify(kept, numbers, by=by, at=at)
    return {
        **{c: [b, _plain(now[c])] for c, b in before.items() if b != _plain(now[c])},
        "names": [text for text in texts if ("", text) not in own],
        "numbers": [list(number) for number in numbers if number not in own],
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _all(column: Column[Any], of: Organisation, to: Organisation) -> list[int]:
    """Point every row at another record; their numbers."""
    rows = update(column.table).where(column == of.id).values({column: to.id})
    return sorted(db.session.scalars(rows.returning(column.table.c.id)))


def gather_late(at: datetime) -> None:
    """What somebody wrote under the record that went, at the very moment of a merge, goes along.

    Only PostgreSQL lets two people write at once: who had read the old number may still use it.
    """
    fresh = select(Merge).where(Merge.undone_at.is_(None), Merge.at > at - timedelta(days=2))
    for one in db.session.scalars(fresh.order_by(Merge.id)):
        for column in pointers():
            if rows := _all(column, one.gone, one.kept):
                known = one.moved.get(str(column), [])
                one.moved = {**one.moved, str(column): sorted([*known, *rows])}


def merge_of(gone_public_id: str) -> Merge | None:
    """The last merge in which the record with this address went."""
    found = select(Merge).join(Organisation, Organisation.id == Merge.gone_id)
    found = found.where(Organisation.public_id == gone_public_id)
    return db.session.scalars(found.order_by(Merge.id.desc()).limit(1)).first()


def why_not(merge: Merge, today: date) -> str:
    """Why a merge cannot be undone today, or ""."""
    since = select(Merge.id).where(
        Merge.id > merge.id, Merge.undone_at.is_(None),
        or_(Merge.kept_id == merge.kept_id, Merge.gone_id == merge.kept_id),
    )  # fmt: skip
    built_upon = db.session.scalar(since.limit(1)) is not None
    undone = merge.undone_at is not None
    return why_not_parted(merge.until, today, undone=undone, built_upon=built_upon)


def part(merge: Merge, reason: str, *, by: Actor, at: datetime) -> None:
    """Undo a merge: what moved goes back, and what hangs on it; what was added since stays."""
    kept, gone = merge.kept, merge.gone
    require(by, P.ORGANISATION_MERGE, kept)
    _hold(kept, gone)
    if refused := why_not(merge, day_of(at)):
        raise Refusal(refused)
    gone.left_at, gone.merged_into_id = None, None
    merge.undone_at, merge.undone_because = at, reason
    _write_back(kept, merge.changed, by=by, at=at)
    actions.write_keys(gone)
    # What came to the lists meanwhile was compared with the record that stays alone.
    put(actions.RENAMED, by=by.id, organisation=gone.id, before=[])
    db.session.flush()
    by_name = {str(column): column for column in pointers()}
    for name, ids in merge.moved.items():
        _some(by_name[name], ids, kept, gone)
    for column in by_name.values():
        _follow(column, kept, gone)
    db.session.expire_all()
    _hold_back_there(kept, gone, by=by, at=at)
    record("organisation.parted", kept, by=by, at=at, other=gone.id, reason=reason)
    record("organisation.parted", gone, by=by, at=at, other=kept.id, reason=reason)


def _write_back(kept: Organisation, changed: Mapping[str, Any], *, by: Actor, at: datetime) -> None:
    """What nobody has written since gets its old words again."""
    columns = Organisation.__table__.c
    for column in changed.keys() - {"names", "numbers"}:
        before, since = changed[column]
        if _plain(getattr(kept, column)) == since:
            day = columns[column].type.python_type is date and before
            setattr(kept, column, date.fromisoformat(before) if day else before)
    came = {tuple(number) for number in changed["numbers"]}
    others = [n.text for n in kept.names if n.kind != IDENTIFIER and n.text not in changed["names"]]
    numbers = [(n.scheme, n.text) for n in kept.names if n.kind == IDENTIFIER]
    actions.rename(kept, kept.name, others, by=by, at=at)
    actions.identify(kept, [n for n in numbers if n not in came], by=by, at=at)


def _some(column: Column[Any], ids: Iterable[int], of: Organisation, to: Organisation) -> None:
    """Point these rows back, unless they were moved again or are there no more."""
    this = column.table.c.id == bindparam("row")
    back = update(column.table).where(this, column == of.id).values({column: to.id})
    db.session.connection().execute(back, [{"row": number} for number in ids])


def _follow(column: Column[Any], of: Organisation, to: Organisation) -> None:
    """What was added since to something that goes back goes with it."""
    for key in column.table.foreign_keys:
        root = key.column.table
        if root.name in ROOTS:
            theirs = select(root.c.id).where(root.c.organisation_id == to.id)
            rows = update(column.table).where(column == of.id, key.parent.in_(theirs))
            db.session.execute(rows.values({column: to.id}))


def _hold_back_there(kept: Organisation, gone: Organisation, *, by: Actor, at: datetime) -> None:
    """What was held back meanwhile of a thing that went back stays held back there."""
    for entry in held_now(kept.id, day_of(at)):
        things = Table.metadata.tables[entry.facts["thing"]]
        whose = select(things.c.organisation_id).where(things.c.id == entry.facts["row"])
        if db.session.scalar(whose) == gone.id:
            record(RELEASED, kept, by=by, at=at, entry=entry.id)
            record(HELD, gone, by=by, at=at, **entry.facts)
