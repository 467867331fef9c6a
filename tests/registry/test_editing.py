"""What is written about an organisation is put right by the organisation or by us, and told."""

import pytest

from partners.access.table import Role as R
from partners.ground.db import db
from partners.history.queries import history_of
from partners.registry import actions, queries
from partners.registry.models import Organisation
from partners.registry.rules import Card
from tests.builders import NOON, House
from tests.page import Page


def kitchen(house: House, **facts: object) -> Organisation:
    card = Card("Harbour Kitchen", **{"kind": house.kind(), "legal_form": "association", **facts})
    made = actions.register(card, by=house.actor("maja"), at=NOON)
    db.session.commit()
    return made


def edit(made: Organisation, part: str) -> str:
    return f"/organisations/{made.public_id}/edit/{part}"


SAVED = [
    ("words", {"purpose": "We cook."}, lambda o: o.purpose, "We cook."),
    ("names", {"name": "Kajen", "other_names": "A\nB\nA"}, lambda o: o.other_names, ["A", "B"]),
    ("standing", {"identifiers": "dk-cvr-12 34 56 07"},
     lambda o: o.identifiers, ["DK-CVR-12345607"]),
    ("standing", {"legal_form": "", "not_registered_because": "too small"},
     lambda o: o.not_registered_because, "too small"),
    ("reach", {"website": "kitchen.example"}, lambda o: o.website, "https://kitchen.example"),
    ("place", {"district": "Harbour", "districts": "Northside"},
     lambda o: o.districts, ["Harbour", "Northside"]),
    ("avoid", {"please_avoid": "call on Sundays"}, lambda o: o.please_avoid, ["call on Sundays"]),
]  # fmt: skip


def test_each_part_is_saved_and_history_says_so(house: House) -> None:
    made, page = kitchen(house), Page(house.client("maja"))
    for part, typed, kept, value in SAVED:
        before = len(history_of("organisations", made.id))
        page.post(edit(made, part), typed, status=302)
        db.session.expire_all()
        assert kept(made) == value, part
        assert len(history_of("organisations", made.id)) > before, part


REFUSED = [
    ("names", {"name": " "}, "Write the name"),
    ("standing", {"identifiers": "12345607"}, "Write the register before the number"),
    ("standing", {"identifiers": "DK-CVR-12345608"}, "is not a number of"),
    ("standing", {"legal_form": ""}, "or why it is not registered"),
    ("standing", {"not_registered_because": "small"}, "not both"),
    ("reach", {"website": "javascript:alert(1)"}, "full web address"),
    ("reach", {"email": "nobody"}, "e-mail address"),
    ("reach", {"telephone": "call me"}, "telephone number"),
    ("avoid", {"please_avoid": "x" * 200}, "Keep each line under"),
    ("roles", {"role": "chair", "person": "Birgit Holm"}, "when this person was told"),
    ("roles", {"role": "chair", "may_sign": "y"}, "where the right to sign comes from"),
    ("roles", {"role": "imam"}, "Choose one of the answers"),
    ("withdraw", {"reason": ""}, "Write why the entry is wrong"),
]


def test_what_cannot_stand_is_refused_beside_its_field(house: House) -> None:
    made, page = kitchen(house), Page(house.client("maja"))
    for part, typed, sentence in REFUSED:
        page.post(edit(made, part), typed, status=422)
        assert any(sentence in trouble for trouble in page.troubles), (part, typed)


def test_the_second_of_two_editors_sees_both_texts(house: House) -> None:
    made = kitchen(house, purpose="We cook.")
    first, second = Page(house.client("maja")), Page(house.client("jonas"))
    first.get(edit(made, "words"))
    second.post(edit(made, "words"), purpose="We cook for whoever comes.", status=302)
    first.send(purpose="We cook and sing.", status=409)
    assert "We cook for whoever comes." in first.text
    assert "We cook and sing." in first.source
    first.send(press="Save what stands above", status=302)
    db.session.expire_all()
    assert made.purpose == "We cook and sing."


def test_the_second_of_two_editors_of_names_sees_both_lists(house: House) -> None:
    made = kitchen(house)
    first, second = Page(house.client("maja")), Page(house.client("jonas"))
    first.get(edit(made, "names"))
    second.post(edit(made, "names"), other_names="Havnekøkkenet", status=302)
    first.send(other_names="The Kitchen", status=409)
    assert "Havnekøkkenet" in first.text
    assert "The Kitchen" in first.source


def test_an_organisation_puts_right_its_own_page_and_no_other(house: House) -> None:
    own, other = kitchen(house), kitchen(house)
    house.partner("aya", own, R.MEMBER)
    Page(house.client("aya")).post(edit(own, "words"), purpose="In our words.", status=302)
    db.session.expire_all()
    assert (own.purpose, own.purpose_by) == ("In our words.", "partner")
    Page(house.client("aya")).get(edit(other, "words"), status=404)
    Page(house.client("aya")).get(edit(own, "withdraw"), status=404)


@pytest.mark.parametrize("short", ["bo", "else", "per"])
def test_who_keeps_no_relationship_changes_nothing(house: House, short: str) -> None:
    Page(house.client(short)).get(edit(kitchen(house), "words"), status=404)


def test_a_name_stands_in_a_role_only_after_the_person_was_told(house: House) -> None:
    made = kitchen(house)
    page = Page(house.client("maja"))
    page.post(edit(made, "roles"), {
        "role": "chair", "person": "Birgit Holm", "told_on-day": "3", "told_on-month": "11",
        "told_on-year": "2025",
    }, status=302)  # fmt: skip
    db.session.expire_all()
    assert made.offices[0].person == "Birgit Holm"
    assert "Birgit" not in str([e.facts for e in history_of("organisations", made.id)])
    page.get(edit(made, "roles")).send(press="End this role today")
    db.session.expire_all()
    assert made.offices[0].until is not None


def test_a_public_contact_role_has_one_contact_person_at_most(house: House) -> None:
    role = next(k.id for k in house.policy.kinds.organisation if k.form == "contact_role")
    made = kitchen(house, kind=role)
    told = {"told_on-day": "3", "told_on-month": "11", "told_on-year": "2025"}
    page = Page(house.client("maja"))
    page.post(edit(made, "roles"), {"role": "contact", "person": "Aya", **told}, status=302)
    page.post(edit(made, "roles"), {"role": "press", "person": "Bea", **told}, status=422)
    assert "one contact person at most" in page.troubles[0]
    page.post(edit(made, "roles"), {"role": "press", "person": None}, status=302)


def test_a_wrong_entry_leaves_lists_and_near_names_and_history_keeps_it(house: House) -> None:
    made = kitchen(house)
    page = Page(house.client("maja"))
    page.post(edit(made, "withdraw"), reason="Registered twice", status=302).follow()
    assert "Registered twice" in page.text
    assert "Harbour Kitchen" not in page.get("/organisations").links()
    assert "Harbour Kitchen" not in page.get("/organisations?q=harbour").links()
    assert queries.near_to("Harbour Kitchen") == []
    page.get(edit(made, "words"), status=404)


def test_an_old_name_is_no_longer_found_and_the_new_one_is(house: House) -> None:
    made = kitchen(house)
    actions.rename(made, "Quay Kitchen", ["Kajkøkkenet"], by=house.actor("maja"), at=NOON)
    db.session.commit()
    page = Page(house.client("maja"))
    assert (
        "Quay Kitchen" in page.get("/organisations?q=kajkok").links() or "Quay Kitchen" in page.text
    )
    assert "Nobody here" in page.get("/organisations?q=harbour").text
