"""What goes after five years: who signed a charter, and lines of the log. Nothing younger goes."""

from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from partners.assessment.actions import four_eyes
from partners.assessment.rules.answers import months_after
from partners.charter import actions
from partners.charter.models import Charter
from partners.desk.keeping import BEGUN, begin, due_deletions, the_log
from partners.ground import clock
from partners.ground.clock import day_of
from partners.ground.db import Table, db
from partners.history.actions import record
from partners.history.models import Entry, Look
from partners.history.queries import HELD
from partners.mou.queries import held
from partners.registry.models import Organisation
from partners.signing.models import Seal, Signature
from tests.builders import NOON, House
from tests.charter import case, test_several
from tests.desk.test_keeping import DAY, hold, run
from tests.page import Page
from tests.rows import add

LOGS = [Table.metadata.tables["history"], Table.metadata.tables["looks"]]


def signed(house: House) -> Charter:
    """Signed by both sides and sealed; the clock has known the time for long enough."""
    begin(NOON - DAY * 60)
    row = case.offered(house)
    case.sign(house, row)
    seal = db.session.scalars(select(Seal)).one()
    seal.fingerprint, seal.sealed_at, seal.signed_bytes = "f" * 64, NOON, "b" * 64
    seal.evidence = {"paper": {"title": "Charter"}, "signatures": [{"name": "Grethe Lind"}]}
    db.session.commit()
    return row


def names(row: Charter) -> list[str]:
    wanted = select(Signature.name).where(Signature.charter_id == row.id)
    return list(db.session.scalars(wanted))


def test_who_signed_goes_five_years_after_the_end_and_what_was_signed_stays(house: House) -> None:
    row = signed(house)
    assert row.valid_until
    over = months_after(row.valid_until, 60)
    assert run(over - DAY) == 0
    assert names(row)
    assert run(over) == 1
    seal = db.session.scalars(select(Seal)).one()
    assert not names(row)
    assert "Grethe" not in str(seal.evidence)
    assert (row.text_hash, row.version, row.valid_until, seal.fingerprint) == (
        row.text_hash, "1", row.valid_until, "f" * 64)  # fmt: skip
    assert row.text
    assert (held(["f" * 64]), seal.has_file) == (set(), False), "the sweep takes the file"
    city = db.session.scalars(select(Charter).where(Charter.organisation_id.is_(None))).all()
    assert all(names(one) for one in city), "the municipality's text is still the newest"
    assert run(over + DAY) == 0, "once"


def test_what_was_taken_back_ended_on_that_day(house: House) -> None:
    row = signed(house)
    actions.withdraw(row, by=house.actor("grethe"), at=NOON + DAY)
    assert [due.since for due in due_deletions(months_after(day_of(NOON + DAY), 60))] == [
        day_of(NOON + DAY)]  # fmt: skip


def test_the_municipalitys_name_goes_with_the_last_under_a_text_that_a_newer_one_followed(
    house: House,
) -> None:
    row = signed(house)
    for old in db.session.scalars(select(Charter).where(Charter.organisation_id.is_(None))):
        newer = Charter(version="2", language=old.language, text="x", text_hash=f"2{old.language}",
                        state="signed", offered_at=NOON, signed_at=NOON + DAY)  # fmt: skip
        db.session.add(newer)
    db.session.commit()
    assert row.valid_until
    over = months_after(row.valid_until, 60)
    others = run(over - DAY)  # of the languages in which nobody signed
    assert run(over) == 2
    assert (others, db.session.scalar(select(sa.func.count(Signature.id)))) == (
        len(case.texts(house)) - 1, 0)  # fmt: skip


def test_what_several_sealed_together_goes_with_the_last_of_them(house: House) -> None:
    begin(NOON - DAY * 60)
    rows = test_several.whole(house)
    short, first = next((short, row) for short, row in rows.items() if short)
    last, head = max(row.valid_until for row in rows.values() if row.valid_until), rows[""]
    actions.withdraw(first, by=house.actor(short), at=NOON + DAY)
    db.session.commit()
    run(months_after(day_of(NOON + DAY), 60))
    assert (names(first), bool(names(head))) == ([], True)
    run(months_after(last, 60))
    run(months_after(last, 60) + DAY)  # only then does the municipality's stand on the list
    assert names(head) == []


def test_a_hold_keeps_the_name_and_the_sealed_file(house: House) -> None:
    row = signed(house)
    assert row.valid_until
    assert row.organisation
    kept = hold(house, row.organisation)
    four_eyes.agree(kept, by=house.actor("karin"), at=clock.now())
    kept.until = months_after(row.valid_until, 72)
    assert run(months_after(row.valid_until, 61)) == 0
    assert names(row)


def test_an_offer_that_one_of_two_had_signed_and_nobody_took_up_goes_whole(house: House) -> None:
    row = case.offered(house)
    db.session.add(Signature(
        charter_id=row.id, organisation_id=row.organisation_id, side="organisation", name="G",
        account_id=house.people["grethe"], role="", authority="", statement="", text_hash="x",
        language="en", at=NOON,
    ))  # fmt: skip
    db.session.commit()
    run(months_after(day_of(NOON), 12))
    assert db.session.get(Charter, row.id) is None


def test_the_receipt_and_the_check_go_on_without_the_names(house: House) -> None:
    row = signed(house)
    code, own = db.session.scalars(select(Seal.public_id)).one(), Page(house.client("grethe"))
    assert row.valid_until
    run(months_after(row.valid_until, 60))
    own.get("/our-charter")
    own.get(f"/charter/{row.public_id}/receipt", status=404)
    assert "We sealed a paper with this code" in Page(house.app.test_client()).get(
        f"/verify?code={code}").text  # fmt: skip


def lines(months: int, **facts: object) -> list[int]:
    """One line of history and one of looks, so many months old."""
    at = clock.now() - timedelta(days=int(months * 30.5))
    return [add(db.session.connection(), table, at=at, **facts) for table in LOGS]


def left() -> set[int]:
    return {*db.session.scalars(select(Entry.id)), *(-n for n in db.session.scalars(
        select(Look.id)))}  # fmt: skip


def all_of_it(house: House) -> int:
    steps = the_log(clock.now())
    try:
        while True:
            next(steps)
            db.session.commit()
    except StopIteration as end:
        db.session.commit()
        return end.value["deleted"]


def test_lines_go_after_five_years_and_nothing_younger(house: House) -> None:
    house.organisation()
    old, young = lines(62), lines(58)
    db.session.commit()
    assert all_of_it(house) == 2
    assert not {old[0], -old[1]} & left()
    assert {young[0], -young[1]} <= left()
    (deed,) = db.session.scalars(select(Entry).where(Entry.what == "log.cleared"))
    assert deed.facts["lines"] == 2
    assert all_of_it(house) == 0, "once"


CHANCE = Random(5)
GUARDED = [
    ("delete from {t} where id = {young}", "append-only|permission denied"),
    ("update {t} set at = at where id = {old}", "append-only|permission denied"),
    ("update {t} set at = '2000-01-01 00:00:00' where id = {young}",
     "append-only|permission denied"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "said"), GUARDED)
@pytest.mark.parametrize("which", [0, 1])
def test_the_database_itself_lets_nothing_younger_go_and_nothing_change(
    house: House, sql: str, said: str, which: int
) -> None:
    house.organisation()
    old, young = lines(62)[which], lines(CHANCE.randint(0, 59))[which]
    db.session.commit()
    with pytest.raises(DBAPIError, match=said):
        db.session.execute(sa.text(sql.format(t=LOGS[which].name, old=old, young=young)))
    db.session.rollback()
    assert db.session.scalar(select(sa.func.count()).select_from(LOGS[which])) >= 2


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_owners_function_lets_nothing_younger_go_either(house: House) -> None:
    house.organisation()
    (young, _look), call = lines(59), "select history_let_go(array[{}]::bigint[])"
    db.session.commit()
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(sa.text(call.format(young)))
    db.session.rollback()
    assert young in left()


def test_a_hold_keeps_every_line_about_the_organisation_and_what_was_joined_to_it(
    house: House,
) -> None:
    one, joined, other = (house.organisation(name) for name in ("One", "Joined", "Other"))
    joined.merged_into_id = one.id
    row = hold(house, one)
    four_eyes.agree(row, by=house.actor("karin"), at=clock.now())
    rows = {whose.id: lines(62, organisation_id=whose.id) for whose in (one, joined, other)}
    db.session.commit()
    assert all_of_it(house) == 2
    assert {rows[one.id][0], rows[joined.id][0], -rows[one.id][1]} <= left()
    about = select(Entry).where(Entry.organisation_id == other.id, Entry.at < clock.now() - DAY)
    assert not db.session.scalars(about).all()


def test_what_is_still_held_back_stays_held_back_and_the_clock_keeps_its_begin(
    house: House,
) -> None:
    whose: Organisation = house.organisation()
    at = clock.now() - timedelta(days=62 * 31)
    begin(at)
    for until in (clock.today() + DAY, clock.today() - DAY):
        record(HELD, whose, by=house.actor("karin"), at=at, until=until.isoformat())
    db.session.commit()
    assert all_of_it(house) == 1
    kept = db.session.scalars(select(Entry.what).where(Entry.at <= at + DAY)).all()
    assert set(kept) == {HELD, BEGUN}
