"""Later chapters of the sample: contacts, rights to sign, the charter, papers, signatures."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from partners.access.rules import Actor
from partners.accounts.actions import confirm, delegate
from partners.accounts.models import Account
from partners.charter import actions as charter
from partners.charter.actions import gathering, keeping, shaping
from partners.charter.queries.shaping import commitments
from partners.charter.rules import PLEDGE, points
from partners.charter.text import Wording, document, joint, months_of, parts_of, wordings
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.mou import actions as mou
from partners.mou.models import Paper
from partners.mou.prefill import candidates, prefilled
from partners.mou.sheet import document_of, sheet_of
from partners.paper.documents import Document
from partners.paper.plain import text_hash
from partners.registry.actions import appoint
from partners.registry.models import Organisation
from partners.registry.rules import Seat
from partners.relations.actions import log
from partners.relations.rules import Promise, Told
from partners.signing.actions import Hand
from partners.signing.queries import charter_hands

if TYPE_CHECKING:
    from partners.tools.sample import Case, Story

STATEMENT = "I have read this text and sign it for us."


def delegations(story: "Story") -> None:
    """The heads of two departments may sign every paper; each right takes two other managers."""
    papers, band = story.data["delegation"]["papers"], story.data["delegation"]["up_to_band"]
    for short, giver, second in (("karin", "omar", "tove"), ("omar", "karin", "tove")):
        until = story.now + timedelta(days=500)
        account = story.people[short]
        given = delegate(account, papers, band, until, by=story.actor(giver), at=story.ago(850))
        confirm(given, by=story.actor(second), at=story.ago(849))


def chair(story: "Story", organisation: Organisation, account: Account) -> None:
    """The signatory holds an office that may sign, and was told that we hold the name."""
    at = story.ago(785)
    seat = Seat(
        "chair", account.name, may_sign=True, authority="Statutes, section 7", told_on=day_of(at)
    )
    appoint(organisation, seat, form="organisation", by=story.actor("maja"), at=at)


def contacts(story: "Story") -> None:
    """What was talked about, with two promises of ours; one of them is late."""
    for row in story.data["contact"]:
        at = story.ago(row["ago"])
        promise = None
        if "follow_up" in row:
            due = day_of(at) + timedelta(days=5 if row.get("late") else 21)
            promise = Promise(row["follow_up"], due, owner_id=story.people["maja"].id)
        told = Told(row["kind"], day_of(at), row["line"], tuple(row["topics"]), promise)
        log(story.organisations[row["organisation"]], told, by=story.actor("maja"), at=at)


def charters(story: "Story") -> None:
    """The municipality signs first; then each organisation goes its own way with the same text."""
    text = document(*story.app.extensions["policy"])
    words = wordings(text, story.data["name"])
    months = months_of(text)
    karin = story.actor("karin")
    for wording in words.values():
        hand = _hand(karin, wording.language, wording.hash)
        charter.sign_for_city([wording], hand, "Head", by=karin, at=story.ago(700))
    _our_part(story, text, words["en"])
    for row in story.data["charter"]:
        _charter(story, row, words["en"], months)
    _shaped(story, story.data["charter_round"])
    _several(story, story.data["several"], words["en"], text)


def _our_part(story: "Story", text: Document, wording: Wording) -> None:
    """The municipality reports on its own part, and is late with one point."""
    karin, told = story.actor("karin"), story.data["charter_reports"]
    numbers = [p.split(".")[0] for p in points(wording.text, parts_of(text), (PLEDGE,))]
    keeping.take_on(wording.version, numbers, 12, by=karin, at=story.ago(700))
    for row in commitments():
        if row.number in told:
            keeping.report(row, told[row.number], 12, by=karin, at=story.ago(340))


def _shaped(story: "Story", told: dict[str, Any]) -> None:
    """A round on the text: who was asked, what they proposed, what it was answered."""
    at, ida = story.ago(20), story.actor("ida")
    until = day_of(story.now) + timedelta(days=30)
    made = shaping.open_round("1", told["asks"], until, by=ida, at=at)
    for row in told["voice"]:
        organisation = story.organisations[row["organisation"]]
        voice = shaping.ask_to_shape(made, organisation, by=ida, at=at)
        if "words" in row:
            signer = story.partner(organisation)
            shaping.speak(voice, made, row["words"], row["by_name"], by=signer, at=at)
        if "answer" in row:
            shaping.answer_voice(voice, made, row["answer"], by=ida, at=at)


def _several(story: "Story", row: dict[str, Any], charter: Wording, text: Document) -> None:
    """Several sign one text; the municipality and some of them have."""
    ida, karin = story.actor("ida"), story.actor("karin")
    wording = joint(charter, row["title"], row["statement"], text.word("together", "en"), 1)
    until = day_of(story.now) + timedelta(days=21)
    head = gathering.open_several(wording, until, by=ida, at=story.ago(14))
    asked = {name: gathering.ask(head, story.organisations[name], by=ida, at=story.ago(13))
             for name in (*row["signed"], *row["asked"])}  # fmt: skip
    hand = _hand(karin, "en", wording.hash)
    gathering.sign_first(head, hand, "Head", "", by=karin, at=story.ago(12))
    for number, name in enumerate(row["signed"]):
        signer = story.partner(story.organisations[name])
        gathering.sign_with_others(
            asked[name], _hand(signer, "en", wording.hash), "Chair", "Statutes, section 7",
            months=months_of(text), by=signer, at=story.ago(9 - number),
        )  # fmt: skip


def _charter(story: "Story", row: dict[str, Any], wording: Wording, months: int) -> None:
    organisation, at = story.organisations[row["organisation"]], story.ago(row["ago"])
    offered = charter.offer(organisation, wording, by=story.actor("ida"), at=at)
    signer, later = story.partner(organisation), at + timedelta(days=9)
    if row["stage"] == "discussing":
        charter.discuss(offered, by=signer, at=later)
    if "own_words" in row:
        charter.propose_own(offered, row["own_words"], by=signer, at=later)
    if row["stage"] in ("signed", "withdrawn"):
        hand = _hand(signer, "en", wording.hash)
        charter.sign(offered, hand, "Chair", "Statutes, section 7", months=months, by=signer,
                     at=later)  # fmt: skip
        names = [one.id for one in charter_hands([offered.id])[offered.id] if row["public"]]
        charter.consent(offered, row["public"], names, by=signer, at=later)
    if row["stage"] == "withdrawn":
        charter.withdraw(offered, by=signer, at=later + timedelta(days=40))


def _hand(actor: Actor, language: str, shown: str) -> Hand:
    return Hand(actor.name, True, STATEMENT, language, shown)


def written(case: "Case", at: datetime) -> Paper:
    """A draft with what both sides bring."""
    story, engagement = case.story, case.engagement
    kind = document_of(engagement)
    assert kind is not None
    who = candidates(engagement, kind.id, "en", at)
    facts = {
        **prefilled(engagement, kind, "en", who, day_of(at)),
        **story.data["paper"],
        "signers_org": list(who.theirs),
        "signers_city": list(who.ours)[:1],
    }
    return mou.draft(engagement, "en", facts, by=story.actor("maja"), at=at)


def draft(case: "Case") -> None:
    """Both sides are writing: our draft is with them, and one remark is open on each side."""
    story, at = case.story, case.when()
    made, theirs = written(case, at), story.partner(case.engagement.organisation)
    for (section, words), by in zip(
        story.data["paper_remark"].items(), (story.actor("maja"), theirs), strict=True
    ):
        mou.remark(made, section, words, by=by, at=at)
    mou.hand_over(made, by=story.actor("maja"), at=at)


def ending(case: "Case") -> None:
    """Signed by both; then the organisation gave notice, which needs no reason."""
    made, story = paper(case, signed=("partner", "city")), case.story
    by = story.partner(case.engagement.organisation)
    mou.end(made, "", story.app.config["SETTINGS"].instance / "files", by=by, at=story.ago(10))


def resting(case: "Case") -> None:
    """Signed by both; then the organisation paused it until a talk that is still to come."""
    made, story = paper(case, signed=("partner", "city")), case.story
    by, talk = story.partner(case.engagement.organisation), day_of(story.now + timedelta(days=24))
    mou.pause(made, talk, case.row["pause"], by=by, at=story.ago(6))


def paper(case: "Case", *, signed: tuple[str, ...]) -> Paper:
    """Write, issue and sign the paper of a case, as far as `signed` names the sides."""
    story, engagement, at = case.story, case.engagement, case.when()
    made, maja = written(case, at), story.actor("maja")
    meant(made, story.partner(engagement.organisation), maja, at=at)
    mou.issue(made, story.app.config["SETTINGS"].instance / "files", by=maja, at=at)
    signers = {"partner": story.partner(engagement.organisation), "city": story.actor("karin")}
    last = at + timedelta(days=60)
    for side in signed:
        _sign(made, signers[side], min(case.when(), last))
    return made


def meant(made: Any, *both: Actor, at: datetime) -> None:
    """Both sides say “this is what we mean” of the draft as it stands."""
    db.session.flush()
    read = text_hash(sheet_of(made, day_of(at)).paper)
    for side in both:
        mou.mean(made, read, by=side, at=at)


def _sign(made: Any, signer: Actor, at: datetime) -> None:
    mou.sign(made, _hand(signer, "en", made.fingerprint), by=signer, at=at)
