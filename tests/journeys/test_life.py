"""From the last signature to the notice, and each time somebody without an account looks."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from partners.ground import clock
from partners.ground.db import db
from partners.mou import actions
from partners.mou.daily import the_day
from partners.mou.queries import newest
from partners.signing import keys
from partners.signing.models import Seal
from tests.builders import House
from tests.charter.case import offered
from tests.conftest import only_sqlite
from tests.journeys.test_every_page import looked_at
from tests.journeys.walk import Walker
from tests.mou.papers import files, issued, meant, sign
from tests.signing.walking import PASSWORD, with_password

pytestmark = [pytest.mark.browser, only_sqlite]
SAME, ADDED = "Identical to the sealed original.", "something was added to the file afterwards"
UNKNOWN, OVER = "Not sealed by us, or changed", "It is not in force any more: "


@pytest.fixture
def house(house: House) -> House:
    """The house with a seal of its own."""
    keys.make(keys.keys_in(house.app.config["SETTINGS"].instance), "Havnby", at=clock.now())
    return house


class Stranger(Walker):
    """Somebody with a small telephone, no account and no scripts."""

    def __init__(self, browser, live: str, house: House):
        super().__init__(browser, live, house, None, width=390, scripts=False)

    def check(self, content: bytes) -> str:
        self.open("/verify").page.get_by_label("The file", exact=True).set_input_files(
            {"name": "paper.pdf", "mimeType": "application/pdf", "buffer": content}
        )
        return self.press("Check this paper").page.locator("#verdict").inner_text()

    def type(self, code: str) -> str:
        self.open("/verify").fill("Or only the code", code)
        return self.press("Check this paper").page.locator("#verdict").inner_text()


def taken_home(walker: Walker, link: str) -> bytes:
    address = walker.page.get_by_role("link", name=link).first.get_attribute("href")
    return walker.context.request.get(walker.base + address).body()


def test_a_paper_is_signed_by_hand_changed_renewed_and_ended_and_a_stranger_sees_it(
    browser, live: str, house: House, tmp_path: Path
) -> None:
    paper = issued(house, notice_days="60", review_date="2027-10-01", end="2027-12-31")
    address = f"/papers/{paper.public_id}"
    sign(house, paper, "karin", at=clock.now())
    db.session.rollback()

    # The other side has signed a print; somebody of the case team writes it down.
    maja = Walker(browser, live, house, "maja").open(address).unfold("Somebody has signed by hand")
    maja.pick("Who has signed by hand?", "Grethe")
    for part, value in zip(
        ("day", "month", "year"), str(clock.today()).split("-")[::-1], strict=True
    ):
        maja.page.locator(f"[name=signed_on-{part}]").fill(value)
    maja.choose("I have seen the signed pages. They carry the fingerprint of this file.")
    maja.press("Write it down")
    assert maja.heading.startswith("In force since")

    # A stranger: the file, a changed copy, one with something behind it, the code alone.
    first, stranger = taken_home(maja, "Read it as a paper (PDF)"), Stranger(browser, live, house)
    found = stranger.check(first)
    assert f"{SAME} In force until 31 December 2027." in found
    assert "Signed on paper; the municipality has seen it" in stranger.text
    assert "copy" not in stranger.page.locator(".verdict").inner_text()
    assert UNKNOWN in stranger.check(first.replace(b"/Type", b"/type", 1))
    assert ADDED in stranger.check(first + b"\n% more")
    code = db.session.query(Seal).one().public_id
    db.session.rollback()
    assert "In force until 31 December 2027." in (told := stranger.type(code))
    assert "Harbour Kitchen" not in told
    assert stranger.context.cookies() == []

    # One side pauses until a talk, the other lets it go on; a stranger reads which.
    grethe = Walker(browser, live, house, "grethe", width=390)
    db.session.rollback()
    grethe.open(address).unfold("Pause it until the next talk")
    for part, value in zip(
        ("year", "month", "day"), str(clock.today() + timedelta(days=9)).split("-"), strict=True
    ):
        grethe.page.locator(f"[name=paused_until-{part}]").fill(value)
    grethe.press("Pause it")
    assert grethe.heading.startswith("Paused until")
    assert f"{SAME} Signed by all. Paused until" in stranger.check(first)
    assert maja.open(address).heading == grethe.heading
    assert looked_at(maja.page) == []
    grethe.press("Let it go on")
    assert grethe.heading.startswith("In force since")

    # A word is changed: both see which, and the new paper takes the place of the old one.
    maja.open(address).unfold("Change it, renew it, or write another in its place")
    maja.press("Change it").page.locator("[name=mediator]").fill("the parish clerk")
    maja.press("Save and hand over to Harbour Kitchen")
    second = newest(paper.engagement_id)
    newer = f"/papers/{second.public_id}"
    db.session.rollback()
    grethe.open(f"{newer}/changes")
    assert "[+ parish clerk +]" in grethe.text
    in_force(house, second)
    assert maja.open(address).heading == "Another paper has taken its place."
    assert f"{SAME} {OVER}replaced" in stranger.check(first)

    # Renewed from where it ends: meant by both, issued, signed; the one before holds until then.
    held = taken_home(maja.open(newer), "Read it as a paper (PDF)")
    maja.unfold("Change it, renew it, or write another in its place").press("Renew it")
    assert maja.page.locator("[name=start-year]").input_value() == "2028"
    for name, day in (("review_date", "1-10-2028"), ("end", "31-12-2028")):
        for part, value in zip(("day", "month", "year"), day.split("-"), strict=True):
            maja.page.locator(f"[name={name}-{part}]").fill(value)
    maja.press("Save and hand over to Harbour Kitchen")
    third = newest(paper.engagement_id)
    renewed = f"/papers/{third.public_id}"
    db.session.rollback()
    grethe.open(renewed).press("This is what we mean")
    maja.open(renewed).press("This is what we mean").press("Issue it under a number")
    db.session.expire_all()
    for short in ("grethe", "karin"):
        sign(house, third, short, at=clock.now())
    db.session.rollback()
    ahead = "Signed by all. In force from 1 January 2028."
    for side in (maja, grethe):
        assert side.open(newer).heading.startswith("In force since")
        assert side.open(renewed).heading == ahead
    assert f"{SAME} In force until 31 December 2027." in stranger.check(held)
    assert f"{SAME} {ahead}" in stranger.check(taken_home(grethe, "Read it as a paper (PDF)"))
    list(the_day(datetime(2028, 1, 1, 9, tzinfo=UTC)))
    db.session.commit()
    for side in (maja, grethe):
        assert side.open(newer).heading == "Another paper has taken its place."
    assert f"{SAME} {OVER}replaced" in stranger.check(held)
    grethe.open(renewed)

    # What holds can be ended by either side alone.
    grethe.unfold("End it, with 60 days’ notice")
    grethe.press("Give notice")
    assert grethe.heading.startswith("Notice was given. It holds until")
    content = taken_home(grethe, "Read it as a paper (PDF)")
    assert f"{SAME} Notice was given" in stranger.check(content)


def in_force(house: House, paper) -> None:
    """What test_together and test_main walk press by press."""
    meant(house, paper)
    actions.issue(paper, files(house), by=house.actor("maja"), at=clock.now())
    db.session.commit()
    for short in ("grethe", "karin"):
        sign(house, paper, short, at=clock.now())
    db.session.rollback()


def test_the_charter_is_signed_value_by_value_and_withdrawn_on_the_same_day(
    browser, live: str, house: House
) -> None:
    offered(house)
    with_password(house, "grethe")
    db.session.rollback()
    grethe = Walker(browser, live, house, "grethe").open("/our-charter")
    assert grethe.heading == "The charter is offered to you, as to everyone"
    faults = looked_at(grethe.click("Go on to signing").page)
    for press in ("Begin: read it", "I have read it"):
        faults += looked_at(grethe.press(press).page)
    values = 0
    while not grethe.page.get_by_role("button", name="This is right").count():
        grethe.page.locator("[name=answer][value=agree]").check()
        grethe.press("Go on")
        values += 1
    assert values > 3
    faults += looked_at(grethe.page) + looked_at(grethe.press("This is right").page)
    faults += looked_at(grethe.click("Go on to the last page").page)
    assert faults == []
    grethe.page.locator("input[name=name]").fill("Grethe")
    grethe.page.locator("input[name=statement]").check()
    grethe.page.locator("input[name=password]").fill(PASSWORD)
    grethe.press("Sign for Harbour Kitchen")
    assert grethe.heading == "Signed by both sides. Here is the receipt."
    home, stranger = (
        taken_home(grethe, "Take the signed charter home"),
        Stranger(browser, live, house),
    )
    assert f"{SAME} In force until" in stranger.check(home)
    grethe.open("/our-charter").unfold("Withdraw our signature").press("Withdraw our signature")
    assert "you took it back" in grethe.text
    assert f"{SAME} {OVER}withdrawn" in stranger.check(home)
