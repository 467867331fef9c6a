"""The organisation's own page about the charter: read, talk, sign, take back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from partners.access.table import Permission as P
from partners.access.table import Role
from partners.accounts.models import Account
from partners.charter import actions, queries
from partners.charter.forms import ConsentForm, OwnForm
from partners.charter.models import Charter
from partners.charter.queries.shaping import own_voices
from partners.charter.rules import HOLDS, OPEN, SENSE, State, points
from partners.charter.sealing import seal_for
from partners.charter.several import bp
from partners.charter.text import months_of, parts_of, training_of, version_of
from partners.charter.two import two_of
from partners.charter.views import (
    charter_document,
    choose_names,
    ends_soon,
    here,
    offer_names,
    since_signed,
    tell,
    told_forms,
)
from partners.ground import clock
from partners.ground.db import db
from partners.registry.models import Organisation
from partners.signing.queries import charter_hands
from partners.signing.rules import in_fours
from partners.web.fields import language
from partners.web.forms import HouseForm, show
from partners.web.guard import fetch, page


@page(bp, "/our-charter", needs=P.PORTAL, methods=("GET", "POST"))
def mine() -> Any:
    """The organisation's own page: read, talk, sign, show own words, consent, take back."""
    organisation = db.session.get(Organisation, g.actor.organisation_id)
    if organisation is None or Role.GUEST in g.actor.roles:
        raise NotFound
    verb, forms = told_forms({"discuss": HouseForm, "own": OwnForm,
                              "consent": ConsentForm, "withdraw": HouseForm,
                              "renew": HouseForm})  # fmt: skip
    form, rows = forms.get(verb), queries.charters_of(organisation.id)
    held = next((c for c in rows if c.state in (*HOLDS, State.SUSPENDED) and c.valid_until
                 and c.valid_until >= clock.today()), None)  # fmt: skip
    if held:
        offer_names(forms["consent"], held, sent=verb == "consent")
    if form is not None and form.sent():
        with form.refusals():
            _do(verb, fetch(Charter, request.form.get("charter", ""), P.CHARTER_SIGN), form)
            return redirect(url_for(".mine"))
    return show("charter/mine.html", form, forms=forms, organisation=organisation,
                **_standing(organisation, rows, held))  # fmt: skip


def _standing(
    organisation: Organisation, rows: Sequence[Charter], held: Charter | None
) -> dict[str, Any]:
    today = clock.today()
    waits = next((c for c in rows if c.state in OPEN), None)
    shown = waits or held or (rows[0] if rows else None)
    wording = shown.wording if shown else here()
    before = queries.signed_before(waits) if waits else None
    hands = charter_hands([c.id for c in rows])
    readers = {i for c in rows for i in (c.first_reader, c.second_reader) if i}
    named = db.session.execute(select(Account.id, Account.name).where(Account.id.in_(readers)))
    return {
        "renewable": held is not None and _renewable(held, today),
        **since_signed(before, wording),
        "training": training_of(charter_document(), language()),
        "points": points(wording.text, parts_of(charter_document()), SENSE),
        "voices": [v for v, s in own_voices(organisation.id) if not s.closed_at],
        "seal": seal_for(held) if held else None, "several": queries.several_of(organisation.id),
        "two": two_of(waits), "held": held, "waits": waits,
        "past": [c for c in rows if c not in (held, waits)],
        "wording": wording, "hands": hands, "people": {i: n for i, n in named},
        "may_sign": Role.SIGNATORY in g.actor.roles, "State": State, "in_fours": in_fours,
        "today": today, "OPEN": OPEN, "months": months_of(charter_document()),
    }  # fmt: skip


def _renewable(held: Charter, today: date) -> bool:
    """Whether it runs out soon, or the text has changed since it was signed."""
    return ends_soon(held, today) or held.version != version_of(charter_document())


def _do(verb: str, charter: Charter, form: Any) -> None:
    by, at = g.actor, clock.now()
    match verb:
        case "discuss":
            actions.discuss(charter, by=by, at=at)
            flash(gettext("Your contact hears that you want to talk. Nothing else follows."))
        case "own":
            actions.propose_own(charter, form.own_words.data, by=by, at=at)
            flash(gettext("Two people of the municipality read your words, and write why."))
        case "renew":
            actions.renew(charter, here(), by=by, at=at)
            flash(gettext("Here is the text. What you signed holds on until you sign anew."))
        case "consent":
            choose_names(form, charter)
        case _:
            actions.withdraw(charter, by=by, at=at)
            flash(gettext("Your signature is withdrawn, from today. Dialogue stays open."))
    if verb in ("discuss", "own") and charter.offered_by:
        tell(db.session.get_one(Account, charter.offered_by),
              url_for(".offer", charter_id=charter.public_id))  # fmt: skip
