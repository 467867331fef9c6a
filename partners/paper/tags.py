"""The structure tree of a tagged PDF (ISO 32000-1, 14.7, 14.8): what each mark on a page is."""

from dataclasses import dataclass, field
from typing import Any

from reportlab.pdfbase import pdfdoc
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFString

ATTRIBUTES = {  # role → the owner, key and value that a reader aloud needs
    "TH": ("Table", "Scope", "Column"),
    "TH row": ("Table", "Scope", "Row"),
    "L": ("List", "ListNumbering", "Disc"),
    "L numbered": ("List", "ListNumbering", "Decimal"),
}
pdfdoc.PDFPage.__NoDefault__ = [*pdfdoc.PDFPage.__NoDefault__, "StructParents", "Tabs"]


@dataclass(slots=True, eq=False)
class Element:
    """One element; `marks` are (page index, number on that page). Elements number themselves in
    reading order, which is also the order in which a page's content is written. `says` is its
    text, which is kept with it where its glyphs are `silent` (ActualText); `language` is that of
    what it holds."""

    role: str
    order: int = 0
    kids: list["Element"] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    silent: bool = False
    language: str = ""


class Tree:
    """All elements of one paper."""

    def __init__(self) -> None:
        self.root = self.here = Element("Document")
        self.count = 0

    def begin(self, language: str) -> None:
        """What follows stands in a part of its own, in `language`; without one it does not."""
        self.here = self.root
        if language:
            self.here = self.add("Part")
            self.here.language = language

    def add(self, role: str, parent: Element | None = None) -> Element:
        """A new element, last in `parent` or in the paper."""
        self.count += 1
        element = Element(role, self.count)
        (parent or self.here).kids.append(element)
        return element

    def write(self, canvas: Any, marked: list[list[Element]]) -> None:
        """Write the tree into the catalog. `marked` lists each page's elements by mark number."""
        doc: Any = canvas._doc
        pages = [doc.Reference(page) for page in doc.Pages.pages]
        made: dict[int, Any] = {}
        root = PDFDictionary({"Type": PDFName("StructTreeRoot")})
        root_ref = doc.Reference(root)
        root["K"] = PDFArray([self._written(self.root, root_ref, doc, pages, made)])
        numbers: list[Any] = []
        for at, elements in enumerate(marked):
            numbers += [at, PDFArray([made[element.order] for element in elements])]
            doc.Pages.pages[at].StructParents, doc.Pages.pages[at].Tabs = at, PDFName("S")
        root["ParentTree"] = PDFDictionary({"Nums": PDFArray(numbers)})
        root["ParentTreeNextKey"] = len(marked)
        doc.Catalog.StructTreeRoot = root_ref
        doc.Catalog.MarkInfo = PDFDictionary({"Marked": "true"})
        doc.Catalog.ViewerPreferences = PDFDictionary({"DisplayDocTitle": "true"})

    def _written(
        self, element: Element, parent: Any, doc: Any, pages: list[Any], made: dict[int, Any]
    ) -> Any:
        role = element.role.split()[0]
        entry = PDFDictionary({"Type": PDFName("StructElem"), "S": PDFName(role), "P": parent})
        made[element.order] = own = doc.Reference(entry)
        if element.silent:
            entry["ActualText"] = PDFString("\n".join(element.says))
        if element.language:
            entry["Lang"] = PDFString(element.language)
        if element.role in ATTRIBUTES:
            owner, key, value = ATTRIBUTES[element.role]
            entry["A"] = PDFDictionary({"O": PDFName(owner), key: PDFName(value)})
        kids = [
            PDFDictionary({"Type": PDFName("MCR"), "Pg": pages[page], "MCID": number})
            for page, number in element.marks
        ]
        kids += [self._written(kid, own, doc, pages, made) for kid in element.kids]
        entry["K"] = PDFArray(kids)
        return own
