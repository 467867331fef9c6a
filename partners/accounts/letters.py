"""Letters in the reader's language; those about accounts tell no case and no result."""

from datetime import datetime
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from partners.access.rules import Actor
from partners.accounts.models import Account
from partners.accounts.queries import municipality, users_of
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


CHANGED = {
    "invite": _l("%(person)s at %(house)s invited %(name)s to sign in for you."),
    "roles": _l("%(person)s at %(house)s gave %(name)s other roles."),
    "link": _l("%(person)s at %(house)s made a new link, with which %(name)s chooses a password."),
    "end": _l("%(person)s at %(house)s ended the account of %(name)s."),
    "guest": _l("%(person)s at %(house)s made a link, by which somebody answers without account."),
}


def tell_users(of: int, deed: str, name: str, by: Actor, *, at: datetime) -> None:
    """Tell an organisation's users what staff changed in who signs in for it."""
    house = municipality()
    told = {"person": by.name, "house": house.name if house else "Partners", "name": name}
    for user in users_of(of) if by.is_staff else ():
        if (deed, user.name) != ("invite", name):
            with force_locale(user.language):
                line = CHANGED[deed] % told
            _send(user, _l("Who signs in for you was changed"), _l("Dear %(name)s", name=user.name),
                  line, _l("Is this not as you wish? Tell your contact, or complain: nobody"
                           " signs for you whom you do not know."), at=at)  # fmt: skip
