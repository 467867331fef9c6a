"""The papers of an edition, read once: letters, agreements, charter."""

from collections.abc import Mapping

from partners.ground.db import db
from partners.paper.documents import Document
from partners.paper.reading import read_documents
from partners.policy.models import Edition
from partners.policy.values import Policy

_documents: dict[str, Mapping[str, Document]] = {}  # because an edition never changes


def documents(
    version: str, policy: Policy, texts: Mapping[str, str] | None = None
) -> Mapping[str, Document]:
    """The papers of an edition, by id. Raises NoResultFound for an unknown edition.

    `texts` are those of an edition that is not on the shelf yet.
    """
    if version not in _documents:
        _documents[version] = read_documents(
            texts or db.session.get_one(Edition, version).texts,
            levels=list(policy.levels),
            bands=list(policy.bands),
            triggers=set(policy.triggers),
        )
    return _documents[version]
