"""Whoever is about to sign reads what changed since their side wrote, or since the last paper."""

from partners.ground.db import db
from partners.mou import actions
from partners.mou.models import Paper
from tests.builders import NOON, House
from tests.mou.papers import (
    chair,
    delegation,
    drafted,
    facts,
    files,
    issued,
    meant,
    sign,
    told,
)
from tests.page import Page
from tests.signing.walking import PRESSES


def read_by(house: House, short: str, paper: Paper) -> str:
    page = Page(house.client(short)).get(f"/papers/{paper.public_id}/sign/start")
    return page.send({}, press=PRESSES[0], status=302, follow=True).text


def test_what_the_other_side_wrote_last_is_shown_word_by_word_before_signing(house: House) -> None:
    engagement = told(house)
    chair(house, engagement)
    delegation(house)
    paper = drafted(house, engagement)
    maja, grethe = house.actor("maja"), house.actor("grethe")
    actions.hand_over(paper, by=maja, at=NOON)
    actions.rewrite(
        paper, "en", {**paper.facts, "mediator": "the parish clerk"}, by=grethe, at=NOON
    )
    actions.hand_over(paper, by=grethe, at=NOON)
    meant(house, paper)
    actions.issue(paper, files(house), by=maja, at=NOON)
    for short, change in (("karin", "[− library director −]"), ("grethe", "")):
        said = read_by(house, short, paper)
        assert ("Not a word." in said) is not bool(change)
        assert change in said


def test_an_amendment_is_read_against_the_paper_that_it_changes(house: House) -> None:
    first = issued(house)
    for short in ("grethe", "karin"):
        sign(house, first, short)
    words = facts(first.engagement, mediator="the parish clerk")
    paper = actions.follow(first, "amended", words, by=house.actor("maja"), at=NOON)
    db.session.commit()
    meant(house, paper)
    actions.issue(paper, files(house), by=house.actor("maja"), at=NOON)
    said = read_by(house, "grethe", paper)
    assert f"What is different from {first.number}?" in said
    assert "[− library director −]" in said
    assert "[+ parish clerk +]" in said
