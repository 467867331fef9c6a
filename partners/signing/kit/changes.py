"""Ways in which a sealed file is changed, by those who mean it and by accident: the samples of the
kit and the proofs are made with these.
"""

from collections.abc import Callable
from io import BytesIO
from random import Random
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.embed import EmbeddedFileObject, FileSpec, embed_file
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from partners.signing.checking import RANGE
from partners.signing.keys import Keys
from partners.signing.sealing import sign_beside, simple_signer

Change = Callable[[bytes, Random, Keys], bytes]


def flip(content: bytes, chance: Random, _keys: Keys) -> bytes:
    """One bit of what is sealed is another."""
    changed, at = bytearray(content), _place(content, chance)
    changed[at] ^= 1 << chance.randrange(8)
    return bytes(changed)


def delete(content: bytes, chance: Random, _keys: Keys) -> bytes:
    at = _place(content, chance)
    return content[:at] + content[at + chance.randint(1, 64) :]


def insert(content: bytes, chance: Random, _keys: Keys) -> bytes:
    at = _place(content, chance)
    return content[:at] + chance.randbytes(chance.randint(1, 64)) + content[at:]


def truncate(content: bytes, chance: Random, _keys: Keys) -> bytes:
    return content[: -chance.randint(1, len(content) - 1)]


def append(content: bytes, chance: Random, _keys: Keys) -> bytes:
    return content + chance.randbytes(chance.randint(1, 2000))


def _place(content: bytes, chance: Random) -> int:
    """A place within what the seal covers."""
    found = RANGE.search(content)
    gap = range(int(found[1]), int(found[2])) if found else range(0)
    while (at := chance.randrange(len(content) - 64)) in gap:
        pass
    return at


def _later(change: Callable[[Any, Random], None]) -> Change:
    """A change written after the file, as programs for PDF do it; the sealed part stays."""

    def changed(content: bytes, chance: Random, _keys: Keys) -> bytes:
        writer = IncrementalPdfFileWriter(BytesIO(content))
        change(writer, chance)
        out = BytesIO()
        writer.write(out)
        return out.getvalue()

    changed.__name__ = change.__name__.strip("_")
    return changed


def _sheet(writer: Any, at: int = 0) -> Any:
    return writer.root["/Pages"]["/Kids"][at]


def _swapped_page(writer: Any, chance: Random) -> None:
    """The first page shows other words."""
    words = f"BT /F1 12 Tf 72 700 Td (We promise {chance.randrange(10**9)} kroner) Tj ET".encode()
    page = _sheet(writer)
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=words))
    writer.update_container(page)


def _annotation(writer: Any, chance: Random) -> None:
    """A note lies over the text."""
    note = generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/FreeText"),
        pdf_name("/Contents"): pdf_string(f"Void since {chance.randrange(10**9)}"),
        pdf_name("/Rect"): generic.ArrayObject(generic.NumberObject(n) for n in (9, 9, 200, 90)),
    })  # fmt: skip
    page = _sheet(writer)
    notes = generic.ArrayObject([*list.copy(page.get("/Annots", [])), writer.add_object(note)])
    page["/Annots"] = notes
    writer.update_container(page)


def _form_value(writer: Any, chance: Random) -> None:
    """The form has a field more, with a value."""
    field = generic.DictionaryObject({
        pdf_name("/FT"): pdf_name("/Tx"), pdf_name("/T"): pdf_string("Sum"),
        pdf_name("/V"): pdf_string(str(chance.randrange(10**9))),
    })  # fmt: skip
    form = writer.root["/AcroForm"]
    form["/Fields"].append(writer.add_object(field))
    writer.update_container(form["/Fields"])


def _font(writer: Any, chance: Random) -> None:
    """The typefaces are exchanged, so that signs look like others."""
    resources = _sheet(writer)["/Resources"]
    swapped = list(resources["/Font"].keys())
    chance.shuffle(swapped)
    faces = {name: resources["/Font"].raw_get(other)
             for name, other in zip(resources["/Font"].keys(), swapped, strict=True)}  # fmt: skip
    resources["/Font"] = generic.DictionaryObject(faces)
    writer.update_container(resources)


def _attachment(writer: Any, chance: Random) -> None:
    """There is one attachment more, with the name of the evidence."""
    words = b'{"signatures":[%d]}' % chance.randrange(10**9)
    data = EmbeddedFileObject.from_file_data(writer, data=words, mime_type="application/json")
    embed_file(writer, FileSpec("evidence-2.json", "evidence-2.json", data))


def _metadata(writer: Any, chance: Random) -> None:
    """The paper bears another title."""
    writer.set_info(generic.DictionaryObject(
        {pdf_name("/Title"): pdf_string(f"Another {chance.randrange(10**9)}")}
    ))  # fmt: skip


class _Careless(PdfSigner):
    """A program that signs what forbids it."""

    def _enforce_certification_constraints(self, reader: Any) -> None:
        """Asks nothing."""


def second_signature(content: bytes, chance: Random, keys: Keys) -> bytes:
    """Somebody signs what was sealed already, with `keys` of their own."""
    about = PdfSignatureMetadata(field_name=f"Mine{chance.randrange(10**6)}", md_algorithm="sha256")
    out = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(content))
    sign_beside(_Careless(about, simple_signer(keys)), writer, out)
    return out.getvalue()


# By name: what changes the sealed part, and what is added after it.
INSIDE: dict[str, Change] = {"flip": flip, "delete": delete, "insert": insert, "truncate": truncate}
AFTER: dict[str, Change] = {
    "append": append, "swapped page": _later(_swapped_page), "annotation": _later(_annotation),
    "form value": _later(_form_value), "font": _later(_font), "attachment": _later(_attachment),
    "metadata": _later(_metadata), "second signature": second_signature,
}  # fmt: skip
