"""My account: name, language, look, password, sessions."""

from typing import Any

from flask import g, request, url_for
from flask_login import current_user

from partners.access.table import Permission as P
from partners.accounts import actions, queries, touch
from partners.accounts.forms import KeyForm, MeForm, PasswordForm
from partners.accounts.models import Account
from partners.accounts.views.doors import bp, deed, done, enter, number
from partners.ground import clock
from partners.ground.db import db
from partners.web.forms import conflict, show
from partners.web.guard import page


@page(bp, "/me", needs=P.ACCOUNT_SELF, methods=("GET", "POST"))
def me() -> Any:
    account, at = db.session.get_one(Account, g.actor.id), clock.now()
    change = MeForm(row=account, blank=deed() != "me")
    key = KeyForm(blank=deed() != "key").about("key")
    words = PasswordForm(blank=deed() != "password")
    match deed():
        case "me" if change.sent():
            if change.stale:
                return conflict(change)
            actions.change_self(account, by=g.actor, at=at, **change.data)
            return done("Saved.", url_for(".me", lang=None))  # in the language just chosen
        case "password" if words.sent():
            with words.refusals():
                return _new_password(account, words)
        case "key" if key.sent():
            with key.refusals():
                return _with_key(account, key)
        case "drop":
            return _without_key(account)
        case "sessions":
            count = actions.end_other_sessions(account, current_user.get_id(), at=at)
            return done("%(count)d other sessions were ended.", url_for(".me"), count=count)
    wrong = {"me": change, "key": key}.get(deed(), words)
    keys = queries.keys_of(account.id)
    ask, token = touch.to_add(account, keys)
    sessions = queries.sessions_of(account.id, at)
    return show("accounts/me.html", wrong, change=change, words=words, sessions=sessions,
                account=account, key=key, keys=keys, ask=ask, token=token)  # fmt: skip


def _with_key(account: Account, form: KeyForm) -> Any:
    at = clock.now()
    actions.prove(account, form.password.data or "", at=at)
    found = touch.added(request.form.get("token", ""), request.form.get("touch", ""), account)
    actions.add_key(account, *found, form.key_name.data or "", by=g.actor, at=at)
    return done("Your key is added. You can sign with it from now on.", url_for(".me"))


def _without_key(account: Account) -> Any:
    for one in queries.keys_of(account.id):
        if one.id == number("key"):
            actions.drop_key(one, by=g.actor, at=clock.now())
    return done("Saved.", url_for(".me"))


def _new_password(account: Account, form: PasswordForm) -> Any:
    at = clock.now()
    actions.prove(account, form.current.data or "", field="current", at=at)
    actions.set_password(account, form.password.data or "", by=g.actor, at=at)
    enter(actions.open_session(account, at=at))
    return done("Your password is changed, and every other session has ended.", url_for(".me"))
