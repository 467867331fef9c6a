"""One's own contacts. The pages that ask who is in a case team lie higher: `desk/contacts.py`."""

from typing import Any

from flask import Blueprint, g, request

from partners.access.table import Permission as P
from partners.ground import clock
from partners.ground.text import read_page
from partners.registry.vocabulary import vocabulary
from partners.relations import queries
from partners.relations.models import Contact
from partners.relations.queries import PAGE
from partners.web.fields import language
from partners.web.forms import show
from partners.web.guard import page

bp = Blueprint("relations", __name__)


@page(bp, "/contacts", needs=P.CONTACT_LOG)
def mine() -> Any:
    """What I promised, and what I wrote down."""
    number = read_page(request.args.get("page"), 1000)
    rows = queries.contacts(by=g.actor.id, page=number)
    return show(
        "relations/mine.html",
        promised=queries.promises_of(g.actor.id),
        rows=rows[:PAGE],
        number=number,
        more=len(rows) > PAGE,
        today=clock.today(),
        how=how,
    )


def how(contact: Contact) -> str:
    """How the sides met, in the reader's language."""
    return vocabulary().contact_kind(contact.kind, language())
