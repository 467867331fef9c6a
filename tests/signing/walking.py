"""Goes the way to a signature through the pages, as somebody without scripts does."""

import json
import os
from pathlib import Path

from partners.accounts.actions import set_password
from partners.ground.db import db
from tests.builders import NOON, House
from tests.page import Page

PASSWORD = "harbour lights at noon"
PRESSES = ("Begin: read it", "I have read it")


def with_password(house: House, *people: str) -> None:
    for short in people:
        account = house.account(short)
        set_password(account, PASSWORD, by=account.actor, at=NOON)
    db.session.commit()


def to_check(page: Page, address: str, **values: dict) -> Page:
    """From the first page to the one where everything is seen together."""
    page.get(address + "/start")
    for press in PRESSES:
        page.send({}, press=press, status=302, follow=True)
    while not page.all("//button[normalize-space()='This is right']"):
        number = page.path.rsplit("-", 1)[1]
        page.send({"answer": "agree"} | values.get(f"v{number}", {}), press="Go on", status=302,
                  follow=True)  # fmt: skip
    return page.send(values.get("who", {}), press="This is right", status=302, follow=True)


def sign_through(page: Page, address: str, name: str, party: str, **values: dict) -> Page:
    """The whole way, to the receipt."""
    to_check(page, address, **values).click("Go on to the last page")
    return page.send({"name": name, "statement": "y", "password": PASSWORD},
                     press=f"Sign for {party}", status=302, follow=True)  # fmt: skip


def counted(**figures: object) -> None:
    """Hand figures to the proof that runs this; see scripts/proof_seal.py."""
    if folder := os.environ.get("SEAL_OUT"):
        for name, figure in figures.items():
            Path(folder, f"{name}.json").write_text(json.dumps(figure))
