"""Text shown, text kept under the hash and text in the PDF are one text; more in the proof:
scripts/proof_texts.py."""

import re
import subprocess

import pikepdf
import pytest

from partners.ground import clock
from partners.paper import blocks as b
from partners.paper.press import printed
from partners.paper.turning import turned
from partners.signing.keys import Keys, make
from tests.paper import papers
from tests.paper.structure import printed_texts, shown_text
from tests.paper.test_press import elements, opened
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
                    also=[b.Version("ar", arabic)])  # fmt: skip
    pdf = opened(paper)
    parts = [e for e in elements(pdf.Root.StructTreeRoot) if str(e.S) == "/Part"]
    assert [str(part.Lang) for part in parts] == ["en", "ar"]
    assert len(pdf.pages) == 2
    assert printed_texts(paper).tree == "Dialogue 1. Who we are We meet. حوار 1. من نحن نلتقي."


def test_a_paper_from_the_right_begins_at_the_right() -> None:
    for language, side in (("en", 0), ("ar", 1)):
        paper = printed([b.Bullets((b.Item("one"),))], title="t", language=language, reference="r")
        pdf = opened(paper)
        placed = pikepdf.parse_content_stream(pdf.pages[0], "Tm")
        bullet, word = (float(operands[4]) for operands, _ in placed[:2])
        assert (bullet > word) == bool(side)


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
