"""An engagement as the organisation may see it: nothing of a decision before it was told."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from flask_babel import gettext

from partners.assessment.letters import day
from partners.assessment.queries import policy_of, usable
from partners.assessment.rules.difference import Doing, difference
from partners.assessment.rules.moves import State
from partners.ground.words import N_
from partners.policy.values import Asker, Item, Policy
from partners.policy.words import Words

S = State
ASKING = (S.DRAFT, S.TALKING)
THEIRS = frozenset({Asker.PARTNER, Asker.BOTH})
STANDS = {
    S.DRAFT: N_("We are preparing it. Nothing is asked of you yet."),
    S.TALKING: N_("We are finding out together, question by question."),
    S.PROPOSED: N_("We are working on an answer."),
    S.DECIDED: N_("We are working on an answer."),
    S.REPLYING: N_("You can answer our points until %(day)s. Nothing is decided before that."),
    S.TOLD: N_("You have our letter of %(told)s. It takes effect when both sides have signed."),
    S.IN_FORCE: N_("In effect since %(agreed)s."),
    S.DUE: N_("It is time that we look at it together again. What runs, runs on."),
    S.PAUSED: N_("It is paused until %(paused)s. A pause is not a result."),
    S.DECLINED: N_("You chose another way. You may come back at any time."),
    S.CLOSED: N_("It has ended. The contact goes on."),
}


@dataclass(frozen=True)
class Sight:
    """One engagement with the newest round that was told, in one language."""

    engagement: Any
    language: str

    @cached_property
    def policy(self) -> Policy:
        return policy_of(self.engagement)

    @cached_property
    def words(self) -> Words:
        return self.policy.words(self.language)

    @property
    def state(self) -> State:
        return State(self.engagement.state)

    @cached_property
    def told(self) -> Any:
        """The newest round whose result the organisation was told; None when there is none."""
        return next((r for r in reversed(self.engagement.rounds) if r.told_at), None)

    @property
    def stands(self) -> str:
        """Where it stands, in a sentence."""
        e, this = self.engagement, self.engagement.round
        facts = {
            "day": day(this.reply_due),
            "told": day(self.told.told_at) if self.told else "",
            "agreed": day(e.agreed_on),
            "paused": day(e.paused_until),
        }
        return gettext(STANDS[self.state], **facts)

    @property
    def stated(self) -> str:
        """The state, where a decision that was not told looks like work that goes on."""
        return S.PROPOSED if self.state is S.DECIDED else self.state

    @property
    def supported(self) -> str:
        """The level that is supported, as far as the organisation was told."""
        return self.told.level if self.told else self.engagement.agreed_level

    @property
    def result(self) -> str:
        """What the result means, in a sentence; "" before it was told."""
        if not self.told:
            return ""
        outcome, band = self.words.outcome(self.told.outcome), self.words.band(self.told.band)
        support = gettext("Support now: %(band)s.", band=band.name)
        return f"{outcome.name}. {outcome.meaning} {support}"

    @property
    def open_conditions(self) -> list[Any]:
        """What must still happen, ours first, soonest due first."""
        rows = [c for c in self.told.conditions if c.is_open] if self.told else []
        return sorted(rows, key=lambda c: (c.side == "partner", c.due_on))

    def open_items(
        self, answers: Iterable[Any], today: date, sides: Container[Asker] = THEIRS
    ) -> list[Item]:
        """The questions that are these sides' to answer and have no answer that counts."""
        if self.state not in ASKING:
            return []
        e = self.engagement
        stand = sorted((a for a in answers if not a.withdrawn_at), key=lambda a: a.id)
        rows = usable(stand, e.id, Doing.of(self.policy, e.activity))
        asked = difference(self.policy, e.level, e.band, e.triggers, rows, today).asked
        return [item for item in asked if item.completed_by in sides]


def sights(engagements: Iterable[Any], language: str) -> list[Sight]:
    return [Sight(engagement, language) for engagement in engagements]


def item_title(item: str, found: Mapping[int, Sight], engagement_id: int) -> str:
    """What a question is called in the edition of its engagement; its code when it is unknown."""
    sight = found.get(engagement_id)
    if sight is None or item not in sight.policy.items:
        return item
    return sight.words.item(item).title
