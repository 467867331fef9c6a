"""Answers: given by either side, added and never changed, taken back with a reason."""

from dataclasses import dataclass
from datetime import date, datetime

from partners.access.rules import Actor, require
from partners.assessment.actions.moving import refuse_closed
from partners.assessment.actions.settling import written
from partners.assessment.actions.starting import member
from partners.assessment.models import Answer, Engagement
from partners.assessment.queries import newest_answers, policy_of, right_to
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.answers import offered
from partners.assessment.rules.difference import Why, line, renewal_of
from partners.ground.clock import day_of
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.policy.values import Asker, Item, Renewal, Strength


@dataclass(frozen=True)
class Reply:
    """What is said to one item. `evidence`: declaration, link, file, conversation or check."""

    given: Given
    words: str = ""
    evidence: str = ""
    link: str = ""
    source: str = ""
    upload_id: int | None = None
    answered_on: date | None = None


def answer(engagement: Engagement, item_id: str, said: Reply, *, by: Actor, at: datetime) -> Answer:
    """Record an answer to one item. Staff who answer a partner's item do so on its behalf."""
    policy = policy_of(engagement)
    item = policy.items[item_id]
    require(by, right_to(item), engagement)
    _refuse_what_does_not_fit(engagement, item, said, by)
    if by.is_staff:
        member(engagement, by, "member", at).worked = True
    row = {
        "answer": str(said.given), "words": said.words, "evidence": said.evidence,
        "link": said.link, "source": said.source, "upload_id": said.upload_id,
        "enhanced": _strength(engagement, item) is Strength.ENHANCED,
        "by_id": by.id or engagement.started_by,
        "on_behalf": by.is_staff and item.completed_by is Asker.PARTNER,
    }  # fmt: skip
    return written(engagement, item, said.answered_on or day_of(at), row, by=by, at=at)


def _refuse_what_does_not_fit(engagement: Engagement, item: Item, said: Reply, by: Actor) -> None:
    refuse_closed(engagement)
    if by.is_partner and item.completed_by not in (Asker.PARTNER, Asker.BOTH):
        raise Refusal(N_("This question is for the municipality to answer."))
    if said.given not in offered(item, _strength(engagement, item)):
        raise Refusal(N_("Choose one of the answers that are listed."), field=item.id)
    if not item.content and (said.words or said.link or said.upload_id):
        raise Refusal(N_("Only what was asked, when and on which ground is kept here."))
    if said.given is Given.NOT_RELEVANT and item.content and not said.words:
        raise Refusal(N_("Say in a sentence why it is not relevant here."), field=item.id)


def _strength(engagement: Engagement, item: Item) -> Strength:
    policy = policy_of(engagement)
    facts = policy.facts(engagement.triggers)
    return policy.strength(item, engagement.level, engagement.band, facts)


def confirm_carried(engagement: Engagement, item_id: str, *, by: Actor, at: datetime) -> Answer:
    """Confirm with one press that an answer given earlier still holds; its time begins anew."""
    item = policy_of(engagement).items[item_id]
    require(by, right_to(item), engagement)
    old = newest_answers(engagement.organisation_id, engagement.id).get(item_id)
    if old is None:
        raise Refusal(N_("There is no earlier answer to confirm. Please answer the question."))
    if renewal_of(item) is Renewal.ANEW:
        raise Refusal(N_("This is looked at anew. Please answer it as it is today."))
    if line(item, _strength(engagement, item), old, day_of(at)).why is Why.MORE:
        raise Refusal(N_("More is asked here than before. Please answer the additional part."))
    said = Reply(Given(old.answer), old.words, old.evidence, old.link, old.source, old.upload_id)
    return answer(engagement, item_id, said, by=by, at=at)


def withdraw_answer(
    engagement: Engagement, row: Answer, reason: str, *, by: Actor, at: datetime
) -> None:
    """Take back a wrong answer with a reason; the item is open again. Each side its own."""
    require(by, right_to(policy_of(engagement).items[row.item]), engagement)
    refuse_closed(engagement)
    if by.is_partner and by.side != row.side:
        raise Refusal(N_("The municipality gave this answer; ask your contact to take it back."))
    row.withdrawn_at, row.withdrawn_because = at, reason
    record("answer.withdrawn", row, by=by, at=at, item=row.item, reason=reason)
