"""Days begin and end where the municipality is, not in Greenwich."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from partners.assessment import actions
from partners.assessment.actions.working import Reply
from partners.assessment.models import Engagement
from partners.assessment.queries import standings
from partners.assessment.rules.answers import Answer as Given
from partners.ground.clock import day_of
from partners.ground.db import db
from tests.assessment.case import started
from tests.builders import NOON, House
from tests.conftest import only_sqlite

# Copenhagen: an hour ahead in winter, two in summer; Honolulu: ten behind; Kiritimati: 14 ahead.
PLACES = [
    ("Europe/Copenhagen", "2026-11-20 22:59", "2026-11-20"),
    ("Europe/Copenhagen", "2026-11-20 23:00", "2026-11-21"),
    ("Europe/Copenhagen", "2026-07-01 21:59", "2026-07-01"),
    ("Europe/Copenhagen", "2026-07-01 22:00", "2026-07-02"),
    ("Europe/Copenhagen", "2026-12-31 23:00", "2027-01-01"),
    ("Europe/Copenhagen", "2028-02-28 23:30", "2028-02-29"),
    ("Pacific/Honolulu", "2026-11-21 09:59", "2026-11-20"),
    ("Pacific/Kiritimati", "2026-11-20 10:00", "2026-11-21"),
]


@only_sqlite
@pytest.mark.parametrize(("zone", "moment", "day"), PLACES)
def test_a_moment_falls_on_the_day_that_it_is_there(
    app: Flask, zone: str, moment: str, day: str
) -> None:
    app.extensions["time_zone"] = zone
    with app.app_context():
        assert day_of(datetime.fromisoformat(f"{moment}+00:00")) == date.fromisoformat(day)


def test_an_answer_given_after_midnight_here_is_of_the_new_day_and_ends_with_its_last(
    house: House,
) -> None:
    case = started(house)
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # half past midnight in Havnby
    item = next(s.item for s in standings(case, day_of(NOON)) if s.asked and s.item.valid_months)
    said = Reply(Given.MET, words="As we said.", evidence="conversation")
    given = actions.answer(case, item.id, said, by=house.actor("maja"), at=late)
    db.session.commit()
    assert given.answered_on == date(2026, 11, 21)
    assert given.expires_on
    ends = datetime.combine(given.expires_on, time.max, ZoneInfo("Europe/Copenhagen"))
    assert counts(case, item.id, at=ends)
    assert not counts(case, item.id, at=ends + timedelta(seconds=1))


def counts(case: Engagement, item: str, *, at: datetime) -> bool:
    return any(s.current for s in standings(case, day_of(at)) if s.item.id == item)
