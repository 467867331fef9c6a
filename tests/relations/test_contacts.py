"""The contact log: one line, as if they read it, and promises that somebody keeps."""

from datetime import timedelta

import pytest

from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.history.models import Look
from partners.registry.models import Organisation
from partners.relations import actions, queries
from partners.relations.models import Contact
from partners.relations.rules import Promise, Told, check_told, topics_in
from tests.builders import NOON, TODAY, House
from tests.page import Page

TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (Told("phone", TOMORROW, "Heating"), "has not come yet"),
        (Told("phone", TODAY, "x", promise=Promise("y", YESTERDAY, owner_id=1)), "due on"),
        (Told("phone", TODAY, "x", promise=Promise("y", TOMORROW)), "who of us"),
    ],
)  # fmt: skip
def test_what_cannot_have_happened_is_refused(told: Told, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        check_told(told, TODAY)


@pytest.mark.parametrize(
    ("typed", "topics"),
    [("", ()), (" heating ,, juniors,heating", ("heating", "juniors")), ("a", ("a",))],
)
def test_topics_are_what_stands_between_commas(typed: str, topics: tuple[str, ...]) -> None:
    assert topics_in(typed) == topics


def address(organisation: Organisation) -> str:
    return f"/organisations/{organisation.public_id}/contacts"


LINE = {"kind": "phone", "when": "today", "line": "The heating in the hall.", "topics": "heating"}


def test_a_contact_is_logged_and_stands_on_the_page(house: House) -> None:
    kitchen = house.organisation()
    page = Page(house.client("maja")).post(address(kitchen), LINE, status=302).follow()
    assert page.heading == "Harbour Kitchen"
    assert "The heating in the hall." in page.text
    made = db.session.scalars(db.select(Contact)).one()
    assert (made.held_on, made.topics) == (clock.today(), ["heating"])


def test_a_promise_waits_with_its_owner_until_it_is_done(house: House) -> None:
    kitchen, due = house.organisation(), clock.today() + timedelta(days=7)
    promise = {
        "follow_up": "Answer about the heating", "owner": str(house.people["ida"]),
        "follow_up_on-day": due.day, "follow_up_on-month": due.month, "follow_up_on-year": due.year,
    }  # fmt: skip
    Page(house.client("maja")).post(address(kitchen), {**LINE, **promise}, status=302)
    page = Page(house.client("ida")).get("/contacts")
    assert page.heading == "You promised one thing"
    page.send(press="It is done", status=302).follow()
    assert page.heading == "Nothing that you promised is open"
    assert queries.promises_of(house.people["ida"]) == []


def day(day: int, month: int, year: int) -> dict[str, int]:
    return {"held_on-day": day, "held_on-month": month, "held_on-year": year}


WRONG = [
    ({"kind": None}, "how you were in contact"),
    ({"line": "  "}, "Write one line"),
    ({"when": "other"}, "Write the day"),
    ({"when": "other", **day(1, 1, 2199)}, "not come"),
    ({"when": "other", **day(30, 2, 2026)}, "no day 30"),
    ({"follow_up": "Answer"}, "by when"),
    ({"line": "His number is 010190-1234."}, ""),
    ({"owner": "99999"}, "Choose one"),
]  # fmt: skip


def test_a_line_that_cannot_stand_comes_back_with_its_text(house: House) -> None:
    page, kitchen = Page(house.client("maja")), house.organisation()
    for typed, sentence in WRONG:
        page.post(address(kitchen), {**LINE, **typed}, status=422)
        assert any(sentence in trouble for trouble in page.troubles), typed
        assert (typed.get("line") or LINE["line"]).strip() in page.source
    assert db.session.scalars(db.select(Contact)).all() == []


def test_a_thought_on_the_wording_is_shown_once_and_holds_nobody_up(house: House) -> None:
    page, kitchen = Page(house.client("maja")), house.organisation()
    page.post(address(kitchen), {**LINE, "line": "The board was hostile."}, status=200)
    assert "Not saved yet." in page.text
    assert "This judges a mood. Another wording: 'did not agree with" in page.text
    assert "The board was hostile." in page.source
    assert db.session.scalars(db.select(Contact)).all() == []
    page.send(press="Save as it is", status=302)
    assert db.session.scalars(db.select(Contact)).one().line == "The board was hostile."
    page.post(address(kitchen), {**LINE, "line": "They never answer."}, status=200)
    page.send({"line": "The board was hostile."}, press="Write it down", status=302)
    assert len(db.session.scalars(db.select(Contact)).all()) == 2


def test_advice_never_lets_through_what_is_refused(house: House) -> None:
    page, kitchen = Page(house.client("maja")), house.organisation()
    page.post(address(kitchen), {**LINE, "line": "The hostile board."}, status=200)
    page.send({"line": "The chair is Muslim and hostile."}, press="Save as it is", status=422)
    assert db.session.scalars(db.select(Contact)).all() == []


def test_a_wrong_entry_is_taken_back_and_stays_readable(house: House) -> None:
    kitchen, maja = house.organisation(), house.actor("maja")
    made = actions.log(kitchen, Told("phone", TODAY, "Wrong hall"), by=maja, at=NOON)
    db.session.commit()
    page = Page(house.client("maja"))
    page.post(f"/contacts/{made.public_id}", reason="It was the other hall", status=302).follow()
    assert "Wrong hall" in page.text
    assert "It was the other hall" in page.text
    assert queries.last_and_open(kitchen.id) == ([], [])
    with pytest.raises(Refusal):
        actions.withdraw(made, "again", by=maja, at=NOON)


def test_a_look_at_the_log_is_written_down(house: House) -> None:
    kitchen = house.organisation()
    Page(house.client("maja")).get(address(kitchen))
    assert [look.what for look in db.session.scalars(db.select(Look))] == ["contacts"]


@pytest.mark.parametrize("short", ["bo", "else", "per"])
def test_who_keeps_no_relationship_does_not_open_the_log(house: House, short: str) -> None:
    Page(house.client(short)).get(address(house.organisation()), status=404)
