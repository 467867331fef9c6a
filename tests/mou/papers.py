"""Walks a paper as far as a test needs it, with the people who may sign."""

from datetime import timedelta
from pathlib import Path

from partners.access.table import Role as R
from partners.accounts.models import Delegation
from partners.accounts.queries import users_of
from partners.assessment import actions as assessment
from partners.assessment.models import Engagement
from partners.ground.db import db
from partners.mou import actions
from partners.mou.models import Paper
from partners.mou.prefill import candidates, prefilled
from partners.mou.sheet import document_of, sheet_of
from partners.paper.plain import text_hash
from partners.registry.models import Office
from partners.signing.actions import Hand
from tests.assessment.case import answered, proposed, started
from tests.builders import NOON, TODAY, House

SIGNED = ("memorandum", "dialogue-agreement", "support-annex", "information-sharing",
          "role-letter")  # fmt: skip
SAID = "I have read this paper and sign it for us."


def told(house: House, *, place: int = -1, money: int = 0, **more) -> Engagement:
    """An engagement whose decision has been delivered; the level is supported as asked for."""
    engagement = proposed(house, answered(house, started(house, place=place, money=money, **more)))
    if place == -1:
        assessment.read(engagement, by=house.actor("jonas"), at=NOON)
    assessment.decide(
        engagement, engagement.level, engagement.band, by=house.actor("karin"), at=NOON
    )
    assessment.tell(engagement, "meeting", "en", by=house.actor("maja"), at=NOON)
    engagement.purpose = "Warm meals for anyone who comes."
    db.session.commit()
    return engagement


def chair(house: House, engagement: Engagement, short: str = "grethe") -> None:
    """Somebody of the organisation who may sign and can sign in."""
    account = house.partner(short, engagement.organisation, R.SIGNATORY)
    engagement.organisation.offices.append(
        Office(role="chair", person=account.name, may_sign=True,
               authority="statutes, section 7", told_on=TODAY)
    )  # fmt: skip
    db.session.commit()


def delegation(house: House, short: str = "karin", *papers: str, band: int = -1, days: int = 365,
               confirmed: bool = True) -> Delegation:  # fmt: skip
    """The right of a colleague to sign such papers up to a band, by its place in the policy."""
    made = Delegation(
        account_id=house.people[short], papers=list(papers or SIGNED),
        up_to_band=list(house.policy.bands)[band], until=NOON + timedelta(days=days),
        given_by=house.people["omar"], given_at=NOON,
        confirmed_by=house.people["tove"] if confirmed else None,
        confirmed_at=NOON if confirmed else None,
    )  # fmt: skip
    db.session.add(made)
    db.session.commit()
    return made


def facts(engagement: Engagement, **more) -> dict:
    """Everything that the paper must hold, people included."""
    document = document_of(engagement)
    who = candidates(engagement, document.id, "en", NOON)
    return {
        **prefilled(engagement, document, "en", who, TODAY),
        "aims": [{"text": "nobody eats alone", "proposed_by": "Harbour Kitchen"}],
        "benefit_city": [{"text": "a warm place in the evening"}],
        "benefit_org": [{"text": "a heated hall"}],
        "promise_city": [{"text": "The hall, every Friday", "owner": "Lene Bro", "due": "Fridays"}],
        "mediator": "the library director",
        "crisis_contact_city": "the duty officer",
        "crisis_contact_org": "the chair",
        "signers_org": list(who.theirs),
        "signers_city": list(who.ours),
        **more,
    }


def files(house: House) -> Path:
    return house.app.config["SETTINGS"].instance / "files"


def drafted(house: House, engagement: Engagement, **more) -> Paper:
    paper = actions.draft(
        engagement, "en", facts(engagement, **more), by=house.actor("maja"), at=NOON
    )
    db.session.commit()
    return paper


def meant(house: House, paper: Paper) -> None:
    """Both sides have said “this is what we mean” of the draft as it stands."""
    db.session.commit()
    read = text_hash(sheet_of(paper, TODAY).paper)
    partner = users_of(paper.organisation_id)[0].actor
    for by in (house.actor("maja"), partner):
        actions.mean(paper, read, by=by, at=NOON)
    db.session.commit()


def issued(house: House, engagement: Engagement | None = None, **more) -> Paper:
    """An issued memorandum that Grethe signs for Harbour Kitchen and Karin for Havnby."""
    if engagement is None:
        engagement = told(house)
        chair(house, engagement)
        delegation(house)
    paper = drafted(house, engagement, **more)
    meant(house, paper)
    actions.issue(paper, files(house), by=house.actor("maja"), at=NOON)
    db.session.commit()
    return paper


def sign(house: House, paper: Paper, short: str, name: str | None = None, at=NOON) -> None:
    hand = Hand(name or house.account(short).name, True, SAID, "en", paper.fingerprint)
    actions.sign(paper, hand, by=house.actor(short), at=at)
    db.session.commit()


def newest_id() -> str:
    """The public id of the newest paper."""
    return db.session.query(Paper).order_by(Paper.id.desc()).first().public_id
