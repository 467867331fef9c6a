"""How a visitor is known: a signed cookie carries a secret, the secret opens a session row."""

from datetime import timedelta

from flask import g
from flask_login import UserMixin

from partners.access.rules import Actor
from partners.accounts import queries
from partners.accounts.models import Pass
from partners.ground import clock
from partners.ground.db import db

BEAT = timedelta(minutes=5)  # how exactly "last seen" is kept; every request would be a write


class Visitor(UserMixin):
    """What Flask-Login holds: the secret in the cookie, and who stands behind it."""

    def __init__(self, secret: str, actor: Actor) -> None:
        self.secret, self.actor = secret, actor

    def get_id(self) -> str:
        return self.secret


def visitor(secret: str) -> Visitor | None:
    """The visitor behind a cookie's secret, or None when the session has ended."""
    now = clock.now()
    held = queries.live_pass(secret, "session", at=now)
    actor = queries.actor_of(held) if held else None
    if held is None or actor is None:
        return None
    if held.seen_at + BEAT < now:
        g.heartbeat = lambda: _beat(held.id)
    if held.account:
        g.theme = held.account.theme
    return Visitor(secret, actor)


def _beat(pass_id: int) -> None:
    db.session.get_one(Pass, pass_id).seen_at = clock.now()
