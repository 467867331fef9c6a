"""What several files of views share: the blueprint, where files are kept, how one is sent."""

from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, make_response

from partners.ground.refusals import Refusal
from partners.ground.text import safe_filename
from partners.uploads.rules import kind_of

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


def kind_in(field: str, content: bytes) -> str:
    """The media type of what a field of a form handed in. Raises Refusal beside that field."""
    try:
        return kind_of(content)
    except Refusal as refusal:
        refusal.field = field
        raise
