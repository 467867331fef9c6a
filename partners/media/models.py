from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partners.ground.db import Table, public_id


class Feed(Table):
    """One address and how it answered last. It is asked while a reading of it is open."""

    __tablename__ = "feeds"
    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(unique=True)
    etag: Mapped[str] = mapped_column(default="")
    modified: Mapped[str] = mapped_column(default="")
    tried_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(default="")
    failures: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(index=True)


class Reading(Table):
    """A line of the log: for one engagement one source, the words looked for, and when it was read.

    What was suggested lies in a file until `closed_at`; what was set aside is a mark, no text.
    """

    __tablename__ = "readings"
    __table_args__ = (
        UniqueConstraint("engagement_id", "feed_id", "begun_at"),
        Index("ix_readings_open", "closed_at", "feed_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagements.id"))
    feed_id: Mapped[int] = mapped_column(ForeignKey("feeds.id"))
    name: Mapped[str]
    own: Mapped[bool]
    words: Mapped[list[str]]
    since: Mapped[date]
    begun_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    entries: Mapped[int] = mapped_column(default=0)
    aside: Mapped[list[str]] = mapped_column(default=list)
    closed_at: Mapped[datetime | None]

    feed: Mapped[Feed] = relationship()


class Kept(Table):
    """An entry that a person kept, with a note; the organisation reads it in its file."""

    __tablename__ = "kept_entries"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagements.id"), index=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id"))
    mark: Mapped[str]
    title: Mapped[str]
    link: Mapped[str] = mapped_column(default="")
    published_on: Mapped[date | None]
    good: Mapped[bool]
    note: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str] = mapped_column(default="")

    reading: Mapped[Reading] = relationship()

    @hybrid_method
    def belongs_to(self, organisation_id: int) -> bool:
        return self.organisation_id == organisation_id
