"""A name that is like one on a list concludes nothing: they are asked, and a person settles it."""

from datetime import timedelta

import pytest

from partners.assessment.queries import newest_answers
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.jobs.models import Job
from partners.lists import actions
from partners.lists.known import known_lists
from partners.lists.models import LookUp, Resemblance
from partners.lists.queries import alike, current_versions, index, look_ups, resemblances
from partners.portal.sentences import DEEDS
from partners.registry import actions as registry
from tests.assessment.case import answered, guest, proposed, started
from tests.builders import NOON, TODAY, House
from tests.lists.files import FILES, both, case_of, handed_in, looked_up, rows
from tests.page import Page


def item_of(house: House) -> str:
    return next(i.id for i in house.policy.items.values() if i.looks_up)


def answer_to(house: House, case):
    db.session.expire_all()
    return newest_answers(case.organisation_id, case.id).get(item_of(house))


def here(case) -> str:
    return f"/engagements/{case.public_id}/look-up"


def test_nothing_found_answers_with_list_version_and_date(house: House) -> None:
    both(house)
    case = case_of(house, "Harbour Kitchen")
    page = Page(house.client("maja")).post(here(case), press="Look it up").follow()
    assert page.heading.startswith("Looked up on")
    given = answer_to(house, case)
    assert (given.answer, given.evidence, given.expires_on) == ("met", "check", given.expires_on)
    assert all(v.fingerprint[:12] in given.source for v in current_versions().values())
    assert "UN Security Council" in given.source


def test_before_a_needed_list_is_here_nothing_is_said(house: House) -> None:
    handed_in(house, "un", (FILES / "un.xml").read_bytes())
    case = case_of(house)
    page = Page(house.client("maja")).post(here(case), press="Look it up", status=422)
    assert "EU consolidated" in page.troubles[0]
    assert answer_to(house, case) is None


def test_a_name_that_is_alike_is_asked_about_answered_and_settled(house: House) -> None:
    both(house)
    case = case_of(house)
    page = Page(house.client("maja")).post(here(case), press="Look it up").follow()
    assert page.heading == "2 names are like theirs"
    assert "one letter: “Ancor” and “Anchor”" in page.text
    assert answer_to(house, case) is None
    partner = Page(house.client("nadia")).get("/our/to-do")
    assert "resembles yours" not in partner.text, "nothing is shown before they are asked"
    first, second = resemblances(case.organisation_id)
    for row in (first, second):
        page.get(here(case))
        form = next(f for f in page.all("//form") if row.public_id in f.xpath(".//@value"))
        assert "Ask the organisation" in form.text_content()
        actions.ask(row, within=case, by=house.actor("maja"), at=clock.now())
    db.session.commit()
    partner.get("/our/to-do").click("A name on a list resembles yours; tell us about it")
    assert partner.heading == "2 names on lists resemble yours. Tell us about them."
    with pytest.raises(Refusal, match="Ask the organisation first"):
        actions.settle(first, "another", "No.", days=21, within=case, by=house.actor("maja"),
                       at=clock.now())  # fmt: skip
    for row in (first, second):
        actions.reply(row, "another", "We sell bread.", within=case, by=house.actor("nadia"),
                      at=clock.now())  # fmt: skip
        actions.settle(row, "another", "Another address.", days=21, within=case,
                       by=house.actor("maja"), at=clock.now())  # fmt: skip
    db.session.commit()
    Page(house.client("maja")).post(here(case), press="Look it up")
    assert answer_to(house, case).answer == "met"
    assert "Another address." in Page(house.client("nadia")).get(here(case)).text


def test_each_side_writes_on_the_page(house: House) -> None:
    handed_in(house, "un", (FILES / "un.xml").read_bytes())
    handed_in(house, "eu", (FILES / "eu.xml").read_bytes().replace(b"Velvet", b"Woollen"))
    case = case_of(house)
    maja, nadia = Page(house.client("maja")), Page(house.client("nadia"))
    maja.post(here(case), press="Look it up").follow().send(press="Ask the organisation")
    nadia.post(here(case), press="Send your answer", answer="same", status=422)
    nadia.send({"answer": "same", "reply": "Yes, that is us."}, press="Send your answer").follow()
    assert nadia.heading == "Nothing waits for you here"
    maja.get(here(case))
    assert "Yes, that is us." in maja.text
    maja.send({"settled": "same", "because": "They say so."}, press="Settle it").follow()
    given = answer_to(house, case)
    assert (given.answer, "Velvet Anchor Trading Group" in given.words) == ("not_met", True)
    assert "Settle" not in Page(house.client("maja")).get("/").follow().text


def test_a_changed_list_is_compared_with_valid_look_ups_and_makes_a_task(house: House) -> None:
    both(house)
    handed_in(house, "national", rows("One", "Two", "Three"))
    case = case_of(house, "Harbour Kitchen")
    Page(house.client("maja")).post(here(case), press="Look it up")
    proposed(house, answered(house, case))
    version = handed_in(house, "national", rows("One", "Two", "Three", "Harbour Kichen"))
    assert (version.looked_again, version.found) == (1, 1)
    (row,) = resemblances(case.organisation_id)
    today = Page(house.client("maja")).get("/today")
    assert "Ask Harbour Kitchen about a name on a list" in today.text
    given = answer_to(house, case)
    assert given.answer == "met", "what was answered stays until a person says otherwise"
    again = handed_in(house, "national", rows("One", "Two", "Three", "Harbour Kichen", "Five"))
    assert (again.looked_again, again.found) == (1, 0), "only what is new is compared"
    handed_in(house, "national", rows("One", "Two", "Three", "Five"))
    db.session.expire_all()
    assert row.settled_as == "gone"
    assert "about a name" not in Page(house.client("maja")).get("/today").text


def test_a_pair_once_settled_stays_settled_until_either_side_changes(house: House) -> None:
    both(house)
    case = case_of(house)
    who = {"within": case, "by": house.actor("maja"), "at": NOON}

    def look() -> list[Resemblance]:
        actions.look_up(case.organisation, [], known_lists(), valid_until=TODAY, **who)
        db.session.commit()
        return [r for r in resemblances(case.organisation_id) if not r.settled_at]

    for row in look():
        actions.ask(row, **who)
        late = {**who, "at": NOON + timedelta(days=22)}
        actions.settle(row, "another", "No answer came; other town.", days=21, **late)
    assert look() == []
    assert "Settle a name" not in Page(house.client("maja")).get("/today").text
    handed_in(house, "un", (FILES / "un.xml").read_bytes().replace(b"Nowhereland", b"Otherland"))
    assert [r.body.of_list for r in look()] == ["un"], "the entry has changed"
    case.organisation.name = "Velvet Anchors Trading Group"
    assert len(look()) == 2, "the name has changed"


def called(house: House, organisation, name: str, *others: str) -> None:
    registry.rename(organisation, name, others, by=house.actor("maja"), at=NOON)
    db.session.commit()
    db.session.expire_all()


def test_a_new_name_is_compared_at_once_while_an_answer_stands(house: House) -> None:
    both(house)
    case = case_of(house, "Harbour Kitchen")
    kitchen = case.organisation
    looked_up(house, case)
    called(house, kitchen, "Harbour Kitchen", "Quay Soup")
    assert [look.found for look in look_ups(kitchen.id)] == [0, 0], "a dated record of its own"
    called(house, kitchen, "Harbour Kitchen", "Quay Soup", "Quarterdeck Freight")
    (row,) = resemblances(kitchen.id)
    today = Page(house.client("maja")).get("/today")
    assert "Ask Harbour Kitchen about a name on a list" in today.text
    who = {"within": case, "by": house.actor("maja")}
    actions.ask(row, **who, at=NOON)
    late = NOON + timedelta(days=22)
    actions.settle(row, "another", "Another town.", days=21, **who, at=late)
    called(house, kitchen, "Quay Kitchen", "Quarterdeck Freight")
    assert [one.settled_as for one in resemblances(kitchen.id)] == ["another"], "not asked again"
    called(house, kitchen, "Quarterdeck Freigt")
    newest, _settled = resemblances(kitchen.id)
    assert (newest.name, newest.settled_as) == ("Quarterdeck Freigt", ""), "this side has changed"
    called(house, kitchen, "Harbour Kitchen")
    assert newest.settled_as == "gone", "nothing is left to ask"
    assert len(look_ups(kitchen.id)) == 6


def test_a_name_that_went_while_it_was_compared_is_not_noted(house: House) -> None:
    both(house)
    case = case_of(house, "Harbour Kitchen")
    looked_up(house, case)
    found = alike(["Quarterdeck Freight"], index(current_versions()))
    assert found
    assert not actions.note(look_ups(case.organisation_id)[0], found, at=NOON)


def test_a_new_name_of_a_body_that_controls_it_is_compared_too(house: House) -> None:
    both(house)
    parent = house.organisation("Harbour Union")
    case, other = case_of(house, "Harbour Kitchen"), case_of(house, "Northside Chess Club")
    looked_up(house, case, "harbour union")
    looked_up(house, other, "Chess Union")
    called(house, parent, "Quarterdeck Freight")
    assert [row.name for row in resemblances(case.organisation_id)] == ["Quarterdeck Freight"]
    newest = look_ups(case.organisation_id)[0]
    assert newest.controlled_by == ["harbour union", "Quarterdeck Freight"]
    assert len(look_ups(other.organisation_id)) == 1, "nothing of theirs has changed"


def test_who_has_no_look_up_that_counts_is_not_looked_up_for_a_name(house: House) -> None:
    both(house)
    case = case_of(house, "Harbour Kitchen")
    looked_up(house, case)
    look_ups(case.organisation_id)[0].valid_until = clock.today() - timedelta(days=1)
    for organisation in (case.organisation, house.organisation("Quay Table")):
        called(house, organisation, "Quarterdeck Freight")
        assert not resemblances(organisation.id)
    assert db.session.query(LookUp).count() == 1
    assert {job.state for job in db.session.query(Job)} == {"done"}


def test_a_body_that_controls_it_is_looked_up_and_nobody_else_may_look(house: House) -> None:
    both(house)
    case = case_of(house, "Harbour Kitchen")
    page = Page(house.client("maja"))
    page.post(here(case), press="Look it up", controlled_by="Quarterdeck Freight")
    assert page.follow().heading == "One name is like theirs"
    look = db.session.query(LookUp).one()
    assert (look.controlled_by, look.found) == (["Quarterdeck Freight"], 1)
    Page(house.client("per")).get(here(case), status=404)
    Page(house.client("else")).get(here(case), status=404)
    for who in ("lene", "karin", "per", "else"):
        with pytest.raises(NotYours):
            actions.look_up(case.organisation, [], known_lists(), valid_until=TODAY, within=case,
                            by=house.actor(who), at=NOON)  # fmt: skip
    assert not db.session.query(Job).filter(Job.state == "broken").all()
    assert {"list.looked-up", "list.asked", "list.settled"} <= set(DEEDS)


def test_who_does_not_answer_in_time_holds_nobody_up(house: House) -> None:
    both(house)
    case = case_of(house)
    page = Page(house.client("maja"))
    page.post(here(case), press="Look it up")
    days = timedelta(days=house.policy.head.reply_days)
    over = days + timedelta(days=1)  # the last day belongs to them
    for row, ago in zip(resemblances(case.organisation_id), (over, days), strict=True):
        row.asked_at = clock.now() - ago
    db.session.commit()
    assert "Settle a name on a list" in page.get("/today").text
    page.get(here(case))
    assert page.source.count('value="settle"') == 1, "only where the time is over"


def test_a_group_with_a_link_answers_about_a_name_and_sees_nothing_else(house: House) -> None:
    handed_in(house, "un", (FILES / "un.xml").read_bytes())
    handed_in(house, "eu", (FILES / "eu.xml").read_bytes().replace(b"Velvet", b"Woollen"))
    case = case_of(house)
    maja, group = Page(house.client("maja")), guest(house, case)
    maja.post(here(case), press="Look it up").follow()
    group.get("/our/file")
    assert "resembles yours" not in group.text, "nothing is shown before they are asked"
    maja.send(press="Ask the organisation").follow()
    group.get("/our/file").click("A name on a list resembles yours; tell us about it")
    assert not group.all("//aside"), "when and where others looked is the file's"
    group.send({"answer": "another", "reply": "We sell bread."}, press="Send your answer").follow()
    (row,) = resemblances(case.organisation_id)
    assert (row.answer, row.reply) == ("another", "We sell bread.")
    token = group.all("//input[@name='csrf_token']")[0].get("value")
    for verb in ("look", "ask", "settle"):
        answer = group.client.post(here(case), data={
            "csrf_token": token, "_key": f"{verb:k>22}", "verb": verb, "row": row.public_id,
            "settled": "another", "because": "We say so.",
        })  # fmt: skip
        assert answer.status_code == 404, verb
    maja.get(here(case))
    maja.send({"settled": "another", "because": "Another town."}, press="Settle it").follow()
    assert "Another town." not in group.get(here(case)).text
    assert group.heading == "Nothing waits for you here"
    other = started(house, organisation=house.organisation("Northside Chess Club"))
    group.get(here(other), status=404)


def test_the_first_page_of_a_link_leads_to_its_questions(house: House) -> None:
    case = started(house)
    group = guest(house, case).get("/our/file")
    (link,) = [text for text in group.links() if text.startswith("Answer ")]
    group.click(link)
    assert "/items/" in group.path
