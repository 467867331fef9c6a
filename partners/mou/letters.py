"""Letters about papers. Neither subject nor text tells what is in them."""

from datetime import date, datetime

from flask import g, url_for
from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from partners.accounts.models import Account
from partners.accounts.views.doors import house_address
from partners.assessment import notices
from partners.ground import clock
from partners.ground.db import db
from partners.mail.actions import write
from partners.mou import rules
from partners.mou.models import Paper
from partners.signing.queries import signatures_on


def tell_signers(paper: Paper, *, done: bool = False) -> None:
    """Write to everyone named, in their language; neither subject nor text tells the content."""
    wanted = [row["account"] for row in rules.signers(paper.facts)] + [paper.drafted_by]
    accounts = db.session.scalars(
        select(Account).where(Account.id.in_(wanted), Account.ended_at.is_(None))
    )
    voided = {one.account_id for one in signatures_on(paper.id) if one.voided_at}
    for account in accounts:
        if account.id != g.actor.id:
            address = house_address() + url_for(".show_paper", paper_id=paper.public_id)
            _tell(account, address, done, account.id in voided)


def _tell(account: Account, address: str, done: bool, voided: bool) -> None:
    with force_locale(account.language):
        subject = gettext("There is news in Partners") if done else gettext(
            "A paper waits for you in Partners")  # fmt: skip
        body = gettext("Hello %(name)s\n\nSign in to read it: %(address)s\n",
                       name=account.name, address=address)  # fmt: skip
        if voided:
            body += gettext("\nWhat you signed there will not come into force, so your signature"
                            " does not count any more. A new text is a new paper.\n")  # fmt: skip
    write(account.email, subject, body, at=clock.now())


def handed(paper: Paper) -> str:
    """Write to the side that has the turn now."""
    engagement = paper.engagement
    readers = notices.theirs(engagement) if paper.turn == "partner" else notices.ours(engagement)
    subject = _l("%(title)s: it is your turn to write", title=engagement.title)
    line = _l("A draft about “%(title)s” waits for you to read and to write on.",
              title=engagement.title)  # fmt: skip
    notices.tell(engagement, readers, subject, line, at=clock.now())
    return gettext("It is handed over. The other side writes now.")


def tell_handed_in(paper: Paper) -> None:
    """Write to the case team that a file signed elsewhere waits to be compared."""
    engagement = paper.engagement
    subject = _l("%(title)s: a file waits to be compared", title=engagement.title)
    line = _l("A file that was signed elsewhere was handed in for “%(title)s”. Compare whom it"
              " names; then it counts.", title=engagement.title)  # fmt: skip
    notices.tell(engagement, notices.ours(engagement), subject, line, at=clock.now())


def tell_talk(paper: Paper, on: date, *, new: bool = False, at: datetime) -> None:
    """Write to both sides of the talk until which a paper rests: when it is set, and on its day."""
    engagement = paper.engagement
    facts = {"title": engagement.title, "day": notices.Day(on)}
    subject = _l("%(title)s: we talk on %(day)s", **facts)
    line = (_l("A paper about “%(title)s” is paused until %(day)s, the day of the next talk. It"
               " does not end: the day after, it is in force again by itself. Either side can let"
               " it go on before.", **facts) if new else
            _l("The talk about a paper on “%(title)s” is set for %(day)s. You can let the paper go"
               " on, set another day, or give notice. If nobody does, it is in force again by"
               " itself the day after.", **facts))  # fmt: skip
    readers = [*notices.ours(engagement), *notices.theirs(engagement)]
    notices.tell(engagement, readers, subject, line, at=at)


def tell_sent_back(paper: Paper, account_id: int) -> None:
    """Write to whoever handed in a file that does not count."""
    address = house_address() + url_for("mou.show_paper", paper_id=paper.public_id)
    _tell(db.session.get_one(Account, account_id), address, True, False)
