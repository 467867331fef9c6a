"""The keeper's page: the outbox, work in the background, the database. No content of any file."""

import re
import sqlite3
from typing import Any

from flask import abort, current_app, g, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy import text

from partners.access.table import DECIDING
from partners.access.table import Permission as P
from partners.accounts import queries
from partners.accounts.views.doors import bp, deed, done, number
from partners.ground import clock
from partners.ground.db import db, sqlite_pragmas
from partners.ground.words import N_
from partners.history.actions import record
from partners.jobs import queries as jobs
from partners.jobs.models import Job
from partners.jobs.runner import ask_to_stop
from partners.mail import actions as mail
from partners.mail import queries as letters
from partners.mail.models import Mail
from partners.policy import today
from partners.web.forms import show
from partners.web.guard import fetch, page


@page(bp, "/system", needs=P.SYSTEM, methods=("GET", "POST"))
def system() -> Any:
    match deed():
        case "stop":
            ask_to_stop(request.form.get("job", ""))
            return done("The work stops after its present step.", url_for(".system"))
        case "send" | "passed":
            return done(_letter_deed(number("letter")), url_for(".system"))
        case unknown if unknown or request.method == "POST":
            abort(404)
        case _:
            pass
    # A keeper who read such a link could become a manager: a manager hands it over instead.
    deciding = {account.email for account in queries.staff(*DECIDING)}
    return show(
        "accounts/system.html", outbox=[(m, _readable(m, deciding)) for m in letters.outbox()],
        jobs=jobs.latest(without=current_app.extensions["jobs"].ticks),
        facts=[*_database(), *_policy()], overruled=today.overruled(),
        smtp=bool(current_app.config["SETTINGS"].smtp),
    )  # fmt: skip


def _letter_deed(mail_id: int) -> str:
    at, letter = clock.now(), next((m for m in letters.outbox() if m.id == mail_id), None)
    if letter is None:
        return N_("This letter does not wait any more.")
    if deed() == "send":
        mail.send_again(letter)
    else:
        mail.passed_on(letter, at=at)
    record(f"mail.{deed()}", letter, by=g.actor, at=at)
    return N_("Saved.")


def _readable(letter: Mail, deciding: set[str]) -> str:
    return mail.A_DOOR.sub(r"\1…", letter.body) if letter.to in deciding else letter.body


def _policy() -> list[tuple[str, str]]:
    folder: str = current_app.extensions["policy"][0]
    return [(gettext("Policy in use"), today.todays()[0]), (gettext("In the folder"), folder)]


def _database() -> list[tuple[str, str]]:
    """What the database is, and the settings on which its promises rest."""
    if db.engine.dialect.name == "sqlite":
        asked = {n: str(db.session.scalar(text(f"pragma {n}"))) for n in sqlite_pragmas((0, 0, 0))}
        return [("SQLite", sqlite3.sqlite_version), *asked.items()]
    names = ("server_version", "fsync", "synchronous_commit", "full_page_writes")
    return [(f"PostgreSQL {n}", str(db.session.scalar(text(f"show {n}")))) for n in names]


@page(bp, "/jobs/<job_id>", needs=P.ACCOUNT_SELF, methods=("GET", "POST"))
def job(job_id: str) -> Any:
    """One piece of work, for who began it: how far it has come, and a way to stop it."""
    found = fetch(Job, job_id, P.ACCOUNT_SELF)
    if deed() == "stop":
        ask_to_stop(found.id)
        return redirect(url_for(".job", job_id=found.id))
    led_to = str(found.outcome.get("led_to", ""))
    inside = re.match(r"/(?!/)", led_to)
    return show("accounts/job.html", job=found, led_to=led_to if inside else "")
