"""Secrets that open a door for a time. Only their fingerprints are kept."""

import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, update

from partners.access.rules import NOBODY, Actor, require
from partners.access.table import Permission as P
from partners.accounts import queries, rules
from partners.accounts.models import Account, Attempt, Pass
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.jobs.models import Job
from partners.web.models import Press

LIVES = {"invite": timedelta(days=14), "reset": timedelta(hours=2), "guest": timedelta(days=14),
         "reference": timedelta(days=14), "session": timedelta(hours=12)}  # fmt: skip
LOOK_BACK = timedelta(minutes=15)
# Tries within a quarter of an hour: for one address from one place, from one place, and for one
# address from everywhere. The last does not count for a browser that signed in here before, so
# that nobody can lock another person out.
MOST_TRIES, MOST_FROM_ONE_PLACE, MOST_FOR_ONE_PERSON, MOST_RESETS = 10, 50, 30, 3
PASSES_KEPT, KEYS_KEPT = timedelta(days=30), timedelta(days=3)
TOO_MANY = N_("Too many tries. Wait fifteen minutes, then try again.")
OPENED = N_("This link has been used or has run out. Ask for a new one.")
# OWASP's smaller setting of argon2id: several people may sign in at once on a small machine.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Somebody unknown costs as much time as somebody known, so that addresses cannot be guessed.
_NOBODYS_HASH = _hasher.hash(secrets.token_hex())


def _give(kind: str, *, by: Actor, at: datetime, **of: int | None) -> tuple[str, Pass]:
    """Make a pass; its secret is not kept."""
    secret = secrets.token_urlsafe(32)
    made = Pass(kind=kind, secret=queries.fingerprint(secret), created_at=at, created_by=by.id,
                seen_at=at, expires_at=at + LIVES[kind], **of)  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return secret, made


def _end_passes(*which: object, at: datetime) -> int:
    ended = update(Pass).where(*which, Pass.ended_at.is_(None)).values(ended_at=at)  # type: ignore[arg-type]
    return db.session.execute(ended).rowcount  # type: ignore[attr-defined]


def _use_up(held: Pass, *, at: datetime) -> None:
    # One UPDATE decides, so that two presses at the same moment open one door.
    if not _end_passes(Pass.id == held.id, at=at):
        raise Refusal(OPENED)


def send_link(account: Account, *, by: Actor, at: datetime) -> str:
    """Make the one-time link of an invitation; earlier links end. Returns its secret."""
    require(by, P.PARTNER_INVITE if account.organisation_id else P.ACCOUNT_INVITE, account)
    trouble = rules.roles_trouble(account.actor.roles, by.roles, staff=account.is_staff)
    if trouble and account.is_staff:
        raise Refusal(trouble)  # who may not give a role may not hand out its key either
    _end_passes(Pass.account_id == account.id, Pass.kind.in_(["invite", "reset"]), at=at)
    record("account.invited", account, by=by, at=at)
    return _give("invite", by=by, at=at, account_id=account.id)[0]


def ask_reset(email: str, place: str, *, at: datetime) -> tuple[Account, str] | None:
    """Who asked for a new password, and the secret of their link; None when nobody is sent one."""
    account = queries.by_email(email)
    limits = {email.strip().lower(): MOST_RESETS, rules.place_of(place): MOST_FROM_ONE_PLACE}
    counted = _count_try({f"reset {who}": most for who, most in limits.items()}, at)
    if account is None or account.ended_at or not counted:
        return None
    record("account.reset_asked", account, by=NOBODY, at=at)
    return account, _give("reset", by=NOBODY, at=at, account_id=account.id)[0]


def invite_guest(
    organisation_id: int, engagement_id: int | None, *, by: Actor, at: datetime
) -> str:
    """A one-time link for a group without accounts: fourteen days, one organisation, answers only.

    Returns the secret; the caller hands it over. Earlier links of the same case end.
    """
    require(by, P.PARTNER_INVITE, Pass(kind="guest", organisation_id=organisation_id))
    same = (Pass.organisation_id == organisation_id, Pass.engagement_id == engagement_id)
    _end_passes(*same, Pass.kind == "guest", at=at)
    secret, made = _give("guest", by=by, at=at,
                         organisation_id=organisation_id, engagement_id=engagement_id)  # fmt: skip
    record("guest.invited", made, by=by, at=at)
    return secret


def open_guest(held: Pass, *, at: datetime) -> str:
    """Use up a group's link and begin a session for whoever holds it. Returns its secret."""
    _use_up(held, at=at)
    record("guest.opened", held, by=NOBODY, at=at)
    only = {"organisation_id": held.organisation_id, "engagement_id": held.engagement_id}
    return _give("session", by=NOBODY, at=at, **only)[0]


def one_time(kind: str, *, by: Actor, at: datetime, **of: int | None) -> str:
    """A one-time link of another room, which asks leave and records. Returns its secret."""
    return _give(kind, by=by, at=at, **of)[0]


def use_up(held: Pass, *, at: datetime) -> None:
    """End such a link; raise Refusal when somebody was quicker."""
    _use_up(held, at=at)


def choose_password(held: Pass, password: str, *, at: datetime) -> str:
    """Use up an invitation or a reset link; set the password and begin a session."""
    account = held.account
    if account is None or account.ended_at:
        raise Refusal(OPENED)
    set_password(account, password, by=account.actor, at=at)
    _use_up(held, at=at)
    _end_passes(Pass.account_id == account.id, at=at)
    return open_session(account, at=at)


def set_password(account: Account, password: str, *, by: Actor, at: datetime) -> None:
    """Set a password and end every session. Raises Refusal for one that is easy to guess."""
    house = queries.municipality()
    own = (account.email, account.name, house.name if house else "", "partners")
    if trouble := rules.password_trouble(password, *own):
        raise Refusal(trouble, field="password")
    account.password_hash = _hasher.hash(password)
    _end_passes(Pass.account_id == account.id, Pass.kind == "session", at=at)
    record("account.password_set", account, by=by, at=at)


def _knows_password(account: Account | None, password: str) -> bool:
    """Whether this is the present password of an account that has not ended."""
    stored = account.password_hash if account and not account.ended_at else None
    try:
        # Length is bounded because hashing a megabyte would be a way to tire the house.
        same = _hasher.verify(stored or _NOBODYS_HASH, password[: rules.LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return same and stored is not None


def sign_in(
    email: str, password: str, place: str, *, known_as: str = "", at: datetime
) -> str | None:
    """The secret of a new session, or None. Raises Refusal when there were too many tries.

    `known_as` is the public id that this browser signed in as before.
    """
    account, who, where = queries.by_email(email), email.strip().lower(), rules.place_of(place)
    limits = {f"{who} from {where}": MOST_TRIES, where: MOST_FROM_ONE_PLACE}
    if account is None or account.public_id != known_as:
        limits[who] = MOST_FOR_ONE_PERSON
    tried = _count_try(limits, at)
    if not tried:
        raise Refusal(TOO_MANY)
    # The try is kept whatever comes, and hashing takes long: nobody waits for the pen meanwhile.
    db.session.commit()
    if not _knows_password(account, password) or account is None:
        return None
    db.session.execute(delete(Attempt).where(Attempt.id.in_(tried)))
    return open_session(account, at=at)


def prove(account: Account, password: str, *, at: datetime, field: str = "password") -> None:
    """Refuse a deed whose doer does not know the account's password; tries are counted."""
    tried = _count_try({f"proof {account.id}": MOST_TRIES}, at)
    if not tried:
        raise Refusal(TOO_MANY)
    db.session.commit()  # as at sign-in: the try is kept whatever comes
    if not _knows_password(account, password):
        raise Refusal(N_("This is not your password. Type the one that you sign in with."),
                      field=field)  # fmt: skip
    db.session.execute(delete(Attempt).where(Attempt.id.in_(tried)))
    db.session.commit()  # whoever knows it has guessed nothing, also where the deed is refused


def _count_try(limits: dict[str, int], at: datetime) -> list[int]:
    """Note one try for each name and return the rows; none when one has had as many as it may."""
    marks = {queries.fingerprint(who): most for who, most in limits.items()}
    if any(queries.recent_attempts(m, at - LOOK_BACK) >= most for m, most in marks.items()):
        return []
    tries = [Attempt(who=mark, at=at) for mark in marks]
    db.session.add_all(tries)
    db.session.flush()
    return [t.id for t in tries]


def open_session(account: Account, *, at: datetime) -> str:
    """Begin a session and return its secret for the cookie."""
    record("account.signed_in", account, by=account.actor, at=at)
    return _give("session", by=account.actor, at=at, account_id=account.id)[0]


def end_session(secret: str, *, at: datetime) -> None:
    """End the session behind a cookie at once, on the server."""
    _end_passes(Pass.secret == queries.fingerprint(secret), at=at)


def end_other_sessions(account: Account, secret: str, *, at: datetime) -> int:
    """End every session of this account but the one behind `secret`. Returns how many."""
    own = Pass.secret != queries.fingerprint(secret)
    return _end_passes(Pass.account_id == account.id, Pass.kind == "session", own, at=at)


def end_all(account: Account, *, at: datetime) -> None:
    """End every session and link of an account."""
    _end_passes(Pass.account_id == account.id, at=at)


def tidy(_job: Job) -> None:
    """Each minute: forget tries that no limit looks at, old passes and old form keys."""
    now = clock.now()
    db.session.execute(delete(Attempt).where(Attempt.at < now - LOOK_BACK))
    db.session.execute(delete(Pass).where(Pass.expires_at < now - PASSES_KEPT))
    db.session.execute(delete(Press).where(Press.at < now - KEYS_KEPT))
