"""What is deleted when its time is over: the words go, the fact that they went stays in history.

The time of each kind stands in `policy.toml`, `keep_months`; `over` finds what belongs to an
assessment or the contact log, `signed` whose name stands under a charter. Before anything goes it
stands on a list for AHEAD: what somebody has looked through goes on its day, the rest after WAITS,
and what two people hold stays. Lines of the log go day by day, without a list. Attempts, sessions
and one-time links are forgotten by their own room.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from partners.access.rules import CLOCK
from partners.accounts.queries import municipality
from partners.assessment.models import FourEyes, Reference, Round
from partners.assessment.queries import kept_now
from partners.assessment.rules.answers import months_after
from partners.charter.models import Charter
from partners.desk import over, signed
from partners.desk.actions import LOOKED_THROUGH
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.words import N_
from partners.history.actions import let_go, record
from partners.history.queries import deeds
from partners.jobs.runner import Jobs, Steps
from partners.media.models import Kept
from partners.policy.shelf import published
from partners.policy.today import todays_policy
from partners.policy.values import KEPT_LATER, Policy
from partners.registry.merging import gather_late
from partners.registry.models import Office, Organisation
from partners.relations.models import Contact

NOT_TAKEN_UP = ("offered", "discussing", "own_proposed", "declined")
AHEAD = WAITS = timedelta(days=30)
BEGUN = "keeping.begun"
COUNTS = timedelta(days=90)  # for so long what was looked through may still go
KINDS = {
    "connector_contact": N_("The contact person of a public contact role"),
    "left_office": N_("The name of somebody who has left an office"),
    "call_note": N_("What was written down of a reference in a call"),
    "reference": N_("The words of a reference"),
    "charter_offer": N_("An offer of the charter that was not taken up"),
    "reading_entry": N_("What was kept of the reading list"),
    "assessment": N_("The words of an assessment that was replaced or has ended"),
    "assessment_funded": N_("The words of an assessment with support"),
    "result_below": N_("The reasons of an earlier result"),
    "statement": N_("Words from an open source"),
    "contact": N_("The contact log, where nothing runs"),
    "charter_signer": N_("Whose name stands under a charter that has ended"),
}


@dataclass(frozen=True)
class Due:
    """Something whose time is over on `on`; `kind` as in `keep_months`. It tells no content."""

    kind: str
    organisation: Organisation | None
    since: date
    on: date
    thing: Any
    hold: FourEyes | None = None
    seen: bool = False

    @property
    def name(self) -> str:
        """What it is, as history names it."""
        return f"{self.kind}-{self.thing.id}"

    def goes(self, today: date) -> bool:
        """Whether the clock destroys it today."""
        return not self.hold and self.on + (timedelta() if self.seen else WAITS) <= today


def due_deletions(today: date, ahead: timedelta = AHEAD) -> list[Due]:
    """What is to be deleted by now and in the days ahead, soonest first."""
    policy = todays_policy()
    months = policy.head.keep_months
    found = [*_contact_persons(policy), *_left(), *_references(), *_offers(), *_entries()]
    for later in (over.assessments, over.statements, over.contacts, signed.signers):
        found += later(policy, today + ahead)
    # A time that was cut short counts from the day on which that was published.
    cut = day_of(at[1]) if (at := published()) else date.min
    begun = dict.fromkeys(KEPT_LATER, today) | _begun()
    first = {kind: begun[kind] + AHEAD if kind in begun else date.min for kind in KINDS}
    rows = [Due(kind, whose, since, max(months_after(since, months[kind]), first[kind], cut), thing)
            for kind, whose, since, thing in found]  # fmt: skip
    rows = sorted((r for r in rows if r.on <= today + ahead), key=lambda r: (r.on, r.name))
    seen, holds = looked_through(today), kept_now(today)
    return [replace(r, seen=r.name in seen, hold=_held(r, holds)) for r in rows]


def _held(due: Due, holds: Iterable[FourEyes]) -> FourEyes | None:
    """The hold under which it falls: one on the whole file, or on its piece of work."""
    case = getattr(due.thing, "engagement_id", None)
    return next((h for h in holds if due.organisation and h.organisation_id == due.organisation.id
                 and h.engagement_id in (None, case)), None)  # fmt: skip


def _begun() -> dict[str, date]:
    rows = deeds("municipality", (BEGUN,), datetime(2000, 1, 1, tzinfo=UTC))
    return {kind: day_of(row.at) for row in rows for kind in row.facts["kinds"]}


def begin(at: datetime) -> None:
    """Note since when each later kind is looked at: what was there before is listed first."""
    new = sorted(KEPT_LATER.keys() - _begun().keys())
    if new and (of := municipality()):
        record(BEGUN, of, by=CLOCK, at=at, kinds=new)


def looked_through(today: date, lately: timedelta = COUNTS) -> set[str]:
    """The names of all that somebody has lately seen on the list and let go."""
    since = datetime.combine(today - lately, time(), UTC)
    rows = deeds("municipality", (LOOKED_THROUGH,), since)
    return {name for row in rows for name in row.facts["things"]}


Found = Iterator[tuple[str, Organisation | None, date, Any]]


def _contact_persons(policy: Policy) -> Found:
    """Of public contact roles; counted from the last contact, else from when they were told."""
    roles = [k.id for k in policy.kinds.organisation if k.form == "contact_role"]
    last = (
        select(func.max(Contact.held_on))
        .where(Contact.organisation_id == Organisation.id, Contact.withdrawn_at.is_(None))
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Office, Organisation, last)
        .join(Organisation, Organisation.id == Office.organisation_id)
        .where(Organisation.kind.in_(roles), Office.person != "", Office.until.is_(None))
    )
    for office, organisation, met in rows:
        yield "connector_contact", organisation, max(filter(None, (met, office.told_on))), office


def _left() -> Found:
    rows = db.session.execute(
        select(Office, Organisation)
        .join(Organisation, Organisation.id == Office.organisation_id)
        .where(Office.person != "", Office.until.is_not(None))
    )
    return (("left_office", whose, o.until, o) for o, whose in rows if o.until)


def _references() -> Found:
    rows = db.session.scalars(
        select(Reference)
        .where(Reference.given_at.is_not(None), Reference.cleared_on.is_(None))
        .options(joinedload(Reference.organisation))
    )
    for row in rows:
        assert row.given_at
        kind = "call_note" if row.by_call else "reference"
        yield kind, row.organisation, day_of(row.given_at), row


def _offers() -> Found:
    rows = db.session.scalars(
        select(Charter)
        .where(Charter.state.in_(NOT_TAKEN_UP), Charter.organisation_id.is_not(None))
        .options(joinedload(Charter.organisation))
    )
    return (("charter_offer", row.organisation, day_of(row.offered_at), row) for row in rows)


def _entries() -> Found:
    """Kept entries of the reading list, counted from the decision for which they were read."""
    decided = (
        select(func.max(Round.decided_at))
        .where(Round.engagement_id == Kept.engagement_id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Kept, Organisation, decided)
        .join(Organisation, Organisation.id == Kept.organisation_id)
        .where(Kept.title != "", decided.is_not(None))
    )
    return (("reading_entry", whose, day_of(on), kept) for kept, whose, on in rows)


def delete_due(due: Due, *, at: datetime) -> None:
    """Delete what its time is over for, and write down that it went: its kind and its day."""
    what = f"{due.thing.__tablename__}.cleared"
    record(what, due.thing, by=CLOCK, at=at, kind=due.kind, since=due.since.isoformat())
    DEEDS[due.kind](due.thing, at)


def _forget_person(office: Office, _at: datetime) -> None:
    office.person = office.reach = ""


def _forget_words(reference: Reference, at: datetime) -> None:
    reference.answers, reference.cleared_on = {}, day_of(at)


def _forget_entry(kept: Kept, _at: datetime) -> None:
    kept.title = kept.link = kept.note = ""


def _forget_offer(offer: Charter, at: datetime) -> None:
    signed.forget_signers(offer, at)  # one of two may have signed
    db.session.flush()
    db.session.delete(offer)


DEEDS: dict[str, Callable[[Any, datetime], None]] = {
    "connector_contact": _forget_person, "left_office": _forget_person,
    "call_note": _forget_words, "reference": _forget_words, "charter_offer": _forget_offer,
    "reading_entry": _forget_entry, "assessment": over.forget_assessment,
    "assessment_funded": over.forget_assessment, "result_below": over.forget_reasons,
    "statement": over.forget_point, "contact": over.forget_contacts,
    "charter_signer": signed.forget_signers,
}  # fmt: skip


def announce(jobs: Jobs) -> None:
    """Tell the house's workers of the day's deletions."""
    jobs.each_day("desk.keeping", the_day)
    jobs.each_day("desk.log", the_log)


def the_day(at: datetime) -> Steps:
    """The deletions of one day, and what came too late for a merge."""
    gather_late(at)
    begin(at)
    today = day_of(at)
    done: set[str] = set()  # a deed that left its words must not be found for ever
    while due := [d for d in due_deletions(today, timedelta()) if d.goes(today)
                  and d.name not in done][:50]:  # fmt: skip
        for one in due:
            delete_due(one, at=at)
            done.add(one.name)
        yield len(done), len(done)
    return {"deleted": len(done)}


def the_log(at: datetime) -> Steps:
    """Each day the lines go whose time is over, the oldest first; a hold keeps an organisation's.

    When each kind began to have a time is about nobody, and counts for as long as there are times.
    """
    months, gone = todays_policy().head.keep_months["log"], 0
    # A day later, because the database counts in UTC and days here begin by another clock.
    last = months_after(day_of(at), -months) - timedelta(days=1)
    before = datetime.combine(last, time(), UTC)
    held = [hold.organisation_id for hold in kept_now(day_of(at))]
    while number := let_go(before, held, BEGUN, at=at):
        gone += number
        yield gone, gone
    if gone and (of := municipality()):
        record("log.cleared", of, by=CLOCK, at=at, lines=gone, before=before.isoformat())
    return {"deleted": gone}
