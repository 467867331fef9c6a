"""What anybody may read without signing in. No page here sets a cookie."""

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, current_app, g, make_response, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.exceptions import NotFound

from partners.accounts.queries import municipality
from partners.assessment.pace import Pace, paces
from partners.assessment.sight import ladder_levels
from partners.ground import clock
from partners.ground.db import writes
from partners.mou.sheet import moment
from partners.policy.feeds import sources
from partners.policy.shelf import published
from partners.policy.today import todays_policy
from partners.policy.values import Policy
from partners.public.pages import NAMES, page_text
from partners.public.printed import Printed, asks
from partners.public.verify import LARGEST, check_code, check_file, status_list
from partners.signing.keys import Keys, in_words, keys_in
from partners.signing.kit import kit
from partners.signing.rules import in_fours
from partners.web.fields import language
from partners.web.forms import show
from partners.web.guard import OPEN_TO_ALL, page

bp = Blueprint("public", __name__)
YEARS = 60  # months; what is kept for so long is said in years


def _shown(template: str, **facts: Any) -> Any:
    if not g.actor.signed_in:
        facts |= {"nav": _nav(), "sign_in_url": url_for("accounts.sign_in")}
    return show(template, foot_links=foot(), contact=contact(), **facts)


def contact() -> dict[str, str]:
    """How the municipality is reached, as it was founded; an empty word where it was not said."""
    house = municipality()
    texts = house.texts if house else {}
    keys = ("address", "email", "telephone", "complain_to", "protector", "authority", "basis")
    return {"municipality": house.name if house else gettext("the municipality")} | {
        key: str(texts.get(key, "")) for key in keys
    }


def _nav() -> list[dict[str, Any]]:
    entries = [
        (gettext("What this is"), "public.home"),
        (gettext("What we ask, and why"), "public.policy"),
        (gettext("Charter"), "charter.register"),
        (gettext("Check a paper"), "public.verify"),
    ]
    return [
        {"text": text, "href": url_for(endpoint),
         "current": "page" if request.endpoint == endpoint else ""}
        for text, endpoint in entries
        if endpoint in current_app.view_functions
    ]  # fmt: skip


def foot() -> list[dict[str, Any]]:
    """The small pages."""
    titles = [gettext("Privacy"), gettext("Accessibility"), gettext("Complain")]
    return [
        {"text": title, "href": url_for("public.page", name=name)}
        for title, name in zip(titles, NAMES, strict=True)
    ]


@page(bp, "/", needs=OPEN_TO_ALL)
def home() -> Any:
    """What is this, what is asked of whom, and how long does it take?"""
    policy = todays_policy()
    return _shown("public/home.html", levels=ladder_levels(policy, language()),
                  asks=asks(policy, language()))  # fmt: skip


@page(bp, "/policy", needs=OPEN_TO_ALL)
def policy() -> Any:
    """Every question that may be asked, why, when, and what follows."""
    today = todays_policy()
    read = sources(current_app.config["SETTINGS"].policy)
    return _shown("public/policy.html", printed=Printed(today, language()), read=read,
                  paces=_paces(today), since=published(),
                  levels=ladder_levels(today, language()))  # fmt: skip


def _paces(policy: Policy) -> list[tuple[str, str, Pace]]:
    """The levels and bands for which enough was completed to say how long it takes."""
    words, known = policy.words(language()), paces(clock.now())
    return [
        (words.level(level).name, words.band(band).name, known[level, band])
        for level in policy.levels for band in policy.bands if (level, band) in known
    ]  # fmt: skip


def _about(name: str) -> Any:
    """A page of the municipality's own words: privacy, accessibility, complaints."""
    if name not in NAMES:
        raise NotFound
    folder = current_app.config["SETTINGS"].policy
    parts = page_text(folder, name, language(), contact() | _times())
    return _shown("public/page.html", name=name, title=parts[0].heading, parts=parts)


def _times() -> dict[str, str]:
    """How long each thing is kept, as the policy says and the clock does."""
    months = todays_policy().head.keep_months
    return {f"keep_{kind}": _long(number) for kind, number in months.items()}


def _long(months: int) -> str:
    if months >= YEARS and months % 12 == 0:
        return ngettext("one year", "%(num)d years", months // 12)
    return ngettext("one month", "%(num)d months", months)


_about.__name__ = "page"  # because the endpoint is public.page, and `page` is the door's word here
page(bp, "/about/<name>", needs=OPEN_TO_ALL)(_about)


def _keys() -> Keys:
    return keys_in(current_app.config["SETTINGS"].instance)


def verify() -> Any:
    """Is this paper genuine, and does it still hold? Drop it here, or type its code."""
    writes.set(False)
    keys, today, facts = _keys(), clock.today(), {"found": None, "trouble": ""}
    code = request.values.get("code", "")[:200].strip() if request.method == "GET" else ""
    if request.method == "POST":
        code, content = _handed_in()
        if content:
            facts["found"] = check_file(content, keys, today)
        elif not code:
            facts["trouble"] = gettext("Choose a file of at most 20 MB, or type a code.")
    seal, now = check_code(code, today) if code and not facts["found"] else (None, None)
    root = keys.fingerprint if keys.exist else ""
    body, status = _shown("public/verify.html", code=code, seal=seal, standing=now, root=root,
                          words=in_words(root), in_fours=in_fours, moment=_moment,
                          **facts)  # fmt: skip
    return make_response(body, 422 if facts["trouble"] else status)


def _moment(at: str) -> str:
    return moment(datetime.fromisoformat(at), language())


def _handed_in() -> tuple[str, bytes]:
    """The code and the file as they were sent; the file goes through memory only."""
    asked: Any = request
    asked._get_file_stream = lambda *_a, **_kw: BytesIO()
    file = request.files.get("file")
    content = file.read(LARGEST + 1) if file else b""
    return request.form.get("code", "")[:200].strip(), content if len(content) <= LARGEST else b""


# Because it changes nothing and knows nobody, this form needs no token and no key, and no cookie.
verify.needs = OPEN_TO_ALL  # type: ignore[attr-defined]
bp.add_url_rule("/verify", "verify", verify, methods=["GET", "POST"])


@page(bp, "/status/list.json", needs=OPEN_TO_ALL)
def statuses() -> Any:
    """The state of every sealed paper, signed; whoever holds a paper finds it, nobody else can."""
    if not _keys().exist:
        raise NotFound
    answer = make_response(status_list(_keys(), clock.now(), clock.today()))
    answer.headers["Content-Type"] = "application/json"
    return answer


@page(bp, "/verify-kit.zip", needs=OPEN_TO_ALL)
def verify_kit() -> Any:
    """All that it takes to check papers without us."""
    if not _keys().exist:
        raise NotFound
    answer = make_response(kit(_keys()))
    answer.headers["Content-Type"] = "application/zip"
    answer.headers["Content-Disposition"] = 'attachment; filename="verify-kit.zip"'
    return answer
