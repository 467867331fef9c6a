"""Signing the charter for an organisation: what the ceremony has to know of it."""

from collections.abc import Mapping
from typing import Any

from flask import flash, g, redirect, url_for
from flask_babel import gettext

from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.assessment.queries import names_of
from partners.charter import actions, queries
from partners.charter.forms import ShowForm
from partners.charter.models import Charter
from partners.charter.rules import OPEN, SENSE, points
from partners.charter.text import Wording, months_of, parts_of
from partners.charter.together import bp
from partners.charter.views import charter_document, house_name, own_statement, tell
from partners.ground import clock
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.registry.vocabulary import vocabulary
from partners.signing.actions import Hand
from partners.signing.ceremony import Basis, Other, Subject, Value, walk
from partners.signing.queries import seat
from partners.signing.rules import in_fours
from partners.web.fields import language
from partners.web.guard import fetch, page


@page(bp, "/our-charter/<charter_id>/sign/<step>", needs=P.CHARTER_SIGN, methods=("GET", "POST"))
def sign(charter_id: str, step: str) -> Any:
    """One page of the way to a signature, point by point."""
    charter = fetch(Charter, charter_id, P.CHARTER_SIGN)
    if charter.state not in OPEN:
        return redirect(url_for("charter.mine"))
    return walk(subject_of(charter, db.session.get_one(Account, g.actor.id)), step)


def subject_of(charter: Charter, account: Account) -> Subject:
    """The charter as this signatory would sign it."""
    office, organisation = seat(account, clock.now()), charter.organisation
    assert organisation is not None
    role = vocabulary().office(office.role, language()) if office else account.title
    giver = account.role_given_by or 0
    basis = Basis(
        office.authority if office else gettext("the right to sign, given in Partners"),
        names_of([giver]).get(giver, ""),
        day_of(account.role_given_at) if account.role_given_at else None,
        office.until if office else None,
    )
    wording = Wording(charter.version, charter.language, charter.text)
    home, city = url_for("charter.mine"), queries.signed_by_city(wording)
    return Subject(
        about=f"charter {charter.id}", text_hash=charter.text_hash, title=wording.title,
        number=gettext("version %(version)s", version=charter.version), party=organisation.name,
        name=account.name, role=role, basis=basis, statement=own_statement(organisation),
        text=charter.text, body={"wordings": [wording], "in_fours": in_fours},
        pdf=url_for("charter.register", **{"as": "pdf"}), home=home,  # type: ignore[arg-type]
        address=lambda at: url_for("charter.sign", charter_id=charter.public_id, step=at),
        sign=lambda hand, said: _sign(charter, hand, said, role, basis),
        talk=lambda said: _talk(charter, said), values=values_of(charter), who=ShowForm,
        others=[Other(house_name(), "", city.signed_at if city else None)],
        out=gettext("With one press, any day, without a reason. Nothing that runs stops."),
    )  # fmt: skip


def values_of(charter: Charter) -> list[Value]:
    """The points that both share or the organisation takes on, each with its words."""
    wanted = points(charter.text, parts_of(charter_document()), SENSE)
    lines = charter.text.split("\n\n")
    found = []
    for heading in wanted:
        at = lines.index(f"### {heading}")
        number = heading.split(".")[0]
        found.append(Value(number, heading, lines[at + 1] if at + 1 < len(lines) else ""))
    return found


def _sign(charter: Charter, hand: Hand, said: Mapping[str, Any], role: str, basis: Basis) -> str:
    by, at, shown = g.actor, clock.now(), said.get("who")
    actions.sign(charter, hand, role, basis.authority, months=months_of(charter_document()),
                 by=by, at=at)  # fmt: skip
    charter.said = dict(hand.evidence["values"])
    if isinstance(shown, dict):
        yes = (bool(shown.get(name)) for name, _words in ShowForm.choices)
        actions.consent(charter, *yes, by=by, at=at)
    flash(gettext("Signed. Thank you."))
    return _told(charter)


def _talk(charter: Charter, said: Mapping[str, Any]) -> str:
    actions.discuss(charter, said, by=g.actor, at=clock.now())
    flash(gettext("Your contact hears that you want to talk. Nothing else follows."))
    return _told(charter)


def _told(charter: Charter) -> str:
    writer = db.session.get(Account, charter.offered_by) if charter.offered_by else None
    if writer is not None and not writer.ended_at:
        tell(writer, url_for("charter.offer", charter_id=charter.public_id))
    return url_for("charter.mine")
