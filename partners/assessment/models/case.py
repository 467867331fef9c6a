from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    UniqueConstraint,
    and_,
    exists,
    literal_column,
    select,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partners.accounts.models import Account, Department
from partners.ground.db import Table, public_id
from partners.ground.words import N_
from partners.registry.models import Organisation

_ASKED = text("asked != ''")
ASIDE = "aside"  # the part of somebody who has stepped aside from a case
# What the house itself writes as an answer; everybody reads it in their own language.
NO_REPLY = N_("The time ran out; no answer came.")
ALL_REPLIED = N_("Every point is answered.")


def _asked_of_team(fits: Callable[[Any], Any], fit: Callable[[Any], Any] | None = None) -> Any:
    """Whether somebody has such a part in a case: of one row in Python, of a list in SQL."""

    def of_row(case: Any, account_id: int) -> bool:
        return any(m.account_id == account_id and fits(m) for m in case.team)

    def of_list(cases: Any, account_id: int) -> Any:
        its = TeamMember.engagement_id == cases.id, TeamMember.account_id == account_id
        return exists().where(*its, (fit or fits)(TeamMember))

    return hybrid_method(of_row, of_list)


class Engagement(Table):
    """An organisation and one purpose: what is intended, asked, found, decided and lived."""

    __tablename__ = "engagements"
    __table_args__ = (
        Index("ix_engagements_organisation", "organisation_id", "state"),
        Index("ix_engagements_state", "state", "due_on"),
        Index("ix_engagements_asked", "asked_on", sqlite_where=_ASKED, postgresql_where=_ASKED),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    reference: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    title: Mapped[str]
    purpose: Mapped[str]
    kind: Mapped[str] = mapped_column(default="")
    activity: Mapped[str] = mapped_column(default="")
    district: Mapped[str] = mapped_column(default="")
    level: Mapped[str]
    band: Mapped[str]
    in_kind: Mapped[str] = mapped_column(default="")
    triggers: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[str]
    due_on: Mapped[date | None]  # by when the next step in this state is taken
    paused_from: Mapped[str] = mapped_column(default="")
    paused_until: Mapped[date | None]
    # What waits for a second manager: "pause" or "outside"; who wrote it down, and when.
    asked: Mapped[str] = mapped_column(default="")
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    asked_on: Mapped[date | None]
    policy_version: Mapped[str] = mapped_column(ForeignKey("policy_editions.version"))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    started_at: Mapped[datetime]
    started_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    supported_level: Mapped[str] = mapped_column(default="")
    supported_band: Mapped[str] = mapped_column(default="")
    supported_on: Mapped[date | None]
    agreed_level: Mapped[str] = mapped_column(default="")
    agreed_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]  # closed or declined; history may have gone by then
    review_on: Mapped[date | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def held(self) -> tuple[str, str]:
        """The level and band that hold: as decided, or as registered without a decision."""
        level = self.supported_level or self.agreed_level
        return level, self.supported_band or self.band

    @property
    def request(self) -> dict[str, Any]:
        """What is asked for, and by which edition."""
        return {"level": self.level, "band": self.band, "triggers": self.triggers,
                "policy": self.policy_version}  # fmt: skip

    organisation: Mapped[Organisation] = relationship()
    department: Mapped[Department] = relationship()
    team: Mapped[list["TeamMember"]] = relationship(order_by="TeamMember.id")
    rounds: Mapped[list["Round"]] = relationship(order_by="Round.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def round(self) -> "Round":
        """The assessment round that is running or was the last."""
        return self.rounds[-1]

    @hybrid_method
    def belongs_to(self, organisation_id: int) -> bool:
        return self.organisation_id == organisation_id

    on_team = _asked_of_team(lambda row: not row.aside, lambda rows: ~rows.aside)
    # Read once, because few have; "exists" is asked again for every engagement of a list.
    stepped_aside = hybrid_method(
        lambda case, account_id: any(m.account_id == account_id and m.aside for m in case.team),
        lambda cases, account_id: cases.id.in_(
            select(TeamMember.engagement_id).where(
                TeamMember.account_id == account_id, TeamMember.aside
            )
        ),
    )
    worked_on_by = _asked_of_team(lambda row: row.worked)


class TeamMember(Table):
    """A colleague's part in a case: lead, preparer, reader, decider, or aside; with the purpose."""

    __tablename__ = "team"
    __table_args__ = (
        UniqueConstraint("engagement_id", "account_id"),
        Index("ix_team_account_id_part", "account_id", "part"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagements.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    part: Mapped[str]
    purpose: Mapped[str] = mapped_column(default="")
    since: Mapped[datetime]
    worked: Mapped[bool] = mapped_column(default=False)

    account: Mapped[Account] = relationship()

    @hybrid_property
    def aside(self) -> Any:
        return self.part == ASIDE

    @aside.inplace.expression
    @classmethod
    def _aside(cls) -> Any:
        # Written out, because PostgreSQL plans well only where it reads how rare this is.
        return cls.part == literal_column(f"'{ASIDE}'")


class Answer(Table):
    """One answer to one item. Answers are added, never changed; the newest that stands counts.

    `activity`: the one it was given for, where one was named. `enhanced`: it was asked with the
    additional part.
    """

    __tablename__ = "answers"
    __table_args__ = (
        Index("ix_answers_organisation", "organisation_id", "item"),
        Index("ix_answers_engagement", "engagement_id", "item"),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_because = '')", name="withdrawn_with_reason"
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagements.id"))
    kept_with: Mapped[str]
    activity: Mapped[str] = mapped_column(default="")
    item: Mapped[str]
    answer: Mapped[str]
    words: Mapped[str] = mapped_column(default="")
    evidence: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    answered_on: Mapped[date]
    expires_on: Mapped[date | None]
    side: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    on_behalf: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("uploads.id"))
    enhanced: Mapped[bool] = mapped_column(default=False)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str] = mapped_column(default="")

    by: Mapped[Account] = relationship()


class Point(Table):
    """Something noted that matters to the result, good or difficult, and the reply.

    `said`: the exact words or act, in their own language; `role`: who spoke, an attribution of the
    policy, empty for a point that only repeats an answer; `checked_by`: who checked `translation`.
    """

    __tablename__ = "points"
    __table_args__ = (
        CheckConstraint("read_by IS NULL OR read_by != noted_by", name="second_reader"),
        CheckConstraint("reader_id IS NULL OR reader_id != noted_by", name="reader_is_another"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagements.id"), index=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    item: Mapped[str]
    good: Mapped[bool] = mapped_column(default=False)
    said: Mapped[str]
    source: Mapped[str] = mapped_column(default="")
    said_on: Mapped[date | None]
    role: Mapped[str] = mapped_column(default="")
    context: Mapped[str] = mapped_column(default="")
    translation: Mapped[str] = mapped_column(default="")
    checked_by: Mapped[str] = mapped_column(default="")
    afterwards: Mapped[str] = mapped_column(default="")
    repeated_on: Mapped[date | None]
    reader_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    noted_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    noted_at: Mapped[datetime]
    read_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    read_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    reply: Mapped[str] = mapped_column(default="")
    replied_at: Mapped[datetime | None]
    replied_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str] = mapped_column(default="")
    emptied_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def open_source(self) -> bool:
        """Found in an open source and attributed, and not only an answer said again."""
        return bool(self.role)


class Round(Table):
    """One round, from the first question to the letter: computed, read, decided, told."""

    __tablename__ = "rounds"
    __table_args__ = (
        CheckConstraint("read_by IS NULL OR read_by != prepared_by", name="reader_prepared"),
        CheckConstraint("decided_by IS NULL OR decided_by != prepared_by", name="decider_prepared"),
        CheckConstraint("decided_by IS NULL OR decided_by != read_by", name="decider_read"),
        CheckConstraint(
            "confirmed_by IS NULL OR (confirmed_by != prepared_by AND confirmed_by != decided_by"
            " AND (read_by IS NULL OR confirmed_by != read_by))",
            name="confirmer_is_another",
        ),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_pair"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagements.id"), index=True)
    opened_at: Mapped[datetime]
    # Level, band, facts and edition for which it was computed; a later round may have others.
    asked_for: Mapped[dict[str, Any]] = mapped_column(default=dict)
    computed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    prepared_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    prepared_at: Mapped[datetime | None]
    open_named: Mapped[str] = mapped_column(default="")
    good: Mapped[list[str]] = mapped_column(default=list)
    read_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    read_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    reply_due: Mapped[date | None] = mapped_column(index=True)
    reply_ended_at: Mapped[datetime | None]
    more_time_because: Mapped[str] = mapped_column(default="")
    wants_meeting: Mapped[bool] = mapped_column(default=False)
    wants_interpreter: Mapped[str] = mapped_column(default="")
    outcome: Mapped[str] = mapped_column(default="")
    level: Mapped[str] = mapped_column(default="")
    band: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    minute: Mapped[str] = mapped_column(default="")
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    confirmed_at: Mapped[datetime | None]
    review_on: Mapped[date | None]
    told_at: Mapped[datetime | None]
    told_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    told_way: Mapped[str] = mapped_column(default="")
    told_language: Mapped[str] = mapped_column(default="")

    conditions: Mapped[list["Condition"]] = relationship(order_by="Condition.id")
    engagement: Mapped[Engagement] = relationship(viewonly=True)

    @property
    def organisation_id(self) -> int:
        return self.engagement.organisation_id


class Condition(Table):
    """What must still happen: on whom, by when, and what the municipality offers to help."""

    __tablename__ = "conditions"
    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagements.id"), index=True)
    item: Mapped[str]
    text: Mapped[str]
    side: Mapped[str]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    due_on: Mapped[date] = mapped_column(index=True)
    offer: Mapped[str] = mapped_column(default="")
    met_on: Mapped[date | None]
    met_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    evidence: Mapped[str] = mapped_column(default="")
    # What its owner says about it before the municipality has confirmed that it is done.
    said: Mapped[str] = mapped_column(default="")
    said_at: Mapped[datetime | None]
    said_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    link: Mapped[str] = mapped_column(default="")
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("uploads.id"))
    # Another date that one side proposes; it holds once the other side agrees.
    wished_on: Mapped[date | None]
    wished_side: Mapped[str] = mapped_column(default="")
    wished_because: Mapped[str] = mapped_column(default="")
    replaced_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    engagement: Mapped[Engagement] = relationship(viewonly=True)
    owner: Mapped[Account | None] = relationship(viewonly=True, foreign_keys=owner_id)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def organisation_id(self) -> int:
        return self.engagement.organisation_id

    @hybrid_property
    def is_open(self) -> Any:
        """Neither met, nor replaced by what a later decision asks."""
        return self.met_on is None and self.replaced_on is None

    @is_open.inplace.expression
    @classmethod
    def _is_open(cls) -> Any:
        return and_(cls.met_on.is_(None), cls.replaced_on.is_(None))


class Reference(Table):
    """What somebody who knows an organisation's work says of it, by a link or in a call.

    `who` is a role and its body, not a person; `answers` what was asked, with what was said.
    """

    __tablename__ = "referees"  # what SQL does not claim for itself
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagements.id"))
    item: Mapped[str]
    who: Mapped[str]
    by_call: Mapped[bool] = mapped_column(default=False)
    # The fingerprint of the link: passes are forgotten after a time, this is not.
    link: Mapped[str | None] = mapped_column(unique=True)
    asked_at: Mapped[datetime]
    asked_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    given_at: Mapped[datetime | None]
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cleared_on: Mapped[date | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str] = mapped_column(default="")

    organisation: Mapped[Organisation] = relationship()


class Support(Table):
    """Support to an organisation, in money or in kind, from one department, when it falls due."""

    __tablename__ = "supports"
    __table_args__ = (
        Index("ix_supports_organisation", "organisation_id", "due_on"),
        CheckConstraint("amount IS NULL OR amount > 0", name="amount_above_nothing"),
        CheckConstraint("(kind = 'money') = (amount IS NOT NULL)", name="money_has_amount"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    engagement_id: Mapped[int | None] = mapped_column(ForeignKey("engagements.id"), index=True)
    kind: Mapped[str]
    amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    what: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date]
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str] = mapped_column(default="")
