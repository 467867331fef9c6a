from datetime import timedelta

import pytest

from partners.assessment import actions
from partners.assessment.queries import points_of
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.moves import State
from partners.ground import clock
from partners.ground.db import db
from tests.assessment.case import answered, proposed, started
from tests.builders import NOON, House
from tests.page import Page, filled_in, words
from tests.portal.conftest import decided, told


def takes_part(house: House, who: str, engagement) -> Page:
    """Somebody else joins the case, as a press with a purpose does."""
    actions.join(engagement, "Reads as a second person", by=house.actor(who), at=NOON)
    db.session.commit()
    return Page(house.client(who))


def result_of(engagement) -> str:
    return f"/engagements/{engagement.public_id}/result"


def test_the_way_from_proposal_to_letter_works_by_pressing_buttons(house: House) -> None:
    engagement = answered(house, started(house))
    address = result_of(engagement)
    maja, karin = (Page(house.client(who)) for who in ("maja", "karin"))
    jonas = takes_part(house, "jonas", engagement)
    maja.post(address, press="Propose this result", good="They know everybody.", follow=True)
    jonas.post(address, press="I have read it", follow=True)
    karin.post(address, press="Decide", choice="as-found", follow=True)
    page = maja.post(address, press="Deliver the letter", way="meeting", language="en", follow=True)
    assert "They know everybody." in page.text
    page.click("The letter with the decision").click("Open as PDF")
    assert page.answer is not None
    assert page.answer.data.startswith(b"%PDF")


def test_the_organisation_reads_its_points_and_answers_next_to_them(house: House) -> None:
    engagement = proposed(house, answered(house, started(house), PV_03=Given.NOT_MET))
    address = result_of(engagement)
    house.partner("nadia", engagement.organisation)
    nadia = Page(house.client("nadia"))
    (point,) = points_of(engagement)
    assert point.said not in nadia.get(address).text
    Page(house.client("maja")).post(address, press="Send the points to Harbour Kitchen")
    assert point.said in nadia.get(address).text
    nadia.click("The letter with the points")
    nadia.post(address, press="Put this next to the point", reply="We talk about it in May.")
    assert "We talk about it in May." in nadia.follow().text
    jonas = takes_part(house, "jonas", engagement)
    jonas.post(address, press="I have read the points and the answers")
    assert jonas.status in (302, 303)


def test_what_is_typed_about_one_of_several_points_stays_with_it(house: House) -> None:
    engagement = answered(house, started(house), PV_03=Given.NOT_MET, FI_04=Given.NOT_MET)
    proposed(house, engagement)
    first, second = points_of(engagement)
    page = Page(house.client("maja")).get(result_of(engagement))
    forms = {f.find(".//input[@name='point']").get("value"): f for f in page.all("//form")
             if f.find(".//input[@name='point']") is not None}  # fmt: skip
    assert set(forms) == {first.public_id, second.public_id}
    sent = {**filled_in(forms[second.public_id]), "said": "A dubious answer."}
    page.answer = page.client.post(result_of(engagement), data=sent)
    texts = [words(t) for t in page.all("//textarea[@name='said']")]
    assert texts == [first.said, "A dubious answer."]
    assert "Not saved yet." in page.text
    sent = {**filled_in(forms[second.public_id]), "said": "No. 010190-1234"}
    page.answer = page.client.post(result_of(engagement), data=sent)
    assert [words(t) for t in page.all("//textarea[@name='said']")] == [first.said, sent["said"]]
    (link,) = page.all("//*[contains(@class,'govuk-error-summary')]//a/@href")
    assert page.all(f"//*[@id='{link[1:]}']")


def test_a_decision_is_not_shown_to_the_organisation_before_it_is_told(house: House) -> None:
    engagement = proposed(house, answered(house, started(house, place=-2)))
    actions.decide(engagement, engagement.level, engagement.band, by=house.actor("ida"), at=NOON)
    db.session.commit()
    house.partner("nadia", engagement.organisation)
    nadia = Page(house.client("nadia"))
    assert "We are working on an answer" in nadia.get(result_of(engagement)).heading
    nadia.get(f"/engagements/{engagement.public_id}/letter/decision-letter", status=404)


def test_a_refused_decision_keeps_what_was_typed(house: House) -> None:
    engagement = proposed(house, answered(house, started(house)))
    actions.read(engagement, by=house.actor("jonas"), at=NOON)
    db.session.commit()
    karin = Page(house.client("karin"))
    karin.post(
        result_of(engagement), press="Decide", choice="otherwise", minute="kept words",
        level=house.policy.floor.id, band=engagement.band, reason="",
    )  # fmt: skip
    assert karin.status == 422
    assert any("Write why" in trouble for trouble in karin.troubles)


def test_a_reply_may_come_until_the_day_is_over(house: House) -> None:
    engagement = proposed(house, answered(house, started(house), PV_03=Given.NOT_MET))
    actions.send_points(engagement, by=house.actor("maja"), at=clock.now() - timedelta(days=40))
    db.session.commit()
    takes_part(house, "jonas", engagement).post(
        result_of(engagement), press="I have read the points and the answers", follow=True
    )
    db.session.expire_all()
    assert engagement.state == State.PROPOSED


def test_a_foreign_engagement_looks_like_a_missing_one(house: House) -> None:
    engagement = started(house)
    house.partner("eve", house.organisation("Northside Chess Club"))
    Page(house.client("eve")).get(result_of(engagement), status=404)
    Page(house.client("lene")).get(result_of(engagement), status=404)


@pytest.mark.parametrize("how", ["told", "decided", "proposed", "talking"])
def test_work_that_has_ended_says_what_was_decided_and_what_never_was(
    house: House, how: str
) -> None:
    made = {"told": told, "decided": decided}.get(how)
    case = made(house) if made else answered(house, started(house))
    if how == "proposed":
        proposed(house, case)
    house.partner("nadia", case.organisation)
    actions.close(case, "It is done.", by=house.actor("karin"), at=NOON)
    db.session.commit()
    staff, own = (Page(house.client(who)).get(result_of(case)) for who in ("maja", "nadia"))
    assert "not decided yet" not in staff.text + own.text
    undecided = "before anything was decided"
    assert (undecided in staff.text) == (how in ("proposed", "talking"))
    assert (undecided in own.text) == (how == "talking")
    assert ("We told you of no result" in own.text) == (how in ("proposed", "decided"))
    assert ("decided 20 November" in own.text) == (how == "told")
    assert bool(own.all("//*[contains(@class, 'ladder')]")) == (how in ("told", "talking"))
