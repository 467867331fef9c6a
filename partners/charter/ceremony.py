"""Signing the charter for an organisation: what the ceremony has to know of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import flash, g, redirect, url_for
from flask_babel import gettext

from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.assessment.queries import names_of
from partners.charter import actions, queries
from partners.charter.actions import gathering
from partners.charter.forms import ShowForm
from partners.charter.models import Charter
from partners.charter.rules import OPEN, SENSE, State, points, require_open
from partners.charter.text import months_of, parts_of
from partners.charter.together import bp
from partners.charter.two import others_than, two_of
from partners.charter.views import charter_document, house_name, since_signed, tell
from partners.ground import clock
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.registry.models import Office
from partners.registry.vocabulary import vocabulary
from partners.signing.actions import Hand
from partners.signing.ceremony import Basis, Other, Subject, Value, walk
from partners.signing.queries import charter_hands, charter_signatures, seat, signs_with_another
from partners.signing.rules import in_fours
from partners.web.fields import language
from partners.web.guard import fetch, page


@page(bp, "/our-charter/<charter_id>/sign/<step>", needs=P.CHARTER_SIGN, methods=("GET", "POST"))
def sign(charter_id: str, step: str) -> Any:
    """One page of the way to a signature, point by point."""
    charter = fetch(Charter, charter_id, P.CHARTER_SIGN)
    two = two_of(charter)
    if charter.state not in OPEN or not _open_for_all(charter) or (two and two.has(g.actor.id)):
        return redirect(home_of(charter))
    return walk(subject_of(charter, db.session.get_one(Account, g.actor.id)), step)


def _open_for_all(charter: Charter) -> bool:
    """Where several sign one text: whether the municipality has signed and there is time left."""
    if not charter.with_id:
        return True
    try:
        first = queries.several(charter.with_id).head.state != State.OFFERED
        require_open(first, charter.sign_by, clock.today())
    except Refusal:
        return False
    return True


def home_of(charter: Charter) -> str:
    """Where the organisation reads what it is asked to sign, or has signed."""
    if charter.with_id:
        return url_for("charter.ours", charter_id=charter.public_id)
    return url_for("charter.mine")


def others_of(charter: Charter, own: Charter | None) -> list[Other]:
    """Who else signs the same text: names of organisations, and on which day they signed."""
    it = queries.several(charter.with_id or 0)
    rows = [row for row in (it.head, *it.named, *it.asked) if row is not own]
    days = charter_signatures([row.id for row in (it.head, *it.named)])
    signed = {row.id: days[row.id].at for row in rows if row.id in days}
    return [Other(row.organisation.name if row.organisation else house_name(), "",
                  signed.get(row.id)) for row in rows if own or row.organisation]  # fmt: skip


def _beside(charter: Charter, account: Account) -> list[Other]:
    """Who of the same organisation signs as well, where its statutes want two."""
    two, party = two_of(charter), charter.organisation.name if charter.organisation else ""
    if two:
        return [Other(one.name, party, one.at) for one in two.given]
    if not signs_with_another(account, clock.now()):
        return []
    names = [other.name for other in others_than(charter, account.id)]
    who = names[0] if len(names) == 1 else gettext("somebody else with the right to sign")
    return [Other(who, party, None)]


def subject_of(charter: Charter, account: Account) -> Subject:
    """The charter as this signatory would sign it."""
    office, organisation = seat(account, clock.now()), charter.organisation
    assert organisation is not None
    role = vocabulary().office(office.role, language()) if office else account.title
    giver = account.role_given_by or 0
    basis = Basis(
        _authority(office),
        names_of([giver]).get(giver, ""),
        day_of(account.role_given_at) if account.role_given_at else None,
        office.until if office else None,
    )
    wording = charter.wording
    home, city = home_of(charter), queries.signed_by_city(wording)
    others = [Other(house_name(), "", city.signed_at if city else None)]
    others = others_of(charter, charter) if charter.with_id else others
    others += _beside(charter, account)
    before = queries.signed_before(charter)
    pdf = url_for("charter.register", **{"as": "pdf", "in": charter.language})  # type: ignore[arg-type]
    return Subject(
        about=f"charter {charter.id}", text_hash=charter.text_hash, title=wording.title,
        number=gettext("version %(version)s", version=charter.version), party=organisation.name,
        name=account.name, role=role, basis=basis, statement=_statement(organisation.name),
        text=charter.text,
        body={"wordings": [wording], "in_fours": in_fours, **since_signed(before, wording)},
        pdf=f"{home}?as=pdf" if charter.with_id else pdf, home=home, sign_by=charter.sign_by,
        address=lambda at: url_for("charter.sign", charter_id=charter.public_id, step=at),
        sign=lambda hand, said: _sign(charter, hand, said, role, basis),
        talk=lambda said: _talk(charter, said), values=values_of(charter.text, SENSE),
        who=ShowForm, others=others,
        out=gettext("With one press, any day, without a reason. Nothing that runs stops."),
    )  # fmt: skip


def _statement(who: str) -> str:
    """What a signatory states."""
    return gettext(
        "I have read this charter and sign it for %(who)s. It is an act of the organisation and"
        " says nothing about any person’s belief.", who=who,
    )  # fmt: skip


def _authority(office: Office | None) -> str:
    if office is None:
        return gettext("the right to sign, given in Partners")
    if office.together:
        return gettext("%(authority)s, together with one other", authority=office.authority)
    return office.authority


def values_of(text: str, parts: Sequence[str]) -> list[Value]:
    """The points of some parts of a text, each with its words."""
    wanted = points(text, parts_of(charter_document()), parts)
    lines = text.split("\n\n")
    found = []
    for heading in wanted:
        at = lines.index(f"### {heading}")
        number = heading.split(".")[0]
        found.append(Value(number, heading, lines[at + 1] if at + 1 < len(lines) else ""))
    return found


def _sign(charter: Charter, hand: Hand, said: Mapping[str, Any], role: str, basis: Basis) -> str:
    by, at, told = g.actor, clock.now(), said.get("who")
    shown = told if isinstance(told, dict) else {}
    hand = replace(hand, may_show=bool(shown.get("publish_signer")))
    deed = gathering.sign_with_others if charter.with_id else actions.sign
    kept = charter.said if two_of(charter) else {}
    deed(charter, hand, role, basis.authority, months=months_of(charter_document()), by=by, at=at)
    remarks = {number: told for number, told in kept.items() if told.get("remark")}
    charter.said = hand.evidence["values"] | remarks
    if two := two_of(charter):
        flash(gettext("Signed. It counts once one more of you has signed."))
        for other in two.others:
            tell(other, home_of(charter))
        return url_for("charter.receipt", charter_id=charter.public_id)
    names = [one.id for one in charter_hands([charter.id])[charter.id] if one.shown]
    actions.consent(charter, bool(shown.get("publish_organisation")), names, by=by, at=at)
    flash(gettext("Signed. Thank you."))
    tell_writer(charter)
    return url_for("charter.receipt", charter_id=charter.public_id)


def _talk(charter: Charter, said: Mapping[str, Any]) -> str:
    actions.discuss(charter, said, by=g.actor, at=clock.now())
    flash(gettext("Your contact hears that you want to talk. Nothing else follows."))
    tell_writer(charter)
    return home_of(charter)


def tell_writer(charter: Charter) -> None:
    """A letter to whoever made the offer: that there is news, and where."""
    writer = db.session.get(Account, charter.offered_by) if charter.offered_by else None
    if writer is not None and not writer.ended_at:
        at = "charter.gathered" if charter.with_id else "charter.offer"
        tell(writer, url_for(at, charter_id=charter.public_id))
