"""From first contact to a signed memorandum, in a real browser, on both databases."""

import pytest
from sqlalchemy import select

from partners.assessment.models import Engagement
from partners.ground.db import db
from tests.builders import House
from tests.journeys.walk import Walker
from tests.mou.papers import chair, delegation
from tests.mou.test_pages import FILLED
from tests.signing.walking import PASSWORD, with_password

pytestmark = pytest.mark.browser


def words_of(house: House):
    return house.policy.words("en")


def answer_everything(walker: Walker, engagement: str) -> None:
    """Open each bundle that waits, say that everything is so, and save."""
    walker.open(f"/engagements/{engagement}")
    tasks = walker.page.locator(".govuk-task-list__link")
    addresses = [a for a in (t.get_attribute("href") for t in tasks.all()) if a and "/items/" in a]
    for address in addresses:
        walker.open(address)
        # What may be answered but is not asked stays folded.
        for group in walker.page.locator("fieldset:has(input[type=radio]):visible").all():
            group.locator("input[type=radio]").first.check()
        for date in walker.page.locator("input[name$='-day']:visible").all():
            name = (date.get_attribute("name") or "").removesuffix("-day")
            for part, value in (("day", "2"), ("month", "11"), ("year", "2026")):
                walker.page.locator(f"input[name='{name}-{part}']").fill(value)
        walker.press("Save what is filled in")


def test_from_first_contact_to_a_signed_memorandum(browser, live: str, house: House) -> None:
    words = words_of(house)
    top = list(house.policy.levels)[-1]
    maja = Walker(browser, live, house, "maja")

    # Register, in under two minutes, with a look at near names.
    maja.open("/organisations/new").fill("What is it called?", "Harbour Kitchen")
    maja.page.get_by_label("What kind of organisation is it?").select_option(index=1)
    maja.fill("What do they say they are for? (optional)", "We cook for whoever is hungry.")
    maja.fill("Legal form", "association").press("Check before saving")
    assert "Is everything right?" in maja.heading
    maja.press("Register Harbour Kitchen")
    assert maja.heading == "Harbour Kitchen"

    # Start an engagement; what it asks is said before it begins.
    maja.click("Start an engagement").fill("Name of the work", "Community meals")
    maja.fill("What is it for?", "People who live alone eat together once a week.")
    maja.choose(words.level(top).name)
    maja.page.locator("#asks").get_by_role("button").last.wait_for()
    maja.page.wait_for_function("document.querySelector('#asks').innerText.includes('36')")
    maja.page.locator("#asks button, button[type=submit]").last.click()
    maja.settled()
    engagement = maja.page.url.rsplit("/", 1)[1]
    maja.press("We have told them the level")

    # Answer together, and see the result explained.
    answer_everything(maja, engagement)
    maja.open(f"/engagements/{engagement}/result")
    assert maja.heading == f"{words.level(top).name} is supported, as asked for"
    maja.fill("What is good here? (optional)", "They know everybody on the quay.")
    maja.press("Propose this result")

    # A second person reads, a manager decides, the organisation is told.
    jonas = Walker(browser, live, house, "jonas").open(f"/engagements/{engagement}")
    jonas.fill("What do you take part for?", "Second reader").press("Take part")
    jonas.open(f"/engagements/{engagement}/result").press("I have read it")
    karin = Walker(browser, live, house, "karin").open(f"/engagements/{engagement}/result")
    karin.choose("Decide as the answers lead to").press("Decide")
    maja.open(f"/engagements/{engagement}/result").choose("In a meeting")
    maja.pick("In which language?", "English").press("Deliver the letter")

    # The paper: written, issued once, signed by both sides.
    kept = db.session.scalar(select(Engagement))
    assert kept is not None
    chair(house, kept, "nadia")
    delegation(house)
    with_password(house, "nadia", "karin")
    write_and_issue(maja, Walker(browser, live, house, "nadia", width=390), engagement)
    paper = maja.page.url.rsplit("/", 1)[1].split("?")[0]
    for who, side in (("nadia", "Harbour Kitchen"), ("karin", "Havnby")):
        name = house.account(who).name
        signer = Walker(browser, live, house, who, width=390).open(f"/papers/{paper}")
        go_to_the_last_page(signer).page.locator("input[name=name]").fill(name)
        signer.page.locator("input[name=statement]").check()
        signer.page.locator("input[name=password]").fill(PASSWORD)
        signer.press(f"Sign for {side}")
    assert "receipt" in signer.heading

    # The partner reads all of it.
    reader = Walker(browser, live, house, "nadia", width=390).open("/our/file")
    assert "They know everybody on the quay." in everything_of(reader)
    assert "Community meals" in reader.open("/our/papers").text
    db.session.expire_all()
    assert kept.agreed_level == top
    nobody = Walker(browser, live, house, None).open("/policy")
    assert words.level(top).name in nobody.text


def go_to_the_last_page(signer: Walker) -> Walker:
    """One thing a page: begin, read, for whom, check."""
    signer.click("Go on to signing")
    for press in ("Begin: read it", "I have read it", "This is right"):
        signer.press(press)
    return signer.click("Go on to the last page")


def everything_of(reader: Walker) -> str:
    """The text of my file and of the parts that it leads to."""
    pages = [reader.text]
    links = reader.page.locator("main a[href^='/our/file/'], main a[href^='/engagements/']").all()
    for address in dict.fromkeys(a.get_attribute("href") for a in links):
        pages.append(reader.open(address or "/").text)
    return "\n".join(pages)


def write_and_issue(maja: Walker, theirs: Walker, engagement: str) -> None:
    """Fill what the draft says is missing; both sides mean it; then it is issued."""
    maja.open(f"/engagements/{engagement}/paper")
    for name, words in FILLED.items():
        maja.page.locator(f"[name='{name}']").fill(words)
    for side in ("signers_org", "signers_city"):
        maja.page.locator(f"[name={side}]").first.check()
    maja.press("Save and hand over to Harbour Kitchen")
    theirs.open("/our/to-do").click("Read the draft for Community meals")
    theirs.press("This is what we mean")
    maja.press("This is what we mean").press("Issue it under a number")
    assert maja.heading == "Issued. It waits for signatures."
