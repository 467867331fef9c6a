"""Two records of one organisation become one, and can be parted again."""

import pytest

from partners.ground.db import db
from partners.registry.actions import write_keys
from partners.registry.models import Organisation
from tests.builders import House
from tests.page import Page


def address(one: Organisation, other: Organisation) -> str:
    return f"/organisations/{one.public_id}/merge/{other.public_id}"


@pytest.fixture
def pair(house: House) -> tuple[Organisation, Organisation]:
    """Harbour Kitchen, registered twice."""
    one = house.organisation("Harbour Kitchen", district="Harbour", email="we@kitchen.example")
    two = house.organisation("The Harbour Kitchen", district="Northside", telephone="55501420")
    for record in (one, two):
        write_keys(record)
    db.session.commit()
    return one, two


def join(page: Page, one: Organisation, other: Organisation, **chosen: str) -> Page:
    typed = {"reason": "The chair told us so.", **chosen}
    page.post(address(one, other), typed, press="Check before joining them", status=200)
    return page.send({"sure": "y"}, press="Make one record of both")


def test_both_are_compared_then_one_then_two_again(
    house: House, pair: tuple[Organisation, Organisation]
) -> None:
    one, two = pair
    own = f"/organisations/{two.public_id}"
    page = Page(house.client("maja"))
    page.get(f"/organisations/{one.public_id}/merge?q=The")
    assert address(one, two) in page.links().values()
    page.post(address(one, two), {"reason": "x"}, press="Check before joining them", status=200)
    page.send(press="Make one record of both", status=422)
    assert page.troubles == ["Confirm it once you have made sure."]
    assert join(page, one, two, name=two.public_id).status == 302
    page.get(own, status=302).follow()
    assert page.heading == "The Harbour Kitchen"
    assert "55501420" in page.text
    assert "Also called Harbour Kitchen" in page.text
    page.get(address(two, one)).send({"reason": "They are two."}, press="Part them again")
    page.get(own, status=200)
    assert page.heading == "The Harbour Kitchen"
    page.get(f"/organisations/{one.public_id}")
    assert page.heading == "Harbour Kitchen"
    assert "55501420" not in page.text
