"""Which edition is in use today: the one that was published last, else the folder's."""

from flask import current_app, g

from partners.ground.db import db
from partners.policy.shelf import printing, published, texts_of
from partners.policy.values import Policy


def todays() -> tuple[str, dict[str, str]]:
    """The edition with which new work begins: what was published last, else what the folder says.

    A folder that is changed afterwards does not overrule what two managers published.
    """
    folder: tuple[str, dict[str, str]] = current_app.extensions["policy"]
    if "published" not in g:
        g.published = published()
    if g.published is None or g.published[0] == folder[0]:
        return folder
    return g.published[0], texts_of(g.published[0])


def overruled() -> bool:
    """Whether the folder on the server says something else than what two managers published."""
    folder: str = current_app.extensions["policy"][0]
    return todays()[0] != folder


def forget() -> None:
    """Look again which edition is in use: another one has been published."""
    g.pop("published", None)
    db.session.info.pop("published", None)


def todays_policy() -> Policy:
    """The policy in use now; an engagement that has begun keeps its own."""
    return printing(*todays())
