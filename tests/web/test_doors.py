from tests.assessment.case import started
from tests.builders import House
from tests.conftest import only_sqlite
from tests.page import Page, words


def test_a_visitor_without_a_session_is_asked_to_sign_in(house: House) -> None:
    answer = house.client().get("/sign-in")
    assert answer.status_code == 200
    assert "Sign in" in answer.text


def test_a_wrong_password_is_told_plainly_and_the_address_is_kept(house: House) -> None:
    client = house.client()
    answer = client.post("/sign-in", data={"email": "x@y.example", "password": "z"})
    assert answer.status_code == 400
    assert "x@y.example" in answer.text


def test_unknown_pages_answer_404(house: House) -> None:
    assert house.client("maja").get("/nowhere").status_code == 404


@only_sqlite
def test_the_menu_says_in_which_section_a_page_stands(house: House) -> None:
    case = started(house)
    house.partner("nadia", case.organisation)
    org, work = f"/organisations/{case.organisation.public_id}", f"/engagements/{case.public_id}"
    for who, address, told in (
        ("maja", "/organisations", {"Register": "page"}),
        ("maja", org, {"Register": "true"}),
        ("maja", f"{work}/conditions", {"Engagements": "true"}),
        ("karin", "/reports/support", {"Reports": "true"}),
        ("else", "/keeping", {"Log": "true"}),
        ("nadia", work, {"My file": "true"}),
        ("nadia", "/our/to-do", {"To do": "page"}),
        ("nadia", "/me", {}),
        (None, "/policy", {"What we ask, and why": "page"}),
    ):
        marked = Page(house.client(who)).get(address).all("//header//a[@aria-current]")
        assert {words(a): a.get("aria-current") for a in marked} == told, address
