from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partners.ground.db import Table, public_id
from partners.registry.models import Organisation


class ListVersion(Table):
    """A list as it was handed in on a day: being read, good, or refused with the reason."""

    __tablename__ = "list_versions"
    __table_args__ = (Index("ix_list_versions_list", "list", "state", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    of_list: Mapped[str] = mapped_column("list")
    source: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="reading")
    trouble: Mapped[str] = mapped_column(default="")
    trouble_facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
    by_id: Mapped[int]
    entries: Mapped[int] = mapped_column(default=0)
    names: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    looked_again: Mapped[int | None]
    found: Mapped[int] = mapped_column(default=0)


class ListedBody(Table):
    """An organisation on a list, unchanged from version `first_id` to version `last_id`.

    A version holds those whose span it lies in, so that an unchanged entry is one row for ever and
    what is new is known without comparing.
    """

    __tablename__ = "listed_bodies"
    __table_args__ = (Index("ix_listed_bodies_list", "list", "last_id", "first_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    of_list: Mapped[str] = mapped_column("list")
    key: Mapped[str]
    fingerprint: Mapped[str]
    names: Mapped[list[str]]
    country: Mapped[str] = mapped_column(default="")
    first_id: Mapped[int] = mapped_column(ForeignKey("list_versions.id"))
    last_id: Mapped[int] = mapped_column(ForeignKey("list_versions.id"))


class LookUp(Table):
    """That an organisation, and bodies that control it, were looked up: where, when, what came."""

    __tablename__ = "look_ups"
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagements.id"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    controlled_by: Mapped[list[str]] = mapped_column(default=list)
    versions: Mapped[list[int]] = mapped_column(JSON, default=list)
    found: Mapped[int] = mapped_column(default=0)
    valid_until: Mapped[date] = mapped_column(index=True)

    organisation: Mapped[Organisation] = relationship()


class Resemblance(Table):
    """A name of an organisation that is like one on a list: asked about, answered, settled."""

    __tablename__ = "resemblances"
    __table_args__ = (
        # Two records of one organisation may have met the same name before they became one.
        UniqueConstraint("organisation_id", "pair", "engagement_id"),
        CheckConstraint("(settled_at IS NULL) = (settled_as = '')", name="settled_pair"),
        CheckConstraint("settled_as != 'same' OR asked_at IS NOT NULL", name="asked_first"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagements.id"), index=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("listed_bodies.id"))
    pair: Mapped[str]
    name: Mapped[str]
    listed_name: Mapped[str]
    likeness: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")
    reply: Mapped[str] = mapped_column(default="")
    replied_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None]
    settled_as: Mapped[str] = mapped_column(default="")
    settled_because: Mapped[str] = mapped_column(default="")

    body: Mapped[ListedBody] = relationship()

    @hybrid_method
    def belongs_to(self, organisation_id: int) -> bool:
        return self.organisation_id == organisation_id
