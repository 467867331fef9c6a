from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, false
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partners.charter.text import Wording
from partners.ground.db import Table, public_id
from partners.registry.models import Organisation


class Charter(Table):
    """One offer of one charter version to one organisation, or the municipality's own signing.

    `state`: see rules.State. `suspension`: the last one, step by step; `hearing`: one side has
    said why and nothing is decided. `first_points`, `second_points`: the headings that a reader
    found in an organisation's own words. `with_id`: where several sign one text, the row with which
    it began; such a row waits for all until `sign_by`.
    """

    __tablename__ = "charters"
    __table_args__ = (Index("ix_charters_organisation", "organisation_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    version: Mapped[str]
    language: Mapped[str]
    text: Mapped[str]
    text_hash: Mapped[str]
    state: Mapped[str]
    offered_at: Mapped[datetime]
    offered_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    own_words: Mapped[str] = mapped_column(default="")
    own_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    first_reader: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    first_reason: Mapped[str] = mapped_column(default="")
    second_reader: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    second_reason: Mapped[str] = mapped_column(default="")
    first_points: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    second_points: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    suspension: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    said: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    hearing: Mapped[bool] = mapped_column(default=False, server_default=false())
    signed_at: Mapped[datetime | None]
    valid_until: Mapped[date | None]
    publish_organisation: Mapped[bool] = mapped_column(default=False)
    consented_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    with_id: Mapped[int | None] = mapped_column(ForeignKey("charters.id"), index=True)
    sign_by: Mapped[date | None]

    organisation: Mapped[Organisation | None] = relationship()

    @property
    def wording(self) -> Wording:
        return Wording(self.version, self.language, self.text)

    @hybrid_method
    def belongs_to(self, organisation_id: int) -> bool:
        return self.organisation_id == organisation_id


class Shaping(Table):
    """One round in which the text is looked at together; `changed` says what came of it."""

    __tablename__ = "charter_shapings"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    version: Mapped[str]
    about: Mapped[str]
    until: Mapped[date]
    opened_at: Mapped[datetime]
    opened_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    changed: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]


class Voice(Table):
    """Somebody who was asked to shape the text, what it proposed and what it was answered."""

    __tablename__ = "charter_voices"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    shaping_id: Mapped[int] = mapped_column(ForeignKey("charter_shapings.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    asked_at: Mapped[datetime]
    words: Mapped[str] = mapped_column(default="")
    by_name: Mapped[bool] = mapped_column(default=False)
    said_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()

    @hybrid_method
    def belongs_to(self, organisation_id: int) -> bool:
        return self.organisation_id == organisation_id


class Commitment(Table):
    """One point to which the municipality committed itself, until the day of its next report."""

    __tablename__ = "charter_commitments"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    version: Mapped[str]
    number: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    due_on: Mapped[date] = mapped_column(index=True)
    report: Mapped[str] = mapped_column(default="")
    reported_at: Mapped[datetime | None]
    reported_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
