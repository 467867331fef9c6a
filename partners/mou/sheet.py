"""A paper ready to be read or printed: its document, its setting and its facts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING, Any

from partners.accounts.queries import municipality
from partners.assessment.papers import documents
from partners.assessment.queries import policy_of
from partners.charter.queries import values_facts
from partners.ground.clock import day_of
from partners.mou import rules
from partners.mou.models import Paper
from partners.mou.queries import newest, stands, written_for
from partners.mou.rules import OVER, counts, document_for
from partners.paper.blocks import Version
from partners.paper.documents import Document
from partners.paper.filling import Filled, Setting, applies, filled, said, whole
from partners.paper.press import printed
from partners.policy import shelf
from partners.signing.rules import in_fours

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from partners.assessment.models import Engagement
    from partners.mou.models import Turn
    from partners.paper.blocks import Block
    from partners.signing.models import Signature
    from partners.signing.work import Mark

RECEIPT = "receipt"  # the id of the document that every receipt is printed from
# What the house says about both sides' values; people do not type it.
OF_THE_HOUSE = ("charter_signed", "charter_version", "charter_equal", "issued_on", "principal",
                "follows")  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    document: Document
    setting: Setting
    language: str
    facts: Mapping[str, Any]
    author: str

    @cached_property
    def paper(self) -> Filled:
        """The paper as far as it is written, with what is missing."""
        paper = filled(self.document, self.facts, self.setting, language=self.language)
        second = rules.second(self.document, self.facts, self.language)
        return replace(paper, also=(self._version(second, self._in(second)),)) if second else paper

    @property
    def versions(self) -> tuple[Version, ...]:
        """The paper in each of its languages, the one in which it was written first."""
        return (self._version(self.language, self.paper.blocks), *self.paper.also)

    def _version(self, language: str, blocks: "tuple[Block, ...]") -> Version:
        return Version(language, blocks, self.document.word("page", language))

    def _in(self, second: str) -> "tuple[Block, ...]":
        """The paper in its second language; what has no wording there stays as it was typed."""
        typed = rules.passages(self.document, self.setting, self.facts, self.language)
        words = rules.wordings(self.facts, typed)
        alone = {one: self.language for one in typed if one not in words}
        facts = {**self.facts, **rules.worded(self.document, self.facts, words),
                 **self.facts.get("in_second", {}),
                 "alone_in": self.language if alone else ""}  # fmt: skip
        return filled(self.document, facts, self.setting, language=second, alone=alone).blocks

    def complete(self) -> Filled:
        """The paper; raises Refusal when something is missing that it must hold."""
        return whole(self.paper)

    def pdf(self, *, draft: bool = False) -> bytes:
        """The paper in print. The same sheet gives the same bytes."""
        first, *also = (
            [replace(v, watermark=self.document.word("draft", v.language)) for v in self.versions]
            if draft
            else self.versions
        )
        return printed(
            first.blocks, title=self.paper.masthead.title, language=first.language,
            reference=str(self.facts["reference"]), author=self.author, pages=first.pages,
            watermark=first.watermark, also=also,
        )  # fmt: skip


def papers_of_policy(engagement: "Engagement") -> "Mapping[str, Document]":
    """Every paper of the edition under which the engagement is worked on."""
    return documents(engagement.policy_version, policy_of(engagement))


def document_of(engagement: "Engagement") -> Document | None:
    """The paper that the level which holds needs; None where it needs none."""
    level = policy_of(engagement).levels.get(engagement.held[0])
    return document_for(papers_of_policy(engagement), level.instrument) if level else None


def is_written(engagement: "Engagement", document: Document) -> bool:
    """Whether people begin such a paper: the one of the level, or one that is offered."""
    return bool(document.offers) or document is document_of(engagement)


def offered(engagement: "Engagement") -> "Sequence[tuple[Document, Mapping[str, str]]]":
    """The papers that level, support and triggers call for, each with the reason by language.

    That of the level stands first and without a reason: the level is it.
    """
    main, setting = document_of(engagement), setting_of(engagement)
    found: list[tuple[Document, Mapping[str, str]]] = [(main, {})] if main else []
    for document in papers_of_policy(engagement).values():
        why = (o.words for o in document.offers if applies(document, o.when, setting))
        if document is not main and (words := next(why, None)):
            found.append((document, words))
    return found


def setting_of(engagement: "Engagement") -> Setting:
    """What the paper's conditions ask: what holds, not what was asked for."""
    facts = policy_of(engagement).facts(engagement.triggers)
    return Setting(*engagement.held, facts)


def draft_sheet(
    engagement: "Engagement", document: Document, language: str, facts: Mapping[str, Any],
    today: "date", paper: Paper | None = None,
) -> Sheet:  # fmt: skip
    """A draft with what people have written and what the house knows today."""
    known = house_facts(engagement, language, today)
    setting = setting_of(engagement)
    if second := rules.second(document, facts, language):
        known["in_second"] = level_words(engagement, second)
        typed = rules.passages(document, setting, {**facts, **known}, language)
        words = rules.wordings(facts, typed)
        known["wordings"] = [{"text": one, "wording": said} for one, said in words.items()]
    elif facts.get("wordings"):
        known["wordings"] = []
    if paper is not None and paper.follows is not None:
        known["follows"] = _follows(paper, paper.follows, document, language)
    known |= _filled_by_others(engagement, language, today)
    if document is not document_of(engagement):
        known["principal"] = _principal(engagement)
    own = known["municipality"]
    return Sheet(document, setting, language, {**facts, **known}, own)


def house_facts(engagement: "Engagement", language: str, today: "date") -> dict[str, Any]:
    """The blanks that the house fills itself."""
    return {
        "municipality": house.name if (house := municipality()) else "",
        "department": engagement.department.name,
        "organisation": engagement.organisation.name,
        "reference": engagement.reference,
        "title": engagement.title,
        **level_words(engagement, language),
        **values_facts(engagement.organisation_id, today),
    }


def level_words(engagement: "Engagement", language: str) -> dict[str, str]:
    """What the level is called and means in a language."""
    words = policy_of(engagement).words(language).level(engagement.held[0])
    return {"level": words.name, "level_meaning": words.meaning}


def _follows(paper: Paper, before: Paper, document: Document, language: str) -> str:
    facts = {"number": before.number, "hash": in_fours(paper.follows_hash)}
    return document.word(paper.follows_how, language) % facts


def _filled_by_others(
    engagement: "Engagement", language: str, today: "date"
) -> "Iterator[tuple[str, str]]":
    """The blanks that name another paper, where the work calls for one: empty until it counts."""
    setting = setting_of(engagement)
    for other in papers_of_policy(engagement).values():
        if blank := other.more.get("fills"):
            called = any(applies(other, offer.when, setting) for offer in other.offers)
            written = written_for(engagement.id) if called else ()
            rows = (p for p in written if p.kind == other.id)
            must = bool(other.more.get("tested"))
            held = next((p for p in rows if counts(
                stands(p, today), must, p.tested)), None)  # fmt: skip
            yield blank, _reference(held, other, language) if held else ""


def _reference(paper: Paper, document: Document, language: str) -> str:
    """The number; a paper from before the register has none and is named by its day."""
    day = said(paper.starts_on, language) if paper.starts_on else ""
    return paper.number or ", ".join(filter(None, (document.called(language), day)))


def _principal(engagement: "Engagement") -> str:
    """The number of the issued paper of the level, to which all others belong."""
    main = document_of(engagement)
    found = newest(engagement.id, main.id) if main else None
    return found.number or "" if found and found.state not in OVER else ""


def sheet_of(paper: Paper, today: "date") -> Sheet:
    """The sheet of a draft as it stands, or of an issued paper as it was printed."""
    engagement = paper.engagement
    if paper.issued_at is None:
        document = papers_of_policy(engagement)[paper.kind]
        return draft_sheet(engagement, document, paper.language, paper.facts, today, paper)
    kept = paper.texts
    policy = shelf.edition(kept["edition"])
    setting = Setting(kept["level"], kept["band"], frozenset(kept["triggers"]))
    document = documents(kept["edition"], policy)[paper.kind]
    return Sheet(document, setting, paper.language, paper.facts, paper.facts["municipality"])


def as_written(issued: Sheet, turn: "Turn") -> Sheet:
    """An issued paper with the words of an earlier version; what the house fills in stays."""
    blanks = issued.document.blanks
    house = {n: v for n, v in issued.facts.items()
             if n in OF_THE_HOUSE or n not in blanks or blanks[n].always}  # fmt: skip
    return replace(issued, language=turn.language, facts={**turn.facts, **house})


def receipt_of(
    paper: Paper, signatures: "Sequence[Signature]", today: "date", mark: "Mark | None" = None
) -> Sheet:
    """Who signed what and when, with the fingerprint of the file that they signed, and its seal."""
    whole = sheet_of(paper, today)
    kept = paper.texts["edition"]
    document = documents(kept, shelf.edition(kept))[RECEIPT]
    parties = {"city": whole.facts["municipality"], "partner": whole.facts["organisation"]}
    in_force_on = day_of(paper.in_force_at) if paper.in_force_at else None
    facts = {
        **{n: whole.facts[n] for n in ("municipality", "organisation", "reference", "title")},
        "paper_title": whole.paper.masthead.kicker,
        "fingerprint": paper.fingerprint,
        "in_force_on": in_force_on,
        "signatures": [
            {"name": s.name, "role": ", ".join(filter(None, (s.role, s.authority))),
             "party": parties[s.side], "when": moment(s.at, paper.language),
             "statement": s.statement, "rung": document.word(f"rung-{s.method}", paper.language)}
            for s in signatures
        ],
        "seal": [mark.row(in_force_on)] if mark else [],
    }  # fmt: skip
    return Sheet(document, whole.setting, paper.language, facts, whole.author)


def signed_sheet(sheet: Sheet, signed: "Mapping[int, Signature]") -> Sheet:
    """The sheet as a page shows it: with the day on which each of those named has signed."""
    facts = dict(sheet.facts)
    for side in ("signers_org", "signers_city"):
        facts[side] = [
            {**row, "signed": said(day_of(signed[row["account"]].at), sheet.language, day=True)}
            if row["account"] in signed else row for row in facts.get(side, ())
        ]  # fmt: skip
    return replace(sheet, facts=facts)


def moment(at: "datetime", language: str) -> str:
    """A time as evidence states it, the same everywhere: 20 November 2026, 10:14 UTC."""
    there = at.astimezone(UTC)
    return f"{said(there.date(), language, day=True)}, {there:%H:%M} UTC"


def kept_with(engagement: "Engagement", setting: Setting) -> dict[str, Any]:
    """What must be known to print an issued paper again, however the case goes on."""
    return {
        "edition": engagement.policy_version,
        "level": setting.level,
        "band": setting.band,
        "triggers": sorted(setting.triggers),
    }
