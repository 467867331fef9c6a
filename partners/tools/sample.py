"""`partners sample`: an invented municipality with somebody at every stage of every path."""

import argparse
import tomllib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select

from partners import create_app
from partners.access.rules import Actor
from partners.accounts.models import Account, Department, Municipality
from partners.assessment.models import Engagement
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.registry.actions import register
from partners.registry.models import Organisation
from partners.registry.rules import Card
from partners.tools import sample_lists as lists
from partners.tools import sample_papers as papers
from partners.tools import sample_reading
from partners.tools.database import migrate_up
from partners.tools.sample_case import ENDINGS, STEPS, UNTIL, Case


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`partners sample`"""
    sample = commands.add_parser("sample", help="load the sample municipality (empty database)")
    sample.set_defaults(run=lambda _chosen: run(create_app()))


def run(app: Flask) -> None:
    """Migrate and load; refused by a database that holds anything else."""
    migrate_up(app)
    with app.app_context():
        load(app, clock.now())
        db.session.commit()


def read(app: Flask) -> dict[str, Any]:
    """What the sample municipality holds, from the policy folder or the house's own."""
    own = app.config["SETTINGS"].policy / "sample.toml"
    home = Path(__file__).parents[2] / "data" / "sample.toml"
    return tomllib.loads((own if own.exists() else home).read_text("utf-8"))


def partners() -> list[tuple[Account, str]]:
    """The accounts of organisations, each with the organisation's name."""
    rows = db.session.execute(
        select(Account, Organisation.name)
        .join(Organisation, Organisation.id == Account.organisation_id)
        .order_by(Account.id)
    )
    return [(account, name) for account, name in rows]


def load(app: Flask, now: datetime) -> None:
    """Fill an empty database. Raises Refusal when somebody lives here already."""
    if db.session.get(Municipality, 1) or db.session.scalar(select(func.count(Organisation.id))):
        raise Refusal("This database holds a municipality already; the sample needs an empty one.")
    story = Story(app, now, read(app))
    story.tell()


@dataclass
class Story:
    """Tells the sample, day by day, through the same verbs that people press."""

    app: Flask
    now: datetime
    data: dict[str, Any]
    people: dict[str, Account] = field(default_factory=dict[str, Account])
    organisations: dict[str, Organisation] = field(default_factory=dict[str, Organisation])
    cases: list[Engagement] = field(default_factory=list[Engagement])

    def tell(self) -> None:
        self._found()
        papers.delegations(self)
        for row in self.data["organisation"]:
            self._organisation(row)
        papers.charters(self)
        papers.contacts(self)
        for row in self.data["engagement"]:
            self._engagement(row)
        lists.tell(self)
        db.session.flush()
        sample_reading.readings(self)

    def ago(self, days: float) -> datetime:
        return self.now - timedelta(days=days)

    def actor(self, short: str) -> Actor:
        return self.people[short].actor

    def _found(self) -> None:
        start = self.ago(900)
        facts = {"invented": True, "created_at": start, "texts": self.data["texts"]}
        db.session.add(Municipality(name=self.data["name"], **facts))
        rooms = {name: Department(name=name) for name in self.data["departments"]}
        db.session.add_all(rooms.values())
        db.session.flush()
        secret = PasswordHasher().hash(self.data["password"])
        for row in self.data["person"]:
            account = Account(
                email=row["email"], name=row["name"], title=row["title"], roles=row["roles"],
                department_id=rooms[row["department"]].id, created_at=start, password_hash=secret,
            )  # fmt: skip
            db.session.add(account)
            self.people[row["email"].split("@")[0]] = account
        db.session.flush()

    def _organisation(self, row: dict[str, Any]) -> None:
        keys = ("name", "kind", "legal_form", "not_registered_because", "purpose", "district",
                "website", "email")  # fmt: skip
        card = Card(
            **{k: row.get(k, "") for k in keys},
            languages=tuple(row["languages"]),
            tags=tuple(row["tags"]),
        )
        made = register(card, by=self.actor("maja"), at=self.ago(800))
        made.invented, made.please_avoid = True, row["please_avoid"]
        made.feeds = row.get("feeds", [])
        self.organisations[made.name] = made
        roles = {"signatory": ["signatory", "member"], "member": ["member"]}
        for part in [p for p in roles if p in row]:
            short = row[part].split()[0].lower()
            address = f"{short}@{made.email.split('@')[-1]}"
            self.people[short] = Account(
                email=address, name=row[part], roles=roles[part], organisation_id=made.id,
                created_at=self.ago(790), password_hash=self.people["maja"].password_hash,
                title="Chair" if part == "signatory" else "Board member",
            )  # fmt: skip
            db.session.add(self.people[short])
            if part == "signatory":
                papers.chair(self, made, self.people[short])
        db.session.flush()

    def partner(self, organisation: Organisation) -> Actor:
        """Somebody who answers for the organisation."""
        return next(a for a in self.people.values() if a.organisation_id == organisation.id).actor

    def _engagement(self, row: dict[str, Any]) -> None:
        case = Case(self, row)
        for step in STEPS[: STEPS.index(UNTIL[row["stage"]]) + 1]:
            getattr(case, f"do_{step}")()
        self.cases.append(case.engagement)
        ending = ENDINGS.get(row["stage"])
        if ending:
            ending(case)
        db.session.flush()
