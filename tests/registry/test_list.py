"""The list: what is looked for is found, however it is spelled; the rest is never in the way."""

import csv
import io
from collections.abc import Sequence
from itertools import pairwise

import pytest

from partners.ground.db import db
from partners.history.models import Entry
from partners.registry import actions, finding
from partners.registry.models import Organisation
from partners.registry.rules import Card
from tests.builders import NOON, House
from tests.page import Page

NAMES = (
    ("Harbour Kitchen", ("Havnekøkkenet",), "12345607"),
    ("Northside Chess Club", (), ""),
    ("Grønne Øer", (), ""),
    ("Łódź Friends of Music", (), ""),
    ("Straßenfest Havnby", (), ""),
    ("Foreningen for Café og Kultur", (), ""),
    ("St Olav’s Parish", (), ""),
    ("القلعة Reading Circle", (), ""),
)


def fill(house: House, names: Sequence[tuple[str, tuple[str, ...], str]] = NAMES) -> None:
    for name, others, number in names:
        card = Card(name, house.kind(), "association", other_names=others, number=number,
                    scheme="DK-CVR" if number else "", district="Harbour")  # fmt: skip
        actions.register(card, by=house.actor("maja"), at=NOON)
    db.session.commit()


def listed(page: Page) -> list[str]:
    return [" ".join(a.text_content().split()) for a in page.all("//tbody//a")]


FOUND = [
    ("harbour", "Harbour Kitchen"),
    ("HARB", "Harbour Kitchen"),
    ("kitch harb", "Harbour Kitchen"),
    ("havnekøk", "Harbour Kitchen"),
    ("havnekok", "Harbour Kitchen"),
    ("12345607", "Harbour Kitchen"),
    ("12 34 56", "Harbour Kitchen"),
    ("DK-CVR-12345607", "Harbour Kitchen"),
    ("dk cvr 1234", "Harbour Kitchen"),
    ("gronne", "Grønne Øer"),
    ("grønne øer", "Grønne Øer"),
    ("lodz", "Łódź Friends of Music"),
    ("strassen", "Straßenfest Havnby"),
    ("straßenfest", "Straßenfest Havnby"),
    ("cafe", "Foreningen for Café og Kultur"),
    ("olavs", "St Olav’s Parish"),
    ("القلعة", "القلعة Reading Circle"),
    ("reading c", "القلعة Reading Circle"),
]
SLIPS = [
    ("harbuor", "Harbour Kitchen"),
    ("kithcen", "Harbour Kitchen"),
    ("harbour kitchn", "Harbour Kitchen"),
    ("Nortside", "Northside Chess Club"),
    ("chess cljb", "Northside Chess Club"),
]
NOBODY = ["%25", "_", "'", "--", "%F0%9F%98%80", "%C3%28", "harbour xyz", "harbour kitchen x"]
UNREADABLE = [
    ("%00", "unreadable character"),
    ("a" * 3000, "Shorten"),
    ("%E2%80%AE", "hidden character"),
]


def test_a_name_is_found_however_it_is_spelled(house: House) -> None:
    fill(house)
    page = Page(house.client("maja"))
    found = {query: listed(page.get("/organisations?q=" + query)) for query, _name in FOUND}
    assert found == {query: [name] for query, name in FOUND}


def test_a_typing_slip_still_leads_to_the_organisation(house: House) -> None:
    fill(house)
    page = Page(house.client("maja"))
    for query, name in SLIPS:
        assert "Nobody here is called" in page.get("/organisations?q=" + query).text, query
        assert name in page.links(), query


def test_what_nobody_is_called_finds_nobody(house: House) -> None:
    fill(house)
    page = Page(house.client("maja"))
    assert [q for q in NOBODY if listed(page.get("/organisations?q=" + q))] == []


def test_a_search_that_cannot_be_read_says_why(house: House) -> None:
    page = Page(house.client("maja"))
    for query, sentence in UNREADABLE:
        assert sentence in page.get("/organisations?q=" + query).text


def test_the_list_goes_on_and_back_without_losing_or_repeating_anyone(house: House) -> None:
    for number in range(45):
        card = Card(f"Club {number:03}", house.kind(), "association")
        actions.register(card, by=house.actor("maja"), at=NOON)
    db.session.commit()
    for sort in ("name", "newest"):
        page = Page(house.client("maja")).get(f"/organisations?sort={sort}")
        pages = [listed(page)]
        while "Next" in page.links():
            pages.append(listed(page.click("Next")))
        assert [len(one) for one in pages] == [20, 20, 5]
        everyone = [name for one in pages for name in one]
        assert everyone == sorted(everyone, reverse=sort == "newest")
        assert len(set(everyone)) == 45
        assert listed(page.click("Previous")) == pages[1]
        assert listed(page.click("Previous")) == pages[0]
        assert "Previous" not in page.links()


MANY = (
    ("Ash Club", (), ""), ("Club Ash", (), ""), ("Clubhouse", (), ""), ("Zebra Club", (), ""),
    ("Bee Club Ash", (), ""), ("Chess 123", (), ""), ("Choir", ("Old Club", "Club Ashes"), ""),
    ("Ash Association", ("Clubmen",), ""), ("Boats", (), "12345607"), ("Ash Club", (), ""),
)  # fmt: skip
IN_ORDER = {
    "club": ["Club Ash", "Clubhouse", "Ash Club", "Ash Club", "Bee Club Ash", "Zebra Club",
             "Ash Association", "Choir"],
    "ash": ["Ash Association", "Ash Club", "Ash Club", "Bee Club Ash", "Club Ash", "Choir"],
    "club a": ["Club Ash", "Ash Club", "Ash Club", "Bee Club Ash", "Ash Association", "Choir"],
    "as cl": ["Ash Club", "Ash Club", "Bee Club Ash", "Club Ash", "Ash Association", "Choir"],
    "123": ["Chess 123", "Boats"],
}  # fmt: skip


@pytest.mark.parametrize(("few", "many"), [(2000, 10_000), (1, 10_000), (1, 1), (6, 1), (-1, -1)])
def test_the_same_are_found_in_the_same_order_whether_few_or_many_have_a_word(
    house: House, monkeypatch: pytest.MonkeyPatch, few: int, many: int
) -> None:
    fill(house, MANY)
    monkeypatch.setattr(finding, "_FEW", few)
    monkeypatch.setattr(finding, "_MANY", many)
    mine = db.select(Organisation.id.label("organisation_id"))
    for query, names in IN_ORDER.items():
        for among in (None, mine):
            wish = finding.Wish(query, kind=house.kind(), among=among)
            assert names_of(wish, 1) == names_of(wish, 3) == names, query
    newest = names_of(finding.Wish("club", sort="newest"), 3)
    assert newest == [name for name, *_more in MANY[::-1] if name in IN_ORDER["club"]]


def names_of(wish: finding.Wish, size: int) -> list[str]:
    """Everybody found, page after page, and the same again on the way back."""
    leaves = [finding.look_for(wish).leaf(size=size)]
    while leaves[-1].later:
        last = leaves[-1].rows[-1].public_id
        leaves.append(finding.look_for(wish).leaf(after=last, size=size))
    for before, leaf in pairwise(leaves):
        back = finding.look_for(wish).leaf(before=leaf.rows[0].public_id, size=size)
        assert (back.rows, back.earlier) == (before.rows, before.earlier)
    return [row.name for leaf in leaves for row in leaf.rows]


def test_filters_narrow_and_an_empty_list_says_what_to_do(house: House) -> None:
    fill(house)
    page = Page(house.client("maja"))
    assert len(listed(page.get("/organisations?district=Harbour"))) == len(NAMES)
    assert listed(page.get("/organisations?mine=1")) == []
    assert "Clear all filters" in page.links()
    assert listed(page.get("/organisations?due=late")) == []
    assert "not known any more" in page.get("/organisations?kind=nonsense").text
    assert len(listed(page)) == len(NAMES)


def test_a_colleague_sees_name_kind_and_level_only(house: House) -> None:
    fill(house)
    page = Page(house.client("bo")).get("/organisations")
    assert "Harbour Kitchen" in listed(page)
    for hidden in ("12345607", "Last contact", "Take these rows out", "Add an organisation"):
        assert hidden not in page.source


def test_who_keeps_the_relationship_sees_number_agreement_and_last_contact(house: House) -> None:
    fill(house)
    page = Page(house.client("maja")).get("/organisations?q=harbour")
    for shown in ("DK-CVR-12345607", "Works with us on", "Nothing agreed yet", "Last contact"):
        assert shown in page.text


def rows(page: Page) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(page.source.removeprefix("\ufeff"))))


def test_a_file_holds_what_is_filtered_and_its_purpose_is_kept(house: House) -> None:
    fill(house)
    page = Page(house.client("maja"))
    page.post(
        "/organisations?q=harb",
        purpose="Invitations to the autumn meeting",
        press="Take these rows out",
    )
    assert [row["name"] for row in rows(page)] == ["Harbour Kitchen"]
    entry = db.session.scalars(db.select(Entry).where(Entry.what == "organisations.exported")).one()
    assert entry.facts["purpose"] == "Invitations to the autumn meeting"
    assert entry.facts["filters"] == {"q": "harb"}


def test_contact_points_never_leave_with_the_kind(house: House) -> None:
    fill(house)
    page = Page(house.client("maja"))
    page.post("/organisations", purpose="Letters", columns="contacts", press="Take these rows out")
    assert "kind" not in rows(page)[0]
    assert "email" in rows(page)[0]
    page.post(f"/organisations?kind={house.kind()}", purpose="Letters", columns="contacts",
              press="Take these rows out", status=422)  # fmt: skip
    assert "Take the filter by kind away first" in " ".join(page.troubles)


def test_a_file_cannot_carry_a_formula(house: House) -> None:
    card = Card("=cmd|' /C calc'!A0", house.kind(), "association", district="@x")
    actions.register(card, by=house.actor("maja"), at=NOON)
    db.session.commit()
    page = Page(house.client("maja"))
    page.post("/organisations", purpose="Trying", press="Take these rows out")
    assert rows(page)[0]["name"].startswith("'=")
    assert rows(page)[0]["districts"].startswith("'@")


def test_no_file_without_a_purpose(house: House) -> None:
    fill(house)
    page = Page(house.client("maja"))
    page.post("/organisations", purpose=" ", press="Take these rows out", status=422)
    assert "Write what the file is for." in page.troubles
    assert db.session.scalar(db.select(db.func.count()).select_from(Organisation)) == len(NAMES)
