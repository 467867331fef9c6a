"""What a paper says, read from its structure tree with pikepdf and from its page with lxml."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pikepdf
from lxml import html

Marks = Mapping[tuple[Any, int], str]  # page and number of a mark → its text
Face = Mapping[int, str]
LABELS = ("/Lbl",)  # bullets and numbers of lists; a page draws its own


def folded(text: str) -> str:
    """NFC, and every run of white space as one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@dataclass(frozen=True)
class Printed:
    """`tree`: what the elements say, in their order: their ActualText, else their glyphs. `runs`:
    the same from the marks alone. `silent`: runs from the right that carry no ActualText."""

    tree: str
    runs: str
    silent: tuple[str, ...]


def printed_texts(paper: bytes) -> Printed:
    """What a PDF says to whoever listens."""
    marks: dict[tuple[Any, int], str] = {}
    silent: list[str] = []
    faces: dict[Any, Face] = {}
    with pikepdf.open(BytesIO(paper)) as pdf:
        for page in pdf.pages:
            for number, text, drawn, spoken in _pieces(page, faces):
                key = page.objgen, number
                marks[key] = marks.get(key, "") + text
                if not spoken and any(unicodedata.bidirectional(s) in ("R", "AL") for s in drawn):
                    silent.append(drawn)
        root = pdf.Root.StructTreeRoot
        tree, runs = (folded(" ".join(_said(root, marks, alone))) for alone in (False, True))
    return Printed(tree, runs, tuple(silent))


def _said(node: Any, marks: Marks, alone: bool) -> Iterator[str]:
    if node.get("/S") in LABELS:
        return
    if "/ActualText" in node and not alone:
        yield str(node.ActualText)
        return
    kids = list(node.get("/K", []))
    own = [kid for kid in kids if kid.get("/Type") == "/MCR"]
    # Nothing between them, because a word may go on over the page.
    yield "".join(marks.get((kid.Pg.objgen, int(kid.MCID)), "") for kid in own)
    for kid in kids:
        if kid not in own:
            yield from _said(kid, marks, alone)


def _pieces(page: Any, faces: dict[Any, Face]) -> Iterator[tuple[int, str, str, str]]:
    """Each piece of a page: its mark, its text, the glyphs drawn, the ActualText around them."""
    stack, face = [(-1, "")], dict[int, str]()
    for operands, operator in pikepdf.parse_content_stream(page, "BDC BMC EMC Tf Tj TJ"):
        match str(operator):
            case "BDC" | "BMC":
                held = operands[1] if len(operands) > 1 else {}
                number, spoken = stack[-1]
                if "/ActualText" in held:
                    spoken = str(held["/ActualText"])
                    yield number, spoken + " ", "", spoken
                stack.append((int(held.get("/MCID", number)) if held else number, spoken))
            case "EMC":
                stack.pop()
            case "Tf":
                font = page.Resources.Font[str(operands[0])]
                if font.objgen not in faces:
                    faces[font.objgen] = _unicode(font)
                face = faces[font.objgen]
            case "Tj":
                number, spoken = stack[-1]
                drawn = "".join(face[code] for code in bytes(operands[0]))
                yield number, "" if spoken else drawn, drawn, spoken
            case other:
                raise AssertionError(f"the press shows text with Tj alone, not with {other}")


def _unicode(font: Any) -> Face:
    """The characters behind a font's codes, from its ToUnicode map."""
    if "/ToUnicode" not in font:
        return {}
    lines = font.ToUnicode.read_bytes().decode("latin-1").partition("beginbfchar")[2]
    pairs = re.findall(r"<(\w+)> <(\w+)>", lines)
    return {int(code, 16): bytes.fromhex(to).decode("utf-16-be") for code, to in pairs}


def shown_text(page: str) -> str:
    """The text of a paper on its page, without what the page says about who has signed."""
    root = html.fragment_fromstring(page, create_parent="div")
    for state in root.xpath("//*[contains(concat(' ', @class, ' '), ' state ')]"):
        state.drop_tree()
    return folded(" ".join(text for text in root.itertext()))
