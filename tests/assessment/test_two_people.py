"""What takes two managers, on the page: a pause, and a decision from outside the assessment."""

from sqlalchemy import select

from partners.assessment.rules.moves import State
from partners.ground.db import db
from partners.mail.models import Mail
from tests.builders import House
from tests.page import Page, words
from tests.portal.conftest import told

OUTSIDE = {"outside_body": "City council", "outside_day-day": "3", "outside_day-month": "11",
           "outside_day-year": "2026", "outside_minute": "Item 7",
           "outside_decided": "The hall stays open to them until summer."}  # fmt: skip


def test_one_manager_asks_for_a_pause_another_confirms_and_they_are_told_the_same_day(
    house: House,
) -> None:
    case = told(house)
    house.partner("nadia", case.organisation)
    here = f"/engagements/{case.public_id}"
    karin, omar, nadia = (Page(house.client(who)) for who in ("karin", "omar", "nadia"))
    before = case.state
    karin.post(here, press="Ask for a pause", pause_because="Somebody was hurt.", follow=True)
    assert "a second manager confirms it" in karin.text
    assert "Confirm the pause" not in karin.text, "nobody confirms their own wish"
    assert "Somebody was hurt." not in nadia.get(here).text
    assert "Confirm a pause" in omar.get("/today").text
    tove = Page(house.client("tove")).get(here)
    assert "asks for a pause" in words(tove.all("//section[@aria-labelledby='next']")[0])
    omar.post(here, press="Confirm the pause", status=302)
    tove.send(press="Confirm the pause", status=422)
    assert "settled already" in tove.troubles[0]
    assert "Go on" not in tove.text, "it is for the two who paused it"
    assert "paused until" in tove.get(f"{here}/result").text
    db.session.refresh(case)
    assert case.state == State.PAUSED
    assert "Somebody was hurt." in nadia.get(here).text
    (letter,) = db.session.scalars(select(Mail).where(Mail.to.startswith("nadia")))
    assert "rests until" in letter.subject
    assert "hurt" not in letter.body
    assert "Confirm a pause" not in omar.get("/today").text
    karin.post(here, press="Go on", status=302)
    db.session.refresh(case)
    assert case.state == before


def test_a_decision_from_outside_stands_beside_the_assessment_and_rewrites_nothing(
    house: House,
) -> None:
    case = told(house)
    house.partner("nadia", case.organisation)
    here = f"/engagements/{case.public_id}"
    karin, omar, nadia = (Page(house.client(who)) for who in ("karin", "omar", "nadia"))
    found, state = dict(case.round.computed), case.state
    karin.post(here, OUTSIDE | {"outside_minute": ""}, press="Write it down", status=422)
    assert "The hall stays open" in karin.source, "what was typed is still there"
    karin.post(here, OUTSIDE, press="Write it down", status=302)
    assert "The hall stays open" not in nadia.get(here).text
    assert "Confirm a decision from outside" in omar.get("/today").text
    omar.post(here, press="Confirm this record", status=302)
    assert "The hall stays open to them until summer." in nadia.get(here).text
    assert "City council, 3 November 2026, Item 7" in nadia.text
    assert "City council, 3 November 2026, Item 7" in nadia.get("/our/file").text
    db.session.refresh(case)
    assert (case.state, case.round.computed) == (state, found)


def test_a_manager_of_the_same_department_does_not_confirm_a_decision_from_outside(
    house: House,
) -> None:
    case = told(house)
    here = f"/engagements/{case.public_id}"
    house.account("omar").department_id = house.account("karin").department_id
    Page(house.client("karin")).post(here, OUTSIDE, press="Write it down", status=302)
    omar = Page(house.client("omar"))
    omar.post(here, press="Confirm this record", status=422)
    assert "another department" in omar.troubles[0]
    omar.post(here, press="Do not confirm it", status=302)
    assert "Confirm this record" not in omar.get(here).text
