"""The papers on disk: outside the web root, named by fingerprint, whole or not there at all."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


def place(folder: Path, fingerprint: str) -> Path:
    """Where the content with this fingerprint lies."""
    return folder / fingerprint[:2] / fingerprint


def fingerprint_of(content: bytes) -> str:
    """The SHA-256 of `content`, in hex."""
    return hashlib.sha256(content).hexdigest()


def store(folder: Path, content: bytes) -> None:
    """Write `content` so that it outlives a power cut.

    It is written anew where it is there already: a fresh date keeps the sweep away from it.
    """
    target = place(folder, fingerprint_of(content))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _keep(target.parent)


def destroy(folder: Path, fingerprint: str) -> None:
    """Take the content away; it does not matter whether it was there."""
    target = place(folder, fingerprint)
    target.unlink(missing_ok=True)
    if target.parent.exists():
        _keep(target.parent)


def _keep(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_older(path: Path, moment: float) -> bool:
    """Whether the file was last written before `moment` (seconds since 1970)."""
    return path.exists() and path.stat().st_mtime < moment


def older_than(folder: Path, moment: float) -> Iterator[Path]:
    """Every file last written before `moment`, half-written ones included."""
    return (path for path in folder.glob("??/*") if is_older(path, moment))
