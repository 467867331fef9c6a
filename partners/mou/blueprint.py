"""What several files of views share: the blueprint, where files are kept, how one is sent."""

from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, make_response

from partners.ground.text import safe_filename

bp = Blueprint("mou", __name__)


def files() -> Path:
    """Where what was signed is kept, outside the web root."""
    return current_app.config["SETTINGS"].instance / "files"


def printed_file(content: bytes, name: str) -> Any:
    """A PDF that the browser shows."""
    answer = make_response(content)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{safe_filename(name)}.pdf"'
    return answer
