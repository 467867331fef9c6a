from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from partners.ground.db import Table


class Signature(Table):
    """A simple electronic signature by a signed-in signatory over a text with a known
    fingerprint.
    """

    __tablename__ = "signatures"
    __table_args__ = (
        CheckConstraint("(paper_id IS NULL) != (charter_id IS NULL)", name="one_text"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("papers.id"), index=True)
    charter_id: Mapped[int | None] = mapped_column(ForeignKey("charters.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    side: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str]
    role: Mapped[str]
    authority: Mapped[str]
    statement: Mapped[str]
    text_hash: Mapped[str]
    language: Mapped[str]
    method: Mapped[str] = mapped_column(default="account")
    at: Mapped[datetime]
