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
