"""Pages of a text that several sign: gathered by the municipality, signed by each in its portal."""

from collections import Counter
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from partners.access.rules import may_ever
from partners.access.table import Permission as P
from partners.access.table import Role
from partners.charter import actions, queries
from partners.charter.actions import gathering
from partners.charter.ceremony import tell_writer
from partners.charter.city import tell_party
from partners.charter.forms import (
    AskForm,
    ConsentForm,
    JointForm,
    MoreTimeForm,
    NoForm,
    SeveralForm,
)
from partners.charter.models import Charter
from partners.charter.rules import NAMED, OPEN, State
from partners.charter.sealing import seal_for
from partners.charter.text import Wording, joint, months_of, statement_of
from partners.charter.two import two_of
from partners.charter.views import (
    FEW,
    asked_for,
    bp,
    charter_document,
    choose_names,
    ends_soon,
    house_name,
    looked_for,
    offer_names,
    since_signed,
    text_file,
    texts,
    told_forms,
)
from partners.ground import clock
from partners.ground.words import LANGUAGES
from partners.registry.models import Organisation
from partners.signing.queries import charter_hands, charter_signatures
from partners.signing.rules import in_fours
from partners.web.fields import language
from partners.web.forms import HouseForm, show
from partners.web.guard import fetch, page
from partners.web.said import long_day


def _joint(title: str, statement: str, tongue: str, number: int = 1) -> Wording:
    heading = charter_document().word("together", tongue)
    return joint(texts()[tongue], title, statement, heading, number)


@page(bp, "/charter/together", needs=P.CHARTER_READ, methods=("GET", "POST"))
def several() -> Any:
    """Every text that several sign, and the form to begin one."""
    _verb, forms = told_forms({"open": SeveralForm})
    form, known = forms["open"], texts()
    order = sorted(known, key=lambda tongue: (tongue != language(), tongue))
    form.language.offer((tongue, LANGUAGES.get(tongue, tongue)) for tongue in order)
    if form.sent():
        with form.refusals():
            wording = _joint(form.title.data, form.statement.data, form.language.data)
            made = gathering.open_several(wording, form.until.data, by=g.actor, at=clock.now())
            flash(gettext("Now ask those who are to sign it together."))
            return redirect(url_for(".gathered", charter_id=made.public_id))
    return show("charter/several.html", form, rows=queries.all_several(), State=State,
                may_open=may_ever(g.actor, P.CHARTER_OFFER))  # fmt: skip


@page(bp, "/charter/together/<charter_id>", needs=P.CHARTER_READ, methods=("GET", "POST"))
def gathered(charter_id: str) -> Any:
    """One text that several sign: who has signed, who is asked, and what can be done now."""
    with_id = fetch(Charter, charter_id, P.CHARTER_READ).with_id
    if with_id is None:
        raise NotFound
    if request.args.get("as") == "pdf" and request.method == "GET":
        return text_file(queries.several(with_id).head.wording)
    verb, forms = told_forms({"ask": AskForm, "write": JointForm, "more": MoreTimeForm,
                              "begin": HouseForm, "renew": HouseForm})  # fmt: skip
    form = forms.get(verb)
    if form is not None and form.sent():
        with form.refusals():
            head = _do(verb, queries.several(with_id), form)
            return redirect(url_for(".gathered", charter_id=head.public_id))
    it, name = queries.several(with_id), asked_for("name")
    wording = it.head.wording
    if verb != "write":
        forms["write"].title.data = wording.title
        forms["write"].statement.data = statement_of(wording.text)
    kinds = Counter(row.organisation.kind for row in (*it.named, *it.asked) if row.organisation)
    return show("charter/gathered.html", form, forms=forms, it=it, wording=wording, State=State,
                signatures=charter_signatures([r.id for r in (it.head, *it.named)]),
                ends=it.in_force and ends_soon(it.head, clock.today()),
                renewed=queries.renewed_in(it.head) if it.in_force else None,
                asked=name, near=looked_for(name), seal=seal_for(it.head), today=clock.today(),
                warn=len(kinds) == 1 and sum(kinds.values()) >= FEW, house_name=house_name(),
                may_sign=may_ever(g.actor, P.CHARTER_SIGN_CITY),
                may_ask=may_ever(g.actor, P.CHARTER_OFFER))  # fmt: skip


def _do(verb: str, it: queries.Several, form: Any) -> Charter:
    """One deed of the municipality; the row under which its page stands afterwards."""
    by, at, head = g.actor, clock.now(), it.head
    match verb:
        case "ask":
            organisation = fetch(Organisation, form.organisation.data, P.CHARTER_OFFER)
            row = gathering.ask(head, organisation, by=by, at=at)
            if head.state != State.OFFERED:
                tell_party(row)
            flash(gettext("%(name)s is asked.", name=organisation.name))
        case "write":
            signed = {row.organisation_id for row in it.named}
            before, number = head.id, len(queries.texts_of(head)) + 1
            new = _joint(form.title.data, form.statement.data, head.language, number)
            head = gathering.rewrite(head, new, by=by, at=at)
            flash(gettext("The text is another one now."))
            for row in queries.several(it.head.with_id or 0).parties if head.id != before else ():
                tell_party(row, voided=row.organisation_id in signed)
        case "renew":
            new = _joint(head.wording.title, statement_of(head.text), head.language)
            head = gathering.renew(head, new, by=by, at=at)
            flash(gettext("A new round, with the same parties and statement. Nobody is told yet:"
                          " a manager signs first."))  # fmt: skip
        case "more":
            gathering.wait_longer(head, form.until.data, by=by, at=at)
            flash(gettext("It can be signed until %(day)s.", day=long_day(form.until.data)))
        case _:
            gathering.begin_now(head, months_of(charter_document()), by=by, at=at)
            flash(gettext("It is in force for those who have signed."))
    return head


@page(bp, "/our-charter/together/<charter_id>", needs=P.PORTAL, methods=("GET", "POST"))
def ours(charter_id: str) -> Any:
    """The organisation's own page about a text that several sign: read, sign, say no, go out."""
    asked = fetch(Charter, charter_id, P.ORGANISATION_FILE)
    row = next((r for r in queries.several_of(asked.organisation_id or 0)
                if r.with_id == asked.with_id), None)  # fmt: skip
    if row is None or Role.GUEST in g.actor.roles or not g.actor.is_partner:
        raise NotFound
    if row is not asked:
        return redirect(url_for(".ours", charter_id=row.public_id))
    if request.args.get("as") == "pdf" and request.method == "GET":
        return text_file(row.wording)
    verb, forms = told_forms({"decline": NoForm, "consent": ConsentForm, "withdraw": HouseForm})
    form = forms.get(verb)
    offer_names(forms["consent"], row, sent=verb == "consent")
    if form is not None and form.sent():
        with form.refusals():
            _answer(verb, fetch(Charter, charter_id, P.CHARTER_SIGN), form)
            return redirect(url_for(".ours", charter_id=charter_id))
    it = queries.several(row.with_id or 0)
    return show("charter/ours.html", form, forms=forms, charter=row, it=it, State=State,
                wording=row.wording, seal=seal_for(row), house_name=house_name(),
                signatures=charter_signatures([r.id for r in (it.head, *it.named)]),
                done=charter_hands([row.id]).get(row.id, []),
                two=two_of(row), **since_signed(queries.signed_before(row), row.wording),
                may_sign=Role.SIGNATORY in g.actor.roles, today=clock.today(),
                open=row.state in OPEN, named=row.state in NAMED, in_fours=in_fours)  # fmt: skip


def _answer(verb: str, charter: Charter, form: Any) -> None:
    by, at = g.actor, clock.now()
    if verb == "decline":
        months = months_of(charter_document())
        gathering.decline(charter, form.reason.data, months=months, by=by, at=at)
        flash(gettext("You are not on it. Nothing else follows; dialogue stays open."))
        tell_writer(charter)
    elif verb == "consent":
        choose_names(form, charter)
    else:
        actions.withdraw(charter, by=by, at=at)
        flash(gettext("Your signature is withdrawn, from today. Dialogue stays open."))
