"""Figures on 100,000 organisations, both databases, one run; never decides a test.

    python scripts/bench.py [--organisations N] [--only sqlite|postgresql]

A figure is the time of one WSGI call in a warm process with production settings, the look written,
the database on disk: 200 calls over 50 different rows after ANALYZE. Statements are those of the
request; savepoints and the writing of the look are not counted.
"""

import argparse
import contextlib
import datetime as dt
import json
import multiprocessing
import platform
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

import sqlalchemy as sa  # noqa: E402
from werkzeug.test import EnvironBuilder, run_wsgi_app  # noqa: E402

from partners.app import Settings, create_app  # noqa: E402
from partners.ground import clock  # noqa: E402
from partners.ground.db import db, writes  # noqa: E402
from tests import privatepg  # noqa: E402

CALLS, ROWS = 200, 50
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
        found = client.get_cookie("partners")
        self.cookie = f"partners={found.value}"

    def call(self, path: str, wanted: int = 200) -> None:
        """Open a page; raises when the answer is another than `wanted`."""
        environ = EnvironBuilder(path=path, headers={"Cookie": self.cookie}).get_environ()
        _body, status, _headers = run_wsgi_app(self.app, environ, buffered=True)
        if int(status.split()[0]) != wanted:
            raise SystemExit(f"{path} answered {status}, not {wanted}")


class Counter:
    """Counts the statements of a request."""

    quiet = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "INSERT INTO looks", "COMMIT")

    def __init__(self, engine: Any) -> None:
        self.count = 0
        sa.event.listen(engine, "before_cursor_execute", self._seen)

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
def databases(only: str | None) -> Iterator[dict[str, str]]:
    """Fresh databases on disk with production settings; PostgreSQL with fsync on."""
    with contextlib.ExitStack() as stack:
        found: dict[str, str] = {}
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp"))
        if only in (None, "sqlite"):
            found["SQLite"] = f"sqlite:///{folder}/bench.sqlite"
        if only in (None, "postgresql"):
            where = stack.enter_context(privatepg.server(durable=True))
            found["PostgreSQL"] = f"postgresql+psycopg://postgres@/postgres?host={where}"
        yield found


def opened(url: str, folder: str) -> Any:
    return create_app(Settings(url, Path(folder), HOME / "data"))


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
        fill_rows(app, organisations, random.Random(SEED))
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def measure(url: str, folder: str, answer: Any) -> None:
    """All figures of one database, in a process of its own so that its memory can be told."""
    from scripts.bench_pages import figures_of

    app = opened(url, folder)
    found = figures_of(app, Visitor, Counter, measured, timed)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer.send(
        ([(f.name, f.p50, f.p95, sorted(f.statements)) for f in found["pages"]], found["rates"],
         memory)  # fmt: skip
    )


def apart(work: Callable[..., None], *args: Any) -> None:
    process = multiprocessing.get_context("spawn").Process(target=work, args=args)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{work.__name__} ended with {process.exitcode}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--organisations", type=int, default=100_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    chosen = parser.parse_args()
    results: dict[str, Any] = {}
    with databases(chosen.only) as found:
        for name, url in found.items():
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                apart(fill, url, folder, chosen.organisations)
                print(f"{name}: filled in {time.perf_counter() - start:.0f} s", file=sys.stderr)
                here, there = multiprocessing.Pipe(duplex=False)
                apart(measure, url, folder, there)
                results[name] = here.recv()
    table = printed(results, chosen.organisations)
    print(table)
    (HOME / "docs" / "figures.md").write_text(table)
    return 0


def printed(results: dict[str, Any], organisations: int) -> str:
    """The one Markdown table that the README quotes."""
    names = list(results)
    head = [f"{n} p50 ms | {n} p95 ms | statements" for n in names]
    lines = [
        f"# Figures\n\n{organisations:,} organisations, {organisations // 5:,} engagements,"
        f" {organisations * 2:,} contacts; {dt.date.today()}; {platform.machine()},"
        f" Python {platform.python_version()}.\n",
        "| page | " + " | ".join(head) + " |",
        "|---|" + "---:|" * (3 * len(names)),
    ]
    for number, (page, *_rest) in enumerate(results[names[0]][0]):
        cells = []
        for name in names:
            _page, p50, p95, statements = results[name][0][number]
            told = "–" if not statements else "–".join(map(str, {statements[0], statements[-1]}))
            cells.append(f"{p50:.1f} | {p95:.1f} | {told}")
        lines.append(f"| {page} | " + " | ".join(cells) + " |")
    for name in names:
        rates = json.dumps(results[name][1]).strip("{}").replace('"', "")
        lines.append(f"\n{name}: peak memory {results[name][2]:.0f} MB. {rates}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
