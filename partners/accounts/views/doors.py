"""In and out: signing in, one-time links, a new password; and what was typed, carried through."""

from typing import Any

import flask
from flask import g, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import current_user, login_user, logout_user

from partners.accounts import actions, kept, letters, queries, rules
from partners.accounts.actions.passes import OPENED
from partners.accounts.doors import visitor
from partners.accounts.forms import DoorForm, ForgotForm, SignInForm
from partners.accounts.models import Account
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.web.forms import show
from partners.web.guard import OPEN_TO_ALL, page

bp = flask.Blueprint("accounts", __name__)
HERE = ("localhost", "127.0.0.1", "[::1]")


def house_address() -> str:
    """The address of this house, as letters name it: as it was founded, else as it is called now.

    A visitor who is not signed in may call the house by any name; a letter must not repeat it.
    """
    known = queries.municipality()
    if known and known.texts.get("url"):
        return str(known.texts["url"]).rstrip("/")
    if g.actor.is_staff or request.host.rsplit(":", 1)[0] in HERE:
        return request.host_url.rstrip("/")
    raise Refusal(N_("The keeper has not set this house's address yet."))


def hand_out(account: Account) -> None:
    """Send an invitation, and show its link to who invites when no mail server is set."""
    at = clock.now()
    link = f"{house_address()}/door/{actions.send_link(account, by=g.actor, at=at)}"
    letters.send_invitation(account, link, g.actor.name, at=at)
    if flask.current_app.config["SETTINGS"].smtp:
        flask.flash(gettext("%(name)s is sent a link.", name=account.name))
    else:
        flask.flash(gettext("Hand this link to %(name)s: %(link)s", name=account.name, link=link))


def deed() -> str:
    """Which button of a page with several forms was pressed."""
    return request.form.get("deed", "") if request.method == "POST" else ""


def number(name: str) -> int:
    """A row's number out of a form; 0 when it is none."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def done(sentence: str, to: str, **facts: Any) -> Any:
    """Say what was done and go on to an address."""
    flask.flash(gettext(sentence, **facts))
    return redirect(to)


def ask_to_sign_in(typed: list[tuple[str, str]]) -> Any:
    """The answer to a visitor without a session; what was typed is carried through the sign-in."""
    db.session.rollback()
    packed = kept.pack() if typed else ""
    onward = rules.safe_onward(request.full_path.rstrip("?")) if request.method == "GET" else ""
    form = SignInForm(blank=True)  # the typed form may hold fields of the same names
    page_facts = {"onward": onward, "typed": typed if packed else [], "packed": packed}
    return render_template("accounts/sign-in.html", form=form, **page_facts), 401


def enter(secret: str) -> Any:
    """Let in whoever holds the secret of a session, and lead to the first page."""
    known = visitor(secret)
    assert known is not None
    login_user(known)
    g.actor = known.actor
    account = db.session.get(Account, known.actor.id)
    session["was"] = account.public_id if account else ""
    return redirect(url_for("portal.file" if g.actor.is_partner else "desk.today"))


@page(bp, "/sign-in", needs=OPEN_TO_ALL, methods=("GET", "POST"))
def sign_in() -> Any:
    form = SignInForm()
    onward = rules.safe_onward(request.values.get("onward", ""))
    packed = request.form.get("packed", "")
    if form.sent():
        with form.refusals():
            place, was = request.remote_addr or "", str(session.get("was", ""))
            secret = actions.sign_in(form.email.data or "", form.password.data or "", place,
                                     known_as=was, at=clock.now())  # fmt: skip
            if secret:
                home = enter(secret)
                return _give_back(packed) or (redirect(onward) if onward else home)
            form.form_errors.append(
                gettext("The address or the password is not right. Check both and try again.")
            )
    return show("accounts/sign-in.html", form, onward=onward, typed=[], packed=packed)


def _give_back(packed: str) -> Any:
    """The page with what was typed before the session ended, for the same person only."""
    held = kept.unpack(packed)
    if held is None or held["who"] != session["was"]:
        return None
    return render_template("accounts/typed.html", held=held, shown=kept.shown(held))


@page(bp, "/sign-out", needs=OPEN_TO_ALL, methods=("POST",))
def sign_out() -> Any:
    if current_user.is_authenticated:
        actions.end_session(current_user.get_id(), at=clock.now())
    logout_user()
    return redirect(url_for("public.home"))


@page(bp, "/forgot", needs=OPEN_TO_ALL, methods=("GET", "POST"))
def forgot() -> Any:
    """The same answer whether or not somebody signs in with the address."""
    form = ForgotForm()
    if form.sent():
        with form.refusals():
            at, address = clock.now(), house_address()
            found = actions.ask_reset(form.email.data or "", request.remote_addr or "", at=at)
            if found:
                letters.send_reset(found[0], f"{address}/door/{found[1]}", at=at)
            return render_template("accounts/forgot-sent.html")
    return show("accounts/forgot.html", form)


@page(bp, "/door/<secret>", needs=OPEN_TO_ALL, methods=("GET", "POST"))
def door(secret: str) -> Any:
    """A one-time link. Opening the page uses nothing up, because mail scanners open pages too."""
    at, form = clock.now(), DoorForm()
    held = queries.live_pass(secret, "invite", "reset", "guest", at=at)
    if held is None or (held.account and held.account.ended_at):
        return render_template("accounts/door-closed.html", sentence=gettext(OPENED)), 404
    if request.method == "POST" and held.kind == "guest":
        with form.refusals():
            return enter(actions.open_guest(held, at=at))
    elif form.sent():
        with form.refusals():
            return enter(actions.choose_password(held, form.password.data or "", at=at))
    return show("accounts/door.html", form, held=held, secret=secret)
