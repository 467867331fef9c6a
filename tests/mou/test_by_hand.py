"""What somebody signed on a print is written down by somebody else, as what it is."""

import io

import pytest

from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.mou import actions
from partners.signing.actions import Hand
from partners.signing.queries import signatures_on
from tests.builders import TODAY, House
from tests.mou import papers
from tests.page import Page

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
AT = clock.now()


def by_hand(house: House, paper, short: str, *, by: str = "maja", lowest: str = "account"):
    name, evidence = house.account(short).name, {"seen_by": "Maja Lund"}
    hand = Hand(name, True, "By hand.", "en", paper.fingerprint, "paper", evidence)
    account = house.people[short]
    return actions.attest(paper, account, hand, lowest, by=house.actor(by), at=AT)


def test_the_last_signature_may_be_on_paper_and_says_who_saw_it(house: House) -> None:
    paper = papers.issued(house)
    papers.sign(house, paper, "karin", at=AT)
    made = by_hand(house, paper, "grethe")
    assert (made.method, made.side, made.account_id) == ("paper", "partner", house.people["grethe"])
    assert paper.in_force_at == AT
    receipt = Page(house.client("grethe")).get(f"/papers/{paper.public_id}/receipt")
    assert "Copy of the signed pages" not in receipt.text


WRONG = [
    ("karin", "karin", "account", NotYours, None),  # not of the case team
    ("grethe", "grethe", "account", NotYours, None),
    ("jonas", "maja", "account", Refusal, "named on the paper"),
    ("grethe", "maja", "key", Refusal, "stronger signature"),
]


@pytest.mark.parametrize(("whose", "by", "lowest", "error", "said"), WRONG)
def test_nobody_writes_down_what_counts_for_more_or_for_themselves(
    house: House, whose: str, by: str, lowest: str, error: type[Exception], said: str | None
) -> None:
    paper = papers.issued(house)
    with pytest.raises(error, match=said):
        by_hand(house, paper, whose, by=by, lowest=lowest)
    assert not signatures_on(paper.id)


@pytest.mark.parametrize(("has", "said"), [("signed", "has signed already"), ("left", "may not")])
def test_nobody_is_written_down_twice_or_without_the_right_to_sign(
    house: House, has: str, said: str
) -> None:
    paper = papers.issued(house)
    if has == "signed":
        by_hand(house, paper, "grethe")
    else:
        paper.organisation.offices[0].until = TODAY
    with pytest.raises(Refusal, match=said):
        by_hand(house, paper, "grethe")
    assert len(signatures_on(paper.id)) == (has == "signed")


def test_a_copy_is_held_for_those_who_may_read_the_paper(house: House) -> None:
    paper, today = papers.issued(house), clock.today()
    page = Page(house.client("maja")).get(f"/papers/{paper.public_id}")
    page.send(
        {"who": str(house.people["grethe"]), "signed_on-day": str(today.day),
         "signed_on-month": str(today.month), "signed_on-year": str(today.year),
         "scan": (io.BytesIO(PDF), "signed.pdf"), "seen": "y"},
        press="Write it down", status=302,
    )  # fmt: skip
    (made,) = signatures_on(paper.id)
    assert f"on {today.day} {today:%B %Y}." in made.statement
    address = f"/papers/{paper.public_id}?as=copy&of={made.evidence['copy']}"
    for who, status in (("grethe", 200), ("maja", 200), ("lene", 404)):
        assert house.client(who).get(address).status_code == status
    receipt = Page(house.client("grethe")).get(f"/papers/{paper.public_id}/receipt")
    assert "somebody else saw the signed pages" in receipt.text
    assert "Copy of the signed pages" in receipt.text
    assert "With account" not in receipt.text


def test_what_is_no_copy_is_refused_and_nothing_is_signed(house: House) -> None:
    paper, today = papers.issued(house), clock.today()
    page = Page(house.client("maja")).get(f"/papers/{paper.public_id}")
    page.send(
        {"who": str(house.people["grethe"]), "signed_on-day": str(today.day),
         "signed_on-month": str(today.month), "signed_on-year": str(today.year),
         "scan": (io.BytesIO(b"<script>"), "signed.pdf"), "seen": "y"},
        press="Write it down", status=422,
    )  # fmt: skip
    db.session.rollback()
    assert not signatures_on(paper.id)
    assert "Only PDF, PNG and JPEG" in page.text
