"""What is on the lists now, and who was looked up in which version."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import String, and_, cast, func, or_, select
from sqlalchemy.orm import joinedload

from partners.ground.clock import day_of
from partners.ground.db import db
from partners.lists.models import ListedBody, ListVersion, LookUp, Resemblance
from partners.matching.listed import Found, Listed
from partners.matching.names import fold
from partners.registry.models import Organisation

_index: dict[tuple[str, ...], Listed] = {}


def current_versions() -> Mapping[str, ListVersion]:
    """The newest good version of every list."""
    newest = select(func.max(ListVersion.id)).where(ListVersion.state == "good")
    rows = select(ListVersion).where(ListVersion.id.in_(newest.group_by(ListVersion.of_list)))
    return {row.of_list: row for row in db.session.scalars(rows)}


def is_listed(row: Resemblance, versions: Mapping[str, ListVersion]) -> bool:
    """Whether the entry that a name is like still stands on its list."""
    now = versions.get(row.body.of_list)
    return now is not None and row.body.first_id <= now.id <= row.body.last_id


def good_before(version: ListVersion) -> ListVersion | None:
    """The last good version before this one."""
    return db.session.scalar(_good_before(version))


def compared_before(version: ListVersion) -> ListVersion | None:
    """The last good version before this one that was compared with everybody."""
    return db.session.scalar(_good_before(version).where(ListVersion.looked_again.is_not(None)))


def _good_before(version: ListVersion) -> Any:
    earlier = ListVersion.of_list == version.of_list, ListVersion.id < version.id
    rows = select(ListVersion).where(*earlier, ListVersion.state == "good")
    return rows.order_by(ListVersion.id.desc()).limit(1)


def versions_of(list_id: str, limit: int = 50) -> Sequence[ListVersion]:
    """The versions of a list that were handed in, newest first, refused ones too."""
    rows = select(ListVersion).where(ListVersion.of_list == list_id)
    return db.session.scalars(rows.order_by(ListVersion.id.desc()).limit(limit)).all()


def versions_by_id(ids: Iterable[int]) -> Mapping[int, ListVersion]:
    """These versions."""
    rows = db.session.scalars(select(ListVersion).where(ListVersion.id.in_(set(ids))))
    return {row.id: row for row in rows}


def bodies(versions: Iterable[ListVersion], since: int = 0) -> Sequence[ListedBody]:
    """The organisations in these versions; only those that are new after version `since`."""
    spans = [and_(ListedBody.of_list == v.of_list, ListedBody.first_id <= v.id,
                  ListedBody.last_id >= v.id) for v in versions]  # fmt: skip
    if not spans:
        return ()
    rows = select(ListedBody).where(or_(*spans), ListedBody.first_id > since)
    return db.session.scalars(rows.order_by(ListedBody.id)).all()


def names_in(rows: Iterable[ListedBody]) -> list[tuple[str, str]]:
    """All names of these, each with whose it is, as an index takes them."""
    return [(str(row.id), name) for row in rows for name in row.names]


def index(versions: Mapping[str, ListVersion]) -> Listed:
    """The index over these versions, built once in a process; a good version never changes."""
    key = tuple(sorted(version.public_id for version in versions.values()))
    if key not in _index:
        _index.clear()
        _index[key] = Listed(names_in(bodies(versions.values())))
    return _index[key]


def alike(names: Sequence[str], among: Listed) -> Sequence[tuple[str, Found]]:
    """For every body on a list the nearest of these names, nearest first."""
    best: dict[str, tuple[str, Found]] = {}
    for name in names:
        for found in among.look_up(name):
            if found.key not in best or found.nearness > best[found.key][1].nearness:
                best[found.key] = name, found
    return sorted(best.values(), key=lambda one: (-one[1].nearness, one[1].name))


def bodies_by_id(ids: Iterable[int]) -> Mapping[int, ListedBody]:
    rows = db.session.scalars(select(ListedBody).where(ListedBody.id.in_(set(ids))))
    return {row.id: row for row in rows}


def look_ups(organisation_id: int) -> Sequence[LookUp]:
    """When an organisation was looked up, newest first."""
    rows = select(LookUp).where(LookUp.organisation_id == organisation_id)
    return db.session.scalars(rows.order_by(LookUp.id.desc())).all()


def answer_until(asked_at: datetime | None, days: int) -> date | None:
    """The last day on which the organisation may answer; None before it was asked."""
    return asked_at and day_of(asked_at) + timedelta(days=days)


def resemblances(organisation_id: int, *, asked: bool = False) -> Sequence[Resemblance]:
    """Names on lists that are like its own, newest first; only those it was asked about."""
    rows = select(Resemblance).where(Resemblance.organisation_id == organisation_id)
    if asked:
        rows = rows.where(Resemblance.asked_at.is_not(None))
    rows = rows.options(joinedload(Resemblance.body)).order_by(Resemblance.id.desc())
    return db.session.scalars(rows).all()


def waiting_for_partner(organisation_id: int) -> Sequence[Resemblance]:
    """What the organisation was asked and has not answered."""
    return [r for r in resemblances(organisation_id, asked=True)
            if not r.replied_at and not r.settled_at]  # fmt: skip


def unsettled(engagement_ids: Iterable[int]) -> Sequence[Resemblance]:
    """What still has to be settled in these engagements."""
    theirs = Resemblance.engagement_id.in_(set(engagement_ids))
    rows = select(Resemblance).where(Resemblance.settled_at.is_(None), theirs)
    return db.session.scalars(rows.order_by(Resemblance.id)).all()


def newest_look_ups(
    today: date, limit: int, *, after: int = 0, only: Iterable[int] | None = None
) -> Sequence[LookUp]:
    """The newest look-up of every organisation, where it still counts; some at a time."""
    rows = _newest(today).where(LookUp.id > after).limit(limit)
    return db.session.scalars(rows.where(LookUp.id.in_(only)) if only is not None else rows).all()


def newest_number(today: date) -> int:
    """How many organisations have a look-up that still counts."""
    return db.session.scalar(select(func.count()).select_from(_newest(today).subquery())) or 0


def _newest(today: date) -> Any:
    newest = select(func.max(LookUp.id)).group_by(LookUp.organisation_id)
    rows = select(LookUp).where(LookUp.id.in_(newest), LookUp.valid_until >= today)
    whole = joinedload(LookUp.organisation).selectinload(Organisation.names)
    return rows.options(whole).order_by(LookUp.id)


def look_ups_about(organisation_id: int, names: Sequence[str], today: date) -> Sequence[LookUp]:
    """The newest look-ups that count: its own, and those of whom a body of such a name controls."""
    called = {fold(name) for name in names}
    controlled = cast(LookUp.controlled_by, String) != "[]"
    rows = _newest(today).where(or_(LookUp.organisation_id == organisation_id, controlled))
    return [
        look for look in db.session.scalars(rows)
        if look.organisation_id == organisation_id or called & set(map(fold, look.controlled_by))
    ]  # fmt: skip
