"""Many organisations at once: handed in, read, shown row by row, then added together or not."""

import io
import os
from typing import Any

from sqlalchemy import func, select

from partners.ground.db import db
from partners.history.models import Entry
from partners.jobs.models import Job
from partners.registry import actions, entering, imports
from partners.registry.models import NameKey, Office, Organisation
from partners.web.models import Refused
from tests.builders import House
from tests.page import Page

LIST = """name;number;type;web
Harbour Kitchen;DK-CVR-12345607;food;harbour.example
Northside Chess Club;;games;
Kitchen, Harbour;;food;
Twelve Oars;DK-CVR-12345607;rowing;
Broken Number;DK-CVR-1;x;
"""


def hand_in(page: Page, content: str | bytes, name: str = "list.csv", **kw: Any) -> Page:
    raw = content.encode() if isinstance(content, str) else content
    fields = {"file": (io.BytesIO(raw), name), "source": "List of Havnby 2026"}
    return page.post("/organisations/import", fields, follow=True, **kw)


def read_all(page: Page, **fields: Any) -> Page:
    return page.send({"usual": "association", **fields}, press="Read all rows", follow=True)


def add(page: Page, **fields: Any) -> Page:
    return page.send(fields, press="Add them to the register", follow=True)


def names() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Organisation.name).order_by(Organisation.id)))


def counts(page: Page) -> dict[str, int]:
    items = page.all("//ul[@class='big']/li")
    return {item.xpath("string(a)"): int(item.xpath("string(b)")) for item in items}


def test_a_list_is_read_reported_and_added(house: House) -> None:
    page = read_all(hand_in(Page(house.client("maja")), LIST))
    assert page.heading == "2 organisations are new"
    assert counts(page) == {"New": 2, "Look alike": 1, "Here already": 1, "Cannot be read": 1}
    assert names() == []
    add(page, near="none")
    assert page.heading == "2 organisations were added"
    assert names() == ["Harbour Kitchen", "Northside Chess Club"]
    made = db.session.scalars(select(Organisation).order_by(Organisation.id)).first()
    assert made.identifiers == ["DK-CVR-12345607"]
    assert made.website == "https://harbour.example"
    assert made.tags == ["food"]
    assert made.reference.endswith("-00001")
    assert made.not_registered_because == "“List of Havnby 2026” does not say"


def test_everyone_who_was_added_can_be_found_and_has_a_beginning_in_history(house: House) -> None:
    add(read_all(hand_in(Page(house.client("maja")), LIST)), near="all")
    page = Page(house.client("ida")).get("/organisations?q=12345607")
    assert "Harbour Kitchen" in page.links()
    db.session.rollback()
    deeds = db.session.scalars(select(Entry).where(Entry.what == "organisation.registered")).all()
    assert [deed.facts["source"] for deed in deeds] == ["List of Havnby 2026"] * 3
    whole = db.session.scalars(select(Entry).where(Entry.what == "organisations.imported")).one()
    assert whole.facts["added"] == 3
    assert db.session.scalar(select(func.count()).select_from(Office)) == 0


def test_who_is_in_the_register_already_is_named_with_the_reason(house: House) -> None:
    page = Page(house.client("maja"))
    add(read_all(hand_in(page, LIST)), near="none")
    again = "name;number\nNorthside Chess Clubb;\nKitchens;DK-CVR-12345607\nLighthouse Choir;\n"
    read_all(hand_in(page, again))
    assert counts(page) == {"New": 1, "Look alike": 1, "Here already": 1, "Cannot be read": 0}
    page.click("Look alike")
    assert "one letter: “Clubb” and “Club”" in page.text
    page.click("Here already")
    assert "the same number DK-CVR-12345607" in page.text
    add(page, near="some")
    assert names()[2:] == ["Lighthouse Choir"]


def test_names_that_look_alike_are_added_one_by_one(house: House) -> None:
    house.organisation("Harbour Kitchen")
    actions.write_keys(db.session.scalars(select(Organisation)).one())
    db.session.commit()
    page = read_all(hand_in(Page(house.client("maja")), "name\nHarbor Kitchen\nHarbour kitchn\n"))
    boxes = page.all("//input[@name='add']/@value")
    add(page, near="some", add=boxes[:1])
    assert names() == ["Harbour Kitchen", "Harbor Kitchen"]


def test_rows_that_were_not_added_come_back_as_a_file_with_reasons(house: House) -> None:
    client = house.client("maja")
    odd = "name;number\n=2+3;DK-CVR-1\n"
    page = read_all(hand_in(Page(client), LIST + ";;x;\n"))
    add(page, near="none")
    file = client.get(page.path + "/rows.csv").get_data(as_text=True)
    assert "Broken Number" in file
    assert "Write the name that the organisation uses." in file
    assert "Twelve Oars" in file
    assert "Kitchen, Harbour" in file
    assert "Northside" not in file
    page = read_all(hand_in(Page(client), odd), column_001="number:")
    assert ",'=2+3," in client.get(page.path + "/rows.csv").get_data(as_text=True)


NESTED = """\
{"id": "00003ef66", "types": ["tides"], "names": [["SSL", "en", "acronym"],\
 ["Sound and Sea Lab", "en", "label/main"], ["Lyd og Hav", "da", "alias"]]}
{"id": "00012xz55", "types": ["tides"], "names": [["Tidevand", "da", "label/main"]]}
"""


def test_a_name_is_found_deep_in_an_object_by_what_it_is_called_there(house: House) -> None:
    page = hand_in(Page(house.client("maja")), NESTED, "list.jsonl")
    chosen = {s.get("name"): s.xpath("string(option[@selected]/@value)")
              for s in page.all("//table//select")}  # fmt: skip
    assert sorted(filter(None, chosen.values())) == ["name", "number:ROR", "other_names", "tags"]
    add(read_all(page))
    made = db.session.scalars(select(Organisation).order_by(Organisation.id)).first()
    assert (made.name, made.other_names) == ("Sound and Sea Lab", ["SSL", "Lyd og Hav"])
    assert made.identifiers == ["ROR-00003ef66"]


def test_a_number_of_the_sister_register_is_known_by_its_letters(house: House) -> None:
    content = "name,reg_number\nHarbour Kitchen,241171\nHill Choir,SC012345\nBog Walk,NI100001\n"
    page = hand_in(Page(house.client("maja")), content)
    add(read_all(page, column_001="number:GB-CHC"))
    made = db.session.scalars(select(Organisation).order_by(Organisation.id)).all()
    assert [o.identifiers[0] for o in made] == ["GB-CHC-241171", "GB-SC-SC012345", "GB-NIC-100001"]


def test_two_under_one_shared_number_are_two_when_another_register_tells_them_apart(
    house: House,
) -> None:
    content = (
        "name,a,b\nEast School,GB-EDU-100001,GB-COH-01234567\n"
        "West School,GB-EDU-100002,GB-COH-01234567\nEast School,GB-EDU-100003,\n"
    )
    page = read_all(hand_in(Page(house.client("maja")), content))
    assert counts(page)["Look alike"] == 1
    assert counts(page)["New"] == 2
    add(page, near="all")
    assert names() == ["East School", "West School", "East School"]


def test_who_may_not_import_finds_no_page_and_nobody_sees_the_list_of_another(house: House) -> None:
    page = hand_in(Page(house.client("maja")), LIST)
    Page(house.client("jonas")).get(page.path, status=404)
    Page(house.client("ida")).get("/organisations/import", status=404)
    Page(house.client("maja")).get("/organisations/import/" + "0" * 26, status=404)
    add(read_all(page), near="none")
    page.get("/organisations/import/%25", status=404)


def test_what_was_added_is_gone_from_the_staging_file_and_all_of_it_after_a_day(
    house: House,
) -> None:
    page = add(read_all(hand_in(Page(house.client("maja")), LIST)), near="none")
    (path,) = imports.folder().iterdir()
    assert b"Northside" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    entering.sweep(Job())
    assert path.exists()
    os.utime(path, (1, 1))
    entering.sweep(Job())
    assert not path.exists()
    assert page.get(page.path).heading == "2 organisations were added"
    page.get(page.path + "/rows.csv", status=404)


def test_pressing_twice_adds_once(house: House) -> None:
    client = house.client("maja")
    page = read_all(hand_in(Page(client), LIST))
    second = Page(client).get(page.path)
    add(page, near="none")
    second.send(near="all", press="Add them to the register", follow=True)
    assert second.heading == "2 organisations were added"
    assert len(names()) == 2


def test_of_two_imports_at_once_the_second_leaves_out_what_the_first_has_added(
    house: House,
) -> None:
    one = read_all(hand_in(Page(house.client("maja")), "name\nHarbour Kitchen\nTwelve Oars\n"))
    two = read_all(hand_in(Page(house.client("jonas")), "name\nHarbor Kitchen\nHill Choir\n"))
    add(one)
    add(two)
    assert two.heading == "One organisation was added"
    assert names() == ["Harbour Kitchen", "Twelve Oars", "Hill Choir"]
    assert db.session.scalar(select(func.count()).select_from(NameKey)) > 3


def test_what_a_file_must_not_bring_in_is_counted_and_nothing_of_it_is_kept(house: House) -> None:
    """The protector sees month, rule and number; the second line stays out for a plain reason."""
    lines = "name;purpose;type\nTide Sound;Ask 010190-1234;choir\nOars;010190-1234;rowing\n;Hi;x\n"
    page = hand_in(Page(house.client("maja")), lines)
    assert counts(read_all(page))["Cannot be read"] == 3
    read_all(page.click("Change what the columns mean"))
    assert counts(read_all(hand_in(Page(house.client("jonas")), lines)))["Cannot be read"] == 3
    rows = db.session.execute(select(Refused.rule, Refused.kind, Refused.number)).all()
    assert [tuple(row) for row in rows] == [("G-1", "file", 2)]
    assert "A line of a file" in Page(house.client("else")).get("/keeping").text
