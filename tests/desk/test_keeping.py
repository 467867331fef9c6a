"""What is deleted when its time is over; the fact stays, the words go, and nothing else goes."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from partners.assessment.actions.references import write_down
from partners.assessment.models import Reference
from partners.assessment.references import asked_of
from partners.assessment.rules.answers import months_after
from partners.charter.models import Charter
from partners.desk.keeping import delete_due, due_deletions, the_day
from partners.ground import clock
from partners.ground.db import db
from partners.history.queries import deeds_named
from partners.media.models import Feed, Kept, Reading
from partners.registry.models import Office
from partners.relations.models import Contact
from tests.assessment.case import started
from tests.builders import NOON, TODAY, House
from tests.page import Page
from tests.portal.conftest import decided

DAY = timedelta(days=1)


def at(on: date) -> datetime:
    return datetime.combine(on, NOON.timetz())


def run(on: date) -> int:
    """The deletions of a day; how many there were."""
    steps = the_day(at(on))
    try:
        while True:
            next(steps)
            db.session.commit()
    except StopIteration as end:
        db.session.commit()
        return end.value["deleted"]


def person(house: House, organisation, **facts: object) -> Office:
    made = Office(role="contact", person="Grethe Lind", reach="12 34 56 78",
                  told_on=date(2024, 1, 10), organisation_id=organisation.id, **facts)  # fmt: skip
    db.session.add(made)
    db.session.commit()
    return made


def test_a_connectors_contact_person_leaves_24_months_after_the_last_contact(house: House) -> None:
    kinds = {k.form: k.id for k in house.policy.kinds.organisation}
    role = house.organisation("Neighbourhood contact", kind=kinds["contact_role"])
    other = house.organisation("Chess Club", kind=kinds["organisation"])
    connector, chair = person(house, role), person(house, other)
    met = Contact(organisation_id=role.id, kind="call", held_on=date(2025, 5, 2), line="We met.",
                  by_id=house.people["maja"], at=NOON)  # fmt: skip
    db.session.add(met)
    db.session.commit()
    assert run(date(2027, 5, 1)) == 0
    assert [d.thing.id for d in due_deletions(date(2027, 4, 20))] == [connector.id]
    assert run(date(2027, 5, 2)) == 1
    assert (connector.person, connector.reach, connector.role) == ("", "", "contact")
    assert chair.person, "who holds an office in an organisation stays while in office"
    (deed,) = deeds_named(role.id, "offices.cleared")
    assert "Grethe" not in str(deed.facts)


def test_somebody_who_left_office_is_forgotten_after_six_months(house: House) -> None:
    office = person(house, house.organisation(), until=date(2026, 8, 31))
    assert run(date(2027, 2, 27)) == 0
    assert run(date(2027, 2, 28)) == 1
    assert office.person == ""


def test_words_of_a_call_go_after_a_year_and_the_fact_stays(house: House) -> None:
    case = started(house)
    row = write_down(case, asked_of(case)[0].id, "The library", {"How?": "Well."},
                     by=house.actor("maja"), at=NOON)  # fmt: skip
    db.session.commit()
    assert run(TODAY + DAY * 364) == 0
    assert run(TODAY + DAY * 365) == 1
    assert (row.answers, row.who) == ({}, "The library")
    assert run(TODAY + DAY * 2000) == 0, "once"


def test_an_offer_of_the_charter_that_was_not_taken_up_leaves_no_list_of_who_did_not_sign(
    house: House,
) -> None:
    organisation = house.organisation()
    for state in ("offered", "signed"):
        db.session.add(Charter(organisation_id=organisation.id, version="1", language="en",
                               text="x", text_hash="x", state=state, offered_at=NOON))  # fmt: skip
    db.session.commit()
    run(TODAY + DAY * 365)
    assert list(db.session.scalars(select(Charter.state))) == ["signed"]


def test_a_day_that_is_cut_off_goes_on_where_it_was(house: House) -> None:
    for number in range(60):
        person(house, house.organisation(f"Club {number}"), until=date(2026, 1, 1))
    steps = the_day(at(TODAY))
    next(steps)
    db.session.commit()
    steps.close()
    assert run(TODAY) == 10


def test_what_was_kept_of_the_reading_list_goes_two_years_after_the_decision(house: House) -> None:
    case = decided(house)
    feed = Feed(address="https://post.example/feed", due_at=NOON)
    row = Reading(organisation_id=case.organisation_id, engagement_id=case.id, feed=feed, own=False,
                  name="Post", words=["Harbour"], since=TODAY, begun_at=NOON)  # fmt: skip
    kept = Kept(organisation_id=case.organisation_id, engagement_id=case.id, reading=row, mark="x",
                title="Soup", link="https://post.example/1", good=True, note="They cook.",
                by_id=house.people["maja"], at=NOON)  # fmt: skip
    db.session.add(kept)
    db.session.commit()
    over = date(2028, 11, 20)
    assert not [due for due in due_deletions(over - DAY, DAY * 0) if due.thing is kept]
    run(over)
    assert (kept.title, kept.link, kept.note, kept.reading.name) == ("", "", "", "Post")
    assert run(over) == 0, "once"


def test_the_list_tells_no_content(house: House) -> None:
    organisation = house.organisation()
    person(house, organisation, until=date(2026, 1, 1))
    (due,) = due_deletions(TODAY)
    assert (due.kind, due.organisation, due.since) == ("left_office", organisation,
                                                       date(2026, 1, 1))  # fmt: skip
    delete_due(due, at=NOON)
    assert not db.session.scalars(select(Reference)).all()


def test_the_log_says_what_goes_soon_and_names_nobody(house: House) -> None:
    chess = house.organisation("Chess Club")
    left = months_after(clock.today(), -6) + timedelta(days=10)
    person(house, chess, until=left)
    page = Page(house.client("else")).get("/log")
    assert "The name of somebody who has left an office" in page.text
    assert "Grethe" not in page.text
    assert "Chess" not in page.text
    Page(house.client("maja")).get("/log", status=404)
