"""What holds for every combination of request, facts and answers."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from partners.assessment.rules.answers import Answer
from partners.assessment.rules.reach import Case, Result, result
from partners.policy.values import Effect, Outcome, Policy
from tests.assessment.rules.cases import real, small

POLICIES = {"real": real(), "small": small()}
# From best to worst (2.7).
BEST_FIRST = [Answer.MET, Answer.ENHANCED_MISSING, Answer.PARTLY, Answer.NOT_MET]
OUTCOMES = [Outcome.SUPPORTED, Outcome.CONDITIONS, Outcome.LOWER_BAND, Outcome.DIALOGUE]
MANY = settings(max_examples=300, deadline=None, derandomize=True)


@st.composite
def cases(draw: st.DrawFn, settled: bool = False) -> tuple[Policy, Case]:
    """Any case; or one that is settled: everything answered, and nothing that waits by itself."""
    policy = POLICIES[draw(st.sampled_from(sorted(POLICIES)))]
    names = [i.id for i in policy.items.values() if not settled or i.effect is not Effect.HOLD]
    base = Answer.MET if settled else draw(st.sampled_from([None, *Answer]))
    given = BEST_FIRST if settled else [None, *Answer]
    others = draw(st.dictionaries(st.sampled_from(names), st.sampled_from(given)))
    answers = dict.fromkeys(policy.items, base) | others
    return policy, Case(
        draw(st.sampled_from(list(policy.levels))),
        draw(st.sampled_from(list(policy.bands))),
        frozenset(draw(st.sets(st.sampled_from(sorted(policy.triggers))))),
        {name: answer for name, answer in answers.items() if answer},
    )


def rank(policy: Policy, found: Result) -> tuple[int, int]:
    assert found.level is not None
    assert found.band is not None
    return policy.levels[found.level].rank, policy.bands[found.band].rank


@MANY
@given(cases())
def test_nothing_goes_below_dialogue_and_nothing_above_the_request(drawn):
    policy, case = drawn
    found = result(policy, case)
    assert found.level is not None or found.outcome is Outcome.NOT_DETERMINED
    if found.level is None:
        return
    asked = policy.levels[case.level].rank, policy.bands[case.band].rank
    level, band = rank(policy, found)
    assert min(asked[0], policy.floor.rank) <= level <= asked[0]
    assert 0 <= band <= asked[1]


@MANY
@given(cases(settled=True), st.data())
def test_asking_for_more_never_gives_less(drawn, data):
    policy, case = drawn
    less = Case(
        data.draw(st.sampled_from(list(policy.levels)[: policy.levels[case.level].rank + 1])),
        data.draw(st.sampled_from(list(policy.bands)[: policy.bands[case.band].rank + 1])),
        case.triggers,
        case.answers,
    )
    high, low = result(policy, case), result(policy, less)
    assume(high.level and low.level and low.outcome is not Outcome.REGISTERED)
    assert rank(policy, high) >= rank(policy, low)


@MANY
@given(cases(settled=True), st.data())
def test_a_better_answer_never_gives_a_lower_result_or_a_worse_outcome(drawn, data):
    policy, case = drawn
    name = data.draw(st.sampled_from(sorted(policy.items)))
    place = data.draw(st.integers(1, len(BEST_FIRST) - 1))
    better = data.draw(st.integers(0, place - 1))
    worse_case = Case(
        case.level, case.band, case.triggers, {**case.answers, name: BEST_FIRST[place]}
    )
    better_case = Case(
        case.level, case.band, case.triggers, {**case.answers, name: BEST_FIRST[better]}
    )
    low, high = result(policy, worse_case), result(policy, better_case)
    assume(low.level and high.level)
    assert rank(policy, high) >= rank(policy, low)
    if high.outcome in OUTCOMES and low.outcome in OUTCOMES:
        assert OUTCOMES.index(high.outcome) <= OUTCOMES.index(low.outcome)


@MANY
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_answers_does_not_matter(drawn, shuffle):
    policy, case = drawn
    mixed = list(case.answers.items())
    shuffle.shuffle(mixed)
    again = Case(case.level, case.band, case.triggers, dict(mixed))
    assert result(policy, again) == result(policy, case)


@MANY
@given(cases())
def test_the_kind_of_organisation_has_no_way_into_the_engine(drawn):
    """A case has no place for a kind, no kind of organisation carries a trigger, and a policy
    without kinds gives the same results."""
    from dataclasses import replace

    policy, case = drawn
    assert set(vars(case)) == {"level", "band", "triggers", "answers"}
    assert not any(kind.triggers for kind in policy.kinds.organisation)
    nobody = replace(policy, kinds=type(policy.kinds)((), (), ()))
    assert result(nobody, case) == result(policy, case)


@MANY
@given(cases())
def test_a_result_below_the_request_has_its_points_answered(drawn):
    policy, case = drawn
    found = result(policy, case)
    if found.outcome in (Outcome.DIALOGUE, Outcome.LOWER_BAND):
        first = [i.id for i in policy.items.values() if i.trigger in policy.point_triggers]
        assert first
        assert {case.answers[item] for item in first} <= {Answer.MET, Answer.ENHANCED_MISSING}
        assert found.below_request


@MANY
@given(cases())
def test_what_is_not_asked_at_the_request_changes_nothing(drawn):
    policy, case = drawn
    # The point may set itself, so its item is left as it is.
    facts = policy.facts(case.triggers | policy.point_triggers)
    asked = {item.id for item in policy.asked(case.level, case.band, facts)}
    fewer = {name: answer for name, answer in case.answers.items() if name in asked}
    again = Case(case.level, case.band, case.triggers, fewer)
    assert result(policy, again) == result(policy, case)
