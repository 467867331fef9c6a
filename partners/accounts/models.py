from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, column, exists, false, or_, select, table
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partners.access.rules import Actor
from partners.access.table import Role
from partners.ground.db import Table, db, public_id

# Cases live in a room above. Somebody who stepped aside has a part of that name.
_CASES = table("engagements", column("id"), column("organisation_id"))
_PARTS = table("team", column("engagement_id"), column("account_id"), column("part"))


def works_with(organisation: Any, account_id: int) -> Any:
    """Whether somebody sits in a case team of this organisation, or it has no case yet; as SQL."""
    its = _CASES.c.organisation_id == organisation
    seat = (_PARTS.c.engagement_id == _CASES.c.id, _PARTS.c.account_id == account_id,
            _PARTS.c.part != "aside")  # fmt: skip
    cases = exists().select_from(_CASES).where(its)
    return or_(exists().select_from(_CASES, _PARTS).where(its, *seat), ~cases)


def asked_of_cases(key: str) -> Any:
    """`on_team` of what belongs to an organisation: of one row, and of a list in SQL."""

    def of_row(row: Any, account_id: int) -> bool:
        whose = getattr(row, key)
        return bool(whose and db.session.scalar(select(works_with(whose, account_id))))

    def of_list(rows: Any, account_id: int) -> Any:
        whose = getattr(rows, key)
        return whose.is_not(None) & works_with(whose, account_id)

    return hybrid_method(of_row, of_list)


# Each case knows who stepped aside from it; an organisation is nobody's to step aside from.
never_aside = hybrid_method(lambda row, account_id: False, lambda rows, account_id: false())


class Municipality(Table):
    """The one row that says whose house this is. `invented` marks the sample municipality."""

    __tablename__ = "municipality"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)
    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str]
    invented: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    texts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Department(Table):
    __tablename__ = "departments"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Account(Table):
    """A person who signs in: staff of one department, or a role holder of one organisation."""

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint(
            "(department_id IS NULL) != (organisation_id IS NULL)", name="one_side_only"
        ),
        CheckConstraint("role_given_by IS NULL OR role_given_by != id", name="not_by_oneself"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str | None]
    roles: Mapped[list[str]] = mapped_column(default=list)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    language: Mapped[str] = mapped_column(default="en")
    theme: Mapped[str] = mapped_column(default="light")
    created_at: Mapped[datetime]
    role_given_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    role_given_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    department: Mapped[Department | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def is_staff(self) -> bool:
        return self.department_id is not None

    @property
    def actor(self) -> Actor:
        roles = frozenset(Role(r) for r in self.roles)
        return Actor(self.id, self.name, roles, self.organisation_id, self.department_id,
                     self.language)  # fmt: skip

    @hybrid_method
    def is_account(self, account_id: int) -> bool:
        return self.id == account_id

    @hybrid_method
    def belongs_to(self, organisation_id: int) -> bool:
        return self.organisation_id == organisation_id

    on_team = asked_of_cases("organisation_id")
    stepped_aside = never_aside


class Pass(Table):
    """A secret that opens a door for a time: an invitation, a link for a group, a session.

    Only the fingerprint of the secret is kept. `kind`: invite, reset, guest, reference, session.
    """

    __tablename__ = "passes"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    secret: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    engagement_id: Mapped[int | None] = mapped_column(ForeignKey("engagements.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[int | None]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    account: Mapped[Account | None] = relationship(lazy="joined")

    @hybrid_method
    def is_account(self, account_id: int) -> bool:
        return self.account_id == account_id

    @hybrid_method
    def belongs_to(self, organisation_id: int) -> bool:
        return self.organisation_id == organisation_id

    on_team = asked_of_cases("organisation_id")
    stepped_aside = never_aside


class Attempt(Table):
    """A sign-in that did not succeed, kept while a limit looks back. No address in clear."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_who", "who", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str]
    at: Mapped[datetime]


class Delegation(Table):
    """The right to sign for the municipality: which papers, up to which band, until when."""

    __tablename__ = "delegations"
    __table_args__ = (
        CheckConstraint("given_by != account_id", name="not_to_oneself"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by != given_by", name="two_managers"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by != account_id", name="not_for_self"),
        CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", name="confirmed_pair"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    papers: Mapped[list[str]]
    up_to_band: Mapped[str]
    until: Mapped[datetime]
    given_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    given_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    giver: Mapped[Account] = relationship(foreign_keys=[given_by])
    confirmer: Mapped[Account | None] = relationship(foreign_keys=[confirmed_by])


class Key(Table):
    """The public half of a key that somebody keeps themselves: a stick, a telephone, a computer."""

    __tablename__ = "keys"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    credential: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[str]
    sign_count: Mapped[int] = mapped_column(default=0)
    name: Mapped[str]
    added_at: Mapped[datetime]

    @hybrid_method
    def is_account(self, account_id: int) -> bool:
        return self.account_id == account_id
