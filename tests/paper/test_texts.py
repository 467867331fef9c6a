"""Text shown, text kept under the hash and text in the PDF are one text; more in the proof:
scripts/proof_texts.py."""

import re
import subprocess

import pikepdf
import pytest

from partners.ground import clock
from partners.paper import blocks as b
from partners.paper.press import printed
from partners.paper.strips import BODY
from partners.paper.turning import turned
from partners.paper.type import lines
from partners.signing.keys import Keys, make
from tests.paper import papers
from tests.paper.structure import printed_texts, shown_text
from tests.paper.test_press import elements, opened, words
from tests.paper.texts import bare, case, faults, page


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    made = Keys(tmp_path_factory.mktemp("seal") / "keys")
    make(made, "Havnby", at=clock.now())
    return made


@pytest.mark.parametrize("language", ["en", "da", "ar"])
def test_what_is_shown_is_what_is_kept_printed_and_sealed(language: str, keys: Keys) -> None:
    for seed in range(3 if language == "ar" else 6):
        sealing = keys if seed < 2 else None  # half a second each
        assert list(faults(case(seed, language), page(), sealing)) == [], (language, seed)


@pytest.mark.parametrize(
    ("written", "base", "seen"),
    [
        ("شهر (الساعة 18:00)، ثم", "R", "مث ،(18:00 ةعاسلا) رهش"),
        ("نعم. Harbour (Kitchen)", "R", "Harbour (Kitchen) .معن"),
        ("We («نعم») met", "L", "We («معن») met"),
        ("قال «نعم» [ثم]", "R", "[مث] «معن» لاق"),
        ("a) unpaired (نعم", "L", "a) unpaired (معن"),
    ],
)
def test_brackets_open_towards_what_they_hold(written: str, base: str, seen: str) -> None:
    assert turned(written, base) == seen


def test_two_languages_stand_in_one_paper_each_under_its_own() -> None:
    text = (b.Masthead("Dialogue"), b.Heading(2, "Who we are", "1"), b.Para("We meet."))
    arabic = (b.Masthead("حوار"), b.Heading(2, "من نحن", "1"), b.Para("نلتقي."))
    paper = printed(text, title="Dialogue", language="en", reference="D-1",
                    also=[b.Version("ar", arabic, "الصفحة %(page)s من %(pages)s")])  # fmt: skip
    pdf = opened(paper)
    parts = [e for e in elements(pdf.Root.StructTreeRoot) if str(e.S) == "/Part"]
    assert [str(part.Lang) for part in parts] == ["en", "ar"]
    assert len(pdf.pages) == 2
    assert printed_texts(paper).tree == "Dialogue 1. Who we are We meet. حوار 1. من نحن نلتقي."
    first, second, _end = words(paper).split("\f")
    assert ("page 1 of 2" in first, "page" in second) == (True, False)
    marks = pikepdf.parse_content_stream(pdf.pages[1], "BDC")
    said = [
        str(operands[1]["/ActualText"]) for operands, _ in marks if "/ActualText" in operands[1]
    ]
    assert "الصفحة 2 من 2" in said


def test_a_draft_says_so_in_each_of_its_languages_and_counts_pages_where_a_line_ends() -> None:
    also = b.Version("ar", (b.Para("نلتقي."),), "الصفحة %(page)s من %(pages)s", "مسودة")
    paper = printed([b.Para("We meet.")], title="Dialogue", language="en", reference="D-1",
                    watermark="Draft", also=[also])  # fmt: skip
    assert printed_texts(paper).tree == "Draft We meet. مسودة نلتقي."
    pdf = opened(paper)
    (begins, ends), (starts, stops) = map(_foot, pdf.pages)
    assert begins < 100 < 400 < ends
    assert stops < 100 < 400 < starts


def _foot(page: pikepdf.Page) -> list[float]:
    """Where the reference and the count of pages begin."""
    inside, found = False, list[float]()
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "BDC" and str(operands[0]) == "/Artifact":
            inside = str(operands[1].get("/Type")) == "/Pagination"
        if inside and str(operator) == "Tm":
            found.append(float(operands[4]))
    return found


def test_a_paper_from_the_right_begins_at_the_right() -> None:
    for language, side in (("en", 0), ("ar", 1)):
        paper = printed([b.Bullets((b.Item("one"),))], title="t", language=language, reference="r")
        pdf = opened(paper)
        placed = pikepdf.parse_content_stream(pdf.pages[0], "Tm")
        bullet, word = (float(operands[4]) for operands, _ in placed[:2])
        assert (bullet > word) == bool(side)


def test_a_sentence_runs_with_its_paper_also_behind_a_foreign_name() -> None:
    arabic = "Harbour Kitchen حرة في أن تتكلم."
    for language, text, right in (("ar", arabic, True), ("ar", "Friday meals.", False),
                                  ("en", "مؤسسة السلام is free to speak.", False),
                                  ("en", "مؤسسة السلام", True)):  # fmt: skip
        (line,) = lines(text, BODY, 400, language == "ar")
        assert line.from_right == right, text
    assert "".join(run[2] for run in lines(arabic, BODY, 400, True)[0].runs).startswith(".")
    assert lines("14.", BODY, 400, True)[0].runs[0][2] == ".14"


def test_the_tree_of_an_arabic_paper_names_its_language_and_says_its_letters_in_order() -> None:
    one = case(3, "ar")
    paper = printed(one.paper.blocks, title="t", language="ar", reference="r")
    pdf = opened(paper)
    root = pdf.Root.StructTreeRoot
    (document,) = root.K
    assert (str(document.S), str(document.Lang)) == ("/Document", "ar")
    said = [str(e.ActualText) for e in elements(root) if "/ActualText" in e]
    shown = bare(shown_text(str(page()(one.paper.blocks, level=2, masthead=True))))
    places = [shown.index(bare(text)) for text in said if len(bare(text)) > 40]
    assert places == sorted(places)
    assert len(places) > 5


def test_a_passage_in_another_language_names_it_in_the_tree() -> None:
    alone = b.Mixed.of("more come", [("more come", "en")])
    paper = printed([b.Para(alone), b.Bullets((b.Item(alone),))], title="t", language="da",
                    reference="r")  # fmt: skip
    pdf = opened(paper)
    spoken = {str(e.S): str(e.get("/Lang", "")) for e in elements(pdf.Root.StructTreeRoot)}
    assert (spoken["/P"], spoken["/LBody"], spoken["/LI"]) == ("en", "en", "")


@pytest.mark.parametrize(
    ("language", "text", "alone"),
    [
        ("da", "Vi ønsker, at nobody eats alone (هنا)، og مرحبا بكم siger vi.",
         [("nobody eats alone", "en"), ("مرحبا بكم", "ar")]),
        ("ar", "نحن نقول nobody eats alone ثم 14 ingen spiser alene.",
         [("nobody eats alone", "en"), ("ingen spiser alene", "da")]),
    ],
)  # fmt: skip
def test_a_passage_within_a_sentence_names_its_language_also_where_directions_mix(
    language: str, text: str, alone: list[tuple[str, str]]
) -> None:
    paper = printed([b.Para(b.Mixed.of(text, alone))], title="t", language=language,
                    reference="r")  # fmt: skip
    pdf = opened(paper)
    marks = [dict(operands[1]) for operands, _ in pikepdf.parse_content_stream(pdf.pages[0], "BDC")
             if "/Lang" in operands[1]]  # fmt: skip
    assert [str(mark["/Lang"]) for mark in marks] == [tongue for _words, tongue in alone]
    assert [str(mark["/ActualText"]) for mark in marks if "/ActualText" in mark] == [
        words for words, tongue in alone if tongue == "ar"
    ]
    said = printed_texts(paper)
    assert (said.tree, bare(said.runs), said.silent) == (text, bare(text), ())


def test_poppler_reads_a_memorandum_in_the_order_of_its_page() -> None:
    memorandum = papers.paper("memorandum")
    table = b.TableBlock(("What", "Until"), (("The hall", "1 May"), ("The kitchen", "1 June")))
    blocks = [*memorandum.blocks, table]
    paper = printed(blocks, title="Memorandum", language="en", reference="M-1")
    asked = ["pdfinfo", "-struct-text", "-"]
    aloud = subprocess.run(asked, input=paper, capture_output=True, check=True).stdout.decode()
    said = " ".join(re.findall(r'^ *"(.*)"$', aloud, re.MULTILINE)).replace("• ", "")
    assert bare(said) == bare(shown_text(str(page()(blocks, level=2, masthead=True))))
    kinds = re.findall(r"^ *([A-Z][A-Za-z0-9]*)", aloud, re.MULTILINE)
    assert {"Document", "H1", "H2", "H3", "P", "L", "LI", "LBody", "Table", "TR"} <= set(kinds)
    assert (kinds.count("H1"), kinds.count("TH"), kinds.count("TD")) == (1, 2, 4)
    heads = re.findall(r'H2 \(block\)\n *"(.*) "', aloud)
    assert heads == [f"{one.number}. {one.heading}" for one in memorandum.sections if one.heading]
