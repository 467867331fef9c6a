"""The editions of the policy, as they were printed, and the drafts of the next one."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from partners.ground.db import Table, public_id


class Edition(Table):
    """One printing of `data/`, word for word, under its fingerprint. It never changes."""

    __tablename__ = "policy_editions"
    version: Mapped[str] = mapped_column(primary_key=True)
    texts: Mapped[dict[str, Any]]
    adopted_at: Mapped[datetime]


class Draft(Table):
    """A changed policy: tried on what runs, read, proposed, and published by a second manager.

    The newest one that was published is the policy in use. `found`: what trying it showed.
    """

    __tablename__ = "policy_drafts"
    __table_args__ = (
        CheckConstraint("proposed_by IS NULL OR read_by IS NULL OR proposed_by != read_by",
                        name="reader_is_another"),
        CheckConstraint(
            "published_by IS NULL OR (proposed_by IS NOT NULL AND read_by IS NOT NULL"
            " AND published_by != proposed_by AND published_by != read_by)", name="two_managers",
        ),
        CheckConstraint("published_by IS NULL OR withdrawn_by IS NULL", name="one_end"),
        CheckConstraint("(published_at IS NULL) = (published_by IS NULL)", name="published_pair"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    edition: Mapped[str]
    source: Mapped[str]
    texts: Mapped[dict[str, Any]]
    job_id: Mapped[str] = mapped_column(default="")
    found: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tried_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    tried_at: Mapped[datetime]
    read_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(default="")
    published_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def is_open(self) -> bool:
        """Neither published nor withdrawn."""
        return self.published_by is None and self.withdrawn_by is None
