"""The room's work beside the pages: files that nobody holds are taken away once an hour."""

from pathlib import Path
from typing import Any

from flask import Blueprint

from partners.ground import clock
from partners.jobs.models import Job
from partners.jobs.runner import Jobs
from partners.uploads.actions import sweep

bp = Blueprint("uploads", __name__)
MINUTE = 17  # of each hour


def announce(jobs: Jobs, folder: Path) -> None:
    """Tell the house's workers of the sweep."""

    def sweep_hourly(job: Job) -> dict[str, Any]:
        its_turn = job.created_at.minute == MINUTE  # however late a worker comes to it
        return {"taken": sweep(folder, at=clock.now()) if its_turn else 0}

    jobs.kind("uploads.sweep", sweep_hourly, every_minute=True)
