"""Every page that `make bench` measures asks the database as often for many rows as for few."""

import pytest

from partners.assessment.models import Engagement
from partners.registry.models import Organisation
from tests.assessment.case import answered, proposed, started
from tests.builders import House
from tests.mou.papers import told
from tests.page import Page
from tests.relations.test_contacts import LINE, address

MEASURED = {
    "the list": lambda case: "/organisations",
    "search": lambda case: "/organisations?q=harbour",
    "a filter": lambda case: f"/organisations?kind={case.organisation.kind}",
    "an organisation": lambda case: f"/organisations/{case.organisation.public_id}",
    "an engagement": lambda case: f"/engagements/{case.public_id}",
    "its result": lambda case: f"/engagements/{case.public_id}/result",
    "a paper not yet saved": lambda case: f"/engagements/{case.public_id}/paper",
}


def more(house: House, organisation: Organisation) -> Engagement:
    """Another of everything: an organisation, a case of this one, a contact, a proposal."""
    proposed(house, answered(house, started(house, place=-2)))
    Page(house.client("maja")).post(address(organisation), LINE, status=302)
    return started(house, organisation=organisation)


@pytest.mark.parametrize("of", MEASURED)
def test_a_measured_page_takes_at_most_ten_statements_however_many_rows_there_are(
    house: House, statements, of: str
) -> None:
    case = told(house)
    path, page = MEASURED[of](case), Page(house.client("maja"))
    more(house, case.organisation)
    page.get(path)
    with statements() as few:
        page.get(path)
    for _ in range(3):
        more(house, case.organisation)
    with statements() as many:
        page.get(path)
    assert len(few) == len(many) <= 10, "\n".join(few)
