"""What a PDF with another service's signature says, read by a process of its own.

A stranger's file is worked on by a large library, so this runs alone (`python pades.py`), within
limits of time and memory that nothing in the file can lift; it knows nothing of the house.
"""

import json
import logging
import re
import sys
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import crl, pem
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    DiffResult,
    FormUpdatingRule,
    StandardDiffPolicy,
)
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    validate_pdf_signature,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

MOST_MEMORY = 1024 * 1024 * 1024
ENDINGS = (".crt", ".pem", ".cer")
PADES = "/ETSI.CAdES.detached"
LARGEST_STAMP = 60_000  # square points, an eighth of a page: what a service may draw on it
NUMBERS = re.compile(r"\d[\d .-]{4,}\d")  # numbers that name a person are nobody's to read
USES = KeyUsageConstraints(
    key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False
)

# Our papers have no form, and a signature needs one: the one that comes is compared with an empty
# one, and may say these two things of itself.
_FORM: Any = DEFAULT_DIFF_POLICY.form_rule
ADDED = StandardDiffPolicy(
    DEFAULT_DIFF_POLICY.global_rules,
    FormUpdatingRule(_FORM.field_rules, _FORM.ignored_acroform_keys | {"/SigFlags", "/DA"}),
)


class Trouble(Exception):
    """Why the file does not count: a key, and the facts that its sentence needs."""

    def __init__(self, what: str, **facts: str) -> None:
        super().__init__(what)
        self.told = {"trouble": what, **facts}


class Roots:
    """The services that the municipality trusts: certificates, and lists of what they took back.

    What the file brings along about its certificates is heard too; it is signed by them.
    """

    def __init__(self, folder: Path, reader: PdfFileReader) -> None:
        files = sorted(p for p in folder.glob("*") if p.suffix in ENDINGS)
        self.roots = list(load_certs_from_pemder([str(p) for p in files]))
        self.lists = [_list(p.read_bytes()) for p in sorted(folder.glob("*.crl"))]
        self.dss = DocumentSecurityStore.read_dss(reader) if "/DSS" in reader.root else None

    def at(self, moment: datetime, *, revocation: str = "soft-fail") -> ValidationContext:
        """What is trusted at a moment; nothing is fetched."""
        said: dict[str, Any] = {
            "trust_roots": self.roots, "crls": self.lists, "allow_fetching": False,
            "moment": moment, "revocation_mode": revocation, "retroactive_revinfo": True,
        }  # fmt: skip
        return self.dss.as_validation_context(said) if self.dss else ValidationContext(**said)


def _list(content: bytes) -> Any:
    plain: Any = pem.unarmor(content) if pem.detect(content) else ("", {}, content)
    return crl.CertificateList.load(plain[2])


def told(content: bytes, ours: bytes, folder: Path, at: datetime) -> dict[str, str]:
    """Who signed our file when, by which service. Raises Trouble for what does not count."""
    # Our bytes must be what the file itself takes for its first version, not only its beginning.
    if not content.startswith(ours):
        raise Trouble("other")
    first = PdfFileReader(BytesIO(ours)).last_startxref
    reader = PdfFileReader(BytesIO(content))
    if reader.xrefs.get_startxref_for_revision(0) != first:
        raise Trouble("other")
    found: Any = reader.embedded_regular_signatures
    if len(found) != 1:
        raise Trouble("several" if found else "unsigned")
    if (kind := str(found[0].sig_object.get("/SubFilter", ""))) != PADES:
        raise Trouble("kind", kind=kind.lstrip("/")[:60] or "–")
    _require_nothing_else(reader)
    return _signed(found[0], Roots(folder, reader), at)


def _require_nothing_else(reader: PdfFileReader) -> None:
    before: Any = reader.get_historical_resolver(0)
    empty = DictionaryObject({pdf_name("/Fields"): ArrayObject()})
    before.root.setdefault(pdf_name("/AcroForm"), empty)
    added = ADDED.review_file(reader, before)
    if not isinstance(added, DiffResult):
        raise Trouble("more")
    form: Any = reader.root["/AcroForm"]["/Fields"]
    for field in form:
        for widget in field.get_object().get("/Kids", [field]):
            left, low, right, top = map(float, widget.get_object().get("/Rect", (0, 0, 0, 0)))
            if abs((right - left) * (top - low)) > LARGEST_STAMP:
                raise Trouble("more")


def _signed(signature: Any, roots: Roots, at: datetime) -> dict[str, str]:
    status: Any = _status(signature, roots.at(at), roots.at(at))
    stamp = status.timestamp_validity
    stamped = bool(stamp and stamp.intact and stamp.valid and stamp.trusted)
    moment = stamp.timestamp if stamped else at
    if stamped:
        status = _status(signature, roots.at(moment), roots.at(at))
    whole = status.coverage >= SignatureCoverageLevel.ENTIRE_REVISION
    if not (whole and status.intact and status.valid and status.docmdp_ok):
        raise Trouble("broken")
    certificate: Any = status.signing_cert
    who = {"subject": _named(certificate.subject), "issuer": _named(certificate.issuer)}
    # Asked twice, because without any list of what was taken back the library refuses or is silent.
    known: Any = _status(signature, roots.at(moment, revocation="require"), roots.at(at))
    if known.revoked or not status.trusted:
        until = certificate.not_valid_after
        why = "revoked" if known.revoked else "expired" if moment > until else "stranger"
        raise Trouble(why, issuer=who["issuer"], until=until.isoformat())
    when = moment if stamped else status.signer_reported_dt
    return {
        **who, "signed_at": when.isoformat() if when else "",
        "certificate_sha256": certificate.sha256.hex(),
        "stamped_by": _named(stamp.signing_cert.subject) if stamped else "",
        "revocation": "known" if known.trusted else "unknown",
    }  # fmt: skip


def _status(signature: Any, context: ValidationContext, stamps: ValidationContext) -> Any:
    return validate_pdf_signature(signature, context, stamps, key_usage_settings=USES)


def _named(name: Any) -> str:
    """Whom a certificate names, in words; without numbers of persons."""
    parts: dict[str, Any] = name.native
    own = " ".join(str(parts.get(n, "")) for n in ("given_name", "surname")).strip()
    person = parts.get("common_name") or own or parts.get("pseudonym") or ""
    words = [str(person), str(parts.get("organization_name") or "")]
    text = ", ".join(dict.fromkeys(w for w in words if w))
    return NUMBERS.sub("…", "".join(c for c in text if c.isprintable()))[:200]


def main() -> None:
    """Read one file from standard input: a line of JSON, our file, the file that came back."""
    import resource

    logging.disable(logging.CRITICAL)
    head = json.loads(sys.stdin.buffer.readline())
    seconds = int(head["seconds"]) + 1
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    ours = sys.stdin.buffer.read(int(head["ours"]))
    content, at = sys.stdin.buffer.read(), datetime.fromisoformat(head["at"])
    try:
        said = told(content, ours, Path(head["roots"]), at)
    except Trouble as trouble:
        said = trouble.told
    except Exception:  # because a hostile file may raise anything, and none of it counts
        said = {"trouble": "unreadable"}
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
