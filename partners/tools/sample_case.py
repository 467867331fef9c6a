"""One piece of work of the sample, a step at a time, and how it goes on after the decision."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from partners.assessment import actions
from partners.assessment.actions.noting import Found
from partners.assessment.actions.replying import replies_done
from partners.assessment.actions.rounds import needed
from partners.assessment.actions.starting import Wish
from partners.assessment.actions.working import Reply
from partners.assessment.models import Engagement
from partners.assessment.queries import points_of, policy_of, reply_items, standings
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.money import Payment
from partners.assessment.rules.moves import State
from partners.ground.clock import day_of
from partners.policy.values import Decider
from partners.tools import sample_papers as papers

if TYPE_CHECKING:
    from partners.tools.sample import Story

# How far each stage goes: the steps up to and with it.
STEPS = ("draft", "tell_level", "half", "answer", "propose", "send", "reply", "read", "decide",
         "confirm", "tell")  # fmt: skip
UNTIL = {
    "draft": "draft", "registered": "tell_level", "told_level": "tell_level", "half": "half",
    "proposed": "propose", "sent": "send", "read": "read", "to_confirm": "decide",
    "decided": "confirm", "told": "tell", "drafting": "tell", "signing": "tell", "in_force": "tell",
    "ending": "tell", "resting": "tell", "due": "tell", "declined": "tell_level",
    "closed": "tell_level",
}  # fmt: skip


@dataclass
class Case:
    """One engagement of the story, a step at a time; each step some days after the last."""

    story: "Story"
    row: dict[str, Any]
    step: int = 0
    engagement: Engagement = field(init=False)

    def when(self) -> datetime:
        """The steps share the days since the beginning, so that nothing lies in the future."""
        self.step += 1
        ago = float(self.row["ago"])
        return self.story.ago(max(ago * (1 - self.step / (len(STEPS) + 2)), 0.01))

    def by(self, short: str = "") -> dict[str, Any]:
        return {"by": self.story.actor(short or self.lead), "at": self.when()}

    @property
    def lead(self) -> str:
        return str(self.row.get("lead", "maja"))

    def do_draft(self) -> None:
        row, story = self.row, self.story
        wish = Wish(
            row["title"], row["purpose"], row["level"], kind=row["kind"], activity=row["activity"],
            in_kind=row.get("in_kind", ""), triggers=row.get("triggers", []),
        )  # fmt: skip
        due = day_of(story.now + timedelta(days=60))
        money = [Payment(self.paid(due), Decimal(amount)) for amount in row.get("money", [])]
        organisation = story.organisations[row["organisation"]]
        policy = story.app.extensions["policy"]
        self.engagement = actions.start(organisation, wish, money, policy, **self.by())

    def paid(self, due: date) -> date:
        return due if self.row["ago"] < 365 else due - timedelta(days=self.row["ago"])

    def do_tell_level(self) -> None:
        actions.tell_level(self.engagement, **self.by())

    def do_half(self) -> None:
        self._note()
        items = list(self._asked())
        self._answer(items[: len(items) // 2])

    def _note(self) -> None:
        for row in self.row.pop("found", ()):
            said_on = day_of(self.story.ago(row.pop("ago")))
            reader = self.story.people[row.pop("reader")]
            actions.note_found(self.engagement, Found(said_on=said_on, **row), reader, **self.by())

    def do_answer(self) -> None:
        self._answer(self._asked())

    def _asked(self) -> Iterator[str]:
        later = reply_items(policy_of(self.engagement))
        for standing in standings(self.engagement, day_of(self.story.now)):
            if standing.asked and standing.given is None and standing.item.id not in later:
                yield standing.item.id

    def _answer(self, items: Any) -> None:
        words, other = self.row.get("words", {}), self.row.get("answers", {})
        at = self.when()
        for item in list(items):
            said = Reply(
                Given(other.get(item, "met")),
                words=words.get(item, "As we said when we met."),
                evidence="conversation",
                source="Meeting",
            )
            actions.answer(self.engagement, item, said, by=self.story.actor(self.lead), at=at)

    def do_propose(self) -> None:
        actions.propose(self.engagement, good=self.row.get("good"), **self.by())

    def do_send(self) -> None:
        if any(reason["lowers"] for reason in self.engagement.round.computed["reasons"]):
            actions.send_points(self.engagement, **self.by())

    def do_reply(self) -> None:
        replies = self.row.get("replies", [])
        partner = self.story.partner(self.engagement.organisation) if replies else None
        for point, words in zip(points_of(self.engagement), replies, strict=False):
            actions.reply(self.engagement, point, words, by=partner, at=self.when())  # type: ignore[arg-type]

    def do_read(self) -> None:
        at = self.when()
        if State(self.engagement.state) is State.PROPOSED or replies_done(
            self.engagement, day_of(at)
        ):
            actions.read(self.engagement, by=self.story.actor("jonas"), at=at)

    def do_decide(self) -> None:
        # Otherwise than the answers lead to, where the sample says so and why.
        found = {**self.engagement.round.computed, **self.row.get("otherwise", {})}
        wanted = needed(self.engagement, found["level"], found["band"])
        minute = "City council, 3 November, item 7" if wanted.decide is Decider.COMMITTEE else ""
        actions.decide(
            self.engagement, found["level"], found["band"], reason=found.get("reason", ""),
            minute=minute, **self.by("karin"),
        )  # fmt: skip

    def do_confirm(self) -> None:
        if State(self.engagement.state) is State.PROPOSED:
            actions.confirm(self.engagement, **self.by("omar"))

    def do_tell(self) -> None:
        actions.tell(self.engagement, "portal", "en", **self.by())

    def enter(self) -> None:
        """Both sides sign, where the level has a paper."""
        if State(self.engagement.state) is State.TOLD:
            papers.paper(self, signed=("partner", "city"))

    def fall_due(self) -> None:
        self.enter()
        actions.fall_due(self.engagement, "review date", at=self.story.ago(3))


ENDINGS: dict[str, Callable[[Case], object]] = {
    "in_force": Case.enter,
    "drafting": papers.draft,
    "signing": lambda case: papers.paper(case, signed=("partner",)),
    "ending": papers.ending,
    "resting": papers.resting,
    "due": Case.fall_due,
    "declined": lambda case: actions.decline(
        case.engagement, by=case.story.partner(case.engagement.organisation), at=case.when()
    ),
    "closed": lambda case: actions.close(
        case.engagement, "The winter is over, and so is the café.", **case.by("karin")
    ),
}
