"""What others say of working together: asked by a link that works once, read by both sides."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from partners.assessment import actions
from partners.assessment.models import Engagement, Reference
from partners.assessment.queries import computed
from partners.assessment.references import asked_of, questions
from partners.ground import clock
from partners.ground.db import db
from partners.mail.actions import A_DOOR
from partners.mail.models import Mail
from tests.assessment.case import answered, proposed, started
from tests.builders import NOON, TODAY, House
from tests.conftest import only_sqlite
from tests.page import Page


@pytest.fixture
def case(house: House) -> Engagement:
    engagement = started(house)
    house.partner("nadia", engagement.organisation)
    return engagement


def here(case: Engagement) -> str:
    return f"/engagements/{case.public_id}/references"


def asked(house: House, case: Engagement, who: str = "Leader of the library") -> str:
    """The address in the letter that Maja's link came in."""
    Page(house.client("maja")).post(here(case), {"ask-who": who, "ask-tongue": "en",
        "ask-email": "library@havnby.example"}, press="Send the link", status=302)  # fmt: skip
    letter = db.session.scalars(select(Mail).order_by(Mail.id.desc())).first()
    return next(line for line in letter.body.split() if "/reference/" in line).split("localhost")[1]


def test_a_referee_answers_once_without_an_account_and_both_sides_read_it(
    house: House, case: Engagement
) -> None:
    link = asked(house, case)
    page = Page(house.client()).get(link)
    assert "may read it too" in page.text, "it says who will read it"
    assert "Leader of the library" not in page.text
    page.send(press="Send this", status=422)
    page.send(press="Send this", how="Since 2020, over lunch.", status=302)
    assert "Thank you" in page.follow().heading
    assert not page.all("//textarea"), "a used link shows no form and no words"
    assert "Since 2020" not in page.text
    for who in ("maja", "nadia"):
        assert "Since 2020, over lunch." in Page(house.client(who)).get(here(case)).text


def test_two_presses_of_one_link_keep_the_first(house: House, case: Engagement) -> None:
    link = asked(house, case)
    first, second = Page(house.client()).get(link), Page(house.client()).get(link)
    first.send(press="Send this", how="Well.", status=302)
    second.send(press="Send this", how="Badly.", follow=True, status=200)
    assert "came too late and was not kept" in second.text
    assert "Badly." in second.text
    assert "too late" not in first.follow().text
    assert [r.answers for r in db.session.scalars(select(Reference))] == [
        {questions("en")["how"]: "Well."}
    ]


def test_a_link_closes_after_fourteen_days_and_when_it_is_taken_back(
    house: House, case: Engagement, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, wrong = asked(house, case), asked(house, case, "Somebody else")
    maja, visitor = Page(house.client("maja")), Page(house.client())
    (_first, row) = db.session.scalars(select(Reference).order_by(Reference.id))
    maja.post(here(case), {"withdraw-which": row.public_id, "withdraw-reason": "Wrong address."},
              press="Take this one back", status=302)  # fmt: skip
    visitor.get(wrong, status=404)
    visitor.get(late)
    monkeypatch.setattr(clock, "now", lambda: later)
    later = NOON + timedelta(days=4000)
    visitor.get(late, status=404)
    visitor.get("/reference/" + "0" * 43, status=404)


def test_a_call_is_written_down_and_two_stand_side_by_side(house: House, case: Engagement) -> None:
    maja = Page(house.client("maja"))
    for who, said in (("The library", "They keep their word."), ("The school", "Always on time.")):
        maja.post(here(case), {"call-who": who, "call-kept": said}, press="Write it down",
                  status=302)  # fmt: skip
    maja.get(here(case))
    assert len(maja.all("//div[contains(@class,'cols--even')]/section")) == 2
    assert "Always on time." in Page(house.client("nadia")).get(here(case)).text


def test_a_person_and_no_rule_answers_the_question_with_it(house: House, case: Engagement) -> None:
    answered(house, case)
    first = asked_of(case)[0].id
    for row in db.session.scalars(select(Reference)):
        db.session.delete(row)
    actions.withdraw_answer(case, _answer(case, first), "Asked anew.", by=house.actor("maja"),
                            at=NOON)  # fmt: skip
    maja = Page(house.client("maja"))
    maja.post(here(case), {"call-who": "The library", "call-kept": "Yes."}, press="Write it down",
              status=302)  # fmt: skip
    assert first in computed(case, TODAY).open, "what came in answers nothing by itself"
    maja.post(here(case), press="Answer the question with this", status=302)
    db.session.expire_all()
    assert first not in computed(case, clock.today()).open
    proposed(house, answered(house, case))
    assert "Answer the question with this" not in maja.get(here(case)).text
    assert "The answers are closed" in maja.text


@only_sqlite
def test_where_nobody_can_be_asked_the_page_says_why(house: House) -> None:
    case = started(house, place=0)
    page = Page(house.client("maja")).get(here(case))
    assert "no question is answered by a reference" in page.text
    other = here(started(house))
    assert "no question" not in page.get(other).text
    assert "Only who works on it" in Page(house.client("karin")).get(other).text


def _answer(case: Engagement, item: str) -> object:
    from partners.assessment.queries import newest_answers

    return newest_answers(case.organisation_id, case.id)[item]


def test_a_passed_on_letter_keeps_no_link(house: House, case: Engagement) -> None:
    link = asked(house, case)
    assert A_DOOR.sub(r"\1…", f"see {link}") == "see /reference/…"


def test_others_of_the_house_do_not_read_it(house: House, case: Engagement) -> None:
    for who in ("bo", "jonas", "per"):
        Page(house.client(who)).get(here(case), status=404)
