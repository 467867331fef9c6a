"""The shelf of editions: today's policy, and every policy that a result was ever found under."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Select, select

from partners.ground.db import db
from partners.policy.models import Draft, Edition
from partners.policy.schema import read
from partners.policy.values import Policy

# Because an edition never changes, what was read under a fingerprint stays right for ever.
_read: dict[str, Policy] = {}
_texts: dict[str, dict[str, str]] = {}


def published() -> tuple[str, datetime] | None:
    """The edition that two managers published last, and when; None: the folder's is in use."""
    beside = db.session.info.pop("published", None)  # it came with who is signed in
    version, at = beside or db.session.execute(newest()).first() or (None, None)
    return (version, at) if version and at else None


def newest() -> Select[str, datetime | None]:
    """The edition that was published last, and when: a statement, to ask alone or beside others."""
    day = Draft.published_at
    rows = select(Draft.edition, day).where(day.is_not(None))
    return rows.order_by(day.desc(), Draft.id.desc()).limit(1)


def texts_of(version: str) -> dict[str, str]:
    """The texts of an edition, word for word."""
    if version not in _texts:
        _texts[version] = db.session.get_one(Edition, version).texts
    return _texts[version]


def adopt(version: str, texts: Mapping[str, str], at: datetime) -> Policy:
    """Put this printing on the shelf, if it is new. The caller's transaction commits it."""
    policy = printing(version, texts)
    if db.session.get(Edition, version) is None:
        db.session.add(Edition(version=version, texts=dict(texts), adopted_at=at))
    return policy


def edition(version: str) -> Policy:
    """The policy as it was printed under `version`. Raises NoResultFound for an unknown one."""
    if version not in _read:
        texts = db.session.get_one(Edition, version).texts
        _read[version] = read(texts, version, house_rules=False)
    return _read[version]


def printing(version: str, texts: Mapping[str, str]) -> Policy:
    """A printing before anybody has worked under it, such as today's; the shelf stays as it is."""
    if version not in _read:
        _read[version] = read(texts, version)
    return _read[version]
