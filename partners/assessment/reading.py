"""The page of the reading list: what was read, what is suggested, and what a person keeps."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import current_app, flash, g, redirect, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.assessment import actions
from partners.assessment.actions.working import Reply
from partners.assessment.blueprint import bp
from partners.assessment.forms import TakeBackForm
from partners.assessment.models import Engagement
from partners.assessment.queries import WHOLE, Standing, names_of, policy_of, standings
from partners.assessment.readings import FEEDS, look_after
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.moves import State
from partners.ground import clock
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.jobs.runner import Jobs
from partners.media import actions as media
from partners.media import shelf, work
from partners.media.models import Kept, Reading
from partners.media.queries import kept_of, log_of
from partners.media.rules import Suggestion
from partners.policy.feeds import Sources, sources
from partners.policy.values import Strength
from partners.web.fields import Choice, Text, language, options
from partners.web.forms import HouseForm, show
from partners.web.guard import fetch, looked, page
from partners.web.said import short_day

SHOWN = 20  # suggestions on one page; the next come when these are settled


def announce(jobs: Jobs, folder: Path, limits: Sources) -> None:
    """Tell the house's workers of the reading list."""
    work.announce(jobs, folder, limits)
    jobs.kind("reading.list", lambda _job: look_after(folder, limits), every_minute=True)


class KeepForm(HouseForm):
    """Keeping one entry: a good one or a difficult one, and why."""

    good = Choice(_l("What does it show?"), ask=N_("Say what it shows."),
                  choices=options([("yes", _l("Something good")),
                                   ("no", _l("Something to talk about"))]))  # fmt: skip
    note = Text(_l("In your words: what does it say, and who says it?"), lines=True, limit=600,
                ask=N_("Write a sentence on it."))  # fmt: skip


@dataclass
class List:
    """The reading list of one engagement, read once."""

    case: Engagement
    stand: Standing | None

    @cached_property
    def log(self) -> list[Reading]:
        return list(log_of(self.case.organisation_id, self.case.id))

    @cached_property
    def kept(self) -> list[Kept]:
        return list(kept_of(self.case.organisation_id, self.case.id))

    @property
    def going(self) -> list[Reading]:
        return [row for row in self.log if row.closed_at is None]

    @cached_property
    def suggestions(self) -> list[tuple[Reading, Suggestion]]:
        """What waits for a person, newest first; nothing once the reading is over."""
        folder = current_app.config["SETTINGS"].instance / "reading"
        settled = {one.mark for one in self.kept if not one.withdrawn_at}
        settled |= {mark for row in self.log for mark in row.aside}
        going = self.going if self.open else []
        rows = [(row, one) for row in going for one in shelf.suggestions(folder, row.id)
                if one.mark not in settled]  # fmt: skip
        return sorted(rows, key=lambda pair: pair[1].on, reverse=True)

    @property
    def open(self) -> bool:
        """Whether there is something to read for, now."""
        return (self.stand is not None and self.stand.asked and self.stand.given is None
                and State(self.case.state) is State.TALKING)  # fmt: skip

    def one(self, mark: str) -> tuple[Reading, Suggestion]:
        found = next((pair for pair in self.suggestions if pair[1].mark == mark), None)
        if found is None:
            raise Refusal(N_("This entry is settled, or no longer there."))
        return found

    def told(self) -> str:
        """What was read, with words and dates, as it is written into the answer."""
        read = [row for row in self.log if row.read_at]
        words = ", ".join(dict.fromkeys(f"“{word}”" for row in read for word in row.words))
        lines = [f"{row.name}: {short_day(row.read_at)}" for row in read]
        silent = {row.name for row in self.log} - {row.name for row in read}
        standing = [one for one in self.kept if not one.withdrawn_at]
        found = ngettext("One entry is kept.", "%(num)d entries are kept.", len(standing))
        said = [found if standing else gettext("Nothing found."),
                gettext("Looked for: %(words)s.", words=words),
                gettext("Read: %(read)s.", read="; ".join(dict.fromkeys(lines)))]  # fmt: skip
        if silent:
            said.append(gettext("Could not be read: %(names)s.", names="; ".join(sorted(silent))))
        return " ".join(said)


@page(bp, "/engagements/<engagement_id>/reading", needs=P.ENGAGEMENT_VIEW, methods=("GET", "POST"))
def reading(engagement_id: str) -> Any:
    """What was read, what is suggested, what is kept; and the end: nothing found, or this."""
    case = fetch(Engagement, engagement_id, P.ENGAGEMENT_VIEW, *WHOLE)
    if g.actor.is_partner:
        return redirect(url_for("portal.part", part="reading"))
    found = _list(case)
    if found.stand is None and not found.log:
        raise NotFound
    verb, mark = request.form.get("verb", ""), request.values.get("entry", "")
    form = KeepForm(blank=verb != "keep")
    standing = [one for one in found.kept if not one.withdrawn_at]
    back = TakeBackForm([(one.public_id, one.title) for one in standing], blank=verb != "back")
    used = back if verb == "back" else form
    if request.method == "POST":
        if verb not in DEEDS:
            raise NotFound
        if verb in ("aside", "rest", "done") or used.sent():
            with used.refusals():
                flash(DEEDS[verb](found, used, mark))
                return redirect(url_for(".reading", engagement_id=engagement_id))
        found = _list(case)
    looked(case.organisation_id, "reading list", case.title)
    return show("assessment/reading.html", used, engagement=case, list=found, keep=form, back=back,
                chosen=mark, shown=SHOWN, limits=sources(current_app.config["SETTINGS"].policy),
                people=names_of(one.by_id for one in found.kept), today=clock.today(),
                words=policy_of(case).words(language()),
                may_work=may(g.actor, P.ENGAGEMENT_WORK, case))  # fmt: skip


def _list(case: Engagement) -> List:
    stands = standings(case, clock.today())
    return List(case, next((s for s in stands if s.item.reads == FEEDS), None))


def _who(found: List) -> dict[str, Any]:
    return {"within": found.case, "by": g.actor, "at": clock.now()}


def _keep(found: List, form: Any, mark: str) -> str:
    row, one = found.one(mark)
    media.keep(row, one, form.note.data, good=form.good.data == "yes", **_who(found))
    return gettext("The entry is kept, with your note. The organisation reads both.")


def _aside(found: List, _form: Any, mark: str) -> str:
    row, one = found.one(mark)
    media.set_aside(row, [one.mark], **_who(found))
    return gettext("Set aside. Nothing of it is stored.")


def _rest(found: List, _form: Any, _mark: str) -> str:
    """Only what the page showed: what came in since is still to be looked at."""
    seen = set(request.form.get("seen", "").split())
    for row in found.going:
        marks = [one.mark for reading, one in found.suggestions
                 if reading is row and one.mark in seen]  # fmt: skip
        if marks:
            media.set_aside(row, marks, **_who(found))
    return gettext("Set aside. Nothing of it is stored.")


def _back(found: List, form: Any, _mark: str) -> str:
    kept = next(one for one in found.kept if one.public_id == form.which.data)
    media.take_back(kept, form.reason.data, **_who(found))
    return gettext("The entry is taken back.")


def _done(found: List, _form: Any, _mark: str) -> str:
    if not found.open or found.stand is None:
        raise Refusal(N_("There is nothing to answer now."))
    if not any(row.read_at for row in found.log):
        raise Refusal(N_("No source could be read yet, so nothing can be said of them."))
    if found.suggestions:
        raise Refusal(N_("Look at what is suggested first: keep it, or set it aside."))
    enhanced = found.stand.strength is Strength.ENHANCED
    given = Given.ENHANCED_MISSING if enhanced else Given.MET
    said = Reply(given, found.told(), "check", source=gettext("The reading list"))
    actions.answer(found.case, found.stand.item.id, said, by=g.actor, at=clock.now())
    return gettext("Written down, with words and dates. The reading has ended.")


DEEDS = {"keep": _keep, "aside": _aside, "rest": _rest, "back": _back, "done": _done}
