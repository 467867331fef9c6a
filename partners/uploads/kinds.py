"""The kinds of papers that are never ours to hold, from `data/papers.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flask import current_app

from partners.policy.load import own_or_ours


@cache
def _read(path: Path) -> Mapping[str, Mapping[str, str]]:
    return {row["id"]: row for row in tomllib.loads(path.read_text("utf-8"))["not_ours"]}


def kinds_not_ours() -> Mapping[str, Mapping[str, str]]:
    """Names by id in each language: those of the municipality's policy folder, else our own."""
    return _read(own_or_ours(current_app.config["SETTINGS"].policy, "papers.toml"))
