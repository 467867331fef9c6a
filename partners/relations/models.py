from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partners.accounts.models import Account
from partners.ground.db import Table, public_id
from partners.registry.models import Organisation

_STILL = text("follow_up != '' AND done_at IS NULL AND withdrawn_at IS NULL")
_OPEN: Any = {"sqlite_where": _STILL, "postgresql_where": _STILL}


class Contact(Table):
    """One contact or event with an organisation, in one line that it can read itself."""

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_organisation", "organisation_id", "held_on"),
        Index("ix_contacts_by", "by_id", "held_on"),
        # With all that is asked of them, because promises are counted without reading the rest.
        Index("ix_contacts_follow_up", "follow_up_owner_id", "follow_up_on", "follow_up_side",
              **_OPEN),
        Index("ix_contacts_open", "follow_up_on", "follow_up_side", "by_id", **_OPEN),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[str]
    held_on: Mapped[date]
    topics: Mapped[list[str]] = mapped_column(default=list)
    line: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]
    follow_up: Mapped[str] = mapped_column(default="")
    follow_up_side: Mapped[str] = mapped_column(default="city")
    follow_up_owner_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    follow_up_on: Mapped[date | None]
    done_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    organisation: Mapped[Organisation] = relationship()
    by: Mapped[Account] = relationship(foreign_keys=[by_id])
    follow_up_owner: Mapped[Account | None] = relationship(foreign_keys=[follow_up_owner_id])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @hybrid_method
    def is_account(self, account_id: int) -> bool:
        return self.by_id == account_id

    @hybrid_method
    def belongs_to(self, organisation_id: int) -> bool:
        return self.organisation_id == organisation_id
