from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from partners.ground.db import Table, public_id


class Upload(Table):
    """A file handed in for an item. After destruction the row says who removed what kind, and
    when; no kind where its time was over.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        CheckConstraint("(destroyed_at IS NULL) = (destroyed_by IS NULL)", name="destroyed_pair"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    engagement_id: Mapped[int | None] = mapped_column(ForeignKey("engagements.id"), index=True)
    item: Mapped[str]
    what: Mapped[str]
    name: Mapped[str]
    mime: Mapped[str]
    size: Mapped[int]
    fingerprint: Mapped[str]
    by_id: Mapped[int]
    at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]
    destroyed_by: Mapped[int | None]
    destroyed_kind: Mapped[str] = mapped_column(default="")
