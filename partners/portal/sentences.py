"""What was done and looked at, told to the organisation in plain sentences."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from flask_babel import gettext

from partners.assessment.holding import WHAT
from partners.assessment.letters import day
from partners.assessment.pages import TRAIL
from partners.ground.words import N_
from partners.history.queries import HELD, HOLD_ASKED, RELEASED
from partners.portal.sight import Sight
from partners.registry.vocabulary import vocabulary
from partners.web.said import look_said, moment

ROLES = {
    "officer": N_("Officer"), "liaison": N_("Liaison officer"), "manager": N_("Manager"),
    "protector": N_("Data protection officer"), "colleague": N_("Another member of staff"),
    "keeper": N_("Keeper of the system"), "member": N_("Member"),
    "signatory": N_("Signatory"), "steward": N_("Steward"),
}  # fmt: skip
DEEDS = {
    "engagement.end_reply": N_("The time to answer ended."),
    "engagement.handed_back": N_("%(who)s handed a decision back."),
    "organisation.registered": N_("%(who)s put your organisation into the register."),
    "organisation.merged": N_("%(who)s joined another record of your organisation with this one."),
    "organisation.told_apart": N_(
        "%(who)s noted that another organisation with a similar name is not yours."
    ),
    "organisation.told_apart_no_more": N_(
        "%(who)s asks again whether another record is about your organisation."
    ),
    "organisation.merged_away": N_(
        "%(who)s joined this record of your organisation with another one."
    ),
    "organisation.parted": N_("%(who)s parted two records that had been joined."),
    "organisation.renamed": N_("%(who)s changed a name."),
    "organisation.identified": N_("%(who)s changed a registration number."),
    "organisation.described": N_("%(who)s changed what you do, in words."),
    "organisation.constituted": N_("%(who)s changed kind or legal form."),
    "organisation.placed": N_("%(who)s changed districts, languages or tags."),
    "organisation.reached": N_("%(who)s changed how you are reached."),
    "organisation.asked_to_avoid": N_("%(who)s wrote down what you ask us to avoid."),
    "organisation.withdrawn": N_("%(who)s took this entry out, because it was a wrong one."),
    "organisation.publishes": N_("%(who)s changed where your own news is published."),
    "engagement.reading_begun": N_(
        "The reading list began: your feeds and those of the policy page are read."
    ),
    "engagement.reading_ended": N_("The reading list ended. What nobody kept is destroyed."),
    "entry.kept": N_("%(who)s kept an entry of the reading list."),
    "entry.aside": N_("%(who)s set entries of the reading list aside."),
    "entry.withdrawn": N_("%(who)s took back an entry of the reading list."),
    "office.noted": N_("%(who)s wrote down a role in your organisation."),
    "office.ended": N_("%(who)s ended a role in your organisation."),
    "answer.given": N_("%(who)s answered a question."),
    "answer.withdrawn": N_("%(who)s took an answer back."),
    "point.noted": N_("%(who)s noted a point."),
    "point.rewritten": N_("%(who)s changed the words of a point before it was sent."),
    "point.read": N_("%(who)s read a point as a second person."),
    "point.withdrawn": N_("%(who)s set a point aside."),
    "point.emptied": N_("What an unused point said was destroyed."),
    "engagement.more_time": N_("%(who)s gave you more time to answer."),
    "point.replied": N_("%(who)s answered a point."),
    "engagements.noticed": N_("We wrote to you about a date."),
    "conditions.noticed": N_("We reminded whoever has something to do."),
    "reference.asked": N_("%(who)s asked somebody about working with you."),
    "reference.given": N_("Somebody told us about working with you."),
    "reference.written": N_("%(who)s wrote down what somebody told about working with you."),
    "reference.withdrawn": N_("%(who)s took back a reference."),
    "referees.cleared": N_("The words of a reference were deleted, because their time is over."),
    "offices.cleared": N_("The name of a person was deleted, because its time is over."),
    "rounds.cleared": N_("Words of an assessment were deleted, because their time is over."),
    "points.cleared": N_("What a point said was deleted, because its time is over."),
    "organisations.cleared": N_(
        "The lines of the contact log were deleted, because their time is over."
    ),
    "charters.cleared": N_(
        "An offer of the charter, or whose name stood under one, was deleted, because its time is"
        " over."
    ),
    "kept_entries.cleared": N_(
        "An entry of the reading list was deleted, because its time is over."
    ),
    "hold.asked": N_("%(who)s asked that something is kept although its time is over."),
    "hold.agreed": N_("%(who)s agreed that something is kept although its time is over."),
    "hold.ended": N_("%(who)s ended a hold on what would be deleted."),
    "look.asked": N_("The data protection officer asked to open one point."),
    "look.agreed": N_("%(who)s agreed that the data protection officer opens one point."),
    "look.ended": N_("%(who)s closed a point that had been opened."),
    "condition.said": N_("%(who)s said that something we agreed on is done."),
    "condition.not_yet": N_("%(who)s answered that something is not done yet."),
    "condition.date_wished": N_("%(who)s proposed another date."),
    "condition.date_moved": N_("Both sides agreed on another date."),
    "condition.date_kept": N_("%(who)s kept to the date that was set."),
    "condition.offered": N_("%(who)s wrote down what we do to help, and who sees to it."),
    "condition.met": N_("%(who)s wrote down that a condition is met."),
    "support.recorded": N_("%(who)s recorded support."),
    "support.withdrawn": N_("%(who)s took back an entry of support."),
    "list.looked-up": N_("%(who)s looked your name up on the lists that the law names."),
    "list.asked": N_("%(who)s asked you about a name on a list that resembles yours."),
    "list.replied": N_("%(who)s answered about a name on a list."),
    "list.settled": N_("%(who)s settled what a name on a list means."),
    "list.gone": N_("A name on a list that resembled yours is not there any more."),
    "contact.logged": N_("%(who)s wrote a contact into the log."),
    "contact.followed_up": N_("%(who)s did what was agreed."),
    "contact.withdrawn": N_("%(who)s took back a line of the contact log."),
    "paper.kept": N_("%(who)s handed in a paper."),
    "paper.destroyed": N_("%(who)s destroyed a paper that is not ours to hold."),
    "paper.drafted": N_("%(who)s began to write an agreement."),
    "paper.rewritten": N_("%(who)s wrote on an agreement."),
    "paper.issued": N_("%(who)s issued an agreement."),
    "paper.signed": N_("%(who)s signed an agreement."),
    "paper.sent_back": N_("%(who)s said why a file signed elsewhere does not count."),
    "paper.more_time": N_("%(who)s gave more time to sign an agreement."),
    "paper.in_force": N_("An agreement came into force."),
    "paper.sealed": N_("An agreement that all have signed was sealed."),
    "paper.declined": N_("%(who)s did not sign an agreement this time."),
    "paper.notice": N_("%(who)s gave notice."),
    "paper.handed_over": N_("%(who)s handed a draft to the other side."),
    "paper.turn_taken": N_("%(who)s took the turn to write back."),
    "paper.remarked": N_("%(who)s left a remark on a draft."),
    "paper.remark_settled": N_("%(who)s settled a remark."),
    "paper.meant": N_("%(who)s said of a draft: this is what we mean."),
    "paper.tested": N_("%(who)s wrote down a test with a made-up case."),
    "paper.replaced": N_("Another agreement took the place of one."),
    "paper.recorded": N_("%(who)s wrote down an agreement from before this register."),
    "papers.noticed": N_("We wrote to you about a day that was set for an agreement."),
    "paper.paused": N_("%(who)s paused an agreement until the next talk."),
    "paper.resumed": N_("An agreement goes on after a pause."),
    "promise.kept": N_("%(who)s wrote down that a promise is kept."),
    "charter.offered": N_("%(who)s offered you the charter."),
    "charter.asked_with_others": N_("%(who)s asked you to sign a charter with others."),
    "charter.declined": N_("%(who)s said no to a charter this time."),
    "charter.signed": N_("%(who)s signed the charter."),
    "charter.withdrawn": N_("%(who)s withdrew from the charter."),
    "charter.discussed": N_("%(who)s would like to talk about the charter."),
    "charter.holds": N_("What you signed or said of the charter came into force."),
    "charter.consent": N_("%(who)s said which names are shown with the charter."),
    "charter.renewal_opened": N_("%(who)s took up the charter anew."),
    "charter.own_proposed": N_("%(who)s showed own words in place of the charter."),
    "charter.own_read": N_("%(who)s read your own words and found them equal."),
    "charter.own_asked": N_("%(who)s said what is missing in your own words."),
    "charter.asked_to_shape": N_("%(who)s asked you to shape the charter with us."),
    "charter.proposed": N_("%(who)s proposed something for the charter."),
    "charter.proposal_answered": N_("%(who)s answered what you proposed for the charter."),
    "charter.suspension_proposed": N_("%(who)s said why the charter should rest."),
    "charter.suspension_answered": N_("%(who)s answered why the charter should rest."),
    "charter.suspension_left": N_("The charter does not rest; it holds on."),
    "charter.suspended": N_("The charter rests."),
    "charter.suspension_ended": N_("The charter holds again."),
    "charters.noticed": N_("We wrote to you that the charter runs out."),
    "guest.invited": N_("%(who)s sent you a one-time link."),
    "guest.opened": N_("Somebody opened the one-time link."),
    "account.invited": N_("%(who)s invited one of you to sign in."),
    "account.opened": N_("%(who)s opened an account for one of you."),
    "account.password_set": N_("%(who)s chose a password."),
    "account.signed_in": N_("%(who)s signed in."),
    "account.reset_asked": N_("Somebody asked for a new password for one of you."),
    "account.ended": N_("%(who)s ended an account of one of you."),
    "account.changed": N_("%(who)s changed an account of one of you."),
    "account.key_added": N_("%(who)s added a key for signing."),
    "account.key_removed": N_("%(who)s removed a key for signing."),
    "account.roles_changed": N_("%(who)s changed what one of you may do here."),
}
# What would tell of a decision that the organisation was not told yet.
OURS_ALONE = {"list.resembles", "engagement.pause_asked", "engagement.outside_asked",
              "engagement.outside_dropped"}  # fmt: skip
BEFORE_TOLD = {"engagement.decided", "engagement.decide", "engagement.confirmed",
               "engagement.handed_back"}  # fmt: skip
DECIDED_ALREADY = "engagement.decide"  # said by whoever decided, or confirmed
HOLDS = (HOLD_ASKED, HELD, RELEASED)  # told as rows of what is held back now


@dataclass(frozen=True)
class Row:
    """A line of a list with the date first, as `parts/work.html` draws it."""

    when: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class HeldBack:
    """Something that law lets the municipality hold back: what, on which ground, until when."""

    kind: str
    what: str
    ground: str
    until: str


def look_rows(looks: Iterable[Any]) -> list[Row]:
    """Who looked: day, purpose and role in words, never a name."""
    return _told_once(
        (moment(look.at), look_said(look), gettext(ROLES.get(look.role, N_("Staff"))))
        for look in looks
    )


def deed_rows(
    entries: Iterable[Any],
    *,
    team: Collection[int],
    cases: Mapping[int, Sight],
    points: Collection[int],
) -> list[Row]:
    """What was done, newest first, as far as the organisation may read it now.

    `team`: accounts whose names it knows. `cases`: its engagements by number. `points`: those that
    it may read.
    """
    return _told_once(
        (day(entry.at), _said(entry, team, cases), "")
        for entry in entries
        if entry.what not in (*HOLDS, DECIDED_ALREADY, *OURS_ALONE)
        and not _too_early(entry, cases)
        and (entry.on_kind != "points" or entry.on_id in points)
    )


def _told_once(rows: Iterable[tuple[str, str, str]]) -> list[Row]:
    """The same many times in a row is told once, with its number."""
    told: list[Row] = []
    for (on, text, note), same in groupby(rows):
        number = len(list(same))
        times = gettext("%(num)d times", num=number) if number > 1 else ""
        told.append(Row(on, text, ", ".join(filter(None, [note, times]))))
    return told


def _too_early(entry: Any, cases: Mapping[int, Sight]) -> bool:
    case = cases.get(entry.on_id)
    if entry.what not in BEFORE_TOLD or case is None or case.engagement.round.told_at:
        return False
    return case.told is None or entry.at > case.told.told_at


def _said(entry: Any, team: Collection[int], cases: Mapping[int, Sight]) -> str:
    known = entry.by_side == "partner" or entry.by_id in team
    who = entry.by_name if known else gettext("The municipality")
    verb, case = entry.what.removeprefix("engagement."), cases.get(entry.on_id)
    if entry.on_kind == "engagements" and case and verb in TRAIL:
        return f"{case.engagement.title}: {who} {gettext(TRAIL[verb])}"
    if entry.what in DEEDS:
        return gettext(DEEDS[entry.what], who=who)
    return gettext("%(who)s wrote in the register: %(what)s.", who=who, what=entry.what)


def held_back(entries: Iterable[Any], with_paper: Collection[int], language: str) -> list[HeldBack]:
    """What is held back now, told as rows; `with_paper`: the answers to which a paper belongs."""
    rows: list[HeldBack] = []
    for facts in (entry.facts for entry in entries):
        rows.append(_held(facts, language))
        if facts["thing"] == "answers" and facts["row"] in with_paper:
            what = gettext("The paper that was handed in with this answer")
            rows.append(replace(rows[-1], what=what))
    return rows


@dataclass(frozen=True)
class Kept:
    """A hold: what stays although its time is over, on which ground, why, and until when."""

    what: str
    ground: str
    reason: str
    until: str


def kept_rows(rows: Iterable[Any], language: str) -> list[Kept]:
    """The holds that are in force, told as rows."""
    return [Kept(row.engagement.title if row.engagement else gettext("everything about you"),
                 vocabulary().keep_ground(row.ground, language), row.reason, day(row.until))
            for row in rows]  # fmt: skip


def _held(facts: Mapping[str, Any], language: str) -> HeldBack:
    kind = facts["thing"]
    return HeldBack(
        kind, gettext(WHAT[kind]) if kind in WHAT else kind,
        vocabulary().ground(facts["ground"], language), day(date.fromisoformat(facts["until"])),
    )  # fmt: skip
