"""`partners new`: an empty municipality with its first manager and keeper."""

import argparse
import os
from datetime import datetime

from flask import current_app

from partners.access.rules import Actor
from partners.access.table import Role
from partners.accounts import actions, queries
from partners.accounts.models import Municipality
from partners.accounts.rules import read_house
from partners.app import create_app
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.policy import shelf
from partners.tools.database import migrate_up

FOUNDER = Actor(0, "partners new", frozenset({Role.MANAGER, Role.KEEPER}))
ASKED = {
    "name": "Name of the municipality",
    "department": "First department",
    "manager": "Name of the first manager",
    "manager_email": "E-mail address of the first manager",
    "keeper": "Name of the keeper, who runs the system",
    "keeper_email": "E-mail address of the keeper",
}
ADDRESS = "Address of this house, where letters lead"
HERE = f"http://localhost:{os.environ.get('PORT', '8000')}"


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`partners new`"""
    new = commands.add_parser("new", help="found an empty municipality")
    for option, words in ASKED.items():
        new.add_argument(f"--{option.replace('_', '-')}", help=words)
    new.add_argument("--url", help=f"{ADDRESS}; without it {HERE}, and a manager may change it")
    new.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Found it, and print the two one-time links."""
    app = create_app()
    migrate_up(app)
    with app.app_context():
        refuse_second()
        told = {o: getattr(chosen, o) or input(f"{words}: ").strip() for o, words in ASKED.items()}
        asks = not all(getattr(chosen, option) for option in ASKED)
        url = chosen.url or (asks and input(f"{ADDRESS} [{HERE}]: ").strip()) or HERE
        links = found(told, url, at=clock.now())
        db.session.commit()
    print("Each link works once, within fourteen days. Hand it to its person only.")
    for name, link in links.items():
        print(f"{name}: {link}")
    return 0


def refuse_second() -> None:
    """A database holds one municipality, the sample included."""
    held = queries.municipality()
    if held is not None:
        raise Refusal(
            N_("This database already holds %(name)s. Begin in another place, named by"
               " PARTNERS_INSTANCE or PARTNERS_DATABASE."), name=held.name)  # fmt: skip


def found(told: dict[str, str], url: str, *, at: datetime) -> dict[str, str]:
    """Found the municipality in this transaction; returns names and one-time links.

    Manager and keeper are two people, because a role that decides is not given by the keeper.
    """
    refuse_second()
    url = read_house(url)
    if not all(told.values()):
        raise Refusal(N_("Every answer is needed: %(names)s."), names=", ".join(ASKED.values()))
    db.session.add(Municipality(name=told["name"], created_at=at, texts={"url": url}))
    version, texts = current_app.extensions["policy"]
    shelf.adopt(version, texts, at=at)
    department = actions.name_department(told["department"], by=FOUNDER, at=at)
    people = [
        actions.open_account(told[f"{who}_email"], told[who], frozenset({Role(who)}),
                             department_id=department.id, by=FOUNDER, at=at)
        for who in (Role.MANAGER, Role.KEEPER)
    ]  # fmt: skip
    return {p.name: f"{url}/door/{actions.send_link(p, by=FOUNDER, at=at)}" for p in people}
