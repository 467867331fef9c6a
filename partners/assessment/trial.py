"""A changed policy tried on all that runs: read in bulk, worked out, counted; nothing is written.

Each piece of work is compared with itself under its own edition, from the answers that stand today.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import func, select

from partners.assessment.models import Answer, Engagement, Support
from partners.assessment.queries import weighed
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.changed import Changed, changed, same
from partners.assessment.rules.difference import Doing, Why, line, may_use
from partners.assessment.rules.money import Payment
from partners.assessment.rules.moves import OVER
from partners.assessment.rules.reach import Case, Result
from partners.ground.db import db
from partners.policy import shelf
from partners.policy.values import Policy, Scope, Strength
from partners.registry.models import Organisation

STEP, MOST_CASES = 1_000, 2_000
SCOPES, ANYWHERE = {str(scope): scope for scope in Scope}, str(Scope.ORGANISATION)
Said = tuple[str, str, bool, date]  # item, answer, with the additional part, day
Meant = tuple[str, Given | None, Given | None]  # item, as it counts before and after


class Heard(NamedTuple):
    """What is read of an answer to see whether it counts."""

    answer: str
    enhanced: bool
    answered_on: date


class Alike(NamedTuple):
    """All work with one request: the number of each answer, what it means, and what was found."""

    known: dict[Said, int]
    means: list[Meant]
    found: dict[tuple[int, ...], Changed]


class Trial:
    """What was found so far. `found` is what is kept of it, as JSON."""

    def __init__(self, new: Policy, today: date) -> None:
        self.new, self.today = new, today
        self.looked = self.gone = self.differs = 0
        self.more, self.less, self.moves = Counter[str](), Counter[str](), Counter[str]()
        self.tables: dict[str, dict[str, list[int]]] = {"band": {}, "district": {}}
        self.cases: list[dict[str, Any]] = []
        self._equal: dict[Any, bool] = {}
        self._alike: dict[Any, Alike] = {}

    def over_all(self) -> Iterator[tuple[int, int]]:
        """Go through all current work by organisation; says after each step how far it is."""
        running = Engagement.state.not_in(OVER)
        total = db.session.scalar(select(func.count()).where(running)) or 0
        last = 0
        while rows := _engagements(last, running):
            last, answers = rows[-1].id, _answers([row.organisation_id for row in rows])
            paid = _support([row.organisation_id for row in rows])
            for row in rows:
                self._look(row, answers.get(row.organisation_id, ()),
                           paid.get(row.organisation_id, ()))  # fmt: skip
            yield min(self.looked, total), max(self.looked, total)

    def _look(self, row: Any, answers: Sequence[Any], paid: Sequence[Any]) -> None:
        self.looked += 1
        old = shelf.edition(row.policy_version)
        doing = Doing.of(old, row.activity)
        band = self._band(old, row, paid)
        if row.level not in self.new.levels:
            self.gone += 1
            return
        usable: dict[str, Said] = {}
        for one in answers:
            _of, where, kept, was, item = one[:5]
            if kept == ANYWHERE or may_use(SCOPES[kept], where == row.id, was, doing):
                usable[item] = one[4:]
        key = row.policy_version, row.level, row.band, band, *row.triggers
        alike = self._alike.setdefault(key, Alike({}, [], {}))
        stand = tuple([self._number(alike, old, row, band, said) for said in usable.values()])
        if stand not in alike.found:
            if len(alike.found) > MOST_CASES:  # where few are equal there is nothing to remember
                alike.found.clear()
            alike.found[stand] = self._changed(old, row, band, [alike.means[n] for n in stand])
        self._count(row, alike.found[stand])

    def _number(self, alike: "Alike", old: Policy, row: Any, band: str, said: Said) -> int:
        """What is said by an answer, once for all who request the same."""
        if (number := alike.known.get(said)) is None:
            number = alike.known[said] = len(alike.means)
            was = self._counts(old, row.level, row.band, row.triggers, said)
            now = self._counts(self.new, row.level, band, row.triggers, said)
            alike.means.append((said[0], was, now))
        return number

    def _changed(self, old: Policy, row: Any, band: str, means: Sequence[Meant]) -> Changed:
        triggers = frozenset(row.triggers)
        was = {item: given for item, given, _now in means if given is not None}
        now = {item: given for item, _was, given in means if given is not None}
        before = Case(row.level, row.band, triggers, was)
        after = Case(row.level, band, triggers, now)
        if before == after and self._same(old, before):
            return Changed()
        return changed(old, self.new, before, after)

    def _same(self, old: Policy, case: Case) -> bool:
        key = (old.version, case.level, case.band, case.triggers)
        if key not in self._equal:
            self._equal[key] = same(old, self.new, case.level, case.band, case.triggers)
        return self._equal[key]

    def _band(self, old: Policy, row: Any, paid: Sequence[Any]) -> str:
        """Where the sums of the bands change, the band is set anew from what falls due."""
        if (old.bands, old.window_months) == (self.new.bands, self.new.window_months):
            return row.band
        return weighed(self.new, paid, row.id, [Payment(self.today)] if row.in_kind else ())[0].id

    def _counts(
        self, policy: Policy, level: str, band: str, triggers: Sequence[str], said: Said
    ) -> Given | None:
        """What one answer counts as today, where it is asked; None: as if nobody had answered."""
        name, answer, enhanced, day = said
        item = policy.items.get(name)
        if item is None:
            return None
        strength = policy.strength(item, level, band, policy.facts(triggers))
        asked = strength >= Strength.REQUIRED or item.trigger in policy.point_triggers
        row = Heard(answer, enhanced, day)
        counts = line(item, strength, row, self.today).why is Why.CARRIED
        return Given(answer) if asked and counts else None

    def _count(self, row: Any, this: Changed) -> None:
        self.more.update(this.more)
        self.less.update(this.less)
        told = (1, bool(this.more), bool(this.less), this.differs)
        for table, name in (("band", row.band), ("district", row.district or row.home)):
            counts = self.tables[table].setdefault(name, [0, 0, 0, 0])
            self.tables[table][name] = [a + b for a, b in zip(counts, told, strict=True)]
        if this.before is not None and this.after is not None:
            self.differs += 1
            was, now = _short(this.before), _short(this.after)
            self.moves["|".join((*was, *now))] += 1
            if len(self.cases) < MOST_CASES:
                self.cases.append({"id": row.id, "was": was, "now": now, "why": this.because})

    def found(self) -> dict[str, Any]:
        """Everything that is shown of it; of the cases the first ones, and how many there are."""
        return {
            "day": self.today.isoformat(), "looked": self.looked, "gone": self.gone,
            "differs": self.differs, "more": dict(self.more), "less": dict(self.less),
            "moves": dict(self.moves.most_common(40)), **self.tables, "cases": self.cases,
        }  # fmt: skip


def _short(found: Result) -> tuple[str, str, str]:
    return str(found.outcome), found.level or "", found.band or ""


def _engagements(last: int, running: Any) -> Sequence[Any]:
    return db.session.execute(
        select(Engagement.id, Engagement.organisation_id, Engagement.level, Engagement.band,
               Engagement.triggers, Engagement.activity, Engagement.policy_version,
               Engagement.in_kind, Engagement.district, Organisation.district.label("home"))
        .join(Organisation, Organisation.id == Engagement.organisation_id)
        .where(running, Engagement.id > last).order_by(Engagement.id).limit(STEP)
    ).all()  # fmt: skip


def _answers(organisations: Sequence[int]) -> Mapping[int, list[Any]]:
    # Columns of the table, because for so many rows the way through the model takes twice as long.
    c = Answer.__table__.c
    rows = db.session.connection().execute(
        select(c.organisation_id, c.engagement_id, c.kept_with, c.activity, c.item, c.answer,
               c.enhanced, c.answered_on)
        .where(c.organisation_id.in_(set(organisations)), c.withdrawn_at.is_(None))
        .order_by(c.organisation_id, c.id)
    ).all()  # fmt: skip
    return {number: list(part) for number, part in groupby(rows, itemgetter(0))}


def _support(organisations: Sequence[int]) -> Mapping[int, list[Support]]:
    found: dict[int, list[Support]] = defaultdict(list)
    rows = select(Support).where(Support.organisation_id.in_(set(organisations)),
                                 Support.withdrawn_at.is_(None))  # fmt: skip
    for row in db.session.scalars(rows.order_by(Support.due_on, Support.id)):
        found[row.organisation_id].append(row)
    return found
