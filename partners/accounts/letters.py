"""Letters in the reader's language; those about accounts tell no case and no result."""

from datetime import datetime
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from partners.accounts.models import Account
from partners.accounts.queries import municipality
from partners.mail.actions import write


def send(to: str, language: str, subject: Any, *lines: Any, at: datetime) -> None:
    """Put a letter into the outbox, in the reader's language; `lines` are translated here."""
    with force_locale(language):
        body = "\n\n".join(str(line) for line in lines)
        write(to, " ".join(str(subject).split()), f"{body}\n", at=at)


def _send(account: Account, subject: Any, *lines: Any, at: datetime) -> None:
    send(account.email, account.language, subject, *lines, at=at)


def send_invitation(account: Account, link: str, by_name: str, *, at: datetime) -> None:
    """Put an invitation with its one-time link into the outbox."""
    known = municipality()
    house = known.name if known else "Partners"
    _send(
        account,
        _l("%(house)s invites you to Partners", house=house),
        _l("Dear %(name)s", name=account.name),
        _l("%(person)s at %(house)s invites you to Partners, where organisations and the"
           " municipality keep their agreements together.", person=by_name, house=house),
        _l("Open this link to choose a password. It works once, for fourteen days:"),
        link,
        _l("If you did not expect this letter, you need do nothing."),
        at=at,
    )  # fmt: skip


def send_reset(account: Account, link: str, *, at: datetime) -> None:
    """Put a letter with a reset link into the outbox."""
    _send(
        account,
        _l("Your link for a new password"),
        _l("Dear %(name)s", name=account.name),
        _l("Open this link to choose a new password. It works once, for two hours:"),
        link,
        _l("If you did not ask for it, you need do nothing: your password still holds."),
        at=at,
    )
