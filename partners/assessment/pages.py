"""What the pages of an engagement say: what a request asks, where it stands, whose move it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import format_decimal, gettext, ngettext

from partners.access.rules import CLOCK, Actor
from partners.assessment.models import Engagement, Support
from partners.assessment.queries import ASK_DAYS, Standing, policy_of, reply_items, weighed
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.money import Payment
from partners.assessment.rules.moves import ANSWERING, State
from partners.ground.clock import day_of
from partners.ground.words import N_
from partners.policy.values import LOWERING, AnswerType, Asker, Band, Item, Policy

# Whose task an item is, as the marks of a page call it.
SIDES = {Asker.PARTNER: "theirs", Asker.BOTH: "both", Asker.STAFF: "ours", Asker.MANAGER: "ours"}


def side_of(item: Item) -> str:
    return SIDES[item.completed_by]


# Where an engagement stands, and whose move it is.
STANDS = {
    State.DRAFT: (N_("Begun"), "ours"),
    State.TALKING: (N_("Questions are open"), "both"),
    State.PROPOSED: (N_("Somebody reads or decides"), "ours"),
    State.REPLYING: (N_("They may answer the points"), "theirs"),
    State.DECIDED: (N_("They are told"), "ours"),
    State.TOLD: (N_("Both sides sign"), "both"),
    State.IN_FORCE: (N_("In force"), "both"),
    State.DUE: (N_("Look at it again"), "ours"),
    State.PAUSED: (N_("Paused"), "ours"),
    State.DECLINED: (N_("They chose another way"), "theirs"),
    State.CLOSED: (N_("Ended"), "ours"),
}


def sum_of(amount: Decimal, currency: str) -> str:
    """An amount as the reader's language writes it."""
    return f"{format_decimal(amount, '#,##0.##')} {currency}"


@dataclass(frozen=True)
class Effect:
    """What more support does: the band now and then, the sum, and what is asked more."""

    policy: Policy
    now: Band
    then: Band
    total: Decimal
    more: tuple[Item, ...]

    @classmethod
    def of(cls, case: Engagement, every: Sequence[Support], form: Any) -> "Effect":
        """As `form` is filled in so far."""
        policy, kind = policy_of(case), form.kind.data
        due, amount = form.due.data, form.amount.amount if kind == "money" else None
        ready = kind == "in_kind" or (due and amount)
        now, _sum = weighed(policy, every, case.id)
        added = [Payment(due or date.max, amount)] if ready else []
        then, total = weighed(policy, every, case.id, added)
        asked = policy.asked(case.level, now.id, case.triggers)
        more = (i for i in policy.asked(case.level, then.id, case.triggers) if i not in asked)
        return cls(policy, now, then, total, tuple(more))

    @property
    def theirs(self) -> int:
        return sum(1 for item in self.more if side_of(item) == "theirs")


_WORDS = {
    Given.ENHANCED_MISSING: N_("Without the added part"),
    Given.PARTLY: N_("Partly"),
    Given.NOT_MET: N_("Not yet"),
    Given.NOT_RELEVANT: N_("Not relevant"),
}
_MET = {
    AnswerType.STAFF_CHECK: N_("Done"),
    AnswerType.CONVERSATION: N_("Talked about"),
    AnswerType.DECLARATION: N_("Declared"),
    AnswerType.GRADE: N_("In place"),
    AnswerType.DOCUMENT: N_("In place"),
    AnswerType.DOCUMENT_OR_REASON: N_("In place"),
    AnswerType.SIGNATURE: N_("In place"),
}
_LOOKED_UP = {Given.MET: N_("Nothing found"), Given.NOT_MET: N_("Something found")}


def answer_words(item: Item) -> Mapping[Given, str]:
    """What each answer to this item is called, in the order of a form; gettext ids."""
    looked_up = item.answer_type is AnswerType.STAFF_CHECK and item.effect in LOWERING
    met = {Given.MET: _MET.get(item.answer_type, N_("Answered"))}
    return met | _WORDS | (_LOOKED_UP if looked_up else {})


@dataclass(frozen=True)
class Task:
    """The items of one bundle, as a task; `mine` are the open ones that wait for whoever looks, and
    `minutes` says about how long these take.

    `voluntary` may be answered as well; it is not counted among the rows and changes nothing.
    """

    bundle: str
    rows: tuple[Standing, ...]
    mine: tuple[Standing, ...]
    voluntary: tuple[Standing, ...]
    minutes: int

    @property
    def open(self) -> tuple[Standing, ...]:
        return tuple(row for row in self.rows if row.asked and not row.current)

    @property
    def waits_for(self) -> str:
        """Whom of the municipality its open items wait for: team, manager, or "" for nobody."""
        ours = {row.item.completed_by for row in self.open if side_of(row.item) != "theirs"}
        return "" if not ours else "manager" if ours == {Asker.MANAGER} else "team"

    @property
    def side(self) -> str:
        """The side that has most of it."""
        sides = [side_of(row.item) for row in self.rows or self.voluntary]
        return max(("both", "theirs", "ours"), key=sides.count)


def tasks_of(
    policy: Policy, rows: Sequence[Standing], actor: Actor, leave: Callable[[Item], bool]
) -> list[Task]:
    """A task for each bundle that has one of these rows. `leave`: what the actor may answer."""
    away = "ours" if actor.is_partner else "theirs"
    later = reply_items(policy)  # because the reply to the points answers them, nobody is asked
    open_now = [r for r in rows if r.asked and not r.current]
    mine = [r for r in open_now if side_of(r.item) != away and leave(r.item)
            and (r.answer or r.item.id not in later)]  # fmt: skip
    counted = [r for r in rows if r.answer or (r.asked and r.item.id not in later)]
    besides = [r for r in rows if not r.asked and not r.answer]
    tasks = []
    for bundle in policy.bundles:
        asked, waits, also = (tuple(r for r in part if r.item.bundle == bundle)
                              for part in (counted, mine, besides))  # fmt: skip
        minutes = policy.minutes(row.item for row in waits)[actor.is_staff]
        tasks.append(Task(bundle, asked, waits, also, minutes))
    return [task for task in tasks if task.rows or task.voluntary]


@dataclass(frozen=True)
class Standpoint:
    """Where an engagement stands for one who looks."""

    engagement: Engagement
    tasks: Sequence[Task]
    actor: Actor

    @property
    def state(self) -> State:
        return State(self.engagement.state)

    @property
    def open_for_answers(self) -> bool:
        return self.state in ANSWERING

    @property
    def items(self) -> list[Standing]:
        return [row for task in self.tasks for row in task.rows if row.asked]

    @property
    def open(self) -> list[Standing]:
        return [row for task in self.tasks for row in task.open]

    @property
    def mine(self) -> int:
        return sum(len(task.mine) for task in self.tasks)

    @property
    def first_task(self) -> Task | None:
        """Where something waits for whoever looks, else for the other side."""
        waiting = sorted((task for task in self.tasks if task.open), key=lambda task: not task.mine)
        return waiting[0] if waiting else None

    @property
    def heading(self) -> str:
        if told := HEADINGS.get(self.state):
            partner = self.actor.is_partner and len(told) > 1
            return gettext(told[partner], who=self.engagement.organisation.name)
        if not self.open:
            return gettext("Everything is answered")
        if self.actor.is_partner:
            if not self.mine:
                return gettext("Nothing waits for you")
            return ngettext(
                "One question waits for you", "%(num)d questions wait for you", self.mine
            )
        sides = [side_of(row.item) for row in self.open]
        parts = [gettext(text, n=sides.count(s)) for s, text in OPEN_WITH.items() if s in sides]
        return ngettext(
            "One of %(of)s items is open: %(parts)s", "%(num)d of %(of)s items are open: %(parts)s",
            len(sides), of=len(self.items), parts=", ".join(parts),
        )  # fmt: skip


OPEN_WITH = {"ours": N_("%(n)s ours"), "theirs": N_("%(n)s theirs"), "both": N_("%(n)s together")}
# For each state the heading for staff, then, where it differs, for the organisation.
HEADINGS: Mapping[State, tuple[str, ...]] = {
    State.DRAFT: (N_("Begun, and not yet told to %(who)s"), N_("We would like to talk with you")),
    State.PROPOSED: (N_("A result is proposed; somebody else decides"),
                     N_("We are working on an answer")),
    State.REPLYING: (N_("%(who)s answers the points first"),
                     N_("Please read the points, and answer them")),
    State.DECIDED: (N_("It is decided; the letter is still to be delivered"),
                    N_("We are working on an answer")),
    State.TOLD: (N_("Decided, and the letter is delivered"), N_("You have our letter")),
    State.IN_FORCE: (N_("In force"),),
    State.DUE: (N_("Time to look at it again"), N_("We look at it again soon")),
    State.PAUSED: (N_("Paused; a pause is not a result"),),
    State.DECLINED: (N_("%(who)s has chosen another way"),
                     N_("You have chosen another way; the door stays open")),
    State.CLOSED: (N_("This work has ended; the contact goes on"),),
}  # fmt: skip

# What history says, in the words of a page. What is not named here is not shown in the trail.
TRAIL: Mapping[str, str] = {
    "start": N_("began this"), "tell_level": N_("said the level out loud"),
    "change": N_("changed the request"), "joined": N_("took part"),
    "stepped_aside": N_("stepped aside"), "propose": N_("proposed a result"),
    "take_back": N_("took the proposal back"), "send": N_("sent the points for reply"),
    "read": N_("read it as a second person"), "decided": N_("decided"),
    "confirmed": N_("confirmed the decision"), "tell": N_("delivered the letter"),
    "enter": N_("put it into effect"), "fall_due": N_("noted that it is due"),
    "begin_again": N_("began a new round"),
    "reused": N_("used again what is still valid"), "pause_asked": N_("asked for a pause"),
    "pause": N_("paused it"), "resume": N_("went on with it"),
    "outside_asked": N_("wrote down a decision from outside the assessment"),
    "outside": N_("confirmed a decision from outside the assessment"),
    "outside_dropped": N_("did not confirm the decision from outside"),
    "decline": N_("chose another way"), "return": N_("came back"), "close": N_("ended it"),
}  # fmt: skip
_NOT_TOLD_YET = ("decided", "confirmed", "read")
# What waits for a second manager is the municipality's own until it is confirmed.
_ASKED = ("pause_asked", "outside_asked", "outside_dropped")
_PAUSES = ("pause_asked", "pause", "resume", "close")
_OUTSIDE = ("outside_asked", "outside", "outside_dropped", "close")


def _what(entry: Any) -> str:
    return entry.what.removeprefix("engagement.")


def doer(entry: Any) -> str:
    """Who did it: a person by name; what falls due by itself, nobody."""
    return gettext("The clock") if entry.by_name == CLOCK.name else entry.by_name


def trail_of(engagement: Engagement, entries: Sequence[Any], actor: Actor) -> list[dict[str, Any]]:
    """Who did what, oldest first. A decision is told by letter before it shows here."""
    early = actor.is_partner and State(engagement.state) in (State.PROPOSED, State.DECIDED)
    return [
        {
            "side": "theirs" if entry.by_side == "partner" else "ours", "on": entry.at,
            "text": f"{doer(entry)} {gettext(TRAIL[_what(entry)])}",
            "note": entry.facts.get("purpose") or entry.facts.get("reason") or "",
        }
        for entry in reversed(entries)
        if _what(entry) in TRAIL and not (early and _what(entry) in _NOT_TOLD_YET)
        and not (actor.is_partner and _what(entry) in _ASKED)
    ]  # fmt: skip


def pause_asked(entries: Sequence[Any], today: date) -> Any:
    """The request for a pause that waits for a second manager."""
    return _waiting(entries, _PAUSES, today)


def outside_asked(entries: Sequence[Any], today: date) -> Any:
    """The decision from outside that waits for a manager of another department."""
    return _waiting(entries, _OUTSIDE, today)


def _waiting(entries: Sequence[Any], among: Sequence[str], today: date) -> Any:
    newest = next((e for e in entries if _what(e) in among), None)
    waits = newest is not None and _what(newest) == among[0]
    return newest if newest and waits and (today - day_of(newest.at)).days < ASK_DAYS else None
