"""What is pressed on a page that was overtaken: nothing is lost, nothing unseen is decided."""

from datetime import timedelta

import pytest

from partners.assessment import actions
from partners.assessment.models import Engagement
from partners.assessment.queries import points_of
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.moves import State
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from tests.assessment.case import answered, proposed, started
from tests.assessment.test_points import below, decided, noted
from tests.builders import NOON, House
from tests.page import Page, filled_in


def result_of(case: Engagement) -> str:
    return f"/engagements/{case.public_id}/result"


def again(house: House, case: Engagement) -> Engagement:
    """The round is told, and a new one begins."""
    maja = {"by": house.actor("maja"), "at": NOON}
    actions.tell(decided(house, case), "meeting", "en", **maja)
    actions.begin_again(case, house.app.extensions["policy"], **maja)
    actions.tell_level(case, **maja)
    db.session.commit()
    return case


def test_of_two_of_them_who_answer_one_point_neither_loses_a_word(house: House) -> None:
    case = below(house)
    for who in ("nadia", "samir"):
        house.partner(who, case.organisation)
    nadia, samir = (Page(house.client(who)).get(result_of(case)) for who in ("nadia", "samir"))
    nadia.send(press="Put this next to the point", reply="It was a misprint.", status=302)
    samir.send(press="Put this next to the point", reply="We stand by it.", status=409)
    assert all(words in samir.source for words in ("It was a misprint.", "We stand by it."))
    samir.send(press="Save what stands above", reply="A misprint. We stand by it.", status=302)
    (point,) = points_of(case)
    db.session.refresh(point)
    assert point.reply == "A misprint. We stand by it."


def test_a_reply_of_an_earlier_round_is_not_written_over(house: House) -> None:
    case = below(house)
    house.partner("nadia", case.organisation)
    (earlier,) = points_of(case)
    actions.reply(case, earlier, "It was a misprint.", by=house.actor("nadia"), at=NOON)
    proposed(house, answered(house, again(house, case), SC_03=Given.NOT_MET))
    actions.send_points(case, by=house.actor("maja"), at=NOON)
    nadia = Page(house.client("nadia")).get(result_of(case))
    (form,) = (f for f in nadia.all("//form") if "point" in filled_in(f))
    sent = {**filled_in(form), "point": earlier.public_id, "reply": "Something else."}
    assert nadia.client.post(result_of(case), data=sent).status_code == 404
    db.session.refresh(earlier)
    assert earlier.reply == "It was a misprint."


def test_a_decision_is_about_what_the_page_showed(house: House) -> None:
    case = proposed(house, answered(house, started(house, place=-2)))
    karin = Page(house.client("karin")).get(result_of(case))
    actions.take_back(case, "There is something new.", by=house.actor("maja"), at=NOON)
    proposed(house, answered(house, case, FI_04=Given.PARTLY))
    karin.send(press="Decide", choice="as-found", status=422)
    assert "Look at it again" in karin.troubles[0]
    db.session.refresh(case)
    assert (case.state, case.round.decided_by) == (State.PROPOSED, None)
    karin.send(press="Decide", choice="as-found", status=302)


def test_a_new_round_begins_without_the_points_of_the_one_before(house: House) -> None:
    case = started(house)
    noted(house, case)
    proposed(house, answered(house, case))
    maja = {"by": house.actor("maja"), "at": NOON}
    actions.send_points(case, **maja)
    (point,) = points_of(case)
    actions.reply(case, point, "The editor was new.", **maja)
    assert not {*again(house, case).triggers} & house.policy.point_triggers


def test_a_point_is_read_once(house: House) -> None:
    case = below(house)
    (point,) = points_of(case)
    with pytest.raises(Refusal, match="settled already"):
        actions.read_point(case, point, by=house.actor("jonas"), at=NOON + timedelta(days=3))


def test_what_waited_for_a_second_manager_ends_with_the_work(house: House) -> None:
    case = started(house)
    here = f"/engagements/{case.public_id}"
    omar = Page(house.client("omar"))
    Page(house.client("karin")).post(here, press="Ask for a pause", pause_because="A quarrel.")
    assert "Confirm a pause" in omar.get("/today").text
    actions.close(case, "They moved away.", by=house.actor("tove"), at=NOON)
    assert "Confirm a pause" not in omar.get("/today").text


def test_what_is_held_back_already_is_not_agreed_to_once_more(house: House) -> None:
    case = answered(house, started(house))
    here = f"/engagements/{case.public_id}/held-back"
    karin, omar = (Page(house.client(who)).get(here) for who in ("karin", "omar"))
    which, ground = (next(v for v in karin.all(f"//select[@name='{name}']/option/@value") if v)
                     for name in ("which", "ground"))  # fmt: skip
    day = clock.today() + timedelta(days=5)
    until = {f"until-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}
    (form,) = (f for f in karin.all("//form") if "which" in filled_in(f))
    sent = {**filled_in(form), **until, "which": which, "ground": ground}
    assert karin.client.post(here, data=sent).status_code == 302
    for page, verb, answer in ((omar, "agree", 302), (karin, "release", 422)):
        (form,) = (f for f in page.get(here).all("//form") if filled_in(f).get("verb") == verb)
        sent = {**filled_in(form), "verb": "agree"}
        assert page.client.post(here, data=sent).status_code == answer
