"""What an officer who is in no case team of an organisation may see of its people, and may do."""

import pytest

from partners.access.table import Role as R
from partners.accounts.models import Account
from partners.ground.db import db
from partners.mail.queries import outbox
from partners.registry.models import Office, Organisation
from tests.assessment.case import started
from tests.builders import NOON, House
from tests.mou.papers import issued, sign
from tests.page import Page


@pytest.fixture
def kitchen(house: House) -> Organisation:
    """Harbour Kitchen with a named chair and a signatory; Maja leads its case, Jonas has none."""
    kitchen = started(house).organisation
    seat = {"role": "chair", "person": "Nadia Berg", "told_on": NOON.date()}
    db.session.add(Office(organisation_id=kitchen.id, **seat))
    house.partner("nadia", kitchen, R.SIGNATORY, R.MEMBER)
    db.session.commit()
    return kitchen


def test_names_of_people_are_for_the_case_teams(house: House, kitchen: Organisation) -> None:
    at = f"/organisations/{kitchen.public_id}"
    jonas = Page(house.client("jonas"))
    assert "Nadia" not in jonas.get(at).text
    for part in ("/edit/roles", "/people"):
        jonas.get(at + part, status=404)
    jonas.get(f"/people/{house.account('nadia').public_id}", status=404)
    assert "Nadia Berg" in Page(house.client("maja")).get(f"{at}/edit/roles").text
    Page(house.client("karin")).get(f"{at}/people")
    said = Page(house.client("nadia")).get("/our/file/looks").text
    assert "Read who does what with you, and who signs in" in said


def test_nobody_outside_makes_a_way_into_the_file(house: House, kitchen: Organisation) -> None:
    """A link or an account of one's own making would open every answer, and sign."""
    at, jonas = f"/organisations/{kitchen.public_id}/people", house.client("jonas")
    page = Page(jonas)
    other = house.organisation("Northside Chess Club")
    page.get(f"/organisations/{other.public_id}/people")  # no case yet: somebody must begin
    held = {n: page.root.xpath(f"//input[@name='{n}']/@value")[0] for n in ("csrf_token", "_key")}
    for told in ({"deed": "guest"}, {"deed": "invite", "name": "A", "email": "a@b.example",
                                     "roles": "signatory", "language": "en"}):  # fmt: skip
        assert jonas.post(at, data=held | told).status_code == 404


def test_its_users_hear_of_every_change_to_who_signs_in(
    house: House, kitchen: Organisation
) -> None:
    maja = Page(house.client("maja"))
    maja.post(f"/organisations/{kitchen.public_id}/people", press="Send the invitation",
              name="Tom Ravn", email="tom@kitchen.example", roles=["signatory"])  # fmt: skip
    tom = db.session.query(Account).filter_by(email="tom@kitchen.example").one()
    maja.post(f"/people/{house.account('nadia').public_id}", press="Send a new link")
    maja.post(f"/people/{tom.public_id}", press="End the account")
    told = [m for m in outbox() if m.subject == "Who signs in for you was changed"]
    hers = [m.body for m in told if m.to == house.account("nadia").email]
    assert len(hers) == 3
    assert any("invited Tom Ravn to sign in for you" in body for body in hers)
    assert all("/door/" not in body for body in hers)


def test_both_sides_read_the_same_promises(house: House) -> None:
    """The organisation's page does not say that nothing is open while its file names a promise."""
    paper = issued(house)
    for short in ("grethe", "karin"):
        sign(house, paper, short)
    page = f"/organisations/{paper.organisation.public_id}"
    for short, path in (("grethe", "/our/file"), ("maja", page)):
        assert "The hall, every Friday" in Page(house.client(short)).get(path).text
    outside = Page(house.client("lene")).get(page).text
    assert "The hall, every Friday" not in outside
    assert "Nothing is open" not in outside


def test_where_a_case_stands_is_for_its_team(house: House) -> None:
    """That points went out, or that they chose another way, is no news for other departments."""
    case = started(house)
    for state, said in (("replying", "They may answer the points"),
                        ("declined", "They chose another way")):  # fmt: skip
        case.state = state
        db.session.commit()
        for who, told in (("lene", False), ("maja", True), ("karin", True)):
            page = Page(house.client(who))
            row = page.get("/engagements").root.xpath("//main//table")[0].text_content()
            assert case.title in row
            assert (said in row) is told
            found = page.get(f"/engagements?state={state}").root.xpath("//main")[0]
            assert (case.title in found.text_content()) is told


def test_who_is_to_help_finds_the_way_in(house: House) -> None:
    case = started(house)
    lene = Page(house.client("lene"))
    (link,) = lene.get("/engagements").root.xpath(f"//main//table//a[contains(., '{case.title}')]")
    assert "Take part" in lene.get(link.get("href")).text
