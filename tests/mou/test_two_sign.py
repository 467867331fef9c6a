"""Where an organisation's statutes want two, a paper names two and waits for both."""

import pytest

from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.mou import actions
from partners.mou.models import Paper
from partners.signing.queries import signatures_on
from tests.builders import TODAY, House
from tests.mou.papers import chair, delegation, drafted, facts, files, issued, meant, sign, told
from tests.page import Page


def two(house: House):
    engagement = told(house)
    for short in ("grethe", "yusuf"):
        chair(house, engagement, short)
    for office in engagement.organisation.offices:
        office.together = True
    delegation(house)
    return engagement


def test_one_of_two_alone_is_not_named_and_the_refusal_says_so(house: House) -> None:
    engagement = two(house)
    named = [row for row in facts(engagement)["signers_org"] if row["name"] == "Grethe"]
    assert named[0]["authority"] == "statutes, section 7, together with one other"
    paper = drafted(house, engagement, signers_org=named)
    meant(house, paper)
    with pytest.raises(Refusal, match="Grethe signs only together") as refused:
        actions.issue(paper, files(house), by=house.actor("maja"), at=paper.drafted_at)
    assert refused.value.field == "signers_org"


def test_two_people_in_one_office_are_not_two_who_may_sign(house: House) -> None:
    engagement = two(house)
    first, second = engagement.organisation.offices
    first.person, first.until = "", None
    db.session.delete(second)
    for short in ("grethe", "yusuf"):
        house.account(short).title = first.role
    paper = drafted(house, engagement)
    assert len(paper.facts["signers_org"]) == 2
    meant(house, paper)
    with pytest.raises(Refusal, match="signs only together"):
        actions.issue(paper, files(house), by=house.actor("maja"), at=paper.drafted_at)


def test_the_paper_waits_for_both_and_each_sees_who_is_still_to_sign(house: House) -> None:
    paper = issued(house, two(house))
    sign(house, paper, "karin")
    sign(house, paper, "grethe")
    assert paper.in_force_at is None
    receipt = Page(house.client("grethe")).get(f"/papers/{paper.public_id}/receipt")
    assert "Still to sign: Yusuf" in receipt.text
    start = Page(house.client("yusuf")).get(f"/papers/{paper.public_id}/sign/start")
    assert "together with one other" in str(signatures_on(paper.id)[1].authority)
    assert "Signed" in start.text.split("Who else signs?")[1].split("Karin")[0]
    sign(house, paper, "yusuf")
    assert paper.in_force_at


@pytest.mark.parametrize("first", [True, False])
def test_where_one_of_two_loses_the_right_the_paper_waits_and_a_signature_stays(
    house: House, first: bool
) -> None:
    paper = issued(house, two(house))
    if first:
        sign(house, paper, "grethe")
    office = next(o for o in paper.organisation.offices if o.person == "Yusuf")
    office.until = TODAY
    db.session.commit()
    with pytest.raises(Refusal, match="has ended"):
        sign(house, paper, "yusuf")
    db.session.rollback()
    if not first:
        sign(house, paper, "grethe")
    assert [one.name for one in signatures_on(paper.id)] == ["Grethe"]
    assert paper.in_force_at is None
    page = Page(house.client("yusuf")).get(f"/papers/{paper.public_id}")
    assert "Your role with the right to sign has ended" in page.text
    (near_the_top,) = page.all("//a[@href='#waits']")
    assert near_the_top.text == "You are named here, but may not sign now"


def test_a_right_that_became_one_of_two_after_the_paper_was_issued_does_not_sign_alone(
    house: House,
) -> None:
    paper: Paper = issued(house)
    paper.organisation.offices[0].together = True
    db.session.commit()
    with pytest.raises(Refusal, match="names nobody else of yours"):
        sign(house, paper, "grethe")
    db.session.rollback()
    page = Page(house.client("grethe")).get(f"/papers/{paper.public_id}")
    assert "Ask your contact to name both." in page.text
