"""The table on which both sides read a draft: remarks, turns, changes, and what both mean."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.assessment.models import Engagement
from partners.assessment.queries import policy_of
from partners.assessment.rules.moves import State as Case
from partners.ground import clock
from partners.mou import actions, queries, rules
from partners.mou.blueprint import bp, files, printed_file
from partners.mou.changes import Change, changes, in_print
from partners.mou.forms import MeanForm, ReasonForm, RemarkForm
from partners.mou.letters import handed, tell_signers
from partners.mou.models import Paper, Turn
from partners.mou.rules import PAUSED, State
from partners.mou.sheet import draft_sheet, offered, papers_of_policy, sheet_of
from partners.paper.blocks import Version
from partners.paper.documents import BASE, Document
from partners.paper.filling import said
from partners.paper.plain import text_hash
from partners.paper.press import printed
from partners.web.fields import language
from partners.web.forms import HouseForm, show
from partners.web.guard import fetch, looked, page


class Table:
    """A draft as both sides read it: the text, whose turn it is, who means it, what changed."""

    def __init__(self, paper: Paper) -> None:
        self.paper, self.engagement = paper, paper.engagement
        self.sheet = sheet_of(paper, clock.today())
        self.filled, self.document = self.sheet.paper, self.sheet.document
        self.text = text_hash(self.filled)
        self.turns = queries.turns_of(paper.id)
        self.may_write = may(g.actor, P.PAPER_WRITE, paper)
        self.my_turn = self.may_write and paper.turn == g.actor.side

    @property
    def version(self) -> int:
        return len(self.turns) + 1

    def means(self, side: str) -> str:
        """What a side has said of the text as it stands: "now", "before" of another, or ""."""
        said = self.paper.meant.get(side)
        return "" if not said else "now" if said["text"] == self.text else "before"

    @property
    def both_mean(self) -> bool:
        return rules.both_mean(self.paper.meant, self.text)

    def since(self, number: int | None) -> Turn | None:
        """The version to compare with: the one asked for, else the last that one's own side gave
        away, else the first: of a paper that follows another, that is what was signed."""
        turns = [turn for turn, _name in self.turns]
        if number is not None:
            return next((turn for turn in turns if turn.number == number), None)
        own = [turn for turn in turns if turn.side == g.actor.side]
        return (own or turns[:1] or [None])[-1]

    def changes(self, turn: Turn | None) -> Sequence[Change]:
        if turn is None:
            return ()
        today = clock.today()
        before = draft_sheet(self.engagement, self.document, turn.language, turn.facts, today,
                             self.paper)  # fmt: skip
        return changes(before.versions, self.sheet.versions)

    @property
    def may_issue(self) -> bool:
        """Whether whoever reads it can issue it, as far as the text goes."""
        ready = self.both_mean or not self.document.agreed
        return ready and not self.filled.missing and may(g.actor, P.PAPER_DRAFT, self.paper)

    @property
    def case(self) -> Case:
        return Case(self.engagement.state)

    def remarks(self, section: str | None = None) -> list[tuple[int, Any, datetime]]:
        rows = enumerate(self.paper.remarks)
        return [(n, r, datetime.fromisoformat(r["at"])) for n, r in rows
                if section in (None, r["section"])]  # fmt: skip

    @property
    def parts(self) -> list[tuple[str, str]]:
        return [(s.id, f"{s.number}. {s.heading}" if s.number else s.heading)
                for s in self.filled.sections]  # fmt: skip


def _table(paper_id: str) -> Table:
    paper = fetch(Paper, paper_id, P.PAPER_VIEW, *queries.WHOLE)
    looked(paper.organisation_id, "paper", paper.engagement.title)
    return Table(paper)


@page(bp, "/papers/<paper_id>/together", needs=P.PAPER_VIEW, methods=("GET", "POST"))
def together(paper_id: str) -> Any:
    """Read the draft, remark on it, hand it over, and say when it is what both mean."""
    table = _table(paper_id)
    if table.paper.state != State.DRAFT:
        return redirect(url_for("mou.show_paper", paper_id=paper_id))
    verb = request.form.get("verb", "")
    if request.method == "POST" and verb not in DEEDS:
        raise NotFound
    kinds: dict[str, type[HouseForm]] = {"remark": RemarkForm, "decline": ReasonForm}
    forms: dict[str, Any] = {n: kind(blank=n != verb) for n, kind in kinds.items()}
    forms["remark"].section.offer(table.parts)
    form: Any = forms.get(verb) or MeanForm()
    if form.sent():
        with form.refusals():
            flash(DEEDS[verb](table, form))
            return redirect(url_for(".show_paper", paper_id=paper_id))
        table = _table(paper_id)
    turn = table.since(None)
    return show("mou/together.html", form if verb else None, table=table, paper=table.paper,
                written=actions.WRITTEN, issued=actions.ISSUED, forms=forms, turn=turn,
                changed=table.changes(turn))  # fmt: skip


def _remark(table: Table, form: Any) -> str:
    by, at = g.actor, clock.now()
    actions.remark(table.paper, form.section.data, form.text.data, by=by, at=at)
    return gettext("The other side can read your remark.")


def _settle(table: Table, form: Any) -> str:
    number = form.number.data or ""
    which = int(number) if number.isdecimal() and len(number) < 6 else -1
    actions.settle(table.paper, which, by=g.actor, at=clock.now())
    return gettext("The remark is settled.")


def _hand_over(table: Table, _form: Any) -> str:
    actions.hand_over(table.paper, by=g.actor, at=clock.now())
    return handed(table.paper)


def _take(table: Table, _form: Any) -> str:
    actions.take_turn(table.paper, by=g.actor, at=clock.now())
    return gettext("It is your turn again. What the other side wrote is kept.")


def _mean(table: Table, form: Any) -> str:
    actions.mean(table.paper, form.text.data or "", by=g.actor, at=clock.now())
    return gettext("Noted: this is what you mean.")


def _issue(table: Table, _form: Any) -> str:
    paper = table.paper
    actions.issue(paper, files(), by=g.actor, at=clock.now())
    tell_signers(paper)
    return gettext("%(number)s is issued.", number=paper.number)


def _decline(table: Table, form: Any) -> str:
    actions.decline(table.paper, form.reason.data, by=g.actor, at=clock.now())
    return gettext("The draft is set aside. Nothing else changes; dialogue stays open.")


DEEDS = {"remark": _remark, "settle": _settle, "hand-over": _hand_over, "take": _take,
         "mean": _mean, "issue": _issue, "decline": _decline}  # fmt: skip


@page(bp, "/papers/<paper_id>/changes", needs=P.PAPER_VIEW)
def show_changes(paper_id: str) -> Any:
    """What changed since a version, word by word. `?as=pdf` for print."""
    table = _table(paper_id)
    asked = request.args.get("since", "")
    turn = table.since(int(asked) if asked.isdecimal() and len(asked) < 6 else None)
    found = table.changes(turn)
    if turn is None or request.args.get("as") != "pdf":
        return show("mou/changes.html", table=table, paper=table.paper, changed=found, turn=turn)
    tongues = list(dict.fromkeys(change.language for change in found)) or [table.paper.language]
    word = table.document.word
    first, *also = (_changes_in(tongue, turn, found, word("page", tongue)) for tongue in tongues)
    content = printed(first.blocks, title=gettext("Changes"), language=first.language,
                      author=table.sheet.author, reference=str(table.sheet.facts["reference"]),
                      pages=first.pages, also=also)  # fmt: skip
    return printed_file(content, gettext("Changes"))


def _changes_in(tongue: str, turn: Turn, found: Sequence[Change], pages: str) -> Version:
    """The changes of one language, for print and under its own words."""
    with force_locale(tongue):
        title = gettext("What changed since version %(n)s of %(day)s", n=turn.number,
                        day=said(clock.day_of(turn.at), tongue, day=True))  # fmt: skip
        legend = gettext(
            "[− what went −] [+ what came +]. Sections without a change are left out."
        ) if found else gettext("Nothing has changed.")  # fmt: skip
    own = (change for change in found if change.language == tongue)
    return Version(tongue, in_print(own, title, legend), pages)


@bp.app_template_global("papers_beside")
def papers_beside(engagement: Engagement) -> list[dict[str, Any]]:
    """The papers that an engagement calls for and has, each with why and where it stands."""
    have: dict[str, Paper] = {}
    for paper in queries.written_for(engagement.id):
        have.setdefault(paper.kind, paper)
    ready = Case(engagement.state) in actions.WRITTEN
    calls = {d.id: _why(engagement, words) for d, words in offered(engagement)} if ready else {}
    known = papers_of_policy(engagement)
    kinds = [*calls, *(kind for kind in have if kind in known and kind not in calls)]
    return [_row(engagement, known[kind], calls.get(kind, ""),
                 have.get(kind)) for kind in kinds]  # fmt: skip


def _why(engagement: Engagement, words: Mapping[str, str]) -> str:
    """Why a paper is called for, in the reader's language; by the level, where no words say it."""
    if words:
        return words.get(language()) or words[BASE]
    level = policy_of(engagement).words(language()).level(engagement.held[0]).name
    return gettext("The level “%(level)s” calls for it.", level=level)


STANDS = {
    State.DRAFT: _l("Being written"), State.ISSUED: _l("Waits for signatures"),
    "begins": _l("Signed by all"), State.IN_FORCE: _l("In force"), "ended": _l("Ended"),
    State.NOTICE: _l("Notice was given"), State.REPLACED: _l("Followed by another"),
    State.DECLINED: _l("Not signed"), PAUSED: _l("Paused"),
}  # fmt: skip


def _row(engagement: Engagement, document: Document, why: str,
         paper: Paper | None) -> dict[str, Any]:  # fmt: skip
    today = clock.today()
    stands = queries.stands(paper, today) if paper else ""
    # Because a reason stands only where it is called for now: else there is nothing to begin.
    begins = (
        why
        and may(g.actor, P.PAPER_DRAFT, engagement)
        and (paper is None or stands in ("ended", State.DECLINED))
    )
    if begins:
        href = url_for("mou.draft", engagement_id=engagement.public_id, kind=document.id)
    elif paper:
        href = url_for("mou.show_paper", paper_id=paper.public_id)
    else:
        href = ""
    status = STANDS[stands] if stands else gettext("Not begun")
    number = f"{paper.number}. " if paper and paper.number else ""
    return {
        "text": document.called(language()),
        "href": href,
        "hint": f"{number}{why}",
        "status": status,
    }
