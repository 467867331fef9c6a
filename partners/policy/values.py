"""What a policy consists of. Frozen values and the closed lists that the code has rules for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any

from partners.policy.words import Words


class Strength(IntEnum):
    """How firmly an item is asked; the stricter of its level rule and its band rule counts."""

    NONE = 0
    OPTIONAL = 1
    REQUIRED = 2
    ENHANCED = 3


# What follows while an item falls short. Each one has its rule in the engine.
Effect = StrEnum("Effect", "NOTE CONDITION HOLD FUND NO_DATA CAP STOP")

# The only effects that may lower a result.
LOWERING = frozenset({Effect.FUND, Effect.CAP, Effect.STOP})

# What a shortfall touches, and with what an answer is kept.
Scope = StrEnum("Scope", "ORGANISATION ENGAGEMENT ACTIVITY")
# Whose task it is.
Party = StrEnum("Party", "PARTNER CITY BOTH")
# How an earlier answer is confirmed: with others at once, by a press of its own, or answered anew.
Renewal = StrEnum("Renewal", "TOGETHER ALONE ANEW")
# Who fills an answer in.
Asker = StrEnum("Asker", "PARTNER STAFF BOTH MANAGER")


class AnswerType(StrEnum):
    """What an answer looks like on the form."""

    TEXT = "text"
    CHOICE = "choice"
    CONVERSATION = "conversation_record"
    DECLARATION = "declaration"
    SIGNATURE = "signature_or_document"
    GRADE = "met_partly_not"
    LIST = "list"
    FORM = "form"
    DOCUMENT_OR_REASON = "document_or_reason"
    DOCUMENT = "document"
    STAFF_CHECK = "staff_check"
    YES_NO = "yes_no"
    DATE = "date"
    REFERENCE = "reference"


class Outcome(StrEnum):
    """What a round can end in (3-outcomes 3.2)."""

    REGISTERED = "registered"
    SUPPORTED = "supported"
    CONDITIONS = "supported_conditions"
    LOWER_BAND = "supported_lower_band"
    DIALOGUE = "supported_dialogue"
    NOT_DETERMINED = "not_determined"
    DECLINED = "declined_by_partner"
    DUE = "due"


# What kind of support a band stands for.
BandKind = StrEnum("BandKind", "NONE IN_KIND MONEY")
# Situations that have a row of their own among the deciders.
When = StrEnum("When", "BELOW_REQUEST STOP OVERRIDE POLICY_CHANGE")
# Who decides, least first. A committee decides in its own meeting; a manager records it.
Decider = StrEnum("Decider", "NONE LIAISON MANAGER COMMITTEE")


class Second(StrEnum):
    """Who else has to look before the decision counts."""

    READER = "reader_not_involved"
    MANAGER = "manager"
    OTHER_DEPARTMENT = "manager_other_department"


@dataclass(frozen=True)
class Level:
    id: str
    rank: int
    instrument: str
    review_months: int
    assessed_without_support: bool = True


@dataclass(frozen=True)
class Band:
    """`floor` is the sum at which a money band begins, that sum included."""

    id: str
    rank: int
    kind: BandKind
    floor: Decimal = Decimal(0)
    review_months: int | None = None


@dataclass(frozen=True)
class Trigger:
    id: str
    about: str
    set_by: str | None = None
    implies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """One question. `strengths`: the stricter of its level rule and its band rule at every pair."""

    id: str
    theme: str
    bundle: str
    answer_type: AnswerType
    completed_by: Asker
    remedy_owner: Party
    scope: Scope
    kept_with: Scope
    levels: Mapping[str, Strength]
    bands: Mapping[str, Strength]
    strengths: Mapping[tuple[str, str], Strength]
    effect: Effect
    valid_months: int
    minutes: tuple[int, int]
    sources: tuple[str, ...]
    enhanced_owner: Party
    max_level: str | None = None
    max_band: str | None = None
    grace_days: int | None = None
    trigger: str | None = None
    retired: bool = False
    content: bool = True  # False: that it was asked, when and on which ground; never what was said
    looks_up: str = ""  # where it is looked up: "lists"; whatever comes of it is settled there
    renewal: Renewal | None = None
    finding: bool = False
    reads: str | None = None  # "feeds": answered with the reading list

    @property
    def lowers(self) -> bool:
        """Whether a shortfall can lower the result of the engagement."""
        return self.scope is Scope.ORGANISATION and self.effect in LOWERING

    @property
    def is_declaration(self) -> bool:
        return self.answer_type is AnswerType.DECLARATION


@dataclass(frozen=True)
class DeciderRow:
    """Fits from a level or a band upwards, or in one situation; exactly one of the three is set."""

    prepare: str
    decide: Decider
    from_level: str | None = None
    from_band: str | None = None
    when: When | None = None
    second: Second | None = None
    reads: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of organisation, engagement or activity. It sorts and suggests; no rule reads it.

    `carries`: two works of this kind of activity are about the same one.
    """

    id: str
    form: str = ""
    triggers: tuple[str, ...] = ()
    carries: bool = True


@dataclass(frozen=True)
class Kinds:
    organisation: tuple[Kind, ...]
    engagement: tuple[Kind, ...]
    activity: tuple[Kind, ...]


@dataclass(frozen=True)
class Source:
    """Where a question comes from; `language` is that of its `text`, else the policy's own."""

    id: str
    text: str
    where: str
    language: str = ""


@dataclass(frozen=True)
class Example:
    """A case that was thought through: what is asked for and answered, and what must come out."""

    case: str
    request: Mapping[str, str]
    triggers: tuple[str, ...]
    answers: Mapping[str, str]
    expect: Mapping[str, object]


# What the clock deletes after a time that the policy names (data protection paper, 6.4).
KEPT = ("connector_contact", "left_office", "call_note", "reference", "charter_offer",
        "reading_entry")  # fmt: skip
# Of what editions before did not speak, and for how many months it is kept under these.
KEPT_LATER: Mapping[str, int] = {"assessment": 24, "assessment_funded": 60, "result_below": 24,
                                 "statement": 60, "contact": 24, "charter_signer": 60,
                                 "log": 60}  # fmt: skip


@dataclass(frozen=True)
class Head:
    """The periods of the policy, in days or months as the names say.

    Notices are days from the day on which something is due, below 0 before it.
    """

    id: str
    version: str
    status: str
    language: str
    time_zone: str
    reply_days: int
    reminder_days: int
    decision_days: int
    max_open_days: int
    statement_lookback_months: int
    statement_max_age_months: int
    conditions_review_months: int
    stop_review_months: int
    review_notices: tuple[int, ...]
    condition_notices: tuple[int, ...]
    keep_months: Mapping[str, int]


@dataclass(frozen=True)
class Policy:
    """One edition. Mappings keep the order of the files, lowest level and least support first."""

    version: str
    head: Head
    floor: Level
    currency: str
    window_months: int
    levels: Mapping[str, Level]
    bands: Mapping[str, Band]
    themes: tuple[str, ...]
    bundles: tuple[str, ...]
    triggers: Mapping[str, Trigger]
    attributions: Mapping[str, bool]
    items: Mapping[str, Item]
    deciders: tuple[DeciderRow, ...]
    kinds: Kinds
    sources: Mapping[str, Source]
    examples: tuple[Example, ...]
    books: Mapping[str, Mapping[str, object]]
    # Not a part of what the policy says: a changed copy begins with an empty one.
    memory: dict[Any, Any] = field(
        default_factory=dict[Any, Any], init=False, compare=False, repr=False
    )

    def band_for(self, money: Decimal, in_kind: bool) -> Band:
        """The band of a sum of money; the lower edge counts. Raises ValueError below zero.

        Help in kind beside money leaves the band where the money puts it.
        """
        if not money.is_finite() or money < 0:
            raise ValueError("a sum of money is a number, and not below zero")
        kind = BandKind.MONEY if money else BandKind.IN_KIND if in_kind else BandKind.NONE
        fitting = [b for b in self.bands.values() if b.kind is kind and b.floor <= money]
        return fitting[-1]

    def facts(self, triggers: Iterable[str]) -> frozenset[str]:
        """The triggers, with everything that they bring with them."""
        known: set[str] = set()
        waiting = list(triggers)
        while waiting:
            one = waiting.pop()
            if one not in known:
                known.add(one)
                waiting += self.triggers[one].implies if one in self.triggers else ()
        return frozenset(known)

    @property
    def point_triggers(self) -> frozenset[str]:
        """Triggers that are true by themselves once a result lies below the request."""
        return frozenset(t.id for t in self.triggers.values() if t.about == "result")

    def strength(self, item: Item, level: str, band: str, facts: frozenset[str]) -> Strength:
        """How firmly `item` is asked at this level and band. `facts` as `facts()` gives them."""
        if item.retired or (item.trigger is not None and item.trigger not in facts):
            return Strength.NONE
        return item.strengths[level, band]

    def firm(
        self, level: str, band: str, facts: frozenset[str]
    ) -> tuple[tuple[Item, Strength], ...]:
        """Every item that is required or enhanced, with its strength; worked out once."""
        key = "firm", level, band, facts
        if key not in self.memory:
            found = ((i, self.strength(i, level, band, facts)) for i in self.items.values())
            self.memory[key] = tuple(pair for pair in found if pair[1] >= Strength.REQUIRED)
        return self.memory[key]

    def within(self, item: Item, level: str, band: str) -> bool:
        """Whether this level and band stay within what a shortfall of `item` leaves open."""
        level_rank, band_rank = self.levels[level].rank, self.bands[band].rank
        if item.effect is Effect.STOP:
            return level_rank <= self.floor.rank and band_rank == 0
        if item.max_level is not None and level_rank > self.levels[item.max_level].rank:
            return False
        return item.max_band is None or band_rank <= self.bands[item.max_band].rank

    def rows(self, level: str, band: str, situations: Iterable[When] = ()) -> list[DeciderRow]:
        """The rows of deciders that fit: from a level or band upwards, or in a situation."""
        level_rank, band_rank, when = self.levels[level].rank, self.bands[band].rank, {*situations}
        return [
            row
            for row in self.deciders
            if row.when in when
            or (row.from_level and self.levels[row.from_level].rank <= level_rank)
            or (row.from_band and self.bands[row.from_band].rank <= band_rank)
        ]

    def asked(self, level: str, band: str, triggers: Iterable[str] = ()) -> tuple[Item, ...]:
        """The items that are required or enhanced, in the order of bundles."""
        firm = (item for item, _strength in self.firm(level, band, self.facts(triggers)))
        return tuple(sorted(firm, key=lambda item: self.bundles.index(item.bundle)))

    def minutes(self, items: Iterable[Item]) -> tuple[int, int]:
        """About how long these items take: the organisation, the city. Guesses, not measured."""
        both = [item.minutes for item in items]
        return sum(m[0] for m in both), sum(m[1] for m in both)

    def words(self, language: str) -> Words:
        """What the policy says in `language`; what is missing is said in the base language."""
        base = self.books[self.head.language]
        return Words(self.books.get(language, base), base)
