"""Figures on 100,000 organisations, both databases, one run; never decides a test.

    python scripts/bench.py [--part NAME] [--organisations N] [--rows N] [--only sqlite|postgresql]

Parts, each alone and in less than ten minutes: "pages", which is everything that the README quotes;
"imports", 200,000 rows and the proposals over them; "search", among 200,000 and 1,000,000; "web",
the memory of a real web process that was asked every page.

A figure is the time of one WSGI call in a warm process with production settings, the look written,
the database on disk: 200 calls over 50 different rows after ANALYZE. Statements are those of the
request; savepoints and the writing of the look are not counted.
"""

import argparse
import contextlib
import datetime as dt
import gc
import multiprocessing
import os
import platform
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

import sqlalchemy as sa  # noqa: E402
from sqlalchemy import event  # noqa: E402
from werkzeug.test import EnvironBuilder, run_wsgi_app  # noqa: E402

from partners.app import Settings, create_app  # noqa: E402
from partners.ground import clock  # noqa: E402
from partners.ground.db import db, writes  # noqa: E402
from tests import privatepg  # noqa: E402

CALLS, ROWS = 200, 50
PARTS = {"imports": "Import and proposals", "search": "Search", "web": "A web process"}
SEED = 20261120


@dataclass
class Figures:
    """What one page took: milliseconds of each call, and its statements."""

    name: str
    times: list[float] = field(default_factory=list)
    statements: set[int] = field(default_factory=set)

    @property
    def p50(self) -> float:
        return statistics.median(self.times)

    @property
    def p95(self) -> float:
        return sorted(self.times)[int(len(self.times) * 0.95)]


class Visitor:
    """Somebody signed in, whose calls go straight into the WSGI application."""

    def __init__(self, app: Any, account_id: int) -> None:
        from partners.accounts.actions import open_session
        from partners.accounts.models import Account

        self.app = app
        with app.app_context():
            secret = open_session(db.session.get_one(Account, account_id), at=clock.now())
            db.session.commit()
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True
        self.client = client
        client.get("/me")  # from here on the cookie carries what forms are checked with
        found = client.get_cookie("partners")
        self.cookie = f"partners={found.value}"

    def call(self, path: str, typed: dict[str, str] | None = None) -> str:
        """Open a page, or press with what was typed; raises when it answers something else."""
        method, wanted = ("GET", 200) if typed is None else ("POST", 302)
        headers = [("Cookie", self.cookie)]
        environ = EnvironBuilder(path=path, method=method, data=typed, headers=headers)
        body, status, _headers = run_wsgi_app(self.app, environ.get_environ(), buffered=True)
        if int(status.split()[0]) != wanted:
            raise SystemExit(f"{path} answered {status}, not {wanted}")
        return b"".join(body).decode()


class Counter:
    """Counts the statements of a request."""

    quiet = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "INSERT INTO looks", "COMMIT")

    def __init__(self, engine: Any) -> None:
        self.count = 0
        event.listen(engine, "before_cursor_execute", self._seen)

    def _seen(self, _c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().startswith(self.quiet):
            self.count += 1


def measured(name: str, paths: list[str], visitor: Visitor, counter: Counter) -> Figures:
    """200 calls over the paths, after one round to warm up."""
    figures = Figures(name)
    for path in paths[:5]:
        visitor.call(path)
    for number in range(CALLS):
        counter.count, start = 0, time.perf_counter()
        visitor.call(paths[number % len(paths)])
        figures.times.append((time.perf_counter() - start) * 1000)
        figures.statements.add(counter.count)
    return figures


def timed(name: str, work: Callable[[int], object], calls: int = CALLS) -> Figures:
    """The same for work that is no page."""
    figures = Figures(name)
    work(0)
    for number in range(calls):
        start = time.perf_counter()
        work(number)
        figures.times.append((time.perf_counter() - start) * 1000)
    return figures


@contextlib.contextmanager
def databases(only: str | None) -> Iterator[dict[str, tuple[str, str]]]:
    """Two fresh databases of each kind, on disk, with production settings and fsync on."""
    with contextlib.ExitStack() as stack:
        found: dict[str, tuple[str, str]] = {}
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp"))
        if only in (None, "sqlite"):
            found["SQLite"] = (f"sqlite:///{folder}/bench.sqlite", f"sqlite:///{folder}/new.sqlite")
        if only in (None, "postgresql"):
            where = stack.enter_context(privatepg.server(durable=True))
            first = f"postgresql+psycopg://postgres@/postgres?host={where}"
            engine = sa.create_engine(first, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.exec_driver_sql("create database new")
            engine.dispose()
            found["PostgreSQL"] = (first, first.replace("@/postgres", "@/new"))
        yield found


def opened(url: str, folder: str) -> Any:
    """The house as `partners serve` opens it."""
    app = create_app(Settings(url, Path(folder), HOME / "data"))
    gc.freeze()
    return app


def fill(url: str, folder: str, organisations: int) -> None:
    """Migrate, load the sample, then bulk rows of invented organisations around it."""
    from partners.tools import sample
    from partners.tools.database import migrate_up
    from scripts.bench_rows import fill_rows

    app = opened(url, folder)
    app.extensions["jobs"].huey.immediate = False
    migrate_up(app)
    with app.app_context():
        writes.set(True)
        sample.load(app, clock.now())
        db.session.commit()
        if organisations:
            fill_rows(app, organisations, random.Random(SEED))
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def measure(url: str, folder: str, answer: Any) -> None:
    """All figures of one database, in a process of its own so that its memory can be told."""
    from scripts.bench_lists import looked_again
    from scripts.bench_pages import figures_of

    app = opened(url, folder)
    found = figures_of(app, Visitor, Counter, measured, timed)
    found["rates"]["lists"] = looked_again(app)
    rows = [(f.name, f.p50, f.p95, sorted(f.statements)) for f in found["pages"]]
    answer.send({"pages": rows, **found["rates"]})


def bring_in(url: str, folder: str, rows: int, answer: Any) -> None:
    """A large list into a fresh register, in a process of its own."""
    from scripts.bench_import import imported, written

    fill(url, folder, 0)
    answer.send(imported(opened(url, folder), written(rows, random.Random(SEED))))


def starting(url: str) -> tuple[float, float]:
    """Seconds from `partners serve --sample` to the first answer: new, and the second time."""
    with tempfile.TemporaryDirectory() as folder:
        return _first_answer(url, folder), _first_answer(url, folder)


def _first_answer(url: str, folder: str) -> float:
    env = {**os.environ, "PARTNERS_DATABASE": url, "PARTNERS_INSTANCE": folder,
           "PARTNERS_POLICY": str(HOME / "data")}  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "partners", "serve", "--sample", "--port", port]
    start = time.perf_counter()
    server = subprocess.Popen(command, cwd=HOME, env=env, stdout=subprocess.DEVNULL)
    while server.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/").read()
            break
        time.sleep(0.05)
    took = time.perf_counter() - start
    server.terminate()
    server.wait()
    return took


def apart(work: Callable[..., None], *args: Any) -> None:
    process = multiprocessing.get_context("spawn").Process(target=work, args=args)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{work.__name__} ended with {process.exitcode}")


def answered(work: Callable[..., None], *args: Any) -> Any:
    """What work in a process of its own sends back."""
    here, there = multiprocessing.Pipe(duplex=False)
    apart(work, *args, there)
    return here.recv()


def all_of(name: str, url: str, fresh: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """Every figure of one database; `fresh` is the address of a second, empty one."""
    with tempfile.TemporaryDirectory() as folder:
        apart(fill, url, folder, chosen.organisations)
        print(f"{name}: filled", file=sys.stderr)
        found = answered(measure, url, folder)
    with tempfile.TemporaryDirectory() as folder:
        found["import"] = answered(bring_in, fresh, folder, chosen.rows)
    if name == "SQLite":  # PostgreSQL is made ready by its owner, not at the start
        found["start"] = starting(f"{fresh}.start")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["pages", *PARTS], default="pages")
    parser.add_argument("--organisations", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=20_000, help="rows of the imported list")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    chosen = parser.parse_args()
    if chosen.part != "pages":
        return alone(chosen)
    with databases(chosen.only) as found:
        results = {name: all_of(name, *urls, chosen) for name, urls in found.items()}
    table = printed(results, chosen)
    print(table)
    if chosen.only is None:
        keep(table)
    return 0


def alone(chosen: argparse.Namespace) -> int:
    """One part on each database, written below the figures of the README."""
    from scripts import bench_parts

    title, work = PARTS[chosen.part], getattr(bench_parts, chosen.part)
    only, rows = "sqlite" if chosen.part == "web" else chosen.only, list[tuple[str, str, str]]()
    with databases(only) as found:
        for name, (url, _fresh) in found.items():
            with tempfile.TemporaryDirectory() as folder:
                rows += [(name, *row) for row in answered(work, url, folder)]
    text = (f"{dt.date.today()}; {os.cpu_count()} cores ({platform.machine()}), load"
            f" {os.getloadavg()[2]:.1f} while it ran; `make bench ARGS=\"--part {chosen.part}\"`."
            "\n\n| database | what | |\n|---|---|---:|\n")  # fmt: skip
    text += "".join(f"| {' | '.join(row)} |\n" for row in rows)
    print(text)
    if chosen.only is None:
        write(title, text)
    return 0


def write(title: str, text: str) -> None:
    """A part of the page of figures, where it stood before or at the end."""
    page = HOME / "docs" / "figures.md"
    first, *parts = page.read_text().split("\n## ")
    found = dict(part.split("\n\n", 1) for part in parts) | {title: text}
    parts = [f"{name}\n\n{found[name].strip()}\n" for name in PARTS.values() if name in found]
    page.write_text("\n## ".join([first.rstrip() + "\n", *parts]))


def keep(table: str) -> None:
    """Write the figures where they are read: on their own page, and in the README."""
    page = HOME / "docs" / "figures.md"
    _first, *parts = page.read_text().split("\n## ")
    page.write_text("\n## ".join([f"# Figures\n\n{table}", *parts]))
    readme = (HOME / "README.md").read_text()
    before, _old, after = re.split("(?s)(<!-- figures -->.*<!-- end -->)", readme)
    new = f"<!-- figures -->\n{table}<!-- end -->"
    (HOME / "README.md").write_text(f"{before}{new}{after}")


def printed(results: dict[str, Any], chosen: argparse.Namespace) -> str:
    """Who was measured, and one Markdown table."""
    names, many = list(results), chosen.organisations
    lines = [
        f"{many:,} organisations, {many // 5:,} engagements, {many * 2:,} contacts;"
        f" {dt.date.today()}; {os.cpu_count()} cores ({platform.machine()}), load"
        f" {os.getloadavg()[2]:.1f} while it ran; Python {platform.python_version()}.\n",
        "| milliseconds | " + " | ".join(f"{n} p50 | p95 | statements" for n in names) + " |",
        "|---|" + "---:|" * (3 * len(names)),
    ]
    for number, (page, *_rest) in enumerate(results[names[0]]["pages"]):
        cells = []
        for name in names:
            _page, p50, p95, statements = results[name]["pages"][number]
            told = "–".join(sorted({str(n) for n in statements[:1] + statements[-1:]}))
            cells.append(f"{p50:.1f} | {p95:.1f} | {told or '–'}")
        lines.append(f"| {page} | " + " | ".join(cells) + " |")
    for label, told in _more(chosen.rows):
        cells = [f"{told(results[name])} | | " for name in names]
        lines.append(f"| {label} | " + " | ".join(cells) + "|")
    return "\n".join(lines) + "\n"


def _more(rows: int) -> list[tuple[str, Callable[[dict[str, Any]], str]]]:
    def seconds(*parts: str) -> Callable[[dict[str, Any]], str]:
        return lambda found: f"{sum(found['import'][part] for part in parts):.0f} s"

    every = ("hand in", "read and compare", "add")
    return [
        (f"import of {rows:,} rows", seconds(*every)),
        ("of which others wait to write", seconds("add")),
        ("processor time of it", seconds("processor")),
        ("rows a second", lambda found: f"{rows / sum(found['import'][p] for p in every):,.0f}"),
        (
            "duplicate proposals, rows a second",
            lambda found: f"{rows / found['import']['propose']:,.0f}",
        ),
        ("most memory, import", lambda found: f"{found['import']['memory']:.0f} MB"),
        ("preview of a changed policy on every case", lambda found: f"{found['preview']:.0f} s"),
        ("a changed list against 20,000 look-ups, 500 names new", lambda found: _again(found, 500)),
        ("the same, all of 18,000 names new", lambda found: _again(found, 18_000)),
        ("most memory, pages and papers", lambda found: f"{found['memory']:.0f} MB"),
        ("first answer, new house", lambda found: _start(found, 0)),
        ("first answer, second time", lambda found: _start(found, 1)),
    ]


def _again(found: dict[str, Any], many: int) -> str:
    whole, step = found["lists"][many]
    return f"{whole:.0f} s, in steps of at most {step:.1f} s"


def _start(found: dict[str, Any], which: int) -> str:
    return f"{found['start'][which]:.1f} s" if "start" in found else "–"


if __name__ == "__main__":
    sys.exit(main())
