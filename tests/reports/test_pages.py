from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from partners.assessment import actions
from partners.assessment.queries import points_of
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.money import Payment
from partners.ground import clock
from partners.ground.db import db
from partners.reports import queries
from tests.assessment.case import answered, proposed, started
from tests.builders import NOON, House
from tests.page import Page


def decided(house: House, reason: str = "", **more):
    """A case that Karin decided as computed, or, with a reason, one level lower with Tove."""
    case = proposed(house, answered(house, started(house, place=-1, **more)))
    actions.read(case, by=house.actor("lene"), at=NOON + timedelta(days=2))
    level = house.policy.floor.id if reason else case.level
    at = NOON + timedelta(days=3)
    actions.decide(case, level, case.band, reason=reason, by=house.actor("karin"), at=at)
    if reason:
        actions.confirm(case, by=house.actor("tove"), at=at)
    actions.tell(case, "meeting", "en", by=house.actor("maja"), at=at + timedelta(days=1))
    db.session.commit()
    return case


def test_a_manager_reads_what_is_proposed_why_and_what_they_said(house: House) -> None:
    case = proposed(house, answered(house, started(house), PV_03=Given.NOT_MET))
    maja = house.actor("maja")
    actions.send_points(case, by=maja, at=NOON)
    (point,) = points_of(case)
    actions.reply(case, point, "We talk about it in May.", by=maja, at=NOON)
    actions.read(case, by=house.actor("lene"), at=NOON)
    db.session.commit()
    page = Page(house.client("karin")).get("/reports")
    title = house.policy.words("en").item("PV-03").title
    for said in (case.title, "We talk about it in May.", title):
        assert said in page.text
    actions.step_aside(case, by=house.actor("karin"), at=NOON)
    db.session.commit()
    assert case.title not in Page(house.client("karin")).get("/reports").text


def test_decisions_otherwise_are_counted_both_ways_with_their_reason(house: House) -> None:
    decided(house)
    decided(house, reason="The council asked us to begin smaller.")
    page = Page(house.client("omar")).get("/reports")
    assert "Further than the answers lead: 0. Less far: 1." in page.text
    assert "The council asked us to begin smaller." in page.text


def test_time_in_each_state_comes_from_history(house: House) -> None:
    for _ in range(5):
        decided(house)
    rows = Page(house.client("karin")).get("/reports").text
    assert "Somebody reads or decides" in rows
    assert "3.0 days" in rows


def test_support_is_added_up_over_all_departments(house: House) -> None:
    kitchen = house.organisation()
    case = started(house, money=900, organisation=kitchen)
    started(house, money=600, by="lene", organisation=kitchen)
    page = Page(house.client("karin")).get(f"/reports/support?year={case.started_at.year + 1}")
    assert "1,500" in page.heading
    assert "Harbour Kitchen" in page.text
    assert "while nothing is in force" in page.text


def test_a_kind_of_organisation_is_shown_from_five_upward_only(house: House) -> None:
    kitchen = house.organisation(district="Harbour")
    for _ in range(4):
        decided(house, organisation=kitchen)
    page = Page(house.client("karin")).get("/reports/treatment")
    assert "No group has 5 decisions yet" in page.text
    assert page.text.count("Too few to measure") == 3
    decided(house, organisation=kitchen)
    page = Page(house.client("else")).get("/reports/treatment")
    assert "No group has 5 decisions yet" not in page.text
    assert "Too few to measure" not in page.text
    assert "4 days" in page.text
    assert "Harbour" in page.text, "work without a district of its own counts where they are"


def test_the_protector_reads_totals_and_no_case(house: House) -> None:
    case = decided(house, reason="Smaller first.")
    page = Page(house.client("else"))
    read = page.get("/reports").text
    assert case.title not in read
    # What cannot be seen is not said to be nothing.
    assert "Every decision followed the answers" not in read
    assert "Nothing is proposed" not in read
    page.get("/reports/support", status=404)
    assert page.get("/reports/treatment").heading == "One decision in the last year"


def test_a_year_begins_when_it_begins_in_the_municipality(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert "2027" in Page(house.client("karin")).get("/reports/support").heading


def test_a_round_counts_as_it_was_asked_for_whatever_is_asked_since(house: House) -> None:
    case, maja = decided(house), {"by": house.actor("maja"), "at": NOON}
    before = queries.decided(NOON)
    actions.begin_again(case, house.app.extensions["policy"], **maja)
    actions.record_support(case, Payment(date(2027, 1, 15), Decimal(90_000)), **maja)
    assert queries.decided(NOON) == before


@pytest.mark.parametrize("state", ["in_force", "due"])
def test_what_runs_out_is_the_same_in_the_report_and_in_the_list(house: House, state: str) -> None:
    """An answer that ran out makes work due before its review; its review is still to come."""
    case = started(house)
    case.state, case.review_on = state, clock.today() + timedelta(days=14)
    db.session.commit()
    karin = Page(house.client("karin"))
    for path in ("/reports", "/engagements?due=soon"):
        assert case.title in karin.get(path).text, path
