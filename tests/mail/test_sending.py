"""Letters meet a real mail server on this machine: it takes them, refuses them or is silent."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from functools import partial
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.jobs.models import Job
from partners.mail import actions
from partners.mail.models import Mail
from partners.mail.post import REFUSED, UNHEARD, UNSAFE, read_server
from tests.builders import NOON, House


class Desk:
    """What a mail server does with a letter."""

    def __init__(self, answer: str = "250 taken", wait: float = 0) -> None:
        self.answer, self.wait, self.taken = answer, wait, []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.wait)
        if self.answer.startswith("250"):
            self.taken.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return self.answer


@contextmanager
def mail_server(desk: Any, **options: Any) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(desk, hostname="127.0.0.1", port=port, **options)
    controller.start()
    yield port
    controller.stop()


def post(house: House, address: str, **patience: float) -> Callable[[], tuple[Mail, Job]]:
    """Write one letter under this setting of PARTNERS_SMTP; read how it went."""
    jobs = house.app.extensions["jobs"]
    work = partial(actions.send, server=read_server(address), **patience)
    jobs.kind(actions.SEND, work)
    letter_id = actions.write(
        "mette@kitchen.example", "Søndag – your link", "Åbn /door/abc", at=NOON
    ).id
    db.session.commit()

    def now() -> tuple[Mail, Job]:
        db.session.rollback()
        job = db.session.scalars(db.select(Job).where(Job.key == f"mail:{letter_id}")).one()
        letter = db.session.get_one(Mail, letter_id)
        db.session.expunge_all()
        db.session.rollback()  # on SQLite this reader would hold the only pen
        return letter, job

    return now


def try_again(house: House, job: Job) -> None:
    past = clock.now() - timedelta(seconds=1)
    db.session.execute(db.update(Job).where(Job.id == job.id).values(lease_until=past))
    db.session.commit()
    house.app.extensions["jobs"].run(job.id)


def test_a_letter_is_handed_over_once_and_its_copy_loses_the_secret(house: House) -> None:
    desk = Desk()
    with mail_server(desk) as port:
        now = post(house, f"smtp://127.0.0.1:{port}?from=partners@havnby.example&tls=off")
        letter, job = now()
        house.app.extensions["jobs"].run(job.id)
    [(to, taken)] = desk.taken
    assert to == ["mette@kitchen.example"]
    assert "abc" in taken.get_payload(decode=True).decode()
    assert (letter.sent_at is not None, letter.body, job.state) == (True, "Åbn /door/…", "done")


@pytest.mark.parametrize(
    ("answer", "trouble", "state"),
    [("550 no such person", REFUSED, "broken"), ("451 later please", REFUSED, "queued")],
)
def test_a_refused_letter_stays_in_the_outbox(
    house: House, answer: str, trouble: str, state: str
) -> None:
    with mail_server(Desk(answer)) as port:
        letter, job = post(house, f"smtp://127.0.0.1:{port}?from=a@b.example&tls=off")()
    assert (letter.sent_at, letter.trouble, letter.tries, job.state) == (None, trouble, 1, state)


def test_a_silent_server_does_not_hold_the_worker_and_the_pauses_grow(house: House) -> None:
    with mail_server(Desk(wait=20)) as port:
        address = f"smtp://127.0.0.1:{port}?from=a@b.example&tls=off"
        now = post(house, address, patience=0.2)
        pauses = []
        for _try in range(3):
            letter, job = now()
            pauses.append(job.lease_until - clock.now())
            try_again(house, job)
    letter, job = now()
    assert (letter.trouble, letter.tries, job.state) == (UNHEARD, 4, "queued")
    assert pauses == sorted(pauses)
    assert pauses[0] < timedelta(minutes=2) < timedelta(minutes=14) < pauses[2]


def test_a_letter_is_given_up_after_the_last_pause(house: House) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        now = post(house, f"smtp://127.0.0.1:{port}?from=a@b.example&tls=off")
        for _try in actions.PAUSES:
            _letter, job = now()
            try_again(house, job)
    letter, job = now()
    assert (letter.tries, job.state) == (len(actions.PAUSES) + 1, "broken")


def test_nothing_is_sent_in_the_clear_unless_the_operator_said_so(house: House) -> None:
    desk = Desk()
    with mail_server(desk) as port:
        letter, _job = post(house, f"smtp://127.0.0.1:{port}?from=a@b.example")()
    assert (letter.trouble, desk.taken) == (UNSAFE, [])


def test_user_and_password_reach_the_server(house: House) -> None:
    seen = []

    def check(_server: Any, _session: Any, _envelope: Any, _kind: str, data: Any) -> AuthResult:
        seen.append((data.login, data.password))
        return AuthResult(success=True)

    with mail_server(Desk(), authenticator=check, auth_require_tls=False) as port:
        letter, _job = post(
            house, f"smtp://h%40v:p%2Fq@127.0.0.1:{port}?from=a@b.example&tls=off"
        )()
    assert seen == [(b"h@v", b"p/q")]
    assert letter.sent_at


def test_without_a_mail_server_the_letter_waits_in_the_outbox(house: House) -> None:
    letter, job = post(house, "")()
    assert (letter.sent_at, letter.trouble, job.state) == (None, "", "done")


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("a@b.example\r\nBcc: all@b.example", "Hello"),
        ("a@b.example", "Hello\r\nBcc: all@b.example"),
        ("a@b.example", "Hello\nX: y"),
        ("a@b.example\x00", "Hello"),
        ("a@b.example, c@b.example", "Hello"),
        ("", "Hello"),
        ("nobody", "Hello"),
        ("a@b@c.example", "Hello"),
        ("a b@c.example", "Hello"),
        ("<a@c.example>", "Hello"),
        ("a@b.example\u2028Bcc: x@y.example", "Hello"),
    ],
)
def test_no_second_header_can_be_smuggled_in(house: House, to: str, subject: str) -> None:
    with pytest.raises(Refusal):
        actions.write(to, subject, "Text", at=NOON)


@pytest.mark.parametrize(
    "address",
    ["http://x?from=a@b", "smtp://?from=a@b.example", "smtp://x:25", "smtp://x?from=a@b&tls=maybe"],
)
def test_a_setting_that_cannot_be_meant_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="PARTNERS_SMTP"):
        read_server(address)
