"""Records that may be one organisation: proposed with the reason, settled by a person."""

import pytest
from sqlalchemy import select

from partners.access.rules import Actor
from partners.accounts.models import Account
from partners.ground.db import db
from partners.history.models import Entry
from partners.registry import actions
from partners.registry.models import Organisation, Pair
from partners.registry.rules import Card
from tests.builders import NOON, House
from tests.page import Page

PAGE = "/organisations/alike"


def by(house: House) -> Actor:
    return db.session.get_one(Account, house.people["maja"]).actor


def enter(house: House, name: str, **told: str) -> None:
    scheme, _at, number = told.pop("number", "").partition(":")
    others = tuple(filter(None, [told.pop("other", "")]))
    card = Card(name=name, kind="association", legal_form="Association", scheme=scheme,
                number=number, other_names=others, **told)  # fmt: skip
    actions.register(card, by=by(house), at=NOON)
    db.session.commit()


def look(house: House) -> Page:
    page = Page(house.client("maja")).get(PAGE)
    return page.send(press="Look through the register now", follow=True)


def found() -> set[frozenset[str]]:
    db.session.rollback()
    return {frozenset((pair.one.name, pair.other.name)) for pair in db.session.scalars(
        select(Pair).where(Pair.settled_at.is_(None)))}  # fmt: skip


PAIRS = [
    ({"name": "Harbour Kitchen"}, {"name": "Harbor Kitchen e.V."}, True),
    ({"name": "Harbour Kitchen"}, {"name": "Kitchen, Harbour"}, True),
    ({"name": "Harbour Kitchen"}, {"name": "Food for All", "other": "Harbour Kitchen"}, True),
    ({"name": "Hill Choir", "number": "DK-CVR:12345607"},
     {"name": "Singers", "number": "DK-CVR:12345607"}, True),
    ({"name": "Hill Choir", "number": "DK-CVR:12345607"},
     {"name": "Hill Choir", "number": "DK-CVR:12345615"}, False),
    ({"name": "1st Scout Group"}, {"name": "2nd Scout Group"}, False),
    ({"name": "Tide Sound", "other": "TS"}, {"name": "Twelve Stones", "other": "TS"}, False),
    ({"name": "Tide Sound", "other": "TS", "district": "Mill"},
     {"name": "Twelve Stones", "other": "TS", "district": "Mill"}, True),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "likely"), PAIRS)
def test_who_may_be_one_is_proposed_and_who_cannot_be_is_not(
    house: House, one: dict[str, str], other: dict[str, str], likely: bool
) -> None:
    enter(house, **one)
    enter(house, **other)
    look(house)
    assert found() == ({frozenset((one["name"], other["name"]))} if likely else set())


def test_two_that_were_told_apart_stay_two_until_one_is_called_otherwise(house: House) -> None:
    enter(house, "Harbour Kitchen")
    enter(house, "Harbor Kitchen")
    page = look(house)
    assert page.heading == "One pair of records may be one organisation"
    assert "both have: Kitchen" in page.text
    assert "one letter: “Harbour” and “Harbor”" in page.text
    assert "Compare both, to join them" in page.links()
    page.send(press="These are two organisations", follow=True)
    look(house)
    assert found() == set()
    deeds = select(Entry.organisation_id).where(Entry.what == "organisation.told_apart")
    assert len(set(db.session.scalars(deeds))) == 2
    settled = Page(page.client).get(f"{PAGE}?show=settled")
    assert settled.heading == "One pair was said to be two organisations"
    called = select(Organisation).where(Organisation.name == "Harbor Kitchen")
    one = db.session.scalars(called).one()
    actions.rename(one, "Harbour Kitchens", [], by=by(house), at=NOON)
    db.session.commit()
    look(house)
    assert found() == {frozenset(("Harbour Kitchen", "Harbour Kitchens"))}


def test_a_name_that_very_many_share_is_not_proposed(house: House) -> None:
    for _number in range(21):
        enter(house, "Parents of Hill School")
    enter(house, "Hill Choir")
    enter(house, "Hill Chior")
    look(house)
    assert found() == {frozenset(("Hill Choir", "Hill Chior"))}


def test_the_page_says_whether_anybody_has_looked(house: House) -> None:
    page = Page(house.client("maja")).get(PAGE)
    assert page.heading == "Nobody has looked yet whether two records are one"
    assert look(house).heading == "When we looked, no two records seemed to be one"
