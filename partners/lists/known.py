"""The lists that this municipality looks up: `lists.toml` of its policy folder, else our own."""

from functools import cache
from pathlib import Path

from flask import current_app

from partners.lists.rules import Lists, read_lists
from partners.policy.shapes import PolicyError, Problem

_DEFAULT = Path(__file__).parents[2] / "data" / "lists.toml"


@cache
def _read(path: Path) -> Lists:
    try:
        return read_lists(path.read_text("utf-8"))
    except ValueError as error:
        raise PolicyError([Problem("lists.toml", "", str(error), "mend it")]) from error


def lists_of(folder: Path) -> Lists:
    """The lists of a policy folder. Raises PolicyError where its file cannot be used."""
    own = folder / "lists.toml"
    return _read(own if own.exists() else _DEFAULT)


def known_lists() -> Lists:
    """The lists of this house."""
    return lists_of(current_app.config["SETTINGS"].policy)
