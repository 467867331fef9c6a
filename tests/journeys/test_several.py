"""Several sign one text in a real browser: gathered, signed first, signed, said no, in force."""

import pytest

from partners.access.table import Role as R
from partners.ground.db import db
from tests.builders import House
from tests.charter.test_several import PARTIES, UNTIL
from tests.conftest import only_sqlite
from tests.journeys.walk import Walker
from tests.signing.walking import PASSWORD, with_password

pytestmark = [pytest.mark.browser, only_sqlite]


def sign_through(walker: Walker, name: str, party: str) -> None:
    """From the page of the text to the receipt, one thing a page."""
    walker.press("Begin: read it").press("I have read it")
    while walker.page.get_by_role("button", name="Go on", exact=True).count():
        walker.choose("We agree").press("Go on")
    walker.press("This is right").click("Go on to the last page").fill("Your name", name)
    walker.page.locator("input[name=statement]").check()
    walker.page.locator("input[name=password]").fill(PASSWORD)
    walker.press(f"Sign for {party}")


def test_gathered_signed_and_in_force_for_those_who_signed(browser, live: str, house: House):
    made = [house.organisation(name) for name in list(PARTIES.values())[:2]]
    for short, organisation in zip(PARTIES, made, strict=False):
        house.partner(short, organisation, R.SIGNATORY)
    with_password(house, "karin", "salma")
    asked = [organisation.public_id for organisation in made]
    db.session.rollback()
    maja = Walker(browser, live, house, "maja").open("/charter/offers")
    maja.click("Signed together with several").fill("What is it called?", "Open doors")
    maja.fill("What do you state together?", "We open our doors to everyone.")
    for part in ("day", "month", "year"):
        maja.page.locator(f"[name=until-{part}]").fill(str(getattr(UNTIL, part)))
    maja.press("Begin it")
    table = maja.page.url.removeprefix(live)
    for public_id in asked:
        maja.open(f"{table}?organisation={public_id}").press("Ask them")
    assert maja.heading == "Everyone is named. A manager signs first."

    karin = Walker(browser, live, house, "karin").open("/today")
    karin.click("Sign a charter first that several sign together")
    karin.click("Sign first for the municipality")
    sign_through(karin, "Karin Dahl", "Havnby")
    assert "receipt so far" in karin.heading

    # On a phone: one party reads who signs, and signs; the other says no without a reason.
    salma = Walker(browser, live, house, "salma", width=390).open("/our/to-do")
    salma.click("Read the charter that you are asked to sign with others")
    assert "Still to sign" in salma.text
    sign_through(salma.click("Go on to signing"), "salma", "The Lantern Fellowship")
    assert "The Orchard Congregation" in salma.text
    miriam = Walker(browser, live, house, "miriam", width=390).open("/our/to-do")
    miriam.click("Read the charter that you are asked to sign with others").press(
        "Say no this time"
    )
    assert miriam.heading == "You are not on it. Dialogue stays open."
    maja.open(table)
    assert "In force until" in maja.heading
    assert "Orchard" not in maja.page.locator("#main").inner_text()
    salma.click("Back to the charter")
    assert "Signed together. It holds until" in salma.heading
