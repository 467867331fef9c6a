"""Files kept by their SHA-256, so that what was signed can neither change nor be mixed up."""

import os
import secrets
from hashlib import sha256
from pathlib import Path


class FileChanged(RuntimeError):
    """A kept file is not what its name says; nobody is shown it."""


def fingerprint(content: bytes) -> str:
    """SHA-256 in hex, the name under which a file is kept."""
    return sha256(content).hexdigest()


def keep(folder: Path, content: bytes) -> str:
    """Keep `content` under its fingerprint, which is returned; twice is once."""
    name = fingerprint(content)
    place = folder / name[:2] / name
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        passing = place.with_name(f".{secrets.token_hex(8)}")
        with passing.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        passing.rename(place)
    return name


def kept(folder: Path, name: str) -> bytes:
    """The file of this fingerprint. Raises FileChanged when it is another, or is missing."""
    try:
        content = (folder / name[:2] / name).read_bytes()
    except FileNotFoundError as error:
        raise FileChanged(f"{name} is missing") from error
    if fingerprint(content) != name:
        raise FileChanged(f"{name} was changed")
    return content
