"""The way to a signature, one thing a page: what, read, say, for whom, check, sign.

The room that holds the text says what is signed (`Subject`); everything else is the same for all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import g, redirect, request
from flask_babel import format_datetime, gettext
from werkzeug.exceptions import NotFound

from partners.accounts import touch
from partners.accounts.actions.passes import prove
from partners.accounts.models import Account
from partners.accounts.queries import keys_of
from partners.accounts.views.doors import house_address
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import NOT_NOW, Refusal
from partners.ground.words import N_
from partners.mail.actions import write
from partners.signing import actions, queries
from partners.signing import rules as r
from partners.signing.actions import Hand
from partners.signing.forms import ElsewhereForm, SignForm, ValueForm
from partners.signing.models import Ceremony
from partners.web.fields import language
from partners.web.forms import HouseForm, show

WORDS_A_MINUTE = 180


@dataclass(frozen=True)
class Basis:
    """Why somebody may sign: on which authority, checked by whom and when, until when."""

    authority: str
    checked_by: str
    checked_on: date | None
    until: date | None

    def kept(self) -> dict[str, str]:
        """As evidence keeps it."""
        days = {"checked_on": self.checked_on, "until": self.until}
        return {"authority": self.authority, "checked_by": self.checked_by,
                **{n: d.isoformat() for n, d in days.items() if d}}  # fmt: skip


@dataclass(frozen=True)
class Value:
    """One point of a charter, agreed on by itself."""

    number: str
    heading: str
    text: str


@dataclass(frozen=True)
class Other:
    """Somebody else who signs the same text."""

    name: str
    party: str
    signed: datetime | None


@dataclass(frozen=True)
class Elsewhere:
    """Signing the `file` in another service. `check` reads what comes back, without the database,
    and keeps it; `told` lets those know who compare, and says where to go. `known`: whether the
    municipality trusts any such service.
    """

    file: str
    known: bool
    check: Callable[[bytes], Mapping[str, str]]
    told: Callable[[], str]


@dataclass(frozen=True)
class Subject:
    """What one person is about to sign. `body` draws the text; `address` names a page's address.

    `sign` puts the name under it and says where the receipt is; `talk` says that they would rather
    talk first. `who` asks what else is to be known on the page that says for whom.
    """

    about: str
    text_hash: str
    title: str
    number: str
    party: str
    name: str
    role: str
    basis: Basis
    statement: str
    text: str
    body: Mapping[str, Any]
    pdf: str
    home: str
    address: Callable[[str], str]
    sign: Callable[[Hand, Mapping[str, Any]], str]
    others: Sequence[Other] = ()
    sign_by: date | None = None
    values: Sequence[Value] = ()
    talk: Callable[[Mapping[str, Any]], str] | None = None
    who: type[HouseForm] = HouseForm
    out: str = ""
    lowest: str = "account"
    elsewhere: Elsewhere | None = None

    @property
    def minutes(self) -> int:
        return max(2, round(len(self.text.split()) / WORDS_A_MINUTE))

    @property
    def way(self) -> tuple[str, ...]:
        return r.steps([value.number for value in self.values])


def walk(subject: Subject, step: str) -> Any:
    """One page of the ceremony. Nobody is led past a page on which nothing was noted yet."""
    held = queries.ceremony(subject.about, g.actor.id)
    changed = held is not None and held.text_hash != subject.text_hash
    said: Mapping[str, Any] = held.said if held and not changed else {}
    last = r.SIGN if subject.elsewhere and step == r.ELSEWHERE else step
    if last not in subject.way:
        raise NotFound
    due = r.due(subject.way, said)
    if subject.way.index(last) > subject.way.index(due):
        return redirect(subject.address(due))
    if step == r.SIGN and subject.lowest == r.ELSEWHERE:
        return redirect(subject.address(r.ELSEWHERE))
    form = _form(subject, step, said)
    if form.sent():
        with form.refusals():
            return redirect(_noted(subject, step, held, form))
    keys = keys_of(g.actor.id) if step == r.SIGN else ()
    ask = touch.to_sign(_challenge(subject, held), keys) if held and keys else ""
    value = next((v for v in subject.values if r.VALUE + v.number == step), None)
    return show("signing/step.html", form, subject=subject, step=step, last=last, way=subject.way,
                said=said, value=value, changed=changed, talk=r.to_talk_about(said), rules=r,
                ask=ask)  # fmt: skip


def _form(subject: Subject, step: str, said: Mapping[str, Any]) -> Any:
    before = said.get(step)
    kept = before if isinstance(before, dict) else {}
    if step.startswith(r.VALUE):
        return ValueForm(data=kept)
    kinds = {r.WHO: subject.who, r.SIGN: SignForm, r.ELSEWHERE: ElsewhereForm}
    return kinds.get(step, HouseForm)(data={} if step == r.ELSEWHERE else kept)


def _noted(subject: Subject, step: str, held: Ceremony | None, form: Any) -> str:
    """Keep what this page asked, and say which page comes next."""
    by, at, shown = g.actor, clock.now(), request.form.get("text", "")
    if step == r.ELSEWHERE and subject.elsewhere:
        return _handed_in(subject, subject.elsewhere, form)
    if step == r.SIGN:
        return _signed(subject, form)
    if step == r.CHECK:
        if held is None or subject.talk is None:
            raise NotFound
        to = subject.talk(r.answers(held.said))
        actions.leave(held, by=by, at=at)
        return to
    if step == r.START:
        r.require_shown(shown, subject.text_hash)
        held = actions.begin(subject.about, subject.text_hash, by=by, at=at)
    what = {name: value for name, value in form.data.items() if value} or True
    _require_remark(form)
    actions.note(held, step, what if len(form._fields) else at.isoformat(), shown, by=by, at=at)
    assert held is not None
    on = subject.way[subject.way.index(step) + 1]
    due = r.due(subject.way, held.said)
    # Whoever came back to change one thing goes on where everything is seen together.
    return subject.address(r.CHECK if due in (r.SIGN, r.CHECK) else on)


def _require_remark(form: Any) -> None:
    if isinstance(form, ValueForm) and form.answer.data == r.REMARK and not form.remark.data:
        raise Refusal(N_("Write your remark, or choose another answer."), field="remark")


def _challenge(subject: Subject, held: Ceremony) -> bytes:
    return r.challenge(held.text_hash, subject.statement, held.nonce)


def _reached(subject: Subject) -> Ceremony:
    """The way as it stands now, if it leads to a signature under the text that this page showed."""
    held = queries.ceremony(subject.about, g.actor.id)
    if held is None or r.to_talk_about(held.said):
        raise Refusal(NOT_NOW)
    r.require_shown(request.form.get("text", ""), held.text_hash)
    return held


def _evidence(subject: Subject, held: Ceremony) -> dict[str, Any]:
    return {
        "basis": subject.basis.kept(), "nonce": held.nonce, "read_at": held.said[r.READ],
        "begun_at": held.begun_at.isoformat(), "values": r.answers(held.said),
    }  # fmt: skip


def _signed(subject: Subject, form: Any) -> str:
    account, at = db.session.get_one(Account, g.actor.id), clock.now()
    prove(account, form.password.data or "", at=at)
    held = _reached(subject)
    evidence, method = _evidence(subject, held), "account"
    if answer := request.form.get("touch", ""):
        method, evidence["key"] = "key", touch.signed(
            answer, _challenge(subject, held), keys_of(account.id)
        )  # fmt: skip
    if not r.suffices(subject.lowest, method):
        raise Refusal(N_("This paper asks for a signature with your own key."))
    hand = Hand(form.name.data, bool(form.statement.data), subject.statement, language(),
                held.text_hash, method, evidence)  # fmt: skip
    to = subject.sign(hand, held.said)
    actions.leave(held, by=g.actor, at=at)
    _send_receipt(subject, account, to, at)
    return to


def _handed_in(subject: Subject, elsewhere: Elsewhere, form: Any) -> str:
    """Check a file signed elsewhere, and let it wait for somebody to compare the names."""
    content, at = form.file.data.read(), clock.now()
    r.require_statement(bool(form.statement.data))
    # The password's own commit comes first, so nobody waits for the database while a file is read.
    prove(db.session.get_one(Account, g.actor.id), form.password.data or "", at=at)
    found = elsewhere.check(content)
    held = _reached(subject)
    told = {"statement": subject.statement, "language": language(),
            "evidence": {**_evidence(subject, held), **found}}  # fmt: skip
    actions.note(held, r.ELSEWHERE, told, held.text_hash, by=g.actor, at=at)
    return elsewhere.told()


def _send_receipt(subject: Subject, account: Account, to: str, at: datetime) -> None:
    """What was signed when, how to check it and how to take it back; nothing of what it says."""
    house = house_address()
    body = gettext(
        "Hello %(name)s\n\nThis is the receipt for what you signed in Partners.\n\n"
        "Number: %(number)s\nTime: %(time)s UTC\nFingerprint of the text (SHA-256):\n%(hash)s\n\n"
        "The whole receipt, and how anyone can check it: %(receipt)s\n"
        "How to take it back: sign in and open %(home)s. %(out)s\n\n"
        "If you did not sign anything, tell your contact at once.\n",
        name=account.name, number=subject.number, hash=subject.text_hash,
        time=format_datetime(at, f"{gettext('d MMMM y')}, HH:mm", rebase=False),
        receipt=house + to, home=house + subject.home, out=subject.out,
    )  # fmt: skip
    write(account.email, gettext("Your receipt from Partners"), body, at=at)
