"""A backup taken while people work is whole; a restored house answers."""

import errno
import os
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import select

from partners.accounts.actions import open_session
from partners.accounts.models import Account
from partners.app import Settings, create_app
from partners.ground import clock
from partners.ground.db import db
from partners.tools.backup import FILES, FILTER, BadArchive, backup, restore
from partners.uploads import files
from partners.uploads.models import Upload
from tests.builders import NOON, House
from tests.conftest import DATA, _sql


def folder_of(app: Flask) -> Path:
    return app.config["SETTINGS"].instance / FILES


def hand_in(app: Flask, organisation_id: int, content: bytes) -> int:
    files.store(folder_of(app), content)
    row = Upload(
        organisation_id=organisation_id, item="x", what="x", name="x.pdf", mime="application/pdf",
        size=len(content), fingerprint=files.fingerprint_of(content), by_id=1, at=NOON,
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row.id


def destroy(app: Flask, upload_id: int) -> None:
    row = db.session.get_one(Upload, upload_id)
    row.destroyed_at, row.destroyed_by = NOON, 1
    fingerprint = row.fingerprint
    db.session.commit()
    files.destroy(folder_of(app), fingerprint)


@contextmanager
def people_at_work(app: Flask, organisation_id: int) -> Iterator[list[int]]:
    """Somebody hands in papers, and removes every third one, for as long as this lasts."""
    done, over = [], threading.Event()

    def work() -> None:
        with app.app_context():
            while not over.is_set():
                done.append(hand_in(app, organisation_id, f"paper {len(done)}".encode() * 50))
                if len(done) % 3 == 0:
                    destroy(app, done[-2])
            db.session.remove()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()


@pytest.fixture
def elsewhere(house: House, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """An empty place of the same kind, opened by who may change tables."""
    url = sa.make_url(house.app.config["SETTINGS"].database)
    if url.drivername == "sqlite":
        yield Settings(
            f"sqlite:///{tmp_path}/other/t.sqlite", tmp_path / "other", DATA, testing=True
        )
        return
    server: sa.URL = request.getfixturevalue("pg_server")
    name = f"{url.database}_other"
    _sql(server, f"create database {name} owner partners_owner")
    address = server.set(username="partners_owner", database=name)
    text = address.render_as_string(hide_password=False)
    yield Settings(text, tmp_path / "other", DATA, testing=True)
    _sql(server, f"drop database {name} with (force)")


def serving(settings: Settings) -> Flask:
    address = settings.database.replace("partners_owner", "partners_app")
    return create_app(replace(settings, database=address))


def let_go(*apps: Flask) -> None:
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        if hasattr(app.extensions["jobs"].huey.storage, "close"):
            app.extensions["jobs"].huey.storage.close()


def test_a_backup_under_writes_comes_back_whole_and_the_house_answers(
    house: House, elsewhere: Settings, tmp_path: Path
) -> None:
    group = house.organisation().id
    archive = tmp_path / "b.tar.gz"
    db.session.rollback()
    with people_at_work(house.app, group) as papers:
        while len(papers) < 20:
            threading.Event().wait(0.01)
        before = len(papers)
        backup(house.app, archive)
        assert len(papers) > before, "nobody wrote during the backup"
    owner = create_app(elsewhere)
    restore(owner, archive)
    restored = serving(elsewhere)
    with restored.app_context():
        rows = list(db.session.scalars(select(Upload).order_by(Upload.id)))
        assert len(rows) >= before
        for row in rows:
            kept = files.place(folder_of(restored), row.fingerprint)
            assert row.destroyed_at or files.fingerprint_of(kept.read_bytes()) == row.fingerprint
        secret = open_session(db.session.get_one(Account, house.people["maja"]), at=clock.now())
        db.session.commit()
    client = restored.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    assert "maja@havnby.example" in client.get("/me").text
    let_go(owner, restored)


def test_an_archive_with_one_changed_byte_is_refused(
    house: House, elsewhere: Settings, tmp_path: Path
) -> None:
    hand_in(house.app, house.organisation().id, b"the very paper")
    db.session.rollback()
    archive = tmp_path / "b.tar.gz"
    backup(house.app, archive)
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)
    owner = create_app(elsewhere)
    with pytest.raises(BadArchive):
        restore(owner, archive)
    let_go(owner)


def test_a_paper_put_into_the_archive_by_another_hand_is_refused(
    house: House, elsewhere: Settings, tmp_path: Path
) -> None:
    hand_in(house.app, house.organisation().id, b"the very paper")
    db.session.rollback()
    archive, unpacked, again = tmp_path / "b.tar.gz", tmp_path / "u", tmp_path / "c.tar.gz"
    backup(house.app, archive)
    with tarfile.open(archive) as whole:
        whole.extractall(unpacked, **FILTER)
    (paper,) = (p for p in (unpacked / FILES).rglob("*") if p.is_file())
    paper.write_bytes(b"another paper")
    with tarfile.open(again, "w:gz") as whole:
        whole.add(unpacked, ".")
    owner = create_app(elsewhere)
    with pytest.raises(BadArchive, match="changed"):
        restore(owner, again)
    let_go(owner)


def test_what_is_there_is_replaced_only_when_asked(
    house: House, elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.session.rollback()
    archive = tmp_path / "b.tar.gz"
    backup(house.app, archive)
    owner = create_app(elsewhere)
    restore(owner, archive)
    with pytest.raises(BadArchive, match="--replace"):
        restore(owner, archive)
    place = Path(elsewhere.database.removeprefix("sqlite:///"))
    kept_in_place = os.replace

    def on_two_disks(source: Path, target: Path) -> None:
        if Path(target) == place != Path(source).with_name(place.name):
            raise OSError(errno.EXDEV, "the database lies on another disk than the instance")
        kept_in_place(source, target)

    monkeypatch.setattr(os, "replace", on_two_disks)
    restore(owner, archive, replace=True)
    with owner.app_context():
        assert db.session.get_one(Account, house.people["maja"]).name == "Maja Lund"
    let_go(owner)


def test_a_row_whose_file_is_lost_stops_the_backup_and_leaves_nothing_behind(
    house: House, tmp_path: Path
) -> None:
    hand_in(house.app, house.organisation().id, b"the very paper")
    db.session.rollback()
    files.destroy(folder_of(house.app), files.fingerprint_of(b"the very paper"))
    place = tmp_path / "backups"
    place.mkdir()
    with pytest.raises(BadArchive, match="not there"):
        backup(house.app, place / "b.tar.gz")
    assert list(place.iterdir()) == []


def test_the_archive_is_for_its_owner_only_and_never_written_over(
    house: House, tmp_path: Path
) -> None:
    db.session.rollback()
    archive = tmp_path / "b.tar.gz"
    backup(house.app, archive)
    assert archive.stat().st_mode & 0o077 == 0
    with pytest.raises(BadArchive, match="already"):
        backup(house.app, archive)
