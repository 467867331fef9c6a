"""The work in the background: a draft tried on everything that runs."""

from partners.assessment.trial import Trial
from partners.ground import clock
from partners.ground.db import db
from partners.jobs.models import Job
from partners.jobs.runner import Jobs, Steps
from partners.policy import shelf
from partners.policy.models import Draft

TRY = "editions.try"


def announce(jobs: Jobs) -> None:
    """Say which kind of work this room does."""
    jobs.kind(TRY, work)


def work(job: Job) -> Steps:
    """Try a draft. Nothing is written but what was found, at the end."""
    draft = db.session.get_one(Draft, job.args["draft"])
    trial = Trial(shelf.printing(draft.edition, draft.texts), clock.today())
    yield from trial.over_all()
    draft = db.session.get_one(Draft, job.args["draft"])
    draft.found = trial.found()
    return {}
