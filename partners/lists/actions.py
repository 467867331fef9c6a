"""Looking an organisation up, asking it about a name, and settling what a name means."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from partners.access.rules import CLOCK, Actor, require
from partners.access.table import Permission as P
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.lists.models import ListVersion, LookUp, Resemblance
from partners.lists.queries import (
    alike,
    answer_until,
    bodies_by_id,
    current_versions,
    index,
    is_listed,
    resemblances,
)
from partners.lists.rules import Lists, names_of, pair_of
from partners.matching.explained import explain
from partners.matching.listed import Found

Versions = Mapping[str, ListVersion]
ANOTHER, SAME, GONE = "another", "same", "gone"


def look_up(
    organisation: Any, controlled_by: list[str], lists: Lists, *, valid_until: date, within: Any,
    by: Actor, at: datetime,
) -> LookUp:  # fmt: skip
    """Look an organisation up on every list that is here, for the engagement `within`."""
    require(by, P.ENGAGEMENT_WORK, within)
    here = _here(lists)
    missing = [one.name for one in lists.missing(here)]
    if missing or not here:
        raise Refusal(
            N_("A list is not loaded yet, so nothing can be said: %(lists)s. Ask the people who run"
               " this system."), lists=", ".join(missing) or "–",
        )  # fmt: skip
    made = LookUp(engagement_id=within.id, at=at, by_id=by.id, controlled_by=controlled_by,
                  valid_until=valid_until)  # fmt: skip
    return _compared(made, organisation, here, by=by, at=at)


def look_up_renamed(standing: LookUp, names: Sequence[str], lists: Lists, *, at: datetime) -> None:
    """Look up anew while an answer stands, because its side of the comparison is called otherwise.

    `names`: what a body that controls it is called since. The answer counts as long as before.
    """
    made = LookUp(engagement_id=standing.engagement_id, at=at, by_id=standing.by_id,
                  controlled_by=list(dict.fromkeys([*standing.controlled_by, *names])),
                  valid_until=standing.valid_until)  # fmt: skip
    _compared(made, standing.organisation, _here(lists), by=CLOCK, at=at)


def _here(lists: Lists) -> Versions:
    return {one: v for one, v in current_versions().items() if one in lists.every}


def _compared(
    made: LookUp, organisation: Any, here: Versions, *, by: Actor, at: datetime
) -> LookUp:
    made.organisation_id, made.organisation = organisation.id, organisation
    made.versions = sorted(version.id for version in here.values())
    db.session.add(made)
    names = names_of(organisation, made.controlled_by)
    for row in resemblances(organisation.id):
        if row.settled_at is None and not (row.name in names and is_listed(row, here)):
            let_go(row, at=at)
    made.found = note(made, alike(names, index(here)), at=at)
    record("list.looked-up", made, by=by, at=at, versions=made.versions, found=made.found)
    return made


def note(look: LookUp, found: Sequence[tuple[str, Found]], *, at: datetime) -> int:
    """Note what is new among the names that are like this organisation's; how many are alike.

    A pair of a name and an entry is noted once: what was settled stays so until one side changes.
    """
    names = names_of(look.organisation, look.controlled_by)
    found = [one for one in found if one[0] in names]
    if not found:
        return 0
    rows = bodies_by_id(int(one.key) for _name, one in found)
    known = {row.pair for row in resemblances(look.organisation_id)}
    new = 0
    for name, one in found:
        body = rows[int(one.key)]
        pair = pair_of(name, body.of_list, body.fingerprint)
        if pair not in known:
            made = Resemblance(
                organisation_id=look.organisation_id, engagement_id=look.engagement_id, pair=pair,
                body_id=body.id, name=name, listed_name=one.name, at=at,
                likeness=explain(name, one.name).to_dict(),
            )  # fmt: skip
            db.session.add(made)
            record("list.resembles", made, by=CLOCK, at=at, list=body.of_list, entry=body.key)
            new += 1
    return new


def let_go(row: Resemblance, *, at: datetime) -> None:
    """The entry, or the name, is not there any more: nothing is left to ask."""
    row.settled_at, row.settled_as = at, GONE
    record("list.gone", row, by=CLOCK, at=at)


def ask(row: Resemblance, *, within: Any, by: Actor, at: datetime) -> None:
    """Ask the organisation about a name that is like its own."""
    require(by, P.ENGAGEMENT_WORK, within)
    if row.asked_at or row.settled_at:
        raise Refusal(N_("The organisation was asked already."))
    row.asked_at = at
    record("list.asked", row, by=by, at=at)


def reply(
    row: Resemblance, answer: str, words: str, *, within: Any, by: Actor, at: datetime
) -> None:
    """What the organisation says about it; staff may write down what was said to them."""
    require(by, P.ENGAGEMENT_ANSWER, within)
    if not row.asked_at or row.settled_at:
        raise Refusal(N_("Nothing is asked here any more."))
    row.answer, row.reply, row.replied_at = answer, words, at
    record("list.replied", row, by=by, at=at, on_behalf=by.is_staff)


def settle(
    row: Resemblance, as_what: str, because: str, *, days: int, within: Any, by: Actor, at: datetime
) -> None:
    """Say whether both are one body, after the organisation answered or had `days` to do so."""
    require(by, P.ENGAGEMENT_WORK, within)
    if row.settled_at:
        raise Refusal(N_("This is settled already."))
    until = answer_until(row.asked_at, days)
    if until is None or not (row.replied_at or day_of(at) > until):
        raise Refusal(N_("Ask the organisation first, and give it time to answer."))
    row.settled_at, row.settled_by, row.settled_as = at, by.id, as_what
    row.settled_because = because
    record("list.settled", row, by=by, at=at, settled_as=as_what)
