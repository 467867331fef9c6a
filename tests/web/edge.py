"""Pages that exist only in these tests: a form with one text, on a row that has a version."""

from typing import Any

from flask import Blueprint, Flask, flash, g, redirect
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import update

from partners.access.rules import require
from partners.access.table import Permission as P
from partners.accounts.models import Department
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.history.actions import record
from partners.registry.models import Organisation
from partners.web.fields import File, Text
from partners.web.forms import HouseForm, conflict, show
from partners.web.guard import fetch, page


class EdgeForm(HouseForm):
    purpose = Text("Purpose", lines=True, free=False, limit=20000)
    paper = File("Paper", optional=True)


def mount(app: Flask) -> Flask:
    """Open the test pages in a house that has served nobody yet."""
    bp = Blueprint("edge", __name__)

    @page(bp, "/edge/<organisation_id>", needs=P.ORGANISATION_EDIT, methods=("GET", "POST"))
    def edit(organisation_id: str) -> Any:
        row = fetch(Organisation, organisation_id, P.ORGANISATION_EDIT)
        form = EdgeForm(row=row)
        if form.sent():
            if form.stale:
                return conflict(form)
            with form.refusals():
                _save(row, form.purpose.data or "")
                return redirect(f"/edge/{organisation_id}")
        return show("edge.html", form, action=f"/edge/{organisation_id}")

    @page(bp, "/edge-wrong", needs=P.TODAY)
    def writes_on_get() -> Any:
        db.session.add(Department(name="By reading"))
        return "done"

    @page(bp, "/edge-wrong-core", needs=P.TODAY)
    def writes_past_the_session() -> Any:
        db.session.execute(update(Department).values(name="By reading"))
        return "done"

    @page(bp, "/edge-breaks", needs=P.TODAY)
    def breaks() -> Any:
        raise ZeroDivisionError

    @page(bp, "/edge-not-yours", needs=P.TODAY, methods=("GET", "POST"))
    def not_yours() -> Any:
        db.session.add(Department(name="Half done"))
        db.session.flush()
        raise NotYours

    app.register_blueprint(bp)
    own = DictLoader({"edge.html": SOURCE})
    app.jinja_env.loader = ChoiceLoader([own, app.jinja_env.loader])  # type: ignore[list-item]
    return app


def _save(row: Organisation, purpose: str) -> None:
    require(g.actor, P.ORGANISATION_EDIT, row)
    row.purpose = purpose
    record("edge.saved", row, by=g.actor, at=clock.now())
    flash("It is saved now.")
    db.session.flush()
    if "half" in purpose:
        raise Refusal("This stays %(how)s done.", field="purpose", how="half")


SOURCE = """{% set title = _("Edge") %}{% extends "base.html" %}
{% from "parts/forms.html" import form_open, form_close, form_errors, field, buttons %}
{% block main %}{{ form_errors(form) }}<h1>Edge</h1>
{{ form_open(action, form, enctype="multipart/form-data") }}
{{ field(form.purpose) }}{{ field(form.paper) }}{{ buttons("Save it") }}{{ form_close() }}
{% endblock %}"""
