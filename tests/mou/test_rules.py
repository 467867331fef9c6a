"""What holds for a paper between two sides."""

from datetime import UTC, date, datetime

import pytest

from partners.ground.refusals import Refusal
from partners.mou.rules import document_for, in_force_at, require_order, to_write
from partners.paper.filling import Setting
from tests.paper.papers import ALL, ALWAYS, PLAIN, documents, full

ONE, TWO = datetime(2026, 11, 20, 10, tzinfo=UTC), datetime(2026, 11, 21, 9, tzinfo=UTC)


def test_each_instrument_has_its_paper_and_none_has_none() -> None:
    assert document_for(documents(), "memorandum").id == "memorandum"
    assert document_for(documents(), "dialogue_agreement").id == "dialogue-agreement"
    assert document_for(documents(), "none") is None
    assert document_for(documents(), "") is None


def test_people_are_asked_only_for_what_the_sections_that_apply_need() -> None:
    memorandum = documents()["memorandum"]
    plain = {field.name for field in to_write(memorandum, PLAIN, language="en")}
    all_of_it = {field.name for field in to_write(memorandum, ALL, language="en")}
    assert {"support_amount", "professional_role"} <= all_of_it - plain
    assert not plain & set(ALWAYS)


def test_what_must_be_written_is_marked_and_stands_in_the_order_of_the_paper() -> None:
    fields = to_write(documents()["memorandum"], PLAIN, language="en")
    must = [field.name for field in fields if field.must]
    assert must[:4] == ["purpose", "aims", "benefit_city", "benefit_org"]
    assert must[-1] == "signers_city"
    assert {field.name for field in fields} <= set(full())


def test_a_condition_on_the_level_asks_only_there() -> None:
    names = {f.name for f in to_write(documents()["memorandum"], Setting("x", "B0"), language="en")}
    assert "support_in_kind" not in names


@pytest.mark.parametrize(
    ("start", "review", "end", "field"),
    [
        (date(2027, 1, 1), None, date(2026, 12, 31), "end"),
        (date(2027, 1, 1), None, date(2027, 1, 1), "end"),
        (date(2027, 1, 1), date(2026, 12, 31), None, "review_date"),
        (date(2027, 1, 1), date(2029, 1, 1), date(2028, 1, 1), "review_date"),
    ],
)
def test_dates_out_of_order_are_refused(start, review, end, field) -> None:
    with pytest.raises(Refusal) as refused:
        require_order(start, review, end)
    assert refused.value.field == field


def test_dates_in_order_and_open_dates_pass() -> None:
    require_order(date(2028, 2, 29), date(2028, 3, 1), date(2029, 2, 28))
    require_order(None, date(2028, 3, 1), None)
    require_order(date(2028, 2, 29), None, None)


@pytest.mark.parametrize(
    ("required", "signed", "when"),
    [
        ({"city", "org"}, {}, None),
        ({"city", "org"}, {"org": ONE}, None),
        ({"city", "org"}, {"org": TWO, "city": ONE}, TWO),
        ({"city", "org"}, {"org": ONE, "somebody": TWO}, None),
        (set(), {"org": ONE}, None),
    ],
)
def test_a_paper_is_in_force_when_all_have_signed(required, signed, when) -> None:
    assert in_force_at(required, signed) == when
