"""Every form of every page meets everything bad that can be typed or forged.

A failure names the person, the page, the form's button, the field and the bad value. Both
databases hold the same municipality, row for row, and must give the same answer word for word.
"""

import gc
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select
from werkzeug.routing import Rule

from partners.access.rules import NOBODY
from partners.accounts.models import Account
from partners.app import Settings, create_app
from partners.ground.db import db, throwaway
from tests.conftest import DATA, _sql, cloned
from tests.house.test_walk import MODELS, address, allowed
from tests.page import Page
from tests.signing.walking import counted
from tests.web import inputs
from tests.web.inputs import Form, Try, World

pytestmark = pytest.mark.filterwarnings(
    # Where reading a body is broken off, the library leaves its temporary file to the collector.
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
# Requests a page and database; scripts/proof_inputs.py has everything tried.
MOST = int(os.environ.get("BAD_INPUTS", "50"))
WHOLE = "BAD_INPUTS" in os.environ
SHARE, SHARES = map(int, os.environ.get("BAD_SHARE", "0/1").split("/"))
# One person of each role; partners by the organisations that have come furthest.
STAFF = ("maja", "jonas", "ida", "karin", "omar", "lene", "else", "per", "bo")
# Each item of a bundle is an entry of its own: what could be saved is saved beside what could not.
IN_HALVES = ("assessment.bundle",)
# Checking a paper needs no token and changes nothing; test_verify.py is hostile to it.
# A preview is a button of the draft's form and is tried with it. Of the others the sample has
# nothing that waits: no open job, no letter that could not be sent, no paper that was handed in.
TRIED_ELSEWHERE = (
    "public.verify",
    "mou.preview",
    "accounts.job",
    "accounts.system",
    "assessment.paper",
)
# The keeper's page says which database it is.
NAMES_THE_DATABASE = ("accounts.system",)


def _routes(method: str) -> list[str]:
    """The endpoints that answer to a method, from the house itself."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings("sqlite://", Path(folder), DATA, testing=True))
    rules = [r for r in app.url_map.iter_rules() if method in (r.methods or ())]
    return sorted({r.endpoint for r in rules} - {"static", "accounts.sign_out"})


@pytest.fixture(scope="module")
def worlds(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, pg_server: sa.URL
) -> Iterator[list[World]]:
    """The same municipality twice: in SQLite, and in PostgreSQL."""
    throwaway.set(True)
    folder = tmp_path_factory.mktemp("worlds")
    path, *kept = inputs.told(folder, sqlite_template)
    cloned(pg_server, "bad_input")
    inputs.carried(path, pg_server.set(database="bad_input"))
    shutil.copytree(folder / "instance", folder / "instance-2")
    url = pg_server.set(username="partners_app", database="bad_input")
    there = url.render_as_string(hide_password=False)
    with (
        inputs.opened(f"sqlite:///{path}", folder / "instance", *kept) as one,
        inputs.opened(there, folder / "instance-2", *kept) as two,
        _few_collections(),
    ):
        yield [one, two]
    _sql(pg_server, "drop database bad_input with (force)")


@contextmanager
def _few_collections() -> Iterator[None]:
    """What the worlds hold is not looked through again for every page; a sixth of all time."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


def _rule(world: World, endpoint: str) -> Rule:
    return next(r for r in world.app.url_map.iter_rules() if r.endpoint == endpoint)


def _people(world: World) -> Iterator[tuple[str, Any]]:
    """Nobody, then somebody of every kind."""
    yield "", None
    accounts = list(db.session.scalars(select(Account).order_by(Account.id)))
    by_name = {inputs._short(a): a for a in accounts}
    for short in (*STAFF, *(n for n, a in by_name.items() if not a.is_staff)):
        yield short, by_name[short].actor


def places(world: World, endpoint: str) -> Iterator[tuple[str, str]]:
    """Who opens the page where: for every role, a thing in each state that it can have."""
    with world.app.app_context():
        yield from list(_places(world, endpoint))


def _places(world: World, endpoint: str) -> Iterator[tuple[str, str]]:
    rule, seen = _rule(world, endpoint), set()
    names = [name for name in rule.arguments if name in MODELS]
    for short, actor in _people(world):
        actor = actor or NOBODY
        rows = [None] if not names else list(
            db.session.scalars(select(MODELS[names[0]]).order_by(MODELS[names[0]].id)))  # fmt: skip
        for row in rows:
            kind = (frozenset(actor.roles), getattr(row, "state", getattr(row, "kind", "")))
            if kind not in seen and allowed(rule, actor, row):
                seen.add(kind)
                path = address(world.app, rule, {names[0]: row} if names else {})
                yield from ((short, filled) for filled in world.spelled(endpoint, path))


def _forms(world: World, endpoint: str) -> list[Form]:
    found: dict[Any, Form] = {}
    for who, path in places(world, endpoint):
        with world.undone():
            answer = world.client(who).get(path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            for form in inputs.forms_on(answer.text, path, who):
                found.setdefault(form.shape, form)
    return list(found.values())


def _answered(world: World, one: Try, halves: bool) -> tuple[str, list[str]]:
    """What the world says to it, and what is wrong with that; nothing of it stays."""
    with world.undone():
        before, client = world.untouched, world.client(one.form.who)
        in_time = _in_time(world, one)
        answer = inputs.send(world, one, client)
        wrong = list(inputs.wrong_with(world, one, answer, before, halves))
        if in_time and answer.status_code == 401:
            sent = inputs.said(inputs.signs_in_again(one, client, answer))
            wrong += [] if sent == in_time else [f"says {sent!r} and not {in_time!r}"]
        if one.name == "nothing" and answer.status_code == 302:
            wrong += _twice(world, one, client, answer)
        if answer.status_code in (302, 303):
            to = answer.headers["Location"]
            after = client.get(to)
            if after.status_code >= 400 and after.status_code != 404:
                wrong.append(f"leads to {after.status_code}")
            if after.mimetype == "text/html" and after.status_code == 200:
                wrong += world.faults(after.text, to)
        return inputs.said(answer), wrong


def _in_time(world: World, one: Try) -> str:
    """What would be said to it in time, for what is sent after the session has ended."""
    if one.bad != inputs.ENDED:
        return ""
    with world.undone():
        words = inputs.said(inputs.send(world, one, world.client(one.form.who)))
    inputs.end_sessions(world)
    # A browser hands a file in only once: what it was is said, and it is chosen again.
    return "" if one.form.multipart else words


def _twice(world: World, one: Try, client: Any, first: Any) -> Iterator[str]:
    """What pressing a second time does that it must not, whether the text is the same or not."""
    after = world.counted()
    for press in dict.fromkeys((one, inputs.another(one))):
        again = inputs.send(world, press, client)
        if (again.status_code, again.headers.get("Location")) != (302, first.headers["Location"]):
            yield f"answers a second press with {again.status_code}"
        if world.counted() != after:
            yield "a second press has an effect"


@pytest.mark.parametrize("endpoint", [e for e in _routes("POST") if e not in TRIED_ELSEWHERE])
def test_bad_input_is_answered_in_plain_words_and_the_same_on_both(
    worlds: list[World], endpoint: str
) -> None:
    forms, trouble, sent = _forms(worlds[0], endpoint), [], 0
    worlds[0].asked.clear()
    for one in chain(inputs.tries(forms, MOST, endpoint)[SHARE::SHARES], _elsewhere(worlds[0])):
        sent, told = sent + 2, []
        for name, world in zip(("SQLite", "PostgreSQL"), worlds, strict=True):
            try:
                words, wrong = _answered(world, one, endpoint in IN_HALVES)
            except Exception as broke:
                words, wrong = repr(broke)[:300], [f"broke with {broke!r}"[:600]]
            told.append(words)
            trouble += [f"{one}: {name} {what}" for what in wrong]
        if told[0] != told[1]:
            trouble.append(f"{one}: SQLite says {told[0][:400]!r}, PostgreSQL {told[1][:400]!r}")
    if any(form.multipart for form in forms):
        gc.collect()
    assert forms, "no form was found; whoever may send it is missing from the world"
    assert not trouble, "\n".join(["", *dict.fromkeys(trouble)])
    counted(**{endpoint: {"forms": len(forms), "sent": sent}})


def _elsewhere(world: World) -> Iterator[Try]:
    """The same forms sent to bad addresses, when it is known what is looked for in them."""
    yield from inputs.of_addresses(world.asked, MOST, "addresses")[SHARE::SHARES]


@pytest.mark.parametrize("endpoint", _routes("GET"))
def test_a_bad_address_is_answered_in_plain_words_and_the_same_on_both(
    worlds: list[World], endpoint: str
) -> None:
    trouble: list[str] = []
    opened = 0
    for who, path, name, bad in _addresses(worlds[0], endpoint):
        opened, told = opened + 2, [_looked(world, who, bad) for world in worlds]
        where = f"{who or 'nobody'} at {path} {name}"
        trouble += [f"{where}: {wrong}" for _words, found in told for wrong in found]
        if told[0][0] != told[1][0] and endpoint not in NAMES_THE_DATABASE:
            trouble.append(f"{where}: SQLite says {told[0][0][:300]!r},"
                           f" PostgreSQL {told[1][0][:300]!r}")  # fmt: skip
    assert not trouble, "\n".join(["", *dict.fromkeys(trouble)])
    counted(**{endpoint: {"opened": opened}})


def _addresses(world: World, endpoint: str) -> Iterator[tuple[str, str, str, str]]:
    """Bad parameters of a page, and bad ids; by whom, where, what, and the whole address.

    In the proof everybody tries all that the page looks for when they open it, in each state.
    """
    known, tried = list(places(world, endpoint)), set()
    for number, (who, path) in enumerate(known if WHOLE else known[::3][:2]):
        page, _mark, more = path.partition("?")
        place = who, re.sub(r"[0-9a-z]{26}", "", path)
        asked = _read(world, who, path)
        while new := [n for n in asked if n not in tried and (*place, n) not in tried]:
            # The language is chosen in one place for all pages.
            tried.update("lang" if name == "lang" else (*place, name) for name in new)
            for name, query in inputs.queries(new, MOST // 6, f"{endpoint} {number}"):
                yield who, path, name, f"{page}?{query}&{more}".rstrip("&")
            # One parameter may be looked for only where another was given.
            asked = sorted(inputs.Noticed.asked - {"lang"})
        if number == 0:
            for part in (part for part in path.split("/") if len(part) == 26):
                yield from ((who, path, odd[:20], path.replace(part, odd))
                            for odd in inputs.ODD_IDS)  # fmt: skip


def _read(world: World, who: str, path: str) -> list[str]:
    """The parameters that a page looks for in its address; the language is the same on each."""
    inputs.Noticed.asked.clear()
    with world.undone():
        world.client(who).get(path)
    return sorted(inputs.Noticed.asked - {"lang"}) or ["lang"]


def _looked(world: World, who: str, path: str) -> tuple[str, list[str]]:
    """What a page says to a bad address, and what is wrong with that."""
    with world.undone():
        before = world.untouched
        try:
            answer = world.client(who).get(path)
        except Exception as broke:
            return repr(broke)[:300], [f"broke with {broke!r}"[:600]]
        wrong = [] if answer.status_code in (200, 302, 303, 308, 400, 404, 414) else [
            f"answered {answer.status_code}"]  # fmt: skip
        if answer.headers.get("Location", "/")[:2] in ("//", "ht"):
            wrong.append(f"leads away to {answer.headers['Location']}")
        if answer.mimetype == "text/html" and answer.status_code in (200, 404, 400):
            wrong += world.faults(answer.text, path)
        if world.counted() != before:
            wrong.append("a look changed something")
        text = inputs.said(answer) if answer.mimetype == "text/html" else str(answer.status_code)
        return text.replace(path, ""), wrong


def test_a_used_key_has_no_second_effect_on_any_database(worlds: list[World]) -> None:
    form = next(f for f in _forms(worlds[0], "relations.of_organisation") if "line" in f.kinds)
    for world in worlds:
        with world.undone():
            one = Try(form, "_key", "used", form.sent)
            first, after = inputs.send(world, one, world.client(form.who)), world.counted()
            other = Try(form, "line", "used key", inputs._with(form, "line", b"Something else."))
            again = inputs.send(world, other, world.client(form.who))
            assert first.status_code == again.status_code == 302
            assert first.headers["Location"] == again.headers["Location"]
            assert world.counted() == after


def test_what_was_typed_when_the_session_ended_can_be_sent_after_signing_in(
    worlds: list[World],
) -> None:
    form = next(f for f in _forms(worlds[0], "relations.of_organisation") if "line" in f.kinds)
    line = "We met at the “harbour”.".encode()
    typed = Try(form, "line", "kept", inputs._with(form, "line", line))
    for world in worlds:
        with world.undone():
            client = world.client(form.who)
            inputs.end_sessions(world)
            refused = inputs.send(world, typed, client)
            assert refused.status_code == 401
            assert "We met at the" in refused.text, "typed text is shown before signing in"
            page = Page(client)
            page.path, page.answer = form.action, refused
            page.send(email=f"{form.who}@havnby.example", password="harbour lights at noon")
            assert page.status == 200, page.troubles
            assert "We met at the" in page.source
            page.send(action=form.action)
            assert page.status == 302, page.text[:300]
            assert "We met at the “harbour”." in page.follow().text
