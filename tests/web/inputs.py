"""One world on two databases, row for row the same, and everything bad that can be sent to it.

Each request happens inside a savepoint that is rolled back afterwards, so that every one of them
meets the same world, however many came before.
"""

import os
import random
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote_from_bytes

import sqlalchemy as sa
from flask import Flask, Request
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from lxml import html
from sqlalchemy import select
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.test import TestResponse

from partners.access.table import Role
from partners.accounts.actions import ask_reset, open_session
from partners.accounts.models import Account
from partners.app import Settings, create_app
from partners.assessment.actions import four_eyes
from partners.assessment.actions.four_eyes import Wish
from partners.assessment.actions.references import ask_referee, write_down
from partners.assessment.models import Condition, Engagement, Point
from partners.assessment.references import asked_of
from partners.assessment.trial import Trial
from partners.charter.actions import gathering
from partners.charter.models import Charter
from partners.charter.queries import all_several
from partners.charter.text import Wording
from partners.ground import clock
from partners.ground.db import Table, db
from partners.jobs.runner import Stopped
from partners.media import shelf
from partners.media.queries import open_readings
from partners.mou import actions as mou
from partners.mou.actions import WRITTEN
from partners.mou.models import Paper
from partners.mou.prefill import candidates, prefilled
from partners.mou.rules import signers
from partners.mou.sheet import document_of
from partners.policy.models import Draft
from partners.policy.today import todays_policy
from partners.registry.editing import PARTS as EDITED
from partners.registry.imports import APPLY, ask_to_check, newest_job, stage
from partners.registry.models import Office, Organisation
from partners.signing.models import Ceremony
from partners.tools import sample
from tests.builders import open_house, registered_twice
from tests.conftest import DATA
from tests.page import Page, buttons, faults, filled_in, words

# What a refused deed may still leave: the count of tries at the door, and the sessions themselves.
MAY_GROW = ("attempts", "passes", "looks", "refused")
LIST = b"name,city\nHarbour Kitchen,Havnby\nNorthside Sewing Circle,Havnby\n"
MEGABYTE = b"x" * (1 << 20)
OVER_THE_LIMIT = b"x" * (22 << 20)
PARTS = {"registry.edit": tuple(EDITED),
         "assessment.show_letter": ("points-letter", "decision-letter"),
         "mou.sign": ("start", "read", "who", "check", "sign", "elsewhere"),
         "charter.sign": ("start", "read", "value-8", "who", "check", "sign"),
         "charter.sign_first": ("start", "read", "value-1", "who", "check", "sign"),
         "portal.part": ("answers", "contacts", "looks", "papers", "reading",
                         "purpose")}  # fmt: skip
ENDED = "after the session has ended"
TOKENS = ("csrf_token", "_key", "_version")
Value = bytes | list[bytes] | None  # None: the key is missing


# The two worlds


@dataclass
class World:
    """One municipality in one database, with a browser for each of its people."""

    app: Flask
    connection: sa.Connection
    cookies: dict[str, str]
    secrets: dict[str, str]
    asked: dict["Form", set[str]] = field(default_factory=dict)  # by a form, in its address

    def client(self, who: str) -> FlaskClient:
        """A browser of its own for every request; the same token for all of them."""
        client = self.app.test_client()
        with client.session_transaction() as cookie:
            cookie["csrf_token"] = "0" * 40
            if who:
                cookie["_user_id"] = self.cookies[who]
        return client

    @cached_property
    def token(self) -> bytes:
        """What a form carries to show that it comes from our own page."""
        signer = URLSafeTimedSerializer(self.app.secret_key or "", salt="wtf-csrf-token")
        return str(signer.dumps("0" * 40)).encode()

    def spelled(self, endpoint: str, path: str) -> list[str]:
        """The addresses that are meant: parts and secrets that the walk knows no value for."""
        if endpoint == "editions.edit":
            return [f"{path}?file=bands.toml"]
        if endpoint == "assessment.start":  # what is typed so far is read with a level only
            return [path, f"{path}?level=partnership"]
        if endpoint == "mou.show_paper":  # which copy is asked only where a copy is
            return [path, f"{path}?as=copy"]
        if "0" * 26 in path and "0" * 43 not in path:
            # One import whose columns are chosen, and one that was read.
            return [path.replace("0" * 26, self.secrets[name]) for name in ("import", "checked")]
        if endpoint == "charter.overview":
            return [path, f"{path}?name=Choir"]
        if endpoint == "assessment.condition":
            return [f"/engagements/{self.secrets['case']}/conditions/{n}" for n in (1, 2)]
        if endpoint == "assessment.reference":
            return [path.replace("0" * 43, self.secrets["reference"])]
        if endpoint == "assessment.references":
            return [f"/engagements/{self.secrets['asking']}/references"]
        if endpoint == "assessment.reading":  # of all cases in conversation one has a list
            path = f"/engagements/{self.secrets['read']}/reading"
            return [path, f"{path}?entry={self.secrets['entry']}"]
        if endpoint == "charter.sign_first":
            path = path.replace("/en/", f"/{self.secrets['first']}/")
        if endpoint == "desk.merge":
            return [path, self.secrets["joined"]]
        if endpoint in PARTS:
            return [f"{path.rsplit('/', 1)[0]}/{part}" for part in PARTS[endpoint]]
        return [path.replace("0" * 43, self.secrets["door"])]

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens in here has not happened afterwards."""
        point, _files = self.connection.begin_nested(), self.staged
        try:
            yield
        finally:
            db.session.remove()
            point.rollback()
            self._staged_again()

    def _staged_again(self) -> None:
        """The files of imports as they were; no database undoes what is done to them."""
        folder: Path = self.app.config["SETTINGS"].instance / "staging"
        now = {f.name: f.stat().st_mtime_ns for f in folder.iterdir()}
        for name, (at, content) in self.staged.items():
            if now.get(name) != at:
                (folder / name).write_bytes(content)
                os.utime(folder / name, ns=(at, at))

    @cached_property
    def staged(self) -> dict[str, tuple[int, bytes]]:
        folder: Path = self.app.config["SETTINGS"].instance / "staging"
        return {f.name: (f.stat().st_mtime_ns, f.read_bytes()) for f in folder.iterdir()}

    def counted(self) -> dict[str, int]:
        """How many rows every table has, and the sum of the versions where rows carry one."""
        rows = self.connection.exec_driver_sql(_counts())
        return {name: number * 1_000_000 + int(versions or 0) for name, number, versions in rows}

    @cached_property
    def untouched(self) -> dict[str, int]:
        """What is counted before each request, because everything is undone after it."""
        return self.counted()

    def faults(self, text: str, path: str) -> list[str]:
        """What is wrong with a page; one that is the same on both databases is read once."""
        key = hash((path, LONG_TOKENS.sub(r"\1", text)))
        if key not in _judged:
            _judged[key] = list(faults(text.replace("%(x)s", ""), self.app, path))
        return _judged[key]


_judged: dict[int, list[str]] = {}
LONG_TOKENS = re.compile(r'(name="(?:csrf_token|_key)" value=")[^"]{16,}')


@cache
def _counts() -> str:
    tables = [t for t in Table.metadata.sorted_tables if t.name not in MAY_GROW]
    return " union all ".join(
        f"select '{t.name}', count(*), {_versions(t)} from {t.name}" for t in tables
    )


def _versions(table: sa.Table) -> str:
    numbered = "version" in table.c and isinstance(table.c.version.type, sa.Integer)
    return "sum(version)" if numbered else "0"


def told(folder: Path, template: Path) -> tuple[Path, dict[str, str], dict[str, str]]:
    """The sample municipality in a SQLite file; a session for everybody, a link, an import."""
    path = folder / "sample.sqlite"
    shutil.copy(template, path)
    app = create_app(Settings(f"sqlite:///{path}", folder / "instance", DATA, testing=True))
    with app.app_context():
        at = clock.now()
        sample.load(app, at)
        people = list(db.session.scalars(select(Account).order_by(Account.id)))
        cookies = {_short(a): open_session(a, at=at) for a in people}
        maja = next(a for a in people if _short(a) == "maja")
        row = next(r for r in open_readings() if r.own)
        secrets = {
            "read": db.session.get_one(Engagement, row.engagement_id).public_id,
            "entry": shelf.suggestions(folder / "instance" / "reading", row.id)[-1].mark,
            "door": ask_reset(maja.email, "127.0.0.1", at=at)[1],  # type: ignore[index]
            **{name: stage(BytesIO(LIST), "a.csv", "The list of a neighbour", by=maja.actor, at=at)
               for name in ("import", "checked")},
        }  # fmt: skip
        kind = db.session.scalars(select(Organisation.kind)).first()
        stays, gone = registered_twice(str(kind), by=maja.actor, at=at)
        secrets["joined"] = f"/organisations/{stays.public_id}/merge/{gone.public_id}"
        edition, texts = app.extensions["policy"]
        db.session.add(Draft(edition=edition, source="ours.zip", texts=texts, tried_by=maja.id,
                             tried_at=at,
                             found=Trial(todays_policy(), at.date()).found()))  # fmt: skip
        open_now = db.session.scalars(select(Condition).where(Condition.is_open)).first()
        assert open_now, "the sample has no condition that is open"
        secrets["case"] = open_now.engagement.public_id
        secrets["asking"], secrets["reference"] = _asked_for_references(at)
        text = texts_of_several(at)
        secrets["first"] = gathering.open_several(
            text, at.date() + timedelta(days=9), by=maja.actor, at=at
        ).public_id
        _between_two(people, at)
        _on_the_way_to_sign(at)
        _on_the_way_to_the_charter(people, at)
        _being_written(at)
        ask_to_check(secrets["checked"], ["name", ""], usual=str(kind), because="They do not say.",
                     headed=True, by=maja.actor)  # fmt: skip
        waits = newest_job(secrets["checked"])
        assert waits
        job = waits.id
        db.session.commit()
        app.extensions["jobs"].run(job)
        db.session.remove()
        db.engine.dispose()
    return path, cookies, secrets


def texts_of_several(at: datetime) -> Wording:
    """A text of several that nobody has signed yet."""
    head = all_several()[0].head
    return Wording(head.version, head.language, f"{head.text}\n\nSince {at:%Y}.")


def _asked_for_references(at: datetime) -> tuple[str, str]:
    """A case that asks for references, and the secret of a link that somebody was sent."""
    for case in db.session.scalars(select(Engagement).where(Engagement.state == "replying")):
        if items := asked_of(case):
            by = db.session.get_one(Account, case.started_by).actor
            _made, secret = ask_referee(case, items[0].id, "The library", by=by, at=at)
            write_down(case, items[0].id, "The school", {"How?": "Well."}, by=by, at=at)
            return case.public_id, secret
    raise AssertionError("no case of the sample asks for references")


def _between_two(people: Sequence[Account], at: datetime) -> None:
    """A hold and a point that wait for a second person, and a name whose time is over."""
    point = db.session.scalars(select(Point).where(Point.sent_at.is_not(None))).first()
    assert point, "the sample has no point that was sent"
    asks = next(a.actor for a in people if Role.PROTECTOR in a.roles)
    case = db.session.get_one(Engagement, point.engagement_id)
    four_eyes.ask_to_open(point, "They asked about it.", by=asks, at=at)
    wish = Wish("court", "A court asks for it.", at.date() + timedelta(days=30))
    four_eyes.ask_to_keep(case.organisation, wish, 365, by=asks, at=at)
    db.session.add(Office(organisation_id=case.organisation_id, role="chair", person="Ask Lind",
                          told_on=at.date(), until=at.date() - timedelta(days=400)))  # fmt: skip


def _being_written(at: datetime) -> None:
    """A paper that both sides write; it is the turn of whoever leads the case."""
    open_now = select(Paper.engagement_id).where(Paper.state.in_(("draft", "issued")))
    case = db.session.scalars(
        select(Engagement).where(Engagement.state.in_(WRITTEN), Engagement.id.not_in(open_now))
    ).first()
    assert case, "the sample has no case whose paper could be written"
    document = document_of(case)
    assert document
    who = candidates(case, document.id, "en", at)
    facts = prefilled(case, document, "en", who, at.date()) | {"second_language": "da"}
    lead = db.session.get_one(Account, case.started_by).actor
    mou.draft(case, "en", facts, by=lead, at=at)


def _on_the_way_to_sign(at: datetime) -> None:
    """Everybody whom an issued paper names has come to its last page."""
    for paper in db.session.scalars(select(Paper).where(Paper.state == "issued")):
        for row in signers(paper.facts):
            said = dict.fromkeys(("start", "read", "who"), at.isoformat())
            db.session.add(Ceremony(account_id=row["account"], about=f"paper {paper.id}", said=said,
                                    text_hash=paper.fingerprint, nonce="0" * 32,
                                    begun_at=at))  # fmt: skip


def _on_the_way_to_the_charter(people: Sequence[Account], at: datetime) -> None:
    """Whoever may sign an offer, and a manager a text of several, has agreed point by point."""
    steps: dict[str, Any] = dict.fromkeys(("start", "read", "who"), at.isoformat())
    said = steps | {f"value-{n}": {"answer": "agree"} for n in range(1, 40)}
    offers = db.session.scalars(select(Charter).where(Charter.state == "offered")).all()
    for offer in offers:
        city = offer.organisation_id is None
        about = f"charter of the city {offer.text_hash}" if city else f"charter {offer.id}"
        for one in people:
            signs = Role.MANAGER if city else Role.SIGNATORY
            if signs in one.actor.roles and one.organisation_id == offer.organisation_id:
                db.session.add(Ceremony(account_id=one.id, about=about, said=said,
                                        text_hash=offer.text_hash, nonce="0" * 32,
                                        begun_at=at))  # fmt: skip


def _short(account: Account) -> str:
    """maja for maja@havnby.example, the whole address for partners."""
    return account.email.split("@")[0] if account.is_staff else account.email


def carried(source: Path, target: sa.URL) -> None:
    """Every row of the SQLite file put into an empty PostgreSQL database, ids and all."""
    here, there = sa.create_engine(f"sqlite:///{source}"), sa.create_engine(target)
    with here.connect() as old, there.begin() as new:
        new.exec_driver_sql("set session_replication_role = replica")
        for table in Table.metadata.sorted_tables:
            if rows := [dict(row) for row in old.execute(select(table)).mappings()]:
                new.execute(table.insert(), rows)
            key = next(iter(table.primary_key.columns))
            if key.autoincrement and isinstance(key.type, sa.Integer) and rows:
                new.exec_driver_sql(
                    f"select setval(pg_get_serial_sequence('{table.name}', '{key.name}'),"
                    f" (select max({key.name}) from {table.name}))"
                )
    here.dispose()
    there.dispose()


def _put_off(_job: Any) -> None:
    """Entering a list is a transaction of its own, which nothing around it could undo."""
    raise Stopped


@contextmanager
def opened(address: str, instance: Path, *kept: dict[str, str]) -> Iterator[World]:
    """A house whose sessions all share one connection, so that everything can be undone."""
    app = open_house(Settings(address, instance, DATA, testing=True))
    app.request_class = Asking
    app.extensions["jobs"].kinds[APPLY] = _put_off
    with app.app_context():
        engine = db.engine
        with engine.connect() as connection:
            outer = connection.begin()
            db._app_engines[app][None] = connection  # type: ignore[assignment]
            yield World(app, connection, kept[0], kept[1])
            db.session.remove()
            outer.rollback()
            db._app_engines[app][None] = engine
        engine.dispose()


# What is bad

BAD: dict[str, Value] = {
    "empty": b"",
    "blanks": b" \t  ",
    "missing": None,
    "twice": [b"first of two", b"second of two"],
    "NUL": b"a\x00b",
    "lone surrogate": b"a\xed\xa0\x80b",
    "no UTF-8": b"a\xff\xfeb",
    "replacement sign": "a\ufffdb".encode(),
    "bidirectional": "abc\u202edef".encode(),
    "zero width": "a\u200bb\u2060c".encode(),
    "zero width only": "\u200b\u2060\ufeff".encode(),
    "line break": b"one\r\ntwo",
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "10**30": str(10**30).encode(),
    "-1": b"-1",
    "0": b"0",
    "1.000,50": b"1.000,50",
    "1,000.50": b"1,000.50",
    "other digits": "\u0661\u0662".encode(),
    "unknown": b"no-such-choice",
    "foreign id": b"0" * 26,
    "markup": b"<script>alert(1)</script><b>",
    "template": b"{{ 7*7 }} %(x)s {% raw %} ${x} %s",
    "long line": b"w" * 5000,
}
DAYS: dict[str, tuple[bytes, bytes, bytes]] = {
    "29 February": (b"29", b"2", b"2027"),
    "year 0": (b"1", b"1", b"0"),
    "year 9999": (b"31", b"12", b"9999"),
    "long ago": (b"1", b"1", b"1900"),
    "far off": (b"31", b"12", b"2199"),
    "no date": (b"x", b"NaN", b"-1"),
    "only a day": (b"1", b"", b""),
    "NUL in a day": (b"1\x00", b"1", b"2027"),
    "other digits in a day": ("\u0661".encode(), b"1", b"2027"),
}
FILES: dict[str, tuple[str, bytes] | bytes | None] = {
    "file of 0 bytes": ("empty.pdf", b""),
    "path for a name": ("../../../etc/passwd", b"%PDF-1.4\n%%EOF"),
    "name with a NUL": ("a\x00b.csv", b"name\nHarbour\x00 Kitchen\n"),
    "name of 5000": ("n" * 5000 + ".pdf", b"%PDF-1.4\n%%EOF"),
    "page for a picture": ("a.png", b"<script>alert(1)</script>"),
    "no file": None,
    "text for a file": b"not a file",
}


@dataclass(frozen=True)
class Form:
    """A form as it stood on a page for somebody, filled in with what could be accepted."""

    path: str
    action: str
    who: str
    label: str
    multipart: bool
    sent: tuple[tuple[str, bytes], ...]
    kinds: dict[str, str] = field(hash=False)

    @property
    def shape(self) -> tuple[Any, ...]:
        """Forms of the same shape are tried once."""
        verbs = tuple(v for n, v in self.sent if n in ("verb", "deed", "step"))
        names = (re.sub(r"\d+", "0", n) for n in self.kinds)
        return (re.sub(r"/[0-9a-z]{26}", "", self.action), verbs, self.label, tuple(sorted(names)))


class Noticed(ImmutableMultiDict[str, str]):
    """What came in an address, and which names the page looked for in it."""

    asked: ClassVar[set[str]] = set()

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)

    def getlist(self, key: str, *a: Any, **kw: Any) -> list[Any]:
        self.asked.add(key)
        return super().getlist(key, *a, **kw)


class Asking(Request):
    """A request that notes which parameters of its address are looked for."""

    @cached_property
    def args(self) -> Any:  # type: ignore[override]
        return Noticed(super().args)


QUERY: dict[str, bytes] = {
    **{bad: value for bad, value in BAD.items() if isinstance(value, bytes)},
    "xyz": b"xyz", "other site": b"//evil.example/x", "quote": b"' or 1=1 --", "like": b"%_%",
}  # fmt: skip
ODD_IDS = ("%00", "a%00b", "%ED%A0%80", "%FF", "x" * 3000, "-1", "9" * 30, "%F0%9F%8C%8A", "%27--")


def queries(asked: Sequence[str], most: int, seed: str) -> Iterator[tuple[str, str]]:
    """Query strings with something bad in them, and what they are called."""
    dice = random.Random(seed)
    bad = [(n, b) for n in asked for b in QUERY]
    for name, what in dice.sample(bad, min(most, len(bad))):
        yield f"{name}={what}", f"{name}={quote_from_bytes(QUERY[what])}"
    for name in dice.sample(asked, min(1 + most // 10, len(asked))):
        yield f"{name} twice", f"{name}=1&{name}=two"
        yield f"{name} of 100 kB", f"{name}={'x' * 100_000}"


@dataclass(frozen=True)
class Try:
    """One request: a form with one thing wrong with it."""

    form: Form
    name: str
    bad: str
    pairs: tuple[tuple[str, bytes], ...]
    files: tuple[tuple[str, str, bytes], ...] = ()
    action: str = ""

    def __str__(self) -> str:
        form = self.form
        return f"{form.who or 'nobody'} at {form.action} [{form.label}] {self.name}={self.bad}"


def forms_on(text: str, path: str, who: str) -> Iterator[Form]:
    """Every form of a page that is sent with POST, once for each of its buttons."""
    root = html.document_fromstring(text, parser=html.HTMLParser(encoding="utf-8"))
    for form in root.xpath("//form[translate(@method,'POST','post')='post']"):
        action = form.get("action") or path
        if not action.endswith("/sign-out"):
            for label in dict.fromkeys(buttons(form)):
                yield _filled(form, label, action, path, who)


def _filled(form: Any, label: str, action: str, path: str, who: str) -> Form:
    pressed = next(b for b in form.xpath(".//button") if words(b) == label)
    sent = {name: values if isinstance(values, list) else [values]
            for name, values in filled_in(form, label).items()}  # fmt: skip
    kinds = {element.get("name"): _kind(element) for element in form.xpath(".//*[@name]")
             if element.tag != "button"}  # fmt: skip
    for name, kind in kinds.items():
        if not any(sent.get(name, [""])) and (likely := _likely(form, name, kind)):
            sent[name] = [likely]
    pairs = tuple((name, value.encode()) for name, values in sent.items() for value in values)
    multipart = form.get("enctype") == "multipart/form-data"
    return Form(path, pressed.get("formaction") or action, who, label, multipart, pairs, kinds)


def _kind(element: Any) -> str:
    return element.tag if element.tag in ("textarea", "select") else element.get("type", "text")


def _likely(form: Any, name: str, kind: str) -> str:
    """Something that could be accepted there."""
    parts = {"-day": "14", "-month": "2", "-year": "2027"}
    if part := next((v for end, v in parts.items() if name.endswith(end)), ""):
        return part if kind == "text" else ""
    if kind == "radio":
        return str(form.xpath(f".//input[@name='{name}']/@value")[0])
    if kind == "select":
        offered = form.xpath(f".//select[@name='{name}']//option/@value")
        return next((str(v) for v in offered if v), "")
    if "email" in name or kind == "email":
        return f"new-{name}@havnby.example"
    if "website" in name or "link" in name:
        return "https://www.havnby.example/about"
    if "amount" in name or "money" in name:
        return "1250"
    return f"We typed this in {name}." if kind in ("text", "textarea") else ""


def tries(forms: Sequence[Form], most: int, seed: str) -> list[Try]:
    """Each form with one thing wrong: every field at least once, then by the seed up to `most`."""
    dice = random.Random(seed)
    whole = [one for form in forms for one in _whole(form)]
    first: dict[str, Try] = {}
    again: list[Try] = []
    more: list[Try] = []
    for options in _fields(forms, dice):
        once = first.setdefault(_plain(options[0].name), options[0])
        again += options[:1] if once is not options[0] else []
        more += options[1:]
    for some in (whole, again, more):
        dice.shuffle(some)
    whole.sort(key=lambda one: one.bad != repr(b"0"))  # a stale page, of every form that has one
    left = max(most // 2 - len(first), 0)
    return [*whole[: most // 3], *first.values(), *again[:left], *more[: most // 4],
            *_heavy(forms, most)]  # fmt: skip


def of_addresses(asked: dict[Form, set[str]], most: int, seed: str) -> list[Try]:
    """Forms that are sent to an address with something bad in it; like forms only once."""
    alike = {(form.shape[:2], name): form for form, names in asked.items() for name in names}
    found = []
    for (_shape, name), form in sorted(alike.items(), key=repr):
        page, _mark, more = form.action.partition("?")
        found += [Try(form, "the address", bad, form.sent, action=f"{page}?{query}&{more}")
                  for bad, query in queries([name], most, seed)]  # fmt: skip
    random.Random(seed).shuffle(found)
    return found[: most // 25]


def _plain(name: str) -> str:
    """The name of a field in whichever row; rows are read by the same code."""
    return re.sub(r"\d+", "0", name)


def _fields(forms: Sequence[Form], dice: random.Random) -> list[list[Try]]:
    """Everything bad for each field of each form that does something else."""
    found = {(*options[0].form.shape[:2], _plain(options[0].name)): options
             for form in forms for options in _by_field(form, dice)}  # fmt: skip
    return list(found.values())


def _heavy(forms: Sequence[Form], most: int) -> list[Try]:
    """A megabyte in one field of some forms."""
    wide = {(f.shape[:2], _plain(n)): (f, n) for f in forms for n, k in f.kinds.items()
            if k in ("text", "textarea", "hidden") and n not in TOKENS
            and not n.endswith(("-day", "-month", "-year"))}  # fmt: skip
    chosen = list(wide.values())[:: max(1, 25 * len(wide) // most)]
    return [Try(f, n, "1 MB", _with(f, n, MEGABYTE)) for f, n in chosen]


def _whole(form: Form) -> Iterator[Try]:
    """What can be wrong with a form as such."""
    yield Try(form, "nothing", "as it is", form.sent)
    tokens = tuple(p for p in form.sent if p[0] in TOKENS)
    yield Try(form, "every field", "missing", tokens)
    yield Try(form, "no such field", "extra", (*form.sent, ("id", b"1"), ("state", b"decided"),
                                               ("\u202e\x00[]", b"x\x00")))  # fmt: skip
    yield Try(form, "csrf_token", "missing", _with(form, "csrf_token", None))
    yield Try(form, "_key", "NUL", _with(form, "_key", b"a\x00" * 10))
    yield Try(form, "the whole form", "twice", (*form.sent, *form.sent))
    for version in (b"0", b"-1", b"NaN", b"\xed\xa0\x80", b"9" * 30):
        if "_version" in form.kinds:
            yield Try(form, "_version", repr(version), _with(form, "_version", version))
    large = (("file", "a.pdf", OVER_THE_LIMIT),) if form.multipart else ()
    over = form.sent if large else (*form.sent, ("more", OVER_THE_LIMIT))
    yield Try(form, "the body", "over the limit", over, large)
    typed = next((n for n, k in form.kinds.items() if k in ("text", "textarea")), "")
    if typed and form.who:
        yield Try(form, typed, ENDED, form.sent)


def _by_field(form: Form, dice: random.Random) -> Iterator[list[Try]]:
    for name, kind in form.kinds.items():
        if name in TOKENS or name.endswith(("-month", "-year")):
            continue
        if kind == "file":
            options = [_file(form, name, bad) for bad in FILES]
        elif name.endswith("-day"):
            options = [Try(form, name, b, _day(form, name, v)) for b, v in DAYS.items()]
        else:
            options = [Try(form, name, b, _with(form, name, v)) for b, v in BAD.items()]
        dice.shuffle(options)
        yield options


def _with(form: Form, name: str, value: Value) -> tuple[tuple[str, bytes], ...]:
    kept = tuple(pair for pair in form.sent if pair[0] != name)
    values = [] if value is None else value if isinstance(value, list) else [value]
    return (*kept, *((name, v) for v in values))


def _day(form: Form, name: str, parts: tuple[bytes, bytes, bytes]) -> tuple[tuple[str, bytes], ...]:
    names = [name.removesuffix("-day") + end for end in ("-day", "-month", "-year")]
    kept = tuple(pair for pair in form.sent if pair[0] not in names)
    return (*kept, *zip(names, parts, strict=True))


def _file(form: Form, name: str, bad: str) -> Try:
    given = FILES[bad]
    if isinstance(given, tuple):
        return Try(form, name, bad, form.sent, ((name, *given),))
    return Try(form, name, bad, _with(form, name, given))


# Sending


def send(world: World, one: Try, client: FlaskClient) -> TestResponse:
    """The request as bytes, so that what no browser would send is sent as well."""
    form = one.form
    pairs = [(n, world.token if n == "csrf_token" and v else v) for n, v in one.pairs]
    if one.files or form.multipart:
        body, kind = _multipart(pairs, one.files)
    else:
        body = "&".join(f"{_quoted(n)}={quote_from_bytes(v)}" for n, v in pairs).encode()
        kind = "application/x-www-form-urlencoded"
    Noticed.asked.clear()
    answer = client.post(one.action or form.action, data=body, content_type=kind)
    world.asked.setdefault(form, set()).update(Noticed.asked - {"lang"})
    return answer


def _quoted(name: str) -> str:
    return quote_from_bytes(name.encode())


def _multipart(pairs: Any, files: Any) -> tuple[bytes, str]:
    mark, parts = b"the-edge-between-two-parts", []
    for name, value in pairs:
        parts.append((f'name="{name}"'.encode(), b"", value))
    for name, filename, content in files:
        about = f'name="{name}"; filename="{filename}"'.encode()
        parts.append((about, b"Content-Type: application/pdf\r\n", content))
    body = b"".join(
        b"--" + mark + b"\r\nContent-Disposition: form-data; " + about + b"\r\n" + kind + b"\r\n"
        + content + b"\r\n" for about, kind, content in parts
    )  # fmt: skip
    return body + b"--" + mark + b"--\r\n", f"multipart/form-data; boundary={mark.decode()}"


def end_sessions(world: World) -> None:
    """Nobody is signed in any more."""
    world.connection.execute(sa.text("update passes set ended_at = created_at"))


def signs_in_again(one: Try, client: FlaskClient, refused: TestResponse) -> TestResponse:
    """The answer to the same person when what was typed is sent after all."""
    page, who = Page(client, check=False), one.form.who
    page.path, page.answer = one.form.action, refused
    page.send(email=who if "@" in who else f"{who}@havnby.example",
              password="harbour lights at noon")  # fmt: skip
    answer = page.send(action=one.form.action).answer
    assert answer is not None
    return answer


def another(one: Try) -> Try:
    """The same press of the same form, and something else typed."""
    typed = next((n for n, k in one.form.kinds.items() if k in ("text", "textarea")), "")
    return replace(one, pairs=_with(one.form, typed, b"Something else.")) if typed else one


# Reading the answer

_MOVING = re.compile(r"\b[0-9a-hjkmnp-tv-z]{26}\b|\b[0-9A-Za-z_-]{43}\b")


@lru_cache(maxsize=2)
def _root(text: str) -> Any:
    return html.document_fromstring(text, parser=html.HTMLParser(encoding="utf-8"))


def said(answer: TestResponse) -> str:
    """The answer in words that must be the same on both databases."""
    to = answer.headers.get("Location", "")
    text = ""
    if answer.mimetype == "text/html" and not to:
        root = _root(answer.text)
        text = words(next(iter(root.xpath("//main")), root))
    return _MOVING.sub("…", f"{answer.status_code} {to} {text}")


def sentences(answer: TestResponse) -> list[str]:
    """Why it was refused: the error summary, else the heading and what stands under it."""
    root = _root(answer.text)
    found = root.xpath("//*[contains(@class,'govuk-error-summary')]//li")
    return [words(e) for e in found or root.xpath("//h1 | //main//p")]


def wrong_with(world: World, one: Try, answer: TestResponse, before: dict[str, int],
               halves: bool) -> Iterator[str]:  # fmt: skip
    """What an answer does that it must not."""
    code = answer.status_code
    if code not in (200, 302, 303, 400, 401, 404, 409, 413, 422):
        yield f"answered {code}"
        return
    if answer.mimetype == "text/html" and code not in (302, 303):
        yield from world.faults(answer.text, one.form.path)
    yield from _taken(world, one, code)
    if code >= 400:
        if not any(len(line) > 10 for line in sentences(answer)):
            yield f"{code} says nothing"
        after = world.counted()
        if after != before and not halves:
            changed = sorted(name for name in after if after[name] != before[name])
            yield f"{code} left something in {', '.join(changed)}"
        # A form that somebody turned into another one does not show what the first one held.
        hidden = one.form.kinds.get(one.name) in ("hidden", None) and one.name != "_version"
        if code != 413 and not hidden:
            yield from _lost(one, answer)


def _taken(world: World, one: Try, code: int) -> Iterator[str]:
    """What is taken in that must not be."""
    if one.bad == "over the limit" and code != 413:
        yield f"answers a body over the limit with {code}"
    if code in (302, 303) and (one.name == "_version" or one.bad == "file of 0 bytes"):
        yield f"takes it: {code}"
    if one.bad == "path for a name":
        kept = world.app.config["SETTINGS"].instance.parent.rglob("*passwd*")
        yield from (f"keeps {file}" for file in kept)


def _lost(one: Try, answer: TestResponse) -> Iterator[str]:
    """What was typed and is not on the refused page any more."""
    root = _root(answer.text)
    held = [words(root), *root.xpath("//input/@value"), *root.xpath("//textarea/text()")]
    shown = " ".join(" ".join(held).split())
    seen: set[str] = set()
    for name, value in one.pairs:
        if one.form.kinds.get(name) not in ("text", "textarea", "email") or name in seen:
            continue
        seen.add(name)
        typed = " ".join(value.decode("utf-8", "replace").split())
        plain = typed.isprintable() and "\ufffd" not in typed
        if plain and len(typed) > 2 and typed[:400] not in shown:
            yield f"{answer.status_code} lost what was typed in {name}: {typed[:40]!r}"
