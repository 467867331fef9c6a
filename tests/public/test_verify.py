"""Anybody checks a paper: five answers, nothing kept, and hostile files are only bytes."""

import gc
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random
from zipfile import ZipFile

import pytest

from partners.ground import clock
from partners.ground.db import db
from partners.mou.models import Paper
from partners.public.verify import Verdict, check_file
from partners.signing import keys, kit, work
from partners.signing.canonical import opened
from partners.signing.models import Seal
from tests.builders import House
from tests.conftest import only_sqlite
from tests.page import Page
from tests.signing.sealed import LINES
from tests.signing.test_sealing import AT, file_of, said, seal, signed_by_all  # noqa: F401

SAME, ADDED = "Identical to the sealed original", "something was added to the file"
UNKNOWN, CANNOT = "Not sealed by us, or changed", "We cannot check right now"


# What a test sends lies in a file that the test's own browser leaves to the collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()


def dropped(house: House, content: bytes, **more: str) -> Page:
    """The page after a stranger has dropped a file on it."""
    page = Page(house.client())
    sent = {"file": (BytesIO(content), "paper.pdf"), **more}
    return page._take(page.client.post("/verify", data=sent), None)


def test_the_sealed_file_is_identical_and_the_page_says_who_signed_how_and_until_when(
    house: House,
    seal: keys.Keys,  # noqa: F811
) -> None:
    row = signed_by_all(house)
    page = dropped(house, file_of(house, row))
    assert page.status == 200
    assert SAME in page.text
    assert "In force until 20 November 2028" in page.text
    for words in ("Grethe", "Karin Dahl", "Signed with account", "Harbour Kitchen", "own clock",
                  "does not say that either side approves"):  # fmt: skip
        assert words in page.text
    assert "Set-Cookie" not in page.answer.headers


def test_what_has_ended_is_identical_but_not_in_force_any_more(
    house: House,
    seal: keys.Keys,  # noqa: F811
) -> None:
    row = signed_by_all(house)
    content = file_of(house, row)
    paper = db.session.get_one(Paper, row.paper_id)
    soon, gone = clock.today() + timedelta(days=9), clock.today() - timedelta(days=1)
    paper.texts = {**paper.texts, "paused": {"side": "partner", "since": clock.today().isoformat()}}
    for state, last, side, words, whose in (
        ("in_force", soon, "paused", "Paused until", "Harbour Kitchen paused it"),
        ("notice", soon, "partner", "Notice was given", "Harbour Kitchen gave notice."),
        ("notice", gone, "city", "not in force any more: ended", "Havnby gave notice."),
        ("in_force", gone, "", "not in force any more: ended", "Nobody ended it"),
        ("replaced", soon, "", "not in force any more: replaced", "Both sides have signed another"),
    ):
        paper.state, paper.ends_on, paper.ended_at = state, last, AT
        paper.texts = {**paper.texts, "notice_by": side}
        paper.paused_until = soon if side == "paused" else None
        text = dropped(house, content).text
        assert words in text
        assert whose in text
        # A code alone tells nobody's name.
        assert whose not in Page(house.client()).get(f"/verify?code={row.public_id}").text


def test_a_code_alone_shows_state_and_day_and_nobodys_name(
    house: House,
    seal: keys.Keys,  # noqa: F811
) -> None:
    row = signed_by_all(house)
    code = " ".join(row.public_id.upper()[at : at + 4] for at in range(0, 26, 4))
    for typed in (code, row.public_id, code.replace("0", "O").replace("1", "l")):
        text = Page(house.client()).get("/verify", query_string={"code": typed}).text
        assert "In force until" in text
        assert "Grethe" not in text
        assert "Harbour Kitchen" not in text
    for wrong in ("x", "0" * 26, "é" * 400, "' or 1=1 --"):
        page = Page(house.client()).get("/verify", query_string={"code": wrong})
        assert "We know no paper with this code" in page.text


def test_a_look_alike_seal_of_the_same_names_is_not_ours(
    house: House,
    seal: keys.Keys,  # noqa: F811
    tmp_path,
) -> None:
    row = signed_by_all(house)
    other = keys.keys_in(tmp_path)
    keys.make(other, "Havnby", at=AT)
    row.fingerprint, row.sealed_at, row.signed_bytes = "", None, ""
    db.session.commit()
    ours = work.keys_in
    work.keys_in = lambda _instance: other  # because a forger has a house of their own
    try:
        row.try_after = AT - timedelta(days=1)
        db.session.commit()
        house.app.extensions["jobs"].sweep()
    finally:
        work.keys_in = ours
    db.session.expire_all()
    forged = file_of(house, db.session.query(Seal).one())
    row = db.session.query(Seal).one()
    row.fingerprint, row.sealed_at, row.signed_bytes = "", None, ""
    db.session.commit()
    assert UNKNOWN in dropped(house, forged).text
    assert said("paper", forged, seal).startswith("not sealed by this root")
    assert said("paper", forged, other) == "sealed, whole"


def test_our_seal_on_a_paper_that_we_have_no_record_of_is_no_accusation(
    house: House,
    seal: keys.Keys,  # noqa: F811
) -> None:
    """Such as after an older backup came back."""
    row = signed_by_all(house)
    content = file_of(house, row)
    db.session.delete(row)
    db.session.commit()
    assert CANNOT in dropped(house, content).text
    assert ADDED in dropped(house, content + b"x").text


def hostile() -> Iterator[bytes]:
    chance = Random(5)
    mark = b"/ByteRange [0 %d %d %d]"
    yield b""
    yield b"%PDF-1.7"
    yield chance.randbytes(100_000)
    yield mark % (1, 2, 3) * 200_000
    yield mark % (10**8, 10**8 + 1, 10**8) + b"<" + b"41" * 10**6 + b">"
    yield b"/ByteRange [0" + b" " * 5_000_000
    yield b"/ByteRange [0 " + b"9" * 5_000_000
    yield b"/ByteRange" * 1_500_000
    for depth in (10, 30_000):
        nested = b"\x30\x80" * depth
        hole = b"<" + nested.hex().encode() + b">"
        head = mark % (40, 40 + len(hole), 5)
        yield head.ljust(40) + hole + b"%%EOF"


def test_hostile_files_are_answered_quickly_and_are_not_ours(
    house: House,
    seal: keys.Keys,  # noqa: F811
) -> None:
    began = time.monotonic()
    for content in list(hostile())[1:]:
        assert check_file(content, seal, date(2026, 11, 20)).verdict is Verdict.UNKNOWN
    assert UNKNOWN in dropped(house, chance_pdf()).text
    assert time.monotonic() - began < 60  # a hang, not a measure


def chance_pdf() -> bytes:
    return b"%PDF-1.7\n" + Random(6).randbytes(19 * 1024 * 1024)


def test_what_is_too_large_or_empty_is_said_and_nothing_is_kept(
    house: House,
    seal: keys.Keys,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("werkzeug.formparser.default_stream_factory", None)  # no file on disk
    row = signed_by_all(house)
    before = sorted(p.name for p in house.app.config["SETTINGS"].instance.rglob("*"))
    content = file_of(house, row)
    assert "at most 20 MB" in " ".join(dropped(house, b"").troubles)
    large = dropped(house, b"x" * (20 * 1024 * 1024 + 1))
    assert "at most 20 MB" in " ".join(large.troubles)
    dropped(house, content + b"?")
    after = sorted(p.name for p in house.app.config["SETTINGS"].instance.rglob("*"))
    assert before == after


def test_the_status_list_names_a_paper_only_to_who_holds_it_and_is_signed(
    house: House,
    seal: keys.Keys,  # noqa: F811
) -> None:
    row = signed_by_all(house)
    content = file_of(house, row)
    answer = house.client().get("/status/list.json")
    listed = opened(answer.data, seal.root)
    name = sha256(sha256(content).digest() + bytes.fromhex(row.evidence["seal"]["salt"]))
    assert [p["state"] for p in listed["papers"] if p["id"] == name.hexdigest()] == ["in_force"]
    for secret in (row.public_id, row.fingerprint, "Harbour"):
        assert secret not in answer.text
    assert opened(answer.data.replace(b"in_force", b"withdrawn"), seal.root) is None
    assert json.loads(answer.data)["root_sha256"] == seal.fingerprint


@pytest.mark.parametrize("address", ["/status/list.json", "/verify-kit.zip"])
def test_without_a_seal_there_is_no_list_and_no_kit(house: House, address: str) -> None:
    assert house.client().get(address).status_code == 404
    assert "has no seal yet" in Page(house.client()).get("/verify").text


@only_sqlite
def test_the_kit_tells_twelve_papers_apart_without_us(
    house: House,
    seal: keys.Keys,  # noqa: F811
    tmp_path: Path,
) -> None:
    pack_of = house.client().get("/verify-kit.zip")
    with ZipFile(BytesIO(pack_of.data)) as pack:
        pack.extractall(tmp_path)
    folder = tmp_path / "verify-kit"
    assert (folder / "root.crt").read_bytes() == (seal.folder / "root.crt").read_bytes()
    assert keys.in_words(seal.fingerprint) in (folder / "fingerprint.txt").read_text()
    done = subprocess.run([sys.executable, "-I", folder / "verify.py", "samples"],
                          capture_output=True, text=True, cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 samples, all as expected" in done.stdout
    assert house.client().get("/verify-kit.zip").data == pack_of.data
    assert b"PRIVATE KEY" not in b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())


@only_sqlite
def test_every_command_of_the_paper_about_checking_works_as_it_is_printed(
    live: str,
    house: House,
    seal: keys.Keys,  # noqa: F811
    tmp_path: Path,
) -> None:
    """By somebody who has the kit and one paper."""
    with ZipFile(BytesIO(house.client().get("/verify-kit.zip").data)) as pack:
        pack.extractall(tmp_path)
    folder = tmp_path / "verify-kit"
    (folder / "FILE.pdf").write_bytes(file_of(house, signed_by_all(house)))
    text = kit.OPEN["verify.md"].read_text("utf-8").replace("https://MUNICIPALITY", live)
    commands = re.findall(r"^ {4,}(\S.*)$", text, re.MULTILINE)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    said = {}
    for command in commands:
        done = subprocess.run(command, shell=True, cwd=folder, text=True, capture_output=True,
                              env={**os.environ, "PATH": path})  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        said[" ".join(command.split()[:3])] = done.stdout
    assert (
        seal.fingerprint == said["openssl x509 -in"].strip().split("=")[1].replace(":", "").lower()
    )
    assert keys.in_words(seal.fingerprint) in said["cat fingerprint.txt"]
    assert all(line in said["pdfsig -nssdir sql:nss"] for line in LINES)
    assert (
        said["pyhanko sign validate"]
        .strip()
        .endswith(":INTACT:TRUSTED,TIMESTAMP_TOKEN<INTACT:TRUSTED>,UNTOUCHED")
    )
    for kind, words in (("paper", ""), ("evidence", "Karin Dahl"), ("status", "in_force")):
        assert said[f"python3 verify.py {kind}"].strip().endswith("sealed, whole")
        assert words in said[f"python3 verify.py {kind}"]
