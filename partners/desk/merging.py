"""Two records of one organisation: found, compared, joined after a check, and parted again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from wtforms import HiddenField

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.accounts.queries import users_of
from partners.accounts.views.doors import house_address
from partners.assessment.models import Answer
from partners.assessment.notices import Day, readers_of, write_to
from partners.assessment.queries import cards_of
from partners.assessment.rules.moves import OVER
from partners.charter.queries import in_force, open_offer
from partners.desk.organisation import WHOLE
from partners.desk.views import bp
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.mou.models import Paper
from partners.mou.rules import State as PaperState
from partners.registry import merging, queries
from partners.registry.comparing import told_apart
from partners.registry.finding import Wish, look_for
from partners.registry.forms import form_of, kind_choices, policy
from partners.registry.models import Merge, Organisation
from partners.registry.rules import FACTS, IDENTIFIER, differing, joined, says, twice
from partners.registry.views import asked
from partners.registry.vocabulary import vocabulary
from partners.relations.models import Contact
from partners.uploads.models import Upload
from partners.web.fields import Choice, Text, Tick, language
from partners.web.forms import HouseForm, posted, show
from partners.web.guard import fetch, looked, page

LABELS = {
    "name": _l("Name"), "kind": _l("Kind"), "standing": _l("Legal form"),
    "purpose": _l("Own words"), "website": _l("Website"), "feeds": _l("Feeds"),
    "email": _l("Mailbox"), "telephone": _l("Telephone"),
    "district": _l("District where it works most"),
}  # fmt: skip


class MergeForm(HouseForm):
    """Which record stays, whose words stand where both differ, and why."""

    stays = Choice(_l("Which record stays?"), ask=N_("Choose the record that stays."))
    name, kind, standing, purpose, website, feeds, email, telephone, district = (
        Choice(LABELS[fact], ask=N_("Choose what stands.")) for fact in FACTS
    )
    reason = Text(_l("How do you know that they are one organisation?"), aid=True,
                  ask=N_("Write how you know it; they read it."), limit=500,
                  lines=True)  # fmt: skip
    sure = Tick(_l("I made sure that both records are about one organisation, and that these people"
                   " may read the joint file"))  # fmt: skip
    seen = HiddenField()

    def __init__(self, one: Organisation, other: Organisation) -> None:
        self.differ = differing(one, other)
        super().__init__(data=dict.fromkeys(("stays", *self.differ), one.public_id))
        for fact in FACTS.keys() - set(self.differ):
            del self[fact]
        self.stays.offer((o.public_id, f"{o.name}, {o.reference}") for o in (one, other))
        fields: Any = self
        for fact in self.differ:
            fields[fact].offer((o.public_id, said(o, fact)) for o in (one, other))


class PartForm(HouseForm):
    reason = Text(_l("Why are they two?"), ask=N_("Write why; both read it."), aid=True, limit=500,
                  lines=True)  # fmt: skip


def said(record: Any, fact: str) -> str:
    """What a record says about a fact, in words."""
    value = says(record, fact)
    if fact == "kind":
        return str(dict(kind_choices()).get(value, value))
    if fact == "standing" and not record.legal_form:
        return gettext("Not registered: %(reason)s", reason=value)
    return ", ".join(value) if isinstance(value, list) else str(value)


@page(bp, "/organisations/<organisation_id>/merge", needs=P.ORGANISATION_MERGE)
def merge_with(organisation_id: str) -> Any:
    """Which other record is about the same organisation?"""
    one = fetch(Organisation, organisation_id, P.ORGANISATION_MERGE, *WHOLE)
    if one.left_at:
        abort(404)
    query = asked("q")
    numbers = [(n.scheme, n.text) for n in one.names if n.kind == IDENTIFIER]
    near = queries.near_to(one.name, numbers, but=one.id)
    rows = look_for(Wish(query=query)).leaf().rows if query else ()
    found = [row for row in rows if row.id != one.id]
    return show("desk/merge-with.html", organisation=one, near=near, found=found, query=query)


@page(bp, "/organisations/<organisation_id>/merge/<other_id>", needs=P.ORGANISATION_MERGE,
      methods=("GET", "POST"))  # fmt: skip
def merge(organisation_id: str, other_id: str) -> Any:
    """Both records side by side, then what becomes of them, then one; or how to part them again."""
    one = fetch(Organisation, organisation_id, P.ORGANISATION_MERGE, *WHOLE)
    two = fetch(Organisation, other_id, P.ORGANISATION_MERGE, *WHOLE)
    if one.id == two.id:
        return _joined(one, other_id if organisation_id == one.public_id else organisation_id)
    if one.left_at or two.left_at:
        abort(404)
    form, step = MergeForm(one, two), request.form.get("step", "check")
    if form.sent() and step != "back":
        kept, gone = (one, two) if form.stays.data == one.public_id else (two, one)
        by_id = {o.public_id: o for o in (one, two)}
        stands = {fact: by_id[form[fact].data] for fact in form.differ}
        with form.refusals():
            if step == "save":
                _merge(kept, gone, stands, form)
                flash(gettext("Both records are now one. Whoever signs in for them is told."))
                return redirect(url_for(".organisation", organisation_id=kept.public_id))
        return _check(form, kept, gone, stands)
    for record in (one, two):
        looked(record.id, "organisation page", gettext("to compare two records"))
    sides = [_side(o) for o in (one, two)]
    return show("desk/merge.html", form, one=one, two=two, sides=sides, said=said,
                notes=_notes(one, two, sides))  # fmt: skip


def _check(
    form: MergeForm, kept: Organisation, gone: Organisation, stands: Mapping[str, Organisation]
) -> Any:
    form.seen.data = merging.seal(kept, gone)
    now = joined(kept, gone, stands, _ranks())
    sides = [_side(o) for o in (kept, gone)]
    return show("desk/merge-check.html", form, kept=kept, gone=gone, now=now, sides=sides,
                notes=_notes(kept, gone, sides), stands=stands, said=said)  # fmt: skip


def _ranks() -> dict[str, int]:
    return {level.id: level.rank for level in policy().levels.values()}


def _merge(
    kept: Organisation, gone: Organisation, stands: Mapping[str, Organisation], form: MergeForm
) -> None:
    if not form.sure.data:
        raise Refusal(N_("Confirm it once you have made sure."), field="sure")
    kind = stands.get("kind", kept).kind
    people = [o.person for r in (kept, gone) for o in r.offices if o.person and o.until is None]
    if form_of(kind) == "contact_role" and len(people) > 1:
        raise Refusal(
            N_("A public contact role has one contact person at most. End the other role first.")
        )
    at, names = clock.now(), [(o.name, o.reference) for o in (kept, gone)]
    readers = [*readers_of(kept), *readers_of(gone)]
    made = merging.merge(kept, gone, stands, form.reason.data, ranks=_ranks(),
                         seen=form.seen.data or "", by=g.actor, at=at)  # fmt: skip
    (one, a), (other, b) = names
    _tell(
        readers, made.reason, at,
        _l("Two records of your organisation are now one"),
        _l("In our register there were two records of your organisation: %(one)s (%(a)s) and"
           " %(other)s (%(b)s). On %(day)s we made one of them. It is called %(name)s.",
           one=one, a=a, other=other, b=b, day=Day(clock.day_of(at)), name=kept.name),
        _l("Whoever signs in for one of them now reads the joint file. What was written and signed"
           " before stays as it was. If this is wrong, tell us: until %(day)s we can part them"
           " again.", day=Day(made.until)),
    )  # fmt: skip


def _tell(readers: Any, reason: str, at: datetime, subject: Any, what: Any, then: Any) -> None:
    """The same letter to both, with the reason and how to object."""
    link = house_address() + url_for("public.page", name="complaints")
    write_to(
        readers, subject, what, _l("Our reason: %(reason)s", reason=reason), then,
        _l("You talk to %(name)s. How to object or complain: %(link)s", name=g.actor.name,
           link=link), at=at,
    )  # fmt: skip


def _joined(kept: Organisation, gone: str) -> Any:
    """Two addresses of one record: since when, why, and until when it can be undone."""
    found = merging.merge_of(gone)
    if found is None:
        abort(404)
    # Somebody may have joined them while this person was about to: that press parts nothing.
    parts = posted("part")
    refused, form = merging.why_not(found, clock.today()), PartForm(blank=not parts)
    if parts and form.sent() and not refused:
        with form.refusals():
            _part(found, form.reason.data)
            flash(gettext("Both records stand for themselves again. Whoever signs in for them"
                          " is told."))  # fmt: skip
            return redirect(url_for(".organisation", organisation_id=found.kept.public_id))
    return show("desk/merged.html", form, merge=found, organisation=kept, refused=refused)


def _part(found: Merge, reason: str) -> None:
    at, then = clock.now(), Day(clock.day_of(found.at))
    merging.part(found, reason, by=g.actor, at=at)
    kept, gone = found.kept, found.gone
    _tell(
        [*readers_of(kept), *readers_of(gone)], reason, at,
        _l("Two records in our register are two again"),
        _l("On %(then)s we had made one record of %(one)s (%(a)s) and %(other)s (%(b)s). Now they"
           " are two again.", then=then, one=kept.name, a=kept.reference, other=gone.name,
           b=gone.reference),
        _l("Whoever signs in reads the file of their own organisation only. What moved went back."),
    )  # fmt: skip


def _side(record: Organisation) -> dict[str, Any]:
    """What is held of a record, in words and numbers; the names of works only as they may be
    read.
    """
    cards, users = cards_of(record.id), users_of(record.id)
    charter, numbers = in_force(record.id, clock.today()), _numbers(record.id)
    offices = (o for o in record.offices if o.until is None)
    return {
        "works": [c.title for c in cards if c.agreed_level or may(g.actor, P.ENGAGEMENT_VIEW, c)],
        "works_all": len(cards),
        "offices": [vocabulary().office(o.role, language()) for o in offices],
        "users": [user.name for user in users],
        "charter": charter,
        "counts": numbers | {
            "running": sum(card.state not in OVER for card in cards),
            "people": len(users), "charter": bool(charter), "offer": bool(open_offer(record.id)),
        },
    }  # fmt: skip


def _numbers(organisation_id: int) -> dict[str, int]:
    held: dict[str, Any] = {
        "agreements": (Paper, Paper.state.in_([PaperState.IN_FORCE, PaperState.NOTICE])),
        "contacts": (Contact, Contact.withdrawn_at.is_(None)),
        "uploads": (Upload, Upload.destroyed_at.is_(None)),
        "answers": (Answer, Answer.withdrawn_at.is_(None)),
    }
    counts = [
        select(func.count()).select_from(model)
        .where(model.organisation_id == organisation_id, stands).scalar_subquery()
        for model, stands in held.values()
    ]  # fmt: skip
    return dict(zip(held, db.session.execute(select(*counts)).one(), strict=True))


def _notes(one: Organisation, two: Organisation, sides: list[dict[str, Any]]) -> list[str]:
    """What to think of before two records become one, the gravest first."""
    numbers = [{"names": [(n.kind, n.scheme, n.text, n.folded) for n in o.names]}
               for o in (one, two)]  # fmt: skip
    apart = [N_("One register knows them under different numbers: then they are usually two.")]
    found = (apart if told_apart(*numbers) else []) + twice(*(side["counts"] for side in sides))
    return [gettext(sentence) for sentence in found]
