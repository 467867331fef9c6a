"""What is deleted when its time is over; the fact stays, the words go, and nothing else goes."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from partners.access.rules import Actor
from partners.access.table import Role
from partners.accounts.models import Municipality
from partners.assessment.actions import four_eyes
from partners.assessment.actions.four_eyes import Wish
from partners.assessment.actions.references import write_down
from partners.assessment.models import FourEyes, Reference
from partners.assessment.references import asked_of
from partners.assessment.rules.answers import months_after
from partners.charter.models import Charter
from partners.desk.actions import look_through
from partners.desk.keeping import WAITS, delete_due, due_deletions, the_day
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.history.queries import deeds_named
from partners.media.models import Feed, Kept, Reading
from partners.registry.models import Office, Organisation
from partners.relations.models import Contact
from tests.assessment.case import started
from tests.builders import NOON, TODAY, House
from tests.editions.test_changes import published
from tests.page import Page
from tests.portal.conftest import decided

DAY = timedelta(days=1)
ELSE = Actor(id=0, name="Else Toft", roles=frozenset({Role.PROTECTOR}))


def at(on: date) -> datetime:
    return datetime.combine(on, NOON.timetz())


def run(on: date, *, seen: bool = True) -> int:
    """The deletions of a day, after somebody has looked through the list; how many there were."""
    if seen and (due := due_deletions(on)):
        look_through(db.session.get_one(Municipality, 1), [one.name for one in due],
                     by=ELSE, at=at(on))  # fmt: skip
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
    late = TODAY + WAITS
    steps = the_day(at(late))
    next(steps)
    db.session.commit()
    steps.close()
    assert run(late, seen=False) == 10


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


def left_soon(house: House, name: str = "Chess Club", days: int = 10) -> Office:
    """Somebody of an organisation who left office so long ago that the name goes in some days."""
    left = months_after(clock.today(), -6) + timedelta(days=days)
    return person(house, house.organisation(name), until=left)


def test_what_goes_soon_stands_on_a_list_that_tells_no_content(house: House) -> None:
    left_soon(house)
    page = Page(house.client("else")).get("/keeping")
    assert "The name of somebody who has left an office" in page.text
    assert "Chess Club" in page.text
    assert "Grethe" not in page.text
    Page(house.client("maja")).get("/keeping", status=404)


def test_what_nobody_looked_through_goes_thirty_days_later_and_not_before(house: House) -> None:
    office = left_soon(house, days=0)
    on = clock.today()
    assert run(on, seen=False) == run(on + WAITS - DAY, seen=False) == 0
    assert run(on + WAITS, seen=False) == 1
    assert office.person == ""


def test_looking_through_lets_go_what_was_on_the_list_and_nothing_that_came_later(
    house: House,
) -> None:
    first, page = left_soon(house), Page(house.client("else")).get("/keeping")
    later = left_soon(house, "Sea Scouts", 3)
    page.send(press="I have looked; these may go", status=422)
    assert "changed while you were looking" in page.troubles[0]
    protector = Page(house.client("else"))
    assert "Look through what goes soon" in protector.get("/today").text
    protector.post("/keeping", press="I have looked; these may go", status=302)
    assert "Look through what goes soon" not in protector.get("/today").text
    newest = left_soon(house, "Dance School", 1)
    assert run(clock.today() + timedelta(days=10), seen=False) == 2
    assert (first.person, later.person, newest.person) == ("", "", "Grethe Lind")


def hold(house: House, organisation, case=None, by: str = "else", days: int = 100) -> FourEyes:
    until = clock.today() + timedelta(days=days)
    made = four_eyes.ask_to_keep(organisation, Wish("court", "The grant is before a court.", until,
                                 case), 365, by=house.actor(by), at=clock.now())  # fmt: skip
    db.session.commit()
    return made


def test_what_two_people_hold_is_not_destroyed_and_the_hold_ends_by_itself(house: House) -> None:
    office, today = left_soon(house, days=0), clock.today()
    row = hold(house, db.session.get_one(Organisation, office.organisation_id))
    assert next(iter(due_deletions(today))).hold is None, "one person holds nothing"
    four_eyes.agree(row, by=house.actor("karin"), at=clock.now())
    assert run(row.until) == 0
    assert office.person
    assert run(row.until + DAY) == 1
    deeds = deeds_named(office.organisation_id, "hold.asked", "hold.agreed")
    assert "before a court" not in str([deed.facts for deed in deeds])


def test_a_hold_on_one_piece_of_work_keeps_what_belongs_to_it_alone(house: House) -> None:
    one = started(house)
    two = started(house, organisation=one.organisation)
    rows = [write_down(case, asked_of(case)[0].id, "The library", {"How?": "Well."},
                       by=house.actor("maja"), at=NOON) for case in (one, two)]  # fmt: skip
    db.session.commit()
    row = hold(house, one.organisation, one, days=360)
    four_eyes.agree(row, by=house.actor("karin"), at=clock.now())
    row.until = TODAY + DAY * 500
    assert run(TODAY + DAY * 400) == 1
    assert [bool(reference.answers) for reference in rows] == [True, False]


def test_a_hold_on_one_organisation_keeps_nothing_of_another(house: House) -> None:
    held, other = left_soon(house, days=0), left_soon(house, "Hill Choir", 0)
    row = hold(house, db.session.get_one(Organisation, held.organisation_id), days=360)
    four_eyes.agree(row, by=house.actor("karin"), at=clock.now())
    db.session.commit()
    assert run(clock.today()) == 1
    assert (bool(held.person), bool(other.person)) == (True, False)


def test_nobody_agrees_to_their_own_hold_whatever_way_they_try(house: House) -> None:
    row = hold(house, house.organisation(), by="karin")
    with pytest.raises(Refusal, match="two people"):
        four_eyes.agree(row, by=house.actor("karin"), at=clock.now())
    with pytest.raises(NotYours):
        four_eyes.agree(row, by=house.actor("maja"), at=clock.now())
    row.agreed_by = house.people["karin"]
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_a_hold_goes_through_the_pages_and_the_organisation_reads_why(house: House) -> None:
    organisation = house.organisation()
    house.partner("nadia", organisation)
    here, until = f"/organisations/{organisation.public_id}/keeping", clock.today() + DAY * 20
    file = Page(house.client("nadia"))
    asks = Page(house.client("else")).get(here)
    asks.send({"which": "all", "ground": "court", "reason": "The grant is before a court.",
               "until-day": str(until.day), "until-month": str(until.month),
               "until-year": str(until.year)}, press="Ask a second person", status=302)  # fmt: skip
    assert "Agree to keep it" not in asks.get(here).text
    assert "Agree to keep something" not in asks.get("/today").text
    assert "Agree to keep something of Harbour Kitchen" in Page(house.client("karin")).get(
        "/today").text  # fmt: skip
    assert "before a court" not in file.get("/our/file").text
    Page(house.client("karin")).post(here, press="Agree to keep it", status=302)
    assert "The grant is before a court." in file.get("/our/file").text
    assert "A court case or an appeal is under way" in file.text
    Page(house.client("else")).post(here, press="End the hold", status=302)
    assert "before a court" not in file.get("/our/file").text
    assert "ended a hold" in file.get("/our/file/looks").text


def test_a_time_that_is_cut_short_destroys_nothing_that_did_not_stand_on_the_list(
    house: House,
) -> None:
    left_soon(house, days=10)
    made = published(house, file="policy.toml", was="left_office = 6", now="left_office = 1")
    assert made.published_at
    on = clock.day_of(made.published_at)
    assert [one.on for one in due_deletions(on)] == [on]
    assert run(on, seen=False) == 0
