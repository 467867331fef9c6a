from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from partners.ground.db import Table


class Press(Table):
    """A pressed button: the form's own key and where its effect led, so that twice is once."""

    __tablename__ = "presses"
    key: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int]
    at: Mapped[datetime]
    led_to: Mapped[str]


class Refused(Table):
    """How often a rule kept something out of the register in a month. No text, and nobody."""

    __tablename__ = "refused"
    rule: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)  # of the field: line, paragraph, or a file
    month: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
