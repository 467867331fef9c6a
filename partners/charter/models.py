from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partners.ground.db import Table, public_id
from partners.registry.models import Organisation


class Charter(Table):
    """One offer of one charter version to one organisation, or the municipality's own signing.

    `state`: offered, discussing, signed, own_proposed, own_accepted, withdrawn, expired.
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
    signed_at: Mapped[datetime | None]
    valid_until: Mapped[date | None]
    publish_organisation: Mapped[bool] = mapped_column(default=False)
    publish_signer: Mapped[bool] = mapped_column(default=False)
    consented_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship()

    @hybrid_method
    def belongs_to(self, organisation_id: int) -> bool:
        return self.organisation_id == organisation_id
