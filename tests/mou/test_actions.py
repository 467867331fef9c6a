from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from partners.assessment.rules.moves import State as Case
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.mou import actions
from partners.mou.models import Paper
from partners.mou.queries import waiting
from partners.mou.rules import State
from partners.mou.sheet import sheet_of
from partners.signing.actions import Hand
from partners.signing.files import kept
from partners.signing.queries import signatures_on
from tests.builders import NOON, TODAY, House
from tests.mou.papers import SAID, chair, delegation, drafted, files, issued, meant, sign, told

LATER = NOON + timedelta(days=3)


@pytest.mark.parametrize("order", [("grethe", "karin"), ("karin", "grethe")])
def test_a_memorandum_is_in_force_when_both_have_signed_in_either_order(
    house: House, order: tuple[str, str]
) -> None:
    paper = issued(house)
    sign(house, paper, order[0])
    assert (paper.state, paper.engagement.state) == (State.ISSUED, Case.TOLD)
    sign(house, paper, order[1], at=LATER)
    assert (paper.state, paper.in_force_at) == (State.IN_FORCE, LATER)
    engagement = paper.engagement
    assert (engagement.state, engagement.agreed_level) == (Case.IN_FORCE, engagement.level)
    assert engagement.organisation.level == engagement.level


def test_what_is_signed_is_the_fingerprint_of_the_file_that_was_kept(house: House) -> None:
    paper = issued(house)
    sign(house, paper, "grethe")
    content = kept(files(house), paper.fingerprint)
    (signature,) = signatures_on(paper.id)
    assert signature.text_hash == sha256(content).hexdigest() == paper.fingerprint
    assert (signature.side, signature.statement) == ("partner", SAID)
    assert signature.authority == "statutes, section 7"


def test_an_issued_paper_prints_the_same_bytes_whatever_changes_around_it(house: House) -> None:
    paper = issued(house)
    before = kept(files(house), paper.fingerprint)
    paper.organisation.name, paper.engagement.title = "Another Name", "Another title"
    paper.engagement.supported_level = house.policy.floor.id
    db.session.commit()
    db.session.expire_all()
    assert sheet_of(paper, TODAY + timedelta(days=400)).pdf() == before


def test_numbers_follow_each_other_and_tell_the_year(house: House) -> None:
    first = issued(house)
    other = told(house, organisation=house.organisation("Northside Chess Club"))
    chair(house, other, "nils")
    second = issued(house, other)
    assert (first.number, second.number) == ("M-2026-00001", "M-2026-00002")


def test_the_year_of_a_number_is_that_of_the_day_here(house: House) -> None:
    engagement = told(house)
    chair(house, engagement)
    delegation(house)
    paper = drafted(house, engagement)
    meant(house, paper)
    an_hour_into_the_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    actions.issue(paper, files(house), by=house.actor("maja"), at=an_hour_into_the_year)
    assert (paper.number, paper.facts["issued_on"]) == ("M-2027-00001", "2027-01-01")


def test_a_dialogue_agreement_has_numbers_of_its_own(house: House) -> None:
    issued(house)
    other = told(house, place=-2, organisation=house.organisation("Northside Chess Club"))
    chair(house, other, "nils")
    assert issued(house, other).number == "D-2026-00001"


@pytest.mark.parametrize(
    ("blank", "value"),
    [("benefit_org", []), ("promise_city", []), ("mediator", " "), ("signers_org", []),
     ("signers_city", []), ("review_date", ""), ("aims", []), ("notice_days", "soon")],
)  # fmt: skip
def test_what_is_missing_is_refused_beside_its_field(house: House, blank: str, value) -> None:
    engagement = told(house)
    chair(house, engagement)
    delegation(house)
    paper = drafted(house, engagement, **{blank: value})
    with pytest.raises(Refusal) as refused:
        actions.issue(paper, files(house), by=house.actor("maja"), at=NOON)
    assert refused.value.field == blank
    assert (paper.number, paper.state) == (None, State.DRAFT)


def test_an_issued_paper_is_not_written_again(house: House) -> None:
    paper = issued(house)
    with pytest.raises(Refusal, match="not possible"):
        actions.rewrite(paper, "en", {}, by=house.actor("maja"), at=NOON)
    with pytest.raises(Refusal, match="not possible"):
        actions.issue(paper, files(house), by=house.actor("maja"), at=NOON)


def test_nobody_signs_who_is_not_named(house: House) -> None:
    paper = issued(house)
    chair(house, paper.engagement, "yusuf")
    for short in ("yusuf", "omar"):
        with pytest.raises(Refusal, match="not named"):
            sign(house, paper, short)


def test_somebody_of_another_organisation_cannot_sign(house: House) -> None:
    paper = issued(house)
    other = told(house, organisation=house.organisation("Northside Chess Club"))
    chair(house, other, "nils")
    with pytest.raises(NotYours):
        sign(house, paper, "nils")


def test_each_person_signs_once(house: House) -> None:
    paper = issued(house)
    sign(house, paper, "karin")
    with pytest.raises(Refusal, match="already"):
        sign(house, paper, "karin")


def test_a_signature_is_ones_own_name_and_a_ticked_statement(house: House) -> None:
    paper = issued(house)
    with pytest.raises(Refusal, match="Type your name"):
        sign(house, paper, "grethe", "Karin Dahl")
    with pytest.raises(Refusal, match="Tick the statement"):
        hand = Hand("Grethe", False, SAID, "en", paper.fingerprint)
        actions.sign(paper, hand, by=house.actor("grethe"), at=NOON)
    sign(house, paper, "grethe", "grethe")
    assert len(signatures_on(paper.id)) == 1


def test_a_role_that_ended_signs_no_more(house: House) -> None:
    paper = issued(house)
    paper.organisation.offices[0].until = TODAY
    db.session.commit()
    with pytest.raises(Refusal, match="has ended"):
        sign(house, paper, "grethe")


def test_a_delegation_that_ended_signs_no_more(house: House) -> None:
    engagement = told(house)
    chair(house, engagement)
    right = delegation(house)
    paper = issued(house, engagement)
    right.ended_at = NOON
    db.session.commit()
    with pytest.raises(Refusal, match="delegation"):
        sign(house, paper, "karin")


@pytest.mark.parametrize(
    "how", [{"band": 0}, {"days": -1}, {"confirmed": False}], ids=lambda how: next(iter(how))
)
def test_only_a_living_confirmed_delegation_for_this_band_names_somebody(
    house: House, how: dict
) -> None:
    engagement = told(house, money=9_000)
    chair(house, engagement)
    delegation(house, **how)
    assert drafted(house, engagement).facts["signers_city"] == []


def test_nobody_stands_on_both_sides(house: House) -> None:
    engagement = told(house)
    house.account("karin").name = "Grethe"
    chair(house, engagement)
    delegation(house)
    with pytest.raises(Refusal, match="both sides"):
        issued(house, engagement)


def test_who_may_sign_must_be_settled_where_the_level_asks_for_it(house: House) -> None:
    from partners.assessment.queries import newest_answers
    from partners.mou.sheet import document_of

    engagement = told(house)
    chair(house, engagement)
    delegation(house)
    (item,) = document_of(engagement).more["met_first"]
    row = newest_answers(engagement.organisation_id, engagement.id)[item]
    row.withdrawn_at, row.withdrawn_because = NOON, "The statutes changed"
    db.session.commit()
    with pytest.raises(Refusal, match="settle"):
        issued(house, engagement)


def test_a_partner_declines_without_a_reason_and_a_new_draft_can_begin(house: House) -> None:
    paper = issued(house)
    actions.decline(paper, "", by=house.actor("grethe"), at=NOON)
    db.session.commit()
    assert (paper.state, paper.engagement.state) == (State.DECLINED, Case.TOLD)
    with pytest.raises(Refusal, match="not possible"):
        sign(house, paper, "karin")
    assert drafted(house, paper.engagement).state == State.DRAFT


def test_the_municipality_takes_a_paper_back_only_with_a_reason(house: House) -> None:
    paper = issued(house)
    with pytest.raises(Refusal, match="reason"):
        actions.decline(paper, "", by=house.actor("maja"), at=NOON)
    actions.decline(paper, "A wrong date", by=house.actor("maja"), at=NOON)
    assert paper.ended_because == "A wrong date"


def test_notice_ends_a_paper_after_the_days_that_stand_in_it(house: House) -> None:
    paper = issued(house, None, notice_days="60")
    for short in ("grethe", "karin"):
        sign(house, paper, short)
    actions.end(paper, "", files(house), by=house.actor("grethe"), at=LATER)
    assert (paper.state, paper.ends_on) == (State.NOTICE, LATER.date() + timedelta(days=60))


def test_one_engagement_has_one_open_paper(house: House) -> None:
    paper = issued(house)
    with pytest.raises(Refusal, match="already"):
        drafted(house, paper.engagement)


def test_a_paper_waits_for_those_who_have_not_signed(house: House) -> None:
    paper = issued(house)
    assert waiting(house.actor("karin"), TODAY) == [("sign", paper)]
    assert waiting(house.actor("omar"), TODAY) == []
    sign(house, paper, "karin")
    assert waiting(house.actor("karin"), TODAY) == []


def test_more_time_is_as_many_days_as_the_paper_gives(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = issued(house)
    monkeypatch.setitem(sheet_of(paper, TODAY).document.more, "sign_within_days", 30)
    actions.wait_longer(paper, by=house.actor("maja"), at=NOON)
    assert paper.texts["sign_by"] == (TODAY + timedelta(days=30)).isoformat()


def test_many_papers_for_somebody_else_hide_none_of_ones_own(house: House) -> None:
    engagement, karin = told(house), house.actor("karin")
    chair(house, engagement)
    delegation(house)
    for number in range(20):  # whose number in the house begins like Karin's
        db.session.add(Paper(
            kind="support-annex", organisation=engagement.organisation, engagement=engagement,
            facts={"signers_city": [{"name": "Nina Bro", "account": karin.id * 10}]},
            drafted_by=karin.id, drafted_at=NOON, issued_at=NOON, fingerprint=f"{number:064}",
            state=State.ISSUED,
        ))  # fmt: skip
    db.session.commit()
    mine = issued(house, engagement)
    assert waiting(karin, TODAY) == [("sign", mine)]
