"""What every answer carries: safety headers, the reader's language, and plain words for every
refusal.
"""

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from flask import (
    Flask,
    current_app,
    g,
    has_request_context,
    make_response,
    render_template,
    request,
    send_from_directory,
)
from flask_babel import get_locale, gettext
from secure import ContentSecurityPolicy, ReferrerPolicy, Secure, XFrameOptions
from sqlalchemy.exc import DataError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response

from partners.access.rules import NOBODY
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.ground.words import LANGUAGES, N_
from partners.web.fields import told
from partners.web.forms import EDGE, as_shown
from partners.web.guard import OPEN_TO_ALL, FormOutOfDate

STATIC = Path(__file__).parent.parent / "static"
YEAR = 365 * 24 * 3600
SECRETS = ("password", "current")  # fields that are never shown back and never carried
HIDDEN = (*EDGE, *SECRETS, "verb", "deed")

_secure = Secure(
    csp=ContentSecurityPolicy()
    .default_src("'self'")
    .img_src("'self'", "data:")
    .object_src("'none'")
    .base_uri("'none'")
    .form_action("'self'")
    .frame_ancestors("'none'"),
    xfo=XFrameOptions().deny(),
    referrer=ReferrerPolicy().same_origin(),
)


def locale() -> str:
    """The reader's language: `?lang=` for this page, else the account's own choice, else what the
    browser asks for. No cookie keeps it."""
    if chosen := _chosen():
        return chosen
    actor = g.get("actor", NOBODY)
    if actor.id:
        return actor.language
    # The first that we speak in the reader's own order; "da-DK" is Danish.
    asked = (tag.split("-")[0].lower() for tag, worth in request.accept_languages if worth)
    return next((code for code in asked if code in LANGUAGES), next(iter(LANGUAGES)))


def _chosen() -> str:
    wished = request.args.get("lang", "")
    return wished if wished in LANGUAGES else ""


def tongues() -> list[dict[str, str]]:
    """This page in the other languages, for its foot."""
    if request.method != "GET" or not request.endpoint:
        return []
    asked, at = request.args.to_dict(flat=False), quote(request.path)
    return [
        {"text": name, "href": f"{at}?{urlencode(asked | {'lang': [code]}, True)}", "lang": code}
        for code, name in LANGUAGES.items()
        if code != str(get_locale())
    ]


def _carried(endpoint: str, values: dict[str, Any]) -> None:
    """Whoever chose a language keeps it from page to page, and changes nothing by it."""
    if endpoint == "static" or not has_request_context():
        return
    if chosen := _chosen():
        values.setdefault("lang", chosen)


def install(app: Flask) -> None:
    """Mount static files, headers and the pages for what goes wrong."""
    app.after_request(_finish)
    app.url_defaults(_carried)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(FormOutOfDate, _out_of_date)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(NotYours, lambda _e: _page(404))
    # What no database can hold, such as a NUL in a field that no form has.
    app.register_error_handler(DataError, lambda _e: _page(400, out_of_date=True))
    app.register_error_handler(StaleDataError, _at_once)
    app.register_error_handler(Exception, _broke)
    app.add_url_rule("/static/<path:filename>", "static", _static)


def _static(filename: str) -> Response:
    packed = f"{filename}.gz"
    wants = "gzip" in request.headers.get("Accept-Encoding", "")
    if wants and (STATIC / packed).is_file() and ".." not in filename:
        answer = send_from_directory(STATIC, packed, max_age=YEAR)
        kind = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
        answer.headers["Content-Type"] = kind.get(filename.rsplit(".", 1)[-1], "text/plain")
        answer.headers["Content-Encoding"] = "gzip"
    else:
        answer = send_from_directory(STATIC, filename, max_age=YEAR)
    answer.headers["Vary"] = "Accept-Encoding"
    return answer


_static.needs = OPEN_TO_ALL  # type: ignore[attr-defined]


def _finish(answer: Response) -> Response:
    own = answer.headers.get("Content-Security-Policy")
    _secure.set_headers(answer)
    if own:  # a paper that somebody handed in is sent under a stricter one
        answer.headers["Content-Security-Policy"] = own
    answer.headers["X-Content-Type-Options"] = "nosniff"
    if request.endpoint != "static":
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def _typed() -> list[tuple[str, str]]:
    """What the visitor typed, so that a refused form is given back and not lost."""
    if request.method != "POST":
        return []
    try:
        pairs = list(request.form.items(multi=True))
    except HTTPException:
        return []
    return as_shown(p for p in pairs if p[0] not in HIDDEN and p[1].strip())


def _page(code: int, **facts: Any) -> Response:
    db.session.rollback()
    known = code if code in (400, 401, 403, 404, 405, 413, 429, 500, 503) else 400
    body = render_template(f"errors/{known}.html", typed=_typed(), **facts)
    return make_response(body, code)


def _http(error: HTTPException) -> Any:
    code = error.code or 500
    if code < 400:
        return error
    if code == 401:
        return current_app.extensions["ask_to_sign_in"](_typed())
    if isinstance(error, RequestEntityTooLarge):
        g.too_large = True
    answer = _page(code)
    if code == 405 and getattr(error, "valid_methods", None):
        answer.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
    return answer


def _out_of_date(_error: FormOutOfDate) -> Response:
    return _page(400, out_of_date=True)


def _refused(refusal: Refusal) -> Response:
    return _page(400, sentence=told(refusal))


def _at_once(_error: StaleDataError) -> Response:
    """Two people saved the same thing in the same moment; the second one gets the text back."""
    db.session.rollback()
    sentence = N_("Somebody else saved this in the same moment. Look at it again, then save.")
    return make_response(
        render_template("errors/400.html", typed=_typed(), sentence=gettext(sentence)), 409
    )


def _broke(error: Exception) -> Any:
    current_app.logger.exception("broke")
    if current_app.testing:
        raise error
    return _page(500)
