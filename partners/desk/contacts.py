"""The contact log of one organisation, and a single contact of it."""

from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy import exists, select

from partners.access.queries import only_allowed
from partners.access.rules import Actor
from partners.access.table import Permission as P
from partners.assessment.models import Engagement
from partners.ground import clock
from partners.ground.db import db
from partners.ground.text import read_page
from partners.registry.models import Organisation
from partners.relations import actions, queries
from partners.relations.forms import ContactForm, WithdrawForm
from partners.relations.models import Contact
from partners.relations.queries import PAGE, WHOLE, is_open
from partners.relations.views import bp, how
from partners.web.forms import show
from partners.web.guard import fetch, looked, page


def knows(actor: Actor, organisation_id: int) -> bool:
    """Whether the actor may read the contact log: it sees a case, or there is no case yet.

    Officers and liaisons outside the case teams see name, kind, contact points, level and
    agreements (decisions.md, Roles), and what they wrote down themselves.
    """
    own = select(Engagement.id).where(Engagement.organisation_id == organisation_id)
    seen = only_allowed(own, Engagement, actor, P.ENGAGEMENT_VIEW)
    some, some_seen = db.session.execute(select(exists(own), exists(seen))).one()
    return bool(some_seen) or not some


@page(bp, "/organisations/<organisation_id>/contacts", needs=P.CONTACT_LOG, methods=("GET", "POST"))
def of_organisation(organisation_id: str) -> Any:
    """Log a contact; below it, what was logged before."""
    organisation = fetch(Organisation, organisation_id, P.CONTACT_LOG)
    form = ContactForm(today=clock.today(), account_id=g.actor.id)
    if form.sent():
        with form.refusals():
            actions.log(organisation, form.told(), by=g.actor, at=clock.now())
            flash(
                gettext("Written down. %(name)s can read it in its file.", name=organisation.name)
            )
            return redirect(url_for("desk.organisation", organisation_id=organisation_id))
    inside = knows(g.actor, organisation.id)
    number = read_page(request.args.get("page"), 1000)
    only = None if inside else g.actor.id
    rows = queries.contacts(of=organisation.id, by=only, page=number)
    looked(organisation.id, "contacts")
    return show(
        "relations/of-organisation.html",
        form,
        organisation=organisation,
        inside=inside,
        rows=rows[:PAGE],
        number=number,
        more=len(rows) > PAGE,
        today=clock.today(),
        how=how,
    )


@page(bp, "/contacts/<contact_id>", needs=P.CONTACT_LOG, methods=("GET", "POST"))
def contact(contact_id: str) -> Any:
    """One contact: note its promise as done, or take a wrong entry back."""
    shown = fetch(Contact, contact_id, P.CONTACT_LOG, *WHOLE)
    if g.actor.id not in (shown.by_id, shown.follow_up_owner_id) and not knows(
        g.actor, shown.organisation_id
    ):
        abort(404)
    own = url_for("relations.contact", contact_id=contact_id)
    if request.form.get("deed") == "done":
        actions.done(shown, by=g.actor, at=clock.now())
        flash(gettext("Noted as done."))
        return redirect(url_for("relations.mine") if request.form.get("back") == "mine" else own)
    form = WithdrawForm(row=shown)
    if form.sent():
        with form.refusals():
            form.refuse_stale()
            actions.withdraw(shown, form.reason.data, by=g.actor, at=clock.now())
            flash(gettext("Taken back. The entry stays readable, with your reason."))
            return redirect(own)
    looked(shown.organisation_id, "contact")
    return show("relations/contact.html", form, contact=shown, open=is_open(shown), how=how)
