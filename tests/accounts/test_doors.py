"""Signing in, and what was typed before the session ended."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from partners.accounts import actions
from partners.accounts.models import Pass
from partners.ground import clock
from partners.ground.db import db
from tests.assessment.case import started
from tests.builders import NOON, House
from tests.conftest import only_sqlite
from tests.page import Page, words

GOOD = "seagulls argue over the ferry"
TYPED = {
    "deed": "me",
    "name": "Maja <b>Lund</b>\n\nnew",
    "title": "  as typed ",
    "theme": "dark",
}
SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def people(house: House) -> Iterator[House]:
    for short in ("maja", "jonas"):
        account = house.account(short)
        actions.set_password(account, GOOD, by=account.actor, at=NOON)
    db.session.commit()
    return house


def hidden(source: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', source)
    return found[1] if found else ""


def ended(house: House, client: FlaskClient) -> None:
    """Every session ends, as if two hours had passed."""
    db.session.execute(db.update(Pass).values(ended_at=clock.now()))
    db.session.commit()


def sign_in(client: FlaskClient, source: str, who: str, **more: Any) -> Any:
    fields = {n: hidden(source, n) for n in ("csrf_token", "_key", "packed", "onward")}
    fields |= {"email": f"{who}@havnby.example", "password": GOOD, **more}
    return client.post("/sign-in", data=fields)


def typed_after_the_end(house: House, headers: dict[str, str]) -> tuple[FlaskClient, Any]:
    client = house.client("maja")
    page = client.get("/me").text
    ended(house, client)
    tokens = {n: hidden(page, n) for n in ("csrf_token", "_key", "_version")}
    return client, client.post("/me", data={**TYPED, **tokens}, headers=headers)


def test_what_was_typed_is_shown_at_sign_in_and_sent_after_it(people: House) -> None:
    client, asked = typed_after_the_end(people, SAME)
    assert asked.status_code == 401
    assert "<dt>deed" not in asked.text, "the name of a button says nothing to anybody"
    assert "Maja &lt;b&gt;Lund&lt;/b&gt;" in asked.text
    back = sign_in(client, asked.text, "maja")
    page = Page(client)
    page._take(back, 200)
    assert page.heading == "Here is what you typed"
    assert "<dt>deed" not in page.source
    said = dict(zip(*([words(e) for e in page.all(f"//dl/{tag}")] for tag in ("dt", "dd")),
                    strict=True))  # fmt: skip
    assert said == {"Name": "Maja <b>Lund</b> new", "What you do": "as typed", "Look": "Dark"}
    form = page.all("//form[@action='/me']")[0]
    again = {f.get("name"): f.value for f in form.xpath(".//input|.//textarea")}
    assert again["name"] == "Maja <b>Lund</b>\n\nnew"
    assert again["title"] == TYPED["title"]
    sent = client.post("/me", data={**again, "name": "Maja Lund", "language": "en"})
    db.session.rollback()
    assert (sent.status_code, people.account("maja").theme) == (302, "dark")


def test_another_person_is_not_given_what_somebody_typed(people: House) -> None:
    client, asked = typed_after_the_end(people, SAME)
    back = sign_in(client, asked.text, "jonas")
    assert back.status_code == 302
    assert "new" not in client.get("/me").text.split("<main")[1].split('name="title"')[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_on_a_strangers_page_is_not_carried(people: House, headers: dict[str, str]) -> None:
    client, asked = typed_after_the_end(people, headers)
    assert hidden(asked.text, "packed") == ""
    assert "Maja &lt;b&gt;" not in asked.text
    assert sign_in(client, asked.text, "maja").status_code == 302


def test_what_is_carried_cannot_be_changed_on_the_way(people: House) -> None:
    client, asked = typed_after_the_end(people, SAME)
    packed = hidden(asked.text, "packed")
    body, _dot, rest = packed.rpartition(".")
    changed = f"{body[:-3]}abc.{rest}"
    assert sign_in(client, asked.text, "maja", packed=changed).status_code == 302


def test_no_password_and_no_old_token_is_carried(people: House) -> None:
    from partners.accounts import kept

    client = people.client("maja")
    ended(people, client)
    secrets = {"password": "s3cret one", "current": "s3cret two", "csrf_token": "t", "_key": "k"}
    asked = client.post("/me", data={**TYPED, **secrets}, headers=SAME)
    held = kept.unpack(hidden(asked.text, "packed"))
    assert {name for name, _value in held["pairs"]} == set(TYPED)


def test_no_password_is_shown_back_when_a_form_is_out_of_date(people: House) -> None:
    secrets = {"current": "s3cret one", "password": "s3cret two"}
    answer = people.client("maja").post("/me", data={**TYPED, **secrets})
    assert answer.status_code == 400
    assert TYPED["title"] in answer.text
    assert "s3cret" not in answer.text


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_signing_in_never_leads_out_of_the_house(people: House, onward: str) -> None:
    client = people.client()
    page = client.get("/sign-in", query_string={"onward": onward}).text
    back = sign_in(client, page, "maja", onward=onward)
    assert back.status_code == 302
    assert back.headers["Location"] == "/today"


def test_after_sign_in_one_goes_on_to_the_page_that_was_asked_for(people: House) -> None:
    client = people.client()
    asked = client.get("/me?x=1")
    assert asked.status_code == 401
    assert sign_in(client, asked.text, "maja").headers["Location"] == "/me?x=1"


def test_signing_out_ends_the_session_on_the_server(people: House) -> None:
    client = people.client("maja")
    with client.session_transaction() as cookie:
        kept = dict(cookie)
    page = client.get("/me").text
    tokens = {n: hidden(page, n) for n in ("csrf_token", "_key")}
    assert client.post("/sign-out", data=tokens).status_code == 302
    with client.session_transaction() as cookie:
        cookie.update(kept)  # the cookie was copied before
    assert client.get("/me").status_code == 401


def test_known_and_unknown_addresses_get_the_same_answer(people: House) -> None:
    answers = []
    for address in ("maja@havnby.example", "nobody@havnby.example"):
        page = Page(people.client())
        page.post("/forgot", email=address, press="Send me a link")
        answers.append((page.status, page.text))
    assert answers[0] == answers[1]


def test_a_letter_never_repeats_a_name_that_a_stranger_gave_the_house(people: House) -> None:
    page = people.client()
    form = page.get("/forgot", base_url="http://evil.example").text
    tokens = {n: hidden(form, n) for n in ("csrf_token", "_key")}
    page.post(
        "/forgot", data={**tokens, "email": "maja@havnby.example"}, base_url="http://evil.example"
    )
    from partners.mail.queries import outbox

    assert not any("evil" in letter.body for letter in outbox())


def test_the_keeper_reads_the_outbox_but_not_the_link_of_somebody_who_decides(
    people: House,
) -> None:
    karin = Page(people.client("karin"))
    for short in ("omar", "bo"):
        karin.post(f"/people/{people.account(short).public_id}", press="Send a new link")
    from partners.mail.queries import outbox

    links = {m.to.split("@")[0]: re.search(r"/door/([\w-]+)", m.body)[1] for m in outbox()}
    page, late = (Page(people.client("per")).get("/system") for _window in range(2))
    assert links["bo"] in page.text
    assert links["omar"] not in page.text
    passed = [button for button in page.all("//button") if "I passed it on" in words(button)]
    press = words(passed[0])
    assert "Saved." in page.send(press=press, follow=True).text
    assert "does not wait any more" in late.send(press=press, follow=True).text


@only_sqlite
def test_what_was_typed_goes_by_the_labels_and_choices_of_its_own_page(people: House) -> None:
    case, client = started(people), people.client("maja")
    at = f"/engagements/{case.public_id}/items/register"
    page = client.get(at).text
    ended(people, client)
    typed = {"PV-01-answer": "met", "PV-01-words": "We cook.", "PV-01-seen": "", "met_on-day": "3",
             "met_on-month": "4", "nothing": "17"}  # fmt: skip
    sent = typed | {n: hidden(page, n) for n in ("csrf_token", "_key")}
    asked = client.post(at, data=sent, headers=SAME)
    back = Page(client)
    back._take(sign_in(client, asked.text, "maja"), 200)
    shown = [words(e) for e in back.all("//dl/*")]
    assert "In words" in shown
    assert "We cook." in shown
    assert not {"met", "17", "PV-01-answer", "nothing"} & set(shown)
    assert shown[shown.index("When did you meet?") + 1] == "3 4"
    form = back.all(f"//form[@action='{at}']")[0]
    again = {f.get("name"): f.value for f in form.xpath(".//input")}
    assert again | typed == again, "all of it is sent again"


@only_sqlite
def test_what_was_typed_where_no_page_is_opened_goes_by_its_names(people: House) -> None:
    case, client = started(people), people.client("maja")
    page = client.get(f"/engagements/{case.public_id}").text
    ended(people, client)
    sent = {n: hidden(page, n) for n in ("csrf_token", "_key")} | {"purpose": "We cook."}
    at = f"/engagements/{case.public_id}/paper/preview"
    asked = client.post(at, data=sent, headers=SAME)
    back = Page(client)
    back._take(sign_in(client, asked.text, "maja"), 200)
    assert "We cook." in [words(e) for e in back.all("//dl/dd")]
