"""Signing a paper: what the ceremony has to know of it."""

from collections.abc import Mapping
from typing import Any

from flask import flash, g, redirect, url_for
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from partners.access.table import Permission as P
from partners.accounts.models import Account, Delegation
from partners.assessment.queries import names_of
from partners.ground import clock
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.mou import actions, queries, rules
from partners.mou.blueprint import files
from partners.mou.changes import changes
from partners.mou.letters import tell_handed_in
from partners.mou.models import Paper
from partners.mou.sheet import Sheet, as_written, sheet_of, signed_sheet
from partners.mou.views import bp, opened, tell_signers
from partners.paper.filling import said
from partners.signing.actions import Hand
from partners.signing.ceremony import Basis, Elsewhere, Other, Subject, walk
from partners.signing.elsewhere import TROUBLES, checked, known
from partners.signing.files import keep, kept
from partners.signing.queries import signatures_on
from partners.signing.rules import READ, in_fours
from partners.uploads.rules import kind_of
from partners.web.fields import language
from partners.web.guard import page


@page(bp, "/papers/<paper_id>/sign/<step>", needs=P.PAPER_SIGN, methods=("GET", "POST"))
def sign(paper_id: str, step: str) -> Any:
    """One page of the way to a signature, for those whom the paper names and who may sign."""
    paper = opened(paper_id)
    account = db.session.get(Account, g.actor.id)
    mine = rules.row_of(paper.facts, g.actor.id)
    if account is None or mine is None:
        raise NotFound
    if any(one.account_id == g.actor.id for one in signatures_on(paper.id)):
        return redirect(url_for("mou.receipt", paper_id=paper.public_id))
    found = actions.authority(paper, account, clock.now())
    if not found or paper.state != rules.State.ISSUED or actions.stopped(paper, clock.now()):
        # The paper's own page says why it cannot be signed now, and what to do.
        return redirect(url_for("mou.show_paper", paper_id=paper.public_id))
    return walk(subject_of(paper, mine, account, found, step), step)


def subject_of(
    paper: Paper, mine: Mapping[str, Any], account: Account, found: Any, step: str
) -> Subject:
    """The paper as one of those named would sign it; on the page for reading, with what changed."""
    signed = {one.account_id: one for one in signatures_on(paper.id)}
    issued = sheet_of(paper, clock.today())
    sheet = signed_sheet(issued, signed)
    parties = {"signers_org": paper.organisation.name, "signers_city": paper.facts["municipality"]}
    others = [
        Other(row["name"], party, signed[row["account"]].at if row["account"] in signed else None)
        for side, party in parties.items() for row in paper.facts.get(side, ())
        if row["account"] != account.id
    ]  # fmt: skip
    party = parties["signers_org" if account.organisation_id else "signers_city"]
    home = url_for("mou.show_paper", paper_id=paper.public_id)
    return Subject(
        about=paper.about, text_hash=paper.fingerprint, title=sheet.paper.masthead.kicker,
        number=paper.number or "", party=party, name=mine["name"], role=mine["role"],
        basis=_basis(mine, account, found), statement=_statement(party, mine),
        text=str(sheet.paper.blocks),
        body={"sheet": sheet, "in_fours": in_fours,
              **(_changed(paper, issued) if step == READ else {})},
        pdf=f"{home}?as=pdf", home=home,
        address=lambda step: url_for("mou.sign", paper_id=paper.public_id, step=step),
        sign=lambda hand, _said: _sign(paper, hand), others=others,
        lowest=sheet.document.lowest_rung,
        sign_by=rules.sign_by(paper.texts),
        out=_out(paper), elsewhere=_elsewhere(paper, home),
    )  # fmt: skip


def _changed(paper: Paper, issued: Sheet) -> dict[str, Any]:
    """What differs, word by word: from the paper that it follows, else from what this side wrote
    last, else from the first version.
    """
    if (old := paper.follows) is not None and old.fingerprint:
        since = gettext("What is different from %(number)s?", number=old.number)
        then = sheet_of(old, clock.today())
        return {"changes": changes(then.versions, issued.versions), "since": since}
    turns = [turn for turn, _name in queries.turns_of(paper.id)]
    turn = next((t for t in reversed(turns) if t.side == g.actor.side), next(iter(turns), None))
    if turn is None:
        return {}
    since = gettext("What is different from version %(n)s of %(day)s?", n=turn.number,
                    day=said(day_of(turn.at), language(), day=True))  # fmt: skip
    then = as_written(issued, turn)
    return {"changes": changes(then.versions, issued.versions), "since": since}


def _elsewhere(paper: Paper, home: str) -> Elsewhere:
    """What is asked of a file that comes back signed, and who compares whom it names."""
    folder, name, issued_at = files(), paper.fingerprint, paper.issued_at
    assert issued_at is not None

    def check(content: bytes) -> dict[str, str]:
        try:
            about = {"copy_kind": kind_of(content)}
        except Refusal:  # because printing or shrinking it would lose the signature
            raise Refusal(TROUBLES["unreadable"], field="file") from None
        found = checked(content, kept(folder, name), issued_at, folder.parent, at=clock.now())
        return {**found, **about, "copy": keep(folder, content)}

    def told() -> str:
        tell_handed_in(paper)
        flash(gettext("Your file is checked and kept. Somebody compares now whom the certificate"
                      " names; then it counts."))  # fmt: skip
        return home

    return Elsewhere(f"{home}?as=issued", known(folder.parent), check, told)


def _out(paper: Paper) -> str:
    if not paper.facts.get("notice_days"):
        return gettext("Talk to your contact. Nobody needs a reason.")
    return gettext("Either side can end it, with %(days)s days’ notice and without a reason of"
                   " the organisation.", days=rules.notice_days(paper.facts))  # fmt: skip


def _statement(party: str, mine: Mapping[str, Any]) -> str:
    return gettext(
        "I have read this paper and sign it for %(party)s as %(role)s. I may do so: %(authority)s.",
        party=party, role=mine["role"], authority=mine["authority"],
    )  # fmt: skip


def _basis(mine: Mapping[str, Any], account: Account, found: Any) -> Basis:
    """A delegation names two managers; a right in an organisation, who gave it in the house."""
    if isinstance(found, Delegation):
        both = ", ".join(who.name for who in (found.giver, found.confirmer) if who)
        on = day_of(found.confirmed_at or found.given_at)
        return Basis(mine["authority"], both, on, day_of(found.until))
    giver = account.role_given_by or 0
    by = names_of([giver]).get(giver, "")
    on = day_of(account.role_given_at) if account.role_given_at else None
    return Basis(mine["authority"], by, on, found.until)


def _sign(paper: Paper, hand: Hand) -> str:
    actions.sign(paper, hand, by=g.actor, at=clock.now())
    if paper.in_force_at:
        tell_signers(paper, done=True)
    return url_for("mou.receipt", paper_id=paper.public_id)
