"""Reading papers, and who may sign them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload

from partners.access.queries import only_allowed
from partners.access.rules import Actor, may
from partners.access.table import Permission as P
from partners.access.table import Role
from partners.accounts.models import Account, Delegation
from partners.assessment.papers import documents
from partners.assessment.queries import WHOLE as ENGAGEMENT
from partners.assessment.queries import policy_of, standings
from partners.assessment.rules.answers import falls_short
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.mou.models import Paper, Promise, Turn
from partners.mou.rules import FOLLOWS, OVER, PAUSED, State, row_of, standing
from partners.paper.documents import MOST_AHEAD, NOTICES, Document
from partners.policy import shelf
from partners.policy.values import Item, Policy
from partners.registry.models import Office
from partners.registry.queries import named
from partners.signing.models import Ceremony, Seal, Signature
from partners.signing.queries import to_compare, waiting_copies
from partners.signing.rules import ELSEWHERE, Standing, seat_of
from partners.uploads.queries import also_held

if TYPE_CHECKING:
    from partners.assessment.models import Engagement

# What differs from person to person and from day to day in statements that are built once.
ME: Any = bindparam("me", type_=Integer)
NAMED: Any = bindparam("named", type_=String)
TODAY, SOON = (bindparam(name, type_=Date) for name in ("today", "soon"))
WHOLE = (joinedload(Paper.organisation), joinedload(Paper.engagement).options(*ENGAGEMENT),
         joinedload(Paper.follows))  # fmt: skip


def newest(engagement_id: int, kind: str = "") -> Paper | None:
    """The newest paper of an engagement, or of that kind, whatever became of it."""
    found = select(Paper).where(Paper.engagement_id == engagement_id)
    found = found.where(Paper.kind == kind) if kind else found
    return db.session.scalar(found.order_by(Paper.id.desc()).limit(1).options(*WHOLE))


def following(paper_id: int) -> Sequence[Paper]:
    """The issued papers that followed this one: what changed, renewed, replaced or ended it."""
    found = select(Paper).where(Paper.follows_id == paper_id, Paper.issued_at.is_not(None))
    return db.session.scalars(found.order_by(Paper.id)).all()


def later(paper: Paper) -> Paper | None:
    """The paper of the same kind that was begun after this one and still stands."""
    found = newest(paper.engagement_id, paper.kind)
    return found if found and found.id > paper.id and found.state not in OVER else None


def written_for(engagement_id: int) -> Sequence[Paper]:
    """Every paper of an engagement, newest first."""
    return db.session.scalars(
        select(Paper).where(Paper.engagement_id == engagement_id).order_by(Paper.id.desc())
    ).all()


def turns_of(paper_id: int) -> Sequence[tuple[Turn, str]]:
    """The versions of a draft in order, each with the name of who handed it over."""
    rows = db.session.execute(
        select(Turn, Account.name)
        .join(Account, Account.id == Turn.by_id)
        .where(Turn.paper_id == paper_id)
        .order_by(Turn.number)
    )
    return [(turn, name) for turn, name in rows]


def _handed(actor: Actor) -> Select[Paper]:
    return only_allowed(select(Paper).where(handed_to(actor.side)), Paper, actor, P.PAPER_WRITE)


def handed_to(side: str) -> ColumnElement[bool]:
    """Whether a paper is a draft that was handed to this side to write on."""
    handed = exists().where(Turn.paper_id == Paper.id)
    return and_(Paper.state == State.DRAFT, Paper.turn == side, handed)


def promises(*where: Any, limit: int = 200) -> Sequence[Promise]:
    """Promises that are open, soonest due first."""
    beside = (joinedload(Promise.paper), joinedload(Promise.organisation),
              joinedload(Promise.engagement), joinedload(Promise.who))  # fmt: skip
    still = (Promise.done_at.is_(None), Promise.replaced_on.is_(None))
    found = select(Promise).where(*still, *where).options(*beside)
    return db.session.scalars(found.order_by(Promise.due_on, Promise.id).limit(limit)).all()


def promises_of(paper_id: int) -> Sequence[Promise]:
    """Every promise of a paper, the done ones too, in the order of the paper."""
    return db.session.scalars(
        select(Promise).where(Promise.paper_id == paper_id).order_by(Promise.id)
        .options(joinedload(Promise.who))
    ).all()  # fmt: skip


def promised_in(engagement_id: int) -> Sequence[Promise]:
    """What stands promised in the papers of an engagement, done or not, open ones first."""
    stands = (Promise.engagement_id == engagement_id, Promise.replaced_on.is_(None))
    order = (Promise.done_at.is_not(None), Promise.due_on, Promise.id)
    found = select(Promise).where(*stands).order_by(*order).limit(100)
    beside = joinedload(Promise.who), joinedload(Promise.paper)
    return db.session.scalars(found.options(*beside)).all()


def notices_of(paper: Paper) -> Sequence[int]:
    """On which days before its last day both sides are told, as the paper's own edition has it."""
    edition = paper.texts.get("edition") or paper.engagement.policy_version
    document = documents(edition, shelf.edition(edition)).get(paper.kind)
    return document.notices if document else NOTICES


def _ends_soon(paper: Paper, today: date) -> bool:
    return paper.ends_on is not None and (today - paper.ends_on).days >= min(notices_of(paper))


def _running_out(today: Any, soon: Any) -> Select[Paper]:
    """Because each paper has notices of its own, this takes the widest; `_ends_soon` decides."""
    ends = (Paper.state == State.IN_FORCE, Paper.ends_on.between(today, soon))
    next_one = aliased(Paper)
    follows = (next_one.follows_id == Paper.id, next_one.state == State.IN_FORCE)
    return select(Paper).where(*ends, ~exists().where(*follows))


def beginning(today: date) -> Sequence[Paper]:
    """Papers whose first day has come, while the one that they follow still stands."""
    before = aliased(Paper)
    found = (
        select(Paper)
        .join(before, before.id == Paper.follows_id)
        .where(Paper.state == State.IN_FORCE, Paper.follows_how.in_(FOLLOWS),
               Paper.starts_on <= today, before.state.in_((State.IN_FORCE, State.NOTICE)))
        .options(*WHOLE)
        .order_by(Paper.id)
    )  # fmt: skip
    return db.session.scalars(found).unique().all()


def to_talk_about(today: date) -> Sequence[Paper]:
    """Papers that rest and whose day of the talk has come, or has passed."""
    found = select(Paper).where(Paper.state == State.IN_FORCE, Paper.paused_until <= today)
    return db.session.scalars(found.options(*WHOLE).order_by(Paper.id)).unique().all()


def _soon(today: date) -> date:
    return today + timedelta(days=-MOST_AHEAD)


def waiting(actor: Actor, today: date) -> list[tuple[str, Paper]]:
    """Papers to "sign", "write", "compare" and "talk" about, and those that "end" soon, in one
    statement.
    """
    rows: Any = db.session.execute(_waiting(actor.roles), {
        "me": actor.id, "named": str(actor.id), "today": today,
        "soon": _soon(today)})  # fmt: skip
    fits = {"sign": lambda paper: is_named(paper, actor),
            "talk": lambda paper: paused(paper, today),
            "end": lambda paper: _ends_soon(paper, today)}  # fmt: skip
    return [(why, paper) for why, paper in rows if why not in fits or fits[why](paper)]


@cache
def _waiting(roles: frozenset[Role], limit: int = 20) -> Any:
    actor = Actor(ME, "", roles)
    parts = {"sign": _unsigned(actor).order_by(Paper.id),
             "write": _handed(actor).order_by(Paper.id),
             "compare": only_allowed(
                 select(Paper).where(signed_elsewhere(Ceremony.account_id != ME)),
                 Paper, actor, P.PAPER_DRAFT).order_by(Paper.id),
             "talk": only_allowed(
                 select(Paper).where(Paper.paused_until >= TODAY), Paper, actor, P.PAPER_DRAFT)
             .order_by(Paper.paused_until, Paper.id),
             "end": only_allowed(_running_out(TODAY, SOON), Paper, actor, P.PAPER_DRAFT)
             .order_by(Paper.ends_on, Paper.id)}  # fmt: skip
    first = {why: rows.with_only_columns(Paper.id).limit(limit).subquery()
             for why, rows in parts.items()}  # fmt: skip
    ids = (select(literal(why).label("why"), part.c.id) for why, part in first.items())
    picked = union_all(*ids).subquery()
    return (
        select(picked.c.why, Paper)
        .join(Paper, Paper.id == picked.c.id)
        .options(named(Paper.organisation), joinedload(Paper.engagement))
        .order_by(Paper.ends_on, Paper.id)
    )


def signed_elsewhere(*whose: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a file that somebody signed elsewhere waits to be compared."""
    about = literal("paper ") + cast(Paper.id, String)
    return and_(Paper.state == State.ISSUED, to_compare(about, *whose))


def ending(today: date) -> Sequence[Paper]:
    """Every paper in force, of everybody, that ends within the time of its first notice."""
    found = _running_out(today, _soon(today)).options(*WHOLE).order_by(Paper.id)
    return [paper for paper in db.session.scalars(found).unique() if _ends_soon(paper, today)]


def promised_to(actor: Actor, today: date, ahead: date) -> Sequence[Promise]:
    """What a member of staff sees of promises: their own until `ahead`, and what must not be
    forgotten.

    Because people leave: what nobody here sees to any more is the whole case team's, and every
    manager's. Managers see all of ours that is late, a case team what is late of theirs.
    """
    found = _promised_to(Role.MANAGER in actor.roles)
    about = {"me": actor.id, "today": today, "soon": ahead}
    return db.session.scalars(found, about).all()


@cache
def _promised_to(manager: bool) -> Any:
    left = or_(Promise.owner_id.is_(None), Account.ended_at.is_not(None))
    ours, late = Promise.side == "city", Promise.due_on < TODAY
    team = Promise.paper.has(Paper.on_team(ME))
    near = or_(Promise.due_on.is_(None), Promise.due_on <= SOON)
    wanted = [and_(Promise.owner_id == ME, near), and_(ours, left, team), and_(~ours, late, team)]
    if manager:
        wanted.append(and_(ours, or_(late, left)))
    still = (Promise.done_at.is_(None), Promise.replaced_on.is_(None))
    return (
        select(Promise)
        .outerjoin(Account, Account.id == Promise.owner_id)
        .where(*still, or_(*wanted), ~Promise.paper.has(Paper.stepped_aside(ME)))
        .options(joinedload(Promise.paper), named(Promise.organisation),
                 joinedload(Promise.engagement), joinedload(Promise.who))
        .order_by(Promise.due_on, Promise.id)
        .limit(100)
    )  # fmt: skip


def papers_of(organisation_id: int, actor: Actor) -> Sequence[Paper]:
    """The organisation's papers that the actor may read, newest first."""
    statement = (
        select(Paper)
        .where(Paper.organisation_id == organisation_id)
        .options(*WHOLE)
        .order_by(Paper.id.desc())
    )
    return db.session.scalars(only_allowed(statement, Paper, actor, P.PAPER_VIEW)).all()


def held(fingerprints: Collection[str]) -> set[str]:
    """Which of these files are papers that were issued or sealed; nobody sweeps them away."""
    rows = union_all(
        select(Paper.fingerprint).where(Paper.fingerprint.in_(fingerprints)),
        select(Seal.fingerprint).where(
            Seal.fingerprint.in_(fingerprints), Seal.cleared_on.is_(None)
        ),
    )
    copies = _copies() | waiting_copies()
    return set(db.session.scalars(rows)) | (copies & set(fingerprints))


def unsealed() -> Sequence[int]:
    """Papers that hold and that people signed here, without a seal and without one being asked."""
    signed, sealed = exists().where(Signature.paper_id == Paper.id), exists().where(
        Seal.paper_id == Paper.id)  # fmt: skip
    holds = Paper.state.in_((State.IN_FORCE, State.NOTICE))
    return db.session.scalars(select(Paper.id).where(holds, signed, ~sealed)).all()


def _copies() -> set[str]:
    """The files with signatures that were given by hand or elsewhere; they are few."""
    kept = Signature.method.in_(("paper", ELSEWHERE))
    rows = db.session.scalars(select(Signature.evidence).where(kept))
    return {row["copy"] for row in rows if row.get("copy")}


also_held.append(held)


def _unsigned(actor: Actor) -> Select[Paper]:
    signed = select(Signature.paper_id).where(
        Signature.account_id == actor.id, Signature.paper_id.is_not(None)
    )
    # Because signers stand in the facts, the text of these narrows first; `is_named` decides.
    row, facts = literal('"account": ') + NAMED, cast(Paper.facts, String)
    narrow = or_(facts.contains(row + ","), facts.contains(row + "}"))
    waits = signed_elsewhere(Ceremony.account_id == actor.id)
    rows = select(Paper).where(Paper.state == State.ISSUED, Paper.id.not_in(signed), ~waits, narrow)
    return only_allowed(rows, Paper, actor, P.PAPER_SIGN)


def is_named(paper: Paper, actor: Actor) -> bool:
    """Whether the paper names this person to sign."""
    return row_of(paper.facts, actor.id) is not None


def may_open(paper: Paper, actor: Actor) -> bool:
    """Whoever may read the paper, and whoever it names, also from outside the case."""
    named = is_named(paper, actor) and may(actor, P.PAPER_SIGN, paper)
    return named or may(actor, P.PAPER_VIEW, paper)


def delegates(kind: str, band: str, policy: Policy, at: datetime) -> Sequence[Delegation]:
    """The living, confirmed delegations for such a paper up to at least this band, by name.

    A person with several is there once, with the one that lasts longest.
    """
    rows = db.session.scalars(
        select(Delegation)
        .join(Account, Account.id == Delegation.account_id)
        .where(
            Delegation.confirmed_at.is_not(None),
            Delegation.ended_at.is_(None),
            Delegation.until > at,
            Account.ended_at.is_(None),
        )
        .options(joinedload(Delegation.account).joinedload(Account.department))
        .order_by(Account.name, Delegation.until)
    )
    fitting = (d for d in rows if kind in d.papers and reaches(d.up_to_band, band, policy))
    return list({d.account_id: d for d in fitting}.values())


def reaches(up_to: str, band: str, policy: Policy) -> bool:
    """Whether a delegation up to one band covers another; a band nobody knows covers nothing."""
    known = policy.bands.get(up_to)
    return known is not None and known.rank >= policy.bands[band].rank


def delegation(account_id: int, paper: Paper, at: datetime) -> Delegation | None:
    """The delegation by which this person may sign this paper now."""
    policy = policy_of(paper.engagement)
    band = paper.texts.get("band") or paper.engagement.held[1]
    found = delegates(paper.kind, band, policy, at)
    return next((d for d in found if d.account_id == account_id), None)


def signatories(
    users: Iterable[Account], offices: Sequence[Office], today: date
) -> Sequence[tuple[Account, Office]]:
    """Of an organisation's users those who may sign today, each with the office."""
    people = [a for a in users if Role.SIGNATORY in a.actor.roles]
    found = ((a, seat_of(a.name, a.title, offices, today)) for a in people)
    return [(account, office) for account, office in found if office is not None]


def not_met(engagement: "Engagement", document: Document, today: date) -> Sequence[Item]:
    """The items that this paper needs met, where they are asked, and that are not."""
    wanted = document.more.get("met_first", ())
    return [
        s.item for s in standings(engagement, today)
        if s.item.id in wanted and (s.given is None or falls_short(s.given, s.strength))
    ]  # fmt: skip


def newest_number(letter: str, year: int) -> str | None:
    """The highest number given in this row, if any."""
    return db.session.scalar(
        select(func.max(Paper.number)).where(Paper.number.like(f"{letter}-{year}-%"))
    )


def stands(paper: Paper, today: date) -> str:
    """Its state as a page says it today; see `rules.standing`."""
    state = State(paper.state)
    return standing(state, paper.starts_on, paper.ends_on, today, paper.paused_until)


def paused(paper: Paper, today: date) -> tuple[date, date] | None:
    """The first day of a pause and the day of the next talk, while the paper rests."""
    if stands(paper, today) != PAUSED or paper.paused_until is None:
        return None
    return date.fromisoformat(paper.texts["paused"]["since"]), paper.paused_until


def standing_of(paper_id: int, today: date) -> Standing:
    """How a signed paper stands today, as anybody who holds it may know."""
    paper = db.session.get_one(Paper, paper_id)
    state = stands(paper, today)
    if rests := paused(paper, today):
        return Standing(state, *rests, paper.texts["paused"]["side"])
    since = {State.NOTICE: paper.ended_at, State.REPLACED: paper.ended_at, "ended": None,
             "begins": None}.get(state, paper.in_force_at)  # fmt: skip
    day = day_of(since) if since else paper.starts_on if state == "begins" else paper.ends_on
    assert day is not None
    by = "both" if state == State.REPLACED else paper.texts.get("notice_by", "")
    return Standing(state, day, paper.ends_on, by)
