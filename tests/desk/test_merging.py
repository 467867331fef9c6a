"""Two records of one organisation become one, and can be parted again."""

from typing import Any

import pytest
from sqlalchemy import func, select

from partners.access.table import Role as R
from partners.charter import queries as charters
from partners.ground import clock
from partners.ground.db import db
from partners.history.queries import history_of
from partners.mail.models import Mail
from partners.mou.models import Paper
from partners.mou.sheet import sheet_of
from partners.registry.actions import identify, withdraw, write_keys
from partners.registry.models import Merge, Office, Organisation
from tests.assessment.case import started
from tests.builders import TODAY, House
from tests.charter import case as charter
from tests.mou.papers import issued
from tests.page import Page, filled_in

Pair = tuple[Organisation, Organisation]


def address(one: Organisation, other: Organisation) -> str:
    return f"/organisations/{one.public_id}/merge/{other.public_id}"


@pytest.fixture
def pair(house: House) -> Pair:
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
    return page.send({"sure": "y"}, press="Make one record of both", status=302)


def part(page: Page, one: Organisation, other: Organisation) -> Page:
    typed = {"reason": "They are two."}
    return page.post(address(one, other), typed, press="Part them again", status=302)


def test_both_are_compared_then_one_then_two_again(house: House, pair: Pair) -> None:
    one, two = pair
    own = f"/organisations/{two.public_id}"
    page = Page(house.client("maja"))
    page.get(f"/organisations/{one.public_id}/merge?q=The")
    assert address(one, two) in page.links().values()
    page.post(address(one, two), {"reason": "x"}, press="Check before joining them", status=200)
    page.send(press="Make one record of both", status=422)
    assert page.troubles == ["Confirm it once you have made sure."]
    join(page, one, two, name=two.public_id)
    page.get(own, status=302).follow()
    assert page.heading == "The Harbour Kitchen"
    assert "55501420" in page.text
    assert "Also called Harbour Kitchen" in page.text
    part(page, two, one)
    told = {entry.what for entry in history_of("organisations", one.id)}
    assert "organisation.identified" not in told, "no number was changed"
    page.get(own, status=200)
    assert page.heading == "The Harbour Kitchen"
    page.get(f"/organisations/{one.public_id}")
    assert page.heading == "Harbour Kitchen"
    assert "55501420" not in page.text


def test_pressing_twice_makes_one_of_two_once(house: House, pair: Pair) -> None:
    page, press = Page(house.client("maja")), "Make one record of both"
    page.post(address(*pair), {"reason": "x"}, press="Check before joining them", status=200)
    sent = {**filled_in(page.form(press=press), press), "sure": "y"}
    led = [page.client.post(address(*pair), data=sent).headers["Location"] for _press in range(2)]
    assert led[0] == led[1]
    assert db.session.scalar(select(func.count()).select_from(Merge)) == 1
    assert db.session.scalar(select(func.count()).select_from(Mail)) == 1


def test_who_comes_second_to_join_them_does_not_part_them(house: House, pair: Pair) -> None:
    second, press = Page(house.client("jonas")), "Make one record of both"
    typed = {"reason": "The same mailbox."}
    second.post(address(*pair), typed, press="Check before joining them", status=200)
    join(Page(house.client("maja")), *pair)
    second.send({"sure": "y"}, press=press, status=200)
    assert second.heading.startswith("These two records are one since")
    db.session.expire_all()
    assert db.session.scalars(select(Merge)).one().undone_at is None


def test_nobody_reads_a_joint_file_whom_the_confirmed_page_did_not_name(
    house: House, pair: Pair
) -> None:
    one, two = pair
    house.partner("nadia", one, R.STEWARD)
    page = Page(house.client("maja"))
    page.post(address(one, two), {"reason": "x"}, press="Check before joining them", status=200)
    assert "Nadia" in page.text
    house.partner("ruth", two)
    page.send({"sure": "y"}, press="Make one record of both", status=422)
    assert page.troubles == ["Something changed while you were looking. Compare once more."]
    assert "Ruth" in page.text
    page.send({"sure": "y"}, press="Make one record of both", status=302)


def test_both_partners_are_told_and_read_the_joint_file_until_it_is_parted(
    house: House, pair: Pair
) -> None:
    one, two = pair
    started(house, organisation=two)
    house.partner("nadia", one)
    house.partner("ruth", two)
    nadia, ruth = Page(house.client("nadia")), Page(house.client("ruth"))
    assert "Community meals" not in nadia.get("/our/file").text
    maja = Page(house.client("maja"))
    join(maja, one, two)
    letters = db.session.scalars(select(Mail).where(Mail.subject.like("Two records%"))).all()
    assert {letter.to.split("-")[0] for letter in letters} == {"nadia", "ruth"}
    assert all("The chair told us so." in letter.body for letter in letters)
    assert all("/complaints" in letter.body for letter in letters)
    for reader in (nadia, ruth):
        text = reader.get("/our/file").text
        assert "Community meals" in text
        assert "The reason we gave: The chair told us so." in text
        deeds = reader.get("/our/file/looks").text
        assert "joined another record of your organisation with this one" in deeds
    part(maja, one, two)
    assert "Community meals" not in nadia.get("/our/file").text
    assert "Community meals" in ruth.get("/our/file").text
    assert "joined this record of your organisation" in ruth.get("/our/file/looks").text
    assert len(db.session.scalars(select(Mail).where(Mail.subject.like("%two again"))).all()) == 2


def test_old_addresses_lead_to_the_record_that_stays_for_those_who_may_see_it(
    house: House, pair: Pair
) -> None:
    one, two = pair
    house.partner("nadia", one, R.STEWARD)
    house.partner("else-where", house.organisation("Choir"), R.STEWARD)
    maja = Page(house.client("maja"))
    join(maja, one, two)
    for path in ("contacts", "start", "people", "edit/reach"):
        assert "Harbour Kitchen" in maja.get(f"/organisations/{two.public_id}/{path}").text
    Page(house.client("bo")).get(f"/organisations/{two.public_id}", status=302)
    Page(house.client("nadia")).get(f"/organisations/{two.public_id}/people", status=200)
    foreign = Page(house.client("else-where"))
    for path in ("people", "edit/reach"):
        foreign.get(f"/organisations/{two.public_id}/{path}", status=404)


def test_an_agreement_keeps_the_name_under_which_it_was_signed(house: House) -> None:
    paper = issued(house)
    then, fingerprint = paper.organisation, paper.fingerprint
    stays = house.organisation("Quay Table")
    join(Page(house.client("maja")), stays, then, stays=stays.public_id, name=stays.public_id)
    paper = db.session.get_one(Paper, paper.id)
    assert paper.organisation.name == "Quay Table"
    assert paper.fingerprint == fingerprint
    assert sheet_of(paper, TODAY).facts["organisation"] == "Harbour Kitchen"


def test_who_signed_the_charter_twice_stands_in_the_public_register_once(
    house: House, pair: Pair
) -> None:
    first = charter.offered(house, pair[0])
    charter.sign(house, first)
    second = charter.actions.offer(pair[1], charter.texts(house)["en"], by=house.actor("maja"),
                                   at=clock.now())  # fmt: skip
    house.partner("birgit", pair[1], R.SIGNATORY)
    charter.sign(house, second, "birgit")
    for one in (first, second):
        one.publish_organisation = True
    db.session.commit()
    page = Page(house.client("maja"))
    assert "Both signed the charter" in page.get(address(*pair)).text
    join(page, *pair)
    assert [one.id for one in charters.public(TODAY)] == [second.id]


def test_different_numbers_in_one_register_are_said_first(house: House, pair: Pair) -> None:
    for record, number in zip(pair, ("12345607", "87654321"), strict=True):
        identify(record, [("DK-CVR", number)], by=house.actor("maja"), at=clock.now())
    db.session.commit()
    assert "then they are usually two" in Page(house.client("maja")).get(address(*pair)).text


def test_titles_of_work_are_shown_as_the_organisation_page_shows_them(
    house: House, pair: Pair
) -> None:
    started(house, organisation=pair[1])
    assert "Community meals" in Page(house.client("maja")).get(address(*pair)).text
    jonas = Page(house.client("jonas")).get(address(*pair)).text
    assert "Community meals" not in jonas
    assert "One more piece of work" in jonas


def test_a_contact_role_does_not_get_a_second_contact_person(house: House) -> None:
    policy: Any = house.policy
    role = next(k.id for k in policy.kinds.organisation if k.form == "contact_role")
    pair = [house.organisation(name, kind=role) for name in ("Harbour contact", "Quay contact")]
    for record, person in zip(pair, ("Birgit Holm", "Anna Lind"), strict=True):
        record.offices.append(Office(role="contact", person=person, told_on=TODAY))
    db.session.commit()
    page = Page(house.client("maja"))
    typed = {"reason": "x"}
    page.post(address(*pair), typed, press="Check before joining them", status=200)
    page.send({"sure": "y"}, press="Make one record of both", status=422)
    assert "one contact person at most" in page.troubles[0]


def test_a_withdrawn_entry_is_not_joined_and_a_record_not_with_itself(
    house: House, pair: Pair
) -> None:
    maja = Page(house.client("maja"))
    maja.get(address(pair[0], pair[0]), status=404)
    withdraw(pair[1], "It was wrong.", by=house.actor("maja"), at=clock.now())
    maja.get(address(*pair), status=404)
    maja.get(f"/organisations/{pair[1].public_id}/merge", status=404)
