"""From a proposed result to the letter. The rules find; people decide, and never their own work."""

from datetime import datetime, timedelta

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.assessment.actions.moving import alone, enter_into_force, move, use_again
from partners.assessment.actions.noting import (
    empty_unused,
    founding,
    note_again,
    refuse_unfounded,
    repeat_answer,
)
from partners.assessment.actions.replying import read_again
from partners.assessment.actions.starting import member
from partners.assessment.models import Condition, Engagement
from partners.assessment.pace import taken
from partners.assessment.queries import (
    computed,
    newest_answers,
    points_of,
    policy_of,
    reply_items,
    unheard,
)
from partners.assessment.rules.deciders import Deciders, Hands, Person, deciders_on, four_eyes
from partners.assessment.rules.moves import State, Verb
from partners.assessment.rules.reach import Result
from partners.assessment.rules.review import review_on
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.policy.values import Decider, Outcome

NO_PAPER = ("none", "note")


def propose(
    engagement: Engagement, *, open_named: str = "", good: list[str] | None = None,
    by: Actor, at: datetime,
) -> Result:  # fmt: skip
    """Put the computed result before those who decide. Open items must be named with a reason."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    policy, found = policy_of(engagement), computed(engagement, day_of(at))
    later = set(reply_items(policy))
    if set(found.open) - later and not open_named:
        raise Refusal(
            N_("%(number)s items are still open. Answer them, or say why it goes on without."),
            field="open_named",
            number=len(set(found.open) - later),
        )
    refuse_unfounded(engagement, day_of(at))
    move(engagement, Verb.PROPOSE, by=by, at=at, outcome=str(found.outcome))
    this = engagement.round
    this.asked_for = engagement.request
    this.computed, this.open_named, this.good = found.to_dict(), open_named, list(good or [])
    this.prepared_by, this.prepared_at = by.id, at
    member(engagement, by, "preparer", at).worked = True
    _draft_points(engagement, found, by=by, at=at)
    use_again(engagement, by=by, at=at)
    return found


def _draft_points(engagement: Engagement, found: Result, *, by: Actor, at: datetime) -> None:
    """A point for each thing that lowers the result: what was found, or the answer's own words."""
    noted = {p.item for p in points_of(engagement)}
    answers = newest_answers(engagement.organisation_id, engagement.id)
    words = policy_of(engagement).words("en")
    for reason in found.reasons:
        if reason.lowers and reason.item not in noted:
            row, earlier = answers.get(reason.item), founding(engagement, reason.item, day_of(at))
            if earlier:
                note_again(engagement, earlier, by=by, at=at)
                continue
            said = (row.words if row else "") or words.item(reason.item).title
            repeat_answer(engagement, reason.item, said, row.source if row else "", by=by, at=at)


def take_back(engagement: Engagement, reason: str, *, by: Actor, at: datetime) -> None:
    """Go back to the conversation before anything is decided."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    this = engagement.round
    if this.decided_by:
        raise Refusal(N_("A decision is waiting to be confirmed; it must be handed back first."))
    move(engagement, Verb.TAKE_BACK, by=by, at=at, reason=reason)
    _open_again(engagement)


def _open_again(engagement: Engagement) -> None:
    this = engagement.round
    read_again(engagement)
    this.prepared_by = this.prepared_at = None


def send_back(engagement: Engagement, reason: str, *, by: Actor, at: datetime) -> None:
    """Whoever is to decide sends the proposal back with what is missing."""
    require(by, P.ENGAGEMENT_DECIDE, engagement)
    if not reason:
        raise Refusal(N_("Say what is missing, so that it can be mended."), field="missing")
    move(engagement, Verb.TAKE_BACK, by=by, at=at, reason=reason)
    _open_again(engagement)


def needed(engagement: Engagement, level: str, band: str) -> Deciders:
    """Who has to decide on this level and band, given what was computed."""
    found = Result.from_dict(engagement.round.computed)
    return deciders_on(policy_of(engagement), found, level, band)


def decide(
    engagement: Engagement, level: str, band: str, *, reason: str = "", minute: str = "",
    by: Actor, at: datetime,
) -> None:  # fmt: skip
    """Decide. Another result than the computed one takes a written reason and a second manager."""
    require(by, P.ENGAGEMENT_DECIDE, engagement)
    policy, this = policy_of(engagement), engagement.round
    if State(engagement.state) is not State.PROPOSED or this.decided_by:
        raise Refusal(N_("This is not waiting for a decision."))
    found = Result.from_dict(this.computed)
    if found.outcome is Outcome.NOT_DETERMINED:
        raise Refusal(N_("Something is still open, or the points are not answered yet."))
    if unheard(engagement, found):
        raise Refusal(N_("The organisation could not answer every point yet. Send it first."))
    floor = min(policy.floor.rank, policy.levels[engagement.level].rank)
    if policy.levels[level].rank < floor:
        raise Refusal(N_("Dialogue is always open; no decision goes below it."), field="level")
    wanted = needed(engagement, level, band)
    differs = (level, band) != (found.level, found.band)
    if differs and not reason:
        sentence = N_("Write why you decide otherwise than the answers lead to.")
        raise Refusal(sentence, field="reason")
    if wanted.decide is Decider.COMMITTEE and not minute:
        raise Refusal(
            N_("A committee decides this. Enter its name, the date and the minute reference."),
            field="minute",
        )
    alone(engagement)
    this.level, this.band, this.reason, this.minute = level, band, reason, minute
    this.decided_by, this.decided_at = by.id, at
    member(engagement, by, "decider", at).worked = True
    _refuse_same_hands(engagement, wanted, confirming=False)
    record("engagement.decided", engagement, by=by, at=at, level=level, band=band, differs=differs)
    if not wanted.confirmed:
        _settle(engagement, by=by, at=at)


def _refuse_same_hands(engagement: Engagement, wanted: Deciders, *, confirming: bool) -> None:
    db.session.flush()
    answered = {policy_of(engagement).items[i].theme for i in _answered(engagement)}
    reads = bool(answered & set(wanted.reads))
    if any(p.read_by == engagement.round.decided_by for p in points_of(engagement)):
        raise Refusal(N_("You were the second reader of a point. Somebody else decides."))
    sentences = four_eyes(wanted, hands(engagement), reads)
    if not confirming:
        later = {N_("A manager has to confirm it.")}
        sentences = tuple(s for s in sentences if s not in later)
    if sentences:
        raise Refusal(sentences[0])


def _answered(engagement: Engagement) -> list[str]:
    """What is asked and answered; an answer that nobody had to give asks for no second reader."""
    asked = policy_of(engagement).asked(engagement.level, engagement.band, engagement.triggers)
    rows = newest_answers(engagement.organisation_id, engagement.id)
    return [item.id for item in asked if item.id in rows]


def hands(engagement: Engagement) -> Hands:
    """Who prepared, read, decided and confirmed this round, as the rules look at people."""
    this = engagement.round
    return Hands(
        _person(engagement, this.prepared_by),
        _person(engagement, this.read_by),
        _person(engagement, this.decided_by),
        _person(engagement, this.confirmed_by),
    )


def _person(engagement: Engagement, account_id: int | None) -> Person | None:
    if account_id is None:
        return None
    account = db.session.get_one(Account, account_id)
    return Person(
        account.id,
        account.department_id,
        frozenset(account.roles),
        stepped_aside=bool(engagement.stepped_aside(account.id)),
    )


def confirm(engagement: Engagement, *, by: Actor, at: datetime) -> None:
    """A manager of another department confirms a decision that takes two."""
    require(by, P.ENGAGEMENT_CONFIRM, engagement)
    this = engagement.round
    if State(engagement.state) is not State.PROPOSED or not this.decided_by:
        raise Refusal(N_("There is no decision to confirm."))
    alone(engagement)
    this.confirmed_by, this.confirmed_at = by.id, at
    member(engagement, by, "decider", at).worked = True
    _refuse_same_hands(engagement, needed(engagement, this.level, this.band), confirming=True)
    record("engagement.confirmed", engagement, by=by, at=at)
    _settle(engagement, by=by, at=at)


def hand_back(engagement: Engagement, reason: str, *, by: Actor, at: datetime) -> None:
    """Not confirmed: the decision goes back to whoever proposed it, with a reason."""
    require(by, P.ENGAGEMENT_CONFIRM, engagement)
    this = engagement.round
    if State(engagement.state) is not State.PROPOSED or not this.decided_by:
        raise Refusal(N_("There is no decision to hand back."))
    alone(engagement)
    this.decided_by = this.decided_at = None
    this.level = this.band = this.reason = this.minute = ""
    record("engagement.handed_back", engagement, by=by, at=at, reason=reason)


def _settle(engagement: Engagement, *, by: Actor, at: datetime) -> None:
    """The decision stands: what is supported, until when, and on which conditions."""
    policy, this = policy_of(engagement), engagement.round
    found = Result.from_dict(this.computed)
    move(engagement, Verb.DECIDE, by=by, at=at, level=this.level, band=this.band)
    differs = (this.level, this.band) != (found.level, found.band)
    this.outcome = str(_outcome(engagement) if differs else found.outcome)
    this.review_on = review_on(policy, found, day_of(at))
    engagement.supported_level, engagement.supported_band = this.level, this.band
    engagement.supported_on, engagement.review_on = day_of(at), this.review_on
    empty_unused(engagement, by=by, at=at)
    for earlier in (c for old in engagement.rounds[:-1] for c in old.conditions if c.is_open):
        earlier.replaced_on = day_of(at)  # what is still lacking, this decision asks anew
    words = policy.words("en")
    for condition in found.conditions:
        text = words.item(condition.item)
        this.conditions.append(
            Condition(
                engagement_id=engagement.id,
                item=condition.item,
                side=str(condition.owner),
                text=text.enhanced_adds if condition.enhanced_only else text.title,
                due_on=day_of(at) + timedelta(days=condition.grace_days),
                owner_id=None if str(condition.owner) == "partner" else engagement.started_by,
            )  # fmt: skip
        )


def _outcome(engagement: Engagement) -> Outcome:
    this = engagement.round
    if this.level != engagement.level:
        return Outcome.DIALOGUE
    return Outcome.SUPPORTED if this.band == engagement.band else Outcome.LOWER_BAND


def tell(engagement: Engagement, way: str, language: str, *, by: Actor, at: datetime) -> None:
    """Deliver the letter: how, when, in which language. Without a paper to sign it takes effect."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    took = taken(engagement, at)
    move(engagement, Verb.TELL, by=by, at=at, way=way, language=language, **took)
    this = engagement.round
    this.told_at, this.told_by, this.told_way, this.told_language = at, by.id, way, language
    if policy_of(engagement).levels[engagement.supported_level].instrument in NO_PAPER:
        enter_into_force(engagement, by=by, at=at)
