"""`partners serve`: migrate, then web server and job worker under one parent."""

import argparse
import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

from flask import Flask
from gunicorn.app.base import BaseApplication

from partners import create_app
from partners.accounts.queries import municipality
from partners.ground.db import check_postgresql, db
from partners.signing.keys import keys_in
from partners.tools import sample, seal
from partners.tools.database import migrate_up

HERE = "127.0.0.1"


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`partners serve`"""
    serving = commands.add_parser("serve", help="start the web server and the job worker")
    serving.add_argument("--port", default=os.environ.get("PORT", "8000"))
    serving.add_argument("--host", default=HERE)
    serving.add_argument("--workers", type=int, default=2, help="web processes")
    serving.add_argument("--sample", action="store_true", help="load the sample municipality first")
    serving.set_defaults(run=serve)


class Web(BaseApplication):
    """gunicorn around an application that is open already, so that it is opened only once."""

    def __init__(self, app: Flask, bind: str, workers: int) -> None:
        self.app, self.bind, self.workers = app, bind, workers
        super().__init__()

    def load_config(self) -> None:
        self.cfg.set("bind", self.bind)
        self.cfg.set("workers", self.workers)
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("threads", 4)
        self.cfg.set("preload_app", True)
        self.cfg.set("control_socket_disable", True)

    def load(self) -> Flask:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self.app


def serve(chosen: argparse.Namespace) -> int:
    """Serve until a signal or until one of the two ends; then end the other as well."""
    app, bind = create_app(), f"{chosen.host}:{chosen.port}"
    # A key of one's own is bound to a name, never to a number; so this machine is called by name.
    here = f"http://{'localhost' if chosen.host == HERE else chosen.host}:{chosen.port}"
    # In a process of its own, because what this takes in memory the web processes would keep.
    _child, status = os.waitpid(_forked(lambda: _prepare(app, here, chosen.sample)), 0)
    if status:
        return 1
    gc.freeze()  # what is open stays open: nobody need look through it for what can go
    web = _forked(Web(app, bind, chosen.workers).run)
    worker = _forked(lambda: app.extensions["jobs"].huey.create_consumer(workers=2).run())

    def stop(*_signal: object) -> None:
        for child, how in ((web, signal.SIGTERM), (worker, signal.SIGINT)):  # INT: jobs may finish
            with suppress(ProcessLookupError):
                os.kill(child, how)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    first, _status = os.wait()
    stop()
    os.waitpid(worker if first == web else web, 0)
    return 0


def _prepare(app: Flask, here: str, with_sample: bool) -> None:
    migrate_up(app)
    with app.app_context():
        check_postgresql(may_be_throwaway=False)
        if with_sample and municipality() is None:
            sample.load(app, sample.clock.now())
        _answer_here(here)
        db.session.commit()
        _seal(app)
        db.session.remove()
    _greet(app, here)


def _answer_here(here: str) -> None:
    """A sample may be served at another port each time; its links lead to where it is now."""
    house = municipality()
    if house is not None and house.invented:
        house.texts = {**house.texts, "url": here}


def _seal(app: Flask) -> None:
    """Refuse unsafe keys before anybody is let in; give a sample keys of its own, never others."""
    house, keys = municipality(), keys_in(app.config["SETTINGS"].instance)
    if house is not None and house.invented and not keys.exist:
        seal.begin(app)
    keys.check(invented=house is not None and house.invented)


def _greet(app: Flask, here: str) -> None:
    """Say where the house stands and, for the sample, who may sign in."""
    lines = [f"\n  Partners is at  {here}\n"]
    with app.app_context():
        house = municipality()
        if house and not keys_in(app.config["SETTINGS"].instance).exist:
            lines.append("  Papers are not sealed yet:  .venv/bin/partners seal init\n")
        if house is None:
            lines.append("  No municipality lives here yet:  .venv/bin/partners new\n")
        elif house.invented:
            data = sample.read(app)
            lines.append(f"  Everything in it is invented. Password for all: {data['password']}\n")
            rows = [(p["email"], ", ".join(p["roles"])) for p in data["person"]]
            rows += [(a.email, f"{', '.join(a.roles)} of {o}") for a, o in sample.partners()]
            lines += [f"  {email:38} {roles}" for email, roles in rows]
        db.session.remove()
    print("\n".join(lines), flush=True)


def _forked(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        work()
        sys.exit(0)
    return child
