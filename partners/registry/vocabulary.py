"""The municipality's own short lists, `data/contacts.toml`: roles, meetings, grounds."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import current_app

from partners.policy.load import OURS, own_or_ours


@dataclass(frozen=True)
class Vocabulary:
    """Names by id, in the order of the file, each in several languages."""

    offices: Mapping[str, Mapping[str, str]]
    contact_kinds: Mapping[str, Mapping[str, str]]
    grounds: Mapping[str, Mapping[str, Any]]
    keep_grounds: Mapping[str, Mapping[str, Any]]

    def office(self, entry: str, language: str) -> str:
        """The title of a role; English where `language` has none, the id where it was taken out."""
        return _said(self.offices, entry, language)

    def contact_kind(self, entry: str, language: str) -> str:
        """How the sides met, in words."""
        return _said(self.contact_kinds, entry, language)

    def ground(self, entry: str, language: str) -> str:
        """On which legal ground something is held back, in words."""
        return _said(self.grounds, entry, language)

    def keep_ground(self, entry: str, language: str) -> str:
        """On which ground something is kept although its time is over, in words."""
        return _said(self.keep_grounds, entry, language)


def _said(entries: Mapping[str, Mapping[str, str]], entry: str, language: str) -> str:
    names = entries.get(entry, {})
    return names.get(language) or names.get("en", entry)


def _rows(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


@cache
def read(path: Path) -> Vocabulary:
    """The lists of one file. Raises KeyError where an entry has no id."""
    # A folder that was made before a list existed takes that list from ours.
    rows = {k: v for p in (OURS / "contacts.toml", path) for k, v in _rows(p).items()}
    names = ("office", "contact_kind", "ground", "keep_ground")
    lists = ({row["id"]: row for row in rows.get(name, [])} for name in names)
    return Vocabulary(*lists)


def vocabulary() -> Vocabulary:
    """The lists in use: those in the municipality's policy folder, else our own."""
    return read(own_or_ours(current_app.config["SETTINGS"].policy, "contacts.toml"))
