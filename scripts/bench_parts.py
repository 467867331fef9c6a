"""The parts of the figures that are measured alone; each sends rows of what and how much."""

import contextlib
import http.client
import os
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from partners.accounts.models import Account
from partners.assessment.models import Engagement
from partners.ground.db import db, writes
from partners.mou.models import Paper
from partners.registry import queries
from partners.registry.finding import Wish, look_for
from partners.registry.models import Organisation
from scripts import bench
from scripts.bench_import import imported, written
from scripts.bench_rows import fill_organisations

ROWS, SIZES, OF_EACH = 200_000, (200_000, 1_000_000), 8
PEOPLE = ("maja", "karin", "per", "nadia")
Rows = list[tuple[str, str]]


def imports(url: str, folder: str, answer: Any) -> None:
    """A list of 200,000 into a new register, and proposals over all of them."""
    bench.fill(url, folder, 0)
    found = imported(bench.opened(url, folder), written(ROWS, random.Random(bench.SEED)))
    took = sum(found[part] for part in ("hand in", "read and compare", "add"))
    answer.send([
        (f"import of {ROWS:,} rows (goal: 60 s)", f"{took:.0f} s"),
        ("of which others wait to write", f"{found['add']:.0f} s"),
        ("most memory (goal: 500 MB)", f"{found['memory']:.0f} MB"),
        ("proposals, rows a second (goal: 25,000)", f"{ROWS / found['propose']:,.0f}"),
        ("most memory of both", f"{found['memory of both']:.0f} MB"),
    ])  # fmt: skip


def search(url: str, folder: str, answer: Any) -> None:
    """Names typed letter by letter, and the check for near names, among more and more."""
    bench.fill(url, folder, 0)
    app, dice, rows, there = bench.opened(url, folder), random.Random(bench.SEED), Rows(), 0
    for size in SIZES:
        with app.app_context():
            writes.set(True)
            fill_organisations(app, range(there, size), dice)
            engine = db.engine
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("ANALYZE"))
            some = [bench_name(dice, size) for _ in range(bench.ROWS)]
            typed = [name[:n] for name in some for n in range(1, len(name) + 1)]
            rows += _asked(size, typed, some, dice)
            maja = _account("maja")
        visitor = bench.Visitor(app, maja)
        paths = [f"/organisations?q={words.replace(' ', '+')}" for words in dice.sample(typed, 50)]
        page = bench.measured("page", paths, visitor, bench.Counter(engine))
        rows.append((f"the page of it, {size:,} (goal: 25, 80)", _told(page)))
        there = size
        print(*rows[-3:], sep="\n", file=sys.stderr)  # because the next size takes minutes
    answer.send(rows)


def bench_name(dice: random.Random, size: int) -> str:
    found = select(Organisation.name).where(Organisation.id == 1_000 + dice.randrange(size))
    return db.session.scalars(found).one()


def _asked(size: int, typed: list[str], names: list[str], dice: random.Random) -> Rows:
    asked = dice.sample(typed, bench.CALLS)
    near = [name[:-3] + name[-2:] for name in names]

    def quietly(work: Callable[[int], object]) -> Callable[[int], None]:
        def call(number: int) -> None:
            work(number)
            db.session.commit()

        return call

    found = bench.timed("", quietly(lambda n: look_for(Wish(query=asked[n])).leaf(size=10)))
    check = bench.timed("", quietly(lambda n: queries.near_to(near[n % len(near)])))
    return [(f"search as you type, {size:,} (goal: p95 10)", _told(found)),
            (f"near names at registration, {size:,} (goal: p95 5)", _told(check))]  # fmt: skip


def _told(found: bench.Figures) -> str:
    return f"{found.p50:.1f} ms, p95 {found.p95:.1f} ms"


def _account(short: str) -> int:
    like = Account.email.startswith(f"{short}@")
    return db.session.scalars(select(Account.id).where(like)).one()


def web(url: str, folder: str, answer: Any) -> None:
    """`partners serve` with one web process, asked every page by four people, three times."""
    bench.fill(url, folder, 100_000)
    app = bench.opened(url, folder)
    with app.app_context():
        accounts = {short: _account(short) for short in PEOPLE}
        paths = list(_every_page(app))
    cookies = {short: bench.Visitor(app, number).cookie for short, number in accounts.items()}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with _served(url, folder, port) as process:
        answers = sum(_get(port, path, cookie) == 200 for _again in range(3)
                      for cookie in cookies.values() for path in paths)  # fmt: skip
        answer.send([
            ("pages that were sent", f"{answers:,}"),
            ("web process (goal: 200 MB)", f"{_memory(process, 'VmRSS'):.0f} MB"),
            ("at most", f"{_memory(process, 'VmHWM'):.0f} MB"),
        ])  # fmt: skip


def _every_page(app: Any) -> Iterator[str]:
    """Every address that needs no more than an organisation, an engagement or a paper."""
    things: dict[str, Any] = {"organisation_id": Organisation, "engagement_id": Engagement,
                              "paper_id": Paper}  # fmt: skip
    known = {name: db.session.scalars(select(model.public_id).limit(OF_EACH)).all()
             for name, model in things.items()}  # fmt: skip
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        if not rule.arguments:
            yield rule.rule
        elif len(rule.arguments) == 1 and (name := next(iter(rule.arguments))) in known:
            yield from (re.sub("<[^>]+>", one, rule.rule) for one in known[name])


@contextlib.contextmanager
def _served(url: str, folder: str, port: int) -> Iterator[int]:
    """The number of the one web process."""
    env = {**os.environ, "PARTNERS_DATABASE": url, "PARTNERS_INSTANCE": folder,
           "PARTNERS_POLICY": str(bench.HOME / "data")}  # fmt: skip
    command = [sys.executable, "-m", "partners", "serve", "--workers", "1", "--port", str(port)]
    house = subprocess.Popen(command, cwd=bench.HOME, env=env, stdout=subprocess.DEVNULL)
    try:
        while house.poll() is None and _get(port, "/", "") != 200:
            time.sleep(0.1)
        (worker,) = (child for one in _children(house.pid) for child in _children(one))
        yield worker
    finally:
        house.terminate()
        house.wait()


def _children(parent: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def _get(port: int, path: str, cookie: str) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(line), contextlib.suppress(OSError):
        line.request("GET", path, headers={"Cookie": cookie})
        sent = line.getresponse()
        sent.read()
        return sent.status
    return 0


def _memory(process: int, what: str) -> float:
    """Megabytes of a process, as the system counts them."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.findall(rf"{what}:\s+(\d+)", status)[0]) / 1024
