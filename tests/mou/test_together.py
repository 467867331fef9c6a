"""A draft between two sides: whose turn it is, what changed, and what both mean."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from partners.app import Settings, create_app
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.mou import actions
from partners.mou.changes import words_between
from partners.mou.queries import newest, turns_of
from partners.mou.rules import State
from partners.mou.sheet import draft_sheet, offered, sheet_of
from partners.paper.plain import lines_of, text_hash
from partners.policy import shelf
from tests.assessment.case import started
from tests.builders import NOON, TODAY, Browser, House
from tests.conftest import DATA, only_sqlite
from tests.mou.papers import (
    chair,
    delegation,
    drafted,
    facts,
    files,
    issued,
    meant,
    sign,
    told,
)
from tests.page import Page


def at_the_table(house: House, **more):
    engagement = told(house, **more)
    chair(house, engagement)
    delegation(house)
    return engagement, drafted(house, engagement)


def text_of(paper) -> str:
    return text_hash(sheet_of(paper, TODAY).paper)


def test_each_side_writes_in_its_turn_and_every_turn_is_a_version(house: House) -> None:
    _engagement, paper = at_the_table(house)
    maja, grethe = house.actor("maja"), house.actor("grethe")
    with pytest.raises(Refusal, match="other side"):
        actions.rewrite(paper, "en", paper.facts, by=grethe, at=NOON)
    actions.hand_over(paper, by=maja, at=NOON)
    with pytest.raises(Refusal, match="other side"):
        actions.rewrite(paper, "en", paper.facts, by=maja, at=NOON)
    said = {**paper.facts, "mediator": "the parish clerk"}
    actions.rewrite(paper, "en", said, by=grethe, at=NOON)
    actions.take_turn(paper, by=maja, at=NOON)
    db.session.flush()
    kept = [(t.number, t.side, t.facts["mediator"]) for t, _name in turns_of(paper.id)]
    assert kept == [(1, "city", "the library director"), (2, "city", "the parish clerk")]
    assert paper.turn == "city"


def test_whoever_adds_a_row_stands_beside_it(house: House) -> None:
    _engagement, paper = at_the_table(house)
    actions.hand_over(paper, by=house.actor("maja"), at=NOON)
    rows = [*paper.facts["benefit_org"], {"text": "Neighbours who know us", "proposed_by": ""}]
    said = {**paper.facts, "benefit_org": [{"proposed_by": "", **row} for row in rows]}
    actions.rewrite(paper, "en", said, by=house.actor("grethe"), at=NOON)
    assert [row["proposed_by"] for row in paper.facts["benefit_org"]] == ["", "Harbour Kitchen"]


def test_nothing_is_issued_before_both_mean_the_same_text(house: House) -> None:
    _engagement, paper = at_the_table(house)
    maja, grethe = house.actor("maja"), house.actor("grethe")
    actions.mean(paper, text_of(paper), by=maja, at=NOON)
    with pytest.raises(Refusal, match="both sides say"):
        actions.issue(paper, files(house), by=maja, at=NOON)
    read = text_of(paper)
    actions.rewrite(paper, "en", {**paper.facts, "mediator": "the vicar"}, by=maja, at=NOON)
    with pytest.raises(Refusal, match="changed while you were reading"):
        actions.mean(paper, read, by=grethe, at=NOON)
    actions.mean(paper, text_of(paper), by=grethe, at=NOON)
    with pytest.raises(Refusal, match="both sides say"):
        actions.issue(paper, files(house), by=maja, at=NOON)
    actions.mean(paper, text_of(paper), by=maja, at=NOON)
    actions.issue(paper, files(house), by=maja, at=NOON)
    assert paper.state == State.ISSUED


def test_somebody_of_another_organisation_neither_writes_nor_remarks(house: House) -> None:
    _engagement, paper = at_the_table(house)
    house.partner("nils", house.organisation("Northside Chess Club"))
    for deed in (
        lambda by: actions.remark(paper, "who", "Hello", by=by, at=NOON),
        lambda by: actions.hand_over(paper, by=by, at=NOON),
        lambda by: actions.mean(paper, text_of(paper), by=by, at=NOON),
        lambda by: actions.settle(paper, 0, by=by, at=NOON),
    ):
        for short in ("nils", "lene", "karin"):
            with pytest.raises(NotYours):
                deed(house.actor(short))


@pytest.mark.parametrize(
    ("old", "new", "runs"),
    [
        ("one two", "one two", (("", "one two"),)),
        ("it is cold", "it is warm", (("", "it is"), ("-", "cold"), ("+", "warm"))),
        ("a b c", "a c", (("", "a"), ("-", "b"), ("", "c"))),
        ("", "all new", (("+", "all new"),)),
    ],
)  # fmt: skip
def test_changes_are_told_word_by_word(old, new, runs) -> None:
    assert words_between(old, new) == runs


def test_the_organisation_writes_remarks_and_hands_back_on_the_same_page(house: House) -> None:
    engagement, paper = at_the_table(house)
    address = f"/papers/{paper.public_id}/together"
    theirs, ours = Page(house.client("grethe")), Page(house.client("maja"))
    ours.get(address)
    ours.send(press="Hand over to Harbour Kitchen", follow=True, status=302)
    theirs.get(address)
    assert theirs.heading == "It is your turn to write"
    theirs.send({"section": "time", "text": "Is a year too short?"}, press="Leave the remark",
                follow=True, status=302)  # fmt: skip
    theirs.get(f"/engagements/{engagement.public_id}/paper")
    assert "Is a year too short?" in theirs.text
    assert not theirs.all("//input[@name='signers_city']")
    theirs.send({"mediator": "the parish clerk"}, press="Save and hand over to Havnby", status=302)
    ours.get(address)
    assert "[− library director −]" in ours.text
    assert "[+ parish clerk +]" in ours.text
    assert ours.client.get(f"/papers/{paper.public_id}/changes?as=pdf").data.startswith(b"%PDF")
    ours.send(press="Settled", follow=True, status=302)
    assert "No remark is open." in ours.text
    assert newest(engagement.id).facts["signers_city"]


def test_what_is_typed_out_of_turn_is_refused_and_still_stands_there(house: House) -> None:
    engagement, paper = at_the_table(house)
    page, other = Page(house.client("maja")), Page(house.client("maja"))
    page.get(f"/engagements/{engagement.public_id}/paper")
    other.get(f"/papers/{paper.public_id}/together")
    other.send(press="Hand over to Harbour Kitchen", status=302)
    page.send({"mediator": "the vicar"}, press="Save the draft", status=409)
    page.send(press="Save the draft", status=422)
    assert page.all("//input[@name='mediator']")[0].get("value") == "the vicar"


def test_a_remark_makes_no_text_out_of_date(house: House) -> None:
    engagement, paper = at_the_table(house)
    page = Page(house.client("maja"))
    page.get(f"/engagements/{engagement.public_id}/paper")
    actions.remark(paper, "who", "Good", by=house.actor("grethe"), at=NOON)
    page.send({"mediator": "the vicar"}, press="Save the draft", status=302)


def test_an_engagement_calls_for_papers_by_level_support_and_triggers(house: House) -> None:
    def kinds(engagement) -> list[str]:
        return [document.id for document, _why in offered(engagement)]

    plain = told(house)
    assert kinds(plain) == ["memorandum", "crisis-contacts"]
    plain.supported_band = list(house.policy.bands)[2]
    plain.triggers = ["acts_for_city", "shares_personal_data"]
    assert kinds(plain)[1:] == ["crisis-contacts", "information-sharing", "role-letter",
                                "support-annex"]  # fmt: skip
    page = Page(house.client("maja"))
    page.get(f"/engagements/{plain.public_id}")
    assert "Volunteers act for the municipality in this work." in page.text
    page.get(f"/engagements/{plain.public_id}/paper?kind=role-letter")
    assert "role letter for volunteers" in page.text.casefold()
    assert page.client.get(f"/engagements/{plain.public_id}/paper?kind=notice").status_code == 404


SHARED = {
    "share_purpose": "to reach families who asked for help", "share_benefit": "told once",
    "shared_items": [{"text": "telephone", "basis": "consent", "special": ""}],
    "share_consent": "Asked first.", "share_receivers": ["coordinators"], "share_sent": "by hand",
    "share_quality": "compared", "share_security": "locked", "share_deletion": "After a year.",
    "share_rights": "the protector", "share_training": "an hour", "share_breaches": "Write to us.",
    "made_up_case": "the invented family Holm", "notice_days": "30",
}  # fmt: skip


def test_nothing_is_shared_before_both_sides_have_tried_a_made_up_case(house: House) -> None:
    engagement = told(house)
    chair(house, engagement)
    delegation(house)
    maja = house.actor("maja")
    said = {**facts(engagement), **SHARED}
    paper = actions.draft(engagement, "en", said, kind="information-sharing", by=maja, at=NOON)
    meant(house, paper)
    actions.issue(paper, files(house), by=maja, at=NOON)
    db.session.commit()
    assert paper.number == "I-2026-00001"
    for short in ("grethe", "karin"):
        sign(house, paper, short)
    assert (paper.state, paper.in_force_at) == (State.ISSUED, None)
    actions.record_test(paper, "The address was missing.", by=house.actor("grethe"), at=NOON)
    assert paper.state == State.ISSUED
    page = Page(house.client("maja"))
    page.get(f"/papers/{paper.public_id}")
    assert page.heading == "Signed. It waits for the test with a made-up case."
    engagement.triggers = ["shares_personal_data"]
    asked = draft_sheet(engagement, sheet_of(paper, TODAY).document, "en", said, TODAY)
    assert asked.facts["isa_ref"] == ""  # whatever was typed
    page.send({"note": "It worked."}, press="Write our test down", follow=True, status=302)
    assert "In force since" in page.heading
    main = drafted(house, engagement, data_shared=True, isa_ref="I-1")
    assert "agreement, I-2026-00001, for its purpose" in str(sheet_of(main, TODAY).paper.blocks)
    page.get(f"/engagements/{engagement.public_id}/paper")
    assert "reference" not in page.text


def test_an_older_agreement_on_sharing_counts_only_after_its_test(house: House) -> None:
    engagement = told(house, triggers=["shares_personal_data"])
    house.partner("nadia", engagement.organisation)
    told_of = {"signed_on": TODAY - timedelta(days=9), "until": None, "where": "Archive"}
    maja = house.actor("maja")
    older = actions.record_older(engagement, "information-sharing", told_of, by=maja, at=NOON)
    main = drafted(house, engagement, data_shared=True)
    for short, ref in (("maja", ""), ("nadia", "Information sharing agreement, 11 November 2026")):
        page = Page(house.client(short)).get(f"/papers/{older.public_id}")
        page.send({"note": "It worked."}, press="Write our test down", status=302)
        assert sheet_of(main, TODAY).facts["isa_ref"] == ref


INVENTED = {
    "document.toml": """
instrument = "garden_key"
agreed = false
[when]
talking = { level_from = "dialogue" }
[[offer]]
when = "talking"
words = { en = "There is a garden." }
[[section]]
id = "key"
number = 1
must = ["key_holder"]
""",
    "en.md": """Key to the garden

# {{title}}

between {{municipality}} and {{organisation}}

## The key {#key}

{{key_holder}} holds the key.
""",
}


@pytest.fixture
def gardening(tmp_path: Path, sqlite_template: Path) -> House:
    """Havnby with a policy that has one paper more, which no code knows."""
    policy = tmp_path / "data"
    shutil.copytree(DATA, policy)
    folder = policy / "documents" / "garden-key"
    folder.mkdir()
    for name, text in INVENTED.items():
        (folder / name).write_text(text, "utf-8")
    with (policy / "documents" / "blanks.toml").open("a", encoding="utf-8") as blanks:
        blanks.write('[key_holder]\nwords = { en = "who holds the key" }\n')
    shutil.copy(sqlite_template, tmp_path / "g.sqlite")
    app: Flask = create_app(
        Settings(f"sqlite:///{tmp_path}/g.sqlite", tmp_path / "instance", policy, testing=True)
    )
    app.test_client_class = Browser
    with app.app_context():
        yield House.founded(app)
        db.session.remove()
        db.engine.dispose()


def test_a_new_paper_is_a_folder_and_nothing_else(gardening: House) -> None:
    engagement = told(gardening)
    page = Page(gardening.client("maja"))
    page.get(f"/engagements/{engagement.public_id}")
    assert "There is a garden." in page.text
    page.get(f"/engagements/{engagement.public_id}/paper?kind=garden-key")
    page.send({"key_holder": "The chair"}, press="Issue it under a number", follow=True, status=302)
    paper = newest(engagement.id, "garden-key")
    assert (paper.number, paper.state) == ("G-2026-00001", State.IN_FORCE)
    assert "The chair holds the key." in page.text


@only_sqlite
def test_an_issued_paper_keeps_the_words_of_its_edition(house: House) -> None:
    """Another edition, with other words for the same paper, changes nothing that was issued."""
    paper = issued(house)
    before = list(lines_of(sheet_of(paper, TODAY).paper.blocks))
    version, texts = house.app.extensions["policy"]
    name = "documents/memorandum/en.md"
    other = {**texts, name: texts[name].replace("We meet as equals", "We meet as strangers")}
    shelf.adopt("0" * len(version), other, at=NOON)
    db.session.flush()
    paper.engagement.policy_version = "0" * len(version)
    db.session.commit()
    assert list(lines_of(sheet_of(paper, TODAY).paper.blocks)) == before
    assert not any("strangers" in line for line in before)


def test_a_consultation_note_is_written_where_nothing_had_to_be_decided(house: House) -> None:
    engagement = started(house, place=1)
    assert (engagement.state, engagement.supported_level) == ("in_force", "")
    assert [document.id for document, _why in offered(engagement)] == ["consultation-note"]
    page = Page(house.client("maja"))
    page.get(f"/engagements/{engagement.public_id}")
    page.get(page.links()["Consultation note"])
    said = {"question": "Where should the bench stand?", "heard-0-text": "By the tram",
            "heard-0-became": "It stands there"}  # fmt: skip
    page.send(said, press="Issue it under a number", follow=True, status=302)
    assert "In force since" in page.heading
    assert "By the tram" in page.text
    house.partner("nadia", engagement.organisation)
    page = Page(house.client("nadia")).get("/our/papers")
    assert "N-2026-00001" in page.text


def test_nothing_is_written_where_nothing_is_more_than_told(house: House) -> None:
    engagement = started(house, place=0)
    assert engagement.state == "in_force"
    assert offered(engagement) == []
