"""Somebody who means harm, or two people who press at the same moment."""

import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from partners.access.table import Role
from partners.accounts import queries as accounts
from partners.accounts.models import Municipality
from partners.assessment import holding as held_back
from partners.assessment.actions import four_eyes, rounds
from partners.assessment.actions.four_eyes import Wish
from partners.desk import kept
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.history.models import Entry
from partners.mail.models import Mail
from partners.mou import queries as papers
from partners.mou.rules import State
from tests.assessment.case import answered, proposed, started
from tests.builders import House
from tests.charter.case import offered
from tests.conftest import only_sqlite
from tests.mou.papers import issued, told
from tests.page import Page, filled_in
from tests.signing.walking import PASSWORD, to_check, with_password


def at_once(pages: list[Page], *presses: dict[str, Any]) -> list[int]:
    """Each page sends its form at the same moment; the answers in the order of the pages."""
    start, answers = threading.Barrier(len(pages)), {}
    forms = [page.form(action=page.path, press=press.pop("press")) for page, press in
             zip(pages, presses, strict=True)]  # fmt: skip

    def send(number: int) -> None:
        fields = {**filled_in(forms[number]), **presses[number]}
        browser = pages[number].app.test_client()
        cookie = pages[number].client.get_cookie("partners")
        assert cookie is not None
        browser.set_cookie("partners", cookie.value)
        start.wait()
        answers[number] = browser.post(pages[number].path, data=fields).status_code

    db.session.rollback()  # what the test has read holds SQLite's only pen
    threads = [threading.Thread(target=send, args=(n,)) for n in range(len(pages))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[n] for n in range(len(pages))]


def times(what: str) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Entry.what == what)) or 0


def test_of_two_who_decide_at_the_same_moment_one_decides(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_have_looked, needed = threading.Barrier(2), rounds.needed

    def after_both(*args: Any) -> Any:
        with suppress(threading.BrokenBarrierError):  # SQLite lets the second look later
            both_have_looked.wait(2)
        return needed(*args)

    monkeypatch.setattr(rounds, "needed", after_both)
    engagement = proposed(house, answered(house, started(house, place=-2)))
    address = f"/engagements/{engagement.public_id}/result"
    pages = [Page(house.client(who)).get(address) for who in ("karin", "omar")]
    levels = [option.get("value") for option in pages[0].all("//select[@name='level']/option")]
    lower = next(level for level in levels if level not in ("", engagement.level))
    other = {"choice": "otherwise", "level": lower, "band": engagement.band, "press": "Decide"}
    press = [{**other, "reason": f"Because we saw it so, {n}."} for n in ("first", "second")]
    assert sorted(at_once(pages, *press)) == [302, 422]
    assert times("engagement.decided") == 1
    db.session.refresh(engagement)
    assert engagement.state == "proposed", "another manager has to confirm it"


def test_two_who_sign_at_the_same_moment_put_the_paper_into_force(house: House) -> None:
    paper, parties = issued(house), {"karin": "Havnby", "grethe": "Harbour Kitchen"}
    with_password(house, *parties)
    address = f"/papers/{paper.public_id}/sign"
    pages = [to_check(Page(house.client(who)), address) for who in parties]
    press = [{"name": house.account(who).name, "statement": "y", "password": PASSWORD,
              "press": f"Sign for {party}"} for who, party in parties.items()]  # fmt: skip
    for page in pages:
        page.click("Go on to the last page")
    assert at_once(pages, *press) == [302, 302]
    db.session.refresh(paper)
    assert paper.state == State.IN_FORCE
    assert times("paper.signed") == 2


@only_sqlite
@pytest.mark.parametrize("missing", ["level", "band"])
def test_who_decides_otherwise_says_what(house: House, missing: str) -> None:
    engagement = proposed(house, answered(house, started(house, place=-2)))
    page = Page(house.client("karin")).get(f"/engagements/{engagement.public_id}/result")
    otherwise = {"choice": "otherwise", "reason": "We saw it so."}
    asked = {"level": engagement.level, "band": engagement.band}
    page.send({**otherwise, **asked, missing: ""}, press="Decide")
    assert page.status == 422
    assert page.troubles == ["Choose the level and the support that you decide on."]
    page.send({**otherwise, **asked}, press="Decide")
    assert page.troubles[0].startswith("This is what the answers lead to.")
    assert times("engagement.decided") == 0


@only_sqlite
def test_a_letter_names_the_house_by_its_own_address_whatever_the_request_calls_it(
    house: House,
) -> None:
    db.session.get_one(Municipality, 1).texts = {"url": "https://partners.havnby.example"}
    offered(house)
    page = Page(house.client("grethe")).get("/our-charter")
    form = page_fields(page, "discuss")
    cookie = page.client.get_cookie("partners")
    assert cookie is not None
    page.client.set_cookie("partners", cookie.value, domain="evil.example")
    answer = page.client.post("/our-charter", data=form, base_url="http://evil.example")
    assert answer.status_code == 302
    letter = db.session.scalars(select(Mail).order_by(Mail.id.desc())).first()
    assert letter is not None
    assert "https://partners.havnby.example/charter/offers/" in letter.body
    assert "evil.example" not in letter.body


def page_fields(page: Page, verb: str) -> dict[str, Any]:
    forms = page.all("//form[translate(@method,'POST','post')='post']")
    return next(f for f in (filled_in(form) for form in forms) if f.get("verb") == verb)


@only_sqlite
@pytest.mark.parametrize(
    ("who", "form"),
    [("maja", {"verb": "send"}), ("karin", {"verb": "decide", "choice": "as-found"}),
     ("omar", {"verb": "confirm"}), ("omar", {"verb": "hand-back", "reason": "Not so."}),
     ("maja", {"verb": "tell", "way": "meeting", "language": "en"})],
)  # fmt: skip
def test_a_deed_whose_time_has_not_come_is_refused_in_words(
    house: House, who: str, form: dict[str, str]
) -> None:
    engagement = started(house)
    page = Page(house.client(who)).get(f"/engagements/{engagement.public_id}")
    tokens = filled_in(page.all("//form")[0])
    hidden = {name: tokens[name] for name in ("csrf_token", "_key")}
    address = f"/engagements/{engagement.public_id}/result"
    answer = page.client.post(address, data={**hidden, **form})
    assert answer.status_code == 422
    assert "error-summary" in answer.text


def after_both(look: Any) -> Any:
    """The same look, whose answer is given once two people have looked, or must wait for each."""
    both_have_looked = threading.Barrier(2)

    def looked(*args: Any, **kw: Any) -> Any:
        found = look(*args, **kw)
        with suppress(threading.BrokenBarrierError):
            both_have_looked.wait(1)
        return found

    return looked


def test_two_managers_who_end_each_other_at_the_same_moment_leave_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.account("tove").roles = [Role.OFFICER]
    db.session.commit()
    pages = [Page(house.client(who)).get(f"/people/{house.account(other).public_id}")
             for who, other in (("karin", "omar"), ("omar", "karin"))]  # fmt: skip
    monkeypatch.setattr(accounts, "staff", after_both(accounts.staff))
    press = [{"press": "Save the roles", "roles": ["officer"]} for _page in pages]
    answers = at_once(pages, *press)
    assert min(answers) == 302
    assert max(answers) in (404, 422)
    assert len(accounts.staff(Role.MANAGER)) == 1


def test_a_paper_is_begun_once_though_two_people_press_at_the_same_moment(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    engagement = told(house)
    address = f"/engagements/{engagement.public_id}/paper"
    pages = [Page(house.client("maja")).get(address) for _press in range(2)]
    monkeypatch.setattr(papers, "newest", after_both(papers.newest))
    answers = at_once(pages, *({"press": "Save the draft"} for _page in pages))
    assert min(answers) == 302
    assert max(answers) in (409, 422)
    assert len(papers.written_for(engagement.id)) == 1


def test_what_law_lets_us_hold_back_is_asked_for_once_and_agreed_to_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, until = started(house), clock.today() + timedelta(days=30)
    answered(house, case)
    address, look = f"/engagements/{case.public_id}/held-back", held_back.hold_asked
    options = Page(house.client("maja")).get(address).all("//select[@name='which']/option")
    wish = {"which": options[1].get("value"), "ground": "others", "until-day": str(until.day),
            "until-month": str(until.month), "until-year": str(until.year)}  # fmt: skip
    for who, press, deed in (
        (("maja", "karin"), {**wish, "press": "Ask a second person"}, "hold_asked"),
        (("omar", "tove"), {"press": "Agree to hold it back"}, "held_back"),
    ):
        monkeypatch.setattr(held_back, "hold_asked", after_both(look))
        pages = [Page(house.client(name)).get(address) for name in who]
        assert sorted(at_once(pages, {**press}, {**press})) == [302, 422]
        assert times(f"organisation.{deed}") == 1


def test_what_is_kept_for_longer_is_agreed_to_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    organisation, until = house.organisation(), clock.today() + timedelta(days=30)
    wish, asks = Wish("court", "It is before a court.", until), house.actor("else")
    four_eyes.ask_to_keep(organisation, wish, 365, by=asks, at=clock.now())
    with pytest.raises(Refusal, match="asked for already"):
        four_eyes.ask_to_keep(organisation, wish, 365, by=asks, at=clock.now())
    address = f"/organisations/{organisation.public_id}/keeping"
    pages = [Page(house.client(name)).get(address) for name in ("karin", "omar")]
    monkeypatch.setattr(kept, "between_two", after_both(kept.between_two))
    press = {"press": "Agree to keep it"}
    assert sorted(at_once(pages, {**press}, {**press})) == [302, 422]
    assert times("hold.agreed") == 1
