"""The house rules that every policy must keep: the invariants, and what 2.7 demands of a file.

They live in code and not in `data/`, because no policy may switch them off.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise, product

from partners.ground.mending import Problem, told
from partners.policy import values as v
from partners.policy.words import NAMED_KINDS, entry

# Whether something is wrong; then, as in `Problem`, where, what, and how to mend it.
Checks = Iterator[tuple[object, str, str, str, str]]
POLICY, LEVELS, BANDS, DECIDERS = "policy.toml", "levels.toml", "bands.toml", "deciders.toml"
NEEDS = frozenset({"written_reason", "protector_has_read"})

# Because conduct is described and all forms are covered, no question may name one of these.
ONE_GROUP = re.compile(
    r"\b(?:islam|muslim|moslem|christ(?!mas)|kriste|catholic|katol|protestant|evangel|jewish|jews?\b|jød"
    r"|judais|zionis|hindu|buddh|sikh|salaf|jihad|sharia|nazi|fasc|communis|kommunis|marxis"
    r"|anarchis|antifa|far.right|far.left|højreekstrem|venstreekstrem|roma\b|gyps|somali|turk"
    r"|tyrk|arab|kurd|russia|russi|chines|kines|african|afrikan|pakistan|iran|syri)",
    re.IGNORECASE,
)
# What a trigger or a kind of activity may not turn on.
WHO_THEY_ARE = re.compile(
    r"\b(?:faith|belief|believ|relig|church|mosque|synagog|ethnic|etnisk|national(?!\s+law)|origin"
    r"|migrant|refugee|languag|politic|opinion|ideolog|tro\b|trossamf|sprog|politisk|kirke|moské)",
    re.IGNORECASE,
)
# What may be asked about no person, and so of nobody.
BELIEF = r"(?:belief|faith|religio|origin|ethnic|nationalit|health|opinion|politic|party member)"
ABOUT_A_PERSON = re.compile(
    r"criminal record|straffeattest|police record|passport|identity card|date of birth|birthday"
    r"|personal number|\bcpr\b|home address|diagnos|medical"
    rf"|(?:\w['’]s?|\b(?:whose|which|what|his|her))\s+(?:\w+\s+)?{BELIEF}"
    rf"|\b{BELIEF}\w*\s+(?:\w+\s+)?of\s+(?:\w+\s+){{0,2}}"
    r"(?:leader|member|chair|contact|staff|volunteer|participant|person|people)",
    re.IGNORECASE,
)


def check(policy: v.Policy) -> list[Problem]:
    """Everything in which `policy` breaks a rule of the house."""
    rules = (*INVARIANTS.values(), *DEMANDS)
    return [Problem(*said) for rule in rules for wrong, *said in rule(policy) if wrong]


def _living(policy: v.Policy) -> Iterator[tuple[str, v.Item]]:
    """The items that are asked, each with the file in which it stands."""
    for item in policy.items.values():
        if not item.retired:
            yield f"checklist/{item.theme}.toml", item


def _book(policy: v.Policy) -> str:
    return f"languages/{policy.head.language}.toml"


def _said(policy: v.Policy, item: v.Item, key: str) -> object:
    return entry(policy.books.get(policy.head.language, {}), "item", item.id).get(key)


def floor(policy: v.Policy) -> Checks:
    lowest = policy.floor
    for file, item in _living(policy):
        below = item.max_level and policy.levels[item.max_level].rank < lowest.rank
        what = told('max_level "%(level)s" lies below the floor', level=item.max_level)
        mend = told('write "%(level)s" or higher', level=lowest.id)
        yield below, file, item.id, what, mend
    for level in policy.levels.values():
        unseen = level.rank >= lowest.rank and not level.assessed_without_support
        what = "is at or above the floor and so is always assessed"
        yield unseen, LEVELS, level.id, what, "take out assessed_without_support"


def same_for_all(policy: v.Policy) -> Checks:
    for (language, book), trigger in product(policy.books.items(), policy.triggers):
        said = f"{trigger.replace('_', ' ')} {entry(book, 'trigger', trigger).get('name', '')}"
        found = WHO_THEY_ARE.findall(said)
        what = told(
            "depends on who they are (%(words)s, %(language)s)",
            words=", ".join(found), language=language,
        )  # fmt: skip
        yield found, POLICY, trigger, what, "describe what is done instead"


def no_single_ideology(policy: v.Policy) -> Checks:
    for file, name, said in _questions(policy, ("title", "question", "why", "enhanced_adds")):
        found = ONE_GROUP.findall(said)
        what = told("names one group or ideology (%(words)s)", words=", ".join(found))
        yield found, file, name, what, "describe conduct, all forms"


def organisation_only(policy: v.Policy) -> Checks:
    for file, name, said in _questions(policy, ("title", "question", "enhanced_adds")):
        found = ABOUT_A_PERSON.findall(said)
        what = told("asks about a person (%(words)s)", words=", ".join(found))
        yield found, file, name, what, "ask about the organisation"


def _questions(policy: v.Policy, keys: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for (language, book), (_, item) in product(policy.books.items(), _living(policy)):
        words = entry(book, "item", item.id)
        said = " ".join(str(words.get(key, "")) for key in keys)
        yield f"languages/{language}.toml", item.id, said


def why_shown(policy: v.Policy) -> Checks:
    for _, item in _living(policy):
        silent = not _said(policy, item, "why")
        yield silent, _book(policy), item.id, "has no why", "say why it is asked"


def sourced(policy: v.Policy) -> Checks:
    for file, item in _living(policy):
        mend = "name at least one of sources.toml"
        yield not item.sources, file, item.id, "has no source", mend


def answer_first(policy: v.Policy) -> Checks:
    first = [one for one in _living(policy) if one[1].trigger in policy.point_triggers]
    needs = {n for row in policy.deciders if row.when is v.When.BELOW_REQUEST for n in row.needs}
    what = "no item asks for the organisation's answer before a lower result"
    yield not first, POLICY, "trigger", what, 'add an item under a trigger about "result"'
    for file, item in first:
        waits = item.effect is v.Effect.HOLD and item.scope is v.Scope.ORGANISATION
        what, mend = "must let the decision wait", 'write effect "hold", scope "organisation"'
        yield not waits, file, item.id, what, mend
        strengths = {*item.levels.values(), *item.strengths.values()}
        what, mend = "must be required everywhere", "write required from the lowest level"
        yield strengths != {v.Strength.REQUIRED}, file, item.id, what, mend
        what = 'the row "below_request" does not need it'
        yield item.id not in needs, DECIDERS, item.id, what, "add it to needs"


def city_duty(policy: v.Policy) -> Checks:
    for file, item in _living(policy):
        allowed = item.effect in (v.Effect.NOTE, v.Effect.CONDITION, v.Effect.HOLD)
        what = told(
            'is on the city, so it may not have the effect "%(effect)s"', effect=item.effect
        )
        wrong = item.remedy_owner is v.Party.CITY and not allowed
        yield wrong, file, item.id, what, "write note, condition or hold"


def monotone(policy: v.Policy) -> Checks:
    for file, item in _living(policy):
        for kind, steps in (("levels", item.levels), ("bands", item.bands)):
            for (_, low), (name, high) in pairwise(steps.items()):
                what = told("is asked less firmly at %(name)s than below it", name=name)
                mend = told("let %(levels)s only rise", levels=kind)
                yield high < low, file, item.id, what, mend


def two_people(policy: v.Policy) -> Checks:
    """Beyond `same_person_may_prepare_and_decide`, which the reader takes only as false."""
    for level, band in product(policy.levels.values(), policy.bands.values()):
        free = not level.assessed_without_support and not band.rank
        rows = policy.rows(level.id, band.id)
        decided = any(free or row.decide is not v.Decider.NONE for row in rows)
        what = told("nobody decides at %(level)s with %(band)s", level=level.id, band=band.id)
        yield not decided, DECIDERS, level.id, what, "add a row that names who decides"
    for row in policy.deciders:
        alone = row.when not in (None, v.When.BELOW_REQUEST) and row.second is None
        yield alone, DECIDERS, str(row.when), "has one person only", "name a second"


def effects(policy: v.Policy) -> Checks:
    """Each effect says what it needs, and nothing that it does not use."""
    for file, item in _living(policy):
        lowers = item.effect in (v.Effect.FUND, v.Effect.CAP)
        wants = {
            "max_level": item.effect is v.Effect.CAP,
            "max_band": lowers,
            "grace_days": item.effect is v.Effect.CONDITION or (lowers and not item.is_declaration),
        }
        for key, wanted in wants.items():
            given = getattr(item, key) is not None
            what = told("%(key)s is missing in if_unmet", key=key)
            yield wanted and not given, file, item.id, what, "add it"
            what = told("%(key)s has no use in if_unmet", key=key)
            yield given and not wanted, file, item.id, what, "take it out"


def ceilings(policy: v.Policy) -> Checks:
    """A ceiling cannot be passed by asking for less, and costs nothing where it does not bind."""
    for file, item in _living(policy):
        for (level, band), strength in item.strengths.items() if item.lowers else ():
            bound, where = not policy.within(item, level, band), {"level": level, "band": band}
            what = told("is not required at %(level)s with %(band)s, above its ceiling", **where)
            yield bound and strength < v.Strength.REQUIRED, file, item.id, what, "require it there"
            what = told("is required at %(level)s with %(band)s, where it changes nothing", **where)
            idle = not bound and strength > v.Strength.OPTIONAL
            yield idle, file, item.id, what, "make it optional"


def enhanced(policy: v.Policy) -> Checks:
    for _, item in _living(policy):
        said = _said(policy, item, "enhanced_adds")
        somewhere = v.Strength.ENHANCED in item.strengths.values()
        what = "is enhanced somewhere, but not said what is added"
        yield somewhere and not said, _book(policy), item.id, what, "add enhanced_adds"
        what = "is never enhanced"
        yield said and not somewhere, _book(policy), item.id, what, "take enhanced_adds out"


def scopes(policy: v.Policy) -> Checks:
    for file, item in _living(policy):
        what, mend = 'scope "engagement" is not known', 'write "organisation" or "activity"'
        yield item.scope is v.Scope.ENGAGEMENT, file, item.id, what, mend
        what, mend = "is about one activity", "keep it with the activity or engagement"
        wide = item.scope is v.Scope.ACTIVITY and item.kept_with is v.Scope.ORGANISATION
        yield wide, file, item.id, what, mend


def bands(policy: v.Policy) -> Checks:
    rows = list(policy.bands.values())
    kinds = [band.kind for band in rows]
    first, money = [v.BandKind.NONE, v.BandKind.IN_KIND], {v.BandKind.MONEY}
    ordered = kinds[:2] == first and set(kinds[2:]) == money
    what, mend = "the bands are not in order", 'one "none", one "in_kind", then "money"'
    yield not ordered, BANDS, "band", what, mend
    what = "only bands after the first money band begin at a sum"
    early = any(band.floor for band in rows[:3])
    yield early, BANDS, "band", what, "take `from` out of the first three"
    for low, high in pairwise(rows[2:]):
        what = "does not begin above the one before"
        yield high.floor <= low.floor, BANDS, high.id, what, "raise `from`"


def looked_up(policy: v.Policy) -> Checks:
    for file, item in _living(policy):
        ours = item.answer_type is v.AnswerType.STAFF_CHECK and item.completed_by is v.Asker.STAFF
        what = "is looked up, but not answered by staff as a check"
        mend = 'write answer_type "staff_check" and completed_by "staff", or take looks_up out'
        yield bool(item.looks_up) and not ours, file, item.id, what, mend


def deciders(policy: v.Policy) -> Checks:
    for number, row in enumerate(policy.deciders, 1):
        said = [one for one in (row.from_level, row.from_band, row.when) if one is not None]
        what = "must say one of from_level, from_band, when"
        yield len(said) != 1, DECIDERS, f"row {number}", what, "keep exactly one"
        for need in row.needs:
            unknown = need not in NEEDS and need not in policy.items
            what = told('needs "%(item)s", which is no item', item=need)
            yield unknown, DECIDERS, f"row {number}", what, "name an item"
    for when in set(v.When) - {row.when for row in policy.deciders}:
        mend = told('add one with when = "%(when)s"', when=when)
        yield True, DECIDERS, when, "has no row", mend


def notices(policy: v.Policy) -> Checks:
    """Reminders come in order, the first before it is too late, and within the time to answer."""
    head = policy.head
    for name, days in (("review", head.review_notices), ("condition", head.condition_notices)):
        ordered = bool(days) and all(a < b for a, b in pairwise(days))
        what = told("the notices of %(name)s are not in order", name=name)
        yield not ordered, POLICY, "notices", what, "write each day once, the earliest first"
        what, mend = "no notice comes before it is due", "let the first be below 0"
        yield bool(days) and min(days) >= 0, POLICY, "notices", what, mend
    late = head.reminder_days >= head.reply_days
    what = "the reminder would come before the time to answer begins"
    yield late, POLICY, "reminder_days", what, "write fewer days than reply_days"


def words(policy: v.Policy) -> Checks:
    """The base language is complete, and no book speaks of what does not exist."""
    own = policy.books.get(policy.head.language)
    yield own is None, _book(policy), "", "is missing", "write the words of the base language"
    kinds = zip(NAMED_KINDS, vars(policy.kinds).values(), strict=True)
    wanted = {
        "level": list(policy.levels),
        "band": list(policy.bands),
        "theme": list(policy.themes),
        "bundle": list(policy.bundles),
        "effect": [str(one) for one in v.Effect],
        "trigger": list(policy.triggers),
        "attribution": list(policy.attributions),
        "outcome": [str(one) for one in v.Outcome],
        "invariant": list(INVARIANTS),
        "item": list(policy.items),
        **{section: [kind.id for kind in rows] for section, rows in kinds},
    }
    for section, names in wanted.items():
        keys = ("title", "question") if section == "item" else ("name",)
        for name, key in product(names if own else (), keys):
            what = told("has no %(key)s under [%(at)s]", key=key, at=f"{section}.{name}")
            silent = not entry(own or {}, section, name).get(key)
            yield silent, _book(policy), name, what, "add it"
        for language, book in policy.books.items():
            for name in entry(book, section, None).keys() - set(names):
                what = told('there is no %(kind)s "%(name)s"', kind=section, name=name)
                yield True, f"languages/{language}.toml", name, what, "take its words out"


def reading(policy: v.Policy) -> Checks:
    """One item at most is answered with the reading list, and by us: nobody is read twice."""
    reads = [(file, item) for file, item in _living(policy) if item.reads]
    for number, (file, item) in enumerate(reads):
        yield number > 0, file, item.id, "reads feeds, as another item does", "let one item read"
        theirs = item.completed_by is not v.Asker.STAFF
        mend = 'write completed_by = "staff"'
        yield theirs, file, item.id, "reads feeds but is not for us to answer", mend


INVARIANTS: dict[str, Callable[[v.Policy], Checks]] = {
    "floor": floor,
    "same-for-all": same_for_all,
    "no-single-ideology": no_single_ideology,
    "why-shown": why_shown,
    "sourced": sourced,
    "answer-first": answer_first,
    "city-duty": city_duty,
    "monotone": monotone,
    "two-people": two_people,
    "organisation-only": organisation_only,
}
DEMANDS = (effects, ceilings, enhanced, scopes, bands, looked_up, deciders, notices, words,
           reading)  # fmt: skip
