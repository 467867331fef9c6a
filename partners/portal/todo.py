"""What is on whom: the organisation's tasks and the municipality's, late ones of ours first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext

from partners.assessment.rules.moves import State
from partners.charter.rules import State as Offer
from partners.ground.clock import day_of
from partners.ground.words import N_
from partners.mou.queries import stands
from partners.mou.rules import PAUSED
from partners.mou.views.promised import falls_due
from partners.policy.values import Asker
from partners.portal.sight import THEIRS as THEIR_SIDE
from partners.portal.sight import Sight
from partners.web.said import Task, duration, in_order, short_day

OURS, THEIRS = "ours", "theirs"  # the municipality's, the organisation's
ON_US = {
    State.DRAFT: N_("Tell you what we ask about %(title)s"),
    State.TALKING: N_("Work on the questions about %(title)s that are ours"),
    State.REPLYING: N_("Read your answers to the points about %(title)s"),
    State.PROPOSED: N_("Give you an answer about %(title)s"),
    State.DECIDED: N_("Give you an answer about %(title)s"),
    State.IN_FORCE: N_("Agree with you on a day to look at %(title)s again"),
    State.DUE: N_("Look at %(title)s again, together with you"),
}


@dataclass(frozen=True)
class Waiting:
    """Both sides' tasks in the order in which they are shown."""

    ours: Sequence[Task]
    theirs: Sequence[Task]

    @property
    def late_of_ours(self) -> int:
        return sum(task.late for task in self.ours)


def waiting(
    found: Sequence[Sight],
    *,
    answers: Sequence[Any],
    points: Sequence[Any],
    conditions: Sequence[Any],
    papers: Sequence[Any],
    follow_ups: Sequence[Any],
    charters: Sequence[Any],
    alike: Sequence[Any],
    promises: Sequence[Any],
    drafts: Sequence[Any],
    today: date,
) -> Waiting:
    """Sort what waits by side; late first, then by day, those without a day last."""
    tasks = in_order([
        *_engagements(found, answers, points, today),
        *_conditions(conditions, today),
        *_papers(papers, today),
        *_follow_ups(follow_ups, today),
        *_charters(charters, today),
        *_alike(alike, found, today),
        *_promises(promises, today),
        *_drafts(drafts),
        *_unwritten(found, [*(row[0] for row in papers), *drafts]),
    ])  # fmt: skip
    return _by_side(tasks)


def promised(
    found: Sequence[Sight], follow_ups: Sequence[Any], promises: Sequence[Any], today: date
) -> Waiting:
    """What each side has promised the other and has not done yet."""
    rows = [(c, s.engagement, None) for s in found for c in s.open_conditions]
    return _by_side(in_order([*_conditions(rows, today), *_follow_ups(follow_ups, today),
                              *_promises(promises, today)]))  # fmt: skip


def _by_side(tasks: Sequence[Task]) -> Waiting:
    return Waiting([t for t in tasks if t.whose == OURS], [t for t in tasks if t.whose == THEIRS])


def _charters(rows: Sequence[Any], today: date) -> Iterator[Task]:
    """An open offer waits for nobody for long: it may stay unanswered, and that says nothing."""
    page = url_for("charter.mine")
    for offer in rows:
        if offer.sign_by and offer.sign_by < today:
            continue  # because nobody can sign it now; its own page says so
        if offer.with_id and offer.state in (Offer.OFFERED, Offer.DISCUSSING):
            text = gettext("Read the charter that you are asked to sign with others")
            href = url_for("charter.ours", charter_id=offer.public_id)
            yield Task(THEIRS, text, gettext("You need not sign, and need not say why."), href)
        elif offer.state in (Offer.OFFERED, Offer.DISCUSSING):
            note = gettext("Everybody is offered it. Signing is never a condition for anything.")
            yield Task(THEIRS, gettext("Read the charter, and sign it if you like"), note, page)
        elif offer.state == Offer.OWN_PROPOSED:
            yield Task(OURS, gettext("Read your own words for the charter"), "", page)


def _engagements(
    found: Sequence[Sight], answers: Sequence[Any], points: Sequence[Any], today: date
) -> Iterator[Task]:
    for sight in found:
        e = sight.engagement
        page = url_for("assessment.result", engagement_id=e.public_id)
        open_now = sight.open_items(answers, today)
        if sight.state is State.TALKING and open_now:
            text = ngettext(
                "Answer one question about %(title)s", "Answer %(num)d questions about %(title)s",
                len(open_now), title=e.title,
            )  # fmt: skip
            note = gettext("It takes %(time)s. Each one says why we ask.",
                           time=duration(sight.policy.minutes(open_now)[0]))  # fmt: skip
            questions = url_for("assessment.engagement", engagement_id=e.public_id)
            yield Task(THEIRS, text, note, questions, today=today)
            if not sight.open_items(answers, today, frozenset(Asker) - THEIR_SIDE):
                continue
        silent = (p for p in points if not p.replied_at and not p.withdrawn_at)
        waits = sum(p.round_id == e.round.id for p in silent)
        if sight.state is State.REPLYING and waits:
            text = ngettext(
                "Answer one point about %(title)s", "Answer %(num)d points about %(title)s",
                waits, title=e.title,
            )  # fmt: skip
            note = gettext("Nothing is decided before you could answer.")
            yield Task(THEIRS, text, note, page, e.round.reply_due, today)
        elif task := _on_us(sight, page, today):
            yield task


def _on_us(sight: Sight, page: str, today: date) -> Task | None:
    sentence, this = ON_US.get(sight.state), sight.engagement.round
    if sentence is None or (sight.state is State.IN_FORCE and not _near(sight, today)):
        return None
    text = gettext(sentence, title=sight.engagement.title)
    begun = this.reply_ended_at or this.prepared_at
    due = begun and day_of(begun) + timedelta(days=sight.policy.head.decision_days)
    if sight.state in (State.DUE, State.IN_FORCE):
        due = sight.engagement.review_on
    elif sight.state not in (State.PROPOSED, State.DECIDED):
        due = None
    return Task(OURS, text, href=page, due=due, today=today)


def _near(sight: Sight, today: date) -> bool:
    """Whether the first notice of the review was given."""
    on, days = sight.engagement.review_on, sight.policy.head.review_notices
    return bool(on) and (today - on).days >= min(days)


def _conditions(rows: Sequence[Any], today: date) -> Iterator[Task]:
    for condition, engagement, owner in rows:
        notes = [gettext("Condition in %(title)s.", title=engagement.title)]
        if owner and condition.side != "partner":
            notes.append(gettext("%(name)s sees to it.", name=owner))
        if condition.said_at:
            notes.append(gettext("You said that it is done; we look at it."))
        if condition.wished_on:
            notes.append(gettext("Another date is proposed."))
        if condition.offer:
            notes.append(gettext("We offer: %(offer)s", offer=condition.offer))
        page = url_for("assessment.conditions", engagement_id=engagement.public_id)
        for side in {"partner": (THEIRS,), "both": (OURS, THEIRS)}.get(condition.side, (OURS,)):
            yield Task(side, condition.text, " ".join(notes), page, condition.due_on, today,
                       first=side == OURS)  # fmt: skip


def _papers(rows: Sequence[Any], today: date) -> Iterator[Task]:
    for paper, signed, handed_in in rows:
        title = paper.engagement.title
        if stands(paper, today) == PAUSED:
            text = gettext("Talk with us about %(title)s", title=title)
            note = gettext("%(who)s paused the paper. Either side can let it go on before.",
                           who=paper.texts["paused"]["by"])  # fmt: skip
            here = url_for("mou.show_paper", paper_id=paper.public_id)
            yield Task(THEIRS, text, note, here, paper.paused_until, today)
        if paper.in_force_at or paper.ended_at:
            continue
        page = url_for("portal.papers")
        if handed_in:
            text = gettext("Compare whom your file for %(title)s names", title=title)
            yield Task(
                OURS, text, gettext("You signed it elsewhere. Once that is done, it counts."), page
            )
        elif signed is None:
            text = gettext("Read and sign the paper for %(title)s", title=title)
            note = gettext("It says who may sign. Nothing is due before you are ready.")
            yield Task(THEIRS, text, note, page, today=today)
        else:
            text = gettext("Sign the paper for %(title)s", title=title)
            yield Task(OURS, text, gettext("You have signed already."), page)


def _alike(rows: Sequence[Any], found: Sequence[Sight], today: date) -> Iterator[Task]:
    """Names on lists about which the organisation was asked."""
    cases = {sight.engagement.id: sight.engagement for sight in found}
    for case in {row.engagement_id: cases.get(row.engagement_id) for row in rows}.values():
        if case is not None:
            text = gettext("A name on a list resembles yours; tell us about it")
            note = gettext("Many names resemble each other. You are asked first.")
            page = url_for("assessment.look_up", engagement_id=case.public_id)
            yield Task(THEIRS, text, note, page, today=today)


def _promises(rows: Iterable[Any], today: date) -> Iterator[Task]:
    """What stands promised in papers that are in force."""
    for row in rows:
        ours = row.side != "partner"
        note = gettext("Promised in %(number)s.", number=row.paper.number)
        if ours and row.who and not row.who.ended_at:
            note += " " + gettext("%(name)s sees to it.", name=row.who.name)
        page = url_for("mou.promise", promise_id=row.public_id)
        due, waits = falls_due(row, today)
        note = f"{note} {waits}".rstrip()
        yield Task(OURS if ours else THEIRS, row.text, note, page, due, today, first=ours)


def _drafts(rows: Iterable[Any]) -> Iterator[Task]:
    """Drafts that are this side's to write on."""
    for paper in rows:
        title = paper.engagement.title
        text = gettext("Read the draft for %(title)s, and write on it", title=title)
        note = gettext("Nothing is signed before both sides mean the same text.")
        yield Task(THEIRS, text, note, url_for("mou.together", paper_id=paper.public_id))


def _unwritten(found: Sequence[Sight], papers: Iterable[Any]) -> Iterator[Task]:
    """Decided and told, and nothing lies on the table yet for both to sign."""
    begun = {p.engagement_id for p in papers if not p.in_force_at and not p.ended_at}
    for sight in found:
        if sight.state is State.TOLD and sight.engagement.id not in begun:
            title = sight.engagement.title
            text = gettext("Write the agreement about %(title)s together with you", title=title)
            yield Task(OURS, text, href=url_for("portal.papers"))


def _follow_ups(rows: Iterable[Any], today: date) -> Iterator[Task]:
    for contact in rows:
        side = THEIRS if contact.follow_up_side == "partner" else OURS
        note = gettext("Agreed on %(day)s.", day=short_day(contact.held_on))
        if side == OURS and contact.follow_up_owner:
            note += " " + gettext("%(name)s sees to it.", name=contact.follow_up_owner.name)
        yield Task(side, contact.follow_up, note, "", contact.follow_up_on, today)
