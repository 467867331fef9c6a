"""Every page of the accounts room, opened by those who may and by those who may not."""

import pytest

from partners.access.table import Role as R
from partners.accounts.actions.passes import MOST_TRIES
from tests.builders import House
from tests.page import Page

GOOD = "seagulls argue over the ferry"


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("karin", "/people"), ("per", "/people"), ("else", "/people"), ("karin", "/delegations"),
        ("karin", "/reached"),
        ("per", "/system"), ("maja", "/me"), ("per", "/me"), (None, "/sign-in"), (None, "/forgot"),
    ],
)  # fmt: skip
def test_the_page_opens_whole(house: House, who: str | None, path: str) -> None:
    Page(house.client(who)).get(path)


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("maja", "/people"), ("bo", "/people"), ("per", "/delegations"), ("else", "/delegations"),
        ("maja", "/system"), ("karin", "/system"), ("mette", "/people"), ("mette", "/system"),
        ("per", "/reached"), ("maja", "/reached"),
    ],
)  # fmt: skip
def test_for_others_the_page_does_not_exist(house: House, who: str, path: str) -> None:
    house.partner("mette", house.organisation(), R.STEWARD)
    assert house.client(who).get(path).status_code == 404


def test_a_colleague_is_invited_and_comes_in_through_the_link(house: House) -> None:
    karin = Page(house.client("karin"))
    culture = house.account("maja").department_id
    karin.post(
        "/people", press="Send the invitation", name="Nanna Berg", email="Nanna@havnby.example",
        department=str(culture), roles=["officer"],
    )  # fmt: skip
    link = karin.follow().text.split("/door/")[1].split()[0]
    nanna = Page(house.client())
    nanna.get(f"/door/{link}")
    nanna.get(f"/door/{link}")  # looking at it, as mail scanners do, uses nothing up
    nanna.post(f"/door/{link}", password="summer2026!!", press="Save the password and go in")
    assert nanna.status == 422
    nanna.send(password="seagulls argue over the ferry", press="Save the password and go in")
    assert nanna.status == 302
    assert nanna.get("/me").text.count("nanna@havnby.example") == 1
    assert (
        Page(house.client()).get(f"/door/{link}", status=404).heading == "This link does not open"
    )


def test_a_sentence_said_of_two_fields_says_in_the_summary_which_it_means(house: House) -> None:
    page = Page(house.client("karin"))
    page.post("/people", press="Send the invitation", name="a\x01", email="b\x01", status=422)
    assert "Remove the unreadable character U+0001 after “a”." in page.troubles
    page.post("/people", press="Send the invitation", name="a\x01", email="a\x01", status=422)
    assert "Name: Remove the unreadable character U+0001 after “a”." in page.troubles
    assert "Choose at least one role." in page.troubles, "what is said once needs no name"


def test_an_organisations_steward_invites_for_its_own_house_only(house: House) -> None:
    ours, theirs = house.organisation(), house.organisation("Northside Chess Club")
    house.partner("mette", ours, R.STEWARD)
    house.partner("ole", ours, R.MEMBER)
    mette = Page(house.client("mette"))
    mette.post(
        f"/organisations/{ours.public_id}/people", press="Send the invitation", name="Ali Noor",
        email="ali@kitchen.example", roles=["member"],
    )  # fmt: skip
    assert "Ali Noor" in mette.follow().text
    mette.get(f"/organisations/{theirs.public_id}/people", status=404)
    ole = Page(house.client("ole"))
    ole.get(f"/organisations/{ours.public_id}/people", status=404)


def test_an_officer_opens_a_users_account_but_not_a_colleagues(house: House) -> None:
    mette = house.partner("mette", house.organisation())
    maja = Page(house.client("maja"))
    maja.get(f"/people/{mette.public_id}")
    maja.get(f"/people/{house.account('jonas').public_id}", status=404)


def test_a_group_without_accounts_comes_in_once_and_signs_nothing(house: House) -> None:
    group = house.organisation()
    maja = Page(house.client("maja"))
    maja.post(f"/organisations/{group.public_id}/people", press="Make a link")
    link = maja.follow().text.split("/door/")[1].split()[0]
    guest = Page(house.client())
    guest.post(f"/door/{link}", press="Go to the questions")
    assert guest.status == 302
    guest.get("/me", status=404)
    guest.get(f"/organisations/{group.public_id}/people", status=404)
    Page(house.client()).get(f"/door/{link}", status=404)


def test_a_person_changes_their_own_page_and_password(house: House) -> None:
    bo = Page(house.client("bo"))
    bo.post("/me", press="Save", name="Bo W. Winther", title="Caretaker", language="da")
    assert bo.status == 302
    assert house.account("bo").name == "Bo W. Winther"
    bo.get("/me")
    assert bo.root.get("lang") == "da"


def test_the_present_password_cannot_be_guessed_at_leisure(house: House) -> None:
    maja = Page(house.client("maja"))
    told = set()
    for _try in range(MOST_TRIES + 1):
        maja.post("/me", press="Change the password", current="guess", password=GOOD)
        assert maja.status == 422
        told |= set(maja.troubles)
    assert any(trouble.startswith("Too many tries") for trouble in told)
    assert house.account("maja").password_hash is None


def test_a_managers_list_shows_who_was_given_a_deciding_role(house: House) -> None:
    omar = Page(house.client("omar"))
    maja = house.account("maja")
    omar.post(f"/people/{maja.public_id}", press="Save the roles", roles=["officer", "liaison"])
    tove = Page(house.client("tove"))
    assert "+Liaison" in tove.get("/people").text
    assert "+Liaison" not in Page(house.client("else")).get("/people").text


def test_a_right_to_sign_needs_two_managers(house: House) -> None:
    karin = Page(house.client("karin"))
    karin.get("/delegations")
    band = karin.all("//select[@name='band']/option/@value")[0]
    paper = karin.all("//input[@name='papers']/@value")[0]
    last_day = {"until-day": "1", "until-month": "6", "until-year": "2030"}
    karin.send(
        last_day, press="Give the right to sign",
        account=str(house.people["maja"]), papers=[paper], band=band,
    )  # fmt: skip
    assert "Another manager confirms it" in karin.follow().text
    omar = Page(house.client("omar"))
    omar.post("/delegations", press="Confirm it")
    assert "Confirmed by Omar Friis" in omar.follow().text


def test_what_a_manager_says_of_the_house_stands_on_the_front_page(house: House) -> None:
    karin, late = Page(house.client("karin")), Page(house.client("omar"))
    front = Page(house.client())
    for page in (karin, late):
        page.get("/reached")
    karin.send(url="partners.havnby.example", email="post at havnby", press="Save")
    assert karin.troubles == [
        "Write a whole address, such as https://partners.town.example.",
        "Write an e-mail address, such as name@example.org.",
    ]
    typed = karin.all("//input[@name='url' or @name='email']/@value")
    assert typed == ["partners.havnby.example", "post at havnby"]
    right = {"url": "https://partners.havnby.example/", "email": ""}
    karin.send(right, telephone="+45 55 50 10 00", press="Save")
    assert "+45 55 50 10 00" in front.get("/").text
    late.send(url="https://partners.havnby.example", telephone="+45 1", press="Save")
    assert late.status == 409
    assert "+45 55 50 10 00" in late.text
