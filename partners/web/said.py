"""Numbers, times and tasks as people say them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import format_date, format_datetime, gettext, ngettext

from partners.ground.words import N_

COUNTED = 100
NUMBERS = (
    N_("None"), N_("One"), N_("Two"), N_("Three"), N_("Four"), N_("Five"), N_("Six"), N_("Seven"),
    N_("Eight"), N_("Nine"),
)  # fmt: skip
LOOKS = {
    "points": N_("Read what was found in open sources"),
    "result": N_("Read where the result stands"),
    "letter": N_("Read a letter to you"),
    "engagement": N_("Read where the work stands"),
    "answers": N_("Read the questions and answers"),
    "reading list": N_("Read what was published by and about you"),
    "support": N_("Read what support you get"),
    "other work and support": N_("Read what else we do with you"),
    "references": N_("Read what others say of working with you"),
    "conditions": N_("Read what we agreed must still happen"),
    "charter": N_("Read the words you wrote for the charter"),
    "contact": N_("Read a line of the contact log"),
    "organisation page": N_("Read your page, to know whom we work with"),
    "people": N_("Read who does what with you, and who signs in"),
    "card": N_("Saw your name, kind and level, and nothing else"),
    "contacts": N_("Read the contact log"),
    "held back": N_("Read what is held back from you"),
    "kept": N_("Read what of yours is kept for longer"),
    "one point": N_("Read one point, because somebody asked about it"),
    "paper": N_("Read an agreement"),
    "upload": N_("Opened a paper that you handed in"),
    "history": N_("Checked who did what"),
    "look-up": N_("Read where your name was looked up"),
}


def long_day(value: date | datetime | None) -> str:
    """A day with its month in full, as the language writes it: 20 November 2026."""
    return format_date(value, gettext("d MMMM y")) if value else ""


def short_day(value: date | datetime | None) -> str:
    """A day with its month cut short: 20 Nov 2026."""
    return format_date(value, gettext("d MMM y")) if value else ""


def moment(at: datetime) -> str:
    """Day and time by the municipality's clock."""
    return format_datetime(at, gettext("d MMM y, HH:mm"))


def look_said(look: Any) -> str:
    """At what somebody looked and for which purpose, in words."""
    text = gettext(LOOKS[look.what]) if look.what in LOOKS else look.what
    return f"{text}: {gettext(look.purpose)}" if look.purpose else text


def counted(number: int) -> str:
    """A number at the beginning of a sentence: a word up to nine, figures above."""
    return gettext(NUMBERS[number]) if 0 <= number < len(NUMBERS) else at_most(number)


def at_most(number: int) -> str:
    """A number in figures; nobody waits until very many are counted."""
    return str(number) if number <= COUNTED else f"{COUNTED:,}+"


def duration(minutes: int) -> str:
    """A time as people say it: in minutes below one and a half hours, else in hours."""
    if minutes < 90:
        return ngettext("about 1 minute", "about %(num)d minutes", minutes)
    return ngettext("about 1 hour", "about %(num)d hours", round(minutes / 60))


@dataclass(frozen=True)
class Task:
    """One thing that waits: whose move it is ("ours", "theirs"), why, where, until when.

    `today` says against which day lateness is told; without it nothing is late.
    """

    whose: str
    text: str
    note: str = ""
    href: str = ""
    due: date | None = None
    today: date | None = None
    who: str = ""
    first: bool = False  # late, it stands before everything else that is late

    @property
    def side(self) -> str | None:
        """Named only where the list does not say whose it is."""
        return self.whose if self.who else None

    @property
    def late(self) -> bool:
        return bool(self.due and self.today and self.due < self.today)

    @property
    def when(self) -> str:
        if not self.due or not self.today:
            return ""
        if not self.late:
            return gettext("by %(day)s", day=short_day(self.due))
        return ngettext("one day late", "%(num)d days late", (self.today - self.due).days)


def in_order(tasks: Iterable[Task]) -> list[Task]:
    """Soonest due first; what has no day stands last, and before all what we agreed and owe."""
    return sorted(tasks, key=lambda t: (not (t.first and t.late), t.due or date.max))
