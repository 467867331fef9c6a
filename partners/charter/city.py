"""The municipality signs a charter first, one thing a page, as those who are asked do after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, g, redirect, url_for
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from partners.access.table import Permission as P
from partners.access.table import Role
from partners.accounts.models import Account
from partners.accounts.queries import users_of
from partners.assessment.queries import names_of
from partners.charter import actions, queries
from partners.charter.actions import gathering, keeping
from partners.charter.ceremony import others_of, values_of
from partners.charter.models import Charter
from partners.charter.rules import OWN_PART, PLEDGE, State, points
from partners.charter.text import Wording, parts_of, report_months_of
from partners.charter.views import bp, charter_document, here, house_name, since_signed, tell, texts
from partners.ground import clock
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.signing.actions import Hand
from partners.signing.ceremony import Basis, Subject, walk
from partners.signing.rules import in_fours
from partners.web.guard import fetch, page


@dataclass(frozen=True)
class Text:
    """What is to be signed: the charter in one language, or the text of several."""

    wording: Wording
    head: Charter | None = None

    @property
    def home(self) -> str:
        if self.head:
            return url_for("charter.gathered", charter_id=self.head.public_id)
        return url_for("charter.overview")


@page(bp, "/charter/first/<text>/<step>", needs=P.CHARTER_SIGN_CITY, methods=("GET", "POST"))
def sign_first(text: str, step: str) -> Any:
    """One page of the municipality's way to its signature. `text`: a language, or several's."""
    found = _found(text)
    signed = found.head.state != State.OFFERED if found.head else queries.signed_by_city(
        found.wording)  # fmt: skip
    if signed:
        return redirect(found.home)
    return walk(_subject(found, text, db.session.get_one(Account, g.actor.id)), step)


def _found(text: str) -> Text:
    if known := texts().get(text):
        return Text(known)
    head = fetch(Charter, text, P.CHARTER_SIGN_CITY)
    if head.organisation_id or not head.with_id:
        raise NotFound
    return Text(head.wording, head)


def _subject(text: Text, named: str, account: Account) -> Subject:
    wording, head = text.wording, text.head
    role = account.title or gettext("manager")
    giver = account.role_given_by or 0
    basis = Basis(
        gettext("a manager may sign the charter for the municipality"),
        names_of([giver]).get(giver, ""),
        day_of(account.role_given_at) if account.role_given_at else None, None,
    )  # fmt: skip
    # What was agreed to point by point in one language is the same in the other.
    again = head is None and any(queries.signed_by_city(w) for w in texts().values())
    earlier = (c for c in queries.city_texts() if c.language == wording.language)
    before = queries.signed_before(head) if head else next(earlier, None)
    pdf = {"as": "pdf", "in": wording.language}
    return Subject(
        about=f"charter of the city {wording.hash}", text_hash=wording.hash, title=wording.title,
        number=gettext("version %(version)s", version=wording.version), party=house_name(),
        name=account.name, role=role, basis=basis, statement=_statement(),
        text=wording.text,
        body={"wordings": [wording], "in_fours": in_fours, **since_signed(before, wording)},
        pdf=f"{text.home}?as=pdf" if head else url_for("charter.register", **pdf),  # type: ignore[arg-type]
        home=text.home, address=lambda at: url_for("charter.sign_first", text=named, step=at),
        sign=lambda hand, said: _sign(text, hand, said, role, basis), talk=_talk,
        values=[] if again else values_of(wording.text, OWN_PART),
        others=others_of(head, None) if head else (), sign_by=head.sign_by if head else None,
        out=gettext("A newer version takes its place. Until then it binds us, whoever else"
                    " signs."),
    )  # fmt: skip


def _statement() -> str:
    return gettext(
        "I have read this charter and sign it for %(house)s. We keep Part A whether or not"
        " anybody else signs.", house=house_name(),
    )  # fmt: skip


def _talk(_said: Mapping[str, Any]) -> str:
    flash(gettext("Nothing is signed. Here the text can be looked at together."))
    return url_for("charter.shape")


def _sign(text: Text, hand: Hand, said: Mapping[str, Any], role: str, basis: Basis) -> str:
    by, at, head = g.actor, clock.now(), text.head
    if head is None:
        (head,) = actions.sign_for_city([text.wording], hand, role, basis.authority, by=by, at=at)
        _begin_commitments()
        flash(gettext("The municipality has signed. Now it can be offered."))
    else:
        gathering.sign_first(head, hand, role, basis.authority, by=by, at=at)
        flash(gettext("The municipality has signed. Those who are asked can sign now."))
        for row in queries.several(head.with_id or 0).parties:
            tell_party(row)
    return url_for("charter.receipt", charter_id=head.public_id)


def tell_party(row: Charter, voided: bool = False) -> None:
    """A letter to those who may sign for one of several."""
    for account in users_of(row.organisation_id or 0):
        if Role.SIGNATORY in account.actor.roles:
            tell(account, url_for("charter.ours", charter_id=row.public_id), voided)


def _begin_commitments() -> None:
    """With the municipality's signature each point of its own part gets an owner and a day."""
    document, wording = charter_document(), here()
    numbers = [p.split(".")[0] for p in points(wording.text, parts_of(document), (PLEDGE,))]
    keeping.take_on(wording.version, numbers, report_months_of(document), by=g.actor,
                    at=clock.now())  # fmt: skip
