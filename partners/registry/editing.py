"""Putting right what is written about an organisation: one page, one part of it at a time."""

from datetime import date, datetime
from typing import Any

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from partners.access.rules import Actor, may
from partners.access.table import Permission as P
from partners.ground import clock
from partners.ground.refusals import Refusal, beside
from partners.ground.text import read_url
from partners.ground.words import N_
from partners.matching.identifiers import check_identifier, split_identifier
from partners.policy.feeds import sources
from partners.registry import actions
from partners.registry.blueprint import bp
from partners.registry.forms import (
    NAME,
    SHORT,
    ReachFields,
    StandingFields,
    form_of,
    office_choices,
)
from partners.registry.models import Organisation
from partners.registry.rules import Seat
from partners.registry.vocabulary import vocabulary
from partners.web.fields import Day, Lines, Pick, Text, Tick, language
from partners.web.forms import HouseForm, conflict, show
from partners.web.guard import fetch, looked, page

_LONGEST_ENTRY = 120
_WHOLE = joinedload(Organisation.names), joinedload(Organisation.offices)


def entries(field: Lines) -> list[str]:
    """The lines of a field. Raises Refusal for one that is too long to be an entry."""
    if any(len(entry) > _LONGEST_ENTRY for entry in field.entries):
        raise Refusal(N_("Keep each line under %(most)d characters."), field=field.short_name,
                      most=_LONGEST_ENTRY)  # fmt: skip
    return field.entries


class WordsForm(HouseForm):
    heading = N_("What do they say they are for?")
    purpose = Text(_l("In their own words"), optional=True, limit=4000, lines=True)

    def save(self, on: Organisation, *, by: Actor, at: datetime) -> None:
        actions.describe(on, self.purpose.data, by=by, at=at)


class NamesForm(HouseForm):
    heading = N_("What is it called?")
    name = Text(_l("Name"), ask=N_("Write the name that the organisation uses."), limit=NAME,
                free=False)  # fmt: skip
    other_names = Lines(_l("Other names, one a line"), optional=True, free=False)

    def save(self, on: Organisation, *, by: Actor, at: datetime) -> None:
        actions.rename(on, self.name.data, entries(self.other_names), by=by, at=at)


class StandingForm(StandingFields):
    heading = N_("What kind of organisation is it, and how is it registered?")
    identifiers = Lines(_l("Numbers, one a line, with their register in front"), optional=True,
                        free=False, hint=_l("Such as DK-CVR-12345607."))  # fmt: skip

    def save(self, on: Organisation, *, by: Actor, at: datetime) -> None:
        told = self.legal_form.data, self.not_registered_because.data
        actions.constitute(on, self.kind.data, *told, by=by, at=at)
        actions.identify(on, self._numbers(), by=by, at=at)

    def _numbers(self) -> list[tuple[str, str]]:
        with beside("identifiers"):
            split = [split_identifier(entry) for entry in entries(self.identifiers)]
            return [(scheme, check_identifier(scheme, number)) for scheme, number in split]


class ReachForm(ReachFields):
    heading = N_("How is it reached?")

    def save(self, on: Organisation, *, by: Actor, at: datetime) -> None:
        actions.reach(on, self.website.data, self.email.data, self.telephone.data, by=by, at=at)


class FeedsForm(HouseForm):
    heading = N_("Where does it publish its own news?")
    feeds = Lines(_l("Addresses of its feeds, one a line"), optional=True, free=False)

    def save(self, on: Organisation, *, by: Actor, at: datetime) -> None:
        most = sources(current_app.config["SETTINGS"].policy).most_own
        with beside("feeds"):
            read = list(dict.fromkeys(read_url(entry) for entry in self.feeds.entries))
        if len(read) > most:
            raise Refusal(N_("Keep the %(most)d that say most: everybody is read in the same"
                             " number."), field="feeds", most=most)  # fmt: skip
        actions.publish_at(on, read, by=by, at=at)


class PlaceForm(HouseForm):
    heading = N_("Where does it work, and in which languages?")
    district = Text(_l("District where it works most"), optional=True, limit=SHORT, free=False)
    districts = Lines(_l("All districts where it works, one a line"), optional=True, free=False)
    languages = Lines(_l("Languages, one a line"), optional=True, free=False)
    tags = Lines(_l("Words by which it wants to be found, one a line"), optional=True)

    def save(self, on: Organisation, *, by: Actor, at: datetime) -> None:
        districts, languages = entries(self.districts), entries(self.languages)
        actions.place(on, self.district.data or "", districts=districts, languages=languages,
                      tags=entries(self.tags), by=by, at=at)  # fmt: skip


class AvoidForm(HouseForm):
    heading = N_("What do they ask us not to do?")
    please_avoid = Lines(_l("One wish a line"), optional=True)

    def save(self, on: Organisation, *, by: Actor, at: datetime) -> None:
        actions.ask_to_avoid(on, entries(self.please_avoid), by=by, at=at)


class SeatForm(HouseForm):
    heading = N_("Who does what in it?")
    adds = True
    role = Pick(_l("Role"), ask=N_("Choose the role."))
    person = Text(_l("Name of the person"), optional=True, limit=NAME, free=False)
    told_on = Day(_l("When was the person told what we keep?"), optional=True)
    reach = Text(_l("How this role is reached"), optional=True, limit=NAME, free=False)
    may_sign = Tick(_l("May sign for the organisation"))
    together = Tick(_l("Only together with somebody else who may sign"))
    authority = Text(_l("Where the right to sign comes from"), optional=True)
    since = Day(_l("In this role since"), optional=True)

    def __init__(self, row: Organisation) -> None:
        super().__init__(row, obj=None)
        self.role.offer([("", gettext("Choose")), *office_choices()])

    def save(self, on: Organisation, *, by: Actor, at: datetime) -> None:
        seat = Seat(
            self.role.data, self.person.data, self.reach.data, self.may_sign.data,
            self.authority.data, self.told_on.data, self.since.data, self.together.data,
        )  # fmt: skip
        actions.appoint(on, seat, form=form_of(on.kind), by=by, at=at)


class WithdrawForm(HouseForm):
    heading = N_("Why is this entry wrong?")
    adds = True
    reason = Text(_l("The reason"), ask=N_("Write why the entry is wrong."))

    def save(self, on: Organisation, *, by: Actor, at: datetime) -> None:
        self.refuse_stale()
        actions.withdraw(on, self.reason.data, by=by, at=at)


PARTS: dict[str, Any] = {
    "words": WordsForm,
    "names": NamesForm,
    "standing": StandingForm,
    "reach": ReachForm,
    "feeds": FeedsForm,
    "place": PlaceForm,
    "avoid": AvoidForm,
    "roles": SeatForm,
    "withdraw": WithdrawForm,
}


@page(
    bp,
    "/organisations/<organisation_id>/edit/<part>",
    needs=P.ORGANISATION_EDIT,
    methods=("GET", "POST"),
)
def edit(organisation_id: str, part: str) -> Any:
    """One part of what is written about an organisation, by its own people or by us."""
    on = fetch(Organisation, organisation_id, P.ORGANISATION_EDIT, *_WHOLE)
    if part not in PARTS or on.left_at or (part == "withdraw" and g.actor.is_partner):
        abort(404)
    if part == "roles" and not (g.actor.is_partner or may(g.actor, P.PARTNER_INVITE, on)):
        abort(404)  # names of people are for the case teams
    looked(on.id, "people" if part == "roles" else "organisation page")
    back = _page_of(on)
    if request.form.get("deed") == "end":
        _end_office(on, request.form.get("office", ""))
        return redirect(url_for(".edit", organisation_id=organisation_id, part=part))
    form = PARTS[part](on)
    if form.sent():
        if form.stale and not getattr(form, "adds", False):
            return conflict(form, retry=back)
        with form.refusals():
            form.save(on, by=g.actor, at=clock.now())
            flash(gettext("Saved."))
            return redirect(back)
    return show("registry/edit.html", form, organisation=on, part=part, back=back, title_of=_title)


def _page_of(on: Organisation) -> str:
    if g.actor.is_partner:
        return url_for("portal.file")
    return url_for("desk.organisation", organisation_id=on.public_id)


def _title(role: str) -> str:
    return vocabulary().office(role, language())


def _end_office(on: Organisation, number: str) -> None:
    """The role ends today. Its number is only looked for among those of this organisation."""
    today: date = clock.today()
    for office in on.offices:
        if str(office.id) == number and office.until is None:
            actions.leave_office(on, office, today, by=g.actor, at=clock.now())
            flash(gettext("The role ended today."))
