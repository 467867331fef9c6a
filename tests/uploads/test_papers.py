"""Papers handed in: what is taken, where it lies, who may have it, and how it goes again."""

import io
import os
import struct
import zlib
from datetime import timedelta
from pathlib import Path

import pytest

from partners.assessment.models import Engagement
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.jobs.models import Job
from partners.uploads import actions, files
from partners.uploads.models import Upload
from partners.uploads.rules import clean_name, kind_of
from tests.assessment.case import started
from tests.builders import NOON, House
from tests.page import Page

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
SAVE = "Save what is filled in"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
ZIP_END = b"PK\x05\x06" + b"\0" * 18


@pytest.mark.parametrize(
    ("content", "kind"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")]
)
def test_a_paper_is_known_by_its_content(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"", b"hello", b"PK\x03\x04zip", b"GIF89a" + b"\0" * 40, b"<html><script>", PDF[:-8],
        PDF + ZIP_END, PNG + b"x", PNG + ZIP_END, PNG[:-4], JPEG + PDF, JPEG[:-2],
        JPEG[:-2] + b"%PDF-1.7 %%EOF\xff\xd9", JPEG[:-2] + b"<script>\xff\xd9", b"\0" + PDF,
        PDF + b" " * (10 * 1024 * 1024),
    ],
)  # fmt: skip
def test_what_could_be_something_else_is_refused(content: bytes) -> None:
    with pytest.raises(Refusal):
        kind_of(content)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("../../etc/passwd", "passwd.pdf"), ("C:\\x\\statutes.exe", "statutes.pdf"),
     ("…pdf.php", "…pdf.pdf"), ("", "file.pdf"), ("a\u202egpj.pdf", "agpj.pdf")],
)  # fmt: skip
def test_a_name_is_only_a_name(typed: str, shown: str) -> None:
    assert clean_name(typed, "application/pdf") == shown


def bundle(engagement: Engagement) -> str:
    return f"/engagements/{engagement.public_id}/items/papers"


def hand_in(page: Page, engagement: Engagement, content: bytes = PDF, **more: object) -> Page:
    item = "GO-04"
    page.get(bundle(engagement))
    what = page.all(f"//select[@name='{item}-what']/option")[1].get("value")
    fields = {f"{item}-answer": "met", f"{item}-what": what,
              f"{item}-file": (io.BytesIO(content), "Statutes 2026.pdf"), **more}  # fmt: skip
    return page.send(fields, press=SAVE)


def store_of(house: House) -> Path:
    return house.app.config["SETTINGS"].instance / "files"


def on_disk(house: House) -> list[Path]:
    return [path for path in store_of(house).rglob("*") if path.is_file()]


def test_a_paper_is_kept_by_its_fingerprint_and_saved_safely(house: House) -> None:
    engagement, page = started(house), Page(house.client("maja"))
    hand_in(page, engagement)
    (paper,) = db.session.query(Upload).all()
    (path,) = on_disk(house)
    assert (path.name, path.parent.name) == (paper.fingerprint, paper.fingerprint[:2])
    answer = page.client.get(f"/engagements/{engagement.public_id}/papers/{paper.public_id}")
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.mimetype == "application/pdf"


@pytest.mark.parametrize("content", [b"", b"hello", PNG + PDF])
def test_a_wrong_file_is_refused_and_what_was_typed_stays(house: House, content: bytes) -> None:
    engagement, page = started(house), Page(house.client("maja"))
    hand_in(page, engagement, content, **{"GO-04-words": "Rule of 2019"})
    assert page.status == 422
    assert "Rule of 2019" in page.source
    assert not on_disk(house)
    assert db.session.query(Upload).count() == 0


def test_a_paper_must_say_what_it_is(house: House) -> None:
    engagement, page = started(house), Page(house.client("maja"))
    hand_in(page, engagement, **{"GO-04-what": ""})
    assert "Say what this paper is." in page.troubles
    assert not on_disk(house)


def test_somebody_else_does_not_find_the_paper(house: House) -> None:
    engagement = started(house)
    hand_in(Page(house.client("maja")), engagement)
    (paper,) = db.session.query(Upload).all()
    other = house.organisation("Northside Chess Club")
    house.partner("olga", other)
    mine = started(house, organisation=other)
    address = f"papers/{paper.public_id}"
    for name, case in (("olga", engagement), ("olga", mine), ("lene", engagement), ("bo", mine)):
        Page(house.client(name)).get(f"/engagements/{case.public_id}/{address}", status=404)


def test_what_is_not_ours_to_hold_is_gone_at_once_everywhere(house: House) -> None:
    first = started(house)
    second = started(house, organisation=house.organisation("Northside Chess Club"))
    page = Page(house.client("maja"))
    for engagement in (first, second):
        hand_in(page, engagement)
    assert len(on_disk(house)) == 1
    page.post(bundle(first), press="Destroy this file", follow=True)
    assert not on_disk(house)
    assert "Removed on" in page.text
    assert "Maja Lund" in page.text
    db.session.expire_all()
    for paper in db.session.query(Upload).all():
        assert paper.destroyed_kind
        page.get(f"/engagements/{first.public_id}/papers/{paper.public_id}", status=None)
        assert page.status in (302, 404)
    page.get(bundle(second))
    assert "Removed on" in page.text


def test_nobody_of_an_organisation_reaches_into_the_file_of_another(house: House) -> None:
    first = started(house)
    second = started(house, organisation=house.organisation("Northside Chess Club"))
    house.partner("nadia", first.organisation)
    hand_in(Page(house.client("maja")), second)
    nadia = Page(house.client("nadia"))
    hand_in(nadia, first)
    nadia.post(bundle(first), press="Destroy this file")
    db.session.expire_all()
    rows = {u.organisation_id: u.destroyed_at for u in db.session.query(Upload)}
    assert rows[first.organisation_id]
    assert not rows[second.organisation_id]
    assert len(on_disk(house)) == 1


def test_the_same_paper_does_not_come_back(house: House) -> None:
    engagement, page = started(house), Page(house.client("maja"))
    hand_in(page, engagement)
    page.post(bundle(engagement), press="Destroy this file")
    hand_in(page, engagement)
    assert page.status == 422
    assert not on_disk(house)


def test_files_that_nobody_holds_are_swept_when_they_are_old(house: House) -> None:
    engagement = started(house)
    hand_in(Page(house.client("maja")), engagement)
    (held,) = on_disk(house)
    for content in (b"left behind", b"young"):
        files.store(store_of(house), content)
    old = files.place(store_of(house), files.fingerprint_of(b"left behind"))
    for path in (held, old):
        os.utime(path, (0, 0))
    actions.sweep(store_of(house), at=NOON + timedelta(days=1))
    assert held.exists()
    assert not old.exists()


def test_the_hourly_sweep_is_done_though_a_worker_comes_late_to_it(house: House) -> None:
    files.store(store_of(house), b"left behind")
    os.utime(files.place(store_of(house), files.fingerprint_of(b"left behind")), (0, 0))
    hourly = house.app.extensions["jobs"].kinds["uploads.sweep"]
    taken = [hourly(Job(created_at=NOON.replace(minute=minute)))["taken"] for minute in range(60)]
    assert sum(taken) == 1


def test_a_paper_whose_answer_is_refused_is_not_kept(house: House) -> None:
    engagement, page = started(house), Page(house.client("maja"))
    hand_in(page, engagement, **{"GO-04-answer": ""})
    assert page.status == 422
    assert "Choose the file again; it is not kept yet." in page.troubles
    assert db.session.query(Upload).count() == 0
