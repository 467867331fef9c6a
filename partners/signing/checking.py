"""Whose seal a file bears, read from its bytes alone: no part of a stranger's file is interpreted
but the places that its signatures name, so there is nothing in it that could be worked on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

RANGE = re.compile(
    rb"/ByteRange {0,9}\[ {0,9}0 {1,9}(\d{1,9}) {1,9}(\d{1,9}) {1,9}(\d{1,9}) {0,99}\]"
)
MOST = 8  # signatures of one file that are looked at
LARGEST = 128 * 1024  # bytes of a signature in hex
# What reading a stranger's certificate and signature may end in.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError,
              StopIteration, RecursionError, InvalidSignature, UnsupportedAlgorithm,
              x509.InvalidVersion)  # fmt: skip


@dataclass(frozen=True)
class Signed:
    """A signature of a file: what it covers, where its part of the file ends, and itself."""

    digest: str
    end: int
    whole: bool
    signature: bytes


def signatures(content: bytes) -> Iterator[Signed]:
    """The signatures of a PDF in the order in which they stand in it."""
    for found in list(RANGE.finditer(content))[:MOST]:
        first, second, more = (int(number) for number in found.groups())
        end = second + more
        gap = content[first:second]
        if not (first < second <= end <= len(content)) or len(gap) > LARGEST:
            continue
        try:
            signature = bytes.fromhex(gap.strip(b"<>").decode("ascii"))
        except ValueError:
            continue
        digest = sha256(content[:first])
        digest.update(content[second:end])
        yield Signed(digest.hexdigest(), end, end == len(content), signature)


def covered(content: bytes) -> str:
    """SHA-256 of what the first signature of a file covers; "" where there is none."""
    return next((one.digest for one in signatures(content)), "")


def is_of(one: Signed, root: x509.Certificate) -> bool:
    """Whether a seal of this root made the signature, whenever that was."""
    try:
        data: Any = cms.ContentInfo.load(one.signature)["content"]
        signer = data["signer_infos"][0]
        attributes = signer["signed_attrs"]
        said = {a["type"].native: a["values"][0] for a in attributes}
        number = signer["sid"].chosen["serial_number"].native
        seals = (x509.load_der_x509_certificate(c.chosen.dump()) for c in data["certificates"])
        seal = next(c for c in seals if c.serial_number == number)
        seal.verify_directly_issued_by(root)
        key, plain = seal.public_key(), attributes.untag().dump()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signer["signature"].native, plain, ec.ECDSA(hashes.SHA256()))
        return bool(said["message_digest"].native.hex() == one.digest)
    except UNREADABLE:
        return False
