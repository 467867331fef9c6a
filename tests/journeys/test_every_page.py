"""Every page that a role can reach by links, in a browser: axe, width, forms with errors."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from sqlalchemy import select

from partners.accounts.actions import open_session
from partners.accounts.models import Account
from partners.ground import clock
from partners.ground.db import db
from partners.tools import sample
from tests.conftest import only_sqlite, serving

pytestmark = [pytest.mark.browser, only_sqlite]
# By side, so that a page of one kind is looked at once; the roles that reach the most come first.
STARTS = {
    "staff": ("maja@havnby.example", "karin@havnby.example", "per@havnby.example",
              "bo@havnby.example"),
    "partner": ("nadia@harbour-kitchen.example", "ruth@st-olav.example"),
    "nobody": ("",),
}  # fmt: skip
# Pages that only some of them can open, so that nobody is left out unnoticed.
KINDS = {
    "staff": {
        "accounts.delegations",
        "reports.overview",
        "desk.keeping",
        "desk.points_asked",
        "charter.several",
        "editions.edit",
    },  # fmt: skip
    "partner": {"charter.mine"},
    "nobody": {"public.verify", "charter.register"},
}
HOMES = {"staff": "/today", "partner": "/our/file"}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# What may differ where there is less room.
NARROW = {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]}}
HREFS = "all => all.map(a => a.getAttribute('href'))"
# A form that only asks leads on like a link, such as to the file that is chosen in it.
ASKED = """all => all.filter(f => f.getAttribute('action'))
    .map(f => f.getAttribute('action') + '?' + new URLSearchParams(new FormData(f)))"""
UNFOLD = "document.querySelectorAll('details').forEach(d => d.open = true)"
FILES = ("pdf", "zip", "csv")


@pytest.fixture
def town(app: Flask) -> Iterator[str]:
    """The sample municipality behind a real port."""
    with app.app_context():
        sample.load(app, clock.now())
        db.session.commit()
        db.session.remove()
    with serving(app) as base:
        yield base


def signed_in(browser: Any, app: Flask, base: str, email: str) -> Any:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    if email:
        client = app.test_client()
        with app.app_context():
            account = db.session.scalar(select(Account).where(Account.email == email))
            assert account is not None
            secret = open_session(account, at=clock.now())
            db.session.commit()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True
        kept = client.get_cookie("partners")
        assert kept is not None
        context.add_cookies([{"name": "partners", "value": kept.value, "url": base}])
    return context.new_page()


def kinds_of(app: Flask, address: str) -> str:
    """The endpoint behind an address, so that one page of each kind is looked at."""
    adapter = app.url_map.bind("localhost")
    path = address.split("?")[0].split("#")[0]
    endpoint, values = adapter.match(path)
    return endpoint + "".join(sorted(v for k, v in values.items() if not k.endswith("_id")))


def looked_at(page: Any) -> list[str]:
    """What is wrong with the page that is open: axe's findings, and width on a small telephone."""
    page.evaluate(UNFOLD)
    found = Axe().run(page, options=RULES)
    page.set_viewport_size({"width": 390, "height": 800})
    narrow = page.evaluate("which => axe.run(which).then(told => told.violations)", NARROW)
    faults = [f"{v['id']}: {v['nodes'][0]['html'][:160]}"
              for v in (*found.response["violations"], *narrow)]  # fmt: skip
    page.set_viewport_size({"width": 320, "height": 700})
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    return faults + ([f"{wide} wide at 320"] if wide > 320 else [])


def pages(page: Any, app: Flask, base: str, seen: set[str], waiting: list[str]) -> Iterator[str]:
    """One address of each kind of page not `seen` yet that links from `waiting` lead to, nearest
    first.
    """
    home = waiting[0]  # it is another page for everybody
    while waiting:
        address = waiting.pop(0)
        kind = kinds_of(app, address)
        if (kind in seen and address != home) or any(word in address for word in FILES):
            continue
        seen.add(kind)
        home = "" if address == home else home
        answer = page.goto(base + address)
        assert answer.status == 200, f"{address} answered {answer.status}"
        links = page.eval_on_selector_all("a[href^='/']", HREFS)
        links += page.eval_on_selector_all("main form[method=get]:has(select)", ASKED)
        waiting += dict.fromkeys(link for link in links if not link.startswith("/static"))
        yield address


@pytest.mark.parametrize("side", STARTS)
@pytest.mark.timeout(600)
def test_axe_finds_nothing_and_nothing_is_wider_than_a_small_telephone(
    browser: Any, app: Flask, town: str, side: str
) -> None:
    faults: dict[str, list[str]] = {}
    seen: set[str] = set()
    for email in STARTS[side]:
        page = signed_in(browser, app, town, email)
        page.goto(town + ("/" if side == "nobody" else HOMES[side]))
        waiting = [page.url.removeprefix(town)]
        for address in pages(page, app, town, seen, waiting):
            faults[address] = looked_at(page)
            forms = page.locator("main form[method=post] button.govuk-button:visible")
            if forms.count() and side != "nobody":
                forms.first.click()
                page.wait_for_load_state("load")
                if page.locator(".govuk-error-summary").count():
                    faults[f"{address} with errors"] = looked_at(page)
                elif page.url.startswith(town):  # such as the next step to a signature
                    waiting.append(page.url.removeprefix(town))
    wrong = {address: found for address, found in faults.items() if found}
    assert not wrong, "\n".join(f"{a}: {'; '.join(f)}" for a, f in wrong.items())
    assert KINDS[side] <= seen, KINDS[side] - seen
