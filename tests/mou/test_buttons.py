"""On the page of a paper nobody is offered what would be refused, wherever the paper stands."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from partners.ground import clock
from partners.ground.db import db
from partners.mou import actions
from partners.mou.models import Paper
from partners.mou.queries import newest
from tests.builders import NOON, TODAY, House
from tests.conftest import only_sqlite
from tests.mou.papers import files, issued, meant, sign
from tests.mou.test_life import in_force
from tests.page import Page

PEOPLE = ("grethe", "maja", "karin", "omar")  # signs; prepares; signs; decides elsewhere
DAY = timedelta(days=1)
LINKS = {"Go on to signing": "sign", "Go on writing": "write", "Begin a new draft": "begin"}
NAMED = {"grethe": "decline sign", "karin": "decline sign"}
FOLLOW = "follow:amended follow:renewed follow:replaced"


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def late(house: House) -> Paper:
    paper = issued(house)
    paper.texts = {**paper.texts, "sign_by": (TODAY - DAY).isoformat()}
    return paper


def resting(paper: Paper) -> Paper:
    paper.engagement.state = "paused"
    return paper


def one_signed(house: House) -> Paper:
    paper = issued(house)
    sign(house, paper, "grethe")
    return paper


def declined(house: House) -> Paper:
    paper = issued(house)
    actions.decline(paper, "", by=house.actor("grethe"), at=NOON)
    return paper


def paused(house: House) -> Paper:
    paper = in_force(house, notice_days="60")
    actions.pause(paper, TODAY + DAY, "", by=house.actor("grethe"), at=NOON)
    return paper


def followed(house: House, how: str = "renewed", start: str = "2028-01-01") -> Paper:
    """A paper of which what follows is being written."""
    paper = in_force(house, notice_days="60")
    facts = {**paper.facts, "start": start, "review_date": "2028-06-01", "end": "2029-12-31"}
    actions.follow(paper, how, facts, by=house.actor("maja"), at=NOON)
    return paper


def renewed(house: House, **more: str) -> Paper:
    """A paper whose renewal all have signed; its first day is still to come, or has."""
    paper = followed(house, **more)
    after = newest(paper.engagement_id)
    assert after is not None
    meant(house, after)
    actions.issue(after, files(house), by=house.actor("maja"), at=NOON)
    for short in ("grethe", "karin"):
        sign(house, after, short)
    return paper


def notice(house: House) -> Paper:
    paper = in_force(house, notice_days="60")
    actions.end(paper, "", files(house), by=house.actor("grethe"), at=NOON)
    return paper


def ended(house: House) -> Paper:
    paper = in_force(house, notice_days="60")
    paper.ends_on = TODAY - DAY
    return paper


def begun_anew(house: House) -> Paper:
    paper = declined(house)
    actions.draft(paper.engagement, "en", {}, by=house.actor("maja"), at=NOON)
    return paper


SIGNERS = {"grethe": "end pause", "karin": "end pause"}
RESUMES = {"grethe": "end pause resume", "karin": "end pause resume"}
CASES: list[tuple[str, Callable[[House], Paper], dict[str, str], str]] = [
    ("issued", issued, {**NAMED, "maja": "by-hand decline"}, ""),
    ("late", late, {"grethe": "decline", "karin": "decline", "maja": "decline wait"}, ""),
    ("rests", lambda house: resting(issued(house)),
     {"grethe": "decline", "karin": "decline", "maja": "decline"}, ""),
    ("one signed", one_signed, {**NAMED, "grethe": "decline", "maja": "by-hand decline"}, ""),
    ("declined", declined, {"maja": "begin"}, ""),
    ("begun anew", begun_anew, {}, "Another paper in its place : Being written"),
    ("in force", lambda house: in_force(house, notice_days="60"),
     {**SIGNERS, "maja": FOLLOW}, ""),
    ("begins", lambda house: in_force(house, start="2026-12-01", notice_days="60"),
     {"grethe": "end", "karin": "end", "maja": FOLLOW}, ""),
    ("paused", paused, {**RESUMES, "maja": FOLLOW}, ""),
    ("renewal drafted", followed, SIGNERS, "Its renewal : Being written"),
    ("change drafted", lambda house: followed(house, "amended"), SIGNERS,
     "A change of this paper : Being written"),
    ("renewal signed", renewed, SIGNERS, "Its renewal : Signed by all"),
    ("replaced", lambda house: renewed(house, start=TODAY.isoformat()), {}, "renews this paper"),
    ("notice", notice, {"maja": FOLLOW}, ""),
    ("ended", ended, {"maja": FOLLOW}, ""),
]  # fmt: skip


def offered(page: Page) -> str:
    """What the page offers to do, in order."""
    verbs = {
        ":".join(form.xpath(".//input[@name='verb' or @name='how']/@value"))
        for form in page.all("//form[.//input[@name='verb']]")
    }
    return " ".join(sorted(verbs | {LINKS[words] for words in page.links() if words in LINKS}))


@only_sqlite
@pytest.mark.parametrize(("made", "wanted", "beside"), [case[1:] for case in CASES],
                         ids=[case[0] for case in CASES])  # fmt: skip
def test_each_is_offered_what_can_be_done_where_the_paper_stands(
    house: House, made: Callable[[House], Paper], wanted: dict[str, str], beside: str
) -> None:
    paper = made(house)
    db.session.commit()
    pages = {short: Page(house.client(short)).get(f"/papers/{paper.public_id}") for short in PEOPLE}
    assert {short: offered(page) for short, page in pages.items()} == {
        short: wanted.get(short, "") for short in PEOPLE}  # fmt: skip
    for page in pages.values():
        assert beside in page.text
