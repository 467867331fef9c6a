"""One point that somebody complained about: the protector opens it once a second person agrees."""

from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound

from partners.access.rules import may, may_ever
from partners.access.table import Permission as P
from partners.assessment.actions import four_eyes
from partners.assessment.actions.holding import SETTLED
from partners.assessment.models import FourEyes
from partners.assessment.queries import between_two, names_of, point_called, policy_of
from partners.assessment.sight import about
from partners.desk.views import bp
from partners.ground import clock
from partners.ground.refusals import Refusal
from partners.web.fields import Text, language
from partners.web.forms import HouseForm, show
from partners.web.guard import fetch, looked, page


class OpenForm(HouseForm):
    """Which point, by the reference that the organisation gave, and who asked about what."""

    point = Text(_l("Reference of the point"), ask=_l("Write the reference."), free=False, limit=40,
                 hint=_l("It stands beside the point in the organisation’s file. They give it to "
                         "you."))  # fmt: skip
    reason = Text(_l("Who asked, and what do you want to see?"), lines=True, limit=1000, aid=True,
                  ask=_l("Write who asked, and why you open it."),
                  hint=_l("The organisation reads it. A role, no name."))  # fmt: skip


@page(bp, "/points-asked-about", needs=P.LOG_VIEW, methods=("GET", "POST"))
def points_asked() -> Any:
    """The points about which somebody asked, and what waits for a second person."""
    verb, today, asks = request.form.get("verb", ""), clock.today(), may_ever(g.actor, P.POINT_OPEN)
    form, rows = OpenForm(blank=bool(verb)), between_two("look", today)
    if verb or (asks and form.sent()):
        with form.refusals():
            _do(verb, form, rows)
            return redirect(url_for(".points_asked"))
    return show("desk/points-asked.html", form, rows=rows, today=today,
                people=names_of(n for r in rows for n in (r.asked_by, r.agreed_by) if n),
                agrees={r for r in rows if may(g.actor, P.POINT_OPEN_AGREE, r.engagement)},
                asks=asks)  # fmt: skip


def _do(verb: str, form: Any, rows: Any) -> None:
    who: dict[str, Any] = {"by": g.actor, "at": clock.now()}
    if not verb:
        four_eyes.ask_to_open(point_called(form.point.data), form.reason.data, **who)
        flash(gettext("Asked. It opens once a manager who has not worked on the case agrees."))
        return
    row = next((r for r in rows if r.public_id == request.form.get("row")), None)
    if verb not in ("agree", "end"):
        raise NotFound
    if row is None:
        raise Refusal(SETTLED)
    (four_eyes.agree if verb == "agree" else four_eyes.end)(row, **who)


@page(bp, "/points-asked-about/<look_id>", needs=P.POINT_OPEN)
def one_point(look_id: str) -> Any:
    """The one point, as long as two people have agreed on it; nothing else of the case."""
    row = fetch(FourEyes, look_id, P.POINT_OPEN)
    if not row.point or not row.engagement or not row.holds(clock.today()):
        raise NotFound
    words = policy_of(row.engagement).words(language())
    looked(row.organisation_id, "one point", row.reason)
    return show("desk/one-point.html", row=row, point=row.point, about=about(row.point, words),
                title=words.item(row.point.item).title)  # fmt: skip
