"""What stands on a page is a marked sentence or somebody's data: pages read in a language that
puts brackets round every sentence that a translation can reach."""

import calendar
import gettext
import json
import re
from collections.abc import Iterator
from typing import Any

import flask_babel
import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select

from partners.accounts.actions import open_session
from partners.accounts.models import Account
from partners.ground import clock
from partners.ground.db import db
from partners.tools import sample
from tests.conftest import DATA, only_sqlite
from tests.journeys.test_every_page import kinds_of

WHO = ("maja@havnby.example", "karin@havnby.example", "nadia@harbour-kitchen.example", "")
FIRST = ("/", "/today", "/our/file", "/sign-in")
READ_ALOUD = ("aria-label", "placeholder", "title", "alt")
# Papers are written in data/documents; a fingerprint, a command and a setting say themselves.
NOT_WORDS = "//*[contains(@class,'doc')] | //code | //pre | //bdi | //script | //style | //textarea"
DATES = re.compile(
    r"\b([DEM]-[0-9-]+|(?=[a-f]*\d)[0-9a-f]{4}|UTC|\d+|"
    + "|".join([*calendar.month_name[1:], *calendar.month_abbr[1:], "Sept"])
    + r")\b"
)


class Marking(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧" if message else ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"

    ugettext, ungettext = gettext, ngettext


def plain(text: str) -> str:
    """Without dates, numbers and fingerprints, which no corpus holds."""
    return " ".join(DATES.sub("", text).lower().split())


def unmarked(root: Any) -> Iterator[str]:
    """Runs of words on the page that stand in no brackets."""
    for node in root.xpath(NOT_WORDS):
        node.text = ""
        for below in list(node):
            node.remove(below)
    said = [*root.itertext(), *(e.get(a) for e in root.iter() for a in READ_ALOUD if e.get(a))]
    text = "\n".join(said)
    for _depth in range(6):
        text = re.sub(r"⟦[^⟦⟧]*⟧", "", text)
    for run in re.split(r"[\n,:;·.()–“”]| (?=\d)", text):
        run = plain(run).strip(' …?"')
        if re.search(r"[^\W\d_]", run):
            yield run


def known(row: Any) -> str:
    return " ".join(
        json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict | list) else str(cell)
        for cell in row
    )


def signed_in(app: Flask, email: str) -> Any:
    client = app.test_client()
    if email:
        with app.app_context():
            account = db.session.scalar(select(Account).where(Account.email == email))
            assert account is not None
            secret = open_session(account, at=clock.now())
            db.session.commit()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def pages(app: Flask, client: Any) -> Iterator[tuple[str, Any]]:
    """One page of each kind that can be reached by links."""
    wait, seen = [*FIRST], {"static"}
    while wait:
        at = wait.pop(0)
        kind = kinds_of(app, at)
        if kind in seen or kind.startswith("public.page"):  # those are written in data/pages
            continue
        answer = client.get(at)
        if answer.status_code == 200 and "html" in answer.content_type:
            seen.add(kind)
            root = html.document_fromstring(answer.text)
            wait += [a for a in root.xpath("//a/@href") if a.startswith("/")]
            yield kind, root


@only_sqlite
def test_every_sentence_on_a_page_can_be_translated(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        sample.load(app, clock.now())
        db.session.commit()
        rows = [known(row) for t in db.metadata.sorted_tables
                for row in db.session.execute(t.select())]  # fmt: skip
        db.session.remove()
    texts = [p.read_text("utf-8") for p in DATA.rglob("*") if p.suffix in (".toml", ".md")]
    data = plain(" ".join([*texts, *rows, "Partners English Dansk sqlite"]))
    monkeypatch.setattr(flask_babel.Domain, "get_translations", lambda _self: Marking())
    left = {run: kind for who in WHO for kind, page in pages(app, signed_in(app, who))
            for run in unmarked(page) if run not in data}  # fmt: skip
    assert left == {}
