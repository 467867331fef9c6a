"""A throw-away PostgreSQL with the two roles of the house; works as root and as a plain user."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OFF = "fsync synchronous_commit full_page_writes".split()
ROOM = "shared_buffers=512MB max_wal_size=4GB".split()  # as docs/operators.md asks for


def bindir() -> str | None:
    """Where the server's programs are, newest first; None when there is no PostgreSQL."""
    debian = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: int(p.split("/")[4]))
    on_path = os.path.dirname(os.path.realpath(shutil.which("pg_ctl") or ""))
    for folder in [os.environ.get("PG_BIN", ""), *reversed(debian), on_path]:
        if folder and os.access(os.path.join(folder, "initdb"), os.X_OK):
            return folder
    return None


def _as_whom() -> dict:
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def quick_folder() -> str:
    """In memory where there is plenty: a test database is 300 files that live for seconds."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 << 30
    return str(memory) if roomy and os.access(memory, os.W_OK) else "/tmp"


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Start it, yield the folder of its socket, stop it. `durable`: as a municipality runs it."""
    binaries, who = bindir(), _as_whom()
    if not binaries:
        raise LookupError("no PostgreSQL server programs found")
    # Short, because the path of a socket holds 107 bytes.
    folder = tempfile.mkdtemp(prefix="pg-", dir="/tmp" if durable else quick_folder())
    env = {"PATH": f"{binaries}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": folder}
    if who:
        os.chown(folder, who["user"], who["group"])

    def run(*command: str) -> None:
        subprocess.run(command, check=True, env=env, cwd=folder, stdout=subprocess.DEVNULL, **who)

    options = " ".join(
        [
            f"-c listen_addresses='' -c unix_socket_directories={folder} -c max_connections=60",
            *(f"-c {said}" for said in (ROOM if durable else [f"{name}=off" for name in OFF])),
        ]
    )
    try:
        run(
            f"{binaries}/initdb", "-D", f"{folder}/data", "-U", "postgres", "--auth=trust",
            "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions",
        )  # fmt: skip
        run(
            f"{binaries}/pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-w", "-t", "60",
            "-o", options, "start",
        )  # fmt: skip
        yield folder
    finally:
        subprocess.run(
            [f"{binaries}/pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "stop"],
            env=env, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **who,
        )  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)
