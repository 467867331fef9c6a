"""The form of one bundle, as both sides use it."""

import re
from datetime import date

import pytest

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.assessment import actions
from partners.assessment.actions.working import Reply
from partners.assessment.models import Answer, Engagement
from partners.assessment.queries import computed, newest_answers, standings
from partners.assessment.rules.answers import Answer as Given
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.policy.values import Asker
from tests.assessment.case import answered, guest, proposed, started
from tests.builders import NOON, TODAY, House
from tests.conftest import only_sqlite
from tests.page import Page, words

SAVE = "Save what is filled in"


def bundle(engagement: Engagement, name: str = "register") -> str:
    return f"/engagements/{engagement.public_id}/items/{name}"


def given(engagement: Engagement, item: str) -> Answer:
    db.session.expire_all()
    return newest_answers(engagement.organisation_id, engagement.id)[item]


def test_an_answer_of_the_organisation_shows_up_for_staff_as_theirs(house: House) -> None:
    engagement = started(house)
    house.partner("nadia", engagement.organisation)
    page = Page(house.client("nadia"))
    page.post(bundle(engagement), {"PV-01-answer": "met", "PV-01-words": "We cook on Thursdays."},
              press=SAVE, follow=True)  # fmt: skip
    assert given(engagement, "PV-01").side == "partner"
    staff = Page(house.client("maja")).get(bundle(engagement))
    assert "We cook on Thursdays." in staff.text
    assert "Harbour Kitchen, " in staff.text


def test_staff_answer_for_them_and_it_says_so(house: House) -> None:
    engagement = started(house)
    page = Page(house.client("maja"))
    page.post(bundle(engagement), {"PV-01-answer": "met", "PV-01-words": "They cook."}, press=SAVE,
              follow=True)  # fmt: skip
    assert "Maja Lund, for Harbour Kitchen" in page.text


def test_what_is_filled_in_is_saved_beside_an_item_that_could_not(house: House) -> None:
    engagement = started(house)
    page = Page(house.client("maja"))
    page.post(bundle(engagement), {
        "PV-01-answer": "met", "PV-01-words": "They cook.",
        "GO-02-words": "Chair, elected in May; three board members.",
    }, press=SAVE, status=422)  # fmt: skip
    assert page.troubles == ["Choose an answer to go with what you wrote."]
    assert "elected in May" in page.source
    assert given(engagement, "PV-01").words == "They cook."
    page.send({"GO-02-answer": "met"}, press=SAVE, follow=True)
    assert given(engagement, "GO-02").words.startswith("Chair")
    assert db.session.query(Answer).count() == 2


def test_a_thought_on_an_answer_is_shown_once_beside_what_is_saved_already(house: House) -> None:
    engagement = started(house)
    page = Page(house.client("maja")).post(bundle(engagement), {
        "PV-01-answer": "met", "PV-01-words": "They cook.",
        "GO-02-answer": "met", "GO-02-words": "The board was hostile.",
    }, press=SAVE, status=200)  # fmt: skip
    assert "Not saved yet." in page.text
    assert "This judges a mood." in page.text
    assert [row.item for row in db.session.scalars(db.select(Answer))] == ["PV-01"]
    page.send(press="Save as it is", status=302)
    assert given(engagement, "GO-02").words == "The board was hostile."
    page.get(bundle(engagement)).send({"GO-02-link": "https://board.example"}, press=SAVE,
                                      status=302)  # fmt: skip


def test_whoever_comes_second_sees_both_texts_and_loses_nothing(house: House) -> None:
    engagement = started(house)
    house.partner("nadia", engagement.organisation)
    theirs, ours = Page(house.client("nadia")), Page(house.client("maja"))
    theirs.get(bundle(engagement))
    ours.post(bundle(engagement), {"PV-01-answer": "met", "PV-01-words": "Our text"}, press=SAVE)
    theirs.send({"PV-01-answer": "partly", "PV-01-words": "Their text"}, press=SAVE, status=422)
    assert "Our text" in theirs.text
    assert "Their text" in theirs.source
    assert given(engagement, "PV-01").words == "Our text"
    theirs.send(press=SAVE, follow=True)
    assert given(engagement, "PV-01").words == "Their text"


def test_what_nobody_touched_is_not_answered_again(house: House) -> None:
    engagement = answered(house, started(house))
    before = db.session.query(Answer).count()
    Page(house.client("maja")).post(bundle(engagement), press=SAVE)
    assert db.session.query(Answer).count() == before


def test_an_answer_from_other_work_is_confirmed_with_one_press(house: House) -> None:
    first = answered(house, started(house))
    second = started(house, organisation=first.organisation)
    page = Page(house.client("maja")).get(bundle(second))
    assert "Carried over, not asked again" in page.text
    value = page.all("//button[@name='still']/@value")[1]
    page.send({"still": value}, press=SAVE, follow=True)
    assert given(second, value).engagement_id == second.id


def test_an_answer_is_taken_back_with_a_reason(house: House) -> None:
    engagement = answered(house, started(house))
    page = Page(house.client("maja"))
    page.post(bundle(engagement), {"which": "PV-01"}, press="Take this answer back", status=422)
    page.send({"reason": "It was meant for the other kitchen."}, press="Take this answer back",
              follow=True)  # fmt: skip
    assert "PV-01" not in newest_answers(engagement.organisation_id, engagement.id)


def test_names_of_people_in_trouble_are_refused_and_nothing_is_lost(house: House) -> None:
    engagement = started(house)
    page = Page(house.client("maja"))
    page.post(bundle(engagement), {"PV-01-answer": "met", "PV-01-words": "CPR 010190-1234"},
              press=SAVE, status=422)  # fmt: skip
    assert "010190-1234" in page.source
    assert not newest_answers(engagement.organisation_id, engagement.id)


def test_answers_are_closed_while_a_result_is_proposed(house: House) -> None:
    engagement = answered(house, started(house))
    actions.propose(engagement, by=house.actor("maja"), at=NOON)
    db.session.commit()
    page = Page(house.client("maja")).get(bundle(engagement))
    assert not page.all("//textarea")


def test_a_group_with_a_link_answers_its_own_items_and_nothing_else(house: House) -> None:
    engagement = started(house)
    page = guest(house, engagement)
    page.post(bundle(engagement), {"PV-01-answer": "met", "PV-01-words": "We cook."}, press=SAVE,
              follow=True)  # fmt: skip
    assert given(engagement, "PV-01").side == "partner"
    page.get(f"/engagements/{engagement.public_id}", status=404)
    page.get(bundle(engagement, "start"), status=404)
    other = started(house, organisation=house.organisation("Northside Chess Club"))
    page.get(bundle(other), status=404)


def test_a_group_with_a_link_takes_back_only_what_it_said(house: House) -> None:
    engagement = started(house)
    ours = Page(house.client("maja"))
    ours.post(bundle(engagement), {"PV-01-answer": "met", "PV-01-words": "They cook."}, press=SAVE)
    page = guest(house, engagement).get(bundle(engagement))
    assert "Take this answer back" not in page.text
    page.send({"PV-01-words": "We cook."}, press=SAVE, follow=True)
    page.send({"which": "PV-01", "reason": "Wrong kitchen."}, press="Take this answer back",
              follow=True)  # fmt: skip
    assert given(engagement, "PV-01").side == "city"


def test_the_day_of_the_meeting_is_the_day_of_its_answers(house: House) -> None:
    engagement = started(house)
    page = Page(house.client("maja"))
    page.post(bundle(engagement, "conversation"), {
        "met_on-day": "18", "met_on-month": "11", "met_on-year": "2025", "present": "Two and one",
        "PV-02-answer": "met", "PV-02-words": "We differ about opening hours.",
    }, press=SAVE, follow=True)  # fmt: skip
    row = given(engagement, "PV-02")
    assert (row.answered_on, row.evidence) == (date(2025, 11, 18), "conversation")
    assert row.source == "Two and one"
    page.post(bundle(engagement, "conversation"), press=SAVE)
    assert db.session.query(Answer).count() == 1


def managers_item(house: House) -> str:
    return next(i.id for i in house.policy.items.values() if i.completed_by is Asker.MANAGER)


def test_a_manager_answers_what_is_a_managers_and_then_does_not_decide(house: House) -> None:
    engagement, item = answered(house, started(house)), managers_item(house)
    page = Page(house.client("karin")).get(bundle(engagement, "decision"))
    assert "does not decide it. Who could still decide: Omar Friis, Tove Krog." in page.text
    page.send({f"{item}-answer": "met", f"{item}-source": "Ref. 12, section 4"}, press=SAVE,
              follow=True)  # fmt: skip
    assert given(engagement, item).by_id == house.people["karin"]
    proposed(house, engagement)
    assert not may(house.actor("karin"), P.ENGAGEMENT_DECIDE, engagement)
    assert may(house.actor("omar"), P.ENGAGEMENT_DECIDE, engagement)


@pytest.mark.parametrize("who", ["maja", "ida", "nadia"])
def test_what_is_a_managers_is_answered_by_no_one_else(house: House, who: str) -> None:
    engagement, item = started(house), managers_item(house)
    house.partner("nadia", engagement.organisation)
    actions.join(engagement, "The kitchen", by=house.actor("ida"), at=NOON)
    with pytest.raises(NotYours):
        actions.answer(engagement, item, Reply(Given.MET), by=house.actor(who), at=NOON)
    others = next(i for i in house.policy.items.values() if i.completed_by is Asker.STAFF)
    with pytest.raises(NotYours):
        actions.answer(engagement, others.id, Reply(Given.MET), by=house.actor("omar"), at=NOON)


def test_of_anothers_advice_no_content_is_kept(house: House) -> None:
    engagement, item = started(house), managers_item(house)
    for said in (Reply(Given.MET, "They said no."), Reply(Given.MET, link="https://a.example")):
        with pytest.raises(Refusal, match="on which ground"):
            actions.answer(engagement, item, said, by=house.actor("karin"), at=NOON)


@pytest.mark.parametrize("place", [2, 3])
def test_what_nobody_has_to_answer_changes_nothing(house: House, place: int) -> None:
    engagement = answered(house, started(house, place=place))
    found = computed(engagement, TODAY)
    free = [s.item for s in standings(engagement, TODAY, optional=True) if not s.asked]
    assert free
    for item in free:
        by = "karin" if item.completed_by is Asker.MANAGER else "maja"
        said = Reply(Given.NOT_MET, "Not yet." if item.content else "", source="Ref. 12")
        actions.answer(engagement, item.id, said, by=house.actor(by), at=NOON)
        assert computed(engagement, TODAY) == found, item.id


def test_optional_questions_stand_behind_one_line_and_are_never_counted(house: House) -> None:
    engagement = answered(house, started(house, place=-2))
    house.partner("nadia", engagement.organisation)
    page = Page(house.client("nadia")).get(f"/engagements/{engagement.public_id}")
    counts = page.text
    free = [s.item for s in standings(engagement, TODAY, optional=True)
            if not s.asked and s.item.completed_by in (Asker.PARTNER, Asker.BOTH)]  # fmt: skip
    here = [i for i in free if i.bundle == free[0].bundle]
    page.get(bundle(engagement, here[0].bundle))
    assert f"You may also answer these ({len(here)})" in page.text
    page.send({f"{here[0].id}-answer": "not_met", f"{here[0].id}-words": "Not yet."}, press=SAVE,
              follow=True)  # fmt: skip
    assert "answered without having to; it changes nothing" in page.text
    page.get(f"/engagements/{engagement.public_id}")
    assert page.heading in counts


@only_sqlite
def test_whoever_goes_back_and_saves_once_more_adds_no_answer(house: House) -> None:
    engagement, page = started(house), Page(house.client("maja"))
    for _press in range(2):  # a browser that goes back fills in again what stood there then
        said = {"PV-01-answer": "met", "PV-01-words": "They cook.", "PV-01-how": ""}
        page.post(bundle(engagement), said, press=SAVE, status=302)
    assert db.session.query(Answer).filter_by(item="PV-01").count() == 1


@only_sqlite
@pytest.mark.parametrize("who", ["maja", "nadia"])
def test_a_task_says_the_same_time_wherever_it_is_seen(house: House, who: str) -> None:
    case = started(house)
    house.partner("nadia", case.organisation)
    page, seen = Page(house.client(who)), 0
    for name in house.policy.bundles:
        page.get(f"/engagements/{case.public_id}")
        hint = page.all(f"//li[.//a[contains(@href, '/items/{name}')]]")
        told = re.search(r"about (\d+) minutes", words(hint[0])) if hint else None
        if told:
            page.get(bundle(case, name))
            assert re.findall(r"about (\d+) minutes", page.text) == [told[1]], name
            seen += 1
    assert seen > 2
