"""The whole policy as words for readers: questions by theme, bands, effects, who decides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask_babel import gettext, ngettext

from partners.ground.words import N_
from partners.paper.blocks import Mixed
from partners.policy.values import Asker, Decider, Effect, Item, Policy, Second, Strength, When
from partners.policy.words import Words
from partners.web.said import duration

ASKED = {
    Asker.PARTNER: N_("You"), Asker.STAFF: N_("Us"), Asker.BOTH: N_("Both, in conversation"),
    Asker.MANAGER: N_("A manager"),
}  # fmt: skip
DECIDES = {
    Decider.NONE: N_("Nobody: there is nothing to decide"),
    Decider.LIAISON: N_("A liaison officer or a manager"),
    Decider.MANAGER: N_("A manager"),
    Decider.COMMITTEE: N_("A committee in its own meeting"),
}
SECOND = {
    Second.READER: N_("Somebody who was not involved reads it first."),
    Second.MANAGER: N_("A second manager confirms."),
    Second.OTHER_DEPARTMENT: N_("A manager of another department confirms."),
}
SITUATION = {
    When.BELOW_REQUEST: N_("A result below what was asked for"),
    When.STOP: N_("A result of dialogue without support"),
    When.OVERRIDE: N_("A decision other than what the answers lead to"),
    When.POLICY_CHANGE: N_("A change of this policy"),
}


def asks(policy: Policy, language: str) -> list[dict[str, Any]]:
    """For each level without support: how many questions are the organisation's, and how long."""
    words, none = policy.words(language), next(iter(policy.bands))
    rows = []
    for level in policy.levels.values():
        theirs = (Asker.PARTNER, Asker.BOTH)
        items = [i for i in policy.asked(level.id, none) if i.completed_by in theirs]
        minutes = policy.minutes(items)[0]
        rows.append({
            "name": words.level(level.id).name, "meaning": words.level(level.id).meaning,
            "number": ngettext("1 question", "%(num)d questions", len(items)),
            "time": duration(minutes),
        })  # fmt: skip
    return rows


@dataclass(frozen=True)
class Printed:
    """The policy in one language, part by part."""

    policy: Policy
    language: str

    @property
    def words(self) -> Words:
        return self.policy.words(self.language)

    def themes(self) -> Iterator[tuple[str, str, list[Item]]]:
        """Every theme with its name and the questions that are in use."""
        for theme in self.policy.themes:
            items = [i for i in self.policy.items.values() if i.theme == theme and not i.retired]
            yield theme, self.words.theme(theme).name, items

    def asked_from(self, item: Item) -> str:
        """From which level, and from which support, a question is asked."""
        parts = [*self._steps(item.levels, "level"), *self._steps(item.bands, "band")]
        said = "; ".join(parts) or gettext("Never by itself")
        if not item.trigger:
            return said
        fact = self.words.trigger(item.trigger).name
        return f"{said}. " + gettext("Only where this holds: %(fact)s.", fact=fact)

    def _steps(self, strengths: Mapping[str, Strength], section: str) -> Iterator[str]:
        """The places where a question begins to be asked, or to be asked for more."""
        sentence = {
            Strength.OPTIONAL: N_("%(what)s: if you want to"),
            Strength.REQUIRED: "%(what)s",
            Strength.ENHANCED: N_("with an additional part: %(what)s"),
        }
        before = Strength.NONE
        for name, strength in strengths.items():
            if strength > before:
                yield gettext(sentence[strength], what=self.words.named(section, name).name)
            before = strength

    def asker(self, item: Item) -> str:
        return gettext(ASKED[item.completed_by])

    def time(self, item: Item) -> str:
        """About how long it takes whom; who has nothing to do is left out."""
        texts = N_("%(num)d minutes for you"), N_("%(num)d minutes for us")
        pairs = zip(texts, item.minutes, strict=True)
        return ", ".join(gettext(text, num=number) for text, number in pairs if number)

    def follows(self, item: Item) -> str:
        """What follows while it is not met, with the ceiling where there is one."""
        words = self.words
        said = words.effect(item.effect).name
        reach = [words.level(item.max_level).name] if item.max_level else []
        reach += [words.band(item.max_band).name] if item.max_band else []
        if reach:
            said += ": " + ", ".join(reach)
        if item.grace_days:
            said += ". " + gettext("To be mended within %(days)d days.", days=item.grace_days)
        return said

    def holds(self, item: Item) -> str:
        return ngettext("1 month", "%(num)d months", item.valid_months)

    def sources(self, item: Item) -> str:
        """Where a question comes from, as far as anybody can look it up, in short."""
        known = (self.policy.sources[name] for name in item.sources)
        public = {s.text.split(":")[0]: s.language or self.policy.head.language
                  for s in known if s.where.startswith("http")}  # fmt: skip
        foreign = [(title, said) for title, said in public.items() if said != self.language]
        return Mixed.of("; ".join(public), foreign)

    def deciders(self) -> Iterator[tuple[str, str, str]]:
        """For each row: the case, who decides, and who else looks."""
        words = self.words
        for row in self.policy.deciders:
            if row.when:
                case = gettext(SITUATION[row.when])
            elif row.from_level:
                case = gettext("From: %(what)s", what=words.level(row.from_level).name)
            else:
                case = gettext("From: %(what)s", what=words.band(row.from_band or "").name)
            second = [gettext(SECOND[row.second])] if row.second else []
            if row.reads:
                themes = ", ".join(words.theme(t).name for t in row.reads)
                second.append(gettext("A second person reads: %(themes)s.", themes=themes))
            yield case, gettext(DECIDES[row.decide]), " ".join(second)

    def months(self, months: int | None) -> str:
        return ngettext("1 month", "%(num)d months", months) if months else ""

    def effects(self) -> Iterator[Effect]:
        """The effects that are in use, mildest first."""
        used = {item.effect for item in self.policy.items.values() if not item.retired}
        return (effect for effect in Effect if effect in used)

    def facts(self) -> Iterator[str]:
        """The facts about an activity, support or data that add questions."""
        return (self.words.trigger(trigger).name for trigger in self.policy.triggers)

    def invariants(self) -> Iterator[tuple[str, str]]:
        """What every policy must keep, as the policy's own words say it."""
        said = cast(Mapping[str, object], self.words.base.get("invariant", {}))
        for name in said:
            found = self.words.named("invariant", name)
            yield found.name, found.meaning
