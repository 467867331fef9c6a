"""The form of one bundle: every item that is asked, on one page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.access.table import Role
from partners.accounts.queries import staff
from partners.assessment import actions
from partners.assessment.actions.working import Reply
from partners.assessment.blueprint import bp
from partners.assessment.forms import TakeBackForm
from partners.assessment.handed_in import fetch_case, kept
from partners.assessment.letters import day
from partners.assessment.models import Answer, Engagement
from partners.assessment.pages import answer_words, side_of, tasks_of
from partners.assessment.queries import (
    Standing,
    may_answer,
    names_of,
    policy_of,
    sources_of,
    standings,
)
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.answers import offered
from partners.assessment.rules.difference import Why, months_left, renewal_of
from partners.assessment.rules.moves import ANSWERING
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.text import read_url
from partners.ground.words import N_
from partners.history.queries import held_now
from partners.policy.values import AnswerType, Asker, Renewal
from partners.policy.words import ItemWords
from partners.registry.vocabulary import vocabulary
from partners.uploads.kinds import kinds_not_ours
from partners.uploads.queries import uploads_by_id
from partners.web.fields import Choice, Day, File, Pick, Text, language, options, told
from partners.web.forms import ADVISED, HouseForm, show
from partners.web.guard import looked, page

EVIDENCE = {
    "declaration": N_("Own declaration"),
    "conversation": N_("Conversation"),
    "link": N_("Page on the web"),
    "file": N_("Paper handed in"),
    "check": N_("Looked up"),
    "reference": N_("Told by somebody who knows the work"),
}
ALL = "*"  # one press that confirms every earlier answer of a bundle
TYPED = ("answer", "words", "link", "source", "how", "on")


@dataclass(frozen=True)
class Row:
    """One item on the form: how it stands, its words, and its fields."""

    stand: Standing
    words: ItemWords
    form: Any
    editable: bool

    @property
    def id(self) -> str:
        return self.stand.item.id

    @property
    def is_check(self) -> bool:
        return self.stand.item.answer_type is AnswerType.STAFF_CHECK

    @property
    def own(self) -> Answer | None:
        """The answer that stands in this engagement; what is carried over is confirmed instead."""
        return self.stand.answer if self.stand.current and not self.stand.carried else None

    @property
    def still(self) -> bool:
        """An earlier answer that one press confirms."""
        earlier = self.stand.answer and (self.stand.carried or not self.stand.current)
        anew = renewal_of(self.stand.item) is Renewal.ANEW or self.stand.why is Why.MORE
        return bool(self.editable and earlier and not anew)

    @property
    def together(self) -> bool:
        """One press confirms it with the others; what they alone can say, only they."""
        theirs = side_of(self.stand.item) == "theirs" and g.actor.is_staff
        return self.still and renewal_of(self.stand.item) is Renewal.TOGETHER and not theirs

    def field(self, name: str) -> Any:
        return self.form[f"{self.id}-{name}"]

    @property
    def typed(self) -> dict[str, Any]:
        return {name: self.field(name).data or None for name in TYPED}

    @property
    def file(self) -> Any:
        return self.field("file").data

    @property
    def wrong(self) -> bool:
        return any(self.field(name).errors for name in (*TYPED, "file", "what"))

    @property
    def waits(self) -> bool:
        """There is a thought on its wording that was not shown yet; a paper never waits for one."""
        return bool(self.field("words").advice) and ADVISED not in request.form and not self.file

    @property
    def seen(self) -> str:
        """Which answer stood here when the form was opened."""
        return str(self.own.id) if self.own else ""


def typed_before(answer: Answer | None, is_check: bool) -> dict[str, Any]:
    """What the fields of an item hold when its form is opened."""
    if answer is None:
        return dict.fromkeys(TYPED)
    held = (answer.answer, answer.words, answer.link, answer.source, answer.evidence,
            answer.answered_on if is_check else None)  # fmt: skip
    return {name: value or None for name, value in zip(TYPED, held, strict=True)}


def bundle_form(rows: Sequence[Standing], words: Any, partner: bool) -> HouseForm:
    """A form with the fields of every item."""
    today = clock.today()
    fields: dict[str, Any] = {
        "met_on": Day(_l("When did you meet?"), optional=True, latest=today),
        "present": Text(_l("Who was there?"), optional=True,
                        hint=_l("How many from each side. No names unless they ask for it.")),
    }  # fmt: skip
    data: dict[str, Any] = {}
    for row in rows:
        item, before = row.item, None if row.carried or not row.current else row.answer
        held = typed_before(before, item.answer_type is AnswerType.STAFF_CHECK)
        data |= {f"{item.id}-{name}": value for name, value in held.items()}
        made = _fields(row, words.item(item.id), partner, today)
        fields |= {f"{item.id}-{name}": field for name, field in made.items()}
    return type("BundleForm", (HouseForm,), fields)(data=data)


def _fields(row: Standing, words: ItemWords, partner: bool, today: Any) -> dict[str, Any]:
    names = answer_words(row.item)
    answers = [(str(a), gettext(names[a])) for a in offered(row.item, row.strength)]
    whose = _l("Your answer") if partner or side_of(row.item) != "theirs" else _l("Their answer")
    how = [(k, gettext(v)) for k, v in EVIDENCE.items() if not (partner and k == "check")]
    return {
        "answer": Choice(whose, choices=options(answers), optional=True),
        "words": Text(_l("In words"), lines=True, limit=2000, optional=True, aid=True),
        "source": Text(_l("What was looked at, or who said it"), optional=True),
        "on": Day(_l("On which day?"), optional=True, latest=today),
        "how": Pick(_l("How do we know?"), optional=True,
                    choices=options([("", gettext("Not said")), *how])),
        "link": Text(_l("Link"), reads=read_url, free=False, optional=True),
        "file": File(_l("Paper"), optional=True, hint=_l(
            "PDF, PNG or JPEG, up to 10 MB. Never a certificate or identity paper of a person.")),
        "what": Pick(_l("What is this paper?"), optional=True,
                     choices=options([("", gettext("Choose")), *((e, e) for e in words.evidence)])),
    }  # fmt: skip


@page(bp, "/engagements/<engagement_id>/items/<bundle>", needs=P.ENGAGEMENT_ANSWERS,
      methods=("GET", "POST"))  # fmt: skip
def bundle(engagement_id: str, bundle: str) -> Any:
    """All items of one bundle. What is filled in is saved; the rest stays open."""
    case = fetch_case(engagement_id, P.ENGAGEMENT_ANSWER)
    leave = partial(may_answer, g.actor, case)
    every = _shown(case)
    stands = [s for s in every if s.item.bundle == bundle]
    if not stands:
        raise NotFound
    looked(case.organisation_id, "answers", case.title)
    words = policy_of(case).words(language())
    taking = request.form.get("verb") == "take-back"
    form = bundle_form(stands, words, g.actor.is_partner)
    rows = _rows(case, stands, form, words)
    mine = [r for r in rows if r.editable and r.own and g.actor.side in ("city", r.own.side)]
    back = TakeBackForm([(r.id, r.words.title) for r in mine], blank=not taking)
    if request.method == "POST":
        saved = set() if taking else _save(case, rows, form)
        done = not form.errors and not any(row.waits for row in rows)
        if _take_back(case, rows, back) if taking else done:
            return redirect(_onward(case, bundle))
        db.session.commit()  # what could be saved is saved, also beside an item that could not
        every = _shown(case)
        rows = _rows(case, [s for s in every if s.item.bundle == bundle], form, words)
        _show_as_saved(rows, saved)
    papers_here = uploads_by_id({r.stand.answer.upload_id for r in rows
                                 if r.stand.answer and r.stand.answer.upload_id})  # fmt: skip
    tasks = tasks_of(policy_of(case), every, g.actor, leave)
    also = [t for t in tasks if t.mine and t.bundle != bundle]
    here = next((t for t in tasks if t.bundle == bundle), None)
    return show("assessment/bundle.html", back if taking else form, engagement=case, rows=rows,
                deciders=_deciders_left(case, rows), held=_held(case),
                also=also if any(r.editable for r in rows) else (), main=form, back=back,
                bundle=bundle, minutes=here.minutes if here else 0, words=words,
                papers=papers_here, together=_together(rows),
                sources=sources_of(r.stand.answer for r in rows if r.stand.answer),
                months_left=months_left, today=clock.today(), ALL=ALL,
                kinds=kinds_not_ours(), evidence=EVIDENCE, answer_words=answer_words,
                meeting=any(r.stand.item.answer_type is AnswerType.CONVERSATION for r in rows),
                people=names_of({p.destroyed_by for p in papers_here.values() if p.destroyed_by}),
                tongue=language(), whole=may(g.actor, P.ENGAGEMENT_VIEW, case))  # fmt: skip


def _shown(case: Engagement) -> list[Standing]:
    """A group with a link sees what it may answer; everybody else sees every item.

    What nobody has to answer is offered to whoever may, while answers are open.
    """
    by_link = Role.GUEST in g.actor.roles
    stands = standings(case, clock.today(), optional=_is_open(case))
    return [
        s for s in stands
        if (s.asked or s.answer or may_answer(g.actor, case, s.item))
        and (not by_link or side_of(s.item) != "ours")
    ]  # fmt: skip


def _held(case: Engagement) -> dict[int, tuple[str, str]]:
    """The answers held back from the organisation that reads: until when, and on which ground."""
    rows = held_now(case.organisation_id, clock.today()) if g.actor.is_partner else ()
    return {
        e.facts["row"]: (day(date.fromisoformat(e.facts["until"])),
                         vocabulary().ground(e.facts["ground"], language()))
        for e in rows if e.facts["thing"] == Answer.__tablename__
    }  # fmt: skip


def _deciders_left(case: Engagement, rows: Sequence[Row]) -> list[str] | None:
    """The managers who could still decide if this one answers; None where that is no question."""
    if not any(r.editable and r.stand.item.completed_by is Asker.MANAGER for r in rows):
        return None
    return [one.name for one in staff(Role.MANAGER)
            if one.id != g.actor.id and may(one.actor, P.ENGAGEMENT_DECIDE, case)]  # fmt: skip


def _is_open(case: Engagement) -> bool:
    return case.state in ANSWERING


def _rows(case: Engagement, stands: Sequence[Standing], form: Any, words: Any) -> list[Row]:
    return [
        Row(s, words.item(s.item.id), form, _is_open(case) and may_answer(g.actor, case, s.item))
        for s in stands
    ]


def _together(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.together]


def _onward(case: Engagement, bundle: str) -> str:
    """After one press for all, the next task that waits for whoever pressed; else the same page."""
    if request.form.get("still") != ALL:
        return request.path
    leave = partial(may_answer, g.actor, case)
    tasks = tasks_of(policy_of(case), _shown(case), g.actor, leave)
    waiting = [task.bundle for task in tasks if task.mine]
    order = list(policy_of(case).bundles)
    later = [name for name in waiting if order.index(name) > order.index(bundle)]
    if later:
        return url_for(".bundle", engagement_id=case.public_id, bundle=later[0])
    if bundle in waiting or Role.GUEST in g.actor.roles:
        return request.path
    return url_for(".engagement", engagement_id=case.public_id)


def _take_back(case: Engagement, rows: Sequence[Row], back: Any) -> bool:
    if back.sent():
        with back.refusals():
            row = next(r for r in rows if r.id == back.which.data)
            assert row.own is not None
            actions.withdraw_answer(case, row.own, back.reason.data, by=g.actor, at=clock.now())
            flash(gettext("The answer is taken back. The question is open again."))
            return True
    return False


def _save(case: Engagement, rows: Sequence[Row], form: Any) -> set[str]:
    """Save what is filled in, each item for itself; the items that were saved."""
    form.validate()
    saved: set[str] = set()
    for row in rows:
        if row.own and row.field("words").data == row.own.words:
            row.field("words").advice = []  # it stands as it is already
        if row.editable and not row.wrong and not row.waits:
            try:
                with db.session.begin_nested():  # a paper without its answer is not kept
                    saved |= {row.id} if _save_one(case, row, form) else set()
            except Refusal as refusal:
                name = refusal.field if refusal.field in (*TYPED, "file", "what") else "answer"
                row.field(name).errors = [told(refusal)]
        if row.wrong and row.file and not row.field("file").errors:
            row.field("file").errors = [gettext("Choose the file again; it is not kept yet.")]
    if saved:
        flash(ngettext("One answer is saved.", "%(num)d answers are saved.", len(saved)))
    return saved


def _show_as_saved(rows: Sequence[Row], saved: set[str]) -> None:
    for row in rows:
        for name, value in typed_before(row.own, row.is_check).items() if row.id in saved else ():
            row.field(name).process(None, value)


def _save_one(case: Engagement, row: Row, form: Any) -> bool:
    who = {"by": g.actor, "at": clock.now()}
    opened, typed = _opened(case, row), row.typed
    now, before = (typed_before(a, row.is_check) for a in (row.own, opened))
    if row.file is None and typed in (before, now):
        pressed = request.form.get("still")
        if pressed == row.id or (pressed == ALL and row.together):
            actions.confirm_carried(case, row.id, **who)
            return True
        return False
    if not typed["answer"]:
        raise Refusal(N_("Choose an answer to go with what you wrote."))
    if opened is not row.own:
        raise Refusal(N_("Somebody answered this while you were writing. Both texts are here; save"
                         " again to let yours stand."))  # fmt: skip
    said = _reply(case, row, form, before)
    if row.own and _stands(said, row.own):
        return False  # because somebody went back and pressed once more
    actions.answer(case, row.id, said, **who)
    return True


def _stands(said: Reply, own: Answer) -> bool:
    """Whether the answer that stands says the very same, of the same day."""
    now = (own.answer, own.words, own.evidence, own.link, own.source, own.upload_id,
           own.answered_on)  # fmt: skip
    return now == (str(said.given), said.words, said.evidence, said.link, said.source,
                   said.upload_id, said.answered_on or clock.today())  # fmt: skip


def _opened(case: Engagement, row: Row) -> Answer | None:
    """The answer that stood here when the form was opened."""
    seen = request.form.get(f"{row.id}-seen", "")
    if seen == row.seen:
        return row.own
    found = db.session.get(Answer, int(seen)) if seen.isdecimal() and len(seen) < 18 else None
    fits = found and found.engagement_id == case.id and found.item == row.id
    return found if fits else None


def _reply(case: Engagement, row: Row, form: Any, before: Mapping[str, Any]) -> Reply:
    typed, met_on = row.typed, form.met_on.data
    paper = kept(case, row.id, row.field("what").data, row.file) if row.file else None
    told_how = typed["how"] if typed["how"] != before["how"] or not paper else None
    guess = ("file" if paper else "link" if typed["link"] else "check" if row.is_check
             else "conversation" if met_on else "declaration")  # fmt: skip
    held = row.own.upload_id if row.own else None
    return Reply(
        Given(typed["answer"]), typed["words"] or "", told_how or guess, typed["link"] or "",
        typed["source"] or (form.present.data if met_on else "") or "",
        paper.id if paper else held, typed["on"] or met_on,
    )  # fmt: skip
