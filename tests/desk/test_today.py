from datetime import timedelta

import pytest
from sqlalchemy import select

from partners.accounts.models import Account, Delegation
from partners.assessment import actions
from partners.assessment.actions.working import Reply
from partners.assessment.rules.answers import Answer as Given
from partners.ground import clock
from partners.ground.db import db
from partners.lists.known import known_lists
from partners.lists.models import ListVersion
from partners.mail.models import Mail
from partners.policy import shelf
from partners.relations.models import Contact
from partners.signing.keys import keys_in, make
from tests.assessment.case import answered, proposed, started
from tests.builders import NOON, House
from tests.page import Page


@pytest.mark.parametrize("who", ["maja", "ida", "karin", "bo", "else", "per"])
def test_every_role_of_staff_has_a_page_for_today(house: House, who: str) -> None:
    Page(house.client(who)).get("/today")


def test_what_we_promised_and_did_not_do_stands_above_everything(house: House) -> None:
    today = clock.today()
    organisation = house.organisation()
    db.session.add(Contact(
        organisation_id=organisation.id, kind="meeting", held_on=today, line="The heating.",
        by_id=house.people["maja"], at=NOON, follow_up="Answer about the hall heating",
        follow_up_owner_id=house.people["maja"], follow_up_on=today - timedelta(days=17),
    ))  # fmt: skip
    db.session.commit()
    page = Page(house.client("maja")).get("/today")
    assert page.heading == "One thing waits for you. One of them is late on our side."
    assert "17 days late" in page.text
    assert "Answer about the hall heating" in Page(house.client("karin")).get("/today").text
    assert "Answer about the hall heating" not in Page(house.client("lene")).get("/today").text


def test_a_proposal_waits_for_those_who_may_decide_and_nobody_decides_on_their_own(
    house: House,
) -> None:
    case = proposed(house, answered(house, started(house, place=-2)))
    wanted = f"Decide on {case.title}"
    for who in ("karin", "omar", "ida"):
        assert wanted in Page(house.client(who)).get("/today").links()
    mine = Page(house.client("maja")).get("/today")
    assert mine.heading == "Nothing waits for you."
    assert "A colleague" in mine.text
    assert wanted not in Page(house.client("bo")).get("/today").text


def test_a_partnership_is_read_before_it_is_decided(house: House) -> None:
    case = proposed(house, answered(house, started(house)))
    reader = Page(house.client("jonas")).get("/today")
    assert f"Be second reader for {case.organisation.name}" in reader.text
    assert "Decide on" not in Page(house.client("karin")).get("/today").text
    actions.read(case, by=house.actor("jonas"), at=NOON)
    db.session.commit()
    assert f"Decide on {case.title}" in Page(house.client("karin")).get("/today").text
    assert "Decide on" not in Page(house.client("ida")).get("/today").text


def test_a_decision_otherwise_is_confirmed_by_a_manager_of_another_department(
    house: House,
) -> None:
    case = proposed(house, answered(house, started(house)))
    actions.read(case, by=house.actor("jonas"), at=NOON)
    actions.decide(case, house.policy.floor.id, case.band, reason="We begin slowly.",
                   by=house.actor("karin"), at=NOON)  # fmt: skip
    db.session.commit()
    wanted = f"Confirm the decision on {case.title}"
    assert wanted in Page(house.client("omar")).get("/today").text
    own = Page(house.client("karin")).get("/today")
    assert own.heading == "Nothing waits for you."
    assert f"A colleague {wanted}" in own.text


def test_a_role_given_lately_stands_before_every_manager_for_thirty_days(house: House) -> None:
    account = house.account("lene")
    account.role_given_at, account.role_given_by = clock.now(), house.people["karin"]
    db.session.commit()
    assert "Lene Bro: " in Page(house.client("tove")).get("/today").text
    account.role_given_at = clock.now() - timedelta(days=31)
    db.session.commit()
    assert "Lene Bro: " not in Page(house.client("tove")).get("/today").text


def test_what_does_not_fit_on_the_page_is_counted_and_the_latest_stands_on_it(house: House) -> None:
    case = started(house)
    for _ in range(22):
        started(house, organisation=case.organisation)
    case.title, case.due_on = "Long forgotten", clock.today() - timedelta(days=9)
    db.session.commit()
    page = Page(house.client("maja")).get("/today")
    assert page.heading == "23 things wait for you. One of them is late on our side."
    assert "9 days late" in page.text
    assert "And 3 more: engagements in which you take part" in page.text
    assert "Long forgotten" in page.get("/engagements?mine=1&due=step").links()
    assert page.heading == "We work on one thing"


def test_the_keeper_sees_mail_that_does_not_leave_and_no_case(house: House) -> None:
    case = proposed(house, answered(house, started(house)))
    db.session.add(Mail(to="x@y.example", subject="s", body="b", written_at=clock.now()))
    db.session.commit()
    page = Page(house.client("per")).get("/today")
    assert "See to one letter that has not gone" in page.text
    assert case.title not in page.text


def test_a_new_keeper_is_told_what_the_house_still_needs(house: House) -> None:
    page = Page(house.client("per")).get("/today")
    assert "Papers that all have signed wait for it" in page.text
    page.click("Load 2 lists that the law names")
    assert page.heading == "2 lists that are needed are not here yet"
    make(keys_in(house.app.config["SETTINGS"].instance), "Havnby", at=NOON)
    for law in known_lists().missing(()):
        row = {"of_list": law.id, "state": "good", "source": "x", "at": NOON}
        db.session.add(ListVersion(**row, by_id=house.people["per"]))
    db.session.commit()
    assert page.get("/today").heading == "Nothing waits for you."


def test_each_letter_that_waits_is_passed_on_by_a_name_of_its_own(house: House) -> None:
    for to in ("a@y.example", "b@y.example"):
        db.session.add(Mail(to=to, subject="A reminder", body="b", written_at=clock.now()))
    db.session.commit()
    page = Page(house.client("per")).get("/system")
    page.send(press="I passed it on : A reminder, b@y.example", status=302)
    left = select(Mail.to).where(Mail.sent_at.is_(None))
    assert db.session.scalars(left).all() == ["a@y.example"]


def test_points_wait_for_the_organisation_whatever_else_has_begun_since(house: House) -> None:
    case = proposed(house, answered(house, started(house), PV_03=Given.NOT_MET))
    actions.send_points(case, by=house.actor("maja"), at=clock.now())
    started(house)
    page = Page(house.client("maja")).get("/today")
    assert f"may answer the points about {case.title}" in page.text
    assert "Read what" not in page.text


@pytest.mark.parametrize("who", ["maja", "ida", "karin", "per"])
@pytest.mark.parametrize("address", ["/today", "/engagements"])
def test_the_page_asks_the_database_as_often_for_many_rows_as_for_few(
    house: House, statements, who: str, address: str
) -> None:
    if (who, address) == ("per", "/engagements"):
        Page(house.client("per")).get(address, status=404)
        return
    page = Page(house.client(who))
    case = proposed(house, answered(house, started(house)))
    page.get(address)
    with statements() as few:
        page.get(address)
    for place in (-1, -2, -1, -2):
        proposed(house, answered(house, started(house, place=place)))
        started(house, organisation=case.organisation)
    with statements() as many:
        page.get(address)
    assert len(few) == len(many) <= 10, few


def test_what_only_a_manager_answers_waits_for_the_managers_of_the_department(house: House) -> None:
    version, texts = house.app.extensions["policy"]
    file = "checklist/preparation.toml"
    before, after = texts[file].split('id = "PR-06"')
    ours = before + 'id = "PR-06"' + after.replace('"staff"', '"manager"', 1)
    house.app.extensions["policy"] = f"{version}-ours", {**texts, file: ours}
    shelf.adopt(*house.app.extensions["policy"], at=NOON)
    case = started(house)
    wanted = f"Answer what only a manager answers: {case.title}"
    assert wanted in Page(house.client("karin")).get("/today").links()
    assert wanted not in Page(house.client("omar")).get("/today").text
    said = Reply(Given.MET, "We have the means.", "declaration")
    actions.answer(case, "PR-06", said, by=house.actor("karin"), at=NOON)
    db.session.commit()
    assert wanted not in Page(house.client("karin")).get("/today").text


def test_many_new_colleagues_do_not_hide_what_waits_for_a_manager(house: House) -> None:
    maja = db.session.get_one(Account, house.people["maja"])
    maja.role_given_at = NOON - timedelta(days=20)
    for number in range(110):
        db.session.add(Account(
            email=f"new{number}@havnby.example", name=f"New {number}", roles=["officer"],
            department_id=maja.department_id, created_at=NOON,
            role_given_at=clock.now()))  # fmt: skip
    db.session.add(Delegation(
        account_id=maja.id, papers=["memorandum"], up_to_band="B1", given_at=NOON,
        until=clock.now() + timedelta(days=90), given_by=house.people["omar"]))  # fmt: skip
    db.session.commit()
    page = Page(house.client("karin")).get("/today")
    assert f"Confirm that {maja.name} may sign for us" in page.text
