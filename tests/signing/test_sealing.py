"""What all have signed becomes one sealed paper that anybody can check."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from lxml.html import tostring
from pyhanko.pdf_utils.reader import PdfFileReader

from partners.charter.actions import withdraw
from partners.ground import clock
from partners.ground.db import db
from partners.mou.models import Paper
from partners.paper.blocks import Heading, Para
from partners.paper.filling import Setting, filled
from partners.paper.press import printed
from partners.public.verify import Verdict, check_file
from partners.signing import keys, sealing, work
from partners.signing.canonical import opened
from partners.signing.files import kept
from partners.signing.models import Seal
from partners.uploads import actions as uploads
from partners.uploads.files import place
from tests.builders import NOON, TODAY, House
from tests.charter.case import offered
from tests.charter.case import sign as sign_charter
from tests.conftest import only_sqlite
from tests.mou import papers
from tests.page import Page
from tests.paper import papers as texts
from tests.paper.structure import printed_texts, shown_text
from tests.paper.texts import attachments, bare

AT = clock.now()


@pytest.fixture
def seal(house: House) -> keys.Keys:
    """The house with a seal of its own."""
    made = keys.keys_in(house.app.config["SETTINGS"].instance)
    keys.make(made, "Havnby", at=AT)
    return made


def signed_by_all(house: House, **more) -> Seal:
    """A memorandum that both sides have signed, and its seal as the job left it."""
    paper = papers.issued(house, **more)
    papers.sign(house, paper, "grethe")
    papers.sign(house, paper, "karin")
    return db.session.query(Seal).one()


def file_of(house: House, row: Seal) -> bytes:
    return kept(papers.files(house), row.fingerprint)


def test_what_all_have_signed_is_sealed_with_the_very_file_that_they_signed(
    house: House, seal: keys.Keys
) -> None:
    row = signed_by_all(house)
    content = file_of(house, row)
    inside = attachments(content)
    issued = kept(papers.files(house), row.evidence["paper"]["file_sha256"])
    assert inside["paper.pdf"] == issued
    sheets, before = (PdfFileReader(BytesIO(c)).root["/Pages"]["/Kids"] for c in (content, issued))
    for page, old in zip(sheets, before, strict=False):
        assert page.get_object()["/Contents"].data == old.get_object()["/Contents"].data
    assert len(sheets) == len(before) + 1
    told = opened(inside["evidence.json"], seal.root)
    assert told == row.evidence
    assert {s["text_sha256"] for s in told["signatures"]} == {told["paper"]["file_sha256"]}
    assert [s["name"] for s in told["signatures"]] == ["Grethe", "Karin Dahl"]
    content = json.loads(inside["content.json"])
    assert "account" not in content["facts"]["signers_org"][0]
    read = Page(house.client("grethe")).get(f"/papers/{papers.newest_id()}")
    (shown,) = read.all("//article[contains(@class,'doc')]")
    heard = printed_texts(issued).tree
    assert bare(content["text"]) == bare(heard)
    assert bare(shown_text(tostring(shown, encoding="unicode"))) == bare(heard)


def test_a_sealed_paper_in_two_languages_holds_both_and_says_which_decides(
    house: House, seal: keys.Keys
) -> None:
    lunch = {"text": "nobody eats alone", "wording": "ingen spiser alene"}
    row = signed_by_all(house, second_language="da", deciding_language="da", wordings=[lunch],
                        wordings_by="Ane Holt, interpreter")  # fmt: skip
    inside = attachments(file_of(house, row))
    content = json.loads(inside["content.json"])
    languages = content["language"], content["facts"]["second_language"]
    assert (*languages, content["facts"]["deciding_language"]) == ("en", "da", "da")
    assert content["facts"]["wordings"] == [lunch]
    for words in ("The Danish version decides.", "Den version, der gælder, er på dansk.",
                  "nobody eats alone", "ingen spiser alene"):  # fmt: skip
        assert words in content["text"]
    heard = printed_texts(inside["paper.pdf"]).tree
    read = Page(house.client("grethe")).get(f"/papers/{papers.newest_id()}")
    shown = read.all("//article[contains(@class,'doc')]")
    assert [one.get("lang") for one in shown] == ["en", "da"]
    page = "".join(shown_text(tostring(one, encoding="unicode")) for one in shown)
    assert bare(content["text"]) == bare(heard) == bare(page)


def test_both_sides_take_home_the_sealed_file_and_the_receipt_names_its_fingerprint(
    house: House, seal: keys.Keys
) -> None:
    row = signed_by_all(house)
    paper = f"/papers/{papers.newest_id()}"
    for who in ("grethe", "karin"):
        browser = house.client(who)
        assert browser.get(f"{paper}?as=pdf").data == file_of(house, row)
        page = Page(browser).get(f"{paper}/receipt")
        assert row.fingerprint in page.text.replace(" ", "")
        assert row.public_id.upper() in page.text.replace(" ", "")


def test_without_a_seal_the_paper_waits_and_the_signed_file_is_given(house: House) -> None:
    row = signed_by_all(house)
    assert row.fingerprint == ""
    page = Page(house.client("grethe")).get(f"/papers/{papers.newest_id()}/receipt")
    assert "It is being sealed" in page.text
    keys.make(keys.keys_in(house.app.config["SETTINGS"].instance), "Havnby", at=AT)
    run_job(house)
    assert db.session.query(Seal).one().fingerprint


def test_what_was_signed_before_there_were_seals_is_sealed_when_there_is_one(
    house: House,
) -> None:
    paper_id = signed_by_all(house).paper_id
    sign_charter(house, offered(house))
    db.session.query(Seal).delete()  # as after the upgrade that brought the seals
    folder = house.app.config["SETTINGS"].instance
    assert list(work.seal_older(NOON, instance=folder)) == []
    keys.make(keys.keys_in(folder), "Havnby", at=AT)
    for _day in range(2):
        list(work.seal_older(NOON, instance=folder))
    db.session.commit()
    run_job(house)
    rows = db.session.query(Seal).order_by(Seal.id).all()
    assert {row.paper_id for row in rows} == {None, paper_id}
    assert all(row.fingerprint for row in rows)


@pytest.mark.parametrize(("day", "late"), [(TODAY, ""), (TODAY + timedelta(days=1), "late")])
def test_a_seal_bears_its_own_day_and_says_when_it_is_later(day: date, late: str) -> None:
    row = work.Mark("a" * 26, "https://havnby.example", "00" * 32, day).row(TODAY)
    assert (row["sealed_on"], row["late"]) == (day, late)


def run_job(house: House) -> None:
    """The tick of the next minute."""
    house.app.extensions["jobs"].sweep()
    db.session.expire_all()


def test_no_time_stamp_no_seal_and_no_clock_of_ours_instead(house: House, seal: keys.Keys) -> None:
    jobs = house.app.extensions["jobs"]
    work.announce(jobs, house.app.config["SETTINGS"].instance, "http://127.0.0.1:9/tsa")
    row = signed_by_all(house)
    assert (row.fingerprint, row.tries) == ("", 1)
    page = Page(house.client("grethe")).get(f"/papers/{papers.newest_id()}/receipt")
    assert "time stamp pending" in page.text
    work.announce(jobs, house.app.config["SETTINGS"].instance, sealing.OWN)
    row = db.session.query(Seal).one()
    row.try_after = NOON
    db.session.commit()
    run_job(house)
    assert db.session.query(Seal).one().trouble == ""
    assert db.session.query(Seal).one().fingerprint


def test_a_sealed_paper_is_never_sealed_again(house: House, seal: keys.Keys) -> None:
    row = signed_by_all(house)
    before = row.fingerprint
    row.try_after = NOON
    db.session.commit()
    for _ in range(2):
        run_job(house)
    files = [p for p in papers.files(house).rglob("*") if p.is_file()]
    assert db.session.query(Seal).one().fingerprint == before
    assert len(files) == 2  # as issued, and sealed


@only_sqlite
def test_keys_that_others_can_read_are_refused(house: House, seal: keys.Keys) -> None:
    seal.check(invented=False)
    (seal.folder / "seal.key").chmod(0o640)
    with pytest.raises(keys.UnsafeKeys, match="chmod 600"):
        seal.check(invented=False)


@only_sqlite
def test_the_keys_of_a_sample_say_so_and_never_seal_for_a_real_municipality(
    house: House, tmp_path: Path
) -> None:
    made = keys.keys_in(tmp_path)
    keys.make(made, "Havnby", at=AT, sample=True)
    made.check(invented=True)
    with pytest.raises(keys.UnsafeKeys, match="sample"):
        made.check(invented=False)
    for name in ("root", "seal", "clock"):
        assert keys.SAMPLE in made.certificate(name).subject.rfc4514_string().replace("\\", "")
    other = keys.keys_in(tmp_path / "other")
    keys.make(other, "Havnby", at=AT, sample=True)
    assert other.fingerprint != made.fingerprint


@only_sqlite
def test_the_next_seal_stands_under_the_same_root_and_old_papers_stay_ours(
    house: House, seal: keys.Keys
) -> None:
    content, root = file_of(house, signed_by_all(house)), seal.fingerprint
    old = seal.certificate("seal").serial_number
    keys.rotate(seal, at=AT + timedelta(days=365))
    assert seal.certificate("seal").serial_number != old
    assert seal.fingerprint == root
    assert said("paper", content, seal) == "sealed, whole"
    assert not list(seal.folder.glob("seal-*.key"))


def said(kind: str, content: bytes, by: keys.Keys, *more: bytes) -> str:
    """What the kit's script says, as a stranger runs it."""
    script = Path(keys.__file__).parent / "kit" / "verify.py"
    names = []
    for at, part in enumerate((content, *more)):
        names.append(by.folder / f"tried-{at}")
        names[-1].write_bytes(part)
    env = {**os.environ, "ROOT": str(by.folder / "root.crt")}
    done = subprocess.run([sys.executable, script, kind, *names], env=env, capture_output=True,
                          text=True)  # fmt: skip
    return done.stdout.strip().rsplit("\n", 1)[-1]


def test_a_fingerprint_in_words_differs_for_every_byte() -> None:
    words = keys.in_words(bytes(range(256)).hex()).split()
    assert len(set(words)) == 256


@pytest.mark.parametrize("language", ["en", "da"])
def test_the_square_stands_on_the_page_that_says_what_it_is_for(language: str) -> None:
    mark = work.Mark("c0de" * 8, "https://havnby.example", "ab" * 32, TODAY)
    words = texts.documents()["receipt"]
    body = printed([Para("What was agreed. " * 900)], title="", language=language, reference="M-1")
    after = {"en": "after page 4 of the text", "da": "efter tekstens side 4"}[language]
    for number in range(1, 7):
        row = {
            "name": "Maria",
            "role": "chair",
            "party": "Harbour Kitchen",
            "when": "1 May",
            "statement": "I have read this and sign it. " * 4,
            "rung": "Account",
        }
        facts = texts.ALWAYS | {"signatures": [row] * number, "seal": [mark.row(TODAY)],
                                "fingerprint": "cd" * 32, "in_force_on": TODAY}  # fmt: skip
        blocks = filled(words, facts, Setting("", ""), language=language).blocks
        page = work.signature_page(blocks, mark, words, language, "M-1", "Havnby", body)
        head = [b.text for b in blocks if isinstance(b, Heading)][-1]
        told = subprocess.run(["pdftotext", "-", "-"], input=page, capture_output=True, check=True)
        last = told.stdout.decode().rstrip("\f").split("\f")[-1]
        assert head in last
        assert "C0DE" in last
        assert after in " ".join(told.stdout.decode().split())


def test_a_signature_under_the_charter_is_sealed_with_the_citys_own_for_both_to_take_home(
    house: House, seal: keys.Keys
) -> None:
    charter = offered(house)
    sign_charter(house, charter)
    row = db.session.query(Seal).one()
    content = file_of(house, row)
    told = opened(attachments(content)["evidence.json"], seal.root)
    assert [s["for"]["side"] for s in told["signatures"]] == ["city", "partner"]
    assert {s["text_sha256"] for s in told["signatures"]} == {charter.text_hash}
    assert json.loads(attachments(content)["content.json"])["text"] == charter.text
    page = Page(house.client("grethe")).get("/our-charter")
    home = page.links()["Take the signed charter home (PDF)"]
    assert house.client("grethe").get(home).data == content
    assert house.client("karin").get(home).data == content
    assert check_file(content, seal, TODAY).verdict == Verdict.HOLDS
    withdraw(charter, by=house.actor("grethe"), at=NOON)
    assert house.client("karin").get(home).status_code == 404
    found = check_file(content, seal, TODAY)
    assert (found.verdict, found.standing.by) == (Verdict.HELD, "partner")


def test_what_was_signed_outlives_every_sweep_and_the_taking_away_of_copies(
    house: House, seal: keys.Keys
) -> None:
    row, folder = signed_by_all(house), papers.files(house)
    issued = db.session.get_one(Paper, row.paper_id)
    for name in (row.fingerprint, issued.fingerprint):
        os.utime(place(folder, name), (0, 0))
    uploads.sweep(folder, at=AT + timedelta(days=30))
    maja, case = house.actor("maja"), issued.engagement
    copy = uploads.keep(folder, kept(folder, issued.fingerprint), "m.pdf", item="GO-04",
                        what="statutes", within=case, by=maja, at=AT)  # fmt: skip
    uploads.not_ours(folder, copy, "certificate", within=case, by=maja, at=AT)
    for name in (row.fingerprint, issued.fingerprint):
        assert kept(folder, name)


def test_a_seal_begun_while_the_house_shuts_down_waits_for_the_next_start(
    house: House,
    seal: keys.Keys,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("concurrent.futures.thread._shutdown", True)
    signed_by_all(house)
    row = db.session.query(Seal).one()
    assert (row.tries, row.fingerprint, row.trouble) == (1, "", "")
    assert [r for r in caplog.records if r.levelname == "ERROR"] == []
