"""The lists that this municipality looks up: `lists.toml` of its policy folder, else our own."""

from functools import cache
from pathlib import Path

from flask import current_app

from partners.lists.rules import FILE, Lists, read_lists
from partners.policy.load import own_or_ours


@cache
def _read(path: Path) -> Lists:
    return read_lists(path.read_text("utf-8"))


def lists_of(folder: Path) -> Lists:
    """The lists of a policy folder. Raises PolicyError where its file cannot be used."""
    return _read(own_or_ours(folder, FILE))


def known_lists() -> Lists:
    """The lists of this house."""
    return lists_of(current_app.config["SETTINGS"].policy)
