"""Every page × every role × a thing that is theirs, one that is not, and one that does not exist.

The world is the sample municipality. What the answer must be is read from the permission table;
where a page looks more finely, `FINER` says so, with the rule in words.
"""

import html
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from partners.access.rules import Actor, may, may_ever
from partners.access.table import STAFF, Permission, Role
from partners.accounts.actions import open_session
from partners.accounts.models import Account
from partners.app import Settings, create_app
from partners.assessment.handed_in import READ_IN
from partners.assessment.models import Engagement, FourEyes, Point
from partners.assessment.rules.moves import State
from partners.charter.models import Charter
from partners.desk.contacts import knows
from partners.ground import clock
from partners.ground.db import Table, db
from partners.jobs.models import Job
from partners.mou.models import Paper, Promise
from partners.mou.queries import may_open
from partners.policy.models import Draft
from partners.registry.models import Organisation
from partners.relations.models import Contact
from partners.tools import sample
from partners.uploads.models import Upload
from partners.web.guard import OPEN_TO_ALL
from tests.builders import open_house, registered_twice
from tests.conftest import DATA
from tests.page import faults
from tests.rows import add

P = Permission
MODELS: dict[str, Any] = {
    "organisation_id": Organisation, "engagement_id": Engagement, "account_id": Account,
    "contact_id": Contact, "job_id": Job, "paper_id": Paper, "upload_id": Upload,
    "charter_id": Charter, "promise_id": Promise, "draft_id": Draft, "look_id": FourEyes,
}  # fmt: skip
# Parts of addresses that name no row, and one value each that exists.
WORDS = {"name": "privacy", "part": "answers", "kind": "dialogue", "secret": "0" * 43,
         "import_id": "0" * 26, "list_id": "un", "number": "1", "step": "start",
         "text": "en"}  # fmt: skip
MISSING = "0" * 26
Rule_ = Callable[[Actor, Any], bool]


def _person(actor: Actor, account: Account) -> bool:
    """Staff are opened by who lists staff, an organisation's people by who may invite them."""
    return may(actor, P.ACCOUNT_LIST if account.is_staff else P.PARTNER_INVITE, account)


def _card(actor: Actor, case: Engagement) -> bool:
    """Outside the case team its card may be read, not its content."""
    return may(actor, P.ENGAGEMENT_VIEW, case) or may(actor, P.ENGAGEMENT_JOIN, case)


def _bundle_of(actor: Actor, case: Engagement) -> bool:
    """Whoever may open the case or answer in it; the second reader while there is something."""
    held = (P.ENGAGEMENT_VIEW, P.ENGAGEMENT_ANSWERS, P.ENGAGEMENT_ANSWER)
    reads = may(actor, P.ENGAGEMENT_READ, case) and State(case.state) in READ_IN
    return reads or any(may(actor, right, case) for right in held)


def _contact(actor: Actor, contact: Contact) -> bool:
    """Outside the case teams only one's own entries."""
    own = actor.id in (contact.by_id, contact.follow_up_owner_id)
    return may(actor, P.CONTACT_LOG, contact) and (own or knows(actor, contact.organisation_id))


FINER: dict[str, Rule_] = {
    "assessment.bundle": _bundle_of,
    "relations.contact": _contact,
    "accounts.person": _person,
    "assessment.engagement": _card,
    "desk.one_point": lambda actor, row: may(actor, P.POINT_OPEN, row) and bool(row.point_id),
    "mou.show_paper": lambda actor, paper: may_open(paper, actor),
    "mou.receipt": lambda actor, paper: may_open(paper, actor),
}
# Pages of several forms: a POST that names none of their deeds finds nothing.
SEVERAL_DEEDS = ("assessment.engagement", "assessment.references", "assessment.condition",
                 "assessment.result", "registry.alike",
                 "assessment.bundle", "assessment.look_up", "assessment.reading",
                 "editions.one", "mou.show_paper", "mou.together", "charter.overview",
                 "charter.mine", "accounts.system",
                 "charter.commitments", "charter.shape", "charter.suspension",
                 "charter.several", "charter.gathered", "charter.ours")  # fmt: skip
NOT_FOR_LINKS = ("portal.to_do", "portal.papers", "portal.everything", "portal.part",
                 "charter.mine", "charter.ours")  # fmt: skip
# Opened without a form it only leads to the page with the form, and that one decides.
LEADS_ON = ("mou.preview",)
# Pages that exist only when the case has come that far; elsewhere they are not found.
NOT_ALWAYS_THERE: dict[str, str] = {
    "assessment.condition": "a condition is there where a decision made one",
    "assessment.show_letter": "a letter is there once it was written",
    "assessment.paper": "a file is there once it was handed in",
    "assessment.reading": "a reading list is there where it is asked for",
    "assessment.bundle": "a bundle is there where something of it is asked",
    "assessment.support": "support is there until the engagement is over",
    "assessment.look_up": "a look-up is there where an item asks for it",
    "mou.draft": "a paper is drafted once the result was told",
    "mou.preview": "a paper is drafted once the result was told",
    "charter.sign": "the municipality's own signing is of no organisation",
    "mou.sign": "a paper is signed by those whom it names",
    "mou.receipt": "a receipt is there once everybody has signed",
    "registry.edit": "an organisation has the parts that its kind has",
    "charter.suspension": "what was never signed cannot rest",
    "charter.gathered": "a text of several, and not one's own",
    "charter.ours": "a text of several, and not one's own",
    "charter.receipt": "a receipt is there once somebody has signed",
    "charter.offer": "own words are read once they were proposed; the city's own signing has none",
    "portal.part": "a file has the parts that its case has",
    "accounts.door": "a link is there until it is used",
    "assessment.reference": "a link is there until it is used",
    "registry.import_one": "an import is there while it is checked",
    "registry.import_rest": "an import is there while it is checked",
    "editions.edit": "a file has a name",
    "public.page": "pages have names",
    "public.statuses": "a list is there once there is a seal",
    "public.verify_kit": "a kit is there once there is a seal",
}


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """The sample municipality in a file, with a contact, a job and a record that was merged."""
    folder = tmp_path_factory.mktemp("sampled")
    shutil.copy(sqlite_template, folder / "s.sqlite")
    app = create_app(Settings(f"sqlite:///{folder}/s.sqlite", folder, DATA, testing=True))
    with app.app_context():
        sample.load(app, clock.now())
        connection, tables = db.session.connection(), Table.metadata.tables
        edition, texts = app.extensions["policy"]
        maker = db.session.scalars(select(Account.id)).first()
        add(connection, tables["policy_drafts"], edition=edition, texts=texts, found={},
            tried_by=maker)  # fmt: skip
        for person in db.session.scalars(select(Account.id).limit(2)):
            add(connection, tables["contacts"], by_id=person, line="We met.")
            add(connection, tables["jobs"], created_by=person, outcome={})
        officer = next(a for a in db.session.scalars(select(Account)) if Role.OFFICER in a.roles)
        kind = db.session.scalars(select(Organisation.kind)).first()
        point = db.session.scalars(select(Point)).first()
        assert point
        manager = next(a for a in db.session.scalars(select(Account)) if Role.MANAGER in a.roles)
        far, by = clock.today() + timedelta(days=9), {"asked_by": officer.id}
        by |= {"agreed_by": manager.id, "until": far}
        of = {"engagement_id": point.engagement_id, "organisation_id": point.organisation_id}
        add(connection, tables["four_eyes"], kind="look", point_id=point.id, **of, **by)
        add(connection, tables["four_eyes"], kind="hold", **by)
        registered_twice(str(kind), by=officer.actor, at=clock.now())
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return folder / "s.sqlite"


@pytest.fixture
def app(sampled: Path, tmp_path: Path) -> Iterator[Flask]:
    shutil.copy(sampled, tmp_path / "s.sqlite")
    instance = tmp_path / "instance"
    shutil.copytree(sampled.parent / "files", instance / "files")
    app = open_house(Settings(f"sqlite:///{tmp_path}/s.sqlite", instance, DATA, testing=True))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@dataclass
class Visitor:
    """Somebody with one role, and a browser."""

    actor: Actor
    client: FlaskClient
    token: str = ""

    def tokens(self) -> dict[str, str]:
        return {"csrf_token": self.token, "_key": os.urandom(12).hex()}


def visitor(app: Flask, role: Role | None) -> Visitor:
    if role is None:
        return Visitor(Actor(0, "nobody"), app.test_client())
    side = Account.department_id if role in STAFF else Account.organisation_id
    # An officer who leads cases; a colleague of a partner that has a case of its own.
    account = db.session.scalars(select(Account).where(side.is_not(None)).order_by(Account.id))
    found = next((a for a in account if role in a.roles), None)
    if found is None:
        found = db.session.scalars(select(Account).where(side.is_not(None))).first()
        assert found is not None
    found.roles = [str(role)]
    secret = open_session(found, at=clock.now())
    db.session.commit()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = secret
    return Visitor(found.actor, client, _token(client))


def _token(client: FlaskClient) -> str:
    text = client.get("/sign-in").text
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found
    return found[1]


def pages(app: Flask) -> list[Rule]:
    return [r for r in app.url_map.iter_rules() if r.endpoint != "static"]


def things(rule: Rule, actor: Actor) -> Iterator[dict[str, Any]]:
    """What to fill into an address: two things that may be opened, two that may not, and none."""
    objects = [name for name in rule.arguments if name in MODELS]
    if not objects:
        yield {}
        return
    rows = list(db.session.scalars(select(MODELS[objects[0]]).order_by(MODELS[objects[0]].id)))
    yes = [row for row in rows if allowed(rule, actor, row)]
    no = [row for row in rows if row not in yes]
    for row in dict.fromkeys((*yes[:1], *yes[-1:], *no[:1], *no[-1:])):
        yield {objects[0]: row}
    yield {objects[0]: None}


def needs(app: Flask, rule: Rule) -> Any:
    return app.view_functions[rule.endpoint].needs  # type: ignore[attr-defined]


def allowed(rule: Rule, actor: Actor, row: Any) -> bool:
    from flask import current_app

    needed = needs(current_app, rule)
    if needed == OPEN_TO_ALL:
        return True
    if not may_ever(actor, needed):
        return False
    if Role.GUEST in actor.roles and rule.endpoint in NOT_FOR_LINKS:
        return False  # a one-time link answers and sees what it answered, no more
    if row is None:
        return not any(name in MODELS for name in rule.arguments)
    return FINER.get(rule.endpoint, lambda a, on: may(a, needed, on))(actor, row)


def address(app: Flask, rule: Rule, filled: dict[str, Any]) -> str:
    parts: dict[str, str] = {}
    for name in rule.arguments:
        if name == "bundle":
            parts[name] = _bundle(app)
        elif name == "other_id":
            parts[name] = _other(filled.get("organisation_id"))
        elif name in WORDS:
            parts[name] = WORDS[name]
        else:
            row = filled.get(name)
            parts[name] = MISSING if row is None else getattr(row, "public_id", row.id)
    return app.url_map.bind("localhost").build(rule.endpoint, parts)


def _other(one: Organisation | None) -> str:
    """Another organisation, for an address that names two."""
    others = select(Organisation.public_id).where(Organisation.id != (one.id if one else 0))
    return db.session.scalars(others.order_by(Organisation.id.desc())).first() or MISSING


def _bundle(app: Flask) -> str:
    from partners.policy.shelf import edition

    return next(iter(edition(app.extensions["policy"][0]).bundles))


def expected(app: Flask, rule: Rule, who: Visitor, row: Any, method: str) -> set[int]:
    """The statuses that may come."""
    if needs(app, rule) != OPEN_TO_ALL and not who.actor.roles:
        return {401}
    if rule.endpoint in LEADS_ON and method == "GET" and may_ever(who.actor, needs(app, rule)):
        return {302}
    if not allowed(rule, who.actor, row):
        return {404}
    fine = {200, 302, 303} if method == "GET" else {200, 302, 303, 400, 409, 422}
    absent = NOT_ALWAYS_THERE if method == "GET" else (*NOT_ALWAYS_THERE, *SEVERAL_DEEDS)
    return fine | ({404} if rule.endpoint in absent else set())


@pytest.mark.parametrize("role", [None, *sorted(Role)])
def test_each_page_opens_for_whom_the_table_says_and_for_nobody_else(
    app: Flask, role: Role | None
) -> None:
    who, wrong = visitor(app, role), []
    for method in ("GET", "POST"):
        for rule in pages(app):
            if method not in (rule.methods or ()) or rule.endpoint == "accounts.sign_out":
                continue
            for filled in things(rule, who.actor):
                row = next(iter(filled.values()), None)
                path, right = address(app, rule, filled), expected(app, rule, who, row, method)
                answer = _asked(who, method, path)
                if answer.status_code not in right:
                    wrong.append(f"{role} {method} {path} ({rule.endpoint}) {_named(row)}:"
                                 f" {answer.status_code}, not {sorted(right)}")  # fmt: skip
                elif answer.status_code == 200 and answer.mimetype == "text/html":
                    wrong += [f"{path}: {fault}" for fault in faults(answer.text, app, path)]
    assert not wrong, "\n".join(["", *dict.fromkeys(wrong)])


def _asked(who: Visitor, method: str, path: str) -> Any:
    if method == "GET":
        return who.client.get(path, buffered=True)
    return who.client.post(path, data=who.tokens(), buffered=True)


def _named(row: Any) -> str:
    return "nothing" if row is None else f"{row.__tablename__} {row.id}"


TOKENS = re.compile(r'(name="(csrf_token|_key)" value=")[^"]*')


@pytest.mark.parametrize("role", sorted(Role))
def test_what_is_somebody_elses_and_what_does_not_exist_look_alike(app: Flask, role: Role) -> None:
    who = visitor(app, role)
    for rule in pages(app):
        told: dict[str, bytes] = {}
        if "GET" not in (rule.methods or ()) or needs(app, rule) == OPEN_TO_ALL:
            continue
        if rule.endpoint in LEADS_ON:
            continue
        for filled in things(rule, who.actor):
            row = next(iter(filled.values()), None)
            if filled and not allowed(rule, who.actor, row):
                path = address(app, rule, filled)
                answer = who.client.get(path)
                text = TOKENS.sub(r"\1", answer.text).replace(path, "")
                told[f"{answer.status_code} {sorted(answer.headers.keys())} {text}"] = b""
        assert len(told) <= 1, rule.rule


def test_a_page_without_a_permission_is_not_served_to_anyone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    from flask import Blueprint

    import partners.app as house

    bp = Blueprint("planted", __name__)
    bp.add_url_rule("/planted", "oops", lambda: "hello")
    monkeypatch.setattr(house, "ROOMS", (*house.ROOMS, SimpleNamespace(bp=bp)))
    with pytest.raises(RuntimeError, match=r"planted\.oops"):
        create_app(Settings("sqlite://", tmp_path, DATA, testing=True))


def test_every_part_of_an_address_is_walked(app: Flask) -> None:
    parts = {name for rule in pages(app) for name in rule.arguments}
    assert parts - set(MODELS) - set(WORDS) == {"bundle", "other_id"}


def test_no_exception_names_a_page_that_is_gone(app: Flask) -> None:
    known = {rule.endpoint for rule in pages(app)}
    assert set(FINER) | set(NOT_ALWAYS_THERE) <= known


SOME = 3  # pages of one kind
PUBLIC_ID, LINK = re.compile(r"[0-9a-z]{26}"), re.compile(r'<a [^>]*href="(/[^"#]*)')
# A guest has no account but a one-time link; the journeys walk that.
VISITORS = [None, *(role for role in Role if role is not Role.GUEST)]


@pytest.mark.parametrize("role", VISITORS, ids=str)
def test_no_link_leads_a_visitor_to_what_is_not_theirs(app: Flask, role: Role | None) -> None:
    someone = visitor(app, role)
    start = "/our/file" if someone.actor.is_partner else "/today" if someone.actor.is_staff else "/"
    came_from, waiting, seen = {start: "the start"}, [start], Counter[str]()
    while waiting:
        path = waiting.pop(0)
        answer = someone.client.get(path)
        assert answer.status_code < 400, f"{came_from[path]} leads to {path}"
        text = answer.text if answer.mimetype == "text/html" else ""
        for link in sorted(set(map(html.unescape, LINK.findall(text)))):
            shape = PUBLIC_ID.sub("<id>", link).split("?")[0]
            if link not in came_from and seen[shape] < SOME:
                seen[shape] += 1
                came_from[link] = path
                waiting.append(link)
    assert len(came_from) > SOME
