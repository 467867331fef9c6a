"""The charter as people meet it."""

from sqlalchemy import select

from partners.access.table import Role as R
from partners.charter import actions
from partners.charter.models import Charter
from partners.ground.db import db
from tests.builders import NOON, House
from tests.charter.case import offered, sign, signed_first
from tests.page import Page
from tests.signing.walking import sign_through, to_check, with_password


def test_from_the_first_signature_to_the_public_register_through_the_pages(house: House) -> None:
    organisation = house.organisation()
    house.partner("grethe", organisation, R.SIGNATORY)
    with_password(house, "grethe", "karin")
    manager = Page(house.client("karin"))
    manager.get("/charter/offers")
    assert manager.heading == "The municipality has not signed this text yet"
    assert "Sign the text in Dansk" in manager.links()
    sign_through(manager, "/charter/first/en", "Karin Dahl", "Havnby")
    assert manager.heading == "The municipality has signed. Here is the receipt."
    officer = Page(house.client("maja"))
    officer.get(f"/charter/offers?organisation={organisation.public_id}")
    officer.send({"language": "en"}, press="Offer it", follow=True, status=302)
    signer = Page(house.client("grethe"))
    signer.get("/our-charter")
    assert signer.heading == "The charter is offered to you, as to everyone"
    address = signer.links()["Go on to signing"].removesuffix("/sign")
    shown = {"publish_organisation": "y"}
    sign_through(signer, address, "grethe", "Harbour Kitchen", who=shown)
    assert signer.heading == "Signed by both sides. Here is the receipt."
    for said in ("Karin Dahl", "grethe", "1. We listen first"):
        assert (said in signer.text) is (said[0] != "1")
    signer.get("/our-charter")
    assert "You have signed the charter" in signer.heading
    everyone = Page(house.client())
    everyone.get("/charter")
    assert "Harbour Kitchen" in everyone.text
    assert "Grethe" not in everyone.text
    assert "noindex" in everyone.answer.headers["X-Robots-Tag"]
    signer.send({}, press="Withdraw our signature", follow=True, status=302)
    assert "Harbour Kitchen" not in everyone.get("/charter").text
    assert "you took it back" in signer.text
    assert "Harbour Kitchen" not in officer.get("/charter/offers").text


def test_a_point_to_talk_about_reaches_a_person_and_nothing_is_signed(house: House) -> None:
    charter = offered(house)
    page = Page(house.client("grethe"))
    page.get("/our-charter")
    address = page.links()["Go on to signing"].removesuffix("/sign")
    told = {"v9": {"answer": "talk", "remark": "Who decides?"}, "v8": {"answer": "agree"}}
    to_check(page, address, **told)
    assert page.heading == "You want to talk about one point first"
    assert page.get(address + "/sign", status=302).follow().path.endswith("/check")
    page.send({}, press="Let us talk first", status=302, follow=True)
    assert page.heading == "We talk about it. Nothing is signed."
    contact = Page(house.client("maja")).get(f"/charter/offers/{charter.public_id}")
    assert "9. Freedom of thought, belief and speech" in contact.text
    assert "They want to talk about this point." in contact.text
    assert "Who decides?" in contact.text
    assert "8. Freedom " not in contact.text


def test_a_remark_goes_with_the_signature(house: House) -> None:
    charter = offered(house)
    with_password(house, "grethe")
    page = Page(house.client("grethe"))
    page.get("/our-charter")
    address = page.links()["Go on to signing"].removesuffix("/sign")
    remark = {"answer": "remark", "remark": "Also within families."}
    sign_through(page, address, "grethe", "Harbour Kitchen", v13=remark)
    db.session.expire_all()
    assert (charter.state, charter.said["13"]) == ("signed", remark)
    assert len(charter.said) == 12
    assert "Also within families." in page.text
    assert "Also within families." not in Page(house.client()).get("/charter").text


def test_an_offer_before_the_first_signature_says_what_comes_next(house: House) -> None:
    page = Page(house.client("maja"))
    page.get("/charter/offers")
    assert "A manager signs first" in page.text
    assert "Offer it" not in page.text


def test_own_words_and_the_reasons_of_both_readers_are_seen_by_the_organisation(
    house: House,
) -> None:
    charter = offered(house)
    page = Page(house.client("grethe"))
    page.get("/our-charter")
    page.send({"own_words": "We greet everyone."}, press="Show our own words", follow=True,
              status=302)  # fmt: skip
    for short, reason in (("maja", "It says the same"), ("ida", "So it does")):
        reader = Page(house.client(short))
        reader.get(f"/charter/offers/{charter.public_id}")
        reader.send({"verdict": "equal", "reason": reason}, press="Write it down", follow=True,
                    status=302)  # fmt: skip
    page.get("/our-charter")
    assert "Your own words count" in page.heading
    assert "It says the same" in page.text
    assert "So it does" in page.text


def test_invitees_of_one_kind_are_noticed(house: House) -> None:
    wording = signed_first(house)
    kinds = [k.id for k in house.policy.kinds.organisation]
    for at, kind in enumerate((kinds[1], kinds[1], kinds[2])):
        made = house.organisation(f"Group {at}", kind=kind)
        actions.offer(made, wording, by=house.actor("maja"), at=NOON)
        db.session.commit()
        seen = Page(house.client("maja")).get("/charter/offers").text
        assert ("Everyone invited so far is of one kind" in seen) is (at == 1)


def test_a_withdrawn_charter_opens_for_nobody_of_the_municipality(house: House) -> None:
    charter = offered(house)
    sign(house, charter)
    actions.withdraw(charter, by=house.actor("grethe"), at=NOON)
    db.session.commit()
    assert house.client("maja").get(f"/charter/offers/{charter.public_id}").status_code == 404


def test_another_organisation_cannot_touch_the_offer(house: House) -> None:
    charter = offered(house)
    house.partner("nils", house.organisation("Northside Chess Club"), R.SIGNATORY)
    page = Page(house.client("nils"))
    page.get("/our-charter")
    token = page.all("//input[@name='csrf_token']")[0].get("value")
    sent = {"csrf_token": token, "_key": "k" * 20, "verb": "discuss", "charter": charter.public_id}
    assert page.client.post("/our-charter", data=sent).status_code == 404
    assert db.session.scalar(select(Charter.state).where(Charter.id == charter.id)) == "offered"


def test_the_charter_in_print(house: House) -> None:
    answer = house.client().get("/charter?as=pdf")
    assert (answer.data[:4], answer.mimetype) == (b"%PDF", "application/pdf")
