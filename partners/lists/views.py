"""The keeper's pages: which lists are here, in which version, and loading a new one."""

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from partners.access.table import Permission as P
from partners.ground import clock
from partners.ground.words import N_
from partners.lists import loading
from partners.lists.known import known_lists, lists_of
from partners.lists.queries import current_versions, versions_of
from partners.lists.rules import LawList
from partners.web.fields import File
from partners.web.forms import HouseForm, show
from partners.web.guard import page

bp = Blueprint("lists", __name__)
VERBS = ("fetch", "compare")
STATES = {
    "reading": N_("is being read"), "good": N_("kept"), "refused": N_("not taken"),
}  # fmt: skip


@page(bp, "/lists", needs=P.SYSTEM)
def overview() -> Any:
    """Every list that is looked up, and the version that is here."""
    lists, current = known_lists(), current_versions()
    return show("lists/overview.html", lists=lists.every.values(), current=current,
                missing=lists.missing(current))  # fmt: skip


def _form(law: LawList) -> HouseForm:
    fields = {
        f"part{number}": File(law.name if len(law.parts) == 1 else part, ask=_l("Choose the file."))
        for number, part in enumerate(law.parts)
    }
    return type("LoadForm", (HouseForm,), fields)()


@page(bp, "/lists/<list_id>", needs=P.SYSTEM, methods=("GET", "POST"))
def one(list_id: str) -> Any:
    """The versions of one list, refused ones with the reason; and a new one handed in."""
    law = known_lists().every.get(list_id) or abort(404)
    verb, now = request.form.get("verb", ""), current_versions().get(list_id)
    form = HouseForm() if verb in VERBS else _form(law)
    if form.sent():
        with form.refusals():
            if verb == "compare":
                loading.compare_on(now or abort(404), by=g.actor, at=clock.now())
                return redirect(url_for(".one", list_id=list_id))
            if verb == "fetch":
                loading.refresh(law, by=g.actor, at=clock.now())
            else:
                files = [(field.data.filename, field.data.stream) for field in form]
                loading.hand_in(law, files, by=g.actor, at=clock.now())
            flash(gettext("It is being read. Until it is whole, the version before stays."))
            return redirect(url_for(".one", list_id=list_id))
    return show("lists/one.html", form, law=law, loaded=_form(law) if verb in VERBS else form,
                versions=versions_of(list_id), states=STATES, current=now,
                work=loading.comparison(now))  # fmt: skip


@bp.record_once
def _open(state: Any) -> None:
    """A list that cannot be used is said when the house opens, not when somebody waits for it."""
    lists_of(state.app.config["SETTINGS"].policy)
    loading.announce(state.app.extensions["jobs"])
