"""What a partner reads, and what it never reads."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from partners.access.table import Role
from partners.accounts.models import Pass
from partners.accounts.queries import fingerprint
from partners.assessment import actions
from partners.assessment.actions.holding import Hold
from partners.assessment.actions.working import Reply
from partners.assessment.queries import points_of
from partners.assessment.rules.answers import Answer as Given
from partners.charter.models import Charter
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.history.actions import note_look, record
from partners.history.queries import hold_asked, looks_at
from partners.relations.actions import log
from partners.relations.rules import Promise, Told
from partners.uploads import files
from partners.uploads.models import Upload
from tests.assessment.case import answered, proposed, started
from tests.builders import NOON, TODAY, House
from tests.page import Page, words
from tests.portal.conftest import below, decided, told

PAGES = ("/our/file", "/our/to-do", "/our/papers", "/our/file/answers", "/our/file/points",
         "/our/file/contacts", "/our/file/reading", "/our/file/looks")  # fmt: skip


def reader(house: House, organisation, *roles: Role) -> Page:
    house.partner("nadia", organisation, *roles)
    return Page(house.client("nadia"))


def everything(page: Page) -> str:
    """The words of every page of the file."""
    return " ".join(page.get(address).text for address in PAGES)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.SIGNATORY, Role.STEWARD])
def test_a_partner_that_is_only_registered_has_a_file_and_nothing_waits(
    house: House, role: Role
) -> None:
    organisation = house.organisation()
    page = reader(house, organisation, role)
    assert organisation.name in page.get("/our/file").heading
    assert page.get("/our/to-do").heading == "Nothing waits for you."
    everything(page)


def test_questions_that_are_the_partners_stand_on_its_list(house: House) -> None:
    case = started(house)
    page = reader(house, case.organisation).get("/our/to-do")
    assert page.heading == "One thing waits for you. One is on us."
    assert f"questions about {case.title}" in page.text
    assert f"Work on the questions about {case.title} that are ours" in page.text


def test_answers_to_points_that_nobody_has_read_yet_are_on_us(house: House) -> None:
    case = proposed(house, answered(house, started(house), PV_03=Given.NOT_MET))
    actions.send_points(case, by=house.actor("maja"), at=NOON)
    page = reader(house, case.organisation)
    nadia = house.actor("nadia")
    for point in points_of(case):
        actions.reply(case, point, "It stands in our minutes.", by=nadia, at=NOON)
    db.session.commit()
    page.get("/our/to-do")
    assert page.heading == "Nothing waits for you. One is on us."
    assert "Read your answers to the points" in page.text


def test_nothing_of_another_organisation_is_ever_on_the_page(house: House) -> None:
    told(house, organisation=house.organisation("Northside Chess Club"))
    text = everything(reader(house, house.organisation()))
    assert "Northside Chess Club" not in text
    assert "Community meals" not in text


def test_a_point_is_read_once_it_is_sent_and_not_before(house: House) -> None:
    case = below(house)
    (point,) = points_of(case)
    point.said = "The charter was not signed."
    db.session.commit()
    page = reader(house, case.organisation)
    before = everything(page)
    assert point.said not in before
    assert "noted a point" not in before
    actions.send_points(case, by=house.actor("maja"), at=clock.now())
    db.session.commit()
    after = everything(page)
    assert point.said in after
    assert "noted a point" in after
    assert "One thing waits for you." in page.get("/our/to-do").heading


def test_a_decision_is_not_seen_before_it_is_told(house: House) -> None:
    case = decided(house)
    name = house.policy.words("en").outcome(case.round.outcome).name
    page = reader(house, case.organisation)
    before = everything(page)
    assert name not in before
    assert "Ida Skov" not in before
    assert "We are working on an answer." in before
    actions.tell(case, "meeting", "en", by=house.actor("maja"), at=NOON)
    db.session.commit()
    after = everything(page)
    assert name in after
    assert "Ida Skov decided" in after


def test_an_agreement_that_nobody_has_begun_to_write_is_on_us(house: House) -> None:
    case = told(house)
    page = reader(house, case.organisation).get("/our/to-do")
    assert page.heading == "Nothing waits for you. One is on us."
    assert f"Write the agreement about {case.title}" in page.text


def test_what_we_do_late_stands_above_what_is_theirs(house: House) -> None:
    case = decided(house)
    case.round.prepared_at = clock.now() - timedelta(days=60)
    db.session.commit()
    page = reader(house, case.organisation).get("/our/to-do")
    assert page.heading == "Nothing waits for you. One is late on our side."
    headings = [h.text_content() for h in page.all("//h2")]
    assert headings[0] == "Late on our side"


def test_a_look_shows_role_day_and_purpose_and_no_name(house: House) -> None:
    organisation = house.organisation()
    note_look(organisation.id, "result", "Homework café", by=house.actor("karin"), at=NOON)
    db.session.commit()
    text = reader(house, organisation).get("/our/file").text
    assert "Read where the result stands: Homework café" in text
    assert "Manager" in text
    assert "Karin" not in text


def test_the_partners_own_looks_are_not_noted(house: House) -> None:
    case = told(house)
    everything(reader(house, case.organisation))
    assert not looks_at(case.organisation_id)


def held(house: House, case, thing: str, row: int) -> str:
    """Maja asks, Karin agrees, on the page; the ground as the organisation reads it."""
    maja, karin = Page(house.client("maja")), Page(house.client("karin"))
    address, until = f"/engagements/{case.public_id}/held-back", clock.now() + timedelta(days=30)
    maja.post(address, {"which": f"{thing}-{row}", "ground": "others", "until-day": until.day,
                        "until-month": until.month, "until-year": until.year},
              press="Ask a second person", follow=True)  # fmt: skip
    assert "Agree to hold it back" not in maja.text
    assert "Agree to hold something back" in karin.get("/today").text
    karin.post(address, press="Agree to hold it back", follow=True)
    assert karin.heading == "One thing is held back"
    assert "Agree to hold something back" not in Page(house.client("karin")).get("/today").text
    return "private circumstances of somebody else"


@pytest.mark.parametrize("thing", ["contacts", "answers"])
def test_one_thing_is_held_back_by_two_and_appears_by_itself(house: House, thing, monkeypatch):
    case = started(house)
    maja = house.actor("maja")
    line = log(case.organisation, Told("phone", TODAY, "The letter of the neighbour."), by=maja,
               at=NOON)  # fmt: skip
    item = next(i.id for i in house.policy.items.values() if i.completed_by == "staff")
    said = Reply(Given.MET, "As the neighbour wrote.", "check")
    row = actions.answer(case, item, said, by=maja, at=NOON)
    db.session.commit()
    text = {"contacts": "The letter of the neighbour.", "answers": "As the neighbour wrote."}[thing]
    page = reader(house, case.organisation)
    bundle = f"/engagements/{case.public_id}/items/{house.policy.items[item].bundle}"
    assert text in everything(page) + page.get(bundle).text
    ground = held(house, case, thing, line.id if thing == "contacts" else row.id)
    read = everything(page) + page.get(bundle).text
    assert text not in read
    assert ground in page.get(f"/our/file/{thing}").text
    copy = ZipFile(BytesIO(page.client.get("/our/everything.zip").data))
    whole = copy.read("everything.json").decode()
    assert text not in whole
    assert ground in whole
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    page = Page(house.client("nadia"))
    assert text in everything(page) + page.get(bundle).text


def test_a_paper_is_held_back_with_the_answer_that_it_belongs_to(house: House) -> None:
    case, maja = started(house), house.actor("maja")
    files.store(house.app.config["SETTINGS"].instance / "files", b"words")
    item = next(i.id for i in house.policy.items.values() if i.completed_by == "staff")
    paper = Upload(
        organisation_id=case.organisation_id, engagement_id=case.id, item=item, what="A letter",
        name="neighbour.pdf", mime="application/pdf", size=1, by_id=maja.id, at=NOON,
        fingerprint=files.fingerprint_of(b"words"),
    )  # fmt: skip
    db.session.add(paper)
    db.session.flush()
    said = Reply(Given.MET, "As the neighbour wrote.", "check", upload_id=paper.id)
    row = actions.answer(case, item, said, by=maja, at=NOON)
    db.session.commit()
    page, address = reader(house, case.organisation), f"/engagements/{case.public_id}/papers/"
    copy = ZipFile(BytesIO(house.client("nadia").get("/our/everything.zip").data))
    assert any(name.endswith("neighbour.pdf") for name in copy.namelist())
    held(house, case, "answers", row.id)
    text = page.get("/our/file/answers").text
    assert "neighbour.pdf" not in text
    assert "The paper that was handed in with this answer" in text
    copy = ZipFile(BytesIO(house.client("nadia").get("/our/everything.zip").data))
    assert not any(name.endswith("neighbour.pdf") for name in copy.namelist())
    page.get(address + paper.public_id, status=404)
    assert house.client("maja").get(address + paper.public_id).status_code == 200


def test_holding_back_takes_two_and_a_ground_and_a_day_that_it_allows(house: House) -> None:
    case = proposed(house, answered(house, started(house), PV_03=Given.NOT_MET))
    (point,) = points_of(case)
    hold = Hold("points", point.id, "internal", NOON.date())
    far = replace(hold, until=NOON.date() + timedelta(days=400))
    with pytest.raises(Refusal, match="at the latest"):
        actions.ask_to_hold(case, far, 180, by=house.actor("karin"), at=NOON)
    with pytest.raises(Refusal, match="still to come"):
        past = replace(hold, until=NOON.date() - timedelta(days=1))
        actions.ask_to_hold(case, past, 180, by=house.actor("karin"), at=NOON)
    with pytest.raises(NotYours):
        actions.ask_to_hold(case, hold, 180, by=house.actor("jonas"), at=NOON)
    actions.ask_to_hold(case, hold, 180, by=house.actor("karin"), at=NOON)
    with pytest.raises(Refusal, match="asked for already"):
        actions.ask_to_hold(case, hold, 180, by=house.actor("omar"), at=NOON)
    (asked,) = hold_asked(case.organisation_id, NOON.date())
    for who, refused in (("karin", Refusal), ("maja", NotYours)):
        with pytest.raises(refused):
            actions.hold_back(case, asked, by=house.actor(who), at=NOON)
    actions.hold_back(case, asked, by=house.actor("omar"), at=NOON)
    assert not hold_asked(case.organisation_id, NOON.date())
    with pytest.raises(Refusal, match="settled already"):
        actions.hold_back(case, asked, by=house.actor("tove"), at=NOON)
    point.sent_at = NOON
    with pytest.raises(Refusal, match="already"):
        actions.ask_to_hold(case, hold, 180, by=house.actor("karin"), at=NOON)


def test_an_open_offer_of_the_charter_waits_without_pressing(house: House) -> None:
    organisation = house.organisation()
    page = reader(house, organisation)
    assert "Read the charter" not in page.get("/our/to-do").text
    offer = Charter(organisation_id=organisation.id, version="1", language="en", text="We listen.",
                    text_hash="0", state="offered", offered_at=NOON)  # fmt: skip
    db.session.add(offer)
    db.session.commit()
    text = page.get("/our/to-do").text
    assert "Read the charter, and sign it if you like" in text
    assert "Signing is never a condition for anything." in text


def test_the_first_page_tells_what_each_side_has_promised(house: House) -> None:
    organisation, maja = house.organisation(), house.actor("maja")
    ours = Promise("Mend the heating", TODAY, owner_id=maja.id)
    theirs = Promise("Send the list of evenings", TODAY, side="partner")
    for promise in (ours, theirs):
        told = Told("phone", TODAY, "The hall.", promise=promise)
        log(organisation, told, by=maja, at=NOON)
    db.session.commit()
    page = reader(house, organisation).get("/our/file")
    sides = [words(e) for e in page.all("//*[@class='promises']/div")]
    assert "Mend the heating" in sides[0]
    assert "Send the list of evenings" in sides[1]


@pytest.mark.parametrize("who", ["else", "karin"])
def test_the_log_names_who_looked_and_never_what_they_read(house: House, who: str) -> None:
    case = proposed(house, answered(house, started(house), PV_03=Given.NOT_MET))
    (point,), later = points_of(case), clock.now()
    for name in ("karin", "ida"):
        note_look(case.organisation_id, "result", "Meals", by=house.actor(name), at=later)
    db.session.commit()
    page = Page(house.client(who)).get("/log")
    assert "Karin Dahl Harbour Kitchen Read where the result stands: Meals" in page.text
    assert point.said not in page.text
    page.get(f"/log?who={house.people['ida']}")
    rows = [words(row) for row in page.all("//tbody/tr")]
    assert len(rows) == 1
    assert "Ida Skov" in rows[0]


def test_times_are_shown_by_the_municipalitys_clock(house: House) -> None:
    organisation = house.organisation()
    late = NOON.replace(hour=23, minute=30)
    note_look(organisation.id, "result", "", by=house.actor("karin"), at=late)
    db.session.commit()
    assert "21 Nov 2026, 00:30" in reader(house, organisation).get("/our/file").text


def test_what_is_held_back_stands_there_as_a_row_with_ground_and_date(house: House) -> None:
    organisation = house.organisation()
    until = (clock.today() + timedelta(days=90)).isoformat()
    record("organisation.held_back", organisation, by=house.actor("karin"), at=NOON,
           thing="one letter to our lawyer", ground="Section 12", until=until)  # fmt: skip
    db.session.commit()
    text = reader(house, organisation).get("/our/file").text
    assert "one letter to our lawyer. Ground: Section 12." in text
    assert "Nothing about you is held back." not in text


@pytest.mark.parametrize("who", ["maja", "karin", "else", "per"])
def test_staff_have_no_file_of_their_own(house: House, who: str) -> None:
    page = Page(house.client(who))
    for address in (*PAGES, "/our/everything.zip"):
        page.get(address, status=404)


def test_a_one_time_link_opens_its_questions_and_nothing_that_is_held(house: House) -> None:
    case, now = started(house), clock.now()
    other = started(house, organisation=case.organisation)
    other.title = "Summer fair"
    db.session.add(Pass(
        kind="session", secret=fingerprint("s"), organisation_id=case.organisation_id,
        engagement_id=case.id, created_at=now, seen_at=now, expires_at=now + timedelta(days=1),
    ))  # fmt: skip
    db.session.commit()
    client = house.client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = "s", True
    page = Page(client).get("/our/file")
    assert case.title in page.text
    assert other.title not in page.text
    for address in (*PAGES[1:], "/our/everything.zip"):
        page.get(address, status=404)


@pytest.mark.parametrize("address", PAGES)
def test_the_pages_ask_the_database_as_often_for_many_rows_as_for_few(
    house: House, statements, address: str
) -> None:
    organisation = house.organisation()
    told(house, organisation=organisation)
    page = reader(house, organisation)
    page.get(address)
    with statements() as few:
        page.get(address)
    for _more in range(3):
        told(house, organisation=organisation)
        started(house, organisation=organisation)
    with statements() as many:
        page.get(address)
    assert len(few) == len(many) <= 10, few
