"""The protector opens the one point that somebody asked about, by two people; and counts."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from partners.assessment import actions
from partners.assessment.actions import four_eyes
from partners.assessment.actions.four_eyes import LOOKED_AT
from partners.assessment.models import FourEyes, Point
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.history.queries import looks_at
from partners.web.models import Refused
from tests.builders import NOON, House
from tests.page import Page
from tests.portal.conftest import below

HERE = "/points-asked-about"
WHY = "Their treasurer says that the point leaves out what they answered."


def sent(house: House) -> Point:
    """A point that the organisation has before it, with what it says."""
    case = below(house)
    house.partner("nadia", case.organisation)
    actions.send_points(case, by=house.actor("maja"), at=clock.now())
    db.session.commit()
    return db.session.scalars(select(Point).where(Point.sent_at.is_not(None))).first()  # type: ignore[return-value]


def asked(house: House, point: Point) -> FourEyes:
    made = four_eyes.ask_to_open(point, WHY, by=house.actor("else"), at=clock.now())
    db.session.commit()
    return made


def test_the_protector_reads_one_point_after_a_second_person_agreed_and_they_see_it(
    house: House,
) -> None:
    point = sent(house)
    protector, nadia = Page(house.client("else")), Page(house.client("nadia"))
    assert point.public_id in nadia.get("/our/file/points").text
    protector.post(HERE, point=point.public_id, reason=WHY, press="Ask a second person", status=302)
    row = db.session.scalars(select(FourEyes)).one()
    one = f"{HERE}/{row.public_id}"
    protector.get(one, status=404)
    assert "Agree that one point" in Page(house.client("karin")).get("/today").text
    Page(house.client("karin")).post(HERE, press="Agree that it is opened", status=302)
    assert point.said in protector.get(HERE).click("Read this one point").text
    assert WHY in nadia.get("/our/file/looks").text
    assert "agreed that the data protection officer opens one point" in nadia.text
    for who in ("karin", "maja", "per", "nadia"):
        Page(house.client(who)).get(one, status=404)
    (look,) = [x for x in looks_at(point.organisation_id) if x.what == "one point"]
    assert (look.account_id, look.purpose) == (house.people["else"], WHY)
    protector.get(f"/engagements/{row.engagement.public_id}", status=404)  # type: ignore[union-attr]


def test_it_closes_by_itself_or_by_hand(house: House) -> None:
    row = asked(house, sent(house))
    four_eyes.agree(row, by=house.actor("karin"), at=clock.now())
    page, here = Page(house.client("else")), f"{HERE}/{row.public_id}"
    page.get(here)
    row.until = clock.today() - timedelta(days=1)
    page.get(here, status=404)
    row.until = clock.today() + LOOKED_AT
    page.get(here)
    page.post(HERE, press="Close it", status=302)
    page.get(here, status=404)


def test_what_the_organisation_cannot_read_it_cannot_have_asked_about(house: House) -> None:
    below(house)
    point = db.session.scalars(select(Point)).first()
    for unknown in (None, point):
        with pytest.raises(Refusal, match="No point"):
            four_eyes.ask_to_open(unknown, WHY, by=house.actor("else"), at=clock.now())
    assert point
    point.sent_at, point.emptied_at = NOON, NOON
    with pytest.raises(Refusal, match="No point"):
        four_eyes.ask_to_open(point, WHY, by=house.actor("else"), at=clock.now())
    page = Page(house.client("else")).get(HERE)
    page.send({"point": "0" * 26, "reason": WHY}, press="Ask a second person", status=422)
    assert "No point" in page.troubles[0]
    assert WHY in page.source


@pytest.mark.parametrize("how", ["its day is over", "ended", "agreed"])
def test_what_is_settled_or_over_is_not_agreed_to(house: House, how: str) -> None:
    row, now = asked(house, sent(house)), clock.now()
    if how == "ended":
        four_eyes.end(row, by=house.actor("else"), at=now)
    elif how == "agreed":
        four_eyes.agree(row, by=house.actor("karin"), at=now)
    late = now + timedelta(days=15 if how == "its day is over" else 0)
    with pytest.raises(Refusal, match="settled already, or its day is over"):
        four_eyes.agree(row, by=house.actor("omar"), at=late)


def test_who_worked_on_the_case_does_not_agree_and_nobody_agrees_with_themselves(
    house: House,
) -> None:
    point = sent(house)
    row = asked(house, point)
    for who in ("maja", "else"):
        with pytest.raises((NotYours, Refusal)):
            four_eyes.agree(row, by=house.actor(who), at=clock.now())
    house.account("else").roles = ["protector", "manager"]
    with pytest.raises(Refusal, match="two people"):
        four_eyes.agree(row, by=house.actor("else"), at=clock.now())
    actions.join(row.engagement, "To decide", by=house.actor("karin"), at=clock.now())  # type: ignore[arg-type]
    member = next(m for m in row.engagement.team if m.account_id == house.people["karin"])  # type: ignore[union-attr]
    member.worked = True
    with pytest.raises(NotYours):
        four_eyes.agree(row, by=house.actor("karin"), at=clock.now())
    with pytest.raises(NotYours):
        four_eyes.ask_to_open(point, WHY, by=house.actor("karin"), at=clock.now())
    row.agreed_by = row.asked_by
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_what_no_field_would_keep_is_counted_without_text_or_name(house: House) -> None:
    organisation = house.organisation()
    here = f"/organisations/{organisation.public_id}/contacts"
    page = Page(house.client("maja"))
    for _time in range(2):
        page.post(here, line="Spoke with 010190-1234", press="", status=422)
    db.session.expire_all()
    (row,) = db.session.scalars(select(Refused))
    assert (row.rule, row.kind, row.number) == ("G-1", "paragraph", 2)
    assert row.month == f"{clock.today():%Y-%m}"
    assert set(Refused.__table__.columns.keys()) == {"rule", "kind", "month", "number"}
    shown = Page(house.client("else")).get("/keeping")
    assert "civil registration number" in shown.text
    assert "010190" not in shown.text
    assert "Maja" not in shown.text


def test_a_refusal_that_is_not_about_a_person_is_not_counted(house: House) -> None:
    organisation = house.organisation()
    Page(house.client("maja")).post(
        f"/organisations/{organisation.public_id}/contacts", line="", status=422
    )
    assert not db.session.scalars(select(Refused)).all()
