"""A house on both databases: migrated once a worker, copied for every test."""

import asyncio
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import make_server

from partners.app import Settings, create_app
from partners.ground.db import db, throwaway
from partners.tools.database import migrate_up
from tests import privatepg
from tests.builders import House, open_house

DATA = Path(__file__).parent.parent / "data"
# Test databases live for seconds; the house itself refuses to open with these settings.
throwaway.set(True)


@pytest.fixture(autouse=True)
def _throwaway_databases() -> None:
    throwaway.set(True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    app = create_app(Settings(f"sqlite:///{folder}/t.sqlite", folder, DATA, testing=True))
    migrate_up(app)
    with app.app_context():
        db.engine.dispose()
    return folder / "t.sqlite"


@pytest.fixture(scope="session")
def pg_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.URL]:
    """A server whose template database is migrated by the owner; tests serve as partners_app."""
    with privatepg.server() as folder:
        url = sa.make_url(f"postgresql+psycopg://postgres@/postgres?host={folder}")
        _sql(url, "create role partners_owner login", "create role partners_app login")
        _sql(url, "create database template_house owner partners_owner")
        owner = url.set(username="partners_owner", database="template_house")
        instance = tmp_path_factory.mktemp("pg-template")
        app = create_app(
            Settings(owner.render_as_string(hide_password=False), instance, DATA, testing=True)
        )
        migrate_up(app)
        with app.app_context():
            db.engine.dispose()
        yield url
        _engine(url).dispose()


@cache
def _engine(url: sa.URL) -> sa.Engine:
    return sa.create_engine(url, isolation_level="AUTOCOMMIT")


def _sql(url: sa.URL, *statements: str) -> None:
    with _engine(url).connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def cloned(server: sa.URL, name: str) -> None:
    """A new database like the template, as files: before PostgreSQL 15 there was no other way."""
    newer = (_engine(server).dialect.server_version_info or ()) >= (15,)  # type: ignore[attr-defined]
    how = "strategy file_copy" if newer else ""
    _sql(server, f"create database {name} template template_house {how}")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated, empty database of each kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "t.sqlite")
        yield f"sqlite:///{tmp_path}/t.sqlite"
        return
    server: sa.URL = request.getfixturevalue("pg_server")
    name = f"t_{os.urandom(6).hex()}"
    cloned(server, name)
    yield server.set(username="partners_app", database=name).render_as_string(hide_password=False)
    _sql(server, f"drop database {name} with (force)")


only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def app(database: str, tmp_path: Path) -> Iterator[Flask]:
    built = open_house(Settings(database, tmp_path / "instance", DATA, testing=True))
    yield built
    built.extensions["jobs"].huey.storage.close()  # it opens a connection of its own when it queues
    with built.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def house(app: Flask) -> Iterator[House]:
    """The house of Havnby with three departments and its people, inside an application context."""
    with app.app_context():
        yield House.founded(app)
        db.session.rollback()


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The application behind a real port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def live(app: Flask, house: House) -> Iterator[str]:
    """The house behind a real port."""
    db.session.remove()
    with serving(app) as base:
        yield base


FLAGS = (
    "--no-sandbox --disable-gpu --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --disable-quic"
).split()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    with _no_loop_but_for_a_browser(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    with _no_loop_but_for_a_browser(item):
        return (yield)


@contextmanager
def _no_loop_but_for_a_browser(item: pytest.Item) -> Iterator[None]:
    """Once a browser has run, its loop counts as running in this thread, and no other may begin."""
    loop = None if "browser" in item.fixturenames else asyncio._get_running_loop()  # type: ignore[attr-defined]
    if loop:
        asyncio._set_running_loop(None)
    try:
        yield
    finally:
        if loop:
            asyncio._set_running_loop(loop)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is not installed; run scripts/system.sh"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()
