"""Where an organisation's statutes want two, the charter too waits for both."""

import pytest

from partners.access.table import Role as R
from partners.charter import actions, queries
from partners.charter.actions import gathering
from partners.charter.models import Charter
from partners.charter.rules import State
from partners.charter.sealing import names_under, signed_under
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.mail.models import Mail
from partners.registry.models import Office
from partners.signing.models import Seal
from tests.builders import NOON, TODAY, House
from tests.charter.case import MONTHS, offered, sign
from tests.charter.test_several import decline, gathered
from tests.charter.test_several import sign as sign_joint
from tests.page import Page
from tests.signing.walking import sign_through, with_password


def seats(house: House, charter: Charter, **together: bool) -> Charter:
    """Offices for people of the organisation: whether each signs only with somebody else."""
    assert charter.organisation
    for short, both in together.items():
        person = house.account(short).name if short in house.people else ""
        charter.organisation.offices.append(
            Office(role=short, person=person, may_sign=True, together=both,
                   authority="statutes, section 7", told_on=TODAY)
        )  # fmt: skip
    db.session.commit()
    return charter


def two(house: House) -> Charter:
    return seats(house, offered(house), grethe=True, yusuf=True)


def test_one_of_two_never_counts_as_whole_and_the_second_makes_it_so(house: House) -> None:
    charter = two(house)
    sign(house, charter)
    assert (charter.state, charter.signed_at) == (State.OFFERED, None)
    assert queries.in_force(charter.organisation_id or 0, TODAY) is None
    assert db.session.query(Seal).count() == 0
    with pytest.raises(Refusal, match="signed already"):
        sign(house, charter)
    db.session.rollback()
    sign(house, charter, "yusuf")
    assert charter.state == State.SIGNED
    assert [s.charter_id for s in db.session.query(Seal)] == [charter.id]
    given = signed_under(charter)
    assert [one.name for one in given] == ["Karin Dahl", "Grethe", "Yusuf"]
    assert set(names_under(given, "Havnby").values()) == {"Havnby", "Harbour Kitchen"}


def test_two_people_in_one_office_are_not_two_who_may_sign(house: House) -> None:
    charter = seats(house, offered(house), chair=True)
    for short in ("grethe", "yusuf"):
        house.account(short).title = "chair"
        sign(house, charter, short)
    assert charter.state == State.OFFERED


@pytest.mark.parametrize("first", ["grethe", "yusuf"])
def test_whoever_may_sign_alone_makes_it_whole(house: House, first: str) -> None:
    charter = seats(house, offered(house), grethe=True, yusuf=False)
    sign(house, charter, first)
    assert (charter.state == State.SIGNED) is (first == "yusuf")
    if first == "grethe":
        sign(house, charter, "yusuf")
    assert charter.state == State.SIGNED


@pytest.mark.parametrize("who", ["grethe", "yusuf"])
def test_either_takes_it_back_with_one_press_before_and_after_it_is_whole(
    house: House, who: str
) -> None:
    charter = two(house)
    sign(house, charter)
    page = Page(house.client(who)).get("/our-charter")
    assert page.heading == "One of you has signed. It waits for one more."
    page.send({}, press="Take the signature back", status=302)
    assert queries.signed_so_far(charter) == []
    assert charter.state == State.OFFERED
    sign(house, charter, "yusuf")
    assert charter.state == State.OFFERED
    sign(house, charter)
    assert [one.name for one in signed_under(charter)] == ["Karin Dahl", "Yusuf", "Grethe"]
    actions.withdraw(charter, by=house.actor(who), at=NOON)
    assert charter.state == State.WITHDRAWN


def test_each_sees_on_the_pages_who_is_still_to_sign(house: House) -> None:
    charter = two(house)
    with_password(house, "grethe", "yusuf")
    address = f"/our-charter/{charter.public_id}/sign"
    page = Page(house.client("grethe")).get(f"{address}/start")
    assert "Yusuf" in page.text.split("Who else signs?")[1]
    sign_through(page, address, "Grethe", "Harbour Kitchen", who={"publish_signer": "y"})
    assert page.heading == "Signed, not by everyone yet. Here is the receipt so far."
    assert "together with one other" in page.text
    page.get("/our-charter")
    assert "Still to sign, one of: Yusuf" in page.text
    assert "Go on to signing" not in page.links()
    page.get(f"{address}/start", status=302)
    db.session.rollback()
    assert [m.to for m in db.session.query(Mail) if "/our-charter\n" in m.body] == [
        house.account("yusuf").email]  # fmt: skip
    other = Page(house.client("yusuf")).get("/our-charter")
    assert "Go on to signing" in other.links()
    other.get(f"{address}/start")
    assert "Grethe" in other.text.split("Who else signs?")[1]
    sign_through(other, address, "Yusuf", "Harbour Kitchen", who={"publish_organisation": "y"})
    assert other.heading == "Signed by both sides. Here is the receipt."
    assert "Grethe" in other.text
    everyone = Page(house.client())
    assert "Grethe" in everyone.get("/charter").text
    assert "Yusuf" not in everyone.text
    other.get("/our-charter").send({"names": [box.get("value") for box in other.all(
        "//input[@name='names'][not(@checked)]")]}, press="Show it so", status=302)  # fmt: skip
    assert "Yusuf" in everyone.get("/charter").text
    assert "Grethe" not in everyone.text


def test_staff_learn_nothing_of_a_signature_that_is_not_whole(house: House) -> None:
    charter = two(house)
    sign(house, charter)
    page = Page(house.client("maja")).get("/charter/offers")
    assert "Grethe" not in page.text
    page.get(f"/charter/{charter.public_id}/receipt", status=404)


def test_one_of_two_does_not_stand_under_a_text_of_several(house: House) -> None:
    rows = gathered(house)
    assert rows["salma"].organisation
    house.partner("grethe", rows["salma"].organisation, R.SIGNATORY)
    seats(house, rows["salma"], salma=True, grethe=True)
    sign_joint(house, rows["salma"], "salma")
    sign_joint(house, rows["miriam"], "miriam")
    assert rows["salma"].state == State.OFFERED
    page = Page(house.client("miriam")).get(f"/our-charter/together/{rows['miriam'].public_id}")
    assert page.text.count("Still to sign") == 2
    decline(house, rows["ansel"], "ansel")
    gathering.begin_now(rows[""], MONTHS, by=house.actor("maja"), at=NOON)
    assert (rows["salma"].state, rows["miriam"].state) == (State.OFFERED, State.SIGNED)
    sign_joint(house, rows["salma"], "grethe")
    assert rows["salma"].state == State.SIGNED
    assert len(signed_under(rows["salma"])) == 4


def test_whoever_has_no_office_signs_with_another_where_the_statutes_want_two(house: House) -> None:
    charter = seats(house, offered(house), yusuf=True)
    sign(house, charter)
    assert charter.state == State.OFFERED
    sign(house, charter, "yusuf")
    assert charter.state == State.SIGNED


def test_saying_no_lets_what_one_of_two_signed_count_no_more(house: House) -> None:
    rows = gathered(house)
    seats(house, rows["salma"], salma=True)
    sign_joint(house, rows["salma"], "salma")
    decline(house, rows["salma"], "salma")
    assert signed_under(rows["salma"])[-1].voided_at
