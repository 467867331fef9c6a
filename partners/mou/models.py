from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint, exists
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partners.accounts.models import Account
from partners.assessment.models import Engagement, TeamMember
from partners.ground.db import Table, public_id
from partners.registry.models import Organisation


class Paper(Table):
    """A paper between the two sides: drafted, issued once under a number, signed, in force, ended.

    `facts` fill the blanks of the document `kind`; once issued they and the PDF never change.
    `paused_until`: the day of the next talk, until which it rests; who and why, in `texts`.
    `turn`: the side that writes now. `meant`, `tested`: by side, who said so and when.
    `follows_id`: the issued paper that this one changes, renews or ends (`follows_how`), chained
    to exactly that file by its SHA-256 (`follows_hash`).
    """

    __tablename__ = "papers"
    __table_args__ = (
        CheckConstraint("(issued_at IS NULL) = (fingerprint = '')", name="issued_has_file"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    number: Mapped[str | None] = mapped_column(unique=True)
    kind: Mapped[str]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagements.id"), index=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"))
    language: Mapped[str] = mapped_column(default="en")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    texts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default="draft", index=True)
    drafted_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    drafted_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    issued_at: Mapped[datetime | None]
    fingerprint: Mapped[str] = mapped_column(default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    paused_until: Mapped[date | None] = mapped_column(index=True)
    in_force_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str] = mapped_column(default="")
    turn: Mapped[str] = mapped_column(default="city")
    remarks: Mapped[list[Any]] = mapped_column(JSON, default=list)
    meant: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tested: Mapped[dict[str, Any]] = mapped_column(default=dict)
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("papers.id"), index=True)
    follows_how: Mapped[str] = mapped_column(default="")
    follows_hash: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    organisation: Mapped[Organisation] = relationship()
    engagement: Mapped[Engagement] = relationship()
    follows: Mapped["Paper | None"] = relationship(remote_side=[id])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def about(self) -> str:
        """How the ceremony names it."""
        return f"paper {self.id}"

    @hybrid_method
    def belongs_to(self, organisation_id: int) -> bool:
        return self.organisation_id == organisation_id

    @hybrid_method
    def on_team(self, account_id: int) -> Any:
        return self.engagement.on_team(account_id)

    @on_team.expression
    @classmethod
    def _on_team(cls, account_id: int) -> Any:
        return _place(cls, account_id).where(~TeamMember.aside)

    @hybrid_method
    def stepped_aside(self, account_id: int) -> Any:
        return self.engagement.stepped_aside(account_id)

    @stepped_aside.expression
    @classmethod
    def _stepped_aside(cls, account_id: int) -> Any:
        return _place(cls, account_id).where(TeamMember.aside)


def _place(paper: type[Paper], account_id: int) -> Any:
    return exists().where(
        TeamMember.engagement_id == paper.engagement_id, TeamMember.account_id == account_id
    )


class Turn(Table):
    """A version of a draft, as one side handed it to the other. It never changes."""

    __tablename__ = "paper_turns"
    __table_args__ = (UniqueConstraint("paper_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id"))
    number: Mapped[int]
    side: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]
    language: Mapped[str]
    facts: Mapped[dict[str, Any]]


class Promise(Table):
    """What one side has promised in a paper that is in force: by when, and who sees to it.

    `owner` and `due` are the words of the paper, `owner` empty where a person was chosen, because
    names change; with `owner_id` and `due_on` nothing is without a day and without somebody.
    """

    __tablename__ = "promises"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagements.id"), index=True)
    side: Mapped[str]
    text: Mapped[str]
    owner: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    due: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date] = mapped_column(index=True)
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    note: Mapped[str] = mapped_column(default="")
    replaced_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    paper: Mapped[Paper] = relationship()
    engagement: Mapped[Engagement] = relationship()
    organisation: Mapped[Organisation] = relationship()
    who: Mapped[Account | None] = relationship(foreign_keys=[owner_id])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @hybrid_method
    def belongs_to(self, organisation_id: int) -> bool:
        return self.organisation_id == organisation_id

    @hybrid_method
    def on_team(self, account_id: int) -> Any:
        """Whoever sees to it, also from another department, and the case team."""
        return self.owner_id == account_id or self.engagement.on_team(account_id)

    @hybrid_method
    def stepped_aside(self, account_id: int) -> Any:
        return self.engagement.stepped_aside(account_id)
