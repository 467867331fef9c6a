"""A changed policy: checked, tried on what runs, read, proposed by one and published by another."""

import io
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from sqlalchemy import func, select

from partners.assessment import actions as work
from partners.assessment.actions.starting import Wish
from partners.assessment.models import Answer, Engagement
from partners.assessment.queries import case_of, computed, newest_answers, policy_of
from partners.assessment.rules.answers import Answer as Given
from partners.assessment.rules.changed import changed
from partners.assessment.rules.difference import Why, line
from partners.editions import actions, trying
from partners.editions.files import to_mend, unpacked
from partners.editions.views import Said
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.history.queries import history_of
from partners.jobs.models import Job
from partners.policy import shelf, today
from partners.policy.models import Draft
from partners.policy.values import Policy
from tests.assessment.case import answered, started
from tests.builders import NOON, TODAY, House
from tests.page import Page, words

OPTIONAL = 'levels = { dialogue = "optional", partnership = "required" }'


def texts(
    house: House, item="GO-03", was=OPTIONAL, now="retired = true\nlevels = {}", file: str = ""
):
    """The policy of the house, with one thing said otherwise in one item of governance, or file."""
    files = dict(house.app.extensions["policy"][1])
    if file:
        assert was in files[file]
        return files | {file: files[file].replace(was, now, 1)}
    head, row = files["checklist/governance.toml"].split(f'id = "{item}"')
    assert was in row
    files["checklist/governance.toml"] = f'{head}id = "{item}"{row.replace(was, now, 1)}'
    return files


def draft(house: House, by: str = "karin", **more) -> Draft:
    made = actions.try_out(
        texts(house, **more), "our-policy.zip", "in use", by=house.actor(by), at=NOON
    )
    db.session.commit()
    return run(made)


def run(made: Draft) -> Draft:
    for _step in (steps := trying.work(type("J", (), {"args": {"draft": made.id}}))):  # type: ignore[arg-type]
        pass
    db.session.commit()
    assert steps is not None
    return made


def published(house: House, **more) -> Draft:
    made = draft(house, **more)
    actions.note_read(made, by=house.actor("else"), at=NOON)
    actions.propose(made, "We ask too much.", by=house.actor("karin"), at=NOON)
    actions.publish(made, today.todays_policy(), by=house.actor("omar"), at=NOON)
    db.session.commit()
    today.forget()
    return made


def packed(files, within: str = "ours/") -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, text in files.items():
            file.writestr(within + name, text)
    out.seek(0)
    return out


def test_what_would_be_asked_less_and_which_results_differ_is_counted(house: House) -> None:
    case = answered(house, started(house, district="Harbour"), GO_03=Given.NOT_MET)
    found = draft(house).found
    assert (found["looked"], found["differs"]) == (1, 1)
    assert (found["less"], found["more"]) == ({"GO-03": 1}, {})
    assert found["band"] == {case.band: [1, 0, 1, 1]}
    assert found["district"] == {"Harbour": [1, 0, 1, 1]}
    (one,) = found["cases"]
    assert (one["id"], one["why"]) == (case.id, ["GO-03"])
    assert (one["was"][0], one["now"][0]) == ("supported_conditions", "supported")


def test_an_item_that_is_asked_of_more_people_is_open_for_them(house: House) -> None:
    answered(house, started(house, place=-2))
    now = 'levels = { dialogue = "required" }'
    found = draft(house, now=now).found
    assert (found["more"], found["less"]) == ({"GO-03": 1}, {})
    assert [one["now"][0] for one in found["cases"]] == ["not_determined"]


def test_trying_an_unchanged_policy_finds_nothing_and_writes_nothing(
    house: House,
) -> None:
    case = answered(house, started(house, money=2000), FI_01=Given.NOT_MET)
    before = db.session.scalar(select(func.count()).select_from(Answer))
    reference = computed(case, TODAY)
    found = draft(house, now=OPTIONAL + "\n# the same").found
    assert (found["looked"], found["differs"], found["more"], found["less"]) == (1, 0, {}, {})
    assert db.session.scalar(select(func.count()).select_from(Answer)) == before
    assert computed(case, TODAY) == reference
    assert not case.round.computed


def one_by_one(new: Policy, cases: Iterable[Engagement]) -> tuple[Any, ...]:
    """What trying finds, worked out for each piece of work alone."""
    more, less, moves = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    for case in cases:
        rows = newest_answers(case.organisation_id, case.id).items()
        facts = new.facts(case.triggers)
        answers = {name: Given(row.answer) for name, row in rows if (item := new.items.get(name))
                   and line(item, new.strength(item, case.level, case.band, facts), row,
                            TODAY).why is Why.CARRIED}  # fmt: skip
        before = case_of(case, TODAY)
        found = changed(policy_of(case), new, before, replace(before, answers=answers))
        more.update(found.more)
        less.update(found.less)
        if found.before and found.after:
            moves[str(found.before.outcome), str(found.after.outcome)] += 1
    return dict(more), dict(less), dict(moves)


def test_trying_uses_no_answer_of_a_work_that_is_not_about_the_same(house: House) -> None:
    first = answered(house, started(house, activity="shared_meal"), PV_04=Given.NOT_MET)
    row = 'id = "shared_meal"\n'
    apart = draft(house, file="kinds.toml", was=row, now=row + "carries = false\n")
    shelf.adopt(apart.edition, apart.texts, NOON)
    second = started(house, organisation=first.organisation, activity="shared_meal")
    second.policy_version = apart.edition
    answered(house, second)
    db.session.delete(newest_answers(second.organisation_id, second.id)["PV-04"])
    db.session.commit()
    assert "PV-04" not in newest_answers(second.organisation_id, second.id)
    row = 'levels = { dialogue = "optional", partnership = "required" }\nbands = { BK ='
    made = draft(house, file="checklist/purpose_values.toml", was=row, now=f"retired = true\n{row}")
    now = {one["id"]: (one["was"][0], one["now"][0]) for one in made.found["cases"]}
    assert now == {first.id: ("supported_conditions", "supported"),
                   second.id: ("not_determined", "supported")}  # fmt: skip


CHANGES = ["retired = true\nlevels = {}", 'levels = { dialogue = "required" }']


@pytest.mark.parametrize("now", CHANGES)
def test_trying_at_once_finds_what_working_out_each_case_finds(house: House, now: str) -> None:
    given = [Given.MET, Given.NOT_MET, Given.PARTLY]
    cases = [
        answered(house, started(house, place=-1 - n % 2, money=n * 2000), GO_03=one, FI_01=other)
        for n, (one, other) in enumerate(product(given, given))
    ]
    made = draft(house, now=now)
    found = made.found
    moves = Counter[tuple[str, str]]()
    for move, number in found["moves"].items():
        was, _level, _band, then, *_rest = move.split("|")
        moves[was, then] += number
    new = shelf.printing(made.edition, made.texts)
    assert (found["more"], found["less"], dict(moves)) == one_by_one(new, cases)
    assert (found["looked"], found["differs"]) == (len(cases), moves.total())


def test_new_work_begins_with_what_was_published_and_what_runs_keeps_its_own(house: House) -> None:
    running = started(house)
    made = published(house)
    begun = work.start(
        house.organisation("Chess Club"), Wish("Chess", "Play", running.level), [],
        today.todays(), by=house.actor("maja"), at=NOON,
    )  # fmt: skip
    assert (today.todays()[0], begun.policy_version) == (made.edition, made.edition)
    assert running.policy_version == house.app.extensions["policy"][0] != made.edition
    assert today.todays_policy().items["GO-03"].retired


def test_it_takes_the_protector_and_two_managers(house: House) -> None:
    made, karin, omar = draft(house), house.actor("karin"), house.actor("omar")
    with pytest.raises(NotYours):
        actions.note_read(made, by=karin, at=NOON)
    with pytest.raises(NotYours):
        actions.propose(made, "Why", by=house.actor("else"), at=NOON)
    actions.propose(made, "We ask too much.", by=karin, at=NOON)
    with pytest.raises(Refusal, match="protector has noted"):
        actions.publish(made, today.todays_policy(), by=omar, at=NOON)
    actions.note_read(made, by=house.actor("else"), at=NOON)
    with pytest.raises(Refusal, match="Another manager"):
        actions.publish(made, today.todays_policy(), by=karin, at=NOON)
    actions.publish(made, today.todays_policy(), by=omar, at=NOON)
    told = [entry.what for entry in history_of("policy_drafts", made.id)]
    assert told == ["policy.published", "policy.read", "policy.proposed", "policy.tried"]


def test_a_proposed_policy_waits_for_the_protector_and_then_for_another_manager(house) -> None:
    made = draft(house)
    actions.propose(made, "We ask too much.", by=house.actor("karin"), at=NOON)
    db.session.commit()
    days = {who: Page(house.client(who)) for who in ("else", "karin", "omar", "maja")}
    for told, reader in (("Read the changed policy", "else"), ("Publish the changed", "omar")):
        assert [who for who, page in days.items() if told in page.get("/today").text] == [reader]
        if made.read_by is None:
            actions.note_read(made, by=house.actor("else"), at=NOON)
            db.session.commit()


def test_what_was_stopped_before_it_was_tried_can_be_tried_again(house: House) -> None:
    made = draft(house)
    made.found, db.session.get_one(Job, made.job_id).state = {}, "stopped"
    db.session.commit()
    page = Page(house.client("karin")).get(f"/policy/changes/{made.public_id}")
    assert page.heading == "It has not been tried on all current work yet"
    page.send(press="Try it again, on what runs today", status=302)


def test_the_counts_stand_in_the_order_of_the_policy(house: House) -> None:
    bands = [*house.policy.bands]
    counted = dict.fromkeys([*reversed(bands), "gone"], 1)
    with house.app.test_request_context():
        rows = Said(house.policy).bands(counted)
    assert [band for band, _number in rows] == [*bands, "gone"]


@pytest.mark.parametrize("who", ["karin", "omar"])
def test_either_manager_takes_it_back_before_it_is_published(house, who) -> None:
    made = draft(house)
    actions.propose(made, "We ask too much.", by=house.actor("karin"), at=NOON)
    actions.withdraw(made, by=house.actor(who), at=NOON)
    with pytest.raises(Refusal, match="published or withdrawn"):
        actions.publish(made, today.todays_policy(), by=house.actor("tove"), at=NOON)
    assert today.todays()[0] == house.app.extensions["policy"][0]


def test_a_folder_changed_on_the_server_is_not_in_use_and_can_be_chosen(house: House) -> None:
    published(house)
    page = Page(house.client("karin")).get("/policy/changes")
    assert "The policy folder on the server" in page.text
    assert "another edition" in Page(house.client("per")).get("/system").text


def test_a_broken_policy_is_listed_with_file_item_and_what_would_be_right(house: House) -> None:
    broken = packed(texts(house, now='levels = { dialog = "required" }'))
    page = Page(house.client("karin")).get("/policy/changes")
    page.send({"file": (broken, "ours.zip")}, press="Check it and try it")
    assert page.status == 422
    assert "checklist/governance.toml" in page.text
    assert 'write "dialogue"' in page.text
    assert db.session.scalar(select(func.count()).select_from(Draft)) == 0


def test_a_manager_sees_the_counts_and_only_the_cases_that_may_be_opened(house: House) -> None:
    case = answered(house, started(house), GO_03=Given.NOT_MET)
    made = draft(house)
    path = f"/policy/changes/{made.public_id}"
    page = Page(house.client("karin")).get(path)
    assert page.heading == "One result would differ"
    assert case.title in page.text
    assert case.title not in Page(house.client("else")).get(path).text
    Page(house.client("maja")).get(path, status=404)


def test_a_policy_goes_through_the_pages_until_the_public_reads_it(house: House) -> None:
    page = Page(house.client("karin")).get("/policy/changes")
    page.send({"file": (packed(texts(house)), "ours.zip")}, press="Check it and try it")
    made = db.session.scalars(select(Draft)).one()
    run(made)
    path = f"/policy/changes/{made.public_id}"
    karin = Page(house.client("karin")).get(path)
    karin.send({"reason": "The old one is dubious."}, press="Propose it", status=200)
    assert "The old one is dubious." in karin.source, "a thought on a word loses no word"
    karin.send({"reason": "We ask too much."}, press="Propose it", status=302)
    Page(house.client("else")).get(path).send(press="I have read it as the protector")
    Page(house.client("omar")).get(path).send(press="Publish it")
    db.session.expire_all()
    assert made.published_by == house.people["omar"]
    assert "In use since" in Page(house.client()).get("/policy").text


EDIT = "/policy/changes/edit?file=checklist/governance.toml"


def test_one_file_is_changed_on_the_page_and_the_protector_reads_which_lines(house: House) -> None:
    page = Page(house.client("karin")).get(EDIT)
    before = house.app.extensions["policy"][1]["checklist/governance.toml"]
    assert page.all("//textarea")[0].text.strip() == before.strip()
    text = texts(house)["checklist/governance.toml"]
    page.send({"text": text}, press="Check it and try it", status=302)
    made = db.session.scalars(select(Draft)).one()
    assert made.texts == texts(house)
    run(made)
    read = Page(house.client("else")).get(f"/policy/changes/{made.public_id}").text
    assert "retired = true" in read
    assert OPTIONAL.split(" }")[0] in read
    Page(house.client("else")).get(EDIT, status=404)
    Page(house.client("karin")).get("/policy/changes/edit?file=../secret", status=404)


def test_what_is_to_be_mended_stands_above_the_text_and_nothing_typed_is_lost(
    house: House,
) -> None:
    wrong = texts(house, now='levels = { dialog = "required" }')["checklist/governance.toml"]
    page = Page(house.client("karin")).get(EDIT)
    page.send({"text": wrong}, press="Check it and try it", status=422)
    (above,) = page.all("//section[@aria-labelledby='mend']")
    assert page.all("//a[@href='#mend']")
    assert "GO-03" in words(above)
    assert 'write "dialogue"' in words(above)
    assert page.all("//textarea")[0].text.strip() == wrong.strip()
    assert db.session.scalar(select(func.count()).select_from(Draft)) == 0


def test_who_edits_while_another_policy_comes_into_use_sees_both_texts(house: House) -> None:
    page = Page(house.client("karin")).get(EDIT)
    published(house, item="GO-05", was="valid_months = 24", now="valid_months = 12")
    page.send({"text": texts(house)["checklist/governance.toml"]}, press="Check it and try it",
              status=409)  # fmt: skip
    assert "retired = true" in page.source
    assert "valid_months = 12" in page.source


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (io.BytesIO(b"no zip"), "damaged"),
        (packed({"policy.toml": "#" * 3_000_000}), "more than a policy"),
        (packed({f"checklist/{n}.toml": "" for n in range(501)}), "more than a policy"),
        (packed({"policy.toml": "\udce6".encode("utf-8", "surrogateescape")}), "damaged"),
    ],
)
def test_what_is_no_policy_folder_is_refused(files, told) -> None:
    with pytest.raises(Refusal, match=told):
        unpacked(files)


def test_only_the_files_of_an_edition_are_taken_from_wherever_the_policy_lies(house: House) -> None:
    files = texts(house)
    more = {"wording/en.toml": "", "../policy.toml": "x", "checklist/../../etc.toml": "x"}
    assert unpacked(packed(files | more, "a/b/")) == files
    assert unpacked(packed(files, "")) == files
    assert not to_mend(files)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("left_office = 6", "left_office = 0", "skriv et helt tal fra 1 til 120"),
        ("left_office = 6", "left_ofice = 6", "'left_ofice' kendes ikke her"),
        ("left_office = 6", "left_office = = 6", "er ikke TOML"),
    ],
)
def test_the_check_speaks_the_readers_language(house: House, was: str, now: str, said: str) -> None:
    page = Page(house.client("karin")).get("/policy/changes/edit?file=policy.toml&lang=da")
    text = page.all("//textarea")[0].text
    assert was in text
    page.send({"text": text.replace(was, now)}, press="Kontrollér den, og prøv den", status=422)
    assert said in page.text
