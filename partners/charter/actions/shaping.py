"""Looking at the text together: who was asked, what each proposed, and what it was answered."""

from datetime import date, datetime

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.charter.models import Shaping, Voice
from partners.charter.queries.shaping import open_shaping, voice_of, voices
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.registry.models import Organisation


def open_round(version: str, about: str, until: date, *, by: Actor, at: datetime) -> Shaping:
    """Begin to look at the text of this version together."""
    require(by, P.CHARTER_OFFER)
    if open_shaping() is not None:
        raise Refusal(N_("A round is open already. Close it first."))
    if until < day_of(at):
        raise Refusal(N_("Choose a day that is still to come."), field="until")
    row = Shaping(version=version, about=about, until=until, opened_at=at, opened_by=by.id)
    db.session.add(row)
    record("charter.shaping_opened", row, by=by, at=at, version=version)
    return row


def ask_to_shape(shaping: Shaping, organisation: Organisation, *, by: Actor, at: datetime) -> Voice:
    """Ask an organisation what it would write otherwise. Nothing follows from not answering."""
    require(by, P.CHARTER_OFFER, organisation)
    _running(shaping)
    if voice_of(shaping.id, organisation.id) is not None:
        raise Refusal(N_("%(name)s was asked already."), name=organisation.name)
    row = Voice(shaping_id=shaping.id, organisation=organisation, asked_at=at)
    db.session.add(row)
    record("charter.asked_to_shape", row, by=by, at=at)
    return row


def speak(
    voice: Voice, shaping: Shaping, words: str, by_name: bool, *, by: Actor, at: datetime
) -> None:
    """Propose; until the round's last day it may be written anew. `by_name`: shown with a name."""
    require(by, P.CHARTER_SHAPE, voice)
    _running(shaping)
    if day_of(at) > shaping.until:
        raise Refusal(N_("The time to propose is over. Write to us, and we look at it next time."))
    if voice.answered_at is not None:
        raise Refusal(N_("It is answered already. Write to us, and we look at it next time."))
    voice.words, voice.by_name, voice.said_at = words, by_name, at
    record("charter.proposed", voice, by=by, at=at)


def answer_voice(voice: Voice, shaping: Shaping, words: str, *, by: Actor, at: datetime) -> None:
    """Say what becomes of a proposal, and why. Everyone can read it."""
    require(by, P.CHARTER_OFFER)
    _running(shaping)
    if not voice.words:
        raise Refusal(N_("They have proposed nothing yet."))
    voice.answer, voice.answered_at = words, at
    record("charter.proposal_answered", voice, by=by, at=at)


def close_round(shaping: Shaping, changed: str, *, by: Actor, at: datetime) -> None:
    """Say what changes in the text and why. No proposal stays without an answer."""
    require(by, P.CHARTER_SIGN_CITY)
    _running(shaping)
    left = [v for v in voices(shaping.id) if v.words and not v.answered_at]
    if left:
        raise Refusal(N_("Answer every proposal first."))
    shaping.changed, shaping.closed_at = changed, at
    record("charter.shaping_closed", shaping, by=by, at=at)


def _running(shaping: Shaping) -> None:
    if shaping.closed_at is not None:
        raise Refusal(N_("This round is closed."))
