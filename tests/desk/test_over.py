"""What of an assessment and of the contact log goes when, what stays, and what is not touched."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from partners.assessment import actions
from partners.assessment.actions import four_eyes
from partners.assessment.models import Answer, Engagement, Point, Round, Support
from partners.assessment.rules.answers import months_after
from partners.desk.keeping import AHEAD, WAITS, begin, due_deletions
from partners.ground import clock
from partners.ground.db import db
from partners.history.queries import deeds_named
from partners.relations.models import Contact
from partners.uploads.models import Upload
from tests.assessment.case import started
from tests.builders import NOON, TODAY, House
from tests.desk.test_keeping import DAY, at, hold, run
from tests.page import Page
from tests.portal.conftest import told

LATER = NOON + DAY * 40


@pytest.fixture
def counting(house: House) -> House:
    """The clock has known these kinds for long enough."""
    begin(NOON - AHEAD)
    db.session.commit()
    return house


def worked(house: House) -> Engagement:
    """In force, with words everywhere: an answer with a paper, a point with a reply, a reason."""
    case = told(house)
    paper = Upload(organisation_id=case.organisation_id, engagement_id=case.id, item="S", size=1,
                   what="Statutes", name="secret.pdf", mime="application/pdf", fingerprint="f" * 64,
                   by_id=house.people["maja"], at=NOON)  # fmt: skip
    db.session.add(paper)
    db.session.flush()
    row = db.session.scalars(select(Answer).limit(1)).one()
    row.upload_id, case.round.reason = paper.id, "A secret reason."
    point(house, case, None)
    return case


def point(house: House, case: Engagement, said_on: date | None) -> Point:
    item = next(iter(house.policy.items))
    made = Point(engagement_id=case.id, round_id=case.round.id, item=item, said="A secret word.",
                 organisation_id=case.organisation_id, said_on=said_on, sent_at=NOON,
                 reply="A secret reply.", replied_at=NOON, noted_by=house.people["maja"],
                 noted_at=NOON)  # fmt: skip
    db.session.add(made)
    db.session.commit()
    return made


def ended(house: House) -> Engagement:
    case = worked(house)
    actions.close(case, "It is done.", by=house.actor("karin"), at=NOON)
    return case


def replaced(house: House) -> Engagement:
    """A newer decision took its place, and each answer was given anew."""
    case = worked(house)
    for row in db.session.scalars(select(Answer)):
        row.expires_on = TODAY
    db.session.add(Round(engagement_id=case.id, opened_at=LATER, decided_at=LATER,
                         decided_by=house.people["karin"], outcome="supported"))  # fmt: skip
    return case


def supported(house: House) -> Engagement:
    case = ended(house)
    db.session.add(Support(organisation_id=case.organisation_id, engagement_id=case.id, amount=9,
                           kind="money", due_on=TODAY, department_id=case.department_id,
                           by_id=house.people["maja"], at=NOON))  # fmt: skip
    return case


def lowered(house: House) -> Engagement:
    case = supported(house)
    case.round.outcome = "supported_dialogue"
    return case


def quoted(house: House) -> Engagement:
    case = told(house)
    point(house, case, TODAY)
    return case


def met(house: House) -> Contact:
    whose = house.organisation()
    row = Contact(organisation_id=whose.id, kind="call", held_on=TODAY, line="A secret line.",
                  by_id=house.people["maja"], at=NOON)  # fmt: skip
    db.session.add(row)
    return row


# What was made, the kind of what goes, its months, and how much of the words goes with it.
KINDS = [
    (ended, "assessment", 24, "all"),
    (replaced, "assessment", 24, "all"),
    (supported, "assessment_funded", 60, "all"),
    (lowered, "result_below", 24, "reasons"),
    (quoted, "statement", 60, "reasons"),
    (met, "contact", 24, "all"),
]
CASES = [
    (make, kind, months, days, held, what if days == 0 and not held else "")
    for make, kind, months, what in KINDS for days, held in ((-1, False), (0, False), (0, True))
]  # fmt: skip


@pytest.mark.parametrize(("make", "kind", "months", "days", "held", "goes"), CASES)
def test_words_go_on_their_day_and_not_before_and_not_while_two_people_hold_them(
    counting: House, make: Callable, kind: str, months: int, days: int, held: bool, goes: str
) -> None:
    house, thing = counting, make(counting)
    db.session.commit()
    since = TODAY if make is not replaced else clock.day_of(LATER)
    on = months_after(since, months) + DAY * days
    if held:
        row = hold(house, thing.organisation, days=360)
        four_eyes.agree(row, by=house.actor("karin"), at=clock.now())
        row.until = on + DAY
        db.session.commit()
    assert kind in {due.kind for due in due_deletions(on)}
    assert run(on) == (1 if goes else 0)
    left = words()
    assert ("secret word" in left or "secret line" in left) is not bool(goes)
    assert ("As we said" in left) is (goes != "all" and make is not met)
    assert run(on) == 0, "once"
    if goes:
        (deed,) = deeds_named(thing.organisation_id, "rounds.cleared", "points.cleared",
                              "organisations.cleared")  # fmt: skip
        assert deed.facts == {"kind": kind, "since": since.isoformat()}


def words() -> str:
    rows = [row for model in (Answer, Point, Round, Contact, Upload)
            for row in db.session.scalars(select(model))]  # fmt: skip
    return " ".join(str(vars(row)) for row in rows)


def test_what_running_work_uses_stays_until_its_answers_count_no_more(counting: House) -> None:
    case = ended(counting)
    started(counting, organisation=case.organisation)
    last = max(row.expires_on for row in db.session.scalars(select(Answer)) if row.expires_on)
    assert last > TODAY
    assert not due_deletions(months_after(TODAY, 24), DAY * 0)
    assert [due.since for due in due_deletions(months_after(last, 24), DAY * 0)] == [last]


def test_support_that_was_taken_back_keeps_nothing_longer(counting: House) -> None:
    supported(counting)
    db.session.query(Support).one().withdrawn_at = NOON
    db.session.commit()
    assert [due.kind for due in due_deletions(months_after(TODAY, 24), DAY * 0)] == ["assessment"]


def test_what_is_not_decided_yet_keeps_what_was_said(counting: House) -> None:
    quoted(counting).round.outcome = ""
    db.session.commit()
    assert not due_deletions(months_after(TODAY, 60), DAY * 0)


def test_a_paper_stays_while_anything_else_rests_on_it(counting: House) -> None:
    case = ended(counting)
    given = db.session.scalars(select(Answer).where(Answer.upload_id.is_not(None))).one()
    facts = {c.name: getattr(given, c.name) for c in Answer.__table__.c if c.name != "id"}
    other = started(counting, organisation=case.organisation)
    db.session.add(Answer(**facts | {"engagement_id": other.id}))
    db.session.commit()
    assert run(months_after(TODAY, 120)) == 1
    assert given.upload_id is None
    assert db.session.query(Upload).one().destroyed_at is None


@pytest.mark.parametrize("more", ["dialogue", "promised"])
def test_the_contact_log_stays_while_something_runs_or_is_promised(
    counting: House, more: str
) -> None:
    row = met(counting)
    db.session.commit()
    on = months_after(TODAY, 24)
    assert [due.kind for due in due_deletions(on)] == ["contact"]
    if more == "dialogue":
        started(counting, organisation=row.organisation, place=2)
    else:
        row.follow_up, row.follow_up_on = "The key.", TODAY
    assert not due_deletions(on)


def test_what_was_there_before_its_kind_had_a_time_stands_on_the_list_first(house: House) -> None:
    ended(house)
    late = months_after(TODAY, 60)
    assert run(late, seen=False) == 0
    assert [due.on for due in due_deletions(late + DAY)] == [late + AHEAD]
    assert run(late + AHEAD + WAITS - DAY, seen=False) == 0
    assert run(late + AHEAD + WAITS, seen=False) == 1


def test_the_file_says_what_went_and_a_paper_may_be_handed_in_again(counting: House) -> None:
    case = ended(counting)
    assert run(months_after(TODAY, 24)) == 1
    paper = db.session.scalars(select(Upload)).one()
    assert (paper.destroyed_at, paper.name, paper.destroyed_kind) == (
        at(months_after(TODAY, 24)), "", "")  # fmt: skip
    counting.partner("nadia", case.organisation)
    page = Page(counting.client("nadia"))
    assert "because its time was over" in page.get("/our/file/answers").text
    said = page.get("/our/file/points").text
    assert "What it said is destroyed." in said
    assert "secret" not in said
    result = Page(counting.client("maja")).get(f"/engagements/{case.public_id}/result").text
    assert "What it said is destroyed." in result
    assert "secret" not in result
