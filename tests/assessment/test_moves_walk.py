"""Many people do anything at any time: what is not allowed never happens, whatever came before.

`steps` and `seeds` come from the environment in the long proof; see scripts/proof_moves.py.
"""

import json
import os
import time
from collections import Counter
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from partners.access.rules import CLOCK, require
from partners.access.table import Permission as P
from partners.app import Settings, create_app
from partners.assessment import actions
from partners.assessment.actions.starting import Wish
from partners.assessment.actions.working import Reply
from partners.assessment.queries import points_of, reply_items
from partners.assessment.rules.answers import Answer as Given
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.history.queries import deeds_on
from partners.registry.models import Organisation
from tests.assessment.moves_model import LEVELS, PEOPLE, ROLE, SHORT, VERBS, Model
from tests.builders import NOON, Browser, House
from tests.conftest import only_sqlite

SMALL = Path(__file__).parents[1] / "small_policy"
SEEDS = range(int(os.environ.get("MOVES_FIRST", 0)), int(os.environ.get("MOVES_LAST", 4)))
STEPS, WALK = int(os.environ.get("MOVES_STEPS", 500)), 100
MANAGERS = tuple(who for who, role in ROLE.items() if role == "manager")
CHOICES = {"decide": LEVELS, "pause": MANAGERS, "outside": MANAGERS,
           "change": LEVELS, "answer": ("met", *SHORT), "reply": ("late", "words")}  # fmt: skip
GIVEN = st.sampled_from(("met", *SHORT))
RARE = {
    "aside",
    "close",
    "decline",
    "pause",
    "outside",
    "change",
    "take_back",
    "hand_back",
    "again",
}
ALL = [(verb, who, arg) for verb in VERBS for who in PEOPLE for arg in CHOICES.get(verb, ("",))]


def walker(house: House, harbour: int, done: Counter) -> type[RuleBasedStateMachine]:
    """A machine that walks one engagement of this house; `done` counts what happened."""

    class Walk(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.outer = db.session.begin_nested()

        @initialize(given=GIVEN)
        def begin(self, given: str) -> None:
            self.at, self.model = NOON, Model()
            wish = Wish("Community meals", "Eat together", self.model.level)
            maja, policy = house.actor("maja"), house.app.extensions["policy"]
            organisation = db.session.get_one(Organisation, harbour)
            self.case = actions.start(organisation, wish, [], policy, by=maja, at=NOON)
            self.do_answer(maja, given)

        @rule(data=st.data())
        def step(self, data: st.DataObject) -> None:
            """Rather something that may be done, so that walks go far; also anything else."""
            legal = [one for one in ALL if self.model.legal(*one)]
            kind = data.draw(st.integers(0, 9))
            onward = [
                one
                for one in legal
                if one[0] not in RARE and (VERBS[one[0]][1] or one[0] == "reply")
            ]
            some = (onward if kind < 6 else legal if kind < 8 else ALL) or ALL
            verb = data.draw(st.sampled_from(sorted({one[0] for one in some})))
            one = data.draw(st.sampled_from([step for step in some if step[0] == verb]))
            done["steps"] += 1
            self.at += timedelta(minutes=1)
            self.do(*one)
            if self.model.state == "closed" and data.draw(st.integers(0, 3)) == 0:
                self.begin(data.draw(GIVEN))

        def do(self, verb: str, who: str, arg: str) -> None:
            allowed, actor = self.model.legal(verb, who, arg), self.actor(who)
            try:
                with db.session.begin_nested():
                    getattr(self, f"do_{verb}")(actor, arg)
                    db.session.flush()
            except (Refusal, NotYours):
                db.session.refresh(self.case)
                done["refused"] += 1
                assert not allowed or verb in CONTENT, f"{verb} by {who} was refused"
            else:
                assert allowed, f"{verb} by {who} ({arg}) was let through in {self.model}"
                self.model.did(
                    verb, who, arg, waits=verb == "decide" and self.case.state != "decided"
                )
                done[verb] += 1
            self.look()

        def look(self) -> None:
            """After every step: the same state, four eyes, and nothing below the floor."""
            case, this = self.case, self.case.round
            assert case.state == self.model.state
            people = [this.prepared_by, this.read_by, this.decided_by, this.confirmed_by]
            named = [one for one in people if one]
            assert len(named) == len(set(named))
            if case.state in ("decided", "told") and this.level:
                assert LEVELS.index(this.level) >= min(LEVELS.index(case.level), 1)
                if self.model.found:
                    assert self.model.found <= self.model.heard

        def actor(self, who: str) -> object:
            return CLOCK if who == "clock" else house.actor(who)

        def do_tell_level(self, by, arg):
            actions.tell_level(self.case, by=by, at=self.at)

        def do_change(self, by, arg):
            actions.change_request(self.case, Wish("Meals", "Eat", arg), by=by, at=self.at)
            self.model.level = arg

        def do_answer(self, by, arg):
            policy, known = house.policy, reply_items(house.policy)
            facts = frozenset()
            for item in policy.asked(self.case.level, self.case.band, facts):
                if item.id not in known:
                    given = Given.NOT_MET if item.id == arg else Given.MET
                    actions.answer(self.case, item.id, Reply(given, "So."), by=by, at=self.at)
                    self.model.short -= {item.id}
                    self.model.short |= {item.id} & {arg}

        def do_propose(self, by, arg):
            actions.propose(self.case, open_named="We wait for it.", by=by, at=self.at)

        def do_take_back(self, by, arg):
            actions.take_back(self.case, "Something is missing.", by=by, at=self.at)

        def do_send(self, by, arg):
            actions.send_points(self.case, by=by, at=self.at)

        def do_reply(self, by, arg):
            due = self.case.round.reply_due
            if arg == "late" and self.case.state == "replying":
                require(by, P.POINT_REPLY, self.case)
                self.at += timedelta(days=max((due - self.at.date()).days, 0) + 1)
                return
            for point in points_of(self.case):
                actions.reply(self.case, point, "We see it otherwise.", by=by, at=self.at)
            if self.case.state != "replying":
                raise Refusal("Nothing waits for a reply.")

        def do_read(self, by, arg):
            actions.read(self.case, by=by, at=self.at)

        def do_decide(self, by, arg):
            band = next(iter(house.policy.bands))
            said = {"reason": "We agreed so."}
            actions.decide(self.case, arg, band, **said, by=by, at=self.at)

        def do_confirm(self, by, arg):
            actions.confirm(self.case, by=by, at=self.at)

        def do_hand_back(self, by, arg):
            actions.hand_back(self.case, "Say more.", by=by, at=self.at)

        def do_tell(self, by, arg):
            actions.tell(self.case, "meeting", "en", by=by, at=self.at)

        def do_enter(self, by, arg):
            if by is not CLOCK:
                raise NotYours("enter")
            actions.enter_into_force(self.case, by=by, at=self.at)

        def do_fall_due(self, by, arg):
            if by is not CLOCK:
                raise NotYours("fall_due")
            actions.fall_due(self.case, "review", at=self.at)

        def do_again(self, by, arg):
            actions.begin_again(self.case, house.app.extensions["policy"], by=by, at=self.at)

        def do_pause(self, by, arg):
            actions.pause(self.case, "Fire.", second=self.actor(arg), by=by, at=self.at)

        def do_resume(self, by, arg):
            actions.resume(self.case, by=by, at=self.at)

        def do_decline(self, by, arg):
            actions.decline(self.case, by=by, at=self.at)

        def do_return(self, by, arg):
            actions.return_to(self.case, by=by, at=self.at)

        def do_close(self, by, arg):
            actions.close(self.case, "It is over.", by=by, at=self.at)

        def do_outside(self, by, arg):
            was = (self.case.state, self.case.round.level)
            actions.ask_outside(
                self.case, "Council", date(2026, 11, 2), "7", "So", by=by, at=self.at
            )
            asked = deeds_on("engagements", self.case.id, "engagement.outside_asked")[0]
            actions.confirm_outside(self.case, asked, by, by=self.actor(arg), at=self.at)
            assert was == (self.case.state, self.case.round.level)

        def do_join(self, by, arg):
            actions.join(self.case, "To help.", by=by, at=self.at)

        def do_aside(self, by, arg):
            actions.step_aside(self.case, by=by, at=self.at)

        def teardown(self) -> None:
            self.outer.rollback()
            db.session.expunge_all()

    return Walk


# What depends on answers, points and replies may be refused although the model lets it pass.
CONTENT = {"propose", "read", "decide", "confirm", "hand_back", "send", "reply", "answer"}


@only_sqlite
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_people_do_no_illegal_move_is_made(
    database: str, tmp_path: Path, seed: int
) -> None:
    app = create_app(Settings(database, tmp_path / "instance", SMALL, testing=True))
    app.test_client_class = Browser
    done: Counter = Counter()
    started = time.monotonic()
    with app.app_context():
        house = House.founded(app)
        organisation = house.organisation()
        house.partner("nadia", organisation)
        machine = walker(house, organisation.id, done)
        again = count(seed * 1000)
        while done["steps"] < STEPS:  # a walk may be short
            machine._hypothesis_internal_use_seed = next(again)
            run_state_machine_as_test(machine, settings=settings(
                max_examples=1 + (STEPS - done["steps"]) // WALK, stateful_step_count=WALK,
                deadline=None, database=None, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ))  # fmt: skip
        db.session.rollback()
        db.engine.dispose()
    if out := os.environ.get("MOVES_OUT"):
        told = {"seed": seed, "seconds": round(time.monotonic() - started, 1), **done}
        Path(out, f"moves-{seed}.json").write_text(json.dumps(told, sort_keys=True))


def test_the_model_is_short_enough_to_be_read() -> None:
    assert len(Path(__file__).with_name("moves_model.py").read_text("utf-8").splitlines()) < 150
