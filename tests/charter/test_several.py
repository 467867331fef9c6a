"""Several parties under one text: each signs for itself, and none of them for the others."""

from datetime import timedelta

import pytest

from partners.access.table import Role as R
from partners.charter import actions, queries
from partners.charter.actions import gathering
from partners.charter.daily import the_day
from partners.charter.models import Charter
from partners.charter.rules import SENSE, State, points
from partners.charter.sealing import signed_under
from partners.charter.sealing import whole as whole_of
from partners.charter.text import document, joint, parts_of, statement_of
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.mail.models import Mail
from partners.signing.actions import Hand
from partners.signing.models import Seal
from partners.signing.queries import charter_signatures
from partners.signing.work import Mark
from tests.builders import NOON, TODAY, House
from tests.charter.case import MONTHS, SAID, signed_first, texts
from tests.page import Page
from tests.signing.walking import sign_through, with_password

UNTIL = TODAY + timedelta(days=21)
PARTIES = {"salma": "The Lantern Fellowship", "miriam": "The Orchard Congregation",
           "ansel": "House of Quiet Hours"}  # fmt: skip


def wording(house: House, statement: str = "We open our doors.", number: int = 1):
    return joint(texts(house)["en"], "Open doors", statement, "What we state together", number)


def gathered(house: House, *, signed: bool = True) -> dict[str, Charter]:
    """A text that three are asked to sign; rows by who may sign, the municipality's under ""."""
    maja = house.actor("maja")
    head = gathering.open_several(wording(house), UNTIL, by=maja, at=NOON)
    found = {"": head}
    for short, name in PARTIES.items():
        made = house.organisation(name)
        house.partner(short, made, R.SIGNATORY)
        found[short] = gathering.ask(head, made, by=maja, at=NOON)
    if signed:
        hand = Hand("Karin Dahl", True, SAID, "en", head.text_hash)
        gathering.sign_first(head, hand, "Head", "", by=house.actor("karin"), at=NOON)
    db.session.commit()
    return found


def sign(house: House, row: Charter, short: str, at=NOON) -> None:
    hand = Hand(house.account(short).name, True, SAID, "en", row.text_hash)
    gathering.sign_with_others(row, hand, "Chair", "", months=MONTHS, by=house.actor(short), at=at)
    db.session.commit()


def decline(house: House, row: Charter, short: str, why: str = "") -> None:
    gathering.decline(row, why, months=MONTHS, by=house.actor(short), at=NOON)
    db.session.commit()


def test_the_text_is_the_charter_word_for_word_and_what_they_state_after_it(house: House) -> None:
    own, both = texts(house)["en"], wording(house, "# We open our doors.\n\nTo all.")
    assert both.title == "Open doors"
    assert own.text.split("\n\n", 1)[1] in both.text
    assert statement_of(both.text) == "We open our doors.\n\nTo all."
    parts = parts_of(document(*house.app.extensions["policy"]))
    assert points(both.text, parts, SENSE) == points(own.text, parts, SENSE)


def test_the_municipality_signs_first_and_not_before_two_are_asked(house: House) -> None:
    rows = gathered(house, signed=False)
    with pytest.raises(Refusal, match="signs this text first"):
        sign(house, rows["salma"], "salma")
    with pytest.raises(NotYours):
        hand = Hand("Maja Lund", True, SAID, "en", rows[""].text_hash)
        gathering.sign_first(rows[""], hand, "Head", "", by=house.actor("maja"), at=NOON)
    alone = gathering.open_several(wording(house, "x"), UNTIL, by=house.actor("maja"), at=NOON)
    hand = Hand("Karin Dahl", True, SAID, "en", alone.text_hash)
    with pytest.raises(Refusal, match="at least two"):
        gathering.sign_first(alone, hand, "Head", "", by=house.actor("karin"), at=NOON)


def test_nobody_signs_or_answers_for_another_party(house: House) -> None:
    rows = gathered(house)
    with pytest.raises(NotYours):
        sign(house, rows["salma"], "miriam")
    with pytest.raises(NotYours):
        decline(house, rows["salma"], "miriam")
    page = Page(house.client("miriam")).get("/our-charter")
    page.get(f"/our-charter/together/{rows['salma'].public_id}", status=404)


def test_it_is_in_force_for_those_who_signed_once_all_have_answered(house: House) -> None:
    rows = gathered(house)
    for short in ("salma", "miriam"):
        sign(house, rows[short], short)
        assert rows[short].state == State.WAITING
        assert queries.in_force(rows[short].organisation_id, TODAY) is None
    decline(house, rows["ansel"], "ansel", "We meet first.")
    assert [rows[n].state for n in ("", "salma", "miriam", "ansel")] == [
        "signed", "signed", "signed", "declined"]  # fmt: skip
    assert queries.in_force(rows["salma"].organisation_id, TODAY) is rows["salma"]
    assert [s.charter_id for s in db.session.query(Seal)] == [rows[""].id]


def test_it_is_in_force_for_those_who_signed_when_the_time_is_over(house: House) -> None:
    rows = gathered(house)
    sign(house, rows["salma"], "salma")
    late = NOON + timedelta(days=22)
    list(the_day(NOON + timedelta(days=21)))
    assert rows["salma"].state == State.WAITING
    for _twice in range(2):
        list(the_day(late))
    assert (rows["salma"].state, rows["miriam"].state) == ("signed", "offered")
    with pytest.raises(Refusal, match="last day to sign"):
        sign(house, rows["miriam"], "miriam", late)
    gathering.wait_longer(rows[""], UNTIL + timedelta(days=21), by=house.actor("maja"), at=late)
    sign(house, rows["miriam"], "miriam", late)
    assert (rows["miriam"].state, rows["miriam"].valid_until) == ("signed", rows[""].valid_until)


def test_more_time_is_never_less_than_those_who_are_asked_were_told(house: House) -> None:
    rows = gathered(house)
    with pytest.raises(Refusal, match="Choose a later day"):
        gathering.wait_longer(rows[""], UNTIL - timedelta(days=1), by=house.actor("maja"), at=NOON)


def test_an_edit_after_a_signature_is_a_new_text_and_no_signature_goes_over(house: House) -> None:
    rows = gathered(house)
    sign(house, rows["salma"], "salma")
    decline(house, rows["ansel"], "ansel")
    maja = house.actor("maja")
    head = gathering.rewrite(rows[""], wording(house, "Never.", 2), by=maja, at=NOON)
    db.session.commit()
    given = charter_signatures([row.id for row in rows.values()])
    assert all(one.voided_at for one in given.values())
    it = queries.several(head.with_id)
    assert (it.head.version, it.head.state, it.named) == ("1-2", "offered", [])
    assert [r.organisation.name for r in it.asked] == list(PARTIES.values())[:2]
    assert rows["salma"].text != head.text
    with pytest.raises(Refusal, match="not possible now"):
        sign(house, rows["miriam"], "miriam")


def test_what_would_change_nothing_or_holds_for_nobody_is_refused(house: House) -> None:
    rows, maja = gathered(house), house.actor("maja")
    head, asked = rows[""], rows["salma"].organisation
    deeds = {
        "The text is the same": lambda **who: gathering.rewrite(head, wording(house), **who),
        "is asked already": lambda **who: gathering.ask(head, asked, **who),
        "Nobody has signed it": lambda **who: gathering.begin_now(head, MONTHS, **who),
        "still to come": lambda **who: gathering.wait_longer(head, TODAY, **who),
    }
    for said, deed in deeds.items():
        with pytest.raises(Refusal, match=said):
            deed(by=maja, at=NOON)
        db.session.rollback()


def test_before_any_signature_the_text_is_changed_as_it_is(house: House) -> None:
    rows = gathered(house, signed=False)
    maja, new = house.actor("maja"), wording(house, "Other words.")
    assert gathering.rewrite(rows[""], new, by=maja, at=NOON) is rows[""]
    assert {row.text_hash for row in rows.values()} == {new.hash}


def whole(house: House) -> dict[str, Charter]:
    rows = gathered(house)
    for short in PARTIES:
        sign(house, rows[short], short)
    return rows


def test_once_in_force_the_text_never_changes_and_one_may_go_or_come_alone(house: House) -> None:
    rows, maja = whole(house), house.actor("maja")
    with pytest.raises(Refusal, match="not possible now"):
        gathering.rewrite(rows[""], wording(house, "x", 2), by=maja, at=NOON)
    actions.withdraw(rows["salma"], by=house.actor("salma"), at=NOON)
    assert rows["miriam"].state == State.SIGNED
    assert queries.standing_of(rows[""].id, TODAY).holds
    late = house.organisation("Harbour Kitchen")
    house.partner("grethe", late, R.SIGNATORY)
    row = gathering.ask(rows[""], late, by=maja, at=NOON)
    sign(house, row, "grethe")
    assert (row.state, row.valid_until) == ("signed", rows[""].valid_until)
    assert {s.charter_id for s in db.session.query(Seal)} == {rows[""].id, row.id}
    for short, one in (("miriam", rows["miriam"]), ("ansel", rows["ansel"]), ("grethe", row)):
        actions.withdraw(one, by=house.actor(short), at=NOON)
    assert queries.standing_of(rows[""].id, TODAY).state == "ended"


def test_near_its_end_one_press_opens_a_new_round_with_the_same_parties(house: House) -> None:
    rows = whole(house)
    until = rows[""].valid_until
    address = f"/charter/together/{rows[''].public_id}"
    assert until
    officer = Page(house.client("maja")).get(address)
    assert "Renew it together" not in officer.text
    rows[""].valid_until = TODAY + timedelta(days=30)
    db.session.commit()
    list(the_day(NOON))
    assert f"it: {address}" in [*db.session.query(Mail)][-1].body
    officer.get(address).send({}, press="Renew it together", status=302, follow=True)
    assert officer.heading == "Everyone is named. A manager signs first."
    it = queries.all_several()[0]
    assert it.head.text == rows[""].text
    assert it.head.sign_by == clock.today() + timedelta(days=21)
    assert {r.organisation_id for r in it.asked} == {rows[n].organisation_id for n in PARTIES}
    assert "It is being renewed" in officer.get(address).text
    hand = Hand("Karin Dahl", True, SAID, "en", it.head.text_hash)
    gathering.sign_first(it.head, hand, "Head", "", by=house.actor("karin"), at=NOON)
    for short, row in zip(PARTIES, it.asked, strict=True):
        assert rows[short].state == State.SIGNED
        sign(house, row, short)
    assert {rows[n].state for n in PARTIES} == {"renewed"}
    assert len(signed_under(it.head)) == 4
    assert queries.standing_of(rows[""].id, TODAY).state == "replaced"
    assert queries.standing_of(it.head.id, TODAY).holds


def test_what_is_signed_with_others_takes_no_other_signatures_place(house: House) -> None:
    own = signed_first(house)
    rows = gathered(house)
    alone = actions.offer(rows["salma"].organisation, own, by=house.actor("maja"), at=NOON)
    hand = Hand(house.account("salma").name, True, SAID, "en", alone.text_hash)
    actions.sign(alone, hand, "Chair", "", months=MONTHS, by=house.actor("salma"), at=NOON)
    for short in PARTIES:
        sign(house, rows[short], short)
    assert alone.state == State.SIGNED
    actions.withdraw(rows["salma"], by=house.actor("salma"), at=NOON)
    assert queries.in_force(alone.organisation_id, TODAY) is alone


def test_each_sees_who_is_still_to_sign_and_nobody_who_said_no_or_went(house: House) -> None:
    rows = gathered(house)
    sign(house, rows["salma"], "salma")
    address = f"/our-charter/together/{rows['miriam'].public_id}"
    page = Page(house.client("miriam")).get(address)
    assert all(name in page.text for name in PARTIES.values())
    assert page.text.count("Still to sign") == 2
    decline(house, rows["ansel"], "ansel", "We meet first.")
    actions.withdraw(rows["salma"], by=house.actor("salma"), at=NOON)
    db.session.commit()
    page.get(address)
    assert "Lantern" not in page.text
    assert "Quiet" not in page.text
    assert "We meet first" not in page.text
    assert "We meet first" in Page(house.client("maja")).get(
        f"/charter/together/{rows[''].public_id}").text  # fmt: skip


def test_everyone_reads_only_the_names_that_said_yes(house: House) -> None:
    rows = gathered(house)
    everyone = Page(house.client())
    for short in PARTIES:
        sign(house, rows[short], short)
    assert "Open doors" not in everyone.get("/charter").text
    actions.consent(rows["salma"], True, (), by=house.actor("salma"), at=NOON)
    db.session.commit()
    text = everyone.get("/charter").text
    assert "Signed together: Open doors" in text
    assert "The Lantern Fellowship" in text
    assert not any(n in text for n in ("Orchard", "Quiet"))


def test_what_one_remarks_is_in_nobody_elses_file_and_what_we_remark_is(house: House) -> None:
    rows = gathered(house, signed=False)
    for who, row in rows.items():
        said = {"values": {"9": {"answer": "remark", "remark": f"{who or 'We'} remark"}}}
        name = "Karin Dahl" if row is rows[""] else house.account(who).name
        hand = Hand(name, True, SAID, "en", row.text_hash, evidence=said)
        deed = {"by": house.actor(who or "karin"), "at": NOON}
        if row is rows[""]:
            gathering.sign_first(row, hand, "Head", "", **deed)
        else:
            gathering.sign_with_others(row, hand, "Chair", "", months=MONTHS, **deed)
    made = whole_of(rows[""].id, Mark("c", "https://havnby.example", "00" * 32))
    told = [one["proof"]["values"]["9"].get("remark") for one in made.signatures]
    assert told == ["We remark", None, None, None]
    db.session.commit()
    text = Page(house.client("salma")).get(f"/charter/{rows['salma'].public_id}/receipt").text
    assert "We remark" in text
    assert "salma remark" in text
    assert "miriam remark" not in text


def test_from_the_first_word_to_the_signature_through_the_pages(house: House) -> None:
    made = {name: house.organisation(name) for name in PARTIES.values()}
    for short, name in PARTIES.items():
        house.partner(short, made[name], R.SIGNATORY)
    with_password(house, "karin", "salma")
    officer = Page(house.client("maja")).get("/charter/together")
    day = {"until-day": UNTIL.day, "until-month": UNTIL.month, "until-year": UNTIL.year}
    said = {"title": "Open doors", "statement": "We open our doors.", "language": "en"}
    officer.send(said | day, press="Begin it", status=302, follow=True)
    for one in made.values():
        officer.get(f"{officer.path.split('?')[0]}?organisation={one.public_id}")
        officer.send({}, press="Ask them", status=302, follow=True)
    assert officer.heading == "Everyone is named. A manager signs first."
    first = officer.path.replace("/charter/together/", "/charter/first/")
    assert "Sign a charter first" in Page(house.client("karin")).get("/today").text
    sign_through(Page(house.client("karin")), first, "Karin Dahl", "Havnby")
    letters = [m.to for m in db.session.query(Mail) if "our-charter/together" in m.body]
    assert len(letters) == 3
    signer = Page(house.client("salma")).get("/our/to-do")
    signer.click("Read the charter that you are asked to sign with others")
    own, address = signer.path, signer.links()["Go on to signing"].removesuffix("/sign")
    sign_through(signer, address, "salma", PARTIES["salma"])
    assert signer.heading == "Signed, not by everyone yet. Here is the receipt so far."
    officer.get(officer.path).send(
        {"title": "Open doors", "statement": "We open them."}, press="Change the text", status=302
    )
    signer.get(own, status=302).follow()
    assert "The text has changed since you signed it" in signer.text
    db.session.rollback()
    last = [m.body for m in db.session.query(Mail).order_by(Mail.id) if "salma" in m.to][-1]
    assert "does not count any more" in last
    sign_through(Page(house.client("karin")), officer.follow().path.replace("together", "first"),
                 "Karin Dahl", "Havnby")  # fmt: skip
    address = signer.get(signer.path).links()["Go on to signing"].removesuffix("sign")
    signer.get(address + "start").send({}, press="Begin: read it", status=302, follow=True)
    assert "We open them." in signer.text.split("Where the words differ")[1].split("Why we have")[0]
