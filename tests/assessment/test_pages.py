from decimal import Decimal

import pytest
from sqlalchemy import event

from partners.access.rules import CLOCK
from partners.assessment import actions
from partners.assessment.models import Engagement
from partners.assessment.queries import payments
from partners.ground.db import db
from tests.assessment.case import answered, level, started
from tests.builders import NOON, House
from tests.page import Page


def address(engagement: Engagement, *more: str) -> str:
    return "/".join(["/engagements", engagement.public_id, *more])


def begin(page: Page, organisation: object, **fields: object) -> Page:
    """Fill in the start form, look at what it asks, and begin."""
    typed = {"title": "Community meals", "purpose": "Eat together on Thursdays", **fields}
    page.post(f"/organisations/{organisation.public_id}/start", typed, press="Show what this asks")
    page.send(press=next(b.text for b in page.all("//main//section//button") if b.text))
    return page


def test_nothing_begins_before_it_was_shown_what_it_asks(house: House) -> None:
    organisation, page = house.organisation(), Page(house.client("maja"))
    page.post(
        f"/organisations/{organisation.public_id}/start", title="Meals", purpose="Eat together",
        level=level(house, -1), press="Show what this asks",
    )  # fmt: skip
    assert "are theirs" in page.text
    assert db.session.query(Engagement).count() == 0
    page.send({"level": level(house, -2)}, press=page.all("//section//button")[0].text)
    assert page.status == 422
    assert "Look at it, then begin" in page.text


def test_an_engagement_begins_with_what_was_shown(house: House) -> None:
    organisation = house.organisation()
    page = begin(Page(house.client("maja")), organisation, level=level(house, -1)).follow()
    assert "not yet told to Harbour Kitchen" in page.heading
    page.send(press="We have told them the level", follow=True)
    assert "items are open" in page.heading


def test_the_officer_learns_that_nobody_of_theirs_could_read_what_is_asked(house: House) -> None:
    engagement = started(house)
    page = Page(house.client("maja")).get(address(engagement))
    assert "Nobody signs in for them yet." in page.text
    page.click("Let somebody answer here").click("Harbour Kitchen")
    assert page.heading == "Harbour Kitchen"
    house.partner("grethe", engagement.organisation)
    assert "Nobody signs in" not in page.get(address(engagement)).text


def test_the_district_is_the_organisations_until_somebody_says_otherwise(house: House) -> None:
    organisation = house.organisation(district="Harbour district")
    begin(Page(house.client("maja")), organisation, level=level(house, -1))
    page = begin(Page(house.client("maja")), organisation, level=level(house, -1), district="West")
    page.follow().click("Change the request")
    page.send({"district": "North"}, press="Show what this asks")
    page.send(press="Change the request", follow=True)
    found = [row.district for row in db.session.query(Engagement).order_by(Engagement.id)]
    assert found == ["Harbour district", "North"]


def test_an_officer_outside_the_team_sees_a_card_and_joins_with_a_purpose(house: House) -> None:
    engagement = started(house)
    page = Page(house.client("jonas")).get(address(engagement))
    assert "contents are not shown" in page.text
    assert engagement.purpose not in page.text
    page.send(press="Take part", status=422)
    page.send(press="Take part", purpose="Stand in for Maja", follow=True)
    assert "Stand in for Maja" in page.text
    Page(house.client("jonas")).get(address(engagement, "items", "register"))


def test_another_organisation_does_not_find_it(house: House) -> None:
    engagement = started(house)
    house.partner("olga", house.organisation("Northside Chess Club"))
    page = Page(house.client("olga"))
    for path in (address(engagement), address(engagement, "items", "register")):
        page.get(path, status=404)


def test_one_level_told_twice_is_told_once(house: House) -> None:
    page = begin(Page(house.client("maja")), house.organisation(), level=level(house, -1)).follow()
    form = page.form(press="We have told them the level")
    sent = {f.get("name"): f.get("value") for f in form.xpath(".//input")}
    answers = [page.client.post(page.path, data=sent) for _ in range(2)]
    assert [a.status_code for a in answers] == [302, 302]


def test_whoever_steps_aside_is_led_away_and_finds_nothing_any_more(house: House) -> None:
    engagement = started(house)
    page = Page(house.client("karin"))
    page.post(address(engagement), press="Step aside from this case", follow=True)
    page.get(address(engagement), status=404)


def test_a_pause_takes_two_managers(house: House) -> None:
    engagement = started(house)
    karin, omar = Page(house.client("karin")), Page(house.client("omar"))
    karin.post(address(engagement), press="Ask for a pause", pause_because="A review of the hall")
    assert "Confirm the pause" not in karin.follow().text
    omar.post(address(engagement), press="Confirm the pause", follow=True)
    assert "a pause is not a result" in omar.heading
    omar.send(press="Go on", follow=True)
    assert "items are open" in omar.heading


def test_an_organisation_chooses_another_way_and_comes_back(house: House) -> None:
    engagement = started(house)
    house.partner("nadia", engagement.organisation)
    page = Page(house.client("nadia"))
    page.post(address(engagement), press="We choose another way", follow=True)
    assert "chosen another way" in page.heading
    page.send(press="Come back to it", follow=True)
    assert "talk with you" in page.heading


def test_ending_takes_a_reason_and_a_manager(house: House) -> None:
    engagement = started(house)
    page = Page(house.client("karin"))
    page.post(address(engagement), press="End it", status=422)
    page.send(press="End it", close_because="The hall is sold.", follow=True)
    assert "has ended" in page.heading
    assert "End this work" not in Page(house.client("maja")).get(address(engagement)).text


def test_a_changed_request_asks_only_the_difference(house: House) -> None:
    engagement = answered(house, started(house, place=-2))
    page = Page(house.client("maja")).get(address(engagement)).click("Change the request")
    page.send({"level": level(house, -1)}, press="Show what this asks")
    assert "are carried over and not asked again" in page.text
    page.send(press="Change the request", follow=True)
    assert "items are open" in page.heading


@pytest.mark.parametrize("name", ["maja", "karin", "nadia"])
def test_every_bundle_can_be_read_by_both_sides(house: House, name: str) -> None:
    engagement = started(house, money=60000)
    house.partner("nadia", engagement.organisation)
    page = Page(house.client(name)).get(address(engagement))
    for href in page.links().values():
        if "/items/" in href:
            page.get(href)


def test_more_support_shows_what_it_changes_before_it_is_recorded(house: House) -> None:
    engagement = started(house, place=-2)
    page = Page(house.client("maja"))
    due = {"due-day": "1", "due-month": "3", "due-year": "2027"}
    page.post(address(engagement, "support"), {"kind": "money", "amount": "12,000", **due},
              press="Show what this changes")  # fmt: skip
    assert "more items are asked" in page.text
    assert not payments(engagement.organisation_id)
    page.send(press="Record this support", follow=True)
    db.session.expire_all()
    assert engagement.band == house.policy.band_for(Decimal(12000), False).id
    page.send({"which": str(payments(engagement.organisation_id)[0].id)}, status=422,
              press="Take this entry back")  # fmt: skip
    page.send(reason="Typed in the wrong case.", press="Take this entry back", follow=True)
    db.session.expire_all()
    assert engagement.band == house.policy.band_for(Decimal(0), False).id


@pytest.mark.parametrize(
    ("typed", "trouble"),
    [
        ({"kind": "money", "amount": "0"}, "An amount is above nothing."),
        ({"kind": "money", "amount": "NaN"}, "Write an amount in digits"),
        ({"kind": "money", "amount": "1.000"}, "can mean"),
        ({"kind": "money"}, "Enter the amount"),
        ({"kind": "in_kind"}, "Say what is given."),
        ({"kind": "gold"}, "Choose one of the answers"),
    ],
)
def test_support_that_says_too_little_is_asked_back(
    house: House, typed: dict[str, str], trouble: str
) -> None:
    engagement = started(house)
    due = {"due-day": "1", "due-month": "3", "due-year": "2027"}
    page = Page(house.client("maja")).post(
        address(engagement, "support"), {**typed, **due}, press="Show what this changes", status=422
    )  # fmt: skip
    assert trouble in " ".join(page.troubles)


def test_an_amount_without_a_day_is_asked_back_at_the_start(house: House) -> None:
    organisation = house.organisation()
    page = Page(house.client("maja")).post(
        f"/organisations/{organisation.public_id}/start", press="Show what this asks", status=422,
        title="Meals", purpose="Eat together", level=level(house, -1), amount1="500",
    )  # fmt: skip
    assert page.troubles == ["Enter the day on which this amount falls due."]
    page.get(f"{page.path}?level={level(house, -1)}&amount1=25.000")
    assert "An amount is not counted yet" in page.text, "the number of questions may still grow"


def test_a_thought_on_the_name_of_the_work_is_shown_before_it_begins(house: House) -> None:
    address = f"/organisations/{house.organisation().public_id}/start"
    typed = {"title": "Dinner for the ghetto", "purpose": "Eat together", "level": level(house, 1)}
    page = Page(house.client("maja")).get(f"{address}?level={typed['level']}")
    page.send(typed, press="Begin with 6 items", status=200)
    assert "Not saved yet." in page.text
    page.send(press="Save as it is", status=302)
    page.follow()
    assert "Dinner for the ghetto" in page.text


def test_what_other_departments_give_counts_and_is_shown(house: House) -> None:
    organisation = house.organisation()
    started(house, money=9000, by="lene", organisation=organisation)
    page = Page(house.client("maja")).get(
        f"/organisations/{organisation.public_id}/start?level={level(house, -1)}&amount1=2000"
        "&due1-day=1&due1-month=2&due1-year=2027"
    )
    assert "11,000 EUR falls due" in page.text
    assert "From here alone it would be 2,000 EUR" in page.text
    assert "Social services" in page.text


@pytest.mark.parametrize("name", ["maja", "karin", "nadia"])
def test_a_page_asks_at_most_ten_questions_of_the_database(house: House, name: str) -> None:
    engagement = answered(house, started(house, money=60000))
    house.partner("nadia", engagement.organisation)
    client = house.client(name)
    for path in (address(engagement), address(engagement, "items", "conversation")):
        client.get(path)
        seen: list[str] = []

        def count(_c: object, _cur: object, sql: str, *_more: object, seen: list = seen) -> None:
            seen.append(sql)

        event.listen(db.engine, "before_cursor_execute", count)
        client.get(path)
        event.remove(db.engine, "before_cursor_execute", count)
        asked = [sql for sql in seen if sql.lstrip().lower().startswith("select")]
        assert len(asked) <= 10, "\n".join(asked)


@pytest.mark.parametrize("name", ["maja", "karin", "nadia", "jonas"])
def test_the_page_reads_well_at_every_step_of_the_way(house: House, name: str) -> None:
    engagement = started(house, place=-2)
    house.partner("nadia", engagement.organisation)
    page = Page(house.client(name))
    maja, ida = ({"by": house.actor(who), "at": NOON} for who in ("maja", "ida"))
    steps = [
        lambda: answered(house, engagement),
        lambda: actions.propose(engagement, **maja),
        lambda: actions.decide(engagement, engagement.level, engagement.band, **ida),
        lambda: actions.tell(engagement, "meeting", "en", **maja),
        lambda: actions.enter_into_force(engagement, by=CLOCK, at=NOON),
        lambda: actions.fall_due(engagement, "review", at=NOON),
        lambda: actions.begin_again(engagement, house.app.extensions["policy"], **maja),
    ]
    headings = [page.get(address(engagement)).heading]
    for step in steps:
        step()
        db.session.commit()
        headings.append(page.get(address(engagement)).heading)
    assert all(headings)
    assert name == "jonas" or len(set(headings)) > 4
