"""The charter as far as a test needs it."""

from partners.access.table import Role as R
from partners.charter import actions
from partners.charter.models import Charter
from partners.charter.text import Wording, document, wordings
from partners.ground.db import db
from partners.registry.models import Organisation
from partners.signing.actions import Hand
from tests.builders import NOON, House

SAID = "I have read this charter and sign it."
MONTHS = 36


def texts(house: House, municipality: str = "Havnby") -> dict[str, Wording]:
    return wordings(document(*house.app.extensions["policy"]), municipality)


def signed_first(house: House) -> Wording:
    """The English text, signed by the municipality."""
    known = texts(house)
    hand = Hand("Karin Dahl", True, SAID, "en", "")
    actions.sign_for_city(known.values(), hand, "head", by=house.actor("karin"), at=NOON)
    db.session.commit()
    return known["en"]


def offered(house: House, organisation: Organisation | None = None) -> Charter:
    """Offered to Harbour Kitchen, where Grethe and Yusuf may sign."""
    wording = signed_first(house)
    organisation = organisation or house.organisation()
    for short in ("grethe", "yusuf"):
        house.partner(short, organisation, R.SIGNATORY)
    made = actions.offer(organisation, wording, by=house.actor("maja"), at=NOON)
    db.session.commit()
    return made


def sign(house: House, charter: Charter, short: str = "grethe", at=NOON) -> None:
    hand = Hand(house.account(short).name, True, SAID, "en", charter.text_hash)
    actions.sign(charter, hand, "Chair", "", months=MONTHS, by=house.actor(short), at=at)
    db.session.commit()
