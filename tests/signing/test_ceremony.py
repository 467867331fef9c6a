"""The way to a signature: nothing is lost on it, and nothing is signed but what was shown."""

import os
import signal
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from partners.charter.models import Charter
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.mail.models import Mail
from partners.mou import actions
from partners.mou.models import Paper
from partners.mou.queries import newest
from partners.mou.rules import State
from partners.signing import actions as signing
from partners.signing.actions import Hand
from partners.signing.files import kept
from partners.signing.models import Ceremony, Signature
from partners.signing.queries import signatures_on
from partners.signing.rules import due, steps
from tests.builders import NOON, TODAY, House
from tests.charter.case import offered
from tests.conftest import only_sqlite
from tests.mou.papers import SAID, facts, files, issued, sign
from tests.page import Page
from tests.signing.walking import PASSWORD, counted, sign_through, to_check, with_password

INTERLEAVINGS = int(os.environ.get("INTERLEAVINGS", "25"))
KILLS = int(os.environ.get("CEREMONY_KILLS", "0"))  # at each step, before and after its commit
LAST = {"name": "grethe", "statement": "y", "password": PASSWORD}
PRESS = "Sign for Harbour Kitchen"


def ready(house: House) -> tuple[Paper, Page, str]:
    paper = issued(house)
    with_password(house, "grethe")
    return paper, Page(house.client("grethe")), f"/papers/{paper.public_id}/sign"


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_what_was_noted_waits_and_nobody_is_led_past_a_page(house: House) -> None:
    _paper, page, address = ready(house)
    page.get(address + "/sign", status=302).follow()
    assert page.heading == "Before you sign for Harbour Kitchen"
    page.send({}, press="Begin: read it", status=302)
    another = Page(house.client("grethe"))
    another.get(address + "/sign", status=302).follow()
    assert another.heading == "Read it. This is the text that you would sign."
    another.send({}, press="I have read it", status=302, follow=True)
    assert another.heading == "For whom do you sign, and why may you?"
    for said in ("statutes, section 7", "Harbour Kitchen", "no last day is set"):
        assert said in another.text
    assert count(Signature) == 0


def test_only_who_knows_the_password_signs_and_tries_are_counted(house: House) -> None:
    paper, page, address = ready(house)
    to_check(page, address).click("Go on to the last page")
    for _try in range(10):
        page.send(LAST | {"password": "something else"}, press=PRESS, status=422)
        assert "This is not your password" in page.troubles[0]
    page.send(LAST, press=PRESS, status=422)
    assert "Too many tries" in page.troubles[0]
    assert signatures_on(paper.id) == []


def test_pressing_twice_and_in_two_windows_is_one_signature_and_one_receipt(house: House) -> None:
    paper, page, address = ready(house)
    to_check(page, address).click("Go on to the last page")
    second = Page(house.client("grethe")).get(address + "/sign")
    page.send(LAST, press=PRESS, status=302, follow=True)
    second.send(LAST, press=PRESS, status=302, follow=True)
    assert page.heading == second.heading
    (one,) = signatures_on(paper.id)
    assert one.evidence["basis"]["authority"] == "statutes, section 7"
    assert count(Ceremony) == 0
    letters = [m.body for m in db.session.scalars(select(Mail)) if m.to == page_email(house)]
    (receipt,) = (body for body in letters if "receipt" in body)
    assert paper.fingerprint in receipt
    assert f"Time: {one.at.day} {one.at:%B %Y, %H:%M} UTC" in receipt
    assert "take it back" in receipt
    assert paper.engagement.title not in receipt


def page_email(house: House) -> str:
    return house.account("grethe").email


def test_a_page_that_showed_another_text_signs_nothing(house: House) -> None:
    paper, page, address = ready(house)
    to_check(page, address).click("Go on to the last page")
    page.send({**LAST, "text": "0" * 64}, press=PRESS, status=422)
    assert "not the one that you have read" in page.troubles[0]
    assert signatures_on(paper.id) == []


@pytest.mark.parametrize("lost", ["seat", "account", "declined", "late"])
def test_a_right_that_ends_between_reading_and_signing_signs_nothing(
    house: House, lost: str
) -> None:
    paper, page, address = ready(house)
    to_check(page, address).click("Go on to the last page")
    match lost:
        case "seat":
            paper.organisation.offices[0].until = TODAY
        case "account":
            house.account("grethe").ended_at = NOON
        case "declined":
            actions.decline(paper, "A wrong date", by=house.actor("maja"), at=NOON)
        case _:
            paper.texts = {**paper.texts, "sign_by": "2026-01-01"}
    db.session.commit()
    page.send(LAST, press=PRESS, status=401 if lost == "account" else 302)
    assert signatures_on(paper.id) == []
    if lost != "account":
        assert page.follow().path == f"/papers/{paper.public_id}"
        assert "Go on to signing" not in page.links()


def test_more_time_is_given_without_touching_the_text_or_a_signature(house: House) -> None:
    paper, page, _address = ready(house)
    sign(house, paper, "karin")
    paper.texts = {**paper.texts, "sign_by": (TODAY - timedelta(days=99)).isoformat()}
    db.session.commit()
    with pytest.raises(Refusal, match="last day to sign"):
        sign(house, paper, "grethe")
    db.session.rollback()
    before, staff = paper.fingerprint, Page(house.client("maja"))
    staff.get(f"/papers/{paper.public_id}").send({}, press="Give more time", status=302)
    db.session.expire_all()
    assert (paper.fingerprint, len(signatures_on(paper.id))) == (before, 1)
    assert "Go on to signing" in page.get(f"/papers/{paper.public_id}").links()


def test_a_text_that_is_given_up_voids_its_signatures_and_says_so_to_who_signed(
    house: House,
) -> None:
    paper, page, address = ready(house)
    sign_through(page, address, "grethe", "Harbour Kitchen")
    staff = Page(house.client("maja"))
    staff.get(f"/papers/{paper.public_id}")
    staff.send({"reason": "A wrong date"}, press="Take it back", status=302)
    (one,) = signatures_on(paper.id)
    assert one.voided_at
    letters = [m for m in db.session.scalars(select(Mail)) if "does not count" in m.body]
    assert [m.to for m in letters] == [page_email(house)]


def test_each_value_is_a_page_and_talking_leads_away_from_signing() -> None:
    way = steps(["8", "9"])
    assert way == ("start", "read", "value-8", "value-9", "who", "check", "sign")
    said = {"start": "x", "read": "x", "value-8": {"answer": "agree"}}
    assert due(way, said) == "value-9"
    assert due(way, {**said, "value-9": {"answer": "talk"}, "who": "x"}) == "check"
    assert due(way, {**said, "value-9": {"answer": "remark"}, "who": "x"}) == "sign"


DEEDS = st.sampled_from(  # twice what leads to a signature, so that many walks reach one
    "edit withdraw".split() + 2 * "read:grethe read:karin sign:grethe sign:karin".split()
)


@only_sqlite
def test_in_whatever_order_people_read_sign_edit_and_withdraw_only_what_was_shown_is_signed(
    house: House,
) -> None:
    first = issued(house)
    engagement, folder = first.engagement, files(house)
    maja = house.actor("maja")
    db.session.commit()
    seen = {"signed": 0, "refused": 0, "in_force": 0, "ended": 0}

    def read(paper: Paper, who: str) -> None:
        by = house.actor(who)
        held = signing.begin(f"paper {paper.id}", paper.fingerprint, by=by, at=NOON)
        signing.note(held, "read", "x", paper.fingerprint, by=by, at=NOON)

    def put(paper: Paper, who: str) -> None:
        mine = db.session.scalars(select(Ceremony).where(Ceremony.account_id == house.people[who]))
        held = [*mine][-1:]
        shown = held[0].text_hash if held else ""
        hand = Hand(house.account(who).name, True, SAID, "en", shown)
        actions.sign(paper, hand, by=house.actor(who), at=NOON)

    def edit(paper: Paper, number: str) -> None:
        if paper.state in (State.ISSUED, State.DRAFT):
            actions.decline(paper, "Another word", by=maja, at=NOON)
        words = facts(engagement, mediator=f"mediator {number}")
        actions.issue(actions.draft(engagement, "en", words, by=maja, at=NOON), folder, by=maja,
                      at=NOON)  # fmt: skip

    def withdraw(paper: Paper, _who: str) -> None:
        by = house.actor("grethe")
        if paper.state == State.IN_FORCE:
            actions.end(paper, "", folder, by=by, at=NOON)
            seen["ended"] += 1
        else:
            actions.decline(paper, "", by=by, at=NOON)

    does = {"edit": edit, "withdraw": withdraw, "read": read, "sign": put}

    @settings(max_examples=INTERLEAVINGS, deadline=None, database=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @example([*"read:grethe read:karin sign:grethe sign:karin withdraw".split()])
    @given(st.lists(DEEDS, min_size=8, max_size=20))
    def walk(deeds: list[str]) -> None:
        try:
            for number, deed in enumerate(deeds):
                paper, (verb, _blank, who) = newest(engagement.id), deed.partition(":")
                assert paper is not None
                try:
                    does[verb](paper, who or str(number))
                    seen["signed"] += verb == "sign"
                    seen["in_force"] += verb == "sign" and paper.state == State.IN_FORCE
                except Refusal:
                    seen["refused"] += 1
                db.session.flush()
                check()
        finally:
            db.session.rollback()

    def check() -> None:
        for one in db.session.scalars(select(Signature)):
            paper = db.session.get_one(Paper, one.paper_id)
            assert one.text_hash == paper.fingerprint
            assert kept(folder, one.text_hash)
            assert bool(one.voided_at) == (paper.state == State.DECLINED)
        both = Paper.kind == first.kind, Paper.in_force_at.is_not(None)  # nobody signs a notice
        for paper in db.session.scalars(select(Paper).where(*both)):
            assert len(signatures_on(paper.id)) == 2

    walk()
    assert all(seen.values()), seen
    counted(interleavings=INTERLEAVINGS, **seen)


PRESSED = {"start": "Begin: read it", "read": "I have read it", "value-8": "Go on",
           "who": "This is right", "sign": PRESS}  # fmt: skip
TYPED = {"value-8": {"answer": "agree"}, "sign": LAST}
SOME = [("read", False, 0), ("sign", False, 0), ("sign", True, 0)]
EVERY = [(page, after, n) for page in PRESSED for after in (False, True) for n in range(KILLS)]


@pytest.mark.parametrize(
    "database", ["sqlite", "postgresql"] if KILLS else ["sqlite"], indirect=True
)
@pytest.mark.parametrize(("page", "after", "time"), EVERY if KILLS else SOME)
def test_a_process_killed_on_the_way_leaves_nothing_or_one_signature(
    house: House, page: str, after: bool, time: int
) -> None:
    """Killed at the commit that keeps what a page noted, or right after it; then sent again."""
    charter = page.startswith("value")
    _text, visitor, address = ready_for_the_charter(house) if charter else ready(house)
    visitor.get(address + "/start")
    way = [step for step in PRESSED if charter or not step.startswith("value")]
    for before in way[: way.index(page)]:
        visitor.send({}, press=PRESSED[before], status=302, follow=True)
    if page == "sign":
        visitor.click("Go on to the last page")
    typed, form = TYPED.get(page, {}), visitor.form(press=PRESSED[page])
    sent = {f.get("name"): f.get("value", "") for f in form.xpath(".//input[@type='hidden']")}
    cookie = visitor.client.get_cookie("partners")
    assert cookie is not None
    db.session.rollback()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        _die_at_commit(house, form.get("action"), {**sent, **typed}, cookie.value, after, page)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "it was not killed where it should have been"
    signed = page == "sign"
    assert (by_grethe(house), count(Ceremony)) == (
        int(after and signed),
        int((not after and page != "start") or (after and not signed)),
    )
    assert (page in noted()) == (after and not signed)
    visitor.send(typed, press=PRESSED[page], status=302)
    assert (by_grethe(house), count(Ceremony)) == (int(signed), int(not signed))
    assert (page in noted()) == (not signed)
    counted(**{f"killed {page} {after} {time} {db.engine.name}": 1})


def ready_for_the_charter(house: House) -> tuple[Charter, Page, str]:
    charter = offered(house)
    with_password(house, "grethe")
    page = Page(house.client("grethe")).get("/our-charter")
    return charter, page, page.links()["Go on to signing"].removesuffix("/sign")


def by_grethe(house: House) -> int:
    """How often the one who signs here has signed."""
    db.session.rollback()
    return by_grethe_now(house)


def by_grethe_now(house: House) -> int:
    hers = Signature.account_id == house.people["grethe"]
    return db.session.scalar(select(func.count()).select_from(Signature).where(hers)) or 0


def noted() -> set[str]:
    """The pages on which something is noted."""
    return {step for held in db.session.scalars(select(Ceremony)) for step in held.said}


def _die_at_commit(
    house: House, action: str, data: dict, cookie: str, after: bool, page: str
) -> None:
    """In a process of its own: send the form, and be killed at the commit that keeps it."""
    try:
        house.app.extensions["jobs"].huey.immediate = False
        client = house.app.test_client()
        client.set_cookie("partners", cookie)
        commit = type(db.session()).commit

        def deadly(session: object) -> None:
            db.session.flush()
            keeps = by_grethe_now(house) if page == "sign" else page in noted()
            if keeps and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            commit(session)  # type: ignore[arg-type]
            if keeps:
                os.kill(os.getpid(), signal.SIGKILL)

        type(db.session()).commit = deadly  # type: ignore[method-assign]
        client.post(action, data=data)
    finally:
        os._exit(9)
