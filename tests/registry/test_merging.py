"""When two records become one nothing is lost, nothing is forgotten, and all of it can go back."""

from collections import Counter
from datetime import date, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import UniqueConstraint, select

from partners.access.rules import NOBODY
from partners.assessment.queries import newest_answers
from partners.ground.db import Table, db
from partners.ground.refusals import NotYours, Refusal
from partners.history.actions import note_look, record
from partners.history.queries import HELD, held_now, history_about, looks_at, shown_now
from partners.registry import merging, queries
from partners.registry.actions import next_reference, register
from partners.registry.finding import Wish, look_for
from partners.registry.models import Merge, Organisation
from partners.registry.rules import (
    FACTS,
    TWICE,
    Card,
    differing,
    joined,
    twice,
    why_not_parted,
)
from partners.relations.models import Contact
from tests.builders import NOON, TODAY, House
from tests.rows import add

# Rules


def told(**facts: Any) -> Any:
    blank = {column: "" for columns in FACTS.values() for column in columns}
    lists = {"districts": [], "languages": [], "tags": [], "please_avoid": [], "feeds": []}
    return SimpleNamespace(**{**blank, **lists, "level": "", "review_on": None, **facts})


DIFFERING = [
    ({}, {}, []),
    ({"name": "A"}, {"name": "A"}, []),
    ({"name": "A"}, {"name": "B"}, ["name"]),
    ({"email": "a@b.example"}, {}, []),
    ({"legal_form": "association"}, {"not_registered_because": "small"}, ["standing"]),
    ({"feeds": ["https://a.example/f"]}, {"feeds": ["https://b.example/f"]}, ["feeds"]),
    ({"purpose": "We cook.", "purpose_by": "city"}, {"purpose": "We cook."}, []),
]


@pytest.mark.parametrize(("one", "other", "chosen"), DIFFERING)
def test_a_person_chooses_only_where_both_say_something_different(
    one: Any, other: Any, chosen: list[str]
) -> None:
    assert differing(told(**one), told(**other)) == chosen


JOINED = [
    # what stays, what goes, whose words stand, what the record says then
    ({"email": ""}, {"email": "b@b.example"}, {}, {"email": "b@b.example"}),
    ({"email": "a@a.example"}, {"email": "b@b.example"}, {}, {"email": "a@a.example"}),
    ({"email": "a@a.example"}, {"email": "b@b.example"}, {"email": 1}, {"email": "b@b.example"}),
    ({"legal_form": "association"}, {"not_registered_because": "small"}, {"standing": 1},
     {"legal_form": "", "not_registered_because": "small"}),
    ({"purpose": "A", "purpose_by": "city"}, {"purpose": "B", "purpose_by": "partner"},
     {"purpose": 1}, {"purpose": "B", "purpose_by": "partner"}),
    ({"district": "Harbour"}, {"district": "Northside", "districts": ["Northside", "Old town"]},
     {"district": 1}, {"district": "Northside", "districts": ["Northside", "Harbour", "Old town"]}),
    ({"please_avoid": ["call"]}, {"please_avoid": ["write", "call"]}, {},
     {"please_avoid": ["call", "write"]}),
    ({"level": "talk"}, {"level": "partnership"}, {}, {"level": "partnership"}),
    ({"level": "talk"}, {"level": ""}, {}, {"level": "talk"}),
    ({"review_on": date(2027, 5, 1)}, {"review_on": date(2027, 3, 1)}, {},
     {"review_on": date(2027, 3, 1)}),
    ({"review_on": None}, {"review_on": date(2027, 3, 1)}, {}, {"review_on": date(2027, 3, 1)}),
]  # fmt: skip


@pytest.mark.parametrize(("kept", "gone", "stands", "then"), JOINED)
def test_what_stands_once_two_records_are_one(
    kept: Any, gone: Any, stands: dict[str, int], then: Any
) -> None:
    pair = told(**kept), told(**gone)
    whose = {fact: pair[number] for fact, number in stands.items()}
    now = joined(*pair, whose, {"talk": 1, "partnership": 2})
    assert {column: now[column] for column in then} == then


PARTED = [
    (TODAY, False, False, ""),
    (TODAY + timedelta(1), False, False, ""),
    (TODAY - timedelta(1), False, False, "thirty days"),
    (TODAY, True, False, "already"),
    (TODAY, False, True, "later"),
]


@pytest.mark.parametrize(("until", "undone", "built_upon", "why"), PARTED)
def test_a_merge_is_undone_within_its_time_and_in_order(
    until: date, undone: bool, built_upon: bool, why: str
) -> None:
    found = why_not_parted(until, TODAY, undone=undone, built_upon=built_upon)
    assert why in found
    assert bool(why) == bool(found)


def test_what_only_one_record_holds_is_no_conflict() -> None:
    for what, sentence in TWICE.items():
        assert twice({what: 1}, {what: 2}) == [sentence]
        assert twice({what: 1}, {what: 0}) == twice({}, {what: 1}) == []


# Storage


def kitchen(house: House, name: str = "Harbour Kitchen", **facts: Any) -> Organisation:
    card = Card(name, **{"kind": house.kind(), "legal_form": "association", **facts})
    made = register(card, by=house.actor("maja"), at=NOON)
    db.session.commit()
    return made


def merge(house: House, kept: Organisation, gone: Organisation, **stands: Organisation) -> Merge:
    made = merging.merge(kept, gone, stands, "The chair said so.", ranks={}, at=NOON,
                         seen=merging.seal(kept, gone), by=house.actor("maja"))  # fmt: skip
    db.session.commit()
    return made


def part(house: House, made: Merge, days: int = 1) -> None:
    merging.part(made, "They are two.", by=house.actor("maja"), at=NOON + timedelta(days=days))
    db.session.commit()


def columns() -> list[Any]:
    keys = (key for table in Table.metadata.tables.values() for key in table.foreign_keys)
    return [key.parent for key in keys if key.column.table.name == "organisations"]


def test_every_key_to_an_organisation_goes_along_or_stays_for_a_reason() -> None:
    along = {str(column) for column in merging.pointers()}
    left = Counter(column.table.name for column in columns() if str(column) not in along)
    about_two = {name for name, number in left.items() if number > 1}
    assert set(left) - about_two == set(merging.STAY)
    assert "merges" in about_two
    assert len(along) >= 18
    assert all("id" in column.table.c for column in merging.pointers())


def test_no_two_rows_of_two_records_can_be_in_each_others_way() -> None:
    """A row is unique for its organisation only together with something that moves beside it."""
    for column in merging.pointers():
        for one in column.table.constraints:
            if isinstance(one, UniqueConstraint) and column.name in one.columns:
                roots = {key.parent.name for key in column.table.foreign_keys
                         if key.column.table.name in merging.ROOTS}  # fmt: skip
                assert roots & set(one.columns.keys()), f"{one} may collide"


class Rows:
    """A row in every table that points at an organisation, under its own engagement and paper."""

    minutes = count(1)

    def __init__(self, record: Organisation) -> None:
        self.record, self.roots = record, {}
        for root in merging.ROOTS:
            self.roots[root] = self.add(Table.metadata.tables[root].c.organisation_id, record)

    def add(self, column: Any, owner: Organisation) -> int:
        table: Any = column.table
        values: dict[str, Any] = {column.name: owner.id}
        for key in table.foreign_keys:
            if key.column.table.name in self.roots and key.parent.name != "charter_id":
                values[key.parent.name] = self.roots[key.column.table.name]
        if table.name == "accounts":
            values["department_id"] = None
        if "begun_at" in table.c:
            values["begun_at"] = NOON + timedelta(minutes=next(self.minutes))
        return add(db.session.connection(), table, **values)

    def all(self, owner: Organisation) -> dict[str, int]:
        return {str(column): self.add(column, owner) for column in merging.pointers()}


def owners(rows: dict[str, int]) -> dict[str, int]:
    found = {}
    for column in merging.pointers():
        this = column.table.c.id == rows[str(column)]
        found[str(column)] = db.session.execute(select(column).where(this)).scalar_one()
    return found


def test_all_that_points_at_a_record_goes_along_and_exactly_that_comes_back(house: House) -> None:
    kept, gone = kitchen(house), kitchen(house, "Kitchen by the Harbour")
    here, there = Rows(kept), Rows(gone)
    own, moved = here.all(kept), there.all(gone)
    made = merge(house, kept, gone)
    assert set(owners(own).values()) == set(owners(moved).values()) == {kept.id}
    since, hung = here.all(kept), there.all(kept)
    part(house, made)
    assert set(owners(own).values()) == {kept.id}
    assert set(owners(moved).values()) == {gone.id}
    assert set(owners(since).values()) == {kept.id}
    back = {name for name, owner in owners(hung).items() if owner == gone.id}
    rooted = {str(c) for c in merging.pointers() for key in c.table.foreign_keys
              if key.column.table.name in merging.ROOTS}  # fmt: skip
    assert back == rooted


def test_names_and_numbers_of_both_lead_to_the_one_that_stays_and_it_is_counted_once(
    house: House,
) -> None:
    kept = kitchen(house, scheme="DK-CVR", number="12345607")
    gone = kitchen(house, "Old Quay Canteen", scheme="GB-CHC", number="1234567")
    merge(house, kept, gone, name=gone)
    assert kept.name == "Old Quay Canteen"
    assert kept.other_names == ["Harbour Kitchen"]
    assert kept.identifiers == ["DK-CVR-12345607", "GB-CHC-1234567"]
    numbered = queries.near_to("Somebody Else", [("GB-CHC", "1234567")])
    assert [n.organisation.id for n in numbered] == [kept.id]
    for query in ("canteen", "harbour", "1234567", ""):
        assert [o.id for o in look_for(Wish(query=query)).leaf().rows] == [kept.id], query
    assert [n.organisation.id for n in queries.near_to("Old Quay Canteen")] == [kept.id]


def test_undoing_gives_back_the_words_that_nobody_has_changed_since(house: House) -> None:
    kept = kitchen(house, scheme="DK-CVR", number="12345607", email="a@kitchen.example")
    gone = kitchen(house, "Old Quay Canteen", district="Old town", email="b@kitchen.example")
    made = merge(house, kept, gone, name=gone, email=gone)
    assert (kept.email, kept.districts) == ("b@kitchen.example", ["Old town"])
    kept.email = "new@kitchen.example"
    part(house, made)
    assert (kept.name, kept.other_names) == ("Harbour Kitchen", [])
    assert (kept.email, kept.district, kept.districts) == ("new@kitchen.example", "", [])
    assert (gone.name, gone.email, gone.left_at) == ("Old Quay Canteen", "b@kitchen.example", None)
    assert [o.id for o in look_for(Wish(query="canteen")).leaf().rows] == [gone.id]
    assert [o.id for o in look_for(Wish(query="harbour")).leaf().rows] == [kept.id]


def test_the_file_reads_the_history_of_both_and_after_undoing_each_its_own(house: House) -> None:
    kept, gone = kitchen(house), kitchen(house, "Old Quay Canteen")
    maja = {"by": house.actor("maja"), "at": NOON}
    note_look(gone.id, "card", "before", **maja)
    before = [entry.id for entry in history_about(gone.id)]
    made = merge(house, kept, gone)
    assert set(before) < {entry.id for entry in history_about(kept.id)}
    assert [look.purpose for look in looks_at(kept.id)] == ["before"]
    part(house, made)
    assert not set(before) & {entry.id for entry in history_about(kept.id)}
    assert looks_at(kept.id) == []
    told = [entry.what for entry in history_about(gone.id)]
    assert told.count("organisation.merged_away") == told.count("organisation.parted") == 1


def test_what_is_held_back_stays_held_back_on_the_way_there_and_back(house: House) -> None:
    kept, gone = kitchen(house), kitchen(house, "Old Quay Canteen")
    contacts, by = Table.metadata.tables["contacts"], house.people["maja"]
    first, second = (add(db.session.connection(), contacts, organisation_id=gone.id, by_id=by)
                     for _n in range(2))  # fmt: skip

    def hold(row: int, on: Organisation) -> None:
        record(HELD, on, by=house.actor("maja"), at=NOON, thing="contacts", row=row,
               ground="x", until="2027-01-01")  # fmt: skip
        db.session.commit()

    def shown() -> list[int]:
        return list(db.session.scalars(select(Contact.id).where(shown_now(Contact, TODAY))))

    hold(first, gone)
    made = merge(house, kept, gone)
    assert [e.facts["row"] for e in held_now(kept.id, TODAY)] == [first]
    hold(second, kept)
    part(house, made)
    assert shown() == []
    assert sorted(e.facts["row"] for e in held_now(gone.id, TODAY)) == [first, second]
    assert list(held_now(kept.id, TODAY)) == []


def test_the_newer_answer_of_either_record_counts_and_the_older_one_is_kept(house: House) -> None:
    kept, gone = kitchen(house), kitchen(house, "Old Quay Canteen")
    answers = Table.metadata.tables["answers"]
    facts = {"kept_with": "organisation", "item": "GO-01", "by_id": house.people["maja"]}
    for answer, owner in (("older", kept), ("newer", gone)):
        add(db.session.connection(), answers, organisation_id=owner.id, answer=answer, **facts)
    merge(house, kept, gone)
    assert newest_answers(kept.id, None)["GO-01"].answer == "newer"
    rows = sa.select(sa.func.count()).select_from(answers)
    assert db.session.scalar(rows.where(answers.c.organisation_id == kept.id)) == 2


def test_a_record_that_was_merged_before_leads_on_and_undoing_goes_in_order(house: House) -> None:
    a, b, c = (kitchen(house, name) for name in ("A kitchen", "B kitchen", "C kitchen"))
    first, second = merge(house, b, a), merge(house, c, b)
    assert a.merged_into_id == b.merged_into_id == c.id
    with pytest.raises(Refusal, match="later"):
        part(house, first)
    db.session.rollback()
    part(house, second)
    assert (a.merged_into_id, b.merged_into_id) == (b.id, None)
    part(house, first)
    assert a.merged_into_id is None


def test_nobody_merges_without_the_right_or_after_something_has_changed(house: House) -> None:
    kept, gone = kitchen(house), kitchen(house, "Old Quay Canteen")
    facts: dict[str, Any] = {"ranks": {}, "at": NOON}
    seen = merging.seal(kept, gone)
    for who in (NOBODY, house.actor("karin"), house.actor("bo")):
        with pytest.raises(NotYours):
            merging.merge(kept, gone, {}, "x", seen=seen, by=who, **facts)
    house.partner("nadia", gone)  # somebody who was not on the page that was confirmed
    with pytest.raises(Refusal, match="changed"):
        merging.merge(kept, gone, {}, "x", seen=seen, by=house.actor("maja"), **facts)
    with pytest.raises(Refusal, match="thirty days"):
        part(house, merge(house, kept, gone), days=31)


def test_what_was_written_at_the_very_moment_of_a_merge_goes_along_and_back(house: House) -> None:
    kept, gone = kitchen(house), kitchen(house, "Old Quay Canteen")
    made = merge(house, kept, gone)
    late = Rows(gone).all(gone)
    merging.gather_late(NOON + timedelta(hours=9))
    assert set(owners(late).values()) == {kept.id}
    part(house, made)
    assert set(owners(late).values()) == {gone.id}


def test_a_reference_is_given_once_whatever_was_merged(house: House) -> None:
    kept, gone = kitchen(house), kitchen(house, "Old Quay Canteen")
    merge(house, kept, gone)
    assert next_reference(at=NOON) not in (kept.reference, gone.reference)
