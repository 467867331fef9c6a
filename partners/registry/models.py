from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partners.accounts.models import Account, asked_of_cases, never_aside
from partners.ground.clock import day_of
from partners.ground.db import Folded, Table, public_id
from partners.registry.rules import PARTING


class Organisation(Table):
    """A civil-society organisation, faith community, connector or other, in its own words."""

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("legal_form != '' OR not_registered_because != ''", name="form_or_reason"),
        Index("ix_organisations_listing", "sort_name", "id"),
        *(
            Index(f"ix_organisations_{filtered}", filtered, "sort_name", "id")
            for filtered in ("kind", "district", "level")
        ),
        Index("ix_organisations_review", "review_on", "id"),
        Index(
            "ix_organisations_merged",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    reference: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    sort_name: Mapped[str] = mapped_column(Folded)
    kind: Mapped[str]
    legal_form: Mapped[str] = mapped_column(default="")
    not_registered_because: Mapped[str] = mapped_column(default="")
    purpose: Mapped[str] = mapped_column(default="")
    purpose_by: Mapped[str] = mapped_column(default="")
    purpose_on: Mapped[date | None]
    website: Mapped[str] = mapped_column(default="")
    feeds: Mapped[list[str]] = mapped_column(default=list)
    email: Mapped[str] = mapped_column(default="")
    telephone: Mapped[str] = mapped_column(default="")
    district: Mapped[str] = mapped_column(Folded, default="")
    districts: Mapped[list[str]] = mapped_column(default=list)
    languages: Mapped[list[str]] = mapped_column(default=list)
    tags: Mapped[list[str]] = mapped_column(default=list)
    please_avoid: Mapped[list[str]] = mapped_column(default=list)
    level: Mapped[str] = mapped_column(default="")
    review_on: Mapped[date | None]
    registered_at: Mapped[datetime]
    registered_by: Mapped[int]
    invented: Mapped[bool] = mapped_column(default=False)
    left_at: Mapped[datetime | None]
    # The record that now speaks for this one too; what pointed here points there.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    version: Mapped[int] = mapped_column(default=1)

    names: Mapped[list["Name"]] = relationship(order_by="Name.id")
    offices: Mapped[list["Office"]] = relationship(order_by="Office.id")
    # The merges that stand, by which other records became part of this one.
    merges: Mapped[list["Merge"]] = relationship(
        primaryjoin="and_(Merge.kept_id == Organisation.id, Merge.undone_at == None)",
        order_by="Merge.id",
        viewonly=True,
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def other_names(self) -> list[str]:
        """What it is called besides its main name."""
        return [name.text for name in self.names if name.kind == "other"]

    @property
    def identifiers(self) -> list[str]:
        """Its numbers with their schemes, as "DK-CVR-12345607"."""
        return [f"{name.scheme}-{name.text}" for name in self.names if name.kind == "identifier"]

    @hybrid_method
    def belongs_to(self, organisation_id: int) -> bool:
        return self.id == organisation_id

    on_team = asked_of_cases("id")
    stepped_aside = never_aside


class Name(Table):
    """What an organisation is called or numbered. `kind`: main, other, identifier (with scheme)."""

    __tablename__ = "names"
    __table_args__ = (
        Index("ix_names_folded", "folded"),
        UniqueConstraint("organisation_id", "kind", "scheme", "text"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[str]
    scheme: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
    folded: Mapped[str] = mapped_column(Folded)


class NameKey(Table):
    """Keys by which an organisation is found: words, numbers, and what near names share.

    They are worked out from the names and written with them, some dozen each; no foreign key looks
    at each of them, because that would be half of the time in which an import is copied.
    """

    __tablename__ = "name_keys"
    __table_args__ = (
        Index("ix_name_keys_organisation", "organisation_id", "key"),
        {"sqlite_with_rowid": False},
    )
    key: Mapped[str] = mapped_column(Folded, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Office(Table):
    """A role in an organisation. A person stands in it only if the organisation gave the name."""

    __tablename__ = "offices"
    __table_args__ = (
        CheckConstraint("person = '' OR told_on IS NOT NULL", name="named_people_are_told"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[str]
    person: Mapped[str] = mapped_column(default="")
    reach: Mapped[str] = mapped_column(default="")
    may_sign: Mapped[bool] = mapped_column(default=False)
    together: Mapped[bool] = mapped_column(default=False, server_default=false())
    authority: Mapped[str] = mapped_column(default="")
    told_on: Mapped[date | None]
    since: Mapped[date | None]
    until: Mapped[date | None]


class Merge(Table):
    """Two records that became one: why, and all that undoing it has to put back.

    `moved`: the numbers of the rows that went along, by "table.column". `changed`: what stood at
    the staying record before, and what since, by column.
    """

    __tablename__ = "merges"
    __table_args__ = (
        CheckConstraint("kept_id != gone_id", name="two_records"),
        CheckConstraint("(undone_at IS NULL) = (undone_because = '')", name="undone_with_reason"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    gone_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    reason: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    moved: Mapped[dict[str, Any]]
    changed: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    undone_because: Mapped[str] = mapped_column(default="")

    kept: Mapped[Organisation] = relationship(foreign_keys=[kept_id], viewonly=True)
    gone: Mapped[Organisation] = relationship(foreign_keys=[gone_id], viewonly=True)
    by: Mapped[Account] = relationship()

    @property
    def until(self) -> date:
        """The last day on which it can be undone."""
        return day_of(self.at) + PARTING


class Pair(Table):
    """Two records that may be about one organisation, or of which somebody said that they are two.

    `said`: sentences with their facts; `sign`: of their names; the smaller `weight`, the likelier.
    """

    __tablename__ = "pairs"
    __table_args__ = (
        CheckConstraint("one_id < other_id", name="one_before_other"),
        UniqueConstraint("one_id", "other_id"),
        Index("ix_pairs_weight", "weight", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    one_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    weight: Mapped[int]
    sign: Mapped[str]
    said: Mapped[list[Any]] = mapped_column(JSON)
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))

    one: Mapped[Organisation] = relationship(foreign_keys=[one_id])
    other: Mapped[Organisation] = relationship(foreign_keys=[other_id])
