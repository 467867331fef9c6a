"""What takes two people: to hold back what is due to be destroyed, and to open one point."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partners.assessment.models.case import Engagement, Point
from partners.ground.db import Table, public_id
from partners.registry.models import Organisation


class FourEyes(Table):
    """What one asks for and another agrees to, until a day, with the reason; history points here.

    "hold": what is due to be destroyed is kept, of one engagement or of the whole file. "look": the
    protector opens one point that somebody complained about, and nothing else of the case.
    """

    __tablename__ = "four_eyes"
    __table_args__ = (
        Index("ix_four_eyes_organisation", "organisation_id", "until"),
        CheckConstraint("agreed_by IS NULL OR agreed_by != asked_by", name="another_agrees"),
        CheckConstraint("(kind = 'look') = (point_id IS NOT NULL)", name="look_has_point"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    kind: Mapped[str]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    engagement_id: Mapped[int | None] = mapped_column(ForeignKey("engagements.id"))
    point_id: Mapped[int | None] = mapped_column(ForeignKey("points.id"))
    ground: Mapped[str] = mapped_column(default="")
    reason: Mapped[str]
    until: Mapped[date]
    asked_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    asked_at: Mapped[datetime]
    agreed_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    agreed_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    ended_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    engagement: Mapped[Engagement | None] = relationship()
    point: Mapped[Point | None] = relationship()

    def holds(self, today: date) -> bool:
        """Whether it is in force today; after its last day it has ended by itself."""
        return bool(self.agreed_by) and not self.ended_at and today <= self.until
