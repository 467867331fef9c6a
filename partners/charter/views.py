"""The charter: public to all, offered by the municipality, signed or not by the organisation."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, request, url_for
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
from partners.charter.forms import OfferForm, PointsForm
from partners.charter.models import Charter
from partners.charter.rules import HOLDS, OPEN, SENSE, State, compared, points
from partners.charter.text import (
    Wording,
    document,
    months_of,
    parts_of,
    pdf,
    training_of,
    wordings,
)
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
from partners.signing.queries import charter_hands
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
                        hands=charter_hands(ids), house_name=house_name(),
                        month=lambda at: format_date(at, "MMM y"))  # fmt: skip
    answer = make_response(body, status)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


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


def offer_names(form: Any, charter: Charter, *, sent: bool) -> None:
    """Whose name may be shown: one's own, and those that are shown already."""
    given = charter_hands([charter.id]).get(charter.id, [])
    form.names.offer((str(one.id), one.name) for one in given
                     if one.shown or one.account_id == g.actor.id)  # fmt: skip
    if not sent:
        form.publish_organisation.data = charter.publish_organisation
        form.names.data = [str(one.id) for one in given if one.shown]


def choose_names(form: Any, charter: Charter) -> None:
    """Take what was ticked."""
    names = [int(number) for number in form.names.data]
    actions.consent(charter, form.publish_organisation.data, names, by=g.actor, at=clock.now())
    flash(gettext("What is shown is as you chose, from now on."))


def since_signed(before: Charter | None, now: Wording) -> dict[str, Any]:
    """What was signed before, and where the words differ, for a page to show."""
    return {"before": before, "changes": compared(before.text, now.text) if before else []}


def ends_soon(held: Charter, today: date) -> bool:
    """Whether the first notice of its end was given."""
    assert held.valid_until
    return held.valid_until <= today + timedelta(days=-min(charter_document().notices))
