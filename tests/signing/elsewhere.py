"""A service by which people sign elsewhere: root, certificates, signatures, made on the spot."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from partners.signing.sealing import SignerAt, sign_beside

DAY = timedelta(days=1)


def _key() -> Any:
    return ec.generate_private_key(ec.SECP256R1())


def _name(common: str, **more: str) -> x509.Name:
    parts = {NameOID.COMMON_NAME: common, **{getattr(NameOID, n): v for n, v in more.items()}}
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts.items()])


@dataclass
class Service:
    """A trust service with a root of its own, which nobody else knows."""

    at: datetime
    called: str = "Fjord Signatures"
    key: Any = field(default_factory=_key)

    def __post_init__(self) -> None:
        self.root = self._certificate(self.called, self.key, self.at - 400 * DAY, 4000, ca=True)

    def _certificate(
        self, common: str, key: Any, since: datetime, days: int, *, ca: bool = False,
        stamps: bool = False, **more: Any,
    ) -> x509.Certificate:  # fmt: skip
        usage = dict.fromkeys(("digital_signature content_commitment key_encipherment"
                               " data_encipherment key_agreement key_cert_sign crl_sign"
                               " encipher_only decipher_only").split(), False)  # fmt: skip
        wanted = ("key_cert_sign", "crl_sign") if ca else ("content_commitment",)
        usage |= dict.fromkeys(("digital_signature",) if stamps else wanted, True)
        building = (
            x509.CertificateBuilder().subject_name(_name(common, **more))
            .issuer_name(_name(self.called)).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(since).not_valid_after(since + days * DAY)
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
        )  # fmt: skip
        if stamps:
            extended = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            building = building.add_extension(extended, critical=True)
        return building.sign(self.key, hashes.SHA256())

    def person(self, name: str = "Grethe Lind", *, since: datetime | None = None, days: int = 90,
               **more: Any) -> tuple[x509.Certificate, Any]:  # fmt: skip
        """Somebody's certificate and key."""
        key = _key()
        return self._certificate(name, key, since or self.at - DAY, days, **more), key

    def trusted_in(self, folder: Path, *taken_back: x509.Certificate) -> None:
        """Put the root where the house looks, and a list of what the service took back."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "fjord.crt").write_bytes(self.root.public_bytes(Encoding.PEM))
        if taken_back:
            since = self.at - timedelta(hours=1)
            building = x509.CertificateRevocationListBuilder().issuer_name(self.root.subject)
            building = building.last_update(since).next_update(self.at + 30 * DAY)
            for one in taken_back:
                row = x509.RevokedCertificateBuilder().serial_number(one.serial_number)
                building = building.add_revoked_certificate(row.revocation_date(since).build())
            made = building.sign(self.key, hashes.SHA256())
            (folder / "fjord.crl").write_bytes(made.public_bytes(Encoding.DER))

    def signed(
        self, content: bytes, person: tuple[x509.Certificate, Any] | None = None, *,
        at: datetime | None = None, kind: Any = SigSeedSubFilter.PADES, box: Any = None,
        stamped: datetime | None = None, field_name: str = "Service",
        clock_of: "Service | None" = None, **lasting: Any,
    ) -> bytes:  # fmt: skip
        """The file with a signature added, as such a service gives it back."""
        store = SimpleCertificateStore.from_certs([_ours(self.root)])
        certificate, own = person or self.person()
        signer = SimpleSigner(_ours(certificate), _loaded(own), store)
        clock = None
        if stamped:
            key = rsa.generate_private_key(65537, 2048)
            whose = clock_of or self
            mark = whose._certificate("Fjord Clock", key, self.at - 400 * DAY, 4000, stamps=True)
            known = SimpleCertificateStore.from_certs([_ours(whose.root)])
            clock = DummyTimeStamper(_ours(mark), _loaded(key), known, fixed_dt=stamped)
        about = PdfSignatureMetadata(field_name=field_name, md_algorithm="sha256", subfilter=kind,
                                     **lasting)  # fmt: skip
        spec = SigFieldSpec(field_name, box=box, on_page=0) if box else None
        made = SignerAt(about, signer, timestamper=clock, new_field_spec=spec)
        made.at = at or stamped or self.at
        out = BytesIO()
        sign_beside(made, IncrementalPdfFileWriter(BytesIO(content)), out)
        return out.getvalue()

    def lasting(self, content: bytes) -> bytes:
        """The file with what long-term checking needs, and a time stamp over everything."""
        context = ValidationContext(trust_roots=[_ours(self.root)], moment=self.at)
        return self.signed(content, stamped=self.at, embed_validation_info=True, use_pades_lta=True,
                           validation_context=context)  # fmt: skip


def _ours(certificate: x509.Certificate) -> Any:
    return Certificate.load(certificate.public_bytes(Encoding.DER))


def _loaded(key: Any) -> Any:
    return PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
