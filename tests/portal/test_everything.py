"""The file to take home holds each thing that is held, and nothing that is not its own."""

import csv
import hashlib
import io
import json
import zipfile

from partners.assessment import actions
from partners.assessment.letters import DECISION, letter
from partners.ground.db import db
from partners.history.actions import note_look
from partners.mou.models import Paper
from partners.signing import files as sealed
from partners.signing.models import Seal
from partners.uploads import files
from partners.uploads.models import Upload
from tests.assessment.case import started
from tests.builders import NOON, House
from tests.charter.case import offered, sign
from tests.mou.papers import issued
from tests.page import Page
from tests.portal.conftest import below, decided, told

PDF = b"%PDF-1.7 an agreement"


def bundle(house: House, organisation) -> zipfile.ZipFile:
    house.partner("nadia", organisation)
    answer = house.client("nadia").get("/our/everything.zip")
    assert answer.status_code == 200, answer.text[:500]
    return zipfile.ZipFile(io.BytesIO(answer.data))


def table(file: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    text = file.read(f"tables/{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_it_holds_the_whole_file_as_json_and_as_tables(house: House) -> None:
    case = told(house)
    note_look(case.organisation_id, "result", "To decide", by=house.actor("karin"), at=NOON)
    db.session.commit()
    file = bundle(house, case.organisation)
    whole = json.loads(file.read("everything.json"))
    assert whole["organisation"]["name"] == case.organisation.name
    assert whole["engagements"][0]["rounds"][0]["level"] == case.supported_level
    assert whole["engagements"][0]["case_team"][0]["name"] == "Maja Lund"
    assert len(whole["answers"]) == len(table(file, "answers")) > 5
    assert table(file, "looks")[0]["note"] == "Manager"
    assert "Karin" not in file.read("everything.json").decode()
    assert file.read(f"letters/{case.reference}-1-decision-letter.pdf").startswith(b"%PDF")


def test_the_letter_of_an_earlier_round_stays_as_it_was_when_something_else_is_asked_for(
    house: House,
) -> None:
    case, maja = told(house), {"by": house.actor("maja"), "at": NOON}
    before = letter(DECISION, case, "en").blocks
    case.state, level = "in_force", case.level
    actions.begin_again(case, house.app.extensions["policy"], **maja)
    case.level = list(house.policy.levels)[-1]
    actions.tell_level(case, **maja)
    db.session.commit()
    assert case.level != level
    assert letter(DECISION, case, "en", case.rounds[0]).blocks == before
    file = bundle(house, case.organisation)
    assert [n for n in file.namelist() if n.startswith("letters/")] == [
        f"letters/{case.reference}-1-decision-letter.pdf"
    ]
    page = Page(house.client("nadia")).get("/our/papers")
    assert page.click("Community meals").heading


def test_it_holds_agreements_and_papers_but_not_what_was_destroyed(house: House) -> None:
    case, folder = told(house), house.app.config["SETTINGS"].instance / "files"
    name = sealed.keep(folder, PDF)
    db.session.add(Paper(
        number="M-2026-0001", kind="dialogue-agreement", organisation_id=case.organisation_id,
        engagement_id=case.id, state="issued", drafted_by=house.people["maja"], drafted_at=NOON,
        issued_by=house.people["maja"], issued_at=NOON, fingerprint=name,
    ))  # fmt: skip
    for word, gone in (("statutes", None), ("certificate", NOON)):
        content = word.encode()
        files.store(folder, content)
        db.session.add(Upload(
            organisation_id=case.organisation_id, engagement_id=case.id, item="x", what=word,
            name=f"{word}.pdf", mime="application/pdf", size=1, by_id=1, at=NOON,
            fingerprint=hashlib.sha256(content).hexdigest(), destroyed_at=gone,
            destroyed_by=1 if gone else None,
        ))  # fmt: skip
    db.session.commit()
    file = bundle(house, case.organisation)
    assert file.read("agreements/M-2026-0001.pdf") == PDF
    (kept,) = [n for n in file.namelist() if n.startswith("papers-handed-in/")]
    assert (kept.endswith("statutes.pdf"), file.read(kept)) == (True, b"statutes")
    assert len(table(file, "papers-handed-in")) == 2


def test_it_holds_nothing_of_another_organisation(house: House) -> None:
    other = told(house, organisation=house.organisation("Northside Chess Club"))
    file = bundle(house, house.organisation())
    text = file.read("everything.json").decode()
    assert "Northside" not in text
    assert other.reference not in " ".join([text, *file.namelist()])


def test_a_decision_and_points_that_were_not_told_are_not_in_it(house: House) -> None:
    first = decided(house)
    below(house, organisation=first.organisation)
    whole = json.loads(bundle(house, first.organisation).read("everything.json"))
    assert [c["supported_level"] for c in whole["engagements"]] == ["", ""]
    assert {c["state"] for c in whole["engagements"]} == {"proposed"}
    assert all("level" not in r and "outcome" not in r for c in whole["engagements"]
               for r in c["rounds"])  # fmt: skip
    assert whole["points"] == []
    assert not [d for d in whole["deeds"] if "decided" in d["text"]]


def test_no_cell_of_its_tables_starts_a_formula(house: House) -> None:
    case = told(house)
    case.organisation.name = "Harbour Kitchen"
    from partners.relations.models import Contact

    db.session.add(Contact(organisation_id=case.organisation_id, kind="call", held_on=NOON.date(),
                           line="=1+1", by_id=house.people["maja"], at=NOON))  # fmt: skip
    db.session.commit()
    rows = table(bundle(house, case.organisation), "contacts")
    assert rows[0]["line"] == "'=1+1"


def test_the_same_content_gives_the_same_file(house: House) -> None:
    house.partner("nadia", told(house).organisation)
    client = house.client("nadia")
    assert client.get("/our/everything.zip").data == client.get("/our/everything.zip").data


def test_it_holds_the_charter_as_sealed_and_who_signs_in(house: House) -> None:
    kitchen = house.organisation()
    charter = offered(house, kitchen)
    sign(house, charter)
    put = sealed.keep(house.app.config["SETTINGS"].instance / "files", PDF)
    seal = db.session.query(Seal).filter_by(charter_id=charter.id).one()
    seal.sealed_at, seal.fingerprint = NOON, put
    db.session.commit()
    file = bundle(house, kitchen)
    assert file.read(f"charter/1-{NOON:%Y-%m-%d}.pdf") == PDF
    users = json.loads(file.read("everything.json"))["users"]
    assert {u["email"] for u in users} == {
        house.account(short).email for short in ("grethe", "yusuf", "nadia")
    }
    assert "password" not in json.dumps(users)


def test_amounts_are_told_with_their_currency(house: House) -> None:
    case = started(house, money=18000)
    file = bundle(house, case.organisation)
    assert table(file, "support")[0]["currency"] == "EUR"
    assert "18,000 EUR" in Page(house.client("nadia")).get("/our/file/contacts").text


def test_who_meant_a_text_is_told_by_name_and_not_by_our_numbers(house: House) -> None:
    paper = issued(house)
    told = json.loads(bundle(house, paper.organisation).read("everything.json"))
    (agreement,) = told["agreements"]
    assert {side: one[0] for side, one in agreement["meant"].items()} == {
        "city": "Maja Lund", "partner": house.account("grethe").name
    }  # fmt: skip
