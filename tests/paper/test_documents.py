"""The papers of the default policy, and what the linter says about broken ones."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partners.ground.refusals import Refusal
from partners.paper.blocks import Bullets, Facts, Heading, Para, Quote, Sides, TableBlock
from partners.paper.documents import Document
from partners.paper.filling import Setting, complete, filled
from partners.paper.reading import DocumentError, read_documents
from partners.paper.templates import spans
from tests.paper.papers import (
    ALL,
    ALWAYS,
    BANDS,
    DATA,
    LEVELS,
    MUST,
    PLAIN,
    TRIGGERS,
    documents,
    full,
    paper,
    pdf,
    texts_of,
)
from tests.policy.test_schema import JUNK, as_toml

NAMES = sorted(documents())
BLANKS = """
[who]
always = true
words = { en = "who" }
[town]
words = { en = "the town" }
[gifts]
kind = "list"
words = { en = "the gifts" }
[vows]
kind = "rows"
fields = ["text", "owner"]
words = { en = "the vows" }
[shared]
kind = "yes-no"
words = { en = "shared" }
[day]
kind = "date"
words = { en = "the day" }
"""
WORDS = '[en]\npage = "page %(page)s of %(pages)s"\n'
HEAD = '[when]\nmoney = { band_from = "BM" }\n[[section]]\nid = "a"\nnumber = 1\n'
BODY = "# Paper of {{who}}\n\n## First {#a}\n\n"


def read(body="Text.", head=HEAD, blanks=BLANKS, **more: str) -> Document:
    texts = {
        "documents/blanks.toml": blanks,
        "documents/words.toml": WORDS,
        "documents/p/document.toml": head,
        "documents/p/en.md": BODY + body,
    } | more
    return read_documents(texts, levels=LEVELS, bands=BANDS, triggers=TRIGGERS)["p"]


def blocks(body: str, facts: dict[str, object], setting: Setting = PLAIN) -> tuple[object, ...]:
    found = filled(read(body), {"who": "us"} | facts, setting, language="en")
    return found.sections[0].blocks if found.sections else ()


@pytest.mark.parametrize("language", ["en", "da", "pl"])
@pytest.mark.parametrize("setting", [PLAIN, ALL], ids=["plain", "all"])
@pytest.mark.parametrize("facts", [ALWAYS, MUST, full()], ids=["least", "must", "full"])
@pytest.mark.parametrize("name", NAMES)
def test_every_paper_prints(name, facts, setting, language) -> None:
    found = paper(name, facts, setting, language)
    assert pdf(found, language=language).startswith(b"%PDF")
    assert "{{" not in str(found.blocks)


@pytest.mark.parametrize("name", NAMES)
def test_no_paper_is_short_of_anything_when_all_is_written(name) -> None:
    for setting in (PLAIN, ALL):
        assert paper(name, full(), setting).missing == ()
        assert paper(name, MUST, setting).missing == ()


def test_the_memorandum_has_its_twenty_sections_in_order() -> None:
    numbers = [section.number for section in paper("memorandum", full(), ALL).sections]
    assert numbers == [str(n) for n in range(1, 21)]


def test_the_dialogue_agreement_has_those_that_talking_needs() -> None:
    numbers = [section.number for section in paper("dialogue-agreement", full(), ALL).sections]
    assert numbers == ["1", "2", "3", "4", "5", "8", "9", "10", "11", "13", "14", "15", "18", "20"]
    plain = paper("dialogue-agreement", full(), PLAIN)
    assert "13" not in [section.number for section in plain.sections]


def test_the_decision_letter_begins_with_what_is_possible_and_ends_with_a_name() -> None:
    order = [section.id for section in paper("decision-letter", full()).sections]
    rest = ["good", "points", "change", "review", "complaint", "contact"]
    assert order == ["possible", "agreed", *rest]


def test_the_charter_has_its_twenty_four_points_in_english_and_danish() -> None:
    for language in ("en", "da"):
        points = [b for b in paper("charter", language=language).blocks if isinstance(b, Heading)]
        assert [int(p.number) for p in points if p.number] == list(range(1, 25))
    danish = str(paper("charter", language="da").blocks)
    assert "Vi lytter først" in danish
    assert "We listen first" not in danish


def test_support_is_a_section_only_where_there_is_support() -> None:
    def numbers(band: str) -> list[str]:
        found = paper("memorandum", full(), Setting("partnership", band))
        return [section.number for section in found.sections]

    assert "12" not in numbers("B0")
    assert "12" in numbers("BK")
    assert "two people approve payments" not in str(
        paper("memorandum", full(), Setting("partnership", "BK")).blocks
    )
    assert "two people approve payments" in str(paper("memorandum", full(), ALL).blocks)


MANDATORY = ["benefit_city", "benefit_org", "promise_city", "review_date", "signers_org"]


@pytest.mark.parametrize("empty", ["", [], None, ["  "], [{"text": " ", "owner": "Lene"}]])
@pytest.mark.parametrize("name", MANDATORY)
def test_a_memorandum_without_its_mandatory_parts_is_refused(name, empty) -> None:
    if isinstance(empty, list) and empty and name in ("signers_org",):
        empty = [{"name": " "}]
    facts = MUST | {name: empty}
    assert [missing.blank for missing in paper("memorandum", facts).missing] == [name]
    with pytest.raises(Refusal, match="Before this paper is issued, write") as refused:
        complete(documents()["memorandum"], facts, PLAIN, language="en")
    assert refused.value.field == name


def test_what_is_missing_is_said_in_the_language_of_the_paper() -> None:
    missing = paper("memorandum", MUST | {"benefit_city": []}, language="da").missing
    assert missing[0].words == "hvad kommunen får ud af det"


@pytest.mark.parametrize("name", ["memorandum", "dialogue-agreement"])
def test_both_agreements_keep_independence_whatever_is_written(name) -> None:
    text = str(paper(name, ALWAYS).blocks)
    assert "Criticism is never a reason to end" in text


def test_empty_lists_hide_their_words() -> None:
    text = str(paper("memorandum", MUST).blocks)
    for words in (
        "text='We agree on'",
        "We see differently and can live with it",
        "asks us to avoid",
        "Press and other media",
    ):
        assert words not in text
        assert words in str(paper("memorandum", full()).blocks)


def test_facts_are_never_read_as_structure() -> None:
    sly = "## Sly {#a}\n- item {{who}} {{/gifts}} | cell"
    found = blocks("{{?town}}\n{{town}}\n{{/town}}", {"town": sly})
    assert found == (Para(sly),)


def test_a_value_with_a_full_stop_ends_the_sentence() -> None:
    assert blocks("We give {{?town}}{{town}}{{/town}}.", {"town": "8,000 kr."})[0] == Para(
        "We give 8,000 kr."
    )


def test_days_are_written_in_the_language_of_the_paper() -> None:
    for day in ("2027-01-08", "8 January 2027"):
        assert blocks("{{?day}}{{day}}{{/day}}", {"day": day}) == (Para("8 January 2027"),)


def test_a_list_within_a_sentence_is_joined_as_its_parts_end() -> None:
    for parts, said in ((["soup", "bread"], "soup; bread"),
                        (["We cook.", "We eat.", "bread"], "We cook. We eat. bread")):  # fmt: skip
        assert blocks("{{?gifts}}We bring: {{gifts}}.{{/gifts}}", {"gifts": parts}) == (
            Para(f"We bring: {said}."),
        )


def test_each_line_makes_its_block() -> None:
    body = """One
two.

- item | note
- other

1. step

> words | name

| label | value |

|= A | B |
| c | d |

### ours: We
- vow
### theirs: They
- vow

~ small"""
    kinds = [type(block) for block in blocks(body, {})]
    assert kinds == [Para, Bullets, Bullets, Quote, Facts, TableBlock, Sides, Para]


def test_rows_fill_their_fields_and_empty_rows_say_nothing() -> None:
    body = "{{#vows}}\n- {{text}}{{?owner}} ({{owner}}){{/owner}}\n{{/vows}}"
    rows = [{"text": "a", "owner": "Bo"}, {"text": " "}, {"text": "b"}]
    assert [item.text for item in blocks(body, {"vows": rows})[0].items] == ["a (Bo)", "b"]
    assert blocks(body, {"vows": []}) == ()


BROKEN = [
    ("{{hwo}}", {}, r'documents/p/en.md: a: there is no blank "hwo"; write "who"'),
    ("{{?mony}}x{{/mony}}", {}, 'there is no blank or condition "mony"; write "money"'),
    ("{{town}}", {}, r"town may be empty; write \{\{\?town\}\}"),
    ("{{#town}}x{{/town}}", {}, "town is no list"),
    ("{{?shared}}{{shared}}{{/shared}}", {}, "cannot be printed"),
    ("{{?town}}x", {}, "is not closed"),
    ("x{{/town}}", {}, "closes nothing"),
    ("{{town", {}, "not closed"),
    ("{{ to wn }}", {}, "not closed"),
    ("## No id\n\ntext", {}, "has no id"),
    ("t\n\n## Twice {#a}\n\nt", {}, "stands twice"),
    ("t\n\n## B {#b}\n\ntext", {}, 'document.toml has no section "b"; '),
    ("", {}, "documents/p/en.md: a: has no text; write it"),
    ("t", {"head": HEAD + 'when = "rain"\n'}, 'a: there is no condition "rain"; use one'),
    ("t", {"head": HEAD + 'must = ["tonw"]\n'}, 'there is no blank "tonw"; write "town"'),
    ("t", {"head": HEAD + 'colour = "red"\n'}, "'colour' is not known here"),
    ("t", {"head": 'must_hold = ["x"]\n' + HEAD}, "no section without a condition holds “x”"),
    ("t", {"head": HEAD.replace('"BM"', '"B9"')}, "when.money, band_from: 'B9' is not known here"),
    ("t", {"head": HEAD.replace("band_from", "band_form")}, "money, band_form: 'BM' is not known"),
    ("t", {"head": "[[section]\n"}, "documents/p/document.toml: is not TOML at line 1, column 10"),
    ("t", {"blanks": BLANKS + '[x]\nkind = "prose"\nwords = {en="x"}\n'}, "kind and fields"),
    ("t", {"blanks": BLANKS + "[x]\n"}, "x: has no words"),
    ("t", {"blanks": BLANKS + 'passage = true\n'}, "day: passage does not fit; keep it for a text"),
    ("t", {"blanks": BLANKS + 'within = "vow"\n'}, 'there is no blank "vow"; write "vows"'),
    ("t", {"blanks": 'x = "text"\n' + BLANKS}, "blanks.toml: x: is not a table"),
    ("t", {"head": HEAD.replace('{ band_from = "BM" }', '"BM"')}, "money: is not a table"),
    ("t", {"head": '[section]\nid = "a"\n'}, "document.toml: section cannot be read; write a list"),
    ("t", {"head": 'agred = false\n' + HEAD}, "'agred' is not known here; write \"agreed\""),
    ("t", {"head": 'agreed = "no"\n' + HEAD}, "agreed cannot be read; write true or false"),
    ("t", {"head": "notices = [-30, -90]\n" + HEAD}, "notices: .*write days from -365 to -1"),
    ("t", {"head": 'notices = ["soon"]\n' + HEAD}, "notices: .*write days from -365 to -1"),
    ("t", {"head": HEAD + '[[offer]]\nwhen = "mony"\n'}, 'no condition "mony"; write "money"'),
    ("t", {"head": HEAD + '[[offer]]\nwhen = "money"\n'}, "offer: has no reason"),
    ("t", {"head": 'offer = ["money"]\n' + HEAD}, "offer 1: is not a table"),
    ("t", {"documents/words.toml": "[en]\n"}, "words.toml: en: does not say how pages"),
    ("t", {"documents/words.toml": WORDS + '[da]\npage = "side %(sid)s"\n'}, "da: does not say"),
    ("t", {"documents/words.toml": WORDS + '[da]\nsignatures-page = "%(page)s"\n'}, "da: does not"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "more", "sentence"), BROKEN)
def test_a_broken_paper_is_named_with_file_section_and_mend(body, more, sentence) -> None:
    with pytest.raises(DocumentError, match=sentence):
        read(body, **more)


def test_a_policy_without_papers_has_none() -> None:
    assert read_documents({}, levels=LEVELS, bands=BANDS, triggers=TRIGGERS) == {}


def test_a_duty_under_a_condition_is_no_duty() -> None:
    head = 'must_hold = ["x"]\n' + HEAD + 'holds = "x"\nwhen = "money"\n'
    with pytest.raises(DocumentError, match="without a condition"):
        read(head=head)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(DocumentError) as wrong:
        read("{{one}} {{two}} {{three}}")
    assert len(wrong.value.problems) == 3


def test_a_file_that_is_not_toml_is_told_alone() -> None:
    with pytest.raises(DocumentError) as wrong:
        read(head="[[section]\n")
    assert len(wrong.value.problems) == 1


def test_who_signs_follows_from_what_a_paper_must_hold() -> None:
    signed = {name: set(document.signed_by) for name, document in documents().items()}
    assert signed["memorandum"] == signed["information-sharing"] == {"city", "partner"}
    assert signed["role-letter"] == {"city"}
    assert signed["crisis-contacts"] == signed["consultation-note"] == signed["notice"] == set()


def test_taking_a_mandatory_section_out_of_the_memorandum_is_refused() -> None:
    texts = texts_of(DATA)
    name = "documents/memorandum/document.toml"
    texts[name] = texts[name].replace('holds = "independence"\n', "")
    with pytest.raises(DocumentError, match="no section without a condition holds “independence”"):
        read_documents(texts, levels=LEVELS, bands=BANDS, triggers=TRIGGERS)


def test_both_agreements_hold_what_no_agreement_may_lack() -> None:
    for name, duties in (
        ("memorandum", {"benefits", "promises", "independence", "review"}),
        ("dialogue-agreement", {"benefits", "independence"}),
    ):
        clauses = documents()[name].clauses
        assert duties <= {clause.holds for clause in clauses if not clause.when}


def test_no_paper_uses_a_word_that_judges() -> None:
    texts = " ".join(texts_of(DATA).values()).lower()
    for word in ("vetting", "screening", "risk score", "failed", "rejected", "suspicious"):
        assert word not in texts


@pytest.mark.parametrize("name", NAMES)
def test_a_translation_says_no_more_and_no_less(name) -> None:
    document = documents()[name]
    if "da" not in document.texts:
        return  # it appears in English until somebody has translated it

    def signs(language: str) -> dict[str, list[str]]:
        texts = document.texts[language]
        return {
            section: sorted({part.name for part, _ in spans(text.body)})
            for section, text in texts.items()
        }

    assert signs("da") == signs("en")
    for setting in (PLAIN, ALL):
        danish = [s.id for s in paper(name, full(), setting, "da").sections]
        assert danish == [s.id for s in paper(name, full(), setting, "en").sections]


LINES = [("head", HEAD + 'must = ["town"]\nholds = "x"\n'), ("blanks", BLANKS)]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.data())
def test_no_value_of_a_paper_however_odd_ends_in_a_traceback(data) -> None:
    name, text = data.draw(st.sampled_from(LINES))
    lines = f"must_hold = ['x']\nnotices = [-5]\nfills = 'who'\n{text}".splitlines()
    lines = lines if name == "head" else lines[3:]
    at = data.draw(st.sampled_from([n for n, line in enumerate(lines) if " = " in line]))
    junk = data.draw(JUNK.map(as_toml).filter(lambda said: said is not None))
    lines[at] = f"{lines[at].split(' = ')[0]} = {junk}"
    with suppress(DocumentError):
        read(**{name: "\n".join(lines)})
