"""Registering one organisation: quickly, with near names seen, and never twice by accident."""

from datetime import UTC, datetime

from partners.ground.db import db
from partners.registry.actions import register
from partners.registry.models import Organisation
from partners.registry.rules import Card
from tests.builders import House
from tests.page import Page

KITCHEN = {
    "name": "Harbour Kitchen",
    "kind": "association",
    "legal_form": "association",
    "purpose": "We cook with whoever comes.",
    "scheme": "DK-CVR",
    "number": "12 34 56 07",
    "district": "Harbour",
    "website": "harbour.example",
    "email": "post@harbour.example",
    "telephone": "+45 55 50 14 20",
    "role": "chair",
}


def registered() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(db.select(Organisation.name).order_by(Organisation.id)))


def test_an_organisation_is_registered_in_two_steps(house: House) -> None:
    page = Page(house.client("maja")).post("/organisations/new", KITCHEN)
    assert page.status == 200
    assert "https://harbour.example" in page.text
    assert "DK-CVR-12345607" in page.text
    assert registered() == []
    page.send(press="Register Harbour Kitchen", follow=True)
    assert page.heading == "Harbour Kitchen"
    made = db.session.scalars(db.select(Organisation)).one()
    assert made.identifiers == ["DK-CVR-12345607"]
    assert [o.role for o in made.offices] == ["chair"]
    assert made.reference.startswith("O-")
    assert made.reference.endswith("-00001")


def test_the_year_of_a_reference_is_that_of_the_day_here(house: House) -> None:
    an_hour_into_the_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    card, maja = Card("Quay Table", house.kind(), "association"), house.actor("maja")
    assert register(card, by=maja, at=an_hour_into_the_year).reference == "O-27-00001"


def test_a_near_name_is_shown_before_saving_and_a_person_decides(house: House) -> None:
    page = Page(house.client("maja"))
    page.post("/organisations/new", KITCHEN).send(press="Register Harbour Kitchen")
    other = {**KITCHEN, "name": "Kitchen, HARBOUR", "scheme": "", "number": ""}
    page.post("/organisations/new", other)
    assert page.status == 200
    assert "Harbour Kitchen" in page.links()
    assert "the order of the words" in page.text
    page.send(press="It is another one: register Kitchen, HARBOUR", follow=True)
    assert registered() == ["Harbour Kitchen", "Kitchen, HARBOUR"]


def test_whoever_saves_second_is_shown_what_came_in_between(house: House) -> None:
    mine, other = Page(house.client("maja")), Page(house.client("jonas"))
    mine.post("/organisations/new", KITCHEN)
    other.post(
        "/organisations/new", {**KITCHEN, "name": "Harbor Kitchen", "number": "", "scheme": ""}
    )
    other.send(press="Register Harbor Kitchen")
    mine.send(press="Register Harbour Kitchen", status=422)
    assert "Came while you were looking" in mine.text
    assert registered() == ["Harbor Kitchen"]
    mine.send(press="It is another one: register Harbour Kitchen", status=302)


def test_going_back_from_the_check_page_loses_no_typed_text(house: House) -> None:
    page = Page(house.client("maja")).post("/organisations/new", KITCHEN)
    page.send(press="Go back and change", status=200)
    typed = {f.get("name"): f.get("value") for f in page.all("//main//input")}
    assert typed["name"] == "Harbour Kitchen"
    assert "We cook with whoever comes." in page.text
    assert registered() == []


def test_near_names_come_while_the_name_is_typed(house: House) -> None:
    page = Page(house.client("maja"))
    page.post("/organisations/new", KITCHEN).send(press="Register Harbour Kitchen")
    page.get("/organisations/new?name=harbour+kitchn", headers={"X-Fragment": "near"})
    assert "one letter" in page.text
    assert "Harbour Kitchen" in page.links()
