"""What a new draft begins with: what the record knows already, so that nobody types it twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from babel.numbers import format_currency
from flask_babel import force_locale, gettext

from partners.access.rules import Actor, may_ever
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.accounts.queries import municipality, staff, users_of
from partners.assessment.queries import names_of, payments, policy_of
from partners.ground.clock import day_of
from partners.mou.queries import delegates, signatories
from partners.paper.documents import Document
from partners.paper.filling import said
from partners.registry.vocabulary import vocabulary

if TYPE_CHECKING:
    from partners.assessment.models import Engagement

Facts = dict[str, Any]


@dataclass(frozen=True)
class Candidates:
    """Rows for those who may sign today, by side, in the paper's language."""

    theirs: tuple[Mapping[str, Any], ...]
    ours: tuple[Mapping[str, Any], ...]
    users: Mapping[str, str]  # who signs in for the organisation: names by account


def candidates(engagement: "Engagement", kind: str, language: str, at: datetime) -> Candidates:
    """Who may be named: offices with the right to sign, and delegations for such a paper."""
    titles = vocabulary()
    users = users_of(engagement.organisation_id)
    policy, band = policy_of(engagement), engagement.held[1]
    with force_locale(language):
        theirs = tuple(
            {"name": account.name, "role": titles.office(office.role, language),
             "authority": gettext("%(authority)s, together with one other", authority=said)
             if office.together else said, "account": account.id}
            for account, office in signatories(users, engagement.organisation.offices, day_of(at))
            for said in [office.authority]
        )  # fmt: skip
        ours = tuple(
            {"name": d.account.name, "role": _place(d.account), "account": d.account_id,
             "authority": gettext("by delegation of %(given)s, until %(until)s",
                                  given=_day(day_of(d.given_at), language),
                                  until=_day(day_of(d.until), language))}
            for d in delegates(kind, band, policy, at)
        )  # fmt: skip
    return Candidates(theirs, ours, {str(user.id): user.name for user in users})


Owners = tuple[str, Mapping[str, str], Sequence[str]]  # a side, its people by account, its roles


def owners(
    engagement: "Engagement", who: Candidates, by: Actor, language: str
) -> Mapping[str, Owners]:
    """Who can see to a promise, by side. Of our own staff the organisation sees the case team."""
    organisation, house = engagement.organisation, municipality()
    team = [m.account for m in engagement.team if engagement.on_team(m.account_id)]
    people = [a for a in (staff() if by.is_staff else team) if may_ever(a.actor, P.PROMISE_KEEP)]
    ours = {str(a.id): a.name for a in people if a.ended_at is None}
    titles = vocabulary()
    roles = [titles.office(o.role, language) for o in organisation.offices if o.until is None]
    return {"city": (house.name if house else "", ours, ()),
            "partner": (organisation.name, who.users, roles)}  # fmt: skip


def _place(account: Account) -> str:
    return account.title or (account.department.name if account.department else "")


def prefilled(
    engagement: "Engagement", document: Document, language: str, who: Candidates, today: date
) -> Facts:
    """Facts for the blanks of a draft, from organisation, engagement, decision and support.

    Where a side has one person who may sign, that person is named.
    """
    organisation, this = engagement.organisation, engagement.round
    facts: Facts = {
        **document.more.get("defaults", {}),
        "organisation_form": organisation.legal_form,
        "registration": next(iter(organisation.identifiers), ""),
        "city_contact": _city_contact(engagement),
        "org_contact": _org_contact(engagement, who, language),
        "purpose": _mid_sentence(engagement.purpose),
        "activities": [{"text": engagement.title, "place": engagement.district}],
        "please_avoid": list(organisation.please_avoid),
        "signers_org": [dict(r) for r in who.theirs] if len(who.theirs) == 1 else [],
        "signers_city": [dict(r) for r in who.ours] if len(who.ours) == 1 else [],
        "start": today.isoformat(),
        "review_date": this.review_on.isoformat() if this.review_on else "",
        "end": this.review_on.isoformat() if this.review_on else "",
    }
    return facts | _promises(engagement, language) | _support(engagement, language)


def phrases_in(
    engagement: "Engagement", document: Document, language: str, second: str, today: date
) -> dict[str, str]:
    """What the house itself writes into a draft, in its language and in a second one: names, and
    what differs between the two. The rest somebody has typed.
    """
    one, other = (_phrases(engagement, document, tongue, today) for tongue in (language, second))
    house = municipality()
    names = (engagement.organisation.name, house.name if house else "")
    differ = {a: b for a, b in zip(one, other, strict=True) if a != b}
    return {**{name: name for name in names}, **differ}


def _phrases(engagement: "Engagement", document: Document, language: str, today: date) -> list[str]:
    at, titles = datetime.combine(today, time(), UTC), vocabulary()
    who = candidates(engagement, document.id, language, at)
    support = _support(engagement, language)
    rows = [*who.theirs, *who.ours]
    return [
        _org_contact(engagement, who, language),
        support["support_amount"], support["support_band"],
        *(titles.office(o.role, language) for o in engagement.organisation.offices),
        *(row[cell] for row in rows for cell in ("role", "authority")),
    ]  # fmt: skip


def _mid_sentence(text: str) -> str:
    """Words that go on a sentence: "Eat together." becomes "eat together"; names stay."""
    text = text.strip().removesuffix(".")
    name = len(text) > 1 and text[1].isupper()
    return text if name else text[:1].lower() + text[1:]


def _city_contact(engagement: "Engagement") -> str:
    lead = next((m.account for m in engagement.team if m.part == "lead"), None)
    return ", ".join(filter(None, (lead.name, _place(lead)))) if lead else ""


def _org_contact(engagement: "Engagement", who: Candidates, language: str) -> str:
    office = next((o for o in engagement.organisation.offices if o.until is None), None)
    if office is None:
        return next(iter(who.users.values()), "")
    title = vocabulary().office(office.role, language)
    return ", ".join(filter(None, (office.person, title)))


def _promises(engagement: "Engagement", language: str) -> Facts:
    """What was decided as conditions becomes promises, each with owner and date."""
    rows: Facts = {"promise_city": [], "promise_org": []}
    conditions = engagement.round.conditions
    named = {member.account_id: member.account.name for member in engagement.team}
    named |= names_of({c.owner_id for c in conditions if c.owner_id} - named.keys())
    for condition in conditions:
        row: Facts = {"text": condition.text, "due": _day(condition.due_on, language)}
        if name := named.get(condition.owner_id or 0):
            row |= {"owner": name, "account": condition.owner_id}
        for side, blank in (("city", "promise_city"), ("partner", "promise_org")):
            if condition.side in (side, "both"):
                rows[blank].append(row)
    return rows


def _support(engagement: "Engagement", language: str) -> Facts:
    policy = policy_of(engagement)
    rows = [r for r in payments(engagement.organisation_id) if r.engagement_id == engagement.id]
    money = sum((r.amount for r in rows if r.amount), start=0)
    band = policy.words(language).band(engagement.held[1]).name
    amount = format_currency(money, policy.currency, locale=language) if money else ""
    in_kind = [r.what for r in rows if r.amount is None and r.what]
    return {"support_amount": amount, "support_in_kind": in_kind,
            "support_band": band if rows else ""}  # fmt: skip


def _day(day: date, language: str) -> str:
    return said(day, language, day=True)
