"""Pages on which organisations are registered and what is written about them is put right."""

from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext

from partners.access.table import Permission as P
from partners.ground import clock
from partners.ground.refusals import Refusal
from partners.ground.text import clean_text
from partners.registry import actions, editing, importing, pairing, queries
from partners.registry.blueprint import bp
from partners.registry.forms import RegisterForm, kind_choices, office_choices
from partners.web.forms import show
from partners.web.guard import page

# `editing` holds more pages of this room; whoever mounts `bp` mounts them all.
__all__ = ["bp", "editing", "importing", "pairing"]


def asked(name: str, limit: int = 200) -> str:
    """A query parameter as plain text; unreadable text is no text."""
    try:
        return clean_text(request.args.get(name, "")[: limit * 4], limit=limit)
    except Refusal:
        return ""


@page(bp, "/organisations/new", needs=P.ORGANISATION_REGISTER, methods=("GET", "POST"))
def register() -> Any:
    """The short form, then always the check page with near names, then the entry."""
    form = RegisterForm(data={"name": asked("name")})
    step, card = request.form.get("step", "check"), None
    if form.sent():
        with form.refusals():
            card = form.card()
            if step == "save":
                seen = (form.seen.data or "").split()
                made = actions.register(card, by=g.actor, at=clock.now(), seen=seen)
                flash(gettext("%(name)s is registered.", name=made.name))
                return redirect(url_for("desk.organisation", organisation_id=made.public_id))
    if card and step != "back":
        return _check(form, card)
    near = queries.near_to(form.name.data) if form.name.data else []
    return show("registry/register.html", form, near=near)


def _check(form: RegisterForm, card: Any) -> Any:
    near = queries.near_to(card.name, [(card.scheme, card.number)])
    before = set((form.seen.data or "").split())
    form.seen.data = " ".join(one.organisation.public_id for one in near)
    new = {one.organisation.public_id for one in near} - before if form.wrong else set()
    kinds, roles = dict(kind_choices()), dict(office_choices())
    return show(
        "registry/check.html", form, card=card, near=near, new=new, kinds=kinds, roles=roles
    )
