"""The sample municipality is told through the same verbs that people press."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from partners.accounts.models import Account, Municipality
from partners.assessment.models import Engagement
from partners.assessment.rules.moves import State
from partners.charter.models import Charter
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.mou.models import Paper, Promise
from partners.registry.vocabulary import vocabulary
from partners.reports.queries import otherwise
from partners.tools import sample
from tests.builders import House


def test_the_sample_has_somebody_at_every_stage_and_is_marked_as_invented(app: Flask) -> None:
    with app.app_context():
        sample.load(app, clock.now())
        db.session.commit()
        states = set(db.session.scalars(select(Engagement.state)))
        assert states >= {str(s) for s in State} - {State.PAUSED}
        assert set(db.session.scalars(select(Paper.state))) >= {
            "draft", "issued", "in_force", "notice",
        }  # fmt: skip
        assert db.session.scalar(select(func.count(Paper.paused_until)))
        assert set(db.session.scalars(select(Charter.state))) >= {
            "offered", "discussing", "signed", "own_proposed", "withdrawn",
        }  # fmt: skip
        since = clock.now() - timedelta(days=365)
        manager = db.session.scalars(select(Account).where(Account.name == "Karin Dahl")).one()
        rounds = otherwise(since, manager.actor)
        assert {r.level == r.computed["level"] for r in rounds} == {True, False}, "both ways"
        assert {p.owner for p in db.session.scalars(select(Promise)) if p.side == "partner"} == {
            vocabulary().office("chair", "en")
        }
        house = db.session.get(Municipality, 1)
        assert house is not None
        assert house.invented


def test_the_sample_is_refused_by_a_database_that_holds_anything_else(house: House) -> None:
    house.organisation()
    before = db.session.scalar(select(func.count(Engagement.id)))
    with pytest.raises(Refusal, match="needs an empty one"):
        sample.load(house.app, clock.now())
    assert db.session.scalar(select(func.count(Engagement.id))) == before
