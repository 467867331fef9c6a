"""Builds what a test is about and invents the rest. Everybody and everything here is invented."""

from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from flask import Flask, has_app_context
from flask.globals import _cv_app
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Dialect, Engine
from sqlalchemy.util import LRUCache

from partners.access.rules import Actor
from partners.access.table import Role as R
from partners.accounts.actions import open_session
from partners.accounts.models import Account, Department, Municipality
from partners.app import Settings, create_app
from partners.ground.db import db
from partners.policy import shelf
from partners.registry import actions, merging
from partners.registry.models import Name, Organisation
from partners.registry.rules import Card

fold = str.casefold
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = date(2026, 11, 20)
NAMES = {
    "maja": ("Maja Lund", "Culture", [R.OFFICER]),
    "jonas": ("Jonas Holm", "Culture", [R.OFFICER]),
    "ida": ("Ida Skov", "Culture", [R.LIAISON]),
    "karin": ("Karin Dahl", "Culture", [R.MANAGER]),
    "omar": ("Omar Friis", "Social services", [R.MANAGER]),
    "lene": ("Lene Bro", "Social services", [R.OFFICER]),
    "tove": ("Tove Krog", "Children and youth", [R.MANAGER]),
    "bo": ("Bo Winther", "Children and youth", [R.COLLEAGUE]),
    "else": ("Else Toft", "Social services", [R.PROTECTOR]),
    "per": ("Per Juhl", "Social services", [R.KEEPER]),
}
_numbers = count(1)


def registered_twice(kind: str, *, by: Actor, at: datetime) -> tuple[Organisation, Organisation]:
    """Quay Table, whose two records became one: the record that stays, and the other."""
    card = Card("Quay Table", kind=kind, legal_form="association")
    stays, gone = (actions.register(card, by=by, at=at) for _time in range(2))
    seen = merging.seal(stays, gone)
    merging.merge(stays, gone, {}, "They said so.", ranks={}, seen=seen, by=by, at=at)
    return stays, gone


class Browser(FlaskClient):
    """A browser that shares nothing with the test: no `g`, no session, no transaction.

    Flask would reuse the application context of the test, and with it the visitor of the request
    before: everybody would be whoever came first.
    """

    def open(self, *args: Any, **kw: Any) -> Any:
        if has_app_context():
            db.session.commit()  # what the test has built is there before somebody looks
        return copy_context().run(self._alone, *args, **kw)

    def _alone(self, *args: Any, **kw: Any) -> Any:
        _cv_app.set(None)  # type: ignore[arg-type]
        # Read to the end here: what is streamed comes out of this context and no other.
        return super().open(*args, **{"buffered": True, **kw})


class _Compiled(BytecodeCache):
    """Templates once compiled, for every house of this process: each has only its own globals."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[bucket.key, bucket.checksum] = bucket.code


_templates = _Compiled()
_sql: dict[str, tuple[Dialect, Any]] = {}


def _keep_compiled(engine: Engine) -> None:
    """Statements once compiled, for every database of this kind: they are kept by the dialect."""
    if engine.name not in _sql:
        engine.connect().close()  # from then on the dialect knows its server
        _sql[engine.name] = engine.dialect, LRUCache(3000)
    engine.dialect, engine._compiled_cache = _sql[engine.name]


def open_house(settings: Settings) -> Flask:
    """The application as tests visit it: work is done at once, browsers share nothing."""
    app = create_app(settings)
    app.extensions["jobs"].huey.immediate = True
    app.test_client_class = Browser
    app.jinja_env.bytecode_cache = _templates
    with app.app_context():
        _keep_compiled(db.engine)
    return app


@dataclass
class House:
    """Havnby: people by first name, and ways to make more. Everything is committed."""

    app: Flask
    people: dict[str, int]

    @classmethod
    def founded(cls, app: Flask) -> "House":
        db.session.add(Municipality(name="Havnby", invented=True, created_at=NOON))
        version, texts = app.extensions["policy"]
        shelf.adopt(version, texts, at=NOON)
        rooms = {name: Department(name=name) for _n, name, _r in NAMES.values()}
        db.session.add_all(rooms.values())
        db.session.flush()
        people = {}
        for short, (name, department, roles) in NAMES.items():
            account = Account(
                email=f"{short}@havnby.example", name=name, roles=[str(r) for r in roles],
                department_id=rooms[department].id, created_at=NOON,
            )  # fmt: skip
            db.session.add(account)
            db.session.flush()
            people[short] = account.id
        db.session.commit()
        return cls(app, people)

    def account(self, short: str) -> Account:
        return db.session.get_one(Account, self.people[short])

    def actor(self, short: str) -> Actor:
        """A person as the doors would know her."""
        return self.account(short).actor

    def organisation(self, name: str = "Harbour Kitchen", **facts: object) -> Organisation:
        """An organisation that is registered and nothing more."""
        made = Organisation(
            reference=f"O-{next(_numbers):05}", name=name, sort_name=fold(name),
            registered_at=NOON, registered_by=self.people["maja"],
            **{"kind": self.kind(), "legal_form": "association", **facts},
        )  # fmt: skip
        made.names = [Name(kind="main", text=name, folded=fold(name))]
        db.session.add(made)
        db.session.commit()
        return made

    def kind(self) -> str:
        return self.policy.kinds.organisation[0].id

    @property
    def policy(self) -> object:
        return shelf.edition(self.app.extensions["policy"][0])

    def partner(self, short: str, organisation: Organisation, *roles: R) -> Account:
        """Somebody who signs in for an organisation."""
        account = Account(
            email=f"{short}-{next(_numbers)}@partner.example", name=short.title(),
            roles=[str(r) for r in roles or (R.MEMBER,)], organisation_id=organisation.id,
            created_at=NOON,
        )  # fmt: skip
        db.session.add(account)
        db.session.commit()
        self.people[short] = account.id
        return account

    def client(self, short: str | None = None) -> FlaskClient:
        """A browser without scripts, signed in as somebody or as nobody."""
        client = self.app.test_client()
        if short:
            from partners.ground import clock

            secret = open_session(self.account(short), at=clock.now())
            db.session.commit()
            with client.session_transaction() as cookie:
                cookie["_user_id"] = secret
                cookie["_fresh"] = True
        return client
