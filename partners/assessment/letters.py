"""The letters of a round: points sent for reply, and the decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_babel import force_locale, gettext, ngettext

from partners.accounts.models import Account, Department
from partners.accounts.queries import municipality
from partners.assessment.models import Engagement, Point, Round
from partners.assessment.papers import documents
from partners.assessment.queries import names_of, points_of
from partners.assessment.rules.explain import Line, explain
from partners.assessment.rules.reach import Case, Result
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.words import N_
from partners.paper.blocks import Block
from partners.paper.filling import Filled, Setting, filled
from partners.paper.press import printed
from partners.policy import shelf
from partners.policy.values import Policy
from partners.policy.words import Words
from partners.web.said import long_day as day

POINTS, DECISION = "points-letter", "decision-letter"


@dataclass(frozen=True)
class Letter:
    """A letter as blocks for the page, and as PDF."""

    title: str
    reference: str
    language: str
    paper: Filled
    pages: str

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self.paper.blocks

    @property
    def pdf(self) -> bytes:
        return printed(
            self.paper.blocks,
            title=self.title,
            language=self.language,
            reference=self.reference,
            author=municipality().name if municipality() else "",  # type: ignore[union-attr]
            pages=self.pages,
        )


@dataclass(frozen=True)
class About:
    """The round that a letter is about, with what was asked for then, in one language."""

    engagement: Engagement
    this: Round
    language: str

    @cached_property
    def asked(self) -> Case:
        """What was asked for then; of a round from before it was written down, what is now."""
        then = self.engagement.request | self.this.asked_for
        return Case(then["level"], then["band"], frozenset(then["triggers"]))

    @property
    def edition(self) -> str:
        return self.this.asked_for.get("policy", self.engagement.policy_version)

    @cached_property
    def policy(self) -> Policy:
        return shelf.edition(self.edition)

    @cached_property
    def words(self) -> Words:
        return self.policy.words(self.language)


def letter(kind: str, engagement: Engagement, language: str, this: Round | None = None) -> Letter:
    """One of the two letters of a round, else of the present one, in a language of the house."""
    about = About(engagement, this or engagement.round, language)
    document = documents(about.edition, about.policy)[kind]
    this, asked = about.this, about.asked
    setting = Setting(this.level or asked.level, this.band or asked.band, asked.triggers)
    with force_locale(language):
        more = _points_facts(about) if kind == POINTS else _decision_facts(about)
        facts = _common(about) | more
    paper = filled(document, facts, setting, language=language)
    pages = document.word("pages", language)
    return Letter(paper.masthead.title, engagement.reference, language, paper, pages)


def _common(about: About) -> dict[str, Any]:
    house, words, engagement = municipality(), about.words, about.engagement
    level = about.this.level or about.asked.level
    contact = db.session.get_one(Account, engagement.started_by)
    return {
        "municipality": house.name if house else "",
        "department": db.session.get_one(Department, engagement.department_id).name,
        "organisation": engagement.organisation.name,
        "reference": engagement.reference,
        "title": engagement.title,
        "level": words.level(level).name,
        "level_meaning": words.level(level).meaning,
        "contact_name": contact.name,
        "contact_details": contact.email,
    }


def _point_rows(about: About) -> list[dict[str, str]]:
    words = about.words
    return [
        {
            "text": point.said or gettext("What it said is destroyed."),
            "source": _source(point),
            "translation": point.translation,
            "checked_by": point.checked_by,
            "speaker": words.attribution(point.role).name if point.role else "",
            "context": point.context,
            "afterwards": point.afterwards,
            "why": words.item(point.item).why if point.item in about.policy.items else "",
            "reply": point.reply,
            "replied": day(point.replied_at),
        }
        for point in points_of(about.engagement, about.this)
        if point.sent_at and not point.good
    ]


def _source(point: Point) -> str:
    said = day(point.said_on)
    return ", ".join(filter(None, (point.source, said)))


def _points_facts(about: About) -> dict[str, Any]:
    this = about.this
    return {
        "points": _point_rows(about),
        "issued_on": day_of(this.sent_at) if this.sent_at else None,
        "reply_by": this.reply_due,
        "reply_days": about.policy.head.reply_days,
    }


def _decision_facts(about: About) -> dict[str, Any]:
    this, words, policy = about.this, about.words, about.policy
    found = Result.from_dict(this.computed)
    lines = explain(policy, about.asked, found)
    computed = (this.level, this.band) == (found.level, found.band)
    asked = f"{words.level(about.asked.level).name}, {words.band(about.asked.band).name}"
    supported = f"{words.level(this.level).name}, {words.band(this.band).name}"
    house = municipality()
    settings = house.texts if house else {}
    return {
        "asked_for": asked,
        "result": f"{words.outcome(this.outcome).name}. {words.outcome(this.outcome).meaning}",
        "possible_now": [supported],
        "good": this.good,
        "conditions": [
            {"text": c.text, "owner": _owner(c.side, about.engagement), "due": day(c.due_on)}
            for c in this.conditions
        ],
        "points": _point_rows(about),
        "would_change": would_change(policy, lines, about.language),
        "review_date": this.review_on,
        "deciders": _names(this.decided_by, this.confirmed_by),
        "decided_on": day_of(this.decided_at) if this.decided_at else None,
        "beyond_reason": "" if computed else this.reason,
        "complain_to": settings.get("complain_to")
        or gettext("the data protection officer of the municipality"),
    }


SETTLED = N_("an answer that settles the points, or %(months)s months without a new one")


def would_change(policy: Policy, lines: Sequence[Line], language: str) -> list[str]:
    """One concrete step for each thing that limits the result."""
    words = policy.words(language)
    steps = []
    for line in lines:
        if line.limits:
            item = words.item(line.item)
            step = ", ".join(item.evidence) or item.question
            if line.answer and policy.items[line.item].finding:
                step = gettext(SETTLED, months=policy.head.statement_lookback_months)
            steps.append(f"{item.title}: {step}")
    return steps


def headline(policy: Policy, found: Result, asked: str, language: str) -> str:
    """The answer in one sentence, for the heading of a page."""
    words = policy.words(language)
    if found.level is None or found.band is None:
        waiting = len(found.open) + len(found.hold)
        return ngettext(
            "Not yet determined: one thing is open", "Not yet determined: %(num)d things are open",
            waiting,
        )  # fmt: skip
    level, band = words.level(found.level).name, words.band(found.band).name
    if found.level != asked:
        points = sum(1 for reason in found.reasons if reason.lowers)
        return ngettext(
            "%(level)s now, %(asked)s when one point is settled",
            "%(level)s now, %(asked)s when %(num)d points are settled",
            points, level=level, asked=words.level(asked).name.lower(),
        )  # fmt: skip
    if any(reason.lowers for reason in found.reasons):
        return gettext("%(level)s is supported, with: %(band)s, for now", level=level, band=band)
    terms = len(found.conditions) + len(found.activity_limits)
    if terms:
        return ngettext(
            "%(level)s is supported, with one condition",
            "%(level)s is supported, with %(num)d conditions",
            terms, level=level,
        )  # fmt: skip
    return gettext("%(level)s is supported, as asked for", level=level)


def _owner(side: str, engagement: Engagement) -> str:
    if side == "partner":
        return engagement.organisation.name
    return gettext("both of us") if side == "both" else gettext("the municipality")


def _names(*accounts: int | None) -> list[str]:
    wanted = [a for a in accounts if a]
    known = names_of(wanted)
    return [known[a] for a in wanted]
