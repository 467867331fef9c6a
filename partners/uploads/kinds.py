"""The kinds of papers that are never ours to hold, from `data/papers.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flask import current_app

_DEFAULT = Path(__file__).parents[2] / "data" / "papers.toml"


@cache
def _read(path: Path) -> Mapping[str, Mapping[str, str]]:
    return {row["id"]: row for row in tomllib.loads(path.read_text("utf-8"))["not_ours"]}


def kinds_not_ours() -> Mapping[str, Mapping[str, str]]:
    """Names by id in each language: those of the municipality's policy folder, else our own."""
    own = current_app.config["SETTINGS"].policy / "papers.toml"
    return _read(own if own.exists() else _DEFAULT)
