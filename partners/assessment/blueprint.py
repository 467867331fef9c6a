"""The blueprint of the room, apart from its views because two files of views share it."""

from flask import Blueprint

bp = Blueprint("assessment", __name__)
