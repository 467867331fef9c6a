"""An empty municipality is founded once, with two people who come in by one-time links."""

import pytest
from flask import Flask
from sqlalchemy import select

from partners.access.table import Role as R
from partners.accounts.models import Account, Municipality
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.policy.models import Edition
from partners.tools.municipality import found
from tests.builders import NOON, House

TOLD = {
    "name": "Sandby", "department": "Culture", "manager": "Rikke Vad",
    "manager_email": "rikke@sandby.example", "keeper": "Leo Bang",
    "keeper_email": "leo@sandby.example",
}  # fmt: skip


def test_a_municipality_is_founded_with_a_manager_and_a_keeper(app: Flask) -> None:
    with app.app_context():
        links = found(TOLD, "https://partners.sandby.example", at=NOON)
        db.session.commit()
        roles = {a.name: a.roles for a in db.session.scalars(select(Account))}
        assert roles == {"Rikke Vad": [R.MANAGER], "Leo Bang": [R.KEEPER]}
        assert not db.session.get_one(Municipality, 1).invented
        assert db.session.get(Edition, app.extensions["policy"][0])
    assert all(link.startswith("https://partners.sandby.example/door/") for link in links.values())


def test_a_database_that_holds_one_municipality_takes_no_second(house: House) -> None:
    with pytest.raises(Refusal, match="already holds"):
        found(TOLD, "http://localhost:8000", at=NOON)


@pytest.mark.parametrize("missing", TOLD)
def test_every_answer_is_needed(app: Flask, missing: str) -> None:
    with app.app_context(), pytest.raises(Refusal, match="Every answer"):
        found({**TOLD, missing: ""}, "http://localhost:8000", at=NOON)


def test_manager_and_keeper_are_two_people(app: Flask) -> None:
    with app.app_context(), pytest.raises(Refusal, match="already signs in"):
        found({**TOLD, "keeper_email": "Rikke@sandby.example"}, "http://localhost:8000", at=NOON)
