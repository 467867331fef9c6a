"""Reading the charter: who signed what, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload

from partners.charter.models import Charter
from partners.charter.rules import HOLDS, NAMED, OPEN, State
from partners.charter.text import Wording, stated
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.registry.models import Organisation
from partners.signing.models import Seal, Signature
from partners.signing.queries import charter_hands
from partners.signing.rules import Standing

MOST = 2000
SHOWN = (*OPEN, State.SUSPENDED)
ONCE = (State.SIGNED, State.SUSPENDED, State.RENEWED, State.WITHDRAWN)
ALONE = Charter.with_id.is_(None)  # not one of several under one text


def signed_by_city(wording: Wording) -> Charter | None:
    """The municipality's own signing of exactly this text."""
    return db.session.scalar(
        select(Charter)
        .where(Charter.organisation_id.is_(None), Charter.text_hash == wording.hash)
        .limit(1)
    )


def unsealed() -> Sequence[int]:
    """Signatures that hold, without a seal and without one being asked. Several have one seal."""
    signed, sealed = exists().where(Signature.charter_id == Charter.id), exists().where(
        Seal.charter_id == Charter.id)  # fmt: skip
    holds = Charter.state.in_(HOLDS) & (Charter.organisation_id.is_not(None) == ALONE)
    return db.session.scalars(select(Charter.id).where(holds, signed, ~sealed)).all()


def open_offer(organisation_id: int) -> Charter | None:
    """The offer that waits for the organisation, or for both."""
    return db.session.scalar(
        select(Charter)
        .where(Charter.organisation_id == organisation_id, Charter.state.in_(OPEN), ALONE)
        .order_by(Charter.id.desc())
        .limit(1)
    )


def in_force(organisation_id: int, today: date) -> Charter | None:
    """The organisation's newest signature or accepted words that hold today."""
    return db.session.scalar(
        select(Charter)
        .where(
            Charter.organisation_id == organisation_id,
            Charter.state.in_(HOLDS),
            Charter.valid_until >= today,
        )
        .order_by(Charter.id.desc())
        .limit(1)
    )


def signed_so_far(charter: Charter) -> list[Signature]:
    """What stands under an offer that waits for one more of the same organisation."""
    given = charter_hands([charter.id]).get(charter.id, []) if charter.state in OPEN else []
    return [one for one in given if not one.voided_at]


def before(charter: Charter) -> list[Charter]:
    """What the organisation signed before of the same: the charter, or what the same several state
    together.
    """
    own = charter.organisation_id or 0
    if not charter.with_id:
        return [row for row in charters_of(own) if row.id != charter.id]
    return [row for row in several_of(own)
            if row.id < charter.id and stated(row.text) == stated(charter.text)]  # fmt: skip


def charters_of(organisation_id: int) -> Sequence[Charter]:
    """Everything that one organisation was offered alone, newest first; for its own eyes."""
    return db.session.scalars(
        select(Charter)
        .where(Charter.organisation_id == organisation_id, ALONE)
        .order_by(Charter.id.desc())
    ).all()


def public(today: date) -> Sequence[Charter]:
    """Signatures that hold today and may be shown, one an organisation and text, in alphabetical
    order.
    """
    shown = select(func.max(Charter.id)).where(
        Charter.state.in_(HOLDS), Charter.publish_organisation.is_(True),
        Charter.valid_until >= today,
    )  # fmt: skip
    return db.session.scalars(
        select(Charter)
        .join(Organisation, Organisation.id == Charter.organisation_id)
        .where(Charter.id.in_(shown.group_by(Charter.organisation_id, Charter.with_id)))
        .options(joinedload(Charter.organisation))
        .order_by(Organisation.sort_name, Charter.id)
        .limit(MOST)
    ).all()


def current(today: date, *, limit: int = 200) -> Sequence[Charter]:
    """What staff see: offers that are open and signatures that hold. Nothing else is a mark."""
    held = Charter.state.in_(HOLDS) & (Charter.valid_until >= today)
    return db.session.scalars(
        select(Charter)
        .where(Charter.organisation_id.is_not(None), ALONE, Charter.state.in_(SHOWN) | held)
        .options(joinedload(Charter.organisation))
        .order_by(Charter.id.desc())
        .limit(limit)
    ).all()


def kinds_invited(version: str) -> dict[str, int]:
    """How many organisations of each kind were offered this version."""
    rows = db.session.execute(
        select(Organisation.kind, func.count(func.distinct(Organisation.id)))
        .join(Charter, Charter.organisation_id == Organisation.id)
        .where(Charter.version == version, ALONE)
        .group_by(Organisation.kind)
    )
    return {kind: number for kind, number in rows}


def values_facts(organisation_id: int, today: date) -> dict[str, Any]:
    """What a paper between the two sides says about values."""
    found = in_force(organisation_id, today)
    signed = found is not None and found.state == State.SIGNED
    return {
        "charter_signed": signed,
        "charter_version": found.version if found and signed else "",
        "charter_equal": found.own_words.split("\n")[0][:100] if found and not signed else "",
    }


def standing_of(charter_id: int, today: date) -> Standing:
    """How a signature under the charter stands today, as anybody who holds its paper may know."""
    charter = db.session.get_one(Charter, charter_id)
    assert charter.signed_at is not None
    until = charter.valid_until
    if charter.organisation_id is None and (over := _left_by_all(charter)):
        return over
    if charter.state == State.RENEWED:
        return Standing("replaced", _renewed_on(charter), by="partner")
    if charter.state == State.SUSPENDED:
        rests = datetime.fromisoformat(charter.suspension["rests_at"])
        return Standing("suspended", day_of(rests), until, charter.suspension["side"])
    if charter.state == State.WITHDRAWN and charter.withdrawn_at:
        return Standing("withdrawn", day_of(charter.withdrawn_at), by="partner")
    if until and until < today:
        return Standing("expired", until)
    return Standing("in_force", day_of(charter.signed_at), until)


def _renewed_on(charter: Charter) -> date:
    """When the newer signature took its place."""
    newer = db.session.scalar(
        select(func.min(Charter.signed_at)).where(
            Charter.organisation_id == charter.organisation_id,
            Charter.id > charter.id,
            ~ALONE if charter.with_id else ALONE,
        )
    )
    return day_of(newer or charter.offered_at)


def city_texts() -> Sequence[Charter]:
    """The versions that the municipality signed, newest first."""
    return db.session.scalars(
        select(Charter).where(Charter.organisation_id.is_(None), ALONE).order_by(Charter.id.desc())
    ).all()


@dataclass(frozen=True)
class Several:
    """One text under which several sign: the municipality's own row, and a row for each party."""

    head: Charter
    parties: Sequence[Charter]

    @property
    def named(self) -> list[Charter]:
        """Whose name stands under the text, in the order in which they were asked."""
        return [row for row in self.parties if row.state in NAMED]

    @property
    def asked(self) -> list[Charter]:
        """Who is still to sign."""
        return [row for row in self.parties if row.state in OPEN]

    @property
    def in_force(self) -> bool:
        return self.head.state == State.SIGNED


def several(with_id: int, *, lock: bool = False) -> Several:
    """What belongs together, under the text as it stands; earlier texts are left out.

    `lock`: read anew, and nobody else does anything about it meanwhile.
    """
    wanted = select(Charter).where(Charter.with_id == with_id).order_by(Charter.id)
    if lock:
        wanted = wanted.with_for_update(of=Charter).execution_options(populate_existing=True)
    rows = db.session.scalars(wanted.options(joinedload(Charter.organisation))).all()
    head = [row for row in rows if row.organisation_id is None][-1]
    return Several(head, [row for row in rows if row.id > head.id])


def texts_of(head: Charter) -> Sequence[Charter]:
    """Every text of these several, the first one first."""
    return db.session.scalars(
        select(Charter)
        .where(Charter.with_id == head.with_id, Charter.organisation_id.is_(None))
        .order_by(Charter.id)
    ).all()


def all_several() -> Sequence[Several]:
    """Every text under which several sign, newest first."""
    found = select(Charter.with_id).where(~ALONE).group_by(Charter.with_id)
    rows = db.session.scalars(found.order_by(Charter.with_id.desc()).limit(MOST))
    return [several(with_id) for with_id in rows if with_id]


def several_of(organisation_id: int) -> Sequence[Charter]:
    """An organisation's newest row under each text of several, newest first; for its own eyes."""
    newest = select(func.max(Charter.id)).where(Charter.organisation_id == organisation_id, ~ALONE)
    return db.session.scalars(
        select(Charter)
        .where(Charter.id.in_(newest.group_by(Charter.with_id)))
        .order_by(Charter.id.desc())
    ).all()


def signed_before(charter: Charter) -> Charter | None:
    """What the organisation signed before of the same, in the language of this: the charter, or
    what the same several state together, also where that never came into force.
    """
    rows = db.session.scalars(
        select(Charter)
        .where(
            Charter.organisation_id == charter.organisation_id, Charter.id < charter.id,
            ~ALONE if charter.with_id else ALONE, Charter.state.in_(ONCE),
            Charter.id.in_(select(Signature.charter_id)),
        )
        .order_by(Charter.id.desc())
    )  # fmt: skip
    found = next((row for row in rows if not charter.with_id or row.with_id == charter.with_id
                  or stated(row.text) == stated(charter.text)), None)  # fmt: skip
    return found if found and found.language == charter.language else None


def waiting_too_long(today: date) -> Sequence[Charter]:
    """The municipality's rows of those texts of several whose last day to sign has passed."""
    return db.session.scalars(
        select(Charter).where(
            Charter.organisation_id.is_(None), Charter.state == State.WAITING,
            Charter.sign_by < today,
        )
    ).all()  # fmt: skip


def renewed_in(head: Charter) -> Charter | None:
    """The newest round in which several state the same under the charter as it is by then."""
    rows = db.session.scalars(
        select(Charter)
        .where(Charter.organisation_id.is_(None), Charter.with_id > (head.with_id or 0))
        .order_by(Charter.id.desc())
    )
    return next((row for row in rows if stated(row.text) == stated(head.text)), None)


def _left_by_all(head: Charter) -> Standing | None:
    """How it ended when the last of several went out or signed anew; None while a name stands."""
    together = several(head.with_id) if head.with_id else None
    if together is None or together.named:
        return None
    if anew := [_renewed_on(row) for row in together.parties if row.state == State.RENEWED]:
        return Standing("replaced", max(anew), by="partner")
    gone = [day_of(row.withdrawn_at) for row in together.parties if row.withdrawn_at]
    return Standing("ended", max(gone)) if gone else None
