"""What a visitor typed when the session had ended, carried through the sign-in and sent again.

Nothing of it stays here: it travels in the page, signed so that nobody can put other words or
another address into it, and only for the account that typed it. It is taken up only when the
browser says that the form stood on a page of this house; a form on a stranger's page is not kept.
"""

from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, g, request, session
from flask_wtf.csrf import generate_csrf, validate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import HTTPException
from wtforms import ValidationError

from partners.access.rules import may_ever
from partners.accounts import queries, rules
from partners.ground.refusals import NotYours, Refusal
from partners.web.doors import HIDDEN, SECRETS
from partners.web.forms import as_shown

NOT_CARRIED = ("csrf_token", "_key", *SECRETS)
OLDEST = 12 * 3600  # seconds
Kept = dict[str, Any]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="what was typed")


def pack() -> str:
    """This request's form, signed; "" when it must not or cannot be carried."""
    address = rules.safe_onward(request.full_path.rstrip("?"))
    who = _who_typed()
    if request.method != "POST" or not address or not who or not _from_our_page():
        return ""
    pairs = [p for p in request.form.items(multi=True) if p[0] not in NOT_CARRIED]
    files = [name for name, file in request.files.items() if file.filename]
    return str(_signer().dumps({"to": address, "pairs": pairs, "files": files, "who": who}))


def unpack(packed: str) -> Kept | None:
    """What was packed; None when it is not ours or too old."""
    try:
        return _signer().loads(packed, max_age=OLDEST) if packed else None
    except BadData:
        return None


def shown(held: Kept) -> list[tuple[str, str]]:
    """What was typed as its own page calls it: the page is opened once more, and not shown."""
    pairs = [p for p in held["pairs"] if p[0] not in HIDDEN and p[1].strip()]
    generate_csrf()  # first, because the page that is not shown would make one of its own
    g.forms, again = [], current_app.test_request_context(held["to"])
    with again, suppress(HTTPException, NotYours, Refusal):
        view: Any = current_app.view_functions.get(request.endpoint or "")
        if view and may_ever(g.actor, view.needs):
            getattr(view, "__wrapped__", view)(**(request.view_args or {}))
    g.pop("looks", None)  # because nothing of the page is read
    return as_shown(pairs)


def _who_typed() -> str:
    if known := session.get("was"):
        return str(known)
    held = queries.known_pass(str(session.get("_user_id", "")))
    return held.account.public_id if held and held.account else ""


def _from_our_page() -> bool:
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    if origin := request.headers.get("Origin"):
        return urlsplit(origin).netloc == request.host
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return True
