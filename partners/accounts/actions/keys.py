"""A person's own keys: added after the password was typed, removed with one press."""

from datetime import datetime

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.accounts.models import Account, Key
from partners.ground.db import db
from partners.history.actions import record


def add_key(
    account: Account, credential: str, public_key: str, count: int, name: str, *, by: Actor,
    at: datetime,
) -> Key:  # fmt: skip
    """Keep the public half of a key with which this person can sign."""
    require(by, P.ACCOUNT_SELF, account)
    key = Key(account_id=account.id, credential=credential, public_key=public_key, name=name,
              sign_count=count, added_at=at)  # fmt: skip
    db.session.add(key)
    record("account.key_added", account, by=by, at=at)
    return key


def drop_key(key: Key, *, by: Actor, at: datetime) -> None:
    """Forget a key. What was signed with it stays as it is, and can still be checked."""
    require(by, P.ACCOUNT_SELF, key)
    record("account.key_removed", key, by=by, at=at)
    db.session.delete(key)
