"""The page that proposes records of one organisation, for a person to look at."""

from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_babel import gettext

from partners.access.table import Permission as P
from partners.ground import clock
from partners.ground.text import read_page
from partners.registry import pairs
from partners.registry.blueprint import bp
from partners.registry.models import Pair
from partners.web.forms import HouseForm, show
from partners.web.guard import fetch, page

ROWS = 20


@page(bp, "/organisations/alike", needs=P.ORGANISATION_MERGE, methods=("GET", "POST"))
def alike() -> Any:
    """Pairs that may be one organisation, the likeliest first; or those that are settled."""
    settled, form = request.args.get("show") == "settled", HouseForm()
    if form.sent():
        with form.refusals():
            _do(request.form.get("deed", ""))
            return redirect(url_for(".alike", show="settled" if settled else None))
    number = read_page(request.args.get("page"))
    many, rows = pairs.proposed(settled=settled, limit=ROWS, offset=(number - 1) * ROWS)
    return show("registry/alike.html", form, many=many, rows=rows, said=said, settled=settled,
                job=pairs.newest_search(), page=number, pages=max(-(-many // ROWS), 1),
                most=pairs.MOST_KEPT)  # fmt: skip


def _do(deed: str) -> None:
    if deed == "search":
        return pairs.search(by=g.actor)
    pair = fetch(Pair, request.form.get("pair", ""), P.ORGANISATION_MERGE)
    if deed == "two":
        pairs.tell_apart(pair, by=g.actor, at=clock.now())
        flash(gettext("They stay two until one of them is called otherwise."))
    elif deed == "again":
        pairs.propose_again(pair, by=g.actor, at=clock.now())
    else:
        abort(404)


def said(pair: Pair) -> list[str]:
    """What agrees and what differs, in the reader's language."""
    return [gettext(sentence, **facts) if facts else gettext(sentence)
            for sentence, facts in pair.said]  # fmt: skip


bp.record_once(lambda state: pairs.announce(state.app.extensions["jobs"]))
