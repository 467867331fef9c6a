"""The receipt of a signature under the charter: who signed what, and how anyone can check it."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import current_app, g, make_response, request, url_for
from werkzeug.exceptions import NotFound

from partners.access.table import Permission as P
from partners.charter.ceremony import home_of
from partners.charter.mine import bp
from partners.charter.models import Charter
from partners.charter.queries import city_texts, several
from partners.charter.rules import NAMED, State
from partners.charter.sealing import names_under, receipt_of, seal_for, signed_under
from partners.charter.text import RECEIPT, document
from partners.charter.two import two_of
from partners.charter.views import house_name, printed_file
from partners.paper.press import printed
from partners.policy.today import todays
from partners.signing.files import kept
from partners.signing.models import Signature
from partners.signing.queries import charter_hands
from partners.signing.rules import in_fours
from partners.web.forms import show
from partners.web.guard import fetch, looked, page


@page(bp, "/charter/<charter_id>/receipt", needs=P.ORGANISATION_FILE)
def receipt(charter_id: str) -> Any:
    """The receipt of a signature. `?as=pdf` to keep it, `sealed` the sealed file, `text` what was
    signed.
    """
    charter = fetch(Charter, charter_id, P.ORGANISATION_FILE)
    signatures = signed_under(charter)
    own = [s for s in signatures if s.organisation_id == charter.organisation_id]
    # What was taken back is nobody else's to know.
    gone = charter.organisation_id and charter.state not in (*NAMED, State.RENEWED)
    if not own or (gone and g.actor.is_staff):
        raise NotFound
    if charter.organisation_id:
        looked(charter.organisation_id, "charter")
    name, wanted = f"charter-{charter.version}-{charter.language}", request.args.get("as")
    if wanted == "sealed":
        return _sealed(charter)
    if wanted == "pdf":
        return printed_file(_in_print(charter, signatures), f"{name}-receipt")
    if wanted == "text":
        answer = make_response(charter.text)
        answer.headers["Content-Type"] = "text/plain; charset=utf-8"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}.txt"'
        return answer
    it = several(charter.with_id) if charter.with_id else None
    return _shown(charter, signatures, it, name)


def _remarks(charter: Charter, signatures: Sequence[Signature]) -> Iterator[tuple[Any, ...]]:
    """What the municipality and this organisation remarked: on which point, the words, by whom."""
    # Because the municipality goes through the points in one language only, and signs each.
    texts = [c.id for c in city_texts() if c.version == charter.version and not charter.with_id]
    ours = [one for given in charter_hands(texts).values() for one in given]
    own = [one for one in signatures if one.organisation_id in (None, charter.organisation_id)]
    for one in {one.id: one for one in (*ours, *own)}.values():
        for number, told in one.evidence.get("values", {}).items():
            if told.get("remark"):
                yield number, told["remark"], one


def _sealed(charter: Charter) -> Any:
    """The sealed file of a signature; where several sign one text, all have the same."""
    seal = seal_for(charter)
    if seal is None or not seal.has_file:
        raise NotFound
    folder = current_app.config["SETTINGS"].instance / "files"
    return printed_file(kept(folder, seal.fingerprint), f"charter-{charter.version}-signed")


def _in_print(charter: Charter, signatures: Any) -> bytes:
    texts, house = document(*todays(), RECEIPT), house_name()
    blocks = receipt_of(charter, signatures, house)
    return printed(blocks, title=texts.called(charter.language), language=charter.language,
                   reference=charter.version, author=house,
                   pages=texts.word("page", charter.language))  # fmt: skip


def _shown(charter: Charter, signatures: Any, it: Any, name: str) -> Any:
    two = two_of(charter)
    waiting = [row.organisation.name for row in it.asked if row is not charter] if it else []
    return show("charter/receipt.html", charter=charter, signatures=signatures, home=_home(charter),
                names=names_under(signatures, house_name()), seal=seal_for(charter), file=name,
                waiting=waiting, two=two, in_fours=in_fours, it=it,
                remarks=list(_remarks(charter, signatures)))  # fmt: skip


def _home(charter: Charter) -> str:
    """The reader's own page about this text."""
    if g.actor.is_partner:
        return home_of(charter)
    if charter.with_id:
        return url_for("charter.gathered", charter_id=charter.public_id)
    return url_for("charter.overview")
