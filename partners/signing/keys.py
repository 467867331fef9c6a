"""The municipality's own keys: a root, a seal of each year, and a clock that stamps the time.

Everything lies in `instance/keys/seal`. A private key is readable by its owner only. Whoever trusts
the root's fingerprint can check every paper that was ever sealed, also after a new year's seal.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from partners.ground.refusals import Refusal
from partners.ground.words import N_

FOLDER = Path("keys") / "seal"
ROOT_YEARS, SEAL_YEARS = 20, 3
SAMPLE = "Sample, made for trying out, proves nothing"
ROOT, SEAL, CLOCK, REVOKED = "root", "seal", "clock", "revoked.crl"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class UnsafeKeys(RuntimeError):
    """The keys of the seal must not be used as they are."""


@dataclass(frozen=True)
class Keys:
    """The keys of one house, read when asked for."""

    folder: Path

    @property
    def exist(self) -> bool:
        return (self.folder / f"{SEAL}.key").exists()

    def certificate(self, name: str) -> x509.Certificate:
        return x509.load_pem_x509_certificate((self.folder / f"{name}.crt").read_bytes())

    def key(self, name: str) -> Any:
        return load_pem_private_key((self.folder / f"{name}.key").read_bytes(), None)

    @cached_property
    def root(self) -> x509.Certificate:
        return self.certificate(ROOT)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the root certificate, in hex."""
        return self.root.fingerprint(hashes.SHA256()).hex()

    @property
    def is_sample(self) -> bool:
        return any(part.value == SAMPLE for part in self.root.subject)

    def check(self, *, invented: bool) -> None:
        """Refuse keys that others can read, and a sample's keys in a real municipality."""
        for path in sorted(self.folder.glob("*.key")):
            found = path.stat()
            if found.st_mode & 0o077:
                raise UnsafeKeys(f"{path} can be read by others; run: chmod 600 {path}")
            if found.st_uid != os.geteuid():
                raise UnsafeKeys(
                    f"{path} belongs to another user; run: chown {os.geteuid()} {path}"
                )
        if self.exist and self.is_sample and not invented:
            raise UnsafeKeys(
                f"{self.folder} holds the keys of a sample, which prove nothing; move that folder"
                " away and run: partners seal init"
            )


def keys_in(instance: Path) -> Keys:
    """The keys of the house that lives in this folder."""
    return Keys(instance / FOLDER)


def make(keys: Keys, house: str, *, at: datetime, sample: bool = False) -> None:
    """Make root, clock and the first seal. Raises Refusal where there are keys already."""
    if keys.exist or (keys.folder / f"{ROOT}.crt").exists():
        raise Refusal(N_("There is a seal already. “partners seal rotate” makes the next one."))
    keys.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(house, f"{house}, root of the seal", sample)
    usage = _usage(key_cert_sign=True, crl_sign=True)
    made = _certificate(name, name, key, key, at, ROOT_YEARS, usage, ca=True)
    _write(keys.folder, ROOT, key, made)
    rotate(keys, at=at)


def rotate(keys: Keys, *, at: datetime) -> None:
    """Make the next seal and clock under the same root; the ones before are kept aside."""
    if not (keys.folder / f"{ROOT}.key").exists():
        raise Refusal(N_("The key of the root is not here. Put root.key back into its folder."))
    signer, root = keys.key(ROOT), keys.root
    house = root.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value
    for name in (SEAL, CLOCK):
        _put_aside(keys.folder, name)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(str(house), f"{house}, seal {at.year}", keys.is_sample)
    usage = _usage(digital_signature=True, content_commitment=True)
    made = _certificate(subject, root.subject, key, signer, at, SEAL_YEARS, usage)
    clock_key = rsa.generate_private_key(65537, 3072)  # because pyHanko's clock stamps with RSA
    subject = _name(str(house), f"{house}, the municipality’s own clock", keys.is_sample)
    usage, stamps = _usage(digital_signature=True), [ExtendedKeyUsageOID.TIME_STAMPING]
    clock = _certificate(subject, root.subject, clock_key, signer, at, SEAL_YEARS, usage, stamps)
    _write(keys.folder, CLOCK, clock_key, clock)
    keep_file(keys.folder / REVOKED, _nothing_revoked(root, signer, at))
    _write(keys.folder, SEAL, key, made)


def _name(house: str, common: str, sample: bool) -> x509.Name:
    parts = [(NameOID.ORGANIZATION_NAME, house[:64]), (NameOID.COMMON_NAME, common[-64:])]
    if sample:
        parts.insert(1, (NameOID.ORGANIZATIONAL_UNIT_NAME, SAMPLE))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _usage(**wanted: bool) -> x509.KeyUsage:
    names = ("digital_signature content_commitment key_encipherment data_encipherment key_agreement"
             " key_cert_sign crl_sign encipher_only decipher_only").split()  # fmt: skip
    return x509.KeyUsage(**{name: wanted.get(name, False) for name in names})


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: Key, signer: Key, at: datetime, years: int,
    usage: x509.KeyUsage, stamps: list[x509.ObjectIdentifier] | None = None, *, ca: bool = False,
) -> x509.Certificate:  # fmt: skip
    public, above = key.public_key(), signer.public_key()
    building = (
        x509.CertificateBuilder()
        .subject_name(subject).issuer_name(issuer).public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(minutes=5))
        .not_valid_after(at + timedelta(days=365 * years + years // 4))
        .add_extension(x509.BasicConstraints(ca, 0 if ca else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above), critical=False)
    )  # fmt: skip
    if stamps:
        building = building.add_extension(x509.ExtendedKeyUsage(stamps), critical=True)
    return building.sign(signer, hashes.SHA256())


def _nothing_revoked(root: x509.Certificate, signer: Key, at: datetime) -> bytes:
    """The root's list of certificates that do not hold any more; it travels inside each paper."""
    building = x509.CertificateRevocationListBuilder().issuer_name(root.subject)
    building = building.last_update(at - timedelta(minutes=5))
    building = building.next_update(at + timedelta(days=366 * SEAL_YEARS))
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    building = building.add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
    made = building.add_extension(above, critical=False).sign(signer, hashes.SHA256())
    return made.public_bytes(Encoding.DER)


def _put_aside(folder: Path, name: str) -> None:
    if (folder / f"{name}.crt").exists():
        old = x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())
        (folder / f"{name}.crt").rename(folder / f"{name}-{old.serial_number:x}.crt")
        (folder / f"{name}.key").unlink(missing_ok=True)  # what seals no more cannot be stolen


def _write(folder: Path, name: str, key: Key, certificate: x509.Certificate) -> None:
    keep_file(folder / f"{name}.crt", certificate.public_bytes(Encoding.PEM))
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    keep_file(folder / f"{name}.key", plain, 0o600)


def keep_file(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file whole or not at all; a private key is never readable by others, not even while
    it is written.
    """
    passing = path.with_name(f".{path.name}")
    passing.unlink(missing_ok=True)
    with os.fdopen(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    passing.rename(path)


@cache
def _words() -> tuple[str, ...]:
    return tuple((Path(__file__).parent / "words.txt").read_text("utf-8").split())


def in_words(fingerprint: str) -> str:
    """A fingerprint as words that can be read out: one of 256 for each byte."""
    return " ".join(_words()[byte] for byte in bytes.fromhex(fingerprint))
