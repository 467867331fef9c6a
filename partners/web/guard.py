"""The front door. A page that names no permission is not served, to anyone."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache, wraps
from typing import Any, TypeVar

from flask import Blueprint, Flask, abort, current_app, g, make_response, redirect, request, session
from flask_wtf.csrf import validate_csrf
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response
from wtforms import ValidationError

from partners.access.rules import NOBODY, Actor, may, may_ever
from partners.access.table import Permission
from partners.ground import clock
from partners.ground.db import db, writes
from partners.history.actions import note_look
from partners.web.models import Press, Refused

OPEN_TO_ALL = "open to all"
KEY_SHAPE = re.compile(r"[A-Za-z0-9_-]{16,64}")
ID_SHAPE = re.compile(r"[0-9a-hjkmnp-tv-z]{26}")
T = TypeVar("T")


class FormOutOfDate(Exception):
    """The form's token or key is missing, foreign or too old. What was typed is shown back."""


def page(
    blueprint: Blueprint,
    rule: str,
    *,
    needs: Permission | str,
    methods: Iterable[str] = ("GET",),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Route a view and say, in the same breath, what it takes to open it."""

    def register(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def opened(**url: Any) -> Response:
            if request.method == "POST":
                return _written(view, url)
            return _read(view, url)

        opened.needs = needs  # type: ignore[attr-defined]
        blueprint.add_url_rule(rule, view.__name__, opened, methods=list(methods))
        return view

    return register


def _read(view: Callable[..., Any], url: dict[str, Any]) -> Response:
    """Read in one plain transaction, render, then write the looks in a short one, then send."""
    answer = make_response(view(**url))
    if db.session.new or db.session.dirty or db.session.deleted:
        raise RuntimeError(f"{request.endpoint} writes on {request.method}")
    db.session.commit()  # because a rollback makes psycopg forget the statements that it prepared
    if answer.status_code < 400:
        _write_looks()
    return answer


def _write_looks() -> None:
    looks, beat = getattr(g, "looks", []), getattr(g, "heartbeat", None)
    if not looks and beat is None:
        return
    token = writes.set(True)
    try:
        for organisation_id, what, purpose in looks:
            note_look(organisation_id, what, purpose, by=g.actor, at=clock.now())
        if beat is not None:
            beat()
        db.session.commit()
    finally:
        db.session.rollback()
        writes.reset(token)


def _written(view: Callable[..., Any], url: dict[str, Any]) -> Response:
    """One POST: check its tokens, act, and keep all of it or nothing."""
    # The key belongs to the person and the address: another's, or another form's, has no effect.
    key, actor = f"{g.actor.id}:{request.path}:{_check_tokens()}", g.actor
    g.notices = [*session.get("_flashes", ())]
    for tries_left in (3, 2, 1, 0):
        try:
            answer = _act(view, url, key)
            count_refused((rule, kind) for rule, kind, _name in g.get("refused", ()))
            db.session.commit()
            return answer
        except (IntegrityError, StaleDataError):
            if not tries_left:
                raise
        finally:
            db.session.rollback()
        # Somebody else, or the same press, was quicker: read what they left, and decide on that.
        g.looks, g.actor = [], actor
        unsay()
        for file in request.files.values():
            file.stream.seek(0)
    raise AssertionError("the last try answers or raises")


def unsay() -> None:
    """Take back the notices that this request has flashed, because what they tell was undone."""
    session["_flashes"] = g.get("notices", [])


def _act(view: Callable[..., Any], url: dict[str, Any], key: str) -> Response:
    if already := _pressed(key):
        return already
    answer = make_response(view(**url))
    if answer.status_code >= 400:
        # The same press may have been quicker by a moment, and what it did may be what is refused.
        db.session.rollback()
        return _pressed(key) or answer
    _keep_press(key, answer)
    for organisation_id, what, purpose in getattr(g, "looks", []):
        note_look(organisation_id, what, purpose, by=g.actor, at=clock.now())
    db.session.commit()
    return answer


def count_refused(found: Iterable[tuple[str, str]]) -> None:
    """Count what no field would keep, by rule, kind of field and month; no text, and nobody."""
    month = f"{clock.today():%Y-%m}"
    for (rule, kind), number in sorted(Counter(found).items()):
        row = db.session.get(Refused, (rule, kind, month), with_for_update=True)
        if row is None:
            db.session.add(Refused(rule=rule, kind=kind, month=month, number=number))
        else:
            row.number += number
        db.session.flush()


def _pressed(key: str) -> Any:
    """Where this very press led before, or None."""
    pressed = db.session.get(Press, key)
    return redirect(pressed.led_to) if pressed else None


def _check_tokens() -> str:
    key = request.form.get("_key", "")
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError as error:
        raise FormOutOfDate from error
    if not KEY_SHAPE.fullmatch(key):
        raise FormOutOfDate
    return key


def _keep_press(key: str, answer: Response) -> None:
    if answer.status_code in (302, 303):
        at = clock.now()
        db.session.add(
            Press(key=key, account_id=g.actor.id, at=at, led_to=answer.headers["Location"])
        )


def fetch(model: type[T], public_id: str, permission: Permission, *options: Any) -> T:
    """The only way a view gets a row: it exists, and this actor may do this to it; else 404.

    The address of a record that was merged leads to the record that stays.
    """
    if not ID_SHAPE.fullmatch(public_id):
        abort(404)
    thing = _row(_by(model, "public_id", options), public_id)
    if into := getattr(thing, "merged_into_id", None):
        thing = _row(_by(model, "id", options), into)
    if thing is None or not may(g.actor, permission, thing):  # type: ignore[arg-type]
        abort(404)
    return thing


def _row(rows: Any, it: Any) -> Any:
    return db.session.scalars(rows, {"it": it}).unique().first()


@lru_cache(512)
def _by(model: Any, column: str, options: tuple[Any, ...]) -> Any:
    """The rows with one value in this column; kept, because building costs more than reading."""
    return select(model).options(*options).where(getattr(model, column) == bindparam("it"))


def looked(organisation_id: int, what: str, purpose: str = "") -> None:
    """Note that this request shows `what` of an organisation's file; written before it is sent.

    A partner who reads its own file is not noted: the list answers who else looked.
    """
    if g.actor.organisation_id != organisation_id:
        g.setdefault("looks", []).append((organisation_id, what, purpose))


def actor() -> Actor:
    """Who makes this request; nobody before sign-in."""
    return g.get("actor", NOBODY)


def _let_in(needs: Any) -> None:
    if not g.actor.signed_in:
        abort(401)
    if needs is None or not may_ever(g.actor, needs):
        # A page for other roles and a page that does not exist look alike.
        abort(404)


def install(app: Flask, identify: Callable[[], Actor]) -> None:
    """Ask at the door, for every request, who comes and whether the page may be opened."""

    @app.before_request
    def ask_at_the_door() -> Any:
        writes.set(request.method == "POST")
        g.actor = NOBODY
        view = current_app.view_functions.get(request.endpoint or "")
        if view is None:
            return None
        if any("\x00" in str(part) for part in (request.view_args or {}).values()):
            abort(404)  # no database can look for it, and only some say so
        needs = getattr(view, "needs", None)
        if request.endpoint != "static":
            g.actor = identify()
        if needs == OPEN_TO_ALL:
            return None
        _let_in(needs)
        return None

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        writes.set(True)
        request.close()


def undeclared(app: Flask) -> list[str]:
    """The endpoints that name no permission. Where there is one, the house does not open."""
    views = app.view_functions
    return sorted(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not hasattr(views[rule.endpoint], "needs")
    )
