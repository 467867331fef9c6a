from tests.builders import House


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
