"""The charter after the signature: renewed, at rest and back, shaped together, and kept by us."""

from datetime import date, timedelta

import pytest

from partners.charter import actions, queries
from partners.charter.actions import keeping, shaping, suspending
from partners.charter.daily import the_day
from partners.charter.models import Charter, Voice
from partners.charter.queries.shaping import commitments, open_shaping
from partners.charter.rules import State, compared, points
from partners.charter.text import Wording, document, parts_of
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.mail.models import Mail
from partners.signing.actions import Hand
from tests.builders import NOON, TODAY, House
from tests.charter.case import SAID, offered, sign, texts
from tests.page import Page

LATER = NOON + timedelta(days=22)
UNTIL = TODAY + timedelta(days=21)


def signed(house: House) -> Charter:
    charter = offered(house)
    sign(house, charter)
    return charter


def test_readers_judge_the_points_of_parts_b_and_c(house: House) -> None:
    found = points(texts(house)["en"].text, parts_of(document(*house.app.extensions["policy"])),
                   ("shared", "organisation"))  # fmt: skip
    assert (found[0], found[-1], len(found)) == ("8. Freedom", "19. If something goes wrong", 12)


PARAGRAPHS = [
    ("a\n\nb", "a\n\nb", []),
    ("a\n\nb", "a\n\nc", [("b", "c")]),
    ("a", "a\n\nb", [("", "b")]),
    ("a\n\nb\n\nc", "c", [("a", ""), ("b", "")]),
]


@pytest.mark.parametrize(("old", "new", "rows"), PARAGRAPHS)
def test_only_where_two_texts_differ_stand_they_side_by_side(old, new, rows) -> None:
    assert compared(old, new) == rows


def test_a_renewal_takes_the_place_of_the_earlier_signature_and_never_by_silence(
    house: House,
) -> None:
    first = signed(house)
    second = actions.renew(first, texts(house)["en"], by=house.actor("grethe"), at=LATER)
    assert first.state == State.SIGNED
    sign(house, second, at=LATER)
    assert (first.state, second.state) == (State.RENEWED, State.SIGNED)
    assert [c.id for c in queries.current(TODAY)] == [second.id]
    stands = queries.standing_of(first.id, TODAY)
    assert (stands.state, stands.since) == ("replaced", LATER.date())


def test_what_has_changed_is_shown_before_it_is_signed_anew(house: House) -> None:
    first = signed(house)
    words = first.text.replace("Everyone may shape their own life", "All may shape their lives")
    db.session.add(Charter(version="2", language="en", text=words, text_hash="0" * 64,
                           state="offered", offered_at=LATER,
                           organisation_id=first.organisation_id))  # fmt: skip
    page = Page(house.client("grethe")).get("/our-charter")
    assert "What is different from what you signed" in page.text
    assert page.text.count("All may shape their lives within the law") == 2
    page.get(page.links()["Go on to signing"].replace("/sign/sign", "/sign/start"))
    page.send({}, press="Begin: read it", status=302, follow=True)
    assert "What is different from what you signed" in page.text


NOTICES = [(91, 0), (90, 2), (31, 2), (5, 2), (0, 2), (-1, 0)]


@pytest.mark.parametrize(("before", "letters"), NOTICES)
def test_those_who_may_sign_hear_in_time_that_a_signature_runs_out(
    house: House, before: int, letters: int
) -> None:
    charter = signed(house)
    db.session.query(Mail).delete()
    at = NOON + (charter.valid_until - TODAY) - timedelta(days=before)
    for _twice in range(2):
        list(the_day(at))
    assert db.session.query(Mail).count() == letters


def test_nothing_rests_before_the_other_side_was_heard_and_one_person_is_not_enough(
    house: House,
) -> None:
    charter, karin, omar = signed(house), house.actor("karin"), house.actor("omar")
    with pytest.raises(NotYours):
        suspending.propose_suspension(charter, "x", UNTIL, by=house.actor("maja"), at=NOON)
    suspending.propose_suspension(charter, "Point 13.", UNTIL, by=karin, at=NOON)
    with pytest.raises(Refusal, match="may answer until"):
        suspending.suspend(charter, "It stands.", by=omar, at=NOON)
    suspending.answer_suspension(charter, "It was not us.", by=house.actor("grethe"), at=NOON)
    with pytest.raises(Refusal, match="Another manager"):
        suspending.suspend(charter, "It stands.", by=karin, at=NOON)
    suspending.suspend(charter, "It stands.", by=omar, at=NOON)
    assert charter.state == State.SUSPENDED
    assert queries.standing_of(charter.id, TODAY).state == "suspended"
    assert queries.in_force(charter.organisation_id, TODAY) is None
    assert queries.public(TODAY) == []


def test_silence_until_the_day_is_an_answer_too(house: House) -> None:
    charter = signed(house)
    suspending.propose_suspension(charter, "Why.", UNTIL, by=house.actor("karin"), at=NOON)
    suspending.suspend(charter, "Because.", by=house.actor("omar"), at=LATER)
    assert charter.state == State.SUSPENDED


def test_there_is_always_a_way_back_and_a_way_out(house: House) -> None:
    charter, karin, omar = signed(house), house.actor("karin"), house.actor("omar")
    for end in ("back", "out"):
        suspending.propose_suspension(charter, "Why.", UNTIL, by=karin, at=NOON)
        suspending.suspend(charter, "Because.", by=omar, at=LATER)
        if end == "back":
            suspending.end_suspension(charter, "It is mended.", by=karin, at=LATER)
            assert queries.in_force(charter.organisation_id, TODAY) is charter
        else:
            actions.withdraw(charter, by=house.actor("yusuf"), at=LATER)
            assert charter.state == State.WITHDRAWN


def test_the_organisation_may_let_it_rest_just_as_well(house: House) -> None:
    charter, grethe = signed(house), house.actor("grethe")
    suspending.propose_suspension(charter, "You used our name.", UNTIL, by=grethe, at=NOON)
    with pytest.raises(Refusal):  # nobody leaves what the other side has said
        suspending.leave_suspension(charter, by=house.actor("karin"), at=NOON)
    suspending.answer_suspension(charter, "We are sorry.", by=house.actor("karin"), at=NOON)
    suspending.leave_suspension(charter, by=grethe, at=NOON)
    assert (charter.state, charter.hearing) == (State.SIGNED, False)


def test_both_sides_read_the_same_page_about_what_rests(house: House) -> None:
    charter = signed(house)
    address = f"/charter/{charter.public_id}/suspension"
    manager, signer = Page(house.client("karin")), Page(house.client("grethe"))
    manager.get(address).send({"because": "Point 13 was touched."}, status=302)
    signer.get(address).send({"words": "It was not us."}, status=302)
    Page(house.client("omar")).get(address).send(
        {"because": "It stands."}, press="Let the signature rest", status=302
    )
    for page in (manager, signer):
        text = page.get(address).text
        assert all(said in text for said in ("Point 13", "It was not us", "It stands", "rests"))
    Page(house.client("maja")).get(address, status=404)


def round_(house: House) -> tuple:
    made = shaping.open_round("1", "What is missing?", UNTIL, by=house.actor("maja"), at=NOON)
    organisation = house.organisation("Northside Chess Club")
    house.partner("erik", organisation)
    voice = shaping.ask_to_shape(made, organisation, by=house.actor("maja"), at=NOON)
    db.session.commit()
    return made, voice


def test_no_round_closes_before_every_proposal_has_its_answer(house: House) -> None:
    made, voice = round_(house)
    shaping.speak(voice, made, "Say less.", False, by=house.actor("erik"), at=NOON)
    with pytest.raises(Refusal, match="Answer every proposal"):
        shaping.close_round(made, "Nothing.", by=house.actor("karin"), at=NOON)
    shaping.answer_voice(voice, made, "We do.", by=house.actor("maja"), at=NOON)
    shaping.close_round(made, "Point 5 is shorter.", by=house.actor("karin"), at=NOON)
    assert open_shaping() is None


def test_a_name_stands_beside_a_proposal_only_with_a_yes(house: House) -> None:
    made, voice = round_(house)
    shaping.speak(voice, made, "Say less.", False, by=house.actor("erik"), at=NOON)
    everyone = Page(house.client())
    assert "Say less" not in everyone.get("/charter/kept").text
    shaping.answer_voice(voice, made, "We do.", by=house.actor("maja"), at=NOON)
    text = everyone.get("/charter/kept").text
    assert "Say less" in text
    assert "Northside" not in text
    voice.by_name = True
    assert "Northside" in everyone.get("/charter/kept").text


def test_nobody_proposes_for_somebody_else(house: House) -> None:
    made, voice = round_(house)
    other = house.organisation("Harbour Kitchen")
    house.partner("nadia", other)
    with pytest.raises(NotYours):
        shaping.speak(voice, made, "x", False, by=house.actor("nadia"), at=NOON)
    assert "have not been asked" in Page(house.client("nadia")).get("/our-charter/shaping").text


def test_a_proposal_goes_all_the_way_through_the_pages(house: House) -> None:
    round_(house)
    Page(house.client("erik")).get("/our-charter/shaping").send(
        {"words": "Say less.", "by_name": "y"}, status=302
    )
    staff = Page(house.client("maja"))
    staff.get("/charter/shaping").send({"answer": "We do."}, press="Answer", status=302)
    Page(house.client("karin")).get("/charter/shaping").send(
        {"changed": "Point 5 is shorter."}, press="Close it and publish this", status=302
    )
    assert "Point 5 is shorter" in Page(house.client()).get("/charter/kept").text
    assert db.session.query(Voice).one().by_name


def test_each_point_of_our_own_part_has_an_owner_and_a_report_every_year(house: House) -> None:
    karin, maja = house.actor("karin"), house.actor("maja")
    keeping.take_on("1", ["1", "2"], 12, by=karin, at=NOON)
    keeping.take_on("2", ["1", "2"], 12, by=house.actor("omar"), at=LATER)
    first, second = commitments()
    assert (first.version, first.owner_id, first.due_on) == ("2", karin.id, date(2027, 11, 20))
    with pytest.raises(Refusal, match="Whoever owns"):
        keeping.report(second, "Done.", 12, by=maja, at=NOON)
    with pytest.raises(Refusal, match="may report"):
        keeping.hand_over(second, house.account("bo"), by=karin, at=NOON)
    keeping.hand_over(second, house.account("maja"), by=karin, at=NOON)
    keeping.report(second, "Done.", 12, by=maja, at=NOON)
    due = [r for r in commitments() if r.reported_at is None]
    assert [(r.number, r.owner_id) for r in due] == [("1", karin.id), ("2", maja.id)]


def test_where_we_are_late_everyone_reads_it_first(house: House) -> None:
    keeping.take_on("1", ["1"], 12, by=house.actor("karin"), at=NOON - timedelta(days=400))
    db.session.commit()
    assert "We are late" in Page(house.client()).get("/charter/kept").text
    karin = Page(house.client("karin"))
    assert "Report on a point" in karin.get("/today").text
    late = {"by": house.actor("karin"), "at": NOON - timedelta(days=399)}
    keeping.take_on("2", ["10", "2", "1"], 12, **late)
    db.session.commit()
    assert "Points 1, 2, 10. " in karin.get("/today").text
    assert "Report on a point" not in Page(house.client("maja")).get("/today").text


def test_our_reports_are_written_and_handed_on_through_the_page(house: House) -> None:
    keeping.take_on("1", ["1"], 12, by=house.actor("karin"), at=NOON)
    db.session.commit()
    page = Page(house.client("karin")).get("/charter/commitments")
    page.send({"report": "We held four open evenings."}, press="Publish it", status=302)
    assert "four open evenings" in Page(house.client()).get("/charter/kept").text
    page.get("/charter/commitments").send(
        {"owner": "ida@havnby.example"}, press="Hand it over", status=302
    )
    assert "Ida Skov" in page.get("/charter/commitments").text


def test_a_reader_says_which_points_were_found_and_the_organisation_sees_it(house: House) -> None:
    charter = offered(house)
    actions.propose_own(charter, "We mean the same.", by=house.actor("grethe"), at=NOON)
    db.session.commit()
    page = Page(house.client("maja")).get(f"/charter/offers/{charter.public_id}")
    page.send({"points": ["8. Freedom"], "verdict": "talk", "reason": "One point."}, status=302)
    text = Page(house.client("grethe")).get("/our-charter").text
    assert "Found: 8. Freedom" in text
    assert "Not found yet: 9." in text


def test_a_version_signed_later_stands_beside_the_one_before(house: House) -> None:
    offered(house)
    known = texts(house)["en"]
    changed = Wording("2", "en", known.text.replace("We argue about ideas", "We argue, and fairly"))
    hand = Hand("Karin Dahl", True, SAID, "en", changed.hash)
    actions.sign_for_city([changed], hand, "Head", by=house.actor("karin"), at=LATER)
    db.session.commit()
    text = Page(house.client()).get("/charter/kept").text
    assert "We argue, and fairly" in text
    assert "From version 1 to version 2" in text
