"""A second reading of policy paper 2.7 without the engine: every pair is tried, none is searched.

Answers: met, enhanced_missing, partly, not_met, not_relevant; absent is open.
"""

LOWERING = ("fund", "cap", "stop")


def second_reading(policy, level, band, triggers, answers):
    levels, bands = list(policy.levels), list(policy.bands)
    items = [i for i in policy.items.values() if not i.retired]
    on = set(triggers)
    for _ in policy.triggers:
        on |= {more for t in on & set(policy.triggers) for more in policy.triggers[t].implies}

    def firm(i, lv, bd):  # 0 none, 1 optional, 2 required, 3 enhanced: the stricter of two rules
        return 0 if i.trigger and i.trigger not in on else max(i.levels[lv], i.bands[bd])

    def said(i):
        a, e = answers.get(i.id), i.effect.value
        if a == "partly" and (e in ("hold", "no_data", "stop") or i.answer_type == "declaration"):
            return "not_met"
        if a == "not_relevant":
            return "met" if e in ("note", "condition", "fund") and not i.trigger else None
        return a

    def lacks_extra(i, lv, bd):
        return said(i) == "enhanced_missing" and firm(i, lv, bd) == 3

    def beyond(i, lv, bd):  # whether the pair lies above the item's ceiling
        top_level = policy.floor.id if i.effect == "stop" else i.max_level or levels[-1]
        top_band = bands[0] if i.effect == "stop" else i.max_band or bands[-1]
        return levels.index(lv) > levels.index(top_level) or bands.index(bd) > bands.index(top_band)

    def out_of_reach(i, lv, bd):
        if i.scope != "organisation" or i.effect not in LOWERING:
            return False
        if firm(i, lv, bd) < 2 or not beyond(i, lv, bd):
            return False
        if said(i) == "partly":
            return firm(i, lv, bd) == 3
        return said(i) == "not_met" or (lacks_extra(i, lv, bd) and i.enhanced_owner != "city")

    def best():
        tried = [
            (a, b) for a in range(levels.index(level) + 1) for b in range(bands.index(band) + 1)
        ]
        named = {(a, b): (levels[a], bands[b]) for a, b in tried}
        return named[max(p for p in tried if not any(out_of_reach(i, *named[p]) for i in items))]

    registered = levels.index(level) < levels.index(policy.floor.id) and bands.index(band) == 0
    got = (level, band) if registered else best()
    if got != (level, band):
        on |= {t.id for t in policy.triggers.values() if t.about == "result"}
        got = best()
    asked = [i for i in items if firm(i, level, band) >= 2]
    opened = [i.id for i in asked if said(i) is None and i.effect not in ("note", "no_data")]
    hold = [i.id for i in asked if i.effect == "hold" and said(i) == "not_met"]
    for i in (i for i in asked if lacks_extra(i, level, band)):
        city = i.scope == "organisation" and i.effect in LOWERING and i.enhanced_owner == "city"
        hold += [i.id] if i.effect == "hold" or city else []
    if (opened or hold) and not registered:
        return {"outcome": "not_determined", "open": sorted(opened), "hold": sorted(hold)}
    conditions, limits, no_data = [], [], False
    for i in (i for i in items if firm(i, *got) >= 2):
        short = said(i) in ("partly", "not_met") or lacks_extra(i, *got)
        activity = i.scope == "activity"
        mild = said(i) == "partly" and firm(i, *got) == 2
        no_data |= i.effect == "no_data" and (short or said(i) is None)
        limits += [i.id] if i.effect in LOWERING and activity and short and not mild else []
        stands_in = i.effect in LOWERING and mild and (activity or beyond(i, *got))
        conditions += [i.id] if stands_in or (i.effect == "condition" and short) else []
    tied = "supported_conditions" if conditions or limits or no_data else "supported"
    outcome = "supported_lower_band" if got[1] != band else tied
    outcome = "supported_dialogue" if got[0] != level else outcome
    found = {"outcome": "registered" if registered else outcome, "level": got[0], "band": got[1]}
    found |= {"conditions": sorted(conditions), "activity_limits": sorted(limits)}
    return found | {"no_personal_data": no_data} | ({"open": sorted(opened)} if registered else {})
