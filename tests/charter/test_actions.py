from datetime import date, timedelta

import pytest

from partners.assessment.queries import newest_answers, standings
from partners.assessment.rules.answers import Answer as Given
from partners.charter import actions, queries
from partners.charter.rules import State
from partners.charter.text import Wording, document, version_of
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.signing.actions import Hand
from partners.signing.queries import charter_signatures
from tests.assessment.case import started
from tests.builders import NOON, TODAY, House
from tests.charter.case import MONTHS, SAID, offered, sign, signed_first, texts


def item(house: House):
    return next(i for i in house.policy.items.values() if i.answer_type == actions.ANSWERS)


def test_nothing_is_offered_before_the_municipality_has_signed(house: House) -> None:
    with pytest.raises(Refusal, match="signs this text first"):
        actions.offer(house.organisation(), texts(house)["en"], by=house.actor("maja"), at=NOON)


def test_a_changed_text_is_signed_anew_before_it_is_offered(house: House) -> None:
    signed_first(house)
    changed = Wording("1", "en", texts(house)["en"].text + "\n\nOne more sentence.")
    with pytest.raises(Refusal, match="signs this text first"):
        actions.offer(house.organisation(), changed, by=house.actor("maja"), at=NOON)


def test_only_a_manager_signs_for_the_municipality_and_once(house: House) -> None:
    hand = Hand("Maja Lund", True, SAID, "en", "")
    with pytest.raises(NotYours):
        actions.sign_for_city(texts(house).values(), hand, "", by=house.actor("maja"), at=NOON)
    signed_first(house)
    hand = Hand("Omar Friis", True, SAID, "en", "")
    with pytest.raises(Refusal, match="already"):
        actions.sign_for_city(texts(house).values(), hand, "", by=house.actor("omar"), at=NOON)


def test_everyone_is_offered_the_same_words_and_signs_their_fingerprint(house: House) -> None:
    charter = offered(house)
    sign(house, charter)
    kept = Wording(charter.version, charter.language, charter.text)
    assert kept.hash == charter.text_hash == charter_signatures([charter.id])[charter.id].text_hash
    assert charter.organisation.name not in charter.text


def test_the_text_is_the_same_on_the_page_and_in_what_is_signed(house: House) -> None:
    for wording in texts(house).values():
        said = [getattr(block, "text", "") for block in wording.blocks[1:]]
        numbers = [s.split(".")[0] for s in said if s[:1].isdigit()]
        assert numbers[:24] == [str(n) for n in range(1, 25)]
        assert all(s in wording.text for s in said)


def test_a_signature_lasts_as_long_as_the_policy_says(house: House) -> None:
    charter = offered(house)
    months = document(*house.app.extensions["policy"]).more["months"]
    sign(house, charter)
    assert (months, charter.valid_until) == (MONTHS, date(2029, 11, 20))
    assert queries.in_force(charter.organisation_id, date(2029, 11, 20)).id == charter.id
    assert queries.in_force(charter.organisation_id, date(2029, 11, 21)) is None


def test_signing_answers_the_item_in_every_engagement(house: House) -> None:
    engagement = started(house)
    charter = offered(house, engagement.organisation)
    assert item(house).id not in newest_answers(engagement.organisation_id, engagement.id)
    sign(house, charter)
    assert newest_answers(engagement.organisation_id, engagement.id)[item(house).id].answer == "met"
    later = started(house, organisation=engagement.organisation)
    assert newest_answers(later.organisation_id, later.id)[item(house).id].answer == "met"


def test_a_charter_signed_before_any_work_answers_the_item_when_work_begins(house: House) -> None:
    charter = offered(house)
    sign(house, charter)
    engagement = started(house, organisation=charter.organisation)
    found = next(s for s in standings(engagement, TODAY) if s.item.id == item(house).id)
    assert (found.given, found.answer.answered_on) == (Given.MET, NOON.date())


def test_taking_back_ends_it_the_same_day_without_a_reason_by_any_signatory(house: House) -> None:
    engagement = started(house)
    charter = offered(house, engagement.organisation)
    sign(house, charter)
    actions.consent(charter, True, (), by=house.actor("grethe"), at=NOON)
    actions.withdraw(charter, by=house.actor("yusuf"), at=NOON)
    db.session.commit()
    assert queries.public(TODAY) == []
    assert queries.in_force(charter.organisation_id, TODAY) is None
    assert [c.id for c in queries.current(TODAY)] == []
    assert item(house).id not in newest_answers(engagement.organisation_id, engagement.id)


def test_what_runs_is_looked_at_again_within_the_grace_and_not_ended(house: House) -> None:
    engagement = started(house)
    charter = offered(house, engagement.organisation)
    sign(house, charter)
    engagement.review_on, state = TODAY + timedelta(days=700), engagement.state
    actions.withdraw(charter, by=house.actor("grethe"), at=NOON)
    days = (engagement.review_on - TODAY).days
    assert (days, engagement.state) == (item(house).grace_days, state)


def test_names_are_shown_only_after_two_separate_yeses(house: House) -> None:
    charter = offered(house)
    sign(house, charter)
    assert queries.public(TODAY) == []
    actions.consent(charter, True, (), by=house.actor("yusuf"), at=NOON)
    db.session.commit()
    assert queries.public(TODAY) == [charter]
    one = charter_signatures([charter.id])[charter.id]
    assert not one.shown
    with pytest.raises(Refusal, match="Only who signed"):
        actions.consent(charter, True, [one.id], by=house.actor("yusuf"), at=NOON)
    actions.consent(charter, True, [one.id], by=house.actor("grethe"), at=NOON)
    actions.consent(charter, True, (), by=house.actor("yusuf"), at=NOON)
    assert not one.shown
    assert queries.public(charter.valid_until + timedelta(days=1)) == []


def test_own_words_count_once_two_different_people_have_accepted_them(house: House) -> None:
    engagement = started(house)
    charter = offered(house, engagement.organisation)
    actions.propose_own(charter, "We greet everyone.", by=house.actor("grethe"), at=NOON)
    maja, ida = house.actor("maja"), house.actor("ida")
    with pytest.raises(Refusal, match="Write why"):
        actions.accept_own(charter, "", months=MONTHS, by=maja, at=NOON)
    actions.accept_own(charter, "It says the same", months=MONTHS, by=maja, at=NOON)
    assert charter.state == State.OWN_PROPOSED
    with pytest.raises(Refusal, match="Somebody else"):
        actions.accept_own(charter, "It still does", months=MONTHS, by=maja, at=NOON)
    actions.accept_own(charter, "I agree", months=MONTHS, by=ida, at=NOON)
    assert (charter.state, charter.valid_until) == (State.OWN_ACCEPTED, date(2029, 11, 20))
    assert newest_answers(engagement.organisation_id, engagement.id)[item(house).id].answer == "met"
    facts = queries.values_facts(engagement.organisation_id, TODAY)
    assert (facts["charter_signed"], facts["charter_equal"]) == (False, "We greet everyone.")


def test_talking_about_it_leads_to_nothing_and_leaves_signing_open(house: House) -> None:
    charter = offered(house)
    actions.discuss(charter, by=house.actor("grethe"), at=NOON)
    assert charter.state == State.DISCUSSING
    sign(house, charter)
    assert charter.state == State.SIGNED


def test_only_a_signatory_of_the_organisation_signs(house: House) -> None:
    charter = offered(house)
    house.partner("nadia", charter.organisation)
    for short in ("nadia", "maja"):
        with pytest.raises(NotYours):
            sign(house, charter, short)


def test_one_organisation_has_one_open_offer(house: House) -> None:
    charter = offered(house)
    with pytest.raises(Refusal, match="already"):
        actions.offer(charter.organisation, texts(house)["en"], by=house.actor("maja"), at=NOON)


def test_the_version_stands_in_the_data(house: House) -> None:
    assert version_of(document(*house.app.extensions["policy"])) == texts(house)["en"].version
