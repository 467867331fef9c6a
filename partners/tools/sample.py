"""`partners sample`: an invented municipality with somebody at every stage of every path."""

import argparse
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select

from partners import create_app
from partners.access.rules import Actor
from partners.accounts.models import Account, Department, Municipality
from partners.assessment import actions
from partners.assessment.actions.noting import Found
from partners.assessment.actions.replying import replies_done
from partners.assessment.actions.rounds import needed
from partners.assessment.actions.starting import Wish
from partners.assessment.actions.working import Reply
from partners.assessment.models import Engagement
from partners.assessment.queries import points_of, policy_of, reply_items, standings
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.money import Payment
from partners.assessment.rules.moves import State
from partners.ground import clock
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.policy.values import Decider
from partners.registry.actions import register
from partners.registry.models import Organisation
from partners.registry.rules import Card
from partners.tools import sample_lists as lists
from partners.tools import sample_papers as papers
from partners.tools import sample_reading
from partners.tools.database import migrate_up

# How far each stage goes: the steps up to and with it.
STEPS = ("draft", "tell_level", "half", "answer", "propose", "send", "reply", "read", "decide",
         "confirm", "tell")  # fmt: skip
UNTIL = {
    "draft": "draft", "registered": "tell_level", "told_level": "tell_level", "half": "half",
    "proposed": "propose", "sent": "send", "read": "read", "to_confirm": "decide",
    "decided": "confirm", "told": "tell", "drafting": "tell", "signing": "tell", "in_force": "tell",
    "ending": "tell", "due": "tell", "declined": "tell_level", "closed": "tell_level",
}  # fmt: skip


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


@dataclass
class Case:
    """One engagement of the story, a step at a time; each step some days after the last."""

    story: Story
    row: dict[str, Any]
    step: int = 0
    engagement: Engagement = field(init=False)

    def when(self) -> datetime:
        """The steps share the days since the beginning, so that nothing lies in the future."""
        self.step += 1
        ago = float(self.row["ago"])
        return self.story.ago(max(ago * (1 - self.step / (len(STEPS) + 2)), 0.01))

    def by(self, short: str = "") -> dict[str, Any]:
        return {"by": self.story.actor(short or self.lead), "at": self.when()}

    @property
    def lead(self) -> str:
        return str(self.row.get("lead", "maja"))

    def do_draft(self) -> None:
        row, story = self.row, self.story
        wish = Wish(
            row["title"], row["purpose"], row["level"], kind=row["kind"], activity=row["activity"],
            in_kind=row.get("in_kind", ""), triggers=row.get("triggers", []),
        )  # fmt: skip
        due = day_of(story.now + timedelta(days=60))
        money = [Payment(self.paid(due), Decimal(amount)) for amount in row.get("money", [])]
        organisation = story.organisations[row["organisation"]]
        policy = story.app.extensions["policy"]
        self.engagement = actions.start(organisation, wish, money, policy, **self.by())

    def paid(self, due: date) -> date:
        return due if self.row["ago"] < 365 else due - timedelta(days=self.row["ago"])

    def do_tell_level(self) -> None:
        actions.tell_level(self.engagement, **self.by())

    def do_half(self) -> None:
        self._note()
        items = list(self._asked())
        self._answer(items[: len(items) // 2])

    def _note(self) -> None:
        for row in self.row.pop("found", ()):
            said_on = day_of(self.story.ago(row.pop("ago")))
            reader = self.story.people[row.pop("reader")]
            actions.note_found(self.engagement, Found(said_on=said_on, **row), reader, **self.by())

    def do_answer(self) -> None:
        self._answer(self._asked())

    def _asked(self) -> Iterator[str]:
        later = reply_items(policy_of(self.engagement))
        for standing in standings(self.engagement, day_of(self.story.now)):
            if standing.asked and standing.given is None and standing.item.id not in later:
                yield standing.item.id

    def _answer(self, items: Any) -> None:
        words, other = self.row.get("words", {}), self.row.get("answers", {})
        at = self.when()
        for item in list(items):
            said = Reply(
                Given(other.get(item, "met")),
                words=words.get(item, "As we said when we met."),
                evidence="conversation",
                source="Meeting",
            )
            actions.answer(self.engagement, item, said, by=self.story.actor(self.lead), at=at)

    def do_propose(self) -> None:
        actions.propose(self.engagement, good=self.row.get("good"), **self.by())

    def do_send(self) -> None:
        if any(reason["lowers"] for reason in self.engagement.round.computed["reasons"]):
            actions.send_points(self.engagement, **self.by())

    def do_reply(self) -> None:
        replies = self.row.get("replies", [])
        partner = self.story.partner(self.engagement.organisation) if replies else None
        for point, words in zip(points_of(self.engagement), replies, strict=False):
            actions.reply(self.engagement, point, words, by=partner, at=self.when())  # type: ignore[arg-type]

    def do_read(self) -> None:
        at = self.when()
        if State(self.engagement.state) is State.PROPOSED or replies_done(
            self.engagement, day_of(at)
        ):
            actions.read(self.engagement, by=self.story.actor("jonas"), at=at)

    def do_decide(self) -> None:
        found = self.engagement.round.computed
        wanted = needed(self.engagement, found["level"], found["band"])
        minute = "City council, 3 November, item 7" if wanted.decide is Decider.COMMITTEE else ""
        actions.decide(
            self.engagement, found["level"], found["band"], minute=minute, **self.by("karin")
        )

    def do_confirm(self) -> None:
        if State(self.engagement.state) is State.PROPOSED:
            actions.confirm(self.engagement, **self.by("omar"))

    def do_tell(self) -> None:
        actions.tell(self.engagement, "portal", "en", **self.by())

    def enter(self) -> None:
        """Both sides sign, where the level has a paper."""
        if State(self.engagement.state) is State.TOLD:
            papers.paper(self, signed=("partner", "city"))

    def fall_due(self) -> None:
        self.enter()
        actions.fall_due(self.engagement, "review date", at=self.story.ago(3))


ENDINGS: dict[str, Callable[[Case], object]] = {
    "in_force": Case.enter,
    "drafting": papers.draft,
    "signing": lambda case: papers.paper(case, signed=("partner",)),
    "ending": papers.ending,
    "due": Case.fall_due,
    "declined": lambda case: actions.decline(
        case.engagement, by=case.story.partner(case.engagement.organisation), at=case.when()
    ),
    "closed": lambda case: actions.close(
        case.engagement, "The winter is over, and so is the café.", **case.by("karin")
    ),
}
