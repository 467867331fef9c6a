"""Small lists handed in as a keeper does; every organisation in them is invented."""

from io import BytesIO
from pathlib import Path

from partners.assessment.models import Engagement
from partners.ground import clock
from partners.ground.db import db
from partners.lists import actions, loading
from partners.lists.known import known_lists
from partners.lists.models import ListVersion
from tests.assessment.case import started
from tests.builders import NOON, House

FILES = Path(__file__).parents[1] / "files" / "lists"
ALIKE = "Velvet Anchor Trading Group"  # stands on the EU list and on the UN list
NEAR = "Velvet Ancor Trading Group"
HEAD = b"id,name,other_names,country\n"


def handed_in(house: House, list_id: str, *contents: bytes) -> ListVersion:
    """A new version of a list, read to its end."""
    law = known_lists().every[list_id]
    files = [(part, BytesIO(content)) for part, content in zip(law.parts, contents, strict=True)]
    made = loading.hand_in(law, files, by=house.actor("per"), at=NOON)
    number = made.id
    db.session.commit()
    return db.session.get_one(ListVersion, number, populate_existing=True)


def both(house: House) -> None:
    """The two lists that nothing is said without."""
    for name in ("eu", "un"):
        handed_in(house, name, (FILES / f"{name}.xml").read_bytes())


def case_of(house: House, name: str = NEAR) -> Engagement:
    """A case in which a look-up is asked for, with somebody who answers for the organisation."""
    organisation = house.organisation(name)
    house.partner("nadia", organisation)
    return started(house, money=12_000, organisation=organisation)


def looked_up(house: House, case: Engagement, *controlled_by: str) -> None:
    """Looked up today, with an answer that counts until tonight."""
    who = {"within": case, "by": house.actor("maja"), "at": NOON}
    actions.look_up(case.organisation, [*controlled_by], known_lists(), valid_until=clock.today(),
                    **who)  # fmt: skip
    db.session.commit()


def rows(*names: str) -> bytes:
    """A plain list with these names."""
    return HEAD + b"".join(f"{n},{name},,\n".encode() for n, name in enumerate(names))
