"""What comes off the press: tagged, embedded, readable, the same for the same facts."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from partners.paper.blocks import (
    Bullets,
    Facts,
    Heading,
    Item,
    Masthead,
    Para,
    Quote,
    Rung,
    Side,
    Sides,
    Square,
    TableBlock,
)
from partners.paper.press import printed
from tests.paper import papers
from tests.paper.structure import printed_texts

LONG = "Harbour Kitchen sets open tables for everyone. " * 220
COUNTED = "one two three four five six seven eight nine ten "
EVERYTHING = [
    Masthead("Community meals", "Memorandum", ("between us and them",), Rung(4, "Partnership")),
    Heading(2, "Who we are", "1"),
    Para("We meet as equals."),
    Heading(3, "A part of it"),
    Bullets((Item("one", "a note"), Item("two"))),
    Bullets((Item("first"),), numbered=True),
    Quote("We want the hall open.", "Harbour Kitchen"),
    Facts((("Place", "The harbour"),)),
    TableBlock(("What", "Who"), (("A hall", "Lene Bro"),)),
    Sides((Side(True, "We promise", (Item("A hall"),)), Side(False, "They", (Item("Meals"),)))),
    Sides((Side(False, "For them", (Item("Maria", "chair"),)), Side(True, "For us", ())), True),
]
AWKWARD = [
    "", " ", "\n\n", "Soup & <b>Soul", "<para>&amp;</para>", "W" * 900, LONG,
    "Ł ø æ ß ğ ț ẞ ŵ ḥ “quotes” – € ½ … №", "Ελλάδα Київ Հայաստան ქართული",
    "مؤسسة السلام للحوار", "The society مؤسسة السلام, founded 1998 (אגודה)", "😀 👩‍👩‍👧 漢字",
    "tab\tand\u00a0hard space, soft\u00adhyphen, zero\u200bwidth", "e\u0301 u\u0308",
    "\ue000\ufffe",
    "محمد " * 400, "ﷲ صلى الله عليه وسلم",
]  # fmt: skip


def press(*blocks: Any, **more: Any) -> bytes:
    asked = {"title": "A paper", "language": "en", "reference": "P-1"} | more
    return printed(blocks, **asked)


def opened(paper: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(paper))


def elements(node: Any) -> Iterator[Any]:
    """The structure tree below a node, depth first, without the marks."""
    for kid in node.get("/K", []):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def roles(paper: bytes) -> list[str]:
    with opened(paper) as pdf:
        return [str(element.S) for element in elements(pdf.Root.StructTreeRoot)]


def words(paper: bytes, *options: str) -> str:
    asked = ["pdftotext", *options, "-", "-"]
    return subprocess.run(asked, input=paper, capture_output=True, check=True).stdout.decode()


def test_every_block_is_tagged_in_reading_order() -> None:
    wanted = (
        "/Document /P /H1 /P /P /H2 /P /H3 /L /LI /Lbl /LBody /LI /Lbl /LBody /L /LI /Lbl /LBody "
        "/BlockQuote /P /P /Table /TR /TH /TD /Table /TR /TH /TH /TR /TD /TD "
        "/H3 /L /LI /LBody /H3 /L /LI /LBody /H3 /P /H3"
    )
    assert roles(press(*EVERYTHING)) == wanted.split()


def test_a_table_says_what_its_heads_are_heads_of() -> None:
    pdf = opened(press(*EVERYTHING))
    heads = [e for e in elements(pdf.Root.StructTreeRoot) if e.S == "/TH"]
    scopes = [str(head.A.Scope) for head in heads]
    assert scopes == ["/Row", "/Column", "/Column"]


def test_all_content_is_tagged_or_an_artifact() -> None:
    for page in opened(press(*EVERYTHING, watermark="Draft, not issued")).pages:
        depth = 0
        for operands, operator in pikepdf.parse_content_stream(page):
            depth += (str(operator) in ("BDC", "BMC")) - (str(operator) == "EMC")
            if str(operator) in ("Tj", "TJ", "f", "S", "B", "f*"):
                assert depth > 0, f"{operator} {operands} is neither"


def test_every_mark_on_a_page_belongs_to_an_element() -> None:
    pdf = opened(press(*EVERYTHING, Para(LONG)))
    nums = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
    for at, page in enumerate(pdf.pages):
        parents = nums[nums.index(page.StructParents) + 1]
        marks = [
            int(operands[1].MCID)
            for operands, operator in pikepdf.parse_content_stream(page)
            if str(operator) == "BDC" and "/MCID" in operands[1]
        ]
        assert marks == list(range(len(parents))), f"page {at}"


def test_fonts_are_embedded_and_ours() -> None:
    paper = press(*EVERYTHING, Para("Ελλάδα 😀"))
    shown = subprocess.run(["pdffonts", "-"], input=paper, capture_output=True, check=True)
    listed = shown.stdout.decode().splitlines()[2:]
    assert len(listed) >= 5
    for line in listed:
        assert line.split("+")[1].split()[0].split("-")[0] in (
            "Literata", "SchibstedGrotesk", "DejaVuSans",
        )  # fmt: skip
        assert line.split()[-5:-2] == ["yes", "yes", "yes"], line


def test_language_title_author_and_bookmarks_are_set() -> None:
    pdf = opened(press(*EVERYTHING, language="da", title="Et papir", author="Havnby"))
    assert str(pdf.Root.Lang) == "da"
    assert str(pdf.docinfo.Title) == "Et papir"
    assert str(pdf.docinfo.Author) == "Havnby"
    assert bool(pdf.Root.MarkInfo.Marked)
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    with pdf.open_outline() as outline:
        top = outline.root[0]
        assert (top.title, top.children[0].title) == ("Community meals", "1 Who we are")
        assert top.children[0].children[0].title == "A part of it"


def test_each_page_says_which_of_how_many() -> None:
    paper = press(Para(LONG), pages="side %(page)s af %(pages)s", footer="Havnby")
    count = len(opened(paper).pages)
    assert count > 1
    pages = words(paper).split("\f")
    for at in range(count):
        assert f"side {at + 1} af {count}" in pages[at]
        assert "P-1 · Havnby" in pages[at]


def test_text_can_be_taken_out_again() -> None:
    text = words(press(Para("Rødgrød på ærø, Łódź, Soup & <b>Soul"), Para("Ελλάδα и Київ 😀")))
    assert "Rødgrød på ærø, Łódź, Soup & <b>Soul" in text
    assert "Ελλάδα и Київ 😀" in text


def test_lines_of_a_paragraph_do_not_run_into_each_other() -> None:
    lines = words(press(Para(COUNTED * 9))).split()
    assert set(lines[:90]) == set(COUNTED.split())


def test_a_reader_aloud_hears_arabic_as_it_is_written() -> None:
    name = "مؤسسة السلام"
    pdf = opened(press(Para(f"Between us and {name}.")))
    spoken = [e for e in elements(pdf.Root.StructTreeRoot) if "/ActualText" in e]
    assert [str(element.ActualText) for element in spoken] == [f"Between us and {name}."]


@pytest.mark.parametrize("text", AWKWARD)
def test_any_text_prints_in_any_block(text: str) -> None:
    blocks = [
        Masthead(text, text, (text,), Rung(1, text, text)), Heading(2, text, "1"), Para(text),
        Heading(3, text), Quote(text, text), Bullets((Item(text, text, text),)),
        Facts(((text, text),)), TableBlock((text, text), ((text, text),)),
        Sides((Side(True, text, (Item(text, text),)), Side(False, text, ()))),
        Sides((Side(True, text, (Item(text, text, text),)),), True),
    ]  # fmt: skip
    pdf = opened(press(*blocks, title=text, author=text, reference=text, footer=text))
    assert pdf.check_pdf_syntax() == []


def test_nothing_is_printed_beyond_the_page(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    blocks = [Para(text) for text in AWKWARD]
    file.write_bytes(press(*blocks, TableBlock(("A", "B"), (("W" * 300, LONG),))))
    shown = subprocess.run(["pdftotext", "-bbox", file, "-"], capture_output=True, check=True)
    edges = [
        (float(line.split('xMax="')[1].split('"')[0]), float(line.split('yMax="')[1].split('"')[0]))
        for line in shown.stdout.decode().splitlines()
        if "<word" in line
    ]
    assert max(x for x, _ in edges) < 595 - 40
    assert max(y for _, y in edges) < 842 - 15


def test_a_heading_never_stands_last_on_a_page() -> None:
    for lines in range(30, 60):
        filler = [Para("A line.") for _ in range(lines)]
        pages = words(press(*filler, Heading(2, "HEADING"), Para("Body. " * 60))).split("\f")
        page = next(page for page in pages if "HEADING" in page)
        assert "Body." in page


def test_signatures_stand_together_and_under_words() -> None:
    sign = Sides(
        (Side(True, "For us", tuple(Item(f"Person {n}", "role") for n in range(4))),), True
    )
    for lines in range(25, 60, 3):
        filler = [Para("A line.") for _ in range(lines)]
        pages = words(press(*filler, Para("WORDS ABOVE"), sign)).split("\f")
        page = next(page for page in pages if "For us" in page)
        assert all(f"Person {n}" in page for n in range(4))
        assert "WORDS ABOVE" in page


@pytest.mark.parametrize("many", range(18, 23))
def test_no_page_ends_a_paper_with_one_lonely_section(many: int) -> None:
    parts = [part for n in range(many) for part in (Heading(3, f"HEAD {n}"), Para("A line."))]
    last = words(press(*parts)).split("\f")[-2]
    assert last.count("HEAD") > 1


def test_a_heading_just_above_the_signatures_goes_with_them() -> None:
    names = Side(True, "For us", (Item("Karin", "head"), Item("Maria", "chair")))
    for lines in range(25, 50):
        above = [*[Para("x")] * lines, Para("WORDS ABOVE"), Heading(2, "Signatures", "20")]
        paper = press(*above, Sides((names,), True))
        page = next(page for page in words(paper).split("\f") if "Karin" in page)
        assert "Maria" in page
        assert "Signatures" in page
        assert "WORDS ABOVE" in page
        assert "For us" in page


def test_where_a_table_goes_on_over_the_page_its_heads_are_seen_again_and_heard_once() -> None:
    rows = tuple((f"row {n}", "x") for n in range(90))
    items = tuple(Item(f"item {n}") for n in range(90))
    sides = Sides((Side(True, "OUR PART", items), Side(False, "THEIR PART", items)))
    for block, heads in ((TableBlock(("WHAT", "WHO"), rows), "WHAT WHO"),
                         (sides, "OUR PART THEIR PART")):  # fmt: skip
        paper = press(block)
        pages = words(paper, "-layout").split("\f")[:-1]
        assert len(pages) > 1
        assert all(" ".join(page.split()).startswith(heads) for page in pages)
        told = printed_texts(paper).tree
        assert [told.count(word) for word in set(heads.split()) - {"PART"}] == [1, 1]
    tall = press(TableBlock((LONG, "B"), rows))
    assert len(opened(tall).pages) == len(
        opened(press(Para(LONG), TableBlock(("A", "B"), rows))).pages
    )


def test_a_square_is_a_figure_with_words_and_a_link_and_so_is_an_address() -> None:
    code, page = "https://havnby.example/verify?code=c0de", "https://havnby.example/verify"
    blocks = [Heading(2, "Check it"), Facts((("Checked at", page),)), Square(code)]
    paper = press(*blocks)
    pdf = opened(paper)
    found = {str(e.S): e for e in elements(pdf.Root.StructTreeRoot)}
    assert str(found["/Figure"].Alt) == code
    links = [e for e in elements(pdf.Root.StructTreeRoot) if e.S == "/Link"]
    nums = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
    for link, address in zip(links, (page, code), strict=True):
        (ref,) = [kid for kid in link.K if kid.get("/Type") == "/OBJR"]
        assert (str(ref.Obj.A.URI), str(ref.Obj.Contents)) == (address, address)
        assert nums[nums.index(ref.Obj.StructParent) + 1].objgen == link.objgen
        assert ref.Obj.objgen in [one.objgen for one in pdf.pages[0].Annots]
    asked = ["pdfinfo", "-struct-text", "-"]
    aloud = subprocess.run(asked, input=paper, capture_output=True, check=True).stdout.decode()
    assert re.findall(r"^ *(TD|Link|Figure|Object)\b", aloud, re.MULTILINE) == [
        *("TD", "Link", "Object"), *("Link", "Figure", "Object")
    ]  # fmt: skip


def test_a_draft_says_so_on_every_page_and_first_of_all() -> None:
    paper = press(Para(LONG), watermark="Draft, not issued")
    for page in words(paper).split("\f")[:-1]:
        assert "Draft,notissued" in "".join(page.split())
    aloud = subprocess.run(["pdfinfo", "-struct-text", "-"], input=paper, capture_output=True)
    assert aloud.stdout.decode().split('"')[1].strip() == "Draft, not issued"
    assert "Draft" not in words(press(Para(LONG)))


def test_the_same_paper_is_the_same_bytes_in_threads() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: press(*EVERYTHING, Para("Київ 😀")), range(24)))
    assert len(found) == 1


def test_the_same_paper_is_the_same_bytes_in_another_process() -> None:
    here = hashlib.sha256(papers.pdf(papers.paper("memorandum"))).hexdigest()
    script = (
        "import hashlib; from tests.paper import papers; "
        "papers.pdf(papers.paper('charter')); "
        "print(hashlib.sha256(papers.pdf(papers.paper('memorandum'))).hexdigest())"
    )
    for seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True,
            cwd=papers.DATA.parent, env=os.environ | {"PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert there.stdout.strip() == here


def test_qpdf_finds_nothing_wrong(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(press(*EVERYTHING, Para(LONG), watermark="Draft"))
    found = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
