"""What becomes of a paper: its promises, what follows it, and how it ends."""

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from io import BytesIO

import pytest
from sqlalchemy import select

from partners.desk.today import today_of
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.mail.models import Mail
from partners.mou import actions
from partners.mou.actions.promising import make
from partners.mou.daily import the_day
from partners.mou.models import Paper, Promise
from partners.mou.queries import ending, following, newest, promised_to, standing_of
from partners.mou.rules import State, day_in
from partners.mou.sheet import sheet_of
from partners.paper.plain import lines_of
from partners.signing.files import kept
from tests.builders import NOON, TODAY, House
from tests.mou.papers import chair, files, issued, meant, sign, told
from tests.page import Page

LATER = NOON + timedelta(days=30)
HALL = {"text": "The hall, every Friday", "owner": "Havnby", "due": "8 January 2027"}
KEYS = {"text": "Bring the keys back", "owner": "the chair", "due": "every time"}


def in_force(house: House, **more) -> Paper:
    hall = {**HALL, "owner": "Lene Bro", "account": house.people["lene"]}
    said = {"promise_city": [hall], "promise_org": [KEYS], "review_date": "2027-10-01",
            "end": "2027-12-31", **more}  # fmt: skip
    paper = issued(house, None, **said)
    for short in ("grethe", "karin"):
        sign(house, paper, short)
    return paper


def promises(house: House) -> list[Promise]:
    db.session.flush()
    return list(db.session.scalars(select(Promise).order_by(Promise.id)))


@pytest.mark.parametrize(
    ("words", "language", "day"),
    [
        ("2027-01-08", "en", date(2027, 1, 8)), ("by 8 January 2027", "en", date(2027, 1, 8)),
        ("8. januar 2027", "da", date(2027, 1, 8)), ("8.1.2027", "da", date(2027, 1, 8)),
        ("Fridays", "en", None), ("31 February 2027", "en", None), ("", "en", None),
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(words: str, language: str, day: date | None) -> None:
    assert day_in(words, language) == day


def test_promises_of_both_sides_become_dated_tasks_with_owners(house: House) -> None:
    in_force(house)
    ours, theirs = promises(house)
    assert (ours.side, ours.due_on, ours.owner_id) == (
        "city", date(2027, 1, 8), house.people["lene"])  # fmt: skip
    # Without a day of its own it is due when both sides look at it together.
    assert (theirs.side, theirs.due_on, theirs.owner_id) == ("partner", date(2027, 10, 1), None)
    page = Page(house.client("lene"))
    page.get("/today")
    assert HALL["text"] in page.text


def test_a_promise_stands_on_somebodys_day_from_ninety_days_before_it_is_due(house: House) -> None:
    in_force(house)
    ours, _theirs = promises(house)
    for days, seen in ((91, False), (90, True)):
        at = datetime.combine(ours.due_on - timedelta(days=days), time(12), UTC)
        with house.app.test_request_context():
            day = today_of(house.actor("lene"), at)
        assert seen is any(task.text == HALL["text"] for task in day.mine)


def test_a_promise_of_ours_is_not_forgotten_when_somebody_leaves(house: House) -> None:
    in_force(house)
    assert [p.text for p in promised_to(house.actor("maja"), TODAY, TODAY)] == []
    house.account("lene").ended_at = NOON
    db.session.commit()
    for short in ("maja", "karin", "tove"):
        assert [p.text for p in promised_to(house.actor(short), TODAY, TODAY)] == [HALL["text"]]


def test_a_promise_is_kept_with_one_press_and_each_side_keeps_its_own(house: House) -> None:
    in_force(house)
    ours, theirs = promises(house)
    with pytest.raises(Refusal, match="ours to do"):
        actions.keep_promise(ours, "", by=house.actor("grethe"), at=NOON)
    with pytest.raises(NotYours):
        actions.keep_promise(theirs, "", by=house.actor("lene"), at=NOON)
    page = Page(house.client("grethe"))
    page.get("/our/to-do")
    assert KEYS["text"] in page.text
    page.get(f"/promises/{theirs.public_id}")
    page.send({"note": "All four keys"}, press="It is done", follow=True, status=302)
    assert "All four keys" in page.text
    staff = Page(house.client("maja"))
    staff.get(f"/engagements/{ours.engagement.public_id}")
    assert HALL["text"] in staff.text
    assert "Done on" in staff.text


def test_a_changed_paper_is_chained_to_the_file_that_it_changes(house: House) -> None:
    first = in_force(house)
    actions.keep_promise(promises(house)[0], "", by=house.actor("maja"), at=NOON)
    page = Page(house.client("maja"))
    page.get(f"/papers/{first.public_id}")
    page.send(press="Change it", follow=True, status=302)
    page.send({"mediator": "the parish clerk"}, press="Save the draft", status=302)
    second = newest(first.engagement_id)
    assert (second.follows_id, second.follows_hash) == (first.id, first.fingerprint)
    page.get(f"/papers/{second.public_id}/changes")
    assert "[+ parish clerk +]" in page.text
    meant(house, second)
    actions.issue(second, files(house), by=house.actor("maja"), at=LATER)
    assert first.number in " ".join(lines_of(sheet_of(second, TODAY).paper.blocks))
    assert first.state == State.IN_FORCE
    for short in ("grethe", "karin"):
        sign(house, second, short, at=LATER)
    assert (first.state, second.state) == (State.REPLACED, State.IN_FORCE)
    # What was done before is not asked again; what was open is asked once.
    open_now = [p.text for p in promises(house) if not p.done_at and not p.replaced_on]
    assert open_now == [KEYS["text"]]
    assert sha256(kept(files(house), first.fingerprint)).hexdigest() == second.follows_hash


def test_a_renewal_begins_where_the_paper_ends(house: House) -> None:
    first = in_force(house)
    page = Page(house.client("maja"))
    page.get(f"/papers/{first.public_id}")
    page.send(press="Renew it", follow=True, status=302)
    second = newest(first.engagement_id)
    assert (second.facts["start"], second.facts["end"]) == ("2028-01-01", "")
    assert "days" not in second.facts["mediator"]
    with pytest.raises(Refusal, match="already"):
        actions.follow(first, "renewed", {}, by=house.actor("maja"), at=NOON)


def test_a_paper_offers_no_renewal_while_its_case_is_talked_about_again(house: House) -> None:
    first = in_force(house)
    page, again = Page(house.client("maja")), {"press": "Begin the new round", "status": 302}
    assert "Renew it" in page.get(f"/papers/{first.public_id}").text
    page.get(f"/engagements/{first.engagement.public_id}/again").send(**again)
    assert "Renew it" not in page.get(f"/papers/{first.public_id}").text


def test_the_paper_before_holds_until_the_first_day_of_its_renewal(house: House) -> None:
    first = in_force(house)
    assert first.ends_on
    page = Page(house.client("maja"))
    page.get(f"/papers/{first.public_id}")
    page.send(press="Renew it", follow=True, status=302)
    second = newest(first.engagement_id)
    second.facts = {**second.facts, "review_date": "2028-06-01", "end": "2029-12-31"}
    meant(house, second)
    actions.issue(second, files(house), by=house.actor("maja"), at=NOON)
    for short in ("grethe", "karin"):
        sign(house, second, short, at=NOON)

    def stand(day: date) -> list[str]:
        list(the_day(NOON + (day - TODAY)))
        return [standing_of(paper.id, day).state for paper in (first, second)]

    begins = first.ends_on + timedelta(days=1)
    assert stand(first.ends_on) == ["in_force", "begins"]
    assert {p.paper_id for p in promises(house) if not p.replaced_on} == {first.id}
    assert stand(begins) == stand(begins) == ["replaced", "in_force"]
    assert {p.paper_id for p in promises(house) if not p.replaced_on} == {second.id}


def test_notice_is_itself_a_paper_that_says_who_and_until_when(house: House) -> None:
    first = in_force(house, notice_days="60")
    page = Page(house.client("grethe"))
    page.get(f"/papers/{first.public_id}")
    page.send({"reason": "We move to another town."}, press="Give notice", status=302)
    (notice,) = following(first.id)
    text = " ".join(lines_of(sheet_of(notice, TODAY).paper.blocks))
    assert (notice.state, notice.number[:2], first.state) == (State.IN_FORCE, "W-", State.NOTICE)
    for words in ("Harbour Kitchen gave notice", first.number, "We move to another town."):
        assert words in text
    page.get(f"/papers/{notice.public_id}")
    assert "Dialogue stays open" in page.text


def test_both_sides_are_told_90_30_and_5_days_before_and_once(house: House) -> None:
    paper = in_force(house)
    assert paper.ends_on

    def letters(days: int) -> int:
        before = len(db.session.scalars(select(Mail)).all())
        list(the_day(NOON + (paper.ends_on - TODAY - timedelta(days=days))))
        db.session.flush()
        return len(db.session.scalars(select(Mail)).all()) - before

    assert [letters(days) for days in (100, 90, 90, 60, 30, 29, 5, 5)] == [0, 2, 0, 0, 2, 0, 2, 0]


def test_a_paper_from_before_the_register_is_recorded_as_what_it_is(house: House) -> None:
    first = in_force(house)
    told = {"signed_on": TODAY - timedelta(days=400), "until": None, "where": "Archive, box 12"}
    with pytest.raises(Refusal, match="already"):
        actions.record_older(first.engagement, first.kind, told, by=house.actor("maja"), at=NOON)
    page = Page(house.client("maja"))
    page.get(f"/engagements/{first.engagement.public_id}/older-paper")
    when = {"signed_on-day": "1", "signed_on-month": "3", "signed_on-year": "2024"}
    scan = (BytesIO(b"%PDF-1.7 signed\n%%EOF\n"), "annex.pdf")
    page.send({"kind": "support-annex", **when, "where": "Archive, box 12", "scan": scan},
              press="Write it down", follow=True, status=302)  # fmt: skip
    assert page.heading == "Signed on 1 March 2024, before this register"
    made = newest(first.engagement_id, "support-annex")
    assert (made.number, made.fingerprint, made.state) == (None, "", State.IN_FORCE)
    # Its organisation reads it in its own list, and opens the scan; others do not.
    page = Page(house.client("grethe")).get("/our/papers")
    assert "signed before this register." in page.text
    page.get(f"/papers/{made.public_id}")
    scan = page.links()["The scan"]
    assert house.client("grethe").get(scan).data.startswith(b"%PDF")
    assert house.client("lene").get(scan).status_code == 404
    page.get("/our/file")
    assert "2 agreements" in page.text


def test_each_paper_has_the_notices_of_its_own_edition(house: House) -> None:
    paper = in_force(house)
    document = sheet_of(paper, TODAY).document
    assert document.notices == [-90, -30, -5]
    document.more["notices"] = [-10]  # type: ignore[index]
    try:
        for days, ends in ((11, []), (10, [paper])):
            assert list(ending(paper.ends_on - timedelta(days=days))) == ends
    finally:
        del document.more["notices"]  # type: ignore[attr-defined]


KINDS = ("memorandum", "dialogue-agreement", "consultation-note", "support-annex",
         "information-sharing", "role-letter", "crisis-contacts", "notice")  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_promises_in_every_kind_of_paper_become_tasks(house: House, kind: str) -> None:
    engagement = told(house)
    said = {"promise_city": [HALL], "promise_org": [KEYS], "review_date": "2027-10-01"}
    paper = actions.draft(engagement, "en", said, kind=kind, by=house.actor("maja"), at=NOON)
    make(paper, at=NOON)
    dated = [(p.side, p.owner, p.due_on, p.owner_id) for p in promises(house)]
    # A side that promises as such is seen to by whoever leads the work.
    assert dated == [("city", "Havnby", date(2027, 1, 8), house.people["maja"]),
                     ("partner", "the chair", date(2027, 10, 1), None)]  # fmt: skip


def test_whoever_sees_to_a_promise_is_chosen_and_stays_that_person(house: House) -> None:
    engagement = told(house)
    chair(house, engagement)
    page = Page(house.client("maja"))
    page.get(f"/engagements/{engagement.public_id}/paper")
    lene, grethe = (str(house.people[who]) for who in ("lene", "grethe"))
    said = {"promise_city-0-text": "The hall", "promise_city-0-owner": lene,
            "promise_org-0-text": "The keys", "promise_org-0-owner": grethe,
            "promise_org-1-text": "Coffee", "promise_org-1-owner": "Harbour Kitchen"}  # fmt: skip
    page.send(said, press="Save the draft", status=302)
    paper = newest(engagement.id)
    assert paper.facts["promise_city"][0]["owner"] == "Lene Bro"
    house.account("lene").name = house.account("jonas").name = "Lene Holm"
    db.session.commit()
    page.get(f"/engagements/{engagement.public_id}/paper")
    page.send({"mediator": "the vicar"}, press="Save the draft", status=302)
    db.session.expire_all()
    make(paper, at=NOON)
    seen = [(p.text, p.owner_id, p.owner) for p in promises(house)]
    assert seen == [("The hall", int(lene), ""), ("The keys", int(grethe), ""),
                    ("Coffee", None, "Harbour Kitchen")]  # fmt: skip
    page.get(f"/promises/{promises(house)[0].public_id}")
    assert "Lene Holm" in page.text
    # The organisation chooses among those who work on it, and those who stand there already.
    page = Page(house.client("grethe"))
    actions.hand_over(paper, by=house.actor("maja"), at=NOON)
    page.get(f"/engagements/{engagement.public_id}/paper")
    assert "Lene Holm" in page.text
    assert "Omar Friis" not in page.text
