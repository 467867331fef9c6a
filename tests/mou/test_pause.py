"""Either side may pause by saying so, with a date for the next talk; nothing rests for ever."""

import json
from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.mail.models import Mail
from partners.mou import actions
from partners.mou.daily import the_day
from partners.mou.models import Paper
from partners.mou.queries import standing_of
from partners.mou.rules import State, due_by, standing
from partners.mou.sheet import sheet_of
from tests.builders import NOON, TODAY, House
from tests.conftest import only_sqlite
from tests.mou.papers import files
from tests.mou.test_life import HALL, in_force
from tests.page import Page

DAY = timedelta(days=1)
TALK = TODAY + 20 * DAY
BOXES = {"paused_until-day": str(TALK.day), "paused_until-month": str(TALK.month),
         "paused_until-year": str(TALK.year)}  # fmt: skip
S = State


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.mark.parametrize(
    ("state", "starts", "ends", "talk", "stands"),
    [
        (S.IN_FORCE, -9, 9, None, "in_force"),
        (S.IN_FORCE, -9, 9, 1, "paused"),
        (S.IN_FORCE, -9, 9, 0, "paused"),  # the day of the talk itself
        (S.IN_FORCE, -9, 9, -1, "in_force"),
        (S.IN_FORCE, None, None, 1, "paused"),
        (S.IN_FORCE, 1, 9, 1, "begins"),
        (S.IN_FORCE, -9, -1, 1, "ended"),
        (S.NOTICE, -9, 9, 1, "notice"),
        (S.REPLACED, -9, 9, 1, "replaced"),
        (S.ISSUED, -9, 9, 1, "issued"),
    ],
)
def test_only_what_is_in_force_rests_and_no_longer_than_until_the_talk(
    state: State, starts: int | None, ends: int | None, talk: int | None, stands: str
) -> None:
    def day(number: int | None) -> date | None:
        return None if number is None else TODAY + number * DAY

    assert standing(state, day(starts), day(ends), TODAY, day(talk)) == stands


@pytest.mark.parametrize(
    ("due", "by"), [(-1, -1), (0, 20), (5, 20), (20, 20), (21, 21)]
)  # what was late before a pause stays late
def test_what_falls_into_a_pause_waits_for_the_talk(due: int, by: int) -> None:
    assert due_by(TODAY + due * DAY, (TODAY, TALK)) == TODAY + by * DAY
    assert due_by(TODAY + due * DAY, None) == TODAY + due * DAY


def paused(house: House, short: str = "grethe", until: date = TALK, **more) -> Paper:
    paper = in_force(house, **more)
    actions.pause(paper, until, "Our hall is flooded.", by=house.actor(short), at=NOON)
    db.session.commit()
    return paper


def letters() -> list[Mail]:
    return list(db.session.scalars(select(Mail).order_by(Mail.id)))


def test_either_side_pauses_and_either_lets_it_go_on(house: House) -> None:
    paper = in_force(house)
    address = f"/papers/{paper.public_id}"
    before = len(letters())
    partner = Page(house.client("grethe")).get(address)
    stale = Page(house.client("grethe")).get(address)
    partner.send({**BOXES, "pause_why": "Our hall is flooded."}, press="Pause it", follow=True,
                 status=302)  # fmt: skip
    for words in ("Paused until", "Our hall is flooded.", "Harbour Kitchen paused it."):
        assert words in partner.text
    told = letters()[before:]
    assert {one.to for one in told} == {house.account(s).email for s in ("grethe", "maja")}
    assert not any("flooded" in one.subject + one.body for one in told)
    # A page from before says so, and loses nothing.
    stale.send({**BOXES, "pause_why": "Something else"}, press="Pause it", status=422)
    assert "Somebody changed this after you opened the page." in stale.text
    assert "Something else" in stale.text
    # Both sides see the talk among what is to do, and how the paper stands.
    assert "Talk with us about" in Page(house.client("grethe")).get("/our/to-do").text
    assert "Paused until" in Page(house.client("grethe")).get("/our/papers").text
    assert f"{paper.number} is paused" in Page(house.client("maja")).get("/today").text
    # The other side sets another day in words of its own, and lets it go on with one press.
    city = Page(house.client("karin")).get(address)
    city.send({"pause_why": "We lend you ours."}, press="Set this day", follow=True, status=302)
    for words in ("Our hall is flooded.", "Harbour Kitchen paused it.", "We lend you ours."):
        assert words in city.text
    city.send(press="Let it go on", follow=True, status=302)
    assert city.heading.startswith("In force since")
    whole = house.client("grethe").get("/our/everything.zip")
    with ZipFile(BytesIO(whole.data)) as file:
        (held,) = json.loads(file.read("everything.json"))["agreements"]
    assert [one["why"] for one in held["paused"]["said"]] == [
        "Our hall is flooded.", "We lend you ours."]  # fmt: skip
    log = Page(house.client("grethe")).get("/our/file/looks").text
    assert "Grethe paused an agreement until the next talk." in log
    assert "An agreement goes on after a pause." in log


@only_sqlite
def test_both_sides_read_that_a_promise_waits_for_the_talk(house: House) -> None:
    near = {**HALL, "due": "25 November 2026", "account": house.people["lene"], "owner": "Lene Bro"}
    paused(house, promise_city=[near])
    for who, where in (("lene", "/today"), ("grethe", "/our/to-do")):
        text = Page(house.client(who)).get(where).text
        assert text.count("The paper is paused; it waits until then.") == 1, who


@pytest.mark.parametrize("days", [-1, 91])
def test_the_talk_is_set_for_a_day_that_is_near(house: House, days: int) -> None:
    paper = in_force(house)
    with pytest.raises(Refusal, match="today until"):
        actions.pause(paper, TODAY + days * DAY, "", by=house.actor("grethe"), at=NOON)


def test_the_policy_says_how_far_ahead_and_whether_at_all(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = in_force(house)
    more = sheet_of(paper, TODAY).document.more
    for days, refused in ((10, "today until"), (0, "not possible now")):
        monkeypatch.setitem(more, "pause_days", days)
        with pytest.raises(Refusal, match=refused):
            actions.pause(paper, TALK, "", by=house.actor("grethe"), at=NOON)
    assert "Pause it" not in Page(house.client("grethe")).get(f"/papers/{paper.public_id}").text


def test_only_who_may_sign_for_a_side_pauses_and_what_is_given_notice_of_stays_so(
    house: House,
) -> None:
    paper = paused(house, notice_days="60")
    house.partner("nadia", paper.organisation)
    for short in ("nadia", "maja"):
        for deed in (lambda by: actions.pause(paper, TALK, "", by=by, at=NOON),
                     lambda by: actions.resume(paper, by=by, at=NOON)):  # fmt: skip
            with pytest.raises(NotYours):
                deed(house.actor(short))
    actions.end(paper, "It is over.", files(house), by=house.actor("karin"), at=NOON)
    assert standing_of(paper.id, TODAY).state == "notice"
    with pytest.raises(Refusal, match="not possible now"):
        actions.pause(paper, TALK, "", by=house.actor("grethe"), at=NOON)
    with pytest.raises(Refusal, match="not possible now"):
        actions.resume(paper, by=house.actor("grethe"), at=NOON)


def test_both_sides_are_told_once_on_the_day_of_the_talk_and_then_it_goes_on(house: House) -> None:
    paper = paused(house)

    def on(day: date) -> tuple[int, str]:
        before = len(letters())
        list(the_day(NOON + (day - TODAY)))
        db.session.flush()
        return len(letters()) - before, standing_of(paper.id, day).state

    assert [on(day) for day in (TALK - DAY, TALK, TALK)] == [
        (0, "paused"), (2, "paused"), (0, "paused")]  # fmt: skip
    # Another day is set: it rests on, and both are told again on that day.
    actions.pause(paper, TALK + 9 * DAY, "", by=house.actor("karin"), at=NOON + (TALK - TODAY))
    assert on(TALK + DAY) == (0, "paused")
    # Also where no clock has run on the day itself.
    assert standing_of(paper.id, TALK + 10 * DAY).state == "in_force"
    assert [on(TALK + day * DAY) for day in (10, 11)] == [(2, "in_force"), (0, "in_force")]
    assert paper.paused_until is None


def test_a_letter_about_the_last_day_says_that_the_paper_rests_and_that_the_day_stands(
    house: House,
) -> None:
    paper = paused(house, end=(TODAY + 30 * DAY).isoformat(), review_date="2026-12-01")
    before = len(letters())
    list(the_day(NOON))
    told = [one.body for one in letters()[before:]]
    assert len(told) == 2
    for body in told:
        assert "its last day on 20 December 2026" in body
        assert "paused until 10 December 2026" in body
        assert "does not move its last day" in body
    assert paper.ends_on == TODAY + 30 * DAY
    page = Page(house.client("grethe")).get(f"/papers/{paper.public_id}")
    assert "Its last day stays 20 December 2026." in page.text
    actions.resume(paper, by=house.actor("karin"), at=NOON)
    list(the_day(NOON + 25 * DAY))
    assert not any("paused" in one.body for one in letters()[before + 2 :])


def test_what_falls_due_in_a_pause_is_not_late_while_it_lasts(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = in_force(house)
    due = NOON + (date(2027, 1, 8) - TODAY)
    late = due + 2 * DAY
    pages = (("lene", "/today"), ("grethe", "/our/to-do"),
             ("maja", f"/engagements/{paper.engagement.public_id}"))  # fmt: skip

    def said() -> list[bool]:
        """Whether each page says that the promise, which all of them show, is late."""
        texts = [Page(house.client(short)).get(page).text for short, page in pages]
        assert all(HALL["text"] in text for text in texts)
        return ["2 days late" in text or "Late." in text for text in texts]

    monkeypatch.setattr(clock, "now", lambda: late)
    assert said() == [True] * 3
    actions.pause(paper, TODAY + (late - NOON) + DAY, "", by=house.actor("grethe"), at=due)
    db.session.commit()
    assert said() == [False] * 3
