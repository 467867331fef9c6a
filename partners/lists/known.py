"""The lists that this municipality looks up: `lists.toml` of its policy folder, else our own."""

from functools import cache
from pathlib import Path

from flask import current_app

from partners.lists.rules import Lists, read_lists

_DEFAULT = Path(__file__).parents[2] / "data" / "lists.toml"


@cache
def _read(path: Path) -> Lists:
    return read_lists(path.read_text("utf-8"))


def known_lists() -> Lists:
    """Raises ValueError, with what to mend, where the file cannot be used."""
    own = current_app.config["SETTINGS"].policy / "lists.toml"
    return _read(own if own.exists() else _DEFAULT)
