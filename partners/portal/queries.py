"""Everything that is held about one organisation, read for itself. One statement a function."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from partners.accounts.models import Account, Pass
from partners.assessment.models import (
    Answer,
    Condition,
    Engagement,
    Point,
    Reference,
    Round,
    Support,
    TeamMember,
)
from partners.assessment.queries import papers_held
from partners.charter.models import Charter
from partners.ground import clock
from partners.ground.db import db
from partners.history.queries import shown_now
from partners.mou.models import Paper, Promise
from partners.mou.queries import handed_to, promises, signed_elsewhere
from partners.registry.models import Merge, Organisation
from partners.relations.models import Contact
from partners.signing.models import Ceremony, Signature
from partners.uploads.models import Upload

T = TypeVar("T")
# A point is the organisation's to read once it was sent, or once the result it touches is told.
NO_DRAFT = or_(Paper.issued_at.is_not(None), Paper.in_force_at.is_not(None))
SHOWN = or_(Point.sent_at.is_not(None), Round.told_at.is_not(None))

TEAM = selectinload(Engagement.team).joinedload(TeamMember.account)


def _shown(model: Any) -> ColumnElement[bool]:
    return shown_now(model, clock.today())


def _own(
    model: type[T], organisation_id: int, *where: Any, beside: Any = (), order: Any = ()
) -> Sequence[T]:
    """The rows of a table that are about the organisation, newest first where nothing is said."""
    about: Any = model
    rows = select(model).where(about.organisation_id == organisation_id, *where).options(*beside)
    return db.session.scalars(rows.order_by(*order, about.id.desc())).all()


def organisation(organisation_id: int | None) -> Organisation | None:
    """The organisation with its names and roles."""
    found = select(Organisation).where(Organisation.id == organisation_id)
    whole = (joinedload(Organisation.names), joinedload(Organisation.offices),
             joinedload(Organisation.merges).joinedload(Merge.gone))  # fmt: skip
    return db.session.scalars(found.options(*whole)).unique().one_or_none()


def engagements(organisation_id: int, *beside: Any) -> Sequence[Engagement]:
    """Its engagements with their rounds and the conditions of these, newest first."""
    rounds = joinedload(Engagement.rounds).joinedload(Round.conditions)
    return db.session.scalars(
        select(Engagement)
        .where(Engagement.organisation_id == organisation_id)
        .options(joinedload(Engagement.organisation), rounds.joinedload(Condition.owner), *beside)
        .order_by(Engagement.id.desc())
    ).unique().all()  # fmt: skip


def answers(organisation_id: int) -> Sequence[Answer]:
    """Every answer that was ever given, taken-back ones too, newest first."""
    return _own(Answer, organisation_id, _shown(Answer), beside=[joinedload(Answer.by)])


def points(organisation_id: int) -> Sequence[Point]:
    """The points that the organisation may read, newest first; see SHOWN."""
    return db.session.scalars(
        select(Point)
        .join(Round, Round.id == Point.round_id)
        .where(Point.organisation_id == organisation_id, SHOWN, _shown(Point))
        .order_by(Point.id.desc())
    ).all()


def references(organisation_id: int) -> Sequence[Reference]:
    """What others said of working with it, newest first, taken-back entries too."""
    return _own(Reference, organisation_id)


def uploads(organisation_id: int) -> Sequence[Upload]:
    """Papers handed in, also those that were destroyed, newest first; not with a held answer."""
    hidden = set(papers_held(organisation_id, clock.today()).values())
    return [row for row in _own(Upload, organisation_id) if row.id not in hidden]


def papers(
    organisation_id: int, *, drafts: bool = False
) -> Sequence[tuple[Paper, Signature | None, bool]]:
    """Papers issued here, and older ones that were written down, newest first, each with the
    organisation's own signature if there is one, and whether one of its files, signed elsewhere,
    waits to be compared.

    `drafts`: also those that were handed to the organisation to write on.
    """
    own = select(Account.id).where(Account.organisation_id == organisation_id)
    rows = db.session.execute(
        select(Paper, Signature, signed_elsewhere(Ceremony.account_id.in_(own)))
        .outerjoin(Signature, (Signature.paper_id == Paper.id) & (Signature.side == "partner"))
        .where(Paper.organisation_id == organisation_id,
               or_(NO_DRAFT, handed_to("partner")) if drafts else NO_DRAFT)
        .options(joinedload(Paper.engagement))
        .order_by(Paper.id.desc(), Signature.id)
    )  # fmt: skip
    return list({row[0].id: (row[0], row[1], row[2]) for row in rows}.values())


def charters(organisation_id: int) -> Sequence[Charter]:
    """The charter as it was offered to the organisation, newest first."""
    return _own(Charter, organisation_id)


def contacts(organisation_id: int) -> Sequence[Contact]:
    """The contact log, newest first, taken-back lines too."""
    beside = joinedload(Contact.by), joinedload(Contact.follow_up_owner)
    return _own(Contact, organisation_id, _shown(Contact), beside=beside,
                order=[Contact.held_on.desc()])  # fmt: skip


def follow_ups(organisation_id: int) -> Sequence[Contact]:
    """What was agreed in contacts and is not done yet, soonest first."""
    still = (Contact.follow_up != "", Contact.done_at.is_(None), Contact.withdrawn_at.is_(None))
    return _own(Contact, organisation_id, _shown(Contact), *still,
                beside=[joinedload(Contact.follow_up_owner)],
                order=[Contact.follow_up_on])  # fmt: skip


def promised(organisation_id: int) -> Sequence[Promise]:
    """What both sides have promised in papers and not done yet, soonest first."""
    return promises(Promise.organisation_id == organisation_id)


def supports(organisation_id: int) -> Sequence[Support]:
    """Support in money and in kind, newest due first, taken-back entries too."""
    return _own(Support, organisation_id, order=[Support.due_on.desc()])


def team(organisation_id: int) -> set[int]:
    """The staff whose names the organisation knows: those who work or worked with it."""
    rows = db.session.scalars(
        select(TeamMember.account_id)
        .join(Engagement, Engagement.id == TeamMember.engagement_id)
        .where(Engagement.organisation_id == organisation_id)
    )
    return set(rows)


def signatures(organisation_id: int) -> Sequence[Signature]:
    """Every signature on its papers and charters, of both sides, in order."""
    its = select(Paper.id).where(Paper.organisation_id == organisation_id)
    offers = select(Charter.id).where(Charter.organisation_id == organisation_id)
    return db.session.scalars(
        select(Signature)
        .where(or_(Signature.paper_id.in_(its), Signature.charter_id.in_(offers)))
        .order_by(Signature.id)
    ).all()


def guest_engagement(pass_id: int | None) -> int | None:
    """The engagement that a one-time link is for; None when it is for all of the organisation's."""
    return db.session.scalar(select(Pass.engagement_id).where(Pass.id == pass_id))


def counts(organisation_id: int) -> dict[str, Any]:
    """How much is held of each kind, and the day of the newest answer; one statement."""

    def number(model: Any, *where: Any) -> Any:
        statement = select(func.count()).select_from(model)
        return statement.where(model.organisation_id == organisation_id, *where).scalar_subquery()

    shown = select(Round.id).where(Round.told_at.is_not(None))
    newest = select(func.max(Answer.at)).where(Answer.organisation_id == organisation_id)
    row = db.session.execute(
        select(
            number(Answer, Answer.withdrawn_at.is_(None)).label("answers"),
            number(Upload, Upload.destroyed_at.is_(None)).label("uploads"),
            number(Point, or_(Point.sent_at.is_not(None), Point.round_id.in_(shown))).label(
                "points"
            ),
            number(Contact, Contact.withdrawn_at.is_(None)).label("contacts"),
            number(Paper, NO_DRAFT).label("papers"),
            newest.scalar_subquery().label("answered_at"),
        )
    ).one()
    return dict(row._mapping)
