"""Time stamps of an authority outside the house, which may answer as badly as anybody."""

import asyncio
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pikepdf
import pytest
from asn1crypto import cms, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import (
    AccessDescription,
    AuthorityInformationAccess,
    CertificateBuilder,
    ExtendedKeyUsage,
    KeyUsage,
    UniformResourceIdentifier,
)
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponderEncoding, OCSPResponseBuilder
from cryptography.x509.oid import AuthorityInformationAccessOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathValidationError

from partners.ground.db import db
from partners.signing import keys as signing_keys
from partners.signing import stamps, work
from partners.signing.checking import signatures
from partners.signing.keys import Keys
from partners.signing.kit import kit
from partners.signing.models import Seal
from tests.builders import House
from tests.page import Page
from tests.signing import sealed
from tests.signing.authority import WHY, Authority, answering, founded
from tests.signing.test_seal_proof import let_it_be_tried, sealed_now
from tests.signing.test_sealing import file_of, papers, seal, signed_by_all  # noqa: F401

DAY = timedelta(days=1)
DIGEST = sha256(b"a signature").digest()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with answering(founded(tmp_path_factory.mktemp("stamps") / "keys")) as one:
        yield one


def loaded(keys: Keys, *names: str) -> list[x509.Certificate]:
    made = (keys.certificate(name).public_bytes(Encoding.DER) for name in names)
    return [x509.Certificate.load(one) for one in made]


def trusting(keys: Keys) -> ValidationContext:
    return ValidationContext(trust_roots=loaded(keys, "root"))


def stamped(address: str, keys: Keys) -> Any:
    asking = stamps.Authority(address, trusting(keys))
    return asyncio.run(asking.async_timestamp(DIGEST, "sha256"))


def test_an_authority_that_answers_gives_its_stamp(authority: Authority) -> None:
    told = stamped(authority.at("good"), authority.keys)["content"]["encap_content_info"]
    assert told["content"].parsed["message_imprint"]["hashed_message"].native == DIGEST


@pytest.mark.parametrize("manner", WHY)
def test_an_authority_that_answers_badly_gives_none(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, manner: str
) -> None:
    monkeypatch.setattr(stamps, "REACH", replace(stamps.REACH, seconds=0.6))
    authority.asked.clear()
    began = time.monotonic()
    with pytest.raises(TimestampRequestError, match=WHY[manner]):
        stamped(authority.at(manner), authority.keys)
    assert authority.asked == [manner], "and nobody else is asked in its place"
    assert time.monotonic() - began < 5  # a hang, not a measure


def test_a_stamp_of_an_authority_that_nobody_has_named_is_none(
    authority: Authority, tmp_path: Path
) -> None:
    other = founded(tmp_path / "other")
    with pytest.raises(TimestampRequestError, match="no known root"):
        stamped(authority.at("good"), other)


def test_where_a_strangers_certificate_points_is_looked_at_on_the_open_network_alone(
    authority: Authority,
) -> None:
    authority.asked.clear()
    points = [SimpleNamespace(url=authority.at(manner)) for manner in ("list", "garbage")]
    certificate = SimpleNamespace(issuer_serial=b"1", crl_distribution_points=points)
    assert asyncio.run(stamps.Lists().fetch(certificate)) == []
    assert authority.asked == []
    (found,) = asyncio.run(stamps.Lists(stamps.REACH).fetch(certificate))
    assert found.dump() == (authority.keys.folder / "revoked.crl").read_bytes()


def test_a_paper_waits_for_its_authority_and_bears_its_stamp_and_no_other(
    house: House,
    seal: Keys,  # noqa: F811
    authority: Authority,
) -> None:
    instance = house.app.config["SETTINGS"].instance
    trust = instance / signing_keys.FOLDER.parent / "trust"
    trust.mkdir(parents=True)
    shutil.copy(authority.keys.folder / "root.crt", trust / "stamp-house.crt")

    def asks(manner: str) -> Seal:
        work.announce(house.app.extensions["jobs"], instance, authority.at(manner))
        let_it_be_tried(house)
        sealed_now()
        db.session.expire_all()
        return db.session.query(Seal).one()

    work.announce(house.app.extensions["jobs"], instance, authority.at("another digest"))
    signed_by_all(house)
    for tries, manner in enumerate(("away", "another number"), start=2):
        row = asks(manner)
        assert (row.fingerprint, row.sealed_at, row.tries) == ("", None, tries)
        page = Page(house.client("grethe")).get(f"/papers/{papers.newest_id()}/receipt")
        assert "time stamp pending" in page.text
    row = asks("good")
    assert (row.trouble, row.evidence["seal"]["time_stamps"]) == ("", authority.at("good"))
    content = file_of(house, row)
    (one,) = signatures(content)
    signer = cms.ContentInfo.load(one.signature)["content"]["signer_infos"][0]
    (token,) = next(a["values"] for a in signer["unsigned_attrs"]
                    if a["type"].native == "signature_time_stamp_token")  # fmt: skip
    (seal.folder / "token").write_bytes(token.dump())
    digest = sha256(signer["signature"].native).hexdigest()
    check = f"openssl ts -verify -digest {digest} -token_in -in token -CAfile".split()
    checked = subprocess.run([*check, authority.keys.folder / "root.crt"], cwd=seal.folder,
                             capture_output=True, text=True)  # fmt: skip
    assert "Verification: OK" in checked.stdout, checked.stderr
    fine, words = sealed.pyhanko(seal, content, authority.keys)
    assert fine
    assert "TIMESTAMP_TOKEN<INTACT:TRUSTED>,UNTOUCHED" in words
    assert "TIMESTAMP_TOKEN<INTACT:UNTRUSTED>" in sealed.pyhanko(seal, content)[1]
    said = sealed.pdfsig(seal, content)
    assert all(line in said for line in sealed.LINES), said
    ZipFile(BytesIO(kit(seal))).extractall(seal.folder)
    home = seal.folder / "verify-kit"
    (home / "paper.pdf").write_bytes(content)
    told = subprocess.run([sys.executable, "-I", home / "verify.py", "paper", home / "paper.pdf"],
                          capture_output=True, text=True).stdout  # fmt: skip
    assert "by trust/stamp-house.crt\nsealed, whole" in told


def status_of(keys: Keys, address: str) -> bytes:
    """A new clock whose certificate names only a place to ask about it, and what is said there."""
    root, above, now = keys.root, keys.key("root"), datetime.now(UTC)
    at = UniformResourceIdentifier(address)
    place = AccessDescription(AuthorityInformationAccessOID.OCSP, at)
    old = keys.certificate("clock")
    building = (
        CertificateBuilder().subject_name(old.subject).issuer_name(root.subject)
        .public_key(old.public_key()).serial_number(7).not_valid_before(now - DAY)
        .not_valid_after(now + 900 * DAY)
        .add_extension(AuthorityInformationAccess([place]), False)
    )  # fmt: skip
    for kept in (KeyUsage, ExtendedKeyUsage):
        building = building.add_extension(old.extensions.get_extension_for_class(kept).value, True)
    made = building.sign(above, hashes.SHA256())
    signing_keys.keep_file(keys.folder / "clock.crt", made.public_bytes(Encoding.PEM))
    said = OCSPResponseBuilder().add_response(
        made, root, hashes.SHA1(), OCSPCertStatus.GOOD, now, now + DAY, None, None
    ).responder_id(OCSPResponderEncoding.HASH, root).sign(above, hashes.SHA256())  # fmt: skip
    return said.public_bytes(Encoding.DER)


def test_where_an_authority_keeps_no_list_it_is_asked_about_the_one_certificate(
    authority: Authority,
) -> None:
    before = (authority.keys.folder / "clock.crt").read_bytes()
    authority.status = status_of(authority.keys, authority.at("status"))
    (certificate,) = loaded(authority.keys, "clock")
    (authority.keys.folder / "clock.crt").write_bytes(before)
    for reach, known in ((None, False), (stamps.REACH, True)):
        authority.asked.clear()
        asking = stamps.asking(reach)
        context = ValidationContext(trust_roots=loaded(authority.keys, "root"), fetchers=asking,
                                    allow_fetching=True, revocation_mode="require")  # fmt: skip
        checking = CertificateValidator(certificate, validation_context=context)
        if known:
            asyncio.run(checking.async_validate_usage(set()))
            assert context.ocsps == asking.ocsp_fetcher.fetched_responses() != []
        else:
            with pytest.raises(PathValidationError):
                asyncio.run(checking.async_validate_usage(set()))
        assert authority.asked == ["status"] * known, "the open network alone is asked"


def test_what_was_said_of_a_clock_lies_in_the_sealed_file_for_who_asks_when_nobody_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The open network alone is faked: where a name leads, and who answers at that place."""
    ours, theirs, now = (
        Keys(tmp_path / "keys/seal"),
        founded(tmp_path / "stamps"),
        datetime.now(UTC),
    )
    signing_keys.make(ours, "Havnby", at=now)
    (tmp_path / "keys/trust").mkdir()
    shutil.copy(theirs.folder / "root.crt", tmp_path / "keys/trust/stamp-house.crt")
    name, place = "status.stamp-house.example", ("93.184.215.14", 80)
    look_up, connect = socket.getaddrinfo, socket.create_connection
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: (
        found if host == name else look_up(host, *a, **k)))  # fmt: skip
    with answering(theirs) as authority:
        authority.status = status_of(theirs, f"http://{name}/status")
        leads = {place: ("127.0.0.1", authority.port)}
        monkeypatch.setattr(socket, "create_connection",
                            lambda to, *a: connect(leads.get(to, to), *a))  # fmt: skip
        made = sealed.paper(Random(1), ours, now, clock=authority.at("good"))
        assert authority.asked.count("status") == 1
    with pikepdf.open(BytesIO(made.content)) as pdf:
        assert [one.read_bytes() for one in pdf.Root.DSS.OCSPs] == [authority.status]
    roots = [*loaded(ours, "root"), *loaded(theirs, "root")]

    def trusted(answers: int, day: datetime) -> bool | None:
        reader = PdfFileReader(BytesIO(made.content))
        kept = DocumentSecurityStore.read_dss(reader)
        kept.ocsps = kept.ocsps[:answers]
        context = kept.as_validation_context({"trust_roots": roots, "moment": day,
                                              "revocation_mode": "require"})  # fmt: skip
        (signature,) = reader.embedded_signatures
        stamp = validate_pdf_signature(signature, context).timestamp_validity
        return stamp and stamp.intact and stamp.trusted

    assert (trusted(1, now), trusted(0, now)) == (True, False)
    assert not trusted(1, now + 400 * DAY), "what was said of one day says nothing of another"
