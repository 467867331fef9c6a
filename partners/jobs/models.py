from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column, synonym

from partners.ground.db import Table, public_id


class Job(Table):
    """One piece of work: queued, running (until its lease ends), done, stopped or broken."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_waiting", "state", "lease_until"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=public_id)
    kind: Mapped[str]
    args: Mapped[dict[str, Any]]
    key: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime]
    created_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    stop: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[dict[str, Any]] = mapped_column(default=dict)

    public_id = synonym("id")

    @property
    def is_open(self) -> bool:
        return self.state in ("queued", "running")

    @hybrid_method
    def is_account(self, account_id: int) -> bool:
        return self.created_by == account_id
