import re
from datetime import datetime, timedelta
from functools import partial

from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.jobs.models import Job
from partners.jobs.runner import Again, Jobs, Steps, put
from partners.mail.models import Mail
from partners.mail.post import ILL_WRITTEN, Server, dressed, hand_over, read_server

PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
SEND = "mail.send"
A_DOOR = re.compile(r"(/(?:door|reference)/)[\w-]+")


def announce(jobs: Jobs, smtp: str) -> None:
    """Announce the sending of letters. `smtp` is the setting PARTNERS_SMTP, "" for none."""
    jobs.kind(SEND, partial(send, server=read_server(smtp)))


def write(to: str, subject: str, body: str, *, at: datetime) -> Mail:
    """Put a letter into the outbox, in the caller's transaction; a job sends it afterwards.

    Neither subject nor body may tell a result, a point or an answer.
    """
    try:
        dressed(to, subject, body, sender="a@b.example", mark="x", at=at)
    except (ValueError, IndexError) as error:
        raise Refusal(ILL_WRITTEN, field="email") from error
    letter = Mail(to=to, subject=subject, body=body, written_at=at)
    db.session.add(letter)
    db.session.flush()
    put(SEND, key=f"mail:{letter.id}", mail=letter.id)
    return letter


def send_again(letter: Mail) -> None:
    """Begin anew with a letter that was given up or that waited for a mail server."""
    letter.tries, letter.trouble = 0, ""
    put(SEND, mail=letter.id)


def send(job: Job, *, server: Server | None, **patience: float) -> Steps:
    """Send one letter. No transaction is open while the server is spoken to."""
    letter = db.session.get_one(Mail, job.args["mail"])
    if server is None or letter.sent_at:
        return {"sent": bool(letter.sent_at)}
    letter.tries = tries = letter.tries + 1
    mark, at = f"{letter.id}.{int(letter.written_at.timestamp())}", letter.written_at
    paper = dressed(letter.to, letter.subject, letter.body, sender=server.sender, mark=mark, at=at)
    yield 0, 1
    trouble = hand_over(paper, server, **patience)
    letter = db.session.get_one(Mail, job.args["mail"])
    if trouble is None:
        passed_on(letter, at=clock.now())
        return {"sent": True}
    letter.trouble = trouble.sentence
    if trouble.lasting or tries > len(PAUSES):
        return {"trouble": trouble.sentence}
    return Again(PAUSES[tries - 1])


def passed_on(letter: Mail, *, at: datetime) -> None:
    """Note that the letter left this house, by the server or by somebody's hand."""
    letter.sent_at, letter.trouble = at, ""
    # A secret that opens a door is kept as its fingerprint only, so the copy loses it.
    letter.body = A_DOOR.sub(r"\1…", letter.body)
