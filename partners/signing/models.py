from datetime import date, datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, false
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column

from partners.ground.db import Table, public_id


class Signature(Table):
    """A signature over a text with a known fingerprint.

    `method` is the rung; `evidence` what proves that rung, and when the text was shown. A signature
    that is `voided_at` stood under a text that was then written anew or given up. `shown`: the
    signer lets everyone read this name.
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
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str]
    role: Mapped[str]
    authority: Mapped[str]
    statement: Mapped[str]
    text_hash: Mapped[str]
    language: Mapped[str]
    method: Mapped[str] = mapped_column(default="account")
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    shown: Mapped[bool] = mapped_column(default=False, server_default=false())


class Ceremony(Table):
    """How far somebody has come on the way to a signature; gone once it is given.

    `about` names the text in the room that holds it, `text_hash` what is shown of it. `said`: what
    was noted on each step.
    """

    __tablename__ = "ceremonies"
    __table_args__ = (UniqueConstraint("account_id", "about"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    about: Mapped[str]
    text_hash: Mapped[str]
    nonce: Mapped[str]
    said: Mapped[dict[str, Any]] = mapped_column(default=dict)
    begun_at: Mapped[datetime]

    @hybrid_method
    def is_account(self, account_id: int) -> bool:
        return self.account_id == account_id


class Seal(Table):
    """The seal of one signed text. Until `fingerprint` names the kept file, the text waits for it.

    `public_id` is the code on the paper; `signed_bytes` is the SHA-256 of what the seal covers.
    On `cleared_on` the file went, because the time of its names was over; whoever has it can still
    compare it.
    """

    __tablename__ = "seals"
    __table_args__ = (
        CheckConstraint("(paper_id IS NULL) != (charter_id IS NULL)", name="one_text"),
        CheckConstraint("(sealed_at IS NULL) = (fingerprint = '')", name="sealed_has_file"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("papers.id"), unique=True)
    charter_id: Mapped[int | None] = mapped_column(ForeignKey("charters.id"), unique=True)
    salt: Mapped[str] = mapped_column(default=lambda: token_hex(16))
    asked_at: Mapped[datetime]
    try_after: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(default="")
    sealed_at: Mapped[datetime | None]
    fingerprint: Mapped[str] = mapped_column(default="", index=True)
    signed_bytes: Mapped[str] = mapped_column(default="", index=True)
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cleared_on: Mapped[date | None]

    @property
    def has_file(self) -> bool:
        """Whether the sealed file is there to be read."""
        return bool(self.fingerprint) and self.cleared_on is None
