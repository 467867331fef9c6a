"""The papers of an engagement: taken in with an answer, saved, destroyed when not ours to hold."""

from pathlib import Path
from typing import Any

from flask import current_app, flash, g, redirect, request, send_file, url_for
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from partners.access.table import Permission as P
from partners.assessment.blueprint import bp
from partners.assessment.models import Engagement
from partners.assessment.queries import WHOLE, papers_held, policy_of, standings
from partners.assessment.rules.moves import State
from partners.ground import clock
from partners.ground.refusals import Refusal, beside
from partners.ground.words import N_
from partners.uploads import actions, files
from partners.uploads.kinds import kinds_not_ours
from partners.uploads.models import Upload
from partners.uploads.queries import paper_by
from partners.uploads.rules import MOST_BYTES
from partners.web.guard import fetch, looked, page

READ_IN = (State.PROPOSED, State.REPLYING)


def fetch_case(engagement_id: str, *besides: P) -> Engagement:
    """For whoever may open it, and for the second reader while there is something to read."""
    for permission in (P.ENGAGEMENT_VIEW, P.ENGAGEMENT_READ, *besides):
        try:
            case = fetch(Engagement, engagement_id, permission, *WHOLE)
        except NotFound:
            continue
        if permission is not P.ENGAGEMENT_READ or State(case.state) in READ_IN:
            return case
    raise NotFound


def folder() -> Path:
    return current_app.config["SETTINGS"].instance / "files"


def kept(case: Engagement, item: str, what: str, file: Any) -> Upload:
    """The paper handed in with one item; refusals stand beside the fields `what` and `file`."""
    if not what:
        raise Refusal(N_("Say what this paper is."), field="what")
    with beside("file"):
        return actions.keep(
            folder(),
            file.stream.read(MOST_BYTES + 1),
            file.filename or "",
            item=item,
            what=what,
            within=case,
            by=g.actor,
            at=clock.now(),
        )


@page(bp, "/engagements/<engagement_id>/papers/<paper_id>", needs=P.ENGAGEMENT_VIEW,
      methods=("GET", "POST"))  # fmt: skip
def paper(engagement_id: str, paper_id: str) -> Any:
    """Save a paper; or, with POST, destroy one that is not ours to hold."""
    case = fetch_case(engagement_id)
    held = paper_of(case, paper_id)
    item = policy_of(case).items.get(held.item)  # none for a scan of an agreement
    back = (url_for(".bundle", engagement_id=engagement_id, bundle=item.bundle) if item
            else url_for(".engagement", engagement_id=engagement_id))  # fmt: skip
    if request.method == "POST":
        kind = request.form.get("kind", "")
        if kind not in kinds_not_ours():
            raise Refusal(N_("Choose what kind of paper it is."))
        actions.not_ours(folder(), held, kind, within=case, by=g.actor, at=clock.now())
        flash(gettext("The paper is destroyed. Only its kind and the day are noted."))
        return redirect(back)
    path = files.place(folder(), held.fingerprint)
    if held.destroyed_at or not path.exists():
        flash(gettext("This paper is not kept any more."))
        return redirect(back)
    looked(case.organisation_id, "paper", case.title)
    answer = send_file(path, mimetype=held.mime, as_attachment=True, download_name=held.name)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def paper_of(case: Engagement, paper_id: str) -> Upload:
    """A paper of this case, or one that an answer carried over into it rests on."""
    found = paper_by(paper_id)
    used = {s.answer.upload_id for s in standings(case, clock.today()) if s.answer}
    if found and g.actor.is_partner:
        hidden = papers_held(case.organisation_id, clock.today()).values()
        found = None if found.id in hidden else found
    if found is None or (found.engagement_id != case.id and found.id not in used):
        raise NotFound
    return found
