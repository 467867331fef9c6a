"""Walks an engagement through its round, so that a test can begin where it wants to."""

from datetime import date
from decimal import Decimal

from partners.accounts.actions import invite_guest, open_guest
from partners.accounts.queries import live_pass
from partners.assessment import actions
from partners.assessment.actions.starting import Wish
from partners.assessment.actions.working import Reply
from partners.assessment.models import Engagement
from partners.assessment.queries import reply_items, standings
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.money import Payment
from partners.ground import clock
from partners.ground.db import db
from tests.builders import NOON, TODAY, House
from tests.page import Page


def level(house: House, place: int) -> str:
    """A level of the policy by its place: 0 lowest, -1 closest."""
    return list(house.policy.levels)[place]


def started(
    house: House, *, place: int = -1, money: int = 0, by: str = "maja", **more
) -> Engagement:
    """An engagement of Harbour Kitchen that Maja leads, told to the organisation."""
    organisation = more.pop("organisation", None) or house.organisation()
    edition = more.pop("edition", None) or house.app.extensions["policy"]
    wish = Wish("Community meals", "Eat together on Thursdays", level(house, place), **more)
    sums = [Payment(date(2027, 1, 15), Decimal(money))] if money else []
    engagement = actions.start(organisation, wish, sums, edition, by=house.actor(by), at=NOON)
    actions.tell_level(engagement, by=house.actor(by), at=NOON)
    db.session.commit()
    return engagement


def answered(house: House, engagement: Engagement, by: str = "maja", **other: Given) -> Engagement:
    """Every item asked is met, except `other`, by item id with _ for -."""
    differs = {name.replace("_", "-"): given for name, given in other.items()}
    later = reply_items(house.policy)
    for standing in standings(engagement, TODAY):
        if standing.asked and standing.item.id not in later:
            given = differs.get(standing.item.id, Given.MET)
            said = Reply(given, words="As we said in the meeting.", evidence="conversation")
            actions.answer(engagement, standing.item.id, said, by=house.actor(by), at=NOON)
    db.session.commit()
    return engagement


def proposed(house: House, engagement: Engagement, by: str = "maja") -> Engagement:
    actions.propose(engagement, by=house.actor(by), at=NOON)
    db.session.commit()
    return engagement


def guest(house: House, engagement: Engagement) -> Page:
    """A group that has opened its one-time link."""
    client, now = house.client(), clock.now()
    link = invite_guest(engagement.organisation_id, None, by=house.actor("maja"), at=now)
    secret = open_guest(live_pass(link, "guest", at=now), at=now)
    db.session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return Page(client)
