"""Opens the house: settings, policy, rooms, door. Refuses to open when something is unsafe."""

import json
import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, g, get_flashed_messages, request, url_for
from flask_babel import Babel, format_date, get_locale, gettext
from flask_login import LoginManager, current_user
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from partners.access.rules import NOBODY, Actor, may, may_ever
from partners.access.table import Permission
from partners.accounts import views as accounts
from partners.accounts.actions import tidy
from partners.accounts.doors import visitor
from partners.accounts.queries import municipality
from partners.assessment import daily, reading
from partners.assessment import views as assessment
from partners.assessment.papers import documents
from partners.charter import daily as charter_daily
from partners.charter import receipts as charter
from partners.charter import sealing as charter_sealing
from partners.desk import keeping
from partners.desk import views as desk
from partners.editions import views as editions
from partners.ground.db import db
from partners.ground.words import N_, RIGHT_TO_LEFT
from partners.jobs.runner import Jobs
from partners.lists import views as lists
from partners.mail import actions as mail
from partners.mou import ceremony as mou
from partners.mou import daily as ending
from partners.mou import sealing as papers
from partners.policy import feeds, shelf
from partners.policy.load import load
from partners.portal import views as portal
from partners.public import views as public
from partners.registry import views as registry
from partners.registry.models import Organisation
from partners.relations import views as relations
from partners.reports import views as reports
from partners.signing import work as sealing
from partners.uploads import views as uploads
from partners.web import doors, guard
from partners.web.drawn import Drawn
from partners.web.said import long_day
from partners.wording.rules import read as read_wording

HOME = Path(__file__).parent
ROOMS = (accounts, registry, relations, lists, uploads, assessment, editions, charter, mou, reports,
         desk, portal, public)  # fmt: skip
P = Permission
# The last words: what an address of the section begins with.
DESK_NAV = (
    (N_("Today"), "desk.today", P.TODAY, "today"),
    (N_("Register"), "registry.list_all", P.ORGANISATION_LIST, "organisations"),
    (N_("Engagements"), "desk.engagements", P.ENGAGEMENT_JOIN, "engagements papers promises"),
    (N_("Contacts"), "relations.mine", P.CONTACT_LOG, "contacts"),
    (N_("Charter"), "charter.overview", P.CHARTER_READ, "charter"),
    (N_("People"), "accounts.people", P.ACCOUNT_LIST, "people delegations"),
    (N_("Reports"), "reports.overview", P.REPORT_TOTALS, "reports"),
    (N_("Log"), "desk.log", P.LOG_VIEW, "log keeping points-asked-about"),
    (N_("Policy"), "editions.overview", P.POLICY_VIEW, "policy"),
    (N_("Lists"), "lists.overview", P.SYSTEM, "lists"),
    (N_("System"), "accounts.system", P.SYSTEM, "system jobs"),
)
PORTAL_NAV = (
    (N_("My file"), "portal.file", P.PORTAL, "our organisations engagements contacts promises"),
    (N_("To do"), "portal.to_do", P.ORGANISATION_FILE, ""),
    (N_("Agreements"), "portal.papers", P.ORGANISATION_FILE, "papers"),
    (N_("Charter"), "charter.mine", P.ORGANISATION_FILE, "our-charter charter"),
)


@dataclass(frozen=True)
class Settings:
    """What the operator may set, from the environment; see docs/operators.md."""

    database: str
    instance: Path
    policy: Path
    smtp: str = ""
    secure_cookies: bool = False
    proxies: int = 0
    testing: bool = False
    timestamp: str = "own"

    @classmethod
    def from_environment(cls) -> "Settings":
        instance = Path(os.environ.get("PARTNERS_INSTANCE", HOME.parent / "instance")).resolve()
        return cls(
            database=os.environ.get("PARTNERS_DATABASE") or f"sqlite:///{instance}/partners.sqlite",
            instance=instance,
            policy=Path(os.environ.get("PARTNERS_POLICY", HOME.parent / "data")).resolve(),
            smtp=os.environ.get("PARTNERS_SMTP", ""),
            secure_cookies=os.environ.get("PARTNERS_HTTPS", "") == "1",
            proxies=int(os.environ.get("PARTNERS_PROXIES", "0")),
            timestamp=os.environ.get("PARTNERS_TIMESTAMP", "") or "own",
        )


def session_key(instance: Path) -> bytes:
    """The key that signs cookies: made at first start, readable by its owner only, no default."""
    path = instance / "keys" / "session"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
    if path.stat().st_mode & 0o077:
        raise RuntimeError(f"{path} can be read by others; run: chmod 600 {path}")
    return path.read_bytes()


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application. Raises when a page names no permission or the policy is broken."""
    settings = settings or Settings.from_environment()
    settings.instance.mkdir(parents=True, exist_ok=True)
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=session_key(settings.instance),
        SQLALCHEMY_DATABASE_URI=settings.database,
        SETTINGS=settings,
        TESTING=settings.testing,
        MAX_CONTENT_LENGTH=21 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=6 * 1024 * 1024,
        MAX_FORM_PARTS=2000,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_NAME="partners",
        WTF_CSRF_TIME_LIMIT=int(timedelta(hours=12).total_seconds()),
        BABEL_TRANSLATION_DIRECTORIES=str(HOME / "translations"),
    )
    if settings.proxies:
        # Else all behind the proxy count as one place, and one guesser locks everybody out.
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    db.init_app(app)
    Babel(app, locale_selector=doors.locale, timezone_selector=lambda: app.extensions["time_zone"])
    jobs = Jobs(app, settings.database, str(settings.instance / "wake.sqlite"))
    app.extensions["jobs"] = jobs
    _look(app)
    _sign_in(app)
    _open_rooms(app, settings, jobs)
    doors.install(app)
    if missing := guard.undeclared(app):
        raise RuntimeError(f"pages without a permission: {', '.join(missing)}")
    return app


def _sign_in(app: Flask) -> None:
    login: Any = LoginManager(app)
    login.session_protection = None  # sessions are rows that end; see accounts
    login.user_loader(visitor)
    guard.install(app, lambda: current_user.actor if current_user.is_authenticated else NOBODY)


def _look(app: Flask) -> None:
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.add_extension("jinja2.ext.i18n")
    manifest = json.loads((HOME / "static" / "manifest.json").read_text())

    def static_url(name: str) -> str:
        return url_for("static", filename=name, v=manifest.get(name, "")[:12])

    def allowed(permission: str, on: Any = None) -> bool:
        wanted = Permission(permission)
        return may_ever(g.actor, wanted) if on is None else may(g.actor, wanted, on)

    app.jinja_env.globals.update(
        static_url=static_url,
        may=allowed,
        csrf_token=generate_csrf,
        form_key=lambda: secrets.token_urlsafe(18),
        drawn=Drawn,
    )
    app.jinja_env.filters["day"] = long_day
    app.jinja_env.filters["short_day"] = lambda value: (
        format_date(value, gettext("d MMM")) if value else ""
    )


def _open_rooms(app: Flask, settings: Settings, jobs: Jobs) -> None:
    """Read what the municipality decided, mount the pages, announce the kinds of work."""
    version, texts = load(settings.policy)
    policy = shelf.printing(version, texts)
    documents(version, policy, texts)
    app.extensions["policy"] = version, texts
    app.extensions["time_zone"] = policy.head.time_zone
    app.extensions["wording"] = read_wording(
        {p.name: p.read_text("utf-8") for p in sorted((settings.policy / "wording").glob("*.toml"))}
    )
    for room in ROOMS:
        app.register_blueprint(room.bp)
    app.extensions["ask_to_sign_in"] = accounts.ask_to_sign_in
    mail.announce(jobs, settings.smtp)
    jobs.kind("accounts.tidy", tidy, every_minute=True)
    uploads.announce(jobs, settings.instance / "files")
    sealing.announce(jobs, settings.instance, settings.timestamp)
    papers.announce(settings.instance / "files")
    charter_sealing.announce()
    daily.announce(jobs)
    charter_daily.announce(jobs)
    ending.announce(jobs)
    keeping.announce(jobs)
    reading.announce(jobs, settings.instance / "reading", feeds.sources(settings.policy))
    app.context_processor(_surroundings)


def _surroundings() -> dict[str, Any]:
    """What every template may use; see templates/README.md."""
    language = str(get_locale() or "en")
    actor, city = g.get("actor", NOBODY), municipality()
    own = city and actor.is_partner and db.session.get(Organisation, actor.organisation_id)
    door = city and own and gettext("Your door to %(municipality)s", municipality=city.name)
    return {
        "actor": actor,
        "municipality": city,
        "brand": own.name if own else None,
        "brand_line": door,
        "foot_links": _foot() if actor.is_partner else [],
        "nav": _nav(actor),
        "language": language,
        "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "theme": g.get("theme", "light"),
        "crumbs": [],
        "tongues": doors.tongues(),
        "notices": get_flashed_messages(),
    }


def _foot() -> list[dict[str, str]]:
    policy = {"text": gettext("What we ask, and why"), "href": url_for("public.policy")}
    return [policy, *public.foot()]


def _nav(actor: Actor) -> list[dict[str, Any]]:
    entries = PORTAL_NAV if actor.is_partner else DESK_NAV if actor.is_staff else ()
    here, first = request.endpoint, request.path.split("/")[1]
    within = "" if here in {entry[1] for entry in entries} else "true"
    return [
        {"text": gettext(text), "href": url_for(endpoint),
         "current": "page" if here == endpoint else within if first in parts.split() else ""}
        for text, endpoint, permission, parts in entries
        if may_ever(actor, permission)
    ]  # fmt: skip
