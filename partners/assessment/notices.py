"""Letters that something is due or has changed. None tells a result, a point or a condition."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from partners.access.table import Role
from partners.accounts.letters import send
from partners.accounts.models import Account
from partners.accounts.queries import municipality, staff, users_of
from partners.assessment.letters import day
from partners.assessment.models import Condition, Engagement
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.registry.models import Organisation

Reader = tuple[str, str]  # an address and a language
OURS, THEIRS, BOTH = "city", "partner", "both"


class Day:
    """A date that is written in the language of whoever reads it."""

    def __init__(self, on: date) -> None:
        self.on = on

    def __str__(self) -> str:
        return day(self.on)


def ours(engagement: Engagement, owner_id: int | None = None) -> list[Reader]:
    """Whoever owns the matter, else the lead, else the team, else the department's managers."""
    team = sorted((m for m in engagement.team if not m.aside), key=lambda m: m.part != "lead")
    team.sort(key=lambda m: m.account_id != owner_id)  # who stepped aside is not among them
    here = [m.account for m in team if m.account.ended_at is None]
    if not here:
        managers = staff(Role.MANAGER)
        own = engagement.department_id
        here = [a for a in managers if a.department_id == own] or managers
    return [(a.email, a.language) for a in here[:1]]


def theirs(engagement: Engagement) -> list[Reader]:
    """Those who read for the organisation."""
    return readers_of(engagement.organisation)


def readers_of(organisation: Organisation) -> list[Reader]:
    """The organisation's own users; without any, its mailbox."""
    users = [(a.email, a.language) for a in users_of(organisation.id)]
    return users or ([(organisation.email, "en")] if organisation.email else [])


def tell(
    engagement: Engagement, readers: Iterable[Reader], subject: Any, *lines: Any, at: datetime
) -> None:
    """Write to each of them, in their language, with the way to where it stands."""
    house = municipality()
    address = str(house.texts.get("url", "")).rstrip("/") if house else ""
    way = (_l("Sign in, and it stands under what is to do: %(address)s", address=address)
           if address else _l("Sign in, and it stands under what is to do."))  # fmt: skip
    write_to(readers, subject, *lines, way, at=at)


def write_to(readers: Iterable[Reader], subject: Any, *lines: Any, at: datetime) -> None:
    """The same letter to everybody, each in their own language."""
    for to, language in dict.fromkeys(readers):
        try:
            send(to, language, subject, *lines, at=at)
        except Refusal:
            continue  # an address that no letter can be sent to; it stands on the page


def tell_review(engagement: Engagement, days: int, *, at: datetime) -> None:
    """Before, on and after the day on which both sides look again."""
    title, on = engagement.title, Day(engagement.review_on or day_of(at))
    subject = (_l("%(title)s: we look at it again on %(day)s", title=title, day=on) if days < 0
               else _l("%(title)s: it is time to look at it again", title=title))  # fmt: skip
    line = (_l("On %(day)s we look at “%(title)s” again, together.", title=title, day=on)
            if days < 0 else
            _l("Since %(day)s it is time to look at “%(title)s” again, together.",
               title=title, day=on))  # fmt: skip
    readers = [*ours(engagement), *theirs(engagement)]
    tell(engagement, readers, subject, line, RUNS_ON, at=at)


RUNS_ON = _l("Only what has run out is asked again. What runs, runs on.")


def tell_due(engagement: Engagement, *, at: datetime) -> None:
    """Something ran out, or more support came to it, before the day that was set."""
    title = engagement.title
    subject = _l("%(title)s: it is time to look at it again", title=title)
    line = _l("Something about “%(title)s” has changed or run out.", title=title)
    tell(engagement, [*ours(engagement), *theirs(engagement)], subject, line, RUNS_ON, at=at)


def tell_reply(engagement: Engagement, when: str, *, at: datetime) -> None:
    """The time to answer runs out, or it is over."""
    title, due = engagement.title, Day(engagement.round.reply_due or day_of(at))
    if when == "soon":
        line = _l("We wrote to you about “%(title)s” and asked what you say to it. There is time"
                  " until %(day)s. If you need more time, a meeting or an interpreter, tell us.",
                  title=title, day=due)  # fmt: skip
        subject = _l("%(title)s: there is time until %(day)s", title=title, day=due)
        return tell(engagement, theirs(engagement), subject, line, at=at)
    line = _l("The time to answer about “%(title)s” is over. Somebody who has not worked on it"
              " reads it next.", title=title)  # fmt: skip
    subject = _l("%(title)s: the time to answer is over", title=title)
    named = [m.account for m in engagement.team if m.part == "reader"]
    readers = [(a.email, a.language) for a in named if a.ended_at is None]
    who = list(dict.fromkeys([*ours(engagement), *readers]))
    return tell(engagement, who, subject, line, at=at)


def tell_condition(
    engagement: Engagement, condition: Condition, days: int, *, at: datetime
) -> None:
    """Something that was agreed is due, or late, on whichever side."""
    title, on = engagement.title, Day(condition.due_on)
    readers = ours(engagement, condition.owner_id) if condition.side != THEIRS else []
    readers += theirs(engagement) if condition.side != OURS else []
    subject = _l("%(title)s: something is due on %(day)s", title=title, day=on)
    line = (_l("Something that we agreed about “%(title)s” is due on %(day)s.", title=title, day=on)
            if days <= 0 else
            _l("Something that we agreed about “%(title)s” was due on %(day)s. Is it done? Or do we"
               " need another date, or help?", title=title, day=on))  # fmt: skip
    tell(engagement, readers, subject, line, at=at)


def tell_pause(engagement: Engagement, *, at: datetime) -> None:
    """On the same day: a pause, its end, and with whom to talk."""
    title, until = engagement.title, Day(engagement.paused_until or day_of(at))
    contact = db.session.get_one(Account, engagement.started_by)
    subject = _l("%(title)s rests until %(day)s", title=title, day=until)
    line = _l("“%(title)s” rests until %(day)s and goes on by itself then. A pause is not a result."
              " You can read why in your file. You can talk to %(name)s, %(address)s.",
              title=title, day=until, name=contact.name, address=contact.email)  # fmt: skip
    tell(engagement, theirs(engagement), subject, line, at=at)


def tell_goes_on(engagement: Engagement, *, at: datetime) -> None:
    """A pause has ended."""
    subject = _l("%(title)s goes on", title=engagement.title)
    line = _l("The pause of “%(title)s” is over. It goes on where it was.", title=engagement.title)
    tell(engagement, [*ours(engagement), *theirs(engagement)], subject, line, at=at)


def tell_news(engagement: Engagement, *, at: datetime) -> None:
    """Something was written into the file that the organisation should know of."""
    subject = _l("%(title)s: there is something new in your file", title=engagement.title)
    line = _l("There is something new about “%(title)s” in your file.", title=engagement.title)
    tell(engagement, theirs(engagement), subject, line, at=at)
