"""References: asked for by a one-time link, or written down after a call."""

from collections.abc import Mapping
from datetime import datetime

from partners.access.rules import NOBODY, Actor, require
from partners.access.table import Permission as P
from partners.accounts.actions.passes import one_time, use_up
from partners.accounts.models import Pass
from partners.accounts.queries import fingerprint
from partners.assessment.actions.working import Reply, answer
from partners.assessment.models import Answer, Engagement, Reference
from partners.assessment.queries import policy_of
from partners.assessment.rules.answers import Answer as Given
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record

KIND = "reference"  # of a pass, and the evidence of an answer that rests on a reference


def ask_referee(
    engagement: Engagement, item: str, who: str, *, by: Actor, at: datetime
) -> tuple[Reference, str]:
    """Make the one-time link for somebody who knows their work. Returns its secret as well."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    of = {"organisation_id": engagement.organisation_id, "engagement_id": engagement.id}
    secret = one_time(KIND, by=by, at=at, **of)
    made = _made(engagement, item, who, by, at)
    made.link = fingerprint(secret)
    record("reference.asked", made, by=by, at=at, item=item)
    return made, secret


def _made(engagement: Engagement, item: str, who: str, by: Actor, at: datetime) -> Reference:
    policy_of(engagement).items[item]
    made = Reference(
        organisation_id=engagement.organisation_id, engagement_id=engagement.id, item=item,
        who=who, asked_at=at, asked_by=by.id,
    )  # fmt: skip
    db.session.add(made)
    return made


def write_down(
    engagement: Engagement, item: str, who: str, answers: Mapping[str, str], *, by: Actor,
    at: datetime,
) -> Reference:  # fmt: skip
    """Write down what somebody said in a call."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    made = _made(engagement, item, who, by, at)
    made.by_call, made.answers, made.given_at = True, _said(answers), at
    record("reference.written", made, by=by, at=at, item=item)
    return made


def give_reference(
    reference: Reference, held: Pass, answers: Mapping[str, str], *, at: datetime
) -> None:
    """What comes in by a one-time link; the link is used up."""
    said = _said(answers)
    use_up(held, at=at)
    reference.answers, reference.given_at = said, at
    record("reference.given", reference, by=NOBODY, at=at)


def _said(answers: Mapping[str, str]) -> dict[str, str]:
    said = {asked: words for asked, words in answers.items() if words}
    if not said:
        raise Refusal(N_("Answer at least one of the questions."))
    return said


def rest_on(engagement: Engagement, reference: Reference, *, by: Actor, at: datetime) -> Answer:
    """Answer the question with what was said; a person presses this, no rule does."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    if reference.given_at is None:
        raise Refusal(N_("Nothing has come in yet."))
    said = Reply(Given.MET, evidence=KIND, source=reference.who,
                 answered_on=day_of(reference.given_at))  # fmt: skip
    return answer(engagement, reference.item, said, by=by, at=at)


def withdraw_reference(
    engagement: Engagement, reference: Reference, reason: str, *, by: Actor, at: datetime
) -> None:
    """Take back a wrong entry, or a link that went to the wrong place; its words go at once."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    reference.withdrawn_at, reference.withdrawn_because = at, reason
    reference.answers, reference.link = {}, None
    record("reference.withdrawn", reference, by=by, at=at, reason=reason)
