"""The structure tree of a tagged PDF (ISO 32000-1, 14.7, 14.8): what each mark on a page is."""

from collections.abc import Iterator
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
    what it holds. `alt` says what a figure shows, with its box in `placed`; `link` is the element
    through which a click on it leads to `address`."""

    role: str
    order: int = 0
    kids: list["Element"] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    silent: bool = False
    language: str = ""
    from_right: bool = False
    alt: str = ""
    placed: tuple[float, ...] = ()
    address: str = ""
    link: "Element | None" = None
    clicks: list[tuple[int, PDFDictionary]] = field(default_factory=list)


class Tree:
    """All elements of one paper."""

    def __init__(self) -> None:
        self.root = self.here = Element("Document")
        self.count = 0
        self.from_right = False

    def begin(self, language: str, from_right: bool, alone: bool) -> None:
        """What follows stands in `language`: the whole paper `alone`, or a part of its own."""
        self.from_right = from_right
        self.here = self.root if alone else self.add("Part", self.root)
        self.here.language = language
        self.root.language = self.root.language or language

    def link(self, address: str, parent: Element | None = None) -> Element:
        """A new element through which a click leads to an address."""
        element = self.add("Link", parent)
        element.address, element.link = address, element
        return element

    def add(self, role: str, parent: Element | None = None) -> Element:
        """A new element, last in `parent` or in the paper."""
        self.count += 1
        element = Element(role, self.count, from_right=self.from_right)
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
        for click, element in self._clicks(self.root):
            click["StructParent"] = len(numbers) // 2
            numbers += [len(numbers) // 2, made[element.order]]
        root["ParentTree"] = PDFDictionary({"Nums": PDFArray(numbers)})
        root["ParentTreeNextKey"] = len(numbers) // 2
        doc.Catalog.StructTreeRoot = root_ref
        doc.Catalog.MarkInfo = PDFDictionary({"Marked": "true"})
        doc.Catalog.ViewerPreferences = PDFDictionary({"DisplayDocTitle": "true"})

    def _clicks(self, element: Element) -> Iterator[tuple[PDFDictionary, Element]]:
        yield from ((click, element) for _page, click in element.clicks)
        for kid in element.kids:
            yield from self._clicks(kid)

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
        if element.alt:
            box = PDFArray(list(element.placed))
            entry["Alt"] = PDFString(element.alt)
            entry["A"] = PDFDictionary({"O": PDFName("Layout"), "BBox": box})
        if element.role in ATTRIBUTES:
            owner, key, value = ATTRIBUTES[element.role]
            entry["A"] = PDFDictionary({"O": PDFName(owner), key: PDFName(value)})
        kids = [
            PDFDictionary({"Type": PDFName("MCR"), "Pg": pages[page], "MCID": number})
            for page, number in element.marks
        ]
        kids += [self._written(kid, own, doc, pages, made) for kid in element.kids]
        kids += [
            PDFDictionary({"Type": PDFName("OBJR"), "Pg": pages[page], "Obj": doc.Reference(click)})
            for page, click in element.clicks
        ]
        entry["K"] = PDFArray(kids)
        return own
