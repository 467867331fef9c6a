"""What the page of a result shows of one engagement to one actor, read once."""

from dataclasses import dataclass, replace
from typing import Any

from flask import g
from flask_babel import gettext

from partners.assessment.actions.replying import replies_done
from partners.assessment.actions.rounds import NO_PAPER, needed
from partners.assessment.blueprint import bp
from partners.assessment.letters import day, headline, would_change
from partners.assessment.models import ALL_REPLIED, NO_REPLY, Answer, Engagement
from partners.assessment.queries import (
    case_of,
    names_of,
    owes_reply,
    points_of,
    policy_of,
    reply_items,
    result_of,
    unheard,
)
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.deciders import Deciders
from partners.assessment.rules.explain import explain
from partners.assessment.rules.moves import OVER, State
from partners.assessment.rules.reach import Result
from partners.ground import clock
from partners.ground.clock import day_of
from partners.policy.values import Decider, Second, Strength
from partners.web.fields import language


@dataclass
class Sight:
    """What the page shows of one engagement to one actor, read once."""

    engagement: Engagement
    policy: Any
    words: Any
    found: Result
    lines: Any
    points: Any
    people: dict[int, str]

    @classmethod
    def of(cls, engagement: Engagement) -> "Sight":
        today, policy = clock.today(), policy_of(engagement)
        case = case_of(engagement, today)
        found = result_of(engagement, today, case)
        lines = explain(policy, case, found)
        points = list(points_of(engagement))
        if g.actor.is_partner:
            points = [p for p in points if p.sent_at]
        this = engagement.round
        ids = {this.prepared_by, this.read_by, this.decided_by, this.confirmed_by, this.told_by}
        ids |= {i for p in points for i in (p.noted_by, p.read_by, p.replied_by)}
        people = names_of(one for one in ids if one)
        words = policy.words(language())
        return cls(engagement, policy, words, found, lines, points, dict(people))

    @property
    def state(self) -> State:
        return State(self.engagement.state)

    @property
    def decided(self) -> bool:
        """Whether it is settled; what was decided stays so when the work rests or ends."""
        return bool(self.engagement.round.outcome)

    @property
    def over(self) -> bool:
        """Whether the work has ended."""
        return self.state in OVER

    @property
    def hidden(self) -> bool:
        """A decision that the organisation has not been told yet is not shown to it here first."""
        this = self.engagement.round
        was = State(self.engagement.paused_from or self.state)
        begun = was in (State.PROPOSED, State.DECIDED) or (self.over and this.prepared_at)
        return g.actor.is_partner and bool(begun) and not this.told_at

    @property
    def shown(self) -> Result:
        """What was decided stands for what was computed, once it is settled."""
        this = self.engagement.round
        if self.decided and this.level:
            return replace(self.found, level=this.level, band=this.band)
        return self.found

    @property
    def heading(self) -> str:
        if self.hidden:
            return gettext("It ended") if self.over else gettext("We are working on an answer")
        return headline(self.policy, self.shown, self.engagement.level, language())

    @property
    def because(self) -> list[str]:
        """The titles of what keeps the result below the request."""
        return [self.words.item(line.item).title for line in self.lines if line.limits]

    @property
    def levels(self) -> list[dict[str, Any]]:
        return ladder_levels(self.policy, language())

    @property
    def changes(self) -> list[str]:
        return would_change(self.policy, self.lines, language())

    @property
    def comes_with_reply(self) -> set[str]:
        """What is open until the organisation has answered the points, or had the time to."""
        return set(self.found.open) & set(reply_items(self.policy))

    @property
    def still_open(self) -> set[str]:
        """What is open and will not be answered by the organisation's reply."""
        return set(self.found.open) - self.comes_with_reply

    @property
    def wants_points(self) -> bool:
        """What was found in open sources falls short: a point says so in its exact words."""
        return any(li.limits and self.policy.items[li.item].finding for li in self.lines)

    @property
    def must_send(self) -> bool:
        """Something could count against the organisation, and it was not asked yet."""
        return owes_reply(self.engagement, self.found) or bool(unheard(self.engagement, self.found))

    @property
    def may_still_reply(self) -> bool:
        """A late answer counts until somebody decides."""
        this = self.engagement.round
        return self.state is State.PROPOSED and bool(this.reply_ended_at) and not this.decided_by

    @property
    def replies_done(self) -> bool:
        return replies_done(self.engagement, clock.today())

    @property
    def wanted(self) -> Deciders | None:
        found = self.found
        if found.level is None or found.band is None:
            return None
        return needed(self.engagement, found.level, found.band)

    @property
    def wants_reader(self) -> bool:
        wanted = self.wanted
        if wanted is None:
            return False
        asked = (line for line in self.lines if line.answer and line.strength >= Strength.REQUIRED)
        themes = {self.policy.items[line.item].theme for line in asked}
        return Second.READER in wanted.second or bool(themes & set(wanted.reads))

    @property
    def wants_committee(self) -> bool:
        return self.wanted is not None and self.wanted.decide is Decider.COMMITTEE

    @property
    def paper(self) -> bool:
        """Whether the supported level has a paper that both sides sign."""
        level = self.engagement.supported_level
        return bool(level) and self.policy.levels[level].instrument not in NO_PAPER

    @property
    def trail(self) -> list[dict[str, str]]:
        """Who did what in this round, in order."""
        this, org = self.engagement.round, self.engagement.organisation.name
        told = not g.actor.is_partner or this.told_at
        steps = [
            (this.prepared_by, this.prepared_at, "ours", gettext("%(who)s prepared")),
            (None, this.sent_at, "ours", gettext("The points were sent")),
            (None, max((p.replied_at for p in self.points if p.replied_at), default=None),
             "theirs", gettext("%(who)s replied")),
            (this.read_by, this.read_at, "ours", gettext("%(who)s read as a second person")),
            (this.decided_by if told else None, this.decided_at if told else None, "ours",
             gettext("%(who)s decided")),
            (this.confirmed_by if told else None, this.confirmed_at if told else None, "ours",
             gettext("%(who)s confirmed")),
            (this.told_by, this.told_at, "ours", gettext("%(who)s delivered the letter")),
        ]  # fmt: skip
        return [
            {"side": side, "text": text % {"who": self.people.get(who or 0, org)},
             "note": day(day_of(at))}
            for who, at, side, text in steps if at
        ]  # fmt: skip


def ladder_levels(policy: Any, tongue: str) -> list[dict[str, Any]]:
    """The policy's levels as the ladder macro wants them."""
    words = policy.words(tongue)
    return [
        {"id": level.id, "rank": level.rank, "name": words.level(level.id).name,
         "meaning": words.level(level.id).meaning, "floor": level.id == policy.floor.id}
        for level in policy.levels.values()
    ]  # fmt: skip


def about(point: Any, words: Any) -> list[tuple[str, str]]:
    """What belongs to a point from an open source beside its words, as pairs to show."""
    pairs = [
        (gettext("In translation"), point.translation),
        (gettext("Translation checked by"), point.checked_by),
        (gettext("Who, in which role"), words.attribution(point.role).name if point.role else ""),
        (gettext("What stood around it"), point.context),
        (gettext("What the organisation did afterwards"), point.afterwards),
    ]
    return [pair for pair in pairs if pair[1]]


def answer_word(given: Given | None) -> str:
    """How an answer is called on a page."""
    words = {
        Given.MET: gettext("met"),
        Given.ENHANCED_MISSING: gettext("met, without the additional part"),
        Given.PARTLY: gettext("partly"),
        Given.NOT_MET: gettext("not yet"),
        Given.NOT_RELEVANT: gettext("not relevant"),
    }
    return words[given] if given else gettext("open")


@bp.app_template_global("words_of")
def words_of(answer: Answer) -> str:
    """The words of an answer as typed; what the house itself wrote, in the reader's language."""
    return gettext(answer.words) if answer.words in (NO_REPLY, ALL_REPLIED) else answer.words


def named_facts(facts: Any, words: Any) -> dict[str, Any]:
    """The facts of an explanation with the policy's names in the place of ids."""
    names = {"level": words.level, "band": words.band}
    return {k: names[k](v).name if k in names else v for k, v in facts.items()}
