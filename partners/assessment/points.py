"""The page of what was found in open sources: recorded, read by a second person, set aside."""

from typing import Any

from flask import g, redirect, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from partners.access.rules import may
from partners.access.table import DECIDING, Role
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.accounts.queries import staff
from partners.assessment import actions
from partners.assessment.actions.noting import KEPT, Found
from partners.assessment.blueprint import bp
from partners.assessment.models import Engagement, Point
from partners.assessment.queries import WHOLE, all_points, names_of, point_in, policy_of
from partners.assessment.rules.moves import ANSWERING
from partners.assessment.sight import about
from partners.ground import clock
from partners.ground.refusals import NotYours
from partners.web.fields import Choice, Day, Pick, Text, language, options
from partners.web.forms import HouseForm, conflict, show
from partners.web.guard import fetch, looked, page

AS_IT_STOOD, TRANSLATED = "original", "checked"


class FoundForm(HouseForm):
    """Exact words, place, day, speaker, setting, language and what followed; good ones alike."""

    item = Pick(_l("Which question does it belong to?"), ask=_l("Choose a question."))
    good = Choice(
        _l("Does it speak for the organisation?"), ask=_l("Choose one of the two."),
        choices=options([("yes", _l("Something good")), ("no", _l("A point to clarify"))]),
    )  # fmt: skip
    said = Text(_l("Exact words, or what was done"), ask=_l("Write the exact words, or the act."),
                lines=True, limit=2000)  # fmt: skip
    source = Text(_l("Where it was published"), ask=_l("Write where it can be found."),
                  hint=_l("An address, a paper with its page, a broadcast."))  # fmt: skip
    said_on = Day(_l("When"), ask=_l("Enter the day."))
    repeated_on = Day(_l("Last repeated on"), optional=True,
                      hint=_l("Only if it was said or done again later."))  # fmt: skip
    role = Pick(_l("Who spoke or acted, in which role for the organisation?"),
                ask=_l("Choose the role."), hint=_l("The role only. Nobody’s name."))  # fmt: skip
    context = Text(_l("What stood around it"), ask=_l("Write what stood around it."), lines=True,
                   limit=2000, hint=_l("The occasion, what came before and after."))  # fmt: skip
    read_in = Choice(
        _l("In which language did you read it?"), ask=_l("Choose how you read it."),
        choices=options([
            (AS_IT_STOOD, _l("In its own; the second reader and I both know it")),
            (TRANSLATED, _l("In a translation that somebody checked")),
        ]),
    )  # fmt: skip
    translation = Text(_l("The translation"), optional=True, lines=True, limit=2000)
    checked_by = Text(_l("Who checked it"), optional=True,
                      hint=_l("A service or an office, not a name."))  # fmt: skip
    afterwards = Text(
        _l("What the organisation did afterwards"), lines=True, limit=2000,
        ask=_l("Write what it did, or that nothing is known."),
        hint=_l("An answer, a correction, a new routine. If nothing is known, say so."),
    )  # fmt: skip
    reader = Pick(_l("Second reader"), ask=_l("Choose who reads it as a second person."),
                  hint=_l("Somebody who has not worked on this case."))  # fmt: skip

    def __init__(self, engagement: Engagement, changed: Point | None = None, **kw: Any) -> None:
        super().__init__(changed, obj=None, data=_typed(changed), **kw)
        policy, choose = policy_of(engagement), ("", gettext("Choose"))
        words = policy.words(language())
        self.item.offer([choose, *((i.id, words.item(i.id).title)
                                   for i in policy.items.values() if i.finding)])  # fmt: skip
        roles = ((name, words.attribution(name)) for name in policy.attributions)
        self.role.offer([choose, *((n, f"{said.name}. {said.meaning}") for n, said in roles)])
        self.reader.offer([choose, *((str(a.id), a.name) for a in _readers(engagement))])

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        if self.read_in.data == TRANSLATED:
            for field in (self.translation, self.checked_by):
                if not field.data and not field.errors:
                    field.errors = [gettext("A point that was read in translation needs this.")]
        return not self.errors

    @property
    def found(self) -> Found:
        """What was typed; a translation only where one was used."""
        used = self.read_in.data == TRANSLATED
        return Found(
            item=self.item.data, said=self.said.data, source=self.source.data,
            said_on=self.said_on.data, role=self.role.data, context=self.context.data,
            afterwards=self.afterwards.data, good=self.good.data == "yes",
            translation=self.translation.data if used else "",
            checked_by=self.checked_by.data if used else "", repeated_on=self.repeated_on.data,
        )  # fmt: skip


class AsideForm(HouseForm):
    because = Text(_l("Why is it set aside?"), ask=_l("Write the reason in a sentence."),
                   hint=_l("They read it. At the decision the content is destroyed."))  # fmt: skip


def _typed(changed: Point | None) -> dict[str, Any]:
    if changed is None:
        return {}
    kept = {name: getattr(changed, name) for name in KEPT}
    return kept | {"good": "yes" if changed.good else "no", "reader": str(changed.reader_id),
                   "read_in": TRANSLATED if changed.translation else AS_IT_STOOD}  # fmt: skip


def _readers(engagement: Engagement) -> list[Account]:
    people = staff(Role.OFFICER, *DECIDING)
    own = engagement.department_id
    fresh = [
        a for a in people if a.id != g.actor.id and may(a.actor, P.ENGAGEMENT_READ, engagement)
    ]
    return sorted(fresh, key=lambda a: (a.department_id != own, a.name))


@page(bp, "/engagements/<engagement_id>/points", needs=P.ENGAGEMENT_VIEW, methods=("GET", "POST"))
def points(engagement_id: str) -> Any:
    """What was found about the organisation, good and difficult, with the form for one more."""
    case = fetch(Engagement, engagement_id, P.ENGAGEMENT_VIEW, *WHOLE)
    if g.actor.is_partner:
        return redirect(url_for("portal.part", part="points"))
    looked(case.organisation_id, "points", case.title)
    verb, changed = request.values.get("verb", ""), _changed(case)
    writes = may(g.actor, P.ENGAGEMENT_WORK, case) and case.state in ANSWERING
    form = FoundForm(case, changed, blank=verb not in ("", "note"))
    rows = all_points(case)
    asides = {p: AsideForm(blank=verb != "aside" or p is not changed).about(p.public_id)
              for p in rows}  # fmt: skip
    wanted: HouseForm = form
    if verb == "read":
        wanted = HouseForm()
    elif verb == "aside" and changed:
        wanted = asides[changed]
    if request.method == "POST" and wanted.sent():
        if wanted.stale:
            return conflict(wanted)
        with wanted.refusals():
            _do(verb, case, wanted, changed)
            return redirect(url_for(".points", engagement_id=engagement_id))
    people = names_of(i for p in rows for i in (p.noted_by, p.reader_id) if i)
    policy = policy_of(case)
    return show("assessment/points.html", wanted, engagement=case, rows=rows, people=people,
                words=policy.words(language()), policy=policy, found=form, asides=asides,
                changed=changed, writes=writes, heading=_heading(rows), about=about)  # fmt: skip


def _changed(case: Engagement) -> Point | None:
    wanted = request.values.get("point")
    return point_in(case, wanted) if wanted else None


def _do(verb: str, case: Engagement, form: Any, point: Point | None) -> None:
    who: dict[str, Any] = {"by": g.actor, "at": clock.now()}
    if verb == "aside" and point:
        actions.settle_point(case, point, form.because.data, **who)
    elif verb == "read" and point:
        actions.read_point(case, point, **who)
    elif verb in ("", "note"):
        reader = next(a for a in _readers(case) if str(a.id) == form.reader.data)
        actions.note_found(case, form.found, reader, point=point, **who)
    else:
        raise NotYours


def _heading(rows: Any) -> str:
    standing = [p for p in rows if not p.withdrawn_at]
    if not standing:
        return gettext("Nothing is recorded")
    return ngettext("One point is recorded", "%(num)d points are recorded", len(standing))
