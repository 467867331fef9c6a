"""Editions: what was printed stays, word for word."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import NoResultFound

from partners.ground.db import db
from partners.policy import shelf
from partners.policy.models import Edition
from tests.policy.planted import TEXTS, changed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 4, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _empty_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shelf, "_read", {})


def test_a_changed_question_does_not_change_an_old_edition(house):
    newer = changed("languages/en.toml", "Have both sides met?", "When have both sides met?")
    shelf.adopt("old", TEXTS, NOON)
    shelf.adopt("new", newer, LATER)
    db.session.flush()
    shelf._read.clear()
    asked = {v: shelf.edition(v).words("en").item("S-02").question for v in ("old", "new")}
    assert asked == {"old": "Have both sides met?", "new": "When have both sides met?"}


def test_an_edition_is_kept_word_for_word_and_put_there_once(house):
    shelf.adopt("one", TEXTS, NOON)
    db.session.flush()
    shelf.adopt("one", {"policy.toml": "something else"}, LATER)
    db.session.expire_all()
    kept = db.session.get_one(Edition, "one")
    assert (kept.texts, kept.adopted_at) == (dict(TEXTS), NOON)


def test_a_rule_of_the_house_that_came_later_does_not_close_an_old_edition(house):
    frowned_upon = changed("checklist/basics.toml", '["HERE"]', "[]", "S-03")
    db.session.add(Edition(version="strange", texts=frowned_upon, adopted_at=NOON))
    db.session.flush()
    assert shelf.edition("strange").items["S-03"].sources == ()


def test_an_unknown_edition_is_an_error(house):
    with pytest.raises(NoResultFound):
        shelf.edition("nobody")
