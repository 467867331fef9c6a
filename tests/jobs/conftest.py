"""Here huey is a real queue in its own store; the fixture lets go of its connection."""

from collections.abc import Iterator

import pytest

from partners.jobs.runner import Jobs
from tests.builders import House


@pytest.fixture
def jobs(house: House) -> Jobs:
    return house.app.extensions["jobs"]


@pytest.fixture
def queue_only(house: House) -> Iterator[Jobs]:
    """Jobs that are queued and not done at once."""
    jobs: Jobs = house.app.extensions["jobs"]
    jobs.huey.immediate = False
    yield jobs
    jobs.huey.storage.close()
