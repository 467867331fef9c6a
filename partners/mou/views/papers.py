"""The papers between the two sides: written together, issued, read, signed, ended."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import flash, g, make_response, redirect, request, url_for
from flask_babel import force_locale, gettext
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.assessment.notices import tell_goes_on
from partners.ground import clock
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import NOT_NOW, Refusal, beside
from partners.ground.words import N_
from partners.mou import actions, queries, rules
from partners.mou.blueprint import bp, files, printed_file
from partners.mou.forms import (
    CompareForm,
    FollowForm,
    OnPaperForm,
    PauseForm,
    ReasonForm,
    TestForm,
)
from partners.mou.letters import tell_sent_back, tell_signers, tell_talk
from partners.mou.models import Paper
from partners.mou.prefill import candidates, prefilled
from partners.mou.rules import State
from partners.mou.sheet import (
    moment,
    papers_of_policy,
    receipt_of,
    setting_of,
    sheet_of,
)
from partners.mou.views.sight import BY_HAND, by_hand, lowest_rung, sight
from partners.signing.actions import Hand
from partners.signing.files import keep, kept
from partners.signing.queries import handed_in, seal_of, signatures_on
from partners.signing.rules import ELSEWHERE, in_fours
from partners.uploads.kinds import kinds_not_ours
from partners.uploads.queries import paper_by
from partners.uploads.rules import kind_of
from partners.web.fields import language
from partners.web.forms import HouseForm, show
from partners.web.guard import looked, page
from partners.web.said import long_day


def opened(paper_id: str) -> Paper:
    """A paper for whoever may read it, and for whoever it names."""
    paper = db.session.scalar(
        select(Paper).where(Paper.public_id == paper_id).options(*queries.WHOLE)
    )
    if paper is None or not queries.may_open(paper, g.actor):
        raise NotFound
    looked(paper.organisation_id, "paper", paper.engagement.title)
    return paper


@page(bp, "/papers/<paper_id>", needs=P.PAPER_VIEW, methods=("GET", "POST"))
def show_paper(paper_id: str) -> Any:
    """Read the whole paper; sign it, say no, pause it, or give notice. `?as=pdf` is the newest
    file, sealed where all have signed; `?as=issued` the one that was signed.
    """
    paper = opened(paper_id)
    wanted = "seen" not in paper.facts and request.args.get("as") in ("pdf", "issued")
    if wanted and request.method == "GET":
        return printed_file(_bytes(paper), paper.number or gettext("Draft"))
    if request.method == "GET" and request.args.get("as") == "copy":
        return _copy(paper, request.args.get("of", ""))
    if "seen" in paper.facts:
        return _older(paper)
    if paper.state == State.DRAFT and may(g.actor, P.PAPER_VIEW, paper):
        return redirect(url_for(".together", paper_id=paper_id))
    verb = request.form.get("verb", "")
    kinds: dict[str, type[HouseForm]] = {"decline": ReasonForm, "end": ReasonForm,
                                         "wait": HouseForm, "test": TestForm,
                                         "follow": FollowForm, "by-hand": OnPaperForm,
                                         "compare": CompareForm, "pause": PauseForm,
                                         "resume": HouseForm}  # fmt: skip
    if request.method == "POST" and verb not in kinds:
        raise NotFound
    forms: dict[str, Any] = {name: kind(paper, blank=name != verb) for name, kind in kinds.items()}
    form, may_sign_by_hand = forms.get(verb), by_hand(paper)
    forms["by-hand"].who.offer((str(row["account"]), row["name"]) for row in may_sign_by_hand)
    if form is not None and form.sent():
        with form.refusals():
            _do(verb, paper, form)
            if verb == "follow":
                return redirect(url_for(".draft", engagement_id=paper.engagement.public_id,
                                        kind=paper.kind))  # fmt: skip
            return redirect(url_for(".show_paper", paper_id=paper_id))
        paper = opened(paper_id)
    return show("mou/show.html", form, paper=paper, forms=forms, by_hand=may_sign_by_hand,
                **sight(paper))  # fmt: skip


def _older(paper: Paper) -> Any:
    """A paper from before this register: what is known of it, its scan, and its test."""
    document = papers_of_policy(paper.engagement).get(paper.kind)
    must = bool(document and document.more.get("tested"))
    form: Any = TestForm(blank=request.form.get("verb") != "test")
    may_test = must and may(g.actor, P.PAPER_WRITE, paper) and g.actor.side not in paper.tested
    if request.method == "POST" and not (may_test and request.form.get("verb") == "test"):
        raise NotFound
    if form.sent():
        with form.refusals():
            _do("test", paper, form)
            return redirect(url_for(".show_paper", paper_id=paper.public_id))
        paper = opened(paper.public_id)
    scan = paper_by(paper.facts.get("scan", ""))
    return show("mou/older.html", form if request.method == "POST" else None, paper=paper,
                document=document, test=form, must=must, may_test=may_test, scan=scan,
                kinds=kinds_not_ours(), tongue=language())  # fmt: skip


def _write_down(paper: Paper, form: Any) -> None:
    """What somebody signed by hand: the day, who saw it, and a copy where there is one."""
    at, on = clock.now(), form.signed_on.data
    if on > clock.today() or (paper.issued_at and on < day_of(paper.issued_at)):
        raise Refusal(N_("It was signed after it was issued, and not later than today."),
                      field="signed_on")  # fmt: skip
    evidence: dict[str, str] = {"seen_by": g.actor.name, "signed_on": on.isoformat()}
    if form.scan.data:
        content = form.scan.data.read()
        with beside("scan"):
            evidence["copy_kind"] = kind_of(content)
        evidence["copy"] = keep(files(), content)
    account = int(form.who.data)
    name = next(r["name"] for r in rules.signers(paper.facts) if r["account"] == account)
    with force_locale(paper.language):
        said = gettext("Signed by hand on a print of this paper, on %(day)s. Seen by %(name)s.",
                       day=long_day(on), name=g.actor.name)  # fmt: skip
    hand = Hand(name, True, said, paper.language, paper.fingerprint, BY_HAND, evidence)
    actions.attest(paper, account, hand, lowest_rung(paper), by=g.actor, at=at)
    flash(gettext("It is written down that %(name)s signed by hand.", name=name))
    tell_signers(paper, done=True)


def _compare(paper: Paper, form: Any) -> None:
    """Whom a certificate names is the person named here, or the file does not count."""
    by, at = g.actor, clock.now()
    found = (h for h in handed_in(paper.about) if str(h.account_id) == form.whose.data)
    if (held := next(found, None)) is None:
        raise Refusal(NOT_NOW)
    if form.same.data == "yes":
        made = actions.compare(paper, held, by=by, at=at)
        flash(gettext("It is written down that %(name)s signed elsewhere.", name=made.name))
        return tell_signers(paper, done=True)
    actions.send_back(paper, held, form.why.data, by=by, at=at)
    tell_sent_back(paper, held.account_id)
    flash(gettext("It does not count. Whoever handed it in reads why, and can hand in another."))
    return None


@bp.app_template_global("certified")
def certified(evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a file signed elsewhere says, as rows: who, by whose word, when, and what is unknown."""
    at = moment(datetime.fromisoformat(evidence["signed_at"]), language())
    by = evidence["stamped_by"]
    when = (gettext("%(time)s, by the time stamp of %(who)s", time=at, who=by) if by
            else gettext("%(time)s, as the signer’s own computer says", time=at))  # fmt: skip
    lists = evidence["revocation"] == "known"
    known = (gettext("Not on the lists of the service that we hold") if lists
             else gettext("Not known: no list of the service was at hand"))  # fmt: skip
    return [(gettext("The certificate names"), evidence["subject"]),
            (gettext("It was issued by"), evidence["issuer"]), (gettext("Signed"), when),
            (gettext("Taken back by the service?"), known)]  # fmt: skip


def _do(verb: str, paper: Paper, form: Any) -> None:
    by, at = g.actor, clock.now()
    form.refuse_stale()
    if verb in DEEDS:
        DEEDS[verb](paper, form)
    elif verb == "wait":
        actions.wait_longer(paper, by=by, at=at)
        flash(gettext("Everyone named has more time. The text stays as it is."))
    elif verb == "test":
        actions.record_test(paper, form.note.data, by=by, at=at)
        flash(gettext("Your test is written down. Both sides can read it."))
    elif verb == "decline":
        actions.decline(paper, form.reason.data, by=by, at=at)
        flash(gettext("It is not signed this time. Nothing else changes; dialogue stays open."))
    else:
        actions.end(paper, form.reason.data, files(), by=by, at=at)
        flash(gettext("Notice is given. The paper holds until its last day."))
    if verb in ("decline", "end"):
        tell_signers(paper, done=True)


def _pause(paper: Paper, form: Any) -> None:
    on, at = form.paused_until.data, clock.now()
    actions.pause(paper, on, form.pause_why.data, by=g.actor, at=at)
    tell_talk(paper, on, new=True, at=at)
    flash(gettext("It is paused until the day of the talk. Both sides are told."))


def _resume(paper: Paper, _form: Any) -> None:
    actions.resume(paper, by=g.actor, at=clock.now())
    tell_goes_on(paper.engagement, at=clock.now())
    flash(gettext("It goes on. Both sides are told."))


def _follow(paper: Paper, form: Any) -> None:
    """Begin what comes next: the same words to change, or a text from the present template."""
    engagement, now, how = paper.engagement, clock.now(), form.how.data or ""
    document = papers_of_policy(engagement)[paper.kind]
    if how == "replaced":
        who = candidates(engagement, paper.kind, paper.language, now)
        facts = prefilled(engagement, document, paper.language, who, clock.today())
    else:
        fields = rules.to_write(document, setting_of(engagement), language=paper.language)
        facts = {f.name: paper.facts[f.name] for f in fields if f.name in paper.facts}
    if how == "renewed":
        facts = rules.renewed(facts, paper.ends_on, clock.today())
    actions.follow(paper, how, facts, by=g.actor, at=now)
    ended = queries.stands(paper, clock.today()) == "ended"
    flash(
        gettext("The draft is begun.")
        if ended
        else gettext("The draft is begun. What was signed stays in force until the new paper is.")
    )


DEEDS = {"follow": _follow, "by-hand": _write_down, "compare": _compare, "pause": _pause,
         "resume": _resume}  # fmt: skip


def _bytes(paper: Paper) -> bytes:
    if paper.issued_at is None:
        return sheet_of(paper, clock.today()).pdf(draft=True)
    seal = seal_of(paper_id=paper.id) if request.args.get("as") == "pdf" else None
    return kept(files(), seal.fingerprint if seal and seal.fingerprint else paper.fingerprint)


def _copy(paper: Paper, wanted: str) -> Any:
    """The copy of what somebody signed by hand or elsewhere, for those who may read the paper."""
    waiting = [held.said[ELSEWHERE]["evidence"] for held in handed_in(paper.about)]
    for evidence in (*(one.evidence for one in signatures_on(paper.id)), *waiting):
        if wanted and evidence.get("copy") == wanted:
            answer = make_response(kept(files(), wanted))
            answer.headers["Content-Type"] = evidence["copy_kind"]
            answer.headers["Content-Disposition"] = "attachment"
            return answer
    raise NotFound


@page(bp, "/papers/<paper_id>/receipt", needs=P.PAPER_VIEW)
def receipt(paper_id: str) -> Any:
    """Who signed what and when, and how anyone can check it. `?as=pdf` to keep it."""
    paper = opened(paper_id)
    signatures = signatures_on(paper.id)
    if not signatures:
        raise NotFound
    sheet = receipt_of(paper, signatures, clock.today())
    if request.args.get("as") == "pdf":
        return printed_file(sheet.pdf(), f"{paper.number}-receipt")
    return show("mou/receipt.html", paper=paper, sheet=sheet, signatures=signatures,
                notice=paper.facts.get("notice_days"), in_fours=in_fours,
                pause=sheet_of(paper, clock.today()).document.pause_days,
                waiting=_waiting(paper, signatures), seal=seal_of(paper_id=paper.id))  # fmt: skip


def _waiting(paper: Paper, signatures: Iterable[Any]) -> list[str]:
    signed = {one.account_id for one in signatures}
    return [row["name"] for row in rules.signers(paper.facts) if row["account"] not in signed]
