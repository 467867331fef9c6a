"""Each sentence of policy paper 2.7 as a case under the small policy, named by its claim.

Levels hello, talk (the floor), work; support nothing, rooms, little, much, most.
"""

from dataclasses import replace

import pytest

from partners.assessment.rules.answers import Answer, counts_as, offered
from partners.assessment.rules.reach import Case, Result, result
from partners.policy.values import Effect, Outcome, Party, Policy, Scope, Strength
from tests.assessment.rules.cases import case, found, small

A = Answer


def under(policy: Policy, item: str, **change: object) -> Policy:
    """The small policy with one item changed."""
    return replace(policy, items=policy.items | {item: replace(policy.items[item], **change)})


def reached(found: Result) -> tuple[object, ...]:
    return str(found.outcome), found.level, found.band


def conditions(found: Result) -> list[str]:
    return [condition.item for condition in found.conditions]


# Level, band, triggers, answers that are not met; then outcome, level, band.
RESULTS = [
    ("everything met", "work", "most", "", {}, "supported", "work", "most"),
    ("a fund item lowers support only", "work", "most", "", {"S_03": "unmet"},
     "supported_lower_band", "work", "little"),
    ("a cap item lowers level and support", "work", "much", "", {"S_05": "unmet"},
     "supported_dialogue", "talk", "little"),
    ("the level below the request is told before the band", "work", "most", "",
     {"S_05": "unmet", "S_03": "unmet"}, "supported_dialogue", "talk", "little"),
    ("a ceiling above no support stays with the floor level", "work", "rooms", "",
     {"S_05": "unmet"}, "supported_dialogue", "talk", "rooms"),
    ("a stop leaves dialogue without support", "work", "most", "", {"S_06": "unmet"},
     "supported_dialogue", "talk", "nothing"),
    ("the same stop, only dialogue asked for, changes nothing", "talk", "nothing", "",
     {"S_06": "unmet"}, "supported", "talk", "nothing"),
    ("the same stop, rooms asked for", "talk", "rooms", "", {"S_06": "unmet"},
     "supported_lower_band", "talk", "nothing"),
    ("a stop holds below the floor level too, once there is support", "hello", "much", "",
     {"S_06": "unmet"}, "supported_lower_band", "hello", "nothing"),
    ("a pair is weighed with its own strength, not with the request's", "work", "most", "",
     {"S_03": "met_base"}, "supported_lower_band", "work", "much"),
    ("met without the enhanced part is met where it is merely required", "work", "much", "",
     {"S_03": "met_base"}, "supported", "work", "much"),
    ("partly is not enough where the item is enhanced, whoever adds", "work", "most", "",
     {"S_04": "partly"}, "supported_lower_band", "work", "much"),
    ("an unasked item changes nothing", "talk", "nothing", "", {"S_03": "unmet", "S_04": "unmet"},
     "supported", "talk", "nothing"),
    ("an optional item changes nothing", "talk", "little", "", {"S_03": "unmet", "S_05": "unmet"},
     "supported", "talk", "little"),
    ("an item whose trigger is off changes nothing", "work", "most", "",
     {"S_07": "unmet", "S_08": "unmet", "S_11": "unmet"}, "supported", "work", "most"),
    ("an activity item never lowers the engagement", "work", "much", "outdoors",
     {"S_07": "unmet"}, "supported_conditions", "work", "much"),
    ("a note never affects the result", "work", "most", "", {"S_00": "unmet"},
     "supported", "work", "most"),
    ("a note that lacks does not either when partly", "work", "most", "", {"S_00": "partly"},
     "supported", "work", "most"),
    ("an open note changes nothing", "work", "most", "", {"S_00": "open"},
     "supported", "work", "most"),
    ("first contact without support is registered, whatever the answers", "hello", "nothing", "",
     {"S_01": "unmet", "S_06": "unmet"}, "registered", "hello", "nothing"),
    ("nothing holds a registered contact", "hello", "nothing", "point", {"S_09": "unmet"},
     "registered", "hello", "nothing"),
    ("an open item does not hold a registered contact", "hello", "nothing", "", {"S_01": "open"},
     "registered", "hello", "nothing"),
    ("with support the first level is assessed like the others", "hello", "much", "",
     {"S_03": "unmet"}, "supported_lower_band", "hello", "little"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("level", "band", "triggers", "answers", "outcome", "at", "with_band"),
    [row[1:] for row in RESULTS],
    ids=[row[0] for row in RESULTS],
)
def test_result(level, band, triggers, answers, outcome, at, with_band):
    got = found(small(), level, band, triggers.split(), **answers)
    assert reached(got) == (outcome, at, with_band)


# Level, band, triggers, answers; then what is open and what holds.
WAITING = [
    ("an open item gives not yet determined", "talk", "nothing", "", {"S_01": "open"},
     ["S-01"], []),
    ("even if the result would be lower anyway", "work", "much", "",
     {"S_01": "open", "S_05": "unmet"}, ["S-01"], []),
    ("an open activity item too", "work", "much", "outdoors", {"S_07": "open"}, ["S-07"], []),
    ("a hold item that is not met holds", "work", "nothing", "", {"S_10": "unmet"}, [], ["S-10"]),
    ("a hold item that is partly met counts as not met", "work", "nothing", "",
     {"S_10": "partly"}, [], ["S-10"]),
    ("a hold item without its enhanced part holds", "work", "most", "", {"S_10": "met_base"},
     [], ["S-10"]),
    ("an open hold item is open and not held", "work", "nothing", "", {"S_10": "open"},
     ["S-10"], []),
    ("not relevant leaves a hold item open", "work", "nothing", "", {"S_10": "not_relevant"},
     ["S-10"], []),
    ("not relevant leaves a cap item open", "work", "nothing", "", {"S_05": "not_relevant"},
     ["S-05"], []),
    ("not relevant leaves a stop item open", "work", "nothing", "", {"S_06": "not_relevant"},
     ["S-06"], []),
    ("not relevant leaves a triggered item open", "work", "nothing", "outdoors",
     {"S_07": "not_relevant"}, ["S-07"], []),
    ("the enhanced part of a fund item that is the city's own work holds", "work", "most", "",
     {"S_04": "met_base"}, [], ["S-04"]),
    ("and nothing is lowered for it, so there is no point to answer", "work", "most", "",
     {"S_04": "met_base", "S_09": "open"}, [], ["S-04"]),
    ("the enhanced part of a stop item that is the city's own work holds", "work", "most", "",
     {"S_06": "met_base"}, [], ["S-06"]),
    ("open and hold are told apart", "work", "nothing", "", {"S_10": "unmet", "S_01": "open"},
     ["S-01"], ["S-10"]),
    ("hold is looked at with the strengths at the request", "work", "most", "",
     {"S_04": "met_base", "S_05": "unmet"}, [], ["S-04"]),
    ("a lower result sets the point by itself and waits for the open answer", "work", "much", "",
     {"S_05": "unmet", "S_09": "open"}, ["S-09"], []),
    ("a lower result never leaves the engine while the answer is not had", "work", "much", "",
     {"S_03": "unmet", "S_09": "unmet"}, [], ["S-09"]),
    ("nor after a stop", "work", "much", "", {"S_06": "unmet", "S_09": "open"}, ["S-09"], []),
    ("nor where only the enhanced part lowers it", "work", "most", "",
     {"S_03": "met_base", "S_09": "open"}, ["S-09"], []),
    ("nor where partly does not reach", "work", "most", "",
     {"S_03": "partly", "S_09": "unmet"}, [], ["S-09"]),
    ("a point that staff noted waits too, though the result is the request", "work", "much",
     "point", {"S_09": "unmet"}, [], ["S-09"]),
    ("partly does not count as an answer to the points", "work", "much", "point",
     {"S_09": "partly"}, [], ["S-09"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("level", "band", "triggers", "answers", "open_items", "hold"),
    [row[1:] for row in WAITING],
    ids=[row[0] for row in WAITING],
)
def test_waiting(level, band, triggers, answers, open_items, hold):
    got = found(small(), level, band, triggers.split(), **answers)
    assert reached(got) == ("not_determined", None, None)
    assert ([*got.open], [*got.hold]) == (open_items, hold)
    assert (got.conditions, got.activity_limits, got.no_personal_data) == ((), (), False)


# Level, band, triggers, answers; then conditions, activity limits, no personal data.
TERMS = [
    ("a condition item not met is a condition", "talk", "nothing", "", {"S_01": "unmet"},
     ["S-01"], [], False),
    ("a condition item partly met is a condition", "talk", "nothing", "", {"S_01": "partly"},
     ["S-01"], [], False),
    ("not relevant counts as met for a condition item", "talk", "nothing", "",
     {"S_01": "not_relevant"}, [], [], False),
    ("not relevant counts as met for a fund item", "work", "much", "", {"S_03": "not_relevant"},
     [], [], False),
    ("a missing enhanced part of a condition item is a condition", "work", "most", "",
     {"S_02": "met_base"}, ["S-02"], [], False),
    ("partly stands in for what not met would have cost: fund", "work", "much", "",
     {"S_03": "partly"}, ["S-03"], [], False),
    ("partly stands in for what not met would have cost: cap", "work", "nothing", "",
     {"S_05": "partly"}, ["S-05"], [], False),
    ("at a lower result where it is merely required, partly makes a condition", "work", "most",
     "", {"S_03": "partly"}, ["S-03"], [], False),
    ("partly makes none where not met would cost nothing", "work", "much", "",
     {"S_03": "partly", "S_04": "unmet"}, [], [], False),
    ("a fund item that lowered the result makes no condition", "work", "much", "",
     {"S_03": "unmet"}, [], [], False),
    ("an activity that falls short waits", "work", "much", "outdoors", {"S_07": "unmet"},
     [], ["S-07"], False),
    ("also at dialogue level", "talk", "nothing", "outdoors", {"S_07": "unmet"},
     [], ["S-07"], False),
    ("an activity waits for its enhanced part", "work", "most", "outdoors", {"S_07": "met_base"},
     [], ["S-07"], False),
    ("an activity waits where partly is not enough", "work", "most", "outdoors",
     {"S_07": "partly"}, [], ["S-07"], False),
    ("an activity item partly met makes a condition", "work", "much", "outdoors",
     {"S_07": "partly"}, ["S-07"], [], False),
    ("also within its ceiling, since it would have waited there too", "talk", "nothing",
     "outdoors", {"S_07": "partly"}, ["S-07"], [], False),
    ("a declaration is never partly met", "work", "nothing", "weather", {"S_08": "partly"},
     [], ["S-08"], False),
    ("one trigger brings another with it", "work", "nothing", "outdoors", {"S_08": "unmet"},
     [], ["S-08"], False),
    ("without an agreement no personal data is shared", "work", "nothing", "weather",
     {"S_11": "unmet"}, [], [], True),
    ("open simply means that none is shared yet", "work", "nothing", "weather",
     {"S_11": "open"}, [], [], True),
    ("not relevant leaves it open, and none is shared", "work", "nothing", "weather",
     {"S_11": "not_relevant"}, [], [], True),
    ("partly counts as not met for personal data", "work", "nothing", "weather",
     {"S_11": "partly"}, [], [], True),
    ("conditions are still shown on a registered contact", "hello", "nothing", "",
     {"S_01": "unmet"}, ["S-01"], [], False),
    ("no personal data is still shown on a registered contact", "hello", "nothing", "weather",
     {"S_11": "unmet"}, [], [], True),
    ("limits are weighed with the strengths at the result", "work", "much", "weather",
     {"S_08": "unmet", "S_06": "unmet"}, [], [], False),
    ("a lower result can carry conditions as well", "work", "much", "",
     {"S_05": "unmet", "S_01": "unmet"}, ["S-01"], [], False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("level", "band", "triggers", "answers", "terms", "limits", "no_data"),
    [row[1:] for row in TERMS],
    ids=[row[0] for row in TERMS],
)
def test_terms(level, band, triggers, answers, terms, limits, no_data):
    got = found(small(), level, band, triggers.split(), **answers)
    assert (conditions(got), [*got.activity_limits], got.no_personal_data) == (
        terms,
        limits,
        no_data,
    )


def test_open_items_are_still_shown_on_a_registered_contact():
    assert found(small(), "hello", "nothing", S_01="open").open == ("S-01",)


def test_an_item_that_nobody_has_touched_is_open():
    got = result(small(), Case("talk", "nothing"))
    assert got.outcome is Outcome.NOT_DETERMINED
    assert got.open == ("S-01", "S-02")


def test_activity_limits_and_conditions_do_not_set_the_point_by_themselves():
    got = found(small(), "work", "much", ["outdoors"], S_07="unmet", S_01="unmet", S_09="open")
    assert reached(got) == ("supported_conditions", "work", "much")


def test_a_lower_result_counts_its_point_among_the_facts():
    assert "point" in found(small(), "work", "much", S_05="unmet").triggers
    assert "point" not in found(small(), "work", "much").triggers


def test_the_points_to_answer_are_named_before_anything_is_lowered():
    got = found(small(), "work", "much", S_05="unmet", S_09="open")
    assert [(r.item, r.lowers, r.level, r.band) for r in got.reasons] == [
        ("S-05", True, None, None)
    ]
    assert got.below_request


def test_what_falls_short_without_lowering_is_among_the_reasons():
    got = found(small(), "work", "much", S_06="unmet", S_03="partly")
    assert {r.item: (r.level, r.band) for r in got.reasons} == {
        "S-06": ("talk", "nothing"),
        "S-03": ("work", "much"),
    }
    assert [r.item for r in got.reasons if r.lowers] == ["S-06"]


def test_what_a_condition_stands_in_for_is_no_reason():
    got = found(small(), "work", "much", S_03="partly")
    assert (conditions(got), got.reasons) == (["S-03"], ())


def test_where_a_trigger_says_what_is_relevant_not_relevant_leaves_it_open():
    policy = under(small(), "S-01", trigger="weather")
    got = found(policy, "talk", "nothing", ["weather"], S_01="not_relevant")
    assert got.open == ("S-01",)
    assert A.NOT_RELEVANT not in offered(policy.items["S-01"], Strength.REQUIRED)


def test_a_condition_that_only_lacks_the_enhanced_part_is_on_the_enhanced_owner():
    enhanced = found(small(), "work", "most", S_02="met_base").conditions[0]
    whole = found(small(), "work", "most", S_02="unmet").conditions[0]
    assert (enhanced.owner, enhanced.enhanced_only, enhanced.grace_days) == (Party.CITY, True, 60)
    assert (whole.owner, whole.enhanced_only) == (Party.BOTH, False)


def test_an_activity_waits_for_its_enhanced_part_even_when_that_is_the_citys():
    policy = under(small(), "S-07", enhanced_owner=Party.CITY)
    got = found(policy, "work", "most", ["outdoors"], S_07="met_base")
    assert (got.activity_limits, got.hold) == (("S-07",), ())


def test_partly_at_an_enhanced_item_is_out_of_reach_when_the_partner_adds():
    assert found(small(), "work", "most", S_03="partly").band == "much"


def test_an_activity_item_with_effect_condition_gives_an_ordinary_condition():
    policy = under(small(), "S-01", scope=Scope.ACTIVITY)
    assert conditions(found(policy, "talk", "nothing", S_01="unmet")) == ["S-01"]


def test_a_missing_enhanced_part_of_no_data_keeps_data_apart():
    strengths = dict.fromkeys(small().items["S-11"].strengths, Strength.ENHANCED)
    policy = under(small(), "S-11", strengths=strengths)
    assert found(policy, "work", "much", ["weather"], S_11="met_base").no_personal_data


def test_a_retired_item_is_not_asked():
    policy = under(small(), "S-01", retired=True)
    assert reached(found(policy, "work", "much", S_01="open")) == ("supported", "work", "much")


def test_stop_is_told_when_not_met_and_not_when_only_its_enhanced_part_lacks():
    policy = under(small(), "S-06", enhanced_owner=Party.PARTNER)
    assert found(policy, "work", "most", S_06="unmet").stopped
    assert found(policy, "work", "most", S_06="partly").stopped
    only_enhanced = found(policy, "work", "most", S_06="met_base")
    assert (only_enhanced.band, only_enhanced.stopped) == ("much", False)


OFFERS = [
    ("S-00", Strength.REQUIRED, "met partly not_met not_relevant"),
    ("S-02", Strength.ENHANCED, "met enhanced_missing partly not_met not_relevant"),
    ("S-02", Strength.REQUIRED, "met partly not_met not_relevant"),
    ("S-03", Strength.REQUIRED, "met partly not_met not_relevant"),
    ("S-05", Strength.REQUIRED, "met partly not_met"),
    ("S-06", Strength.REQUIRED, "met not_met"),
    ("S-07", Strength.REQUIRED, "met partly not_met"),
    ("S-08", Strength.REQUIRED, "met not_met"),
    ("S-10", Strength.ENHANCED, "met enhanced_missing not_met"),
    ("S-11", Strength.REQUIRED, "met not_met"),
]


@pytest.mark.parametrize(("item", "strength", "answers"), OFFERS)
def test_a_form_offers_only_what_counts_as_itself(item, strength, answers):
    offers = offered(small().items[item], strength)
    assert " ".join(offers) == answers
    for answer in offers:
        kept = counts_as(small().items[item], answer)
        assert kept is (A.MET if answer is A.NOT_RELEVANT else answer)


def test_results_are_kept_as_json_and_read_back():
    import json

    for got in (
        found(small(), "work", "most", S_05="unmet", S_01="unmet", S_02="met_base"),
        found(small(), "work", "most", S_10="unmet", S_01="open"),
    ):
        assert Result.from_dict(json.loads(json.dumps(got.to_dict()))) == got


def test_every_effect_has_an_item_in_the_small_policy():
    assert {item.effect for item in small().items.values()} == set(Effect)


def test_the_case_builder_keeps_what_is_open_apart():
    assert "S-01" not in case(small(), "talk", "nothing", S_01="open").answers
