"""The papers as people meet them: written, read, signed, kept."""

import re
from hashlib import sha256

from sqlalchemy import select

from partners.ground.db import db
from partners.mail.models import Mail
from partners.mou.models import Paper
from partners.mou.queries import newest
from tests.builders import TODAY, House
from tests.mou.papers import chair, delegation, drafted, issued, meant, sign, told
from tests.page import Page
from tests.paper.structure import printed_texts
from tests.signing.walking import sign_through, with_password

FILLED = {
    "aims-0-text": "nobody eats alone", "aims-0-proposed_by": "Harbour Kitchen",
    "benefit_city-0-text": "a warm place", "benefit_org-0-text": "a heated hall",
    "promise_city-0-text": "The hall, every Friday", "mediator": "the library director",
    "crisis_contact_city": "the duty officer", "crisis_contact_org": "the chair",
}  # fmt: skip


def ready(house: House):
    engagement = told(house)
    chair(house, engagement)
    delegation(house)
    named = {"signers_org": "grethe", "signers_city": "karin"}
    people = {blank: str(house.people[short]) for blank, short in named.items()}
    return engagement, f"/engagements/{engagement.public_id}/paper", {**FILLED, **people}


def test_from_the_first_draft_to_the_receipt_through_the_pages(house: House) -> None:
    engagement, address, facts = ready(house)
    page = Page(house.client("maja"))
    page.get(address)
    assert "still to be written" in page.heading
    page.send(facts, press="Save the draft", follow=True, status=302)
    assert page.heading == "Nothing is missing. Let the other side read it."
    paper = newest(engagement.id)
    for short in ("grethe", "maja"):
        reader = Page(house.client(short))
        reader.get(f"/papers/{paper.public_id}/together")
        reader.send(press="This is what we mean", follow=True, status=302)
    assert reader.heading == "Both sides mean this"
    reader.send(press="Issue it under a number", follow=True, status=302)
    assert reader.heading == "Issued. It waits for signatures."
    for short in ("grethe", "karin"):
        with_password(house, short)
        signer = Page(house.client(short))
        signer.get(f"/papers/{paper.public_id}")
        assert "Go on to signing" in signer.links()
        party = "Harbour Kitchen" if short == "grethe" else "Havnby"
        address, name = f"/papers/{paper.public_id}/sign", house.account(short).name
        sign_through(signer, address, name, party)
        assert "receipt" in signer.heading
    assert signer.heading == "Signed by both sides. Here is the receipt."
    db.session.expire_all()
    assert paper.in_force_at
    assert engagement.agreed_level == engagement.level
    answer = signer.client.get(f"/papers/{paper.public_id}/receipt?as=pdf")
    assert (answer.data[:4], answer.mimetype) == (b"%PDF", "application/pdf")


def test_typed_rows_come_back_with_two_spare_ones(house: House) -> None:
    _engagement, address, _facts = ready(house)
    page = Page(house.client("maja"))
    page.get(address)
    rows = {"aims-1-text": "Second", "aims-0-text": "First"}
    page.send(rows, press="Save the draft", follow=True)
    rows = [e.get("value") for e in page.all("//input[starts-with(@name,'aims-')]")]
    assert rows == ["First", "Havnby", "Second", "Havnby", "", "", "", ""]


def test_a_refused_row_loses_nothing_that_was_typed(house: House) -> None:
    engagement, address, _facts = ready(house)
    page = Page(house.client("maja"))
    page.get(address)
    page.send({"aims-0-proposed_by": "Harbour Kitchen", "mediator": "the library director"},
              press="Save the draft", status=422)  # fmt: skip
    assert "Each row says what it is about." in page.troubles
    assert page.all("//input[@name='aims-0-proposed_by']")[0].get("value") == "Harbour Kitchen"
    assert page.all("//input[@name='mediator']")[0].get("value") == "the library director"
    assert newest(engagement.id) is None


def test_what_is_missing_leads_to_its_field_and_nobody_means_it_yet(house: House) -> None:
    engagement, address, facts = ready(house)
    page = Page(house.client("maja"))
    page.get(address)
    page.send({**facts, "mediator": ""}, press="Save the draft", follow=True, status=302)
    assert page.heading == "One thing is still to be written"
    assert page.all("//a[@href='#mediator']")
    page.get(f"/papers/{newest(engagement.id).public_id}/together")
    assert "who is asked when you disagree" in page.text
    assert not page.all("//button[text()='This is what we mean']")


def test_two_people_who_write_at_once_see_both_texts(house: House) -> None:
    engagement, address, _facts = ready(house)
    house.client("jonas").get(f"/engagements/{engagement.public_id}")
    first, second = Page(house.client("maja")), Page(house.client("maja"))
    first.get(address)
    second.get(address)
    first.send({"mediator": "the library director"}, press="Save the draft", status=302)
    second.send({"mediator": "the parish clerk"}, press="Save the draft", status=409)
    assert "the library director" in second.text
    second.send(press="Save the draft", status=302)
    assert newest(engagement.id).facts["mediator"] == "the parish clerk"


def test_a_preview_shows_what_is_typed_and_keeps_nothing(house: House) -> None:
    engagement, address, facts = ready(house)
    page = Page(house.client("maja"))
    page.get(address)
    token = page.all("//input[@name='csrf_token']")[-1].get("value")
    answer = page.client.post(f"{address}/preview", data={**facts, "csrf_token": token})
    assert answer.status_code in (200, 422)
    assert "the library director is asked" in re.sub(r"<[^>]+>", "", answer.text)
    assert newest(engagement.id) is None
    assert page.client.post(f"{address}/preview", data=facts).status_code == 400


def test_the_organisation_reads_the_draft_and_nobody_else_does(house: House) -> None:
    engagement, _address, _facts = ready(house)
    paper = drafted(house, engagement)
    house.partner("nadia", engagement.organisation)
    house.partner("nils", house.organisation("Northside Chess Club"))
    page = Page(house.client("nadia"))
    page.get(f"/papers/{paper.public_id}/together")
    assert page.heading == "Havnby writes now"
    for short in ("nils", "lene", "bo"):
        for address in ("", "/together", "/changes"):
            answer = house.client(short).get(f"/papers/{paper.public_id}{address}")
            assert answer.status_code == 404


def test_a_draft_in_print_says_that_it_is_one_and_an_issued_paper_is_the_kept_file(
    house: House,
) -> None:
    engagement, _address, _facts = ready(house)
    paper = drafted(house, engagement)
    client = house.client("maja")
    draft = client.get(f"/papers/{paper.public_id}?as=pdf")
    assert draft.data.startswith(b"%PDF")
    db.session.delete(paper)
    db.session.commit()
    paper = issued(house, engagement)
    whole = client.get(f"/papers/{paper.public_id}?as=pdf")
    assert sha256(whole.data).hexdigest() == paper.fingerprint
    assert whole.headers["Content-Disposition"] == 'inline; filename="M-2026-00001.pdf"'


def test_a_member_reads_but_sees_no_signing(house: House) -> None:
    paper = issued(house)
    house.partner("nadia", paper.organisation)
    page = Page(house.client("nadia"))
    page.get(f"/papers/{paper.public_id}")
    assert "Go on to signing" not in page.links()
    assert not page.all("//input[@name='verb']")
    assert page.client.get(f"/papers/{paper.public_id}/sign/start").status_code == 404


def test_a_lost_role_is_said_on_the_page(house: House) -> None:
    paper = issued(house)
    paper.organisation.offices[0].until = TODAY
    db.session.commit()
    page = Page(house.client("grethe"))
    page.get(f"/papers/{paper.public_id}")
    assert "Your role with the right to sign has ended" in page.text


def test_declining_and_ending_lead_back_to_the_paper(house: House) -> None:
    paper = issued(house)
    address = f"/papers/{paper.public_id}"
    page = Page(house.client("grethe"))
    page.get(address)
    page.send({}, press="Do not sign it", follow=True, status=302)
    assert page.heading == "It was not signed. Dialogue stays open."
    staff = Page(house.client("maja"))
    staff.get(address)
    assert "Begin a new draft" in staff.links()
    again = issued(house, paper.engagement)
    for short in ("grethe", "karin"):
        sign(house, again, short)
    page.get(f"/papers/{again.public_id}")
    page.send({}, press="Give notice", follow=True, status=302)
    assert "Notice was given" in page.heading


def test_letters_about_papers_tell_nothing_of_them(house: House) -> None:
    engagement, _address, _facts = ready(house)
    meant(house, paper := drafted(house, engagement))
    page = Page(house.client("maja"))
    page.get(f"/papers/{paper.public_id}/together")
    page.send(press="Issue it under a number", status=302)
    sent = db.session.scalars(select(Mail)).all()
    assert {m.to for m in sent} == {house.account(s).email for s in ("grethe", "karin")}
    paper = db.session.scalar(select(Paper))
    for mail in sent:
        assert engagement.title not in mail.subject + mail.body
        assert f"/papers/{paper.public_id}" in mail.body


def test_a_paper_in_two_languages_is_one_file_and_says_which_version_decides(house: House) -> None:
    engagement, address, _facts = ready(house)
    page = Page(house.client("maja"))
    page.get(address)
    page.send({"second_language": "da", "deciding_language": "da"}, press="Save the draft",
              follow=True)  # fmt: skip
    both = page.all("//article[contains(@class,'doc')]")
    assert [one.get("lang") for one in both] == ["en", "da"]
    assert "The Danish version decides." in page.text
    assert "Den version, der gælder, er på dansk." in page.text
    number = newest(engagement.id).public_id
    heard = printed_texts(page.client.get(f"/papers/{number}?as=pdf").data).tree
    for part in ("1. Who we are", "1. Hvem vi er", "Det betyder ikke, at nogen af os billiger"):
        assert part in heard
