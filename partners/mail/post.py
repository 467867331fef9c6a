"""The mail server: where it is, how a letter is dressed for it, and what it answered."""

import re
import smtplib
import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from partners.ground.words import N_

PATIENCE = 10  # seconds for each answer; a server that says nothing must not hold a worker
REFUSED = N_("The mail server did not take this letter. Check the address.")
UNHEARD = N_("The mail server did not answer. It is tried again.")
UNSAFE = N_("The mail server offers no encryption. Set tls=off to send without it.")
ILL_WRITTEN = N_("This is not an address that a letter can be sent to.")
AN_ADDRESS = re.compile(r"""[^\s<>,;:"()@\\]+@[^\s<>,;:"()@\\]+""")


class Server(NamedTuple):
    """A mail server. `tls`: "on" from the first byte, "start" after greeting, "off" never."""

    host: str
    port: int
    tls: str
    sender: str
    user: str = ""
    password: str = ""


class Trouble(NamedTuple):
    """Why a letter did not go. `lasting`: trying again would not help."""

    sentence: str
    lasting: bool


def read_server(address: str) -> Server | None:
    """Read `smtp://user:pass@host:port?from=a@b&tls=off` or `smtps://…`; None for "".

    Raises ValueError when it cannot be meant.
    """
    if not address:
        return None
    url = urlsplit(address)
    asked = {key: values[-1] for key, values in parse_qs(url.query).items()}
    sender = asked.get("from", "")
    if url.scheme not in ("smtp", "smtps") or not url.hostname or "@" not in sender:
        raise ValueError("PARTNERS_SMTP is like smtp://user:password@host:587?from=a@b.example")
    tls = "on" if url.scheme == "smtps" else asked.get("tls", "start")
    if tls not in ("on", "start", "off"):
        raise ValueError("PARTNERS_SMTP: tls is start or off")
    port = url.port or (465 if tls == "on" else 587)
    name, secret = unquote(url.username or ""), unquote(url.password or "")
    return Server(url.hostname, port, tls, sender, name, secret)


def dressed(to: str, subject: str, body: str, *, sender: str, mark: str,
            at: datetime) -> EmailMessage:  # fmt: skip
    """The letter as the server takes it. Raises ValueError for what no header may hold.

    `mark` is the same at every try, so that a letter that arrives twice can be seen to be one.
    """
    if not AN_ADDRESS.fullmatch(to) or not (to + subject).isprintable():
        raise ValueError(ILL_WRITTEN)
    local, _at, domain = to.rpartition("@")
    letter = EmailMessage()
    letter["From"], letter["Subject"] = sender, subject
    letter["To"] = Address(username=local, domain=domain)
    letter["Date"] = format_datetime(at)
    letter["Message-ID"] = f"<{mark}@{sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(body)
    return letter


def hand_over(letter: EmailMessage, server: Server, *,
              patience: float = PATIENCE) -> Trouble | None:  # fmt: skip
    """Give the letter to the server. None when it was taken."""
    try:
        with _opened(server, patience) as line:
            if server.tls == "start":
                if not line.has_extn("starttls"):
                    return Trouble(UNSAFE, lasting=False)
                line.starttls(context=ssl.create_default_context())
            if server.user:
                line.login(server.user, server.password)
            line.send_message(letter)
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _words in refused.recipients.values()]
        return Trouble(REFUSED, lasting=all(code >= 500 for code in codes))
    except smtplib.SMTPDataError as refused:
        return Trouble(REFUSED, lasting=refused.smtp_code >= 500)
    except (smtplib.SMTPException, OSError):
        return Trouble(UNHEARD, lasting=False)
    return None


def _opened(server: Server, patience: float) -> smtplib.SMTP:
    if server.tls == "on":
        safe = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=patience, context=safe)
    line = smtplib.SMTP(server.host, server.port, timeout=patience)
    line.ehlo()
    return line
