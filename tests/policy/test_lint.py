# ruff: noqa: E501 - a case is a row
"""Every rule of the house catches a policy that breaks it: file, item, and what would mend it."""

import pytest

from partners.policy import lint
from tests.policy.planted import TEXTS, changed, problems

ITEMS, EN, DA = "checklist/basics.toml", "languages/en.toml", "languages/da.toml"
POLICY, LEVELS, BANDS, DECIDERS = "policy.toml", "levels.toml", "bands.toml", "deciders.toml"

# Rule, then file, item, what stands there, what is planted; then where it is found and how told.
PLANTED = [
    ("floor", ITEMS, "S-05", '"talk", max_band', '"hello", max_band', ITEMS, "S-05", "below the floor"),
    ("floor", LEVELS, "talk", "review_months = 36", "review_months = 36\nassessed_without_support = false",
     LEVELS, "talk", "always assessed"),
    ("same-for-all", EN, "", '[trigger.weather]\nname = "Weather"',
     '[trigger.weather]\nname = "The group has a religious aim"', POLICY, "weather", "who they are"),
    ("same-for-all", EN, "", '[trigger.weather]\nname = "Weather"',
     '[trigger.weather]\nname = "Members speak another language"', POLICY, "weather", "who they are"),
    ("same-for-all", DA, "", "[level.talk]", '[trigger.weather]\nname = "Politisk forening"\n[level.talk]',
     POLICY, "weather", "who they are"),
    ("same-for-all", "kinds.toml", "club", 'form = "organisation"',
     'form = "organisation"\ntriggers = ["weather"]', "kinds.toml", "club", "not known here"),
    ("same-for-all", ITEMS, "S-01", "levels", 'only_for = "club"\nlevels', ITEMS, "S-01", "not known here"),
    ("same-for-all", POLICY, "weather", '"activity"', '"organisation"', POLICY, "weather", "about"),
    ("no-single-ideology", EN, "S-06", "support for violence", "support for jihadism", EN, "S-06",
     "one group or ideology"),
    ("no-single-ideology", EN, "S-06", "support for violence", "support for far-right groups", EN, "S-06",
     "one group or ideology"),
    ("no-single-ideology", DA, "", "foreningen", "den muslimske forening", DA, "S-01",
     "one group or ideology"),
    ("why-shown", EN, "S-03", 'why = "So that both sides know."', "", EN, "S-03", "no why"),
    ("looked_up", ITEMS, "S-01", "levels", 'looks_up = "lists"\nlevels', ITEMS, "S-01",
     "not answered by staff"),
    ("sourced", ITEMS, "S-03", '["HERE"]', "[]", ITEMS, "S-03", "no source"),
    ("answer-first", ITEMS, "S-09", '"hold"', '"note"', ITEMS, "S-09", "let the decision wait"),
    ("answer-first", ITEMS, "S-09", 'hello = "required"', 'work = "required"', ITEMS, "S-09",
     "required everywhere"),
    ("answer-first", ITEMS, "S-09", 'trigger = "point"', 'trigger = "weather"', POLICY, "trigger",
     "before a lower result"),
    ("answer-first", DECIDERS, "", 'needs = ["S-09"]', "needs = []", DECIDERS, "S-09", "does not need it"),
    ("city-duty", ITEMS, "S-03", 'remedy_owner = "partner"', 'remedy_owner = "city"', ITEMS, "S-03",
     "on the city"),
    ("monotone", ITEMS, "S-01", 'hello = "required"', 'hello = "required", talk = "optional"', ITEMS, "S-01",
     "less firmly at talk"),
    ("monotone", ITEMS, "S-02", 'most = "enhanced"', 'most = "none"', ITEMS, "S-02", "less firmly at most"),
    ("two-people", DECIDERS, "", "decide = false", "decide = true", DECIDERS, "", "write false"),
    ("two-people", DECIDERS, "", 'from_level = "talk"\nprepare = "officer"\ndecide = "liaison"',
     'from_level = "talk"\nprepare = "officer"\ndecide = "none"', DECIDERS, "talk", "nobody decides"),
    ("two-people", DECIDERS, "", 'from_level = "hello"', 'from_level = "talk"', DECIDERS, "hello", "nobody decides"),
    ("two-people", DECIDERS, "", 'when = "stop"\nprepare = "officer"\ndecide = "manager"\nsecond = "manager_other_department"',
     'when = "stop"\nprepare = "officer"\ndecide = "manager"', DECIDERS, "stop", "one person only"),
    ("organisation-only", EN, "S-02", "Have both sides met?", "Has any leader a criminal record?", EN, "S-02",
     "about a person"),
    ("organisation-only", EN, "S-02", "Have both sides met?", "What are the leader's political opinions?",
     EN, "S-02", "about a person"),
    ("organisation-only", EN, "S-02", "Have both sides met?", "What is the chairwoman's religion?", EN, "S-02",
     "about a person"),
    ("organisation-only", EN, "S-02", "Have both sides met?", "What is the health of the members?", EN, "S-02",
     "about a person"),
    ("organisation-only", EN, "S-02", "Have both sides met?", "Which religious belief do they hold?", EN, "S-02",
     "about a person"),
    ("organisation-only", EN, "S-02", "A second meeting.", "A copy of the passport.", EN, "S-02",
     "about a person"),
    ("effects", ITEMS, "S-03", ', max_band = "little"', "", ITEMS, "S-03", "max_band is missing"),
    ("effects", ITEMS, "S-05", 'max_level = "talk", ', "", ITEMS, "S-05", "max_level is missing"),
    ("effects", ITEMS, "S-01", ", grace_days = 30", "", ITEMS, "S-01", "grace_days is missing"),
    ("effects", ITEMS, "S-10", '"hold"', '"hold", grace_days = 9', ITEMS, "S-10", "grace_days has no use"),
    ("effects", ITEMS, "S-06", '"stop"', '"stop", max_band = "rooms"', ITEMS, "S-06", "max_band has no use"),
    ("ceilings", ITEMS, "S-04", '{ much = "required", most', '{ much = "optional", most', ITEMS, "S-04",
     "not required at hello with much, above its ceiling"),
    ("ceilings", ITEMS, "S-05", 'work = "required"', 'work = "optional"', ITEMS, "S-05",
     "not required at work with nothing"),
    ("ceilings", ITEMS, "S-06", 'rooms = "required"', 'rooms = "optional"', ITEMS, "S-06",
     "not required at hello with rooms"),
    ("ceilings", ITEMS, "S-03", 'talk = "optional"', 'talk = "required"', ITEMS, "S-03",
     "where it changes nothing"),
    ("ceilings", ITEMS, "S-03", 'little = "optional"', 'little = "enhanced"', ITEMS, "S-03",
     "where it changes nothing"),
    ("enhanced", EN, "S-03", 'enhanced_adds = "A second pair of eyes."', "", EN, "S-03", "what is added"),
    ("enhanced", EN, "S-01", 'why', 'enhanced_adds = "More."\nwhy', EN, "S-01", "never enhanced"),
    ("scopes", ITEMS, "S-01", 'scope = "organisation"', 'scope = "engagement"', ITEMS, "S-01", "scope"),
    ("scopes", ITEMS, "S-07", 'scope = "activity"', 'scope = "activity"\nkept_with = "organisation"',
     ITEMS, "S-07", "one activity"),
    ("bands", BANDS, "rooms", '"in_kind"', '"money"', BANDS, "band", "not in order"),
    ("bands", BANDS, "most", "50000", "900", BANDS, "most", "above the one before"),
    ("bands", BANDS, "little", 'kind = "money"', 'kind = "money"\nfrom = 5', BANDS, "band", "begin at a sum"),
    ("deciders", DECIDERS, "", 'from_level = "talk"', 'from_level = "talk"\nfrom_band = "rooms"', DECIDERS,
     "row 2", "exactly one"),
    ("deciders", DECIDERS, "", '["written_reason"]', '["a_stamp"]', DECIDERS, "row 9", "a_stamp"),
    ("deciders", DECIDERS, "", 'when = "override"', 'when = "stop"', DECIDERS, "override", "has no row"),
    ("notices", POLICY, "", "review = [-30, 0]", "review = [0, -30]", POLICY, "notices", "not in order"),
    ("notices", POLICY, "", "condition = [-14, 1]", "condition = [1]", POLICY, "notices", "is due"),
    ("notices", POLICY, "", "reminder_days = 7", "reminder_days = 21", POLICY, "reminder_days", "reply_days"),
    ("reading", ITEMS, "S-01", "levels", 'reads = "feeds"\nlevels', ITEMS, "S-01", "not for us"),
    ("notices", POLICY, "", "call_note = 12", "call_note = 0", POLICY, "keep_months", "from 1 to 120"),
    ("notices", POLICY, "", "call_note = 12", "call_note = 12\nstatement = 121", POLICY, "keep_months", "from 1 to 120"),
    ("words", EN, "", "[level.talk]\nname", "[level.talk]\nmeaning", EN, "talk", "has no name"),
    ("words", EN, "S-01", "title", "guidance_x = 1\ntitle", EN, "S-01", "not known here"),
    ("words", EN, "S-01", "question", "#", EN, "S-01", "no question"),
    ("words", DA, "", "[item.S-01]", "[item.S-77]", DA, "S-77", "there is no item"),
    ("words", DA, "", "[level.talk]", "[level.dialog]", DA, "dialog", "there is no level"),
    ("words", POLICY, "", 'language = "en"', 'language = "fr"', "languages/fr.toml", "", "is missing"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "item", "old", "new", "at_file", "at_item", "told"),
    [row[1:] for row in PLANTED],
    ids=[f"{row[0]}: {row[7]}" for row in PLANTED],
)
def test_a_planted_fault_is_found_and_told(file, item, old, new, at_file, at_item, told):
    found = problems(changed(file, old, new, item))
    lines = [str(problem) for problem in found]
    assert any(p.file == at_file and p.item == at_item and told in str(p) for p in found), lines
    assert all(problem.mend for problem in found)


def test_every_rule_of_the_house_has_a_planted_fault():
    rules = {*lint.INVARIANTS, *(demand.__name__ for demand in lint.DEMANDS)}
    assert rules == {row[0] for row in PLANTED}


def test_the_sound_policy_has_no_problems():
    assert problems(TEXTS) == ()


def test_all_problems_are_told_at_once():
    broken = changed(ITEMS, '["HERE"]', "[]", "S-03")
    broken[EN] = changed(EN, "Have both sides met?", "Has any leader a criminal record?")[EN]
    broken[DECIDERS] = changed(DECIDERS, 'when = "override"', 'when = "stop"')[DECIDERS]
    assert {problem.file for problem in problems(broken)} == {ITEMS, EN, DECIDERS}
