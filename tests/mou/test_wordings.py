"""What people typed, in the second language of a paper: worded, checked, or as it was typed."""

import re

import pytest

from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.mou import actions
from partners.mou.rules import passages
from partners.mou.sheet import Sheet, sheet_of
from partners.paper.plain import lines_of, plain
from tests.builders import NOON, TODAY, House
from tests.mou.papers import chair, drafted, facts, issued, told
from tests.mou.test_pages import ready
from tests.page import Page
from tests.paper.papers import MUST, PLAIN, documents
from tests.paper.structure import printed_texts, shown_text
from tests.paper.test_press import opened
from tests.paper.texts import bare
from tests.paper.texts import page as macro

BOTH = {**MUST, "second_language": "da", "deciding_language": "en"}
PURPOSE, DANISH = "warm meals for anyone who comes", "varme måltider til alle, der kommer"
WORDING = {"text": PURPOSE, "wording": DANISH}
CHECKED = "Ane Holt, interpreter"
ONLY = "Passager på engelsk står kun på det sprog."
SHAPED = "Vi vil {}. Disse mål har vi formet sammen:"


def sheet(**more) -> Sheet:
    return Sheet(documents()["memorandum"], PLAIN, "en", BOTH | more, "Havnby Municipality")


def every() -> list[dict[str, str]]:
    typed = passages(documents()["memorandum"], PLAIN, BOTH, "en")
    return [{"text": one, "wording": f"på dansk: {one}"} for one in typed]


@pytest.mark.parametrize(
    ("facts", "purpose", "alone", "missing"),
    [
        ({}, PURPOSE, True, []),
        ({"wordings": [WORDING], "wordings_by": CHECKED}, DANISH, True, []),
        ({"wordings": [{**WORDING, "text": " warm\nmeals  for anyone who comes"}],
          "wordings_by": CHECKED}, DANISH, True, []),
        ({"wordings": every(), "wordings_by": CHECKED}, f"på dansk: {PURPOSE}", False, []),
        ({"wordings": [WORDING], "purpose": "warm meals for all", "wordings_by": CHECKED},
         "warm meals for all", True, []),
        ({"wordings": [{**WORDING, "wording": ""}], "wordings_by": CHECKED}, PURPOSE, True, []),
        ({"wordings": [WORDING]}, DANISH, True, ["wordings_by"]),
    ],
    ids=["no wording", "wording", "white space does not count", "all worded", "original changed",
         "wording empty", "nobody has checked"],
)  # fmt: skip
def test_a_passage_stands_in_its_wording_or_as_it_was_typed(facts, purpose, alone, missing) -> None:
    found = sheet(**facts).paper
    [danish] = found.also
    words = list(lines_of(danish.blocks))
    assert SHAPED.format(purpose) in words
    assert words.count(ONLY) == alone
    assert [one.blank for one in found.missing] == missing
    assert DANISH not in plain(found) or purpose == DANISH
    assert "Passages in" not in plain(found)  # the version that people typed says everything


def test_who_checked_the_wordings_stands_in_both_versions_or_it_is_not_issued() -> None:
    text = plain(sheet(wordings=[WORDING], wordings_by=CHECKED).complete())
    assert f"were checked by {CHECKED}." in text
    assert f"er gennemset af {CHECKED}." in text
    with pytest.raises(Refusal) as refused:
        sheet(wordings=[WORDING]).complete()
    assert refused.value.field == "wordings_by"


def test_in_one_language_nobody_has_to_check_a_wording() -> None:
    one = sheet(second_language="", wordings=[WORDING])
    assert one.complete().also == ()
    assert DANISH not in plain(one.paper)


def test_page_print_and_hash_say_the_same_and_mark_what_is_not_danish() -> None:
    typed = MUST | {"aims": [{"text": "<b>nobody</b> eats alone " * 12, "proposed_by": "Kitchen"}],
                    "measures": ["more come", "they stay"], "please_avoid": ["names"]}  # fmt: skip
    both = sheet(**typed | {"second_language": "da"}, wordings=[WORDING], wordings_by=CHECKED)
    [danish] = both.paper.also
    source = "".join(
        str(macro()(one, level=2, masthead=True)) for one in (both.paper.blocks, danish.blocks)
    )
    heard = printed_texts(both.pdf())
    assert bare(shown_text(source)) == bare(heard.tree) == bare(heard.runs)
    assert bare(plain(both.paper)) == bare(heard.tree)
    marked = re.findall(r'<bdi lang="en">(.*?)</bdi>', source, re.DOTALL)
    assert {"more come", "they stay", "the library director"} <= set(marked)
    assert f"{'&lt;b&gt;nobody&lt;/b&gt; eats alone ' * 12}".strip() in marked
    assert DANISH not in marked
    with opened(both.pdf()) as pdf:
        drawn = b"".join(p.Contents.read_bytes() for p in pdf.pages)
    assert drawn.count(b"/Span <</Lang (en)>> BDC") >= len(marked)


def test_what_the_house_knows_it_says_in_both_and_asks_only_for_what_was_typed(
    house: House,
) -> None:
    _engagement, address, facts = ready(house)
    page = Page(house.client("maja"))
    page.get(address)
    page.send({"second_language": "da"}, press="Save the draft", follow=True)
    more = {"activities-0-place": "the old hall", "promise_city-0-due": "8 January 2027",
            "promise_city-0-owner": str(house.people["maja"]),
            "promise_org-0-text": "Keys", "promise_org-0-owner": "Harbour Kitchen"}  # fmt: skip
    page.send({**facts, **more}, press="Save the draft", follow=True)
    names = {f.get("value"): f.get("name") for f in page.all("//input[starts-with(@name,'word')]")}
    assert {"Community meals", "the old hall", "statutes, section 7"} <= names.keys()
    assert not {"8 January 2027", "Harbour Kitchen", "Maja Lund", "Chair"} & names.keys()
    words = {names[one].replace("text", "wording"): f"da: {one}"
             for one in ("Community meals", "the old hall")}  # fmt: skip
    page.send({**words, "wordings_by": CHECKED}, press="Save the draft", follow=True)
    danish = page.all("//article[@lang='da']")[0].text_content()
    for said in ("da: Community meals", "da: the old hall", "8. januar 2027", "Forperson, statutes",
                 "med bemyndigelse fra 20. november 2026"):  # fmt: skip
        assert said in danish


def test_both_languages_are_compared_on_the_page_and_in_print(house: House) -> None:
    engagement = told(house)
    chair(house, engagement)
    lunch = {"text": "nobody eats alone", "wording": "ingen spiser alene"}
    both = {"second_language": "da", "wordings": [lunch], "wordings_by": CHECKED}
    paper = drafted(house, engagement, **both)
    actions.hand_over(paper, by=house.actor("maja"), at=NOON)
    said = {**both, "wordings": [{**lunch, "wording": "ingen spiser længere alene"}]}
    actions.rewrite(paper, "en", facts(engagement, **said), by=house.actor("grethe"), at=NOON)
    db.session.commit()
    page = Page(house.client("maja")).get(f"/papers/{paper.public_id}/changes")
    assert page.heading == "One section changed since version 1"
    [part] = page.all("//div[@lang='da']")
    assert "2. Hvorfor vi gør det" in part.text_content()
    assert "[+ længere +]" in part.text_content()
    printed = page.client.get(f"/papers/{paper.public_id}/changes?as=pdf").data
    assert "[+ længere +]" in printed_texts(printed).tree


def test_a_paper_in_two_languages_is_meant_issued_and_keeps_only_wordings_that_count(
    house: House,
) -> None:
    gone = {"text": "what stood here before", "wording": "det, der stod her før"}
    lunch = {"text": "nobody eats alone", "wording": "ingen spiser alene"}
    paper = issued(house, second_language="da", deciding_language="en",
                   wordings=[gone, lunch], wordings_by=CHECKED)  # fmt: skip
    assert paper.facts["wordings"] == [lunch]
    assert "ingen spiser alene" in plain(sheet_of(paper, TODAY).paper)


def test_the_form_asks_for_wordings_only_where_the_paper_has_two_languages(house: House) -> None:
    _engagement, address, facts = ready(house)
    page = Page(house.client("maja"))
    page.get(address)
    page.send(facts, press="Save the draft", follow=True)
    assert not page.all("//*[starts-with(@name,'wordings')]")
    page.send({"second_language": "da"}, press="Save the draft", follow=True)
    [field] = page.all("//input[@value='nobody eats alone'][starts-with(@name,'wordings-')]")
    name = field.get("name").replace("text", "wording")
    page.send({name: "ingen spiser alene", "wordings_by": CHECKED}, press="Save the draft",
              follow=True)  # fmt: skip
    danish = page.all("//article[@lang='da']")[0].text_content()
    assert "ingen spiser alene" in danish
    assert "nobody eats alone" not in danish
    page.send({"aims-0-text": "nobody eats by themselves"}, press="Save the draft", follow=True)
    assert "This passage has changed. Its wording does not count any more." in page.text
    assert "ingen spiser alene" not in page.all("//article[@lang='da']")[0].text_content()
    assert page.all("//textarea[normalize-space()='ingen spiser alene']")  # typed text is not lost
    [left] = page.all("//textarea[normalize-space()='ingen spiser alene']")
    page.send({left.get("name").removesuffix("wording") + "text": "\u200b"}, press="Save the draft",
              status=None)  # fmt: skip
    [left] = page.all("//textarea[normalize-space()='ingen spiser alene']")
    [label] = page.all(f"//label[@for='{left.get('id')}']")
    assert label.text_content().strip(" \u200b"), "a passage that shows nothing still has a name"
