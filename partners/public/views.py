"""What anybody may read without signing in. No page here sets a cookie."""

from typing import Any

from flask import Blueprint, current_app, g, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from partners.accounts.queries import municipality
from partners.assessment.pace import Pace, paces
from partners.assessment.sight import ladder_levels
from partners.ground import clock
from partners.policy.feeds import sources
from partners.policy.shelf import published
from partners.policy.today import todays_policy
from partners.policy.values import Policy
from partners.public.pages import NAMES, page_text
from partners.public.printed import Printed, asks
from partners.web.fields import language
from partners.web.forms import show
from partners.web.guard import OPEN_TO_ALL, page

bp = Blueprint("public", __name__)


def _shown(template: str, **facts: Any) -> Any:
    if not g.actor.signed_in:
        facts |= {"nav": _nav(), "sign_in_url": url_for("accounts.sign_in")}
    return show(template, foot_links=_foot(), contact=contact(), **facts)


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
    ]
    return [
        {"text": text, "href": url_for(endpoint), "current": request.endpoint == endpoint}
        for text, endpoint in entries
        if endpoint in current_app.view_functions
    ]


def _foot() -> list[dict[str, Any]]:
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
    parts = page_text(folder, name, language(), contact())
    return _shown("public/page.html", name=name, title=parts[0].heading, parts=parts)


_about.__name__ = "page"  # because the endpoint is public.page, and `page` is the door's word here
page(bp, "/about/<name>", needs=OPEN_TO_ALL)(_about)
