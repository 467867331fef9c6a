"""Partners: the register with which a municipality keeps faith with its community partners."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> "Flask":
    """The application with the operator's settings; what gunicorn and the commands open."""
    from partners.app import create_app as build

    return build()
