"""Sealing one PDF: the paper as it was issued, the page of signatures, what proves them, one seal.

PAdES B-LT in a single revision: signature, time stamp and the list of revoked certificates are
written together, and the paper is certified with no changes allowed.
"""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from io import BytesIO
from typing import Any

from pyhanko.keys import load_cert_from_pemder, load_private_key_from_pemder
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.embed import EmbeddedFileObject, FileSpec, embed_file
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter, copy_into_new_writer
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko.sign.timestamps import DummyTimeStamper, TimeStamper, TimestampRequestError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from partners.signing.keys import CLOCK, FOLDER, REVOKED, ROOT, SEAL, Keys
from partners.signing.stamps import Authority, asking

FIELD = "Seal"
# It warns that nothing is fetched; our own list of revoked certificates is handed in.
logging.getLogger("pyhanko.sign.signers").setLevel(logging.ERROR)
OWN = "own"  # of PARTNERS_TIMESTAMP: the municipality's own clock
# A number for "time as this municipality's clock shows it", drawn by lot as such numbers may be.
OUR_CLOCK = "2.25.264331029411318702916053829157390412807"
TRUST = FOLDER.parent / "trust"  # roots of others, such as of a time-stamp authority
MIME = {"json": "application/json", "pdf": "application/pdf"}


class NoTimeStamp(Exception):
    """The time-stamp authority gave none. Nothing is put in its place."""


class OwnClock(DummyTimeStamper):
    """A small time-stamp authority in this house, with the house's name on every stamp."""

    def _build_tst_info(self, message_imprint: Any, dt: datetime, req: Any) -> Any:
        made = super()._build_tst_info(message_imprint, dt, req)
        made["policy"] = OUR_CLOCK
        return made


class Closing(Exception):
    """The house is shutting down, and begins nothing new."""


class SignerAt(PdfSigner):
    """Because the clock is handed in, also to what the paper says about its own day."""

    at: datetime

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> Any:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session


def stamper(keys: Keys, wanted: str, at: datetime, validity: ValidationContext) -> TimeStamper:
    """The time-stamp authority that is configured: our own clock, or an address of RFC 3161."""
    if wanted != OWN:
        return Authority(wanted, validity)
    roots = SimpleCertificateStore.from_certs([_certificate(keys, ROOT)])
    key = load_private_key_from_pemder(str(keys.folder / f"{CLOCK}.key"), None)
    return OwnClock(_certificate(keys, CLOCK), key, roots, fixed_dt=at)


def _certificate(keys: Keys, name: str) -> Any:
    return load_cert_from_pemder(str(keys.folder / f"{name}.crt"))


def sealed(
    body: bytes, last: bytes, attached: Mapping[str, bytes], keys: Keys, clock: str, *, at: datetime
) -> bytes:
    """The issued PDF with its last page and attachments, under one seal.

    `clock` is "own" or the address of a time-stamp authority; raises NoTimeStamp when it fails.
    """
    writer = joined(body, last)
    for name, content in attached.items():
        data = EmbeddedFileObject.from_file_data(
            writer, data=content, mime_type=MIME[name.rsplit(".", 1)[-1]]
        )
        data_of = pdf_name("/Data")
        embed_file(writer, FileSpec(name, name, data, name, af_relationship=data_of))
    out = BytesIO()
    try:
        sign_beside(_signer(keys, clock, at), writer, out)
    except TimestampRequestError as error:
        raise NoTimeStamp(str(error)) from error
    return out.getvalue()


def sign_beside(signer: PdfSigner, writer: Any, out: BytesIO) -> None:
    """Sign in a thread, because the library opens an event loop and a caller may be in one."""
    with ThreadPoolExecutor(1) as beside:
        try:
            making = beside.submit(signer.sign_pdf, writer, output=out)
        except RuntimeError as error:
            raise Closing from error
        making.result()


def _signer(keys: Keys, clock: str, at: datetime) -> PdfSigner:
    root = _certificate(keys, ROOT)
    validity = ValidationContext(
        trust_roots=[root, *others(keys).values()], crls=[(keys.folder / REVOKED).read_bytes()],
        allow_fetching=clock != OWN, fetchers=asking(), moment=None if clock != OWN else at,
    )  # fmt: skip
    about = PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        subfilter=SigSeedSubFilter.PADES, embed_validation_info=True, validation_context=validity,
        dss_settings=DSSContentSettings(
            include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE
        ),
    )  # fmt: skip
    made = SignerAt(about, simple_signer(keys), timestamper=stamper(keys, clock, at, validity))
    made.at = at
    return made


def simple_signer(keys: Keys) -> SimpleSigner:
    """Signs with the seal, and shows the root with it."""
    key = load_private_key_from_pemder(str(keys.folder / f"{SEAL}.key"), None)
    registry = SimpleCertificateStore.from_certs([_certificate(keys, ROOT)])
    return SimpleSigner(_certificate(keys, SEAL), key, registry)


def others(keys: Keys) -> dict[str, Any]:
    """The roots of time-stamp authorities, by the name of their file."""
    found = (keys.folder.parent / TRUST.name).glob("*.crt")
    return {path.stem: load_cert_from_pemder(str(path)) for path in sorted(found)}


def pages_of(body: bytes) -> int:
    """How many pages a PDF of the house has."""
    return int(PdfFileReader(BytesIO(body)).root["/Pages"]["/Count"])


def joined(body: bytes, last: bytes) -> PdfFileWriter:
    """The pages of two tagged PDFs of the house as one: pages and tags of the first stay as they
    are, those of the second follow.
    """
    writer = copy_into_new_writer(PdfFileReader(BytesIO(body)))
    other: Any = PdfFileReader(BytesIO(last))
    tree, theirs = writer.root["/StructTreeRoot"], other.root["/StructTreeRoot"]
    first = int(tree["/ParentTreeNextKey"])
    # Importing follows every link, so what ties them to their own frame is cut off first.
    sheets, document = list.copy(other.root["/Pages"]["/Kids"]), theirs["/K"].raw_get(0)
    for thing in (*sheets, document):
        thing.get_object().pop("/Parent", None)
        thing.get_object().pop("/P", None)
    wanted = generic.ArrayObject([*sheets, document, *list.copy(theirs["/ParentTree"]["/Nums"])])
    wanted.container_ref = other.root.container_ref
    made: Any = writer.import_object(wanted)
    came = list.copy(made)  # a plain list, so that links stay links
    pages, whole = writer.root["/Pages"], tree["/K"].raw_get(0)
    for at, sheet in enumerate(came[: len(sheets)]):
        page = sheet.get_object()
        page["/StructParents"] = generic.NumberObject(first + at)
        page["/Parent"] = writer.root.raw_get("/Pages")
        for link in page.get("/Annots", ()):
            click = link.get_object()
            click["/StructParent"] = generic.NumberObject(first + int(click["/StructParent"]))
        pages["/Kids"].append(sheet)
    pages["/Count"] = generic.NumberObject(len(pages["/Kids"]))
    part = came[len(sheets)]
    part.get_object()["/S"], part.get_object()["/P"] = pdf_name("/Part"), whole
    whole.get_object()["/K"].append(part)
    for key, elements in zip(*[iter(came[len(sheets) + 1 :])] * 2, strict=True):
        tree["/ParentTree"]["/Nums"] += [generic.NumberObject(int(key) + first), elements]
    tree["/ParentTreeNextKey"] = generic.NumberObject(first + int(theirs["/ParentTreeNextKey"]))
    return writer
