"""The charter: public to all, offered by the municipality, signed or not by the organisation."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, current_app, flash, g, make_response, redirect, request, url_for
from flask_babel import force_locale, format_date, gettext
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from partners.access.rules import may_ever
from partners.access.table import Permission as P
from partners.access.table import Role
from partners.accounts.models import Account
from partners.accounts.queries import municipality, users_of
from partners.accounts.views.doors import house_address
from partners.charter import actions, queries
from partners.charter.forms import ConsentForm, OfferForm, OwnForm, PointsForm
from partners.charter.models import Charter
from partners.charter.rules import HOLDS, OPEN, SENSE, State, compared, points
from partners.charter.sealing import seal_for
from partners.charter.text import (
    Wording,
    document,
    months_of,
    parts_of,
    pdf,
    training_of,
    version_of,
    wordings,
)
from partners.charter.two import two_of
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.text import clean_text
from partners.ground.words import LANGUAGES
from partners.mail.actions import write
from partners.paper.documents import Document
from partners.policy.today import todays
from partners.registry.finding import Wish, look_for
from partners.registry.models import Organisation
from partners.signing.files import kept
from partners.signing.queries import charter_signatures
from partners.signing.rules import in_fours
from partners.web.fields import language
from partners.web.forms import HouseForm, show
from partners.web.guard import OPEN_TO_ALL, fetch, looked, page

bp = Blueprint("charter", __name__)
SOME = 8  # organisations shown for a name
FEW = 2  # from how many invited on, one kind only is worth a word


def charter_document() -> Document:
    return document(*todays())


def house_name() -> str:
    house = municipality()
    return house.name if house else gettext("the municipality")


def texts() -> dict[str, Wording]:
    """Today's charter in each of its languages."""
    return wordings(charter_document(), house_name())


def here(known: dict[str, Wording] | None = None) -> Wording:
    """Today's charter in the reader's language, or in English."""
    known = known or texts()
    return known.get(language()) or known["en"]


@page(bp, "/charter", needs=OPEN_TO_ALL)
def register() -> Any:
    """The charter, the municipality's signature, and those who let us show their name."""
    known = texts()
    wording = known.get(request.args.get("in", "")) or here(known)
    if request.args.get("as") == "pdf":
        return text_file(wording)
    city = queries.signed_by_city(wording)
    rows = queries.public(clock.today())
    ids = [r.id for r in rows] + ([city.id] if city else [])
    body, status = show("charter/register.html", wording=wording, city=city, rows=rows,
                        signatures=charter_signatures(ids), house_name=house_name(),
                title_of=title_of,
                        month=lambda at: format_date(at, "MMM y"))  # fmt: skip
    answer = make_response(body, status)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def title_of(charter: Charter) -> str:
    """What the text of a row is called."""
    return Wording(charter.version, charter.language, charter.text).title


def text_file(wording: Wording) -> Any:
    """A text in print."""
    pages = charter_document().word("page", wording.language)
    content = pdf(wording, house_name(), pages)
    return printed_file(content, f"charter-{wording.version}-{wording.language}")


def printed_file(content: bytes, name: str) -> Any:
    """A PDF to read or to take home."""
    answer = make_response(content)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def told_forms(kinds: dict[str, type[HouseForm]]) -> tuple[str, dict[str, Any]]:
    """The forms of a page by verb; only the one that was posted reads what was sent."""
    verb = request.form.get("verb", "")
    if request.method == "POST" and verb not in kinds:
        raise NotFound
    return verb, {name: kind(blank=name != verb) for name, kind in kinds.items()}


@page(bp, "/charter/offers", needs=P.CHARTER_READ, methods=("GET", "POST"))
def overview() -> Any:
    """Offer it to everyone alike, and see what waits; the municipality signs first."""
    verb, forms = told_forms({"offer": OfferForm})
    known, form = texts(), forms.get(verb)
    order = sorted(known, key=lambda tongue: (tongue != language(), tongue))
    forms["offer"].language.offer((w, LANGUAGES.get(w, w)) for w in order)
    if form is not None and form.sent():
        with form.refusals():
            _offer(known, form)
            return redirect(url_for(".overview"))
    if form is not None:
        # Its fields stand beside the organisation looked for, which is not shown any more.
        for field in form:
            form.form_errors += field.errors
            field.errors = []
    rows = queries.current(clock.today())
    wording = here(known)
    kinds, name = queries.kinds_invited(wording.version), asked_for("name")
    warn = len(kinds) == 1 and sum(kinds.values()) >= FEW
    return show("charter/overview.html", form, forms=forms, wording=wording, rows=rows, warn=warn,
                city=queries.signed_by_city(wording), asked=name, languages=LANGUAGES,
                unsigned=[w for w in order if queries.signed_by_city(known[w]) is None],
                near=looked_for(name), State=State, OPEN=OPEN,
                may_sign=may_ever(g.actor, P.CHARTER_SIGN_CITY),
                may_offer=may_ever(g.actor, P.CHARTER_OFFER),
                training=training_of(charter_document(), language()))  # fmt: skip


def asked_for(name: str) -> str:
    try:
        return clean_text(request.args.get(name, "")[:800], limit=200)
    except Refusal:
        return ""


def looked_for(name: str) -> Sequence[Organisation]:
    """The organisation that a link came from, or those with such a name."""
    if known := asked_for("organisation"):
        return [fetch(Organisation, known, P.CHARTER_OFFER)]
    return look_for(Wish(query=name)).leaf(size=SOME).rows if name else []


def _offer(known: dict[str, Wording], form: Any) -> None:
    organisation = fetch(Organisation, form.organisation.data, P.CHARTER_OFFER)
    wording = known[form.language.data]
    made = actions.offer(organisation, wording, by=g.actor, at=clock.now())
    for account in users_of(organisation.id):
        if Role.SIGNATORY in account.actor.roles:
            tell(account, url_for(".mine"))
    flash(gettext("The charter is offered to %(name)s.", name=organisation.name))
    assert made.organisation_id


def tell(account: Account, path: str, voided: bool = False) -> None:
    address = house_address() + path
    with force_locale(account.language):
        subject = gettext("There is news in Partners")
        body = gettext("Hello %(name)s\n\nSign in to read it: %(address)s\n",
                       name=account.name, address=address)  # fmt: skip
        if voided:
            body += gettext("\nWhat you signed there will not come into force, so your signature"
                            " does not count any more. A new text is a new paper.\n")  # fmt: skip
    write(account.email, subject, body, at=clock.now())


@page(bp, "/charter/offers/<charter_id>", needs=P.CHARTER_READ, methods=("GET", "POST"))
def offer(charter_id: str) -> Any:
    """One offer: where it stands, and own words to be read by two people."""
    charter = fetch(Charter, charter_id, P.CHARTER_READ)
    if charter.organisation is None or charter.with_id or charter.state == State.WITHDRAWN:
        raise NotFound
    looked(charter.organisation.id, "charter")
    _verb, forms = told_forms({"read": PointsForm})
    form = forms["read"]
    form.verdict.offer([("equal", gettext("Yes, we accept them")),
                        ("talk", gettext("Not yet: let us talk"))])  # fmt: skip
    known = points(charter.text, parts_of(charter_document()), SENSE)
    form.points.offer((heading, heading) for heading in known)
    if form.sent():
        with form.refusals():
            _read(charter, form)
            return redirect(url_for(".overview"))
        charter = fetch(Charter, charter_id, P.CHARTER_READ)
    ids = [i for i in (charter.first_reader, charter.second_reader, charter.own_by) if i]
    people = {a.id: a for a in db.session.scalars(select(Account).where(Account.id.in_(ids)))}
    return show("charter/offer.html", form, charter=charter, points=known, people=people,
                State=State,
                may_suspend=charter.state in (*HOLDS, State.SUSPENDED)
                and may_ever(g.actor, P.CHARTER_SUSPEND),
                organisation=charter.organisation)  # fmt: skip


def _read(charter: Charter, form: Any) -> None:
    by, at = g.actor, clock.now()
    if form.verdict.data == "equal":
        months = months_of(charter_document())
        actions.accept_own(charter, form.reason.data, months=months, by=by, at=at,
                           found=form.points.data)  # fmt: skip
        done = charter.state == State.OWN_ACCEPTED
        flash(gettext("Accepted. They count the same as a signature.") if done else gettext(
            "You have read it. Somebody else reads it as well."))  # fmt: skip
    else:
        actions.ask_about_own(charter, form.reason.data, by=by, at=at, found=form.points.data)
        flash(gettext("The organisation reads what you wrote. Meet and talk."))
    writer = db.session.get(Account, charter.own_by) if charter.own_by else None
    if writer is not None and not writer.ended_at:
        tell(writer, url_for(".mine"))


@page(bp, "/our-charter", needs=P.PORTAL, methods=("GET", "POST"))
def mine() -> Any:
    """The organisation's own page: read, talk, sign, show own words, consent, take back."""
    organisation = db.session.get(Organisation, g.actor.organisation_id)
    if organisation is None or Role.GUEST in g.actor.roles:
        raise NotFound
    if request.args.get("as") == "pdf" and request.method == "GET":
        return sealed_file(fetch(Charter, request.args.get("charter", ""), P.ORGANISATION_FILE))
    verb, forms = told_forms({"discuss": HouseForm, "own": OwnForm,
                              "consent": ConsentForm, "withdraw": HouseForm,
                              "renew": HouseForm})  # fmt: skip
    form = forms.get(verb)
    if form is not None and form.sent():
        with form.refusals():
            _do(verb, fetch(Charter, request.form.get("charter", ""), P.CHARTER_SIGN), form)
            return redirect(url_for(".mine"))
    return show("charter/mine.html", form, forms=forms, organisation=organisation,
                **_standing(organisation, forms, verb))  # fmt: skip


def sealed_file(charter: Charter) -> Any:
    """The sealed file of a signature; where several sign one text, all have the same."""
    seal = seal_for(charter)
    if seal is None or not seal.fingerprint:
        raise NotFound
    folder = current_app.config["SETTINGS"].instance / "files"
    return printed_file(kept(folder, seal.fingerprint), f"charter-{charter.version}-signed")


def _standing(organisation: Organisation, forms: dict[str, Any], verb: str) -> dict[str, Any]:
    rows, today = queries.charters_of(organisation.id), clock.today()
    held = next((c for c in rows if c.state in (*HOLDS, State.SUSPENDED) and c.valid_until
                 and c.valid_until >= today), None)  # fmt: skip
    waits = next((c for c in rows if c.state in OPEN), None)
    if held and verb != "consent":
        forms["consent"].publish_organisation.data = held.publish_organisation
        forms["consent"].publish_signer.data = held.publish_signer
    shown = waits or held or (rows[0] if rows else None)
    wording = Wording(shown.version, shown.language, shown.text) if shown else here()
    signatures = charter_signatures([c.id for c in rows])
    readers = {i for c in rows for i in (c.first_reader, c.second_reader) if i}
    named = db.session.execute(select(Account.id, Account.name).where(Account.id.in_(readers)))
    return {
        "renewable": held is not None and _renewable(held, today),
        "changes": compared(held.text, waits.text) if held and waits else [],
        "training": training_of(charter_document(), language()),
        "points": points(wording.text, parts_of(charter_document()), SENSE),
        "voices": [v for v, s in queries.own_voices(organisation.id) if not s.closed_at],
        "seal": seal_for(held) if held else None, "several": queries.several_of(organisation.id),
        "two": two_of(waits), "held": held, "waits": waits,
        "past": [c for c in rows if c not in (held, waits)],
        "wording": wording, "signatures": signatures, "people": {i: n for i, n in named},
        "may_sign": Role.SIGNATORY in g.actor.roles, "State": State, "in_fours": in_fours,
        "today": today, "OPEN": OPEN, "title_of": title_of,
        "months": months_of(charter_document()),
    }  # fmt: skip


def ends_soon(held: Charter, today: date) -> bool:
    """Whether the first notice of its end was given."""
    assert held.valid_until
    return held.valid_until <= today + timedelta(days=-min(charter_document().notices))


def _renewable(held: Charter, today: date) -> bool:
    """Whether it runs out soon, or the text has changed since it was signed."""
    return ends_soon(held, today) or held.version != version_of(charter_document())


def own_statement(organisation: Organisation) -> str:
    """What a signatory states."""
    return gettext(
        "I have read this charter and sign it for %(who)s. It is an act of the organisation and"
        " says nothing about any person’s belief.", who=organisation.name,
    )  # fmt: skip


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
            actions.consent(charter, form.publish_organisation.data, form.publish_signer.data,
                            by=by, at=at)  # fmt: skip
            flash(gettext("What is shown is as you chose, from now on."))
        case _:
            actions.withdraw(charter, by=by, at=at)
            flash(gettext("Your signature is withdrawn, from today. Dialogue stays open."))
    if verb in ("discuss", "own") and charter.offered_by:
        tell(db.session.get_one(Account, charter.offered_by),
              url_for(".offer", charter_id=charter.public_id))  # fmt: skip
