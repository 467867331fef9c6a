"""The editions of the policy, as they were printed."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from partners.ground.db import Table


class Edition(Table):
    """One printing of `data/`, word for word, under its fingerprint. It never changes."""

    __tablename__ = "policy_editions"
    version: Mapped[str] = mapped_column(primary_key=True)
    texts: Mapped[dict[str, Any]]
    adopted_at: Mapped[datetime]
