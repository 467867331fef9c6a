"""What everybody reads of the municipality itself: how it is reached, and to whom one complains."""

import zlib
from types import SimpleNamespace
from typing import Any

from flask import abort, g, url_for

from partners.access.table import Permission as P
from partners.accounts import actions, queries
from partners.accounts.forms import ReachForm
from partners.accounts.views.doors import bp, done
from partners.ground import clock
from partners.web.forms import conflict, show
from partners.web.guard import page


@page(bp, "/reached", needs=P.HOUSE_SAY, methods=("GET", "POST"))
def reached() -> Any:
    house = queries.municipality() or abort(404)
    known = sorted((name, str(text)) for name, text in house.texts.items())
    form = ReachForm(row=SimpleNamespace(**dict(known), version=zlib.crc32(repr(known).encode())))
    if form.sent():
        if form.stale:
            return conflict(form)
        with form.refusals():
            actions.say_reach(house, form.data, by=g.actor, at=clock.now())
            return done("Saved. Everybody reads it so from now on.", url_for(".reached"))
    return show("accounts/reached.html", form)
