"""The list of engagements: filters, pages, and what those outside a case see."""

import pytest

from partners.assessment import actions
from partners.ground.db import db
from tests.assessment.case import answered, level, proposed, started
from tests.builders import NOON, House
from tests.page import Page


def titled(house: House, title: str, **more):
    case = started(house, **more)
    case.title = title
    db.session.commit()
    return case


def test_the_list_is_narrowed_by_state_by_level_and_to_ones_own(house: House) -> None:
    titled(house, "Chess", place=-2)
    titled(house, "Kitchen", place=-1, by="lene")
    page = Page(house.client("maja"))
    assert {"Chess", "Kitchen"} <= set(page.get("/engagements").links())
    for query, there, gone in (
        (f"level={level(house, -1)}", "Kitchen", "Chess"),
        ("mine=1", "Chess", "Kitchen"),
        ("state=in_conversation", "Chess", ""),
    ):
        links = page.get(f"/engagements?{query}").links()
        assert there in links
        assert gone not in links
    assert page.get("/engagements?state=closed").heading == "Nothing fits"


@pytest.mark.parametrize("query", ["page=-1", "page=x", "page=99999999999", "state=%00", "due=1"])
def test_a_query_that_is_not_offered_narrows_nothing(house: House, query: str) -> None:
    titled(house, "Chess")
    assert "Chess" in Page(house.client("maja")).get(f"/engagements?{query}").links()


def test_outside_the_case_team_what_was_found_is_not_shown(house: House) -> None:
    case = proposed(house, answered(house, titled(house, "Chess", place=-2)))
    actions.decide(case, case.level, case.band, by=house.actor("ida"), at=NOON)
    db.session.commit()
    assert "supported" in Page(house.client("maja")).get("/engagements").text
    assert "supported" not in Page(house.client("lene")).get("/engagements").text


def test_whoever_stepped_aside_does_not_find_the_case(house: House) -> None:
    case = titled(house, "Chess")
    actions.step_aside(case, by=house.actor("karin"), at=NOON)
    db.session.commit()
    assert "Chess" not in Page(house.client("karin")).get("/engagements").text
    assert "Chess" not in Page(house.client("karin")).get("/today").text


def test_colleagues_and_keepers_have_no_list(house: House) -> None:
    for who in ("bo", "per", "else"):
        Page(house.client(who)).get("/engagements", status=404)
