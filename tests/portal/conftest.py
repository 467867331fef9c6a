"""An organisation at every stage that matters to what it may read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from partners.assessment import actions
from partners.assessment.models import Engagement
from partners.assessment.rules.answers import Answer as Given
from partners.ground.db import db
from tests.assessment.case import answered, proposed, started
from tests.builders import NOON, House


def decided(house: House, **more: object) -> Engagement:
    """Decided, and not told yet."""
    case = proposed(house, answered(house, started(house, place=-2, **more)))
    actions.decide(case, case.level, case.band, by=house.actor("ida"), at=NOON)
    db.session.commit()
    return case


def told(house: House, **more: object) -> Engagement:
    """Decided and told."""
    case = decided(house, **more)
    actions.tell(case, "meeting", "en", by=house.actor("maja"), at=NOON)
    db.session.commit()
    return case


def below(house: House, **more: object) -> Engagement:
    """Proposed below the request; the points are noted and not sent."""
    return proposed(house, answered(house, started(house, **more), PV_03=Given.NOT_MET))


@pytest.fixture
def statements() -> Callable:
    """How many statements a block sends, savepoints and looks not counted."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection, _cursor, sql, *_rest) -> None:
            seen.append(sql) if sql.startswith("SELECT") else None

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return counting
