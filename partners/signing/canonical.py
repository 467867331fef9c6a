"""JSON that has only one form, and the municipality's name under it.

The form is RFC 8785 for what we write: sorted keys, no blanks, no numbers but whole ones. A signed
record is the same in every byte or it is none, so nothing can be added that a reader overlooks.
"""

import base64
import json
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from partners.signing.checking import UNREADABLE
from partners.signing.keys import SEAL, Keys

BY = "sealed_by"


def canonical(thing: Any) -> bytes:
    """The one form of a record."""
    return json.dumps(
        thing, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def signed(record: dict[str, Any], keys: Keys) -> bytes:
    """The record with the seal's signature over it: ECDSA, P-256, SHA-256, over its one form."""
    signature = keys.key(SEAL).sign(canonical(record), ec.ECDSA(hashes.SHA256()))
    certificate = keys.certificate(SEAL).public_bytes(Encoding.DER)
    by = {"certificate": _text(certificate), "signature": _text(signature)}
    return canonical({**record, BY: by})


def opened(content: bytes, root: x509.Certificate) -> dict[str, Any] | None:
    """The record, if exactly these bytes were signed by a seal of this root; else None."""
    try:
        whole = json.loads(content)
        if canonical(whole) != content:
            return None
        by = whole.pop(BY)
        signature, seal = (base64.b64decode(by[k]) for k in ("signature", "certificate"))
        certificate = x509.load_der_x509_certificate(seal)
        certificate.verify_directly_issued_by(root)
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signature, canonical(whole), ec.ECDSA(hashes.SHA256()))
    except UNREADABLE:
        return None
    exact = by == {"certificate": _text(seal), "signature": _text(signature)}
    return whole if exact and isinstance(whole, dict) else None


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
