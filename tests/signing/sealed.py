"""Random sealed papers without a house around them, and what other people's tools say of them."""

import base64
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from click.testing import CliRunner
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pyhanko.cli import cli_root
from pyhanko.pdf_utils.reader import PdfFileReader

from partners.ground.db import public_id
from partners.paper import blocks as b
from partners.paper.press import printed
from partners.signing.canonical import canonical, signed
from partners.signing.files import fingerprint
from partners.signing.keys import Keys
from partners.signing.keys import __file__ as of_keys
from partners.signing.models import Seal, Signature
from partners.signing.rules import challenge
from partners.signing.sealing import OWN, sealed
from partners.signing.work import Mark, Whole, evidence_of, proof_of

RUNGS = ("account", "key", "elsewhere", "paper")
LINES = ("Total document signed", "Signature is Valid.", "Certificate is Trusted.")
SCRIPT = Path(of_keys).parent / "kit" / "verify.py"


@dataclass(frozen=True)
class Made:
    """A sealed paper and its record."""

    content: bytes
    evidence: bytes
    body: bytes
    text: bytes


def paper(
    chance: Random, keys: Keys, at: datetime, number: int = 0, clock: str = OWN
) -> Made:  # fmt: skip
    """A paper in English or Danish; by its number of one to six signatories, on rungs in turn."""
    language = chance.choice(("en", "da"))
    some = ("hall", "æble", "fredag", "café", "£5", "“så”")
    words = " ".join(chance.choices(some, k=99))
    blocks = [b.Masthead("Memorandum"), *(b.Para(words) for _ in range(chance.randint(1, 30)))]
    body = printed(blocks, title="Memorandum", language=language, reference="M-1")
    people = [
        Signature(name=f"Person {n}", role="chair", authority="statutes, section 7", at=at,
                  statement="I have read this paper and sign it.", text_hash=fingerprint(body),
                  language=language, method=RUNGS[(number + n) % 4], evidence={})
        for n in range(number % 6 + 1)
    ]  # fmt: skip
    for one in people:
        one.evidence = touched(one) if one.method == "key" else {}
    mark = Mark(public_id(), "https://havnby.example", keys.fingerprint)
    names = b.Bullets(tuple(b.Item(one.name, one.method) for one in people))
    last = printed([b.Heading(2, "Signatures"), names, b.Square(mark.link)], title="Signatures",
                   language=language, reference="M-1")  # fmt: skip
    proofs = [proof_of(one, {"side": "partner", "name": "Harbour Kitchen"}) for one in people]
    content = {"schema": "partners-content-1", "words": words}
    whole = Whole(None, body, last, {"title": "Memorandum"}, content, proofs)
    seal = Seal(public_id=mark.code, salt="00" * 16)
    record = signed(evidence_of(whole, seal, mark, clock), keys)
    text = canonical(content)
    attached = {"content.json": text, "evidence.json": record, "paper.pdf": body}
    return Made(sealed(body, last, attached, keys, clock, at=at), record, body, text)


def touched(one: Signature) -> dict[str, Any]:
    """What a key of one's own leaves behind: its answer to a question about this very text."""
    key, nonce = ec.generate_private_key(ec.SECP256R1()), secrets.token_hex(16)
    asked = _url(challenge(one.text_hash, one.statement, nonce))
    client = json.dumps({"type": "webauthn.get", "challenge": asked}).encode()
    data = bytes(37)
    signature = key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    told = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
    parts = {name: _url(part) for name, part in told.items()}
    return {"nonce": nonce, "key": {"public_key": public.decode(), **parts}}


def _url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def script(keys: Keys, kind: str, *parts: bytes) -> str:
    """What the kit's script says, as a stranger runs it."""
    names = []
    for at, part in enumerate(parts):
        names.append(keys.folder / f"tried-{at}")
        names[-1].write_bytes(part)
    env = {**os.environ, "ROOT": str(keys.folder / "root.crt")}
    done = subprocess.run([sys.executable, "-I", SCRIPT, kind, *names], env=env, text=True,
                          capture_output=True)  # fmt: skip
    return done.stdout.strip().rsplit("\n", 1)[-1]


def pdfsig(keys: Keys, content: bytes) -> str:
    """What poppler says, with our root in its store."""
    store = f"sql:{keys.folder / 'nss'}"
    if not (keys.folder / "nss").exists():
        (keys.folder / "nss").mkdir()
        subprocess.run(["certutil", "-N", "-d", store, "--empty-password"], check=True)
        subprocess.run(["certutil", "-A", "-n", "ours", "-t", "C,C,C", "-d", store,
                        "-i", keys.folder / "root.crt"], check=True)  # fmt: skip
    place = keys.folder / "tried.pdf"
    place.write_bytes(content)
    return subprocess.run(["pdfsig", "-nssdir", store, place], text=True,
                          capture_output=True).stdout  # fmt: skip


def pyhanko(
    keys: Keys, content: bytes, *others: Keys, at: datetime | None = None
) -> tuple[bool, str]:
    """Whether pyHanko's own command ends without an error, and its words. In this process, because
    it takes a second to start.
    """
    place = keys.folder / "tried.pdf"
    place.write_bytes(content)
    roots = [word for one in (keys, *others) for word in ("--trust", f"{one.folder}/root.crt")]
    when = ["--validation-time", f"{at:%Y-%m-%dT%H:%M:%S+00:00}"] if at else []
    command = ["sign", "validate", *roots, "--trust-replace", "--no-revocation-check", *when]
    done = CliRunner().invoke(cli_root, [*command, str(place)])
    return done.exit_code == 0, done.output


def qpdf(keys: Keys, content: bytes) -> bool:
    """Whether qpdf finds nothing wrong."""
    place = keys.folder / "tried.pdf"
    place.write_bytes(content)
    return subprocess.run(["qpdf", "--check", place], capture_output=True).returncode == 0


def doubts(keys: Keys, made: Made) -> Iterator[str]:
    """Everything that any of the tools has against a paper that is whole."""
    said = pdfsig(keys, made.content)
    yield from (f"pdfsig: no {line!r}" for line in LINES if line not in said)
    fine, words = pyhanko(keys, made.content)
    if not fine or "UNTOUCHED" not in words or "TIMESTAMP_TOKEN<INTACT:TRUSTED>" not in words:
        yield f"pyhanko: {words}"
    if (said := script(keys, "paper", made.content)) != "sealed, whole":
        yield f"openssl: {said}"
    if (said := script(keys, "evidence", made.evidence, made.body, made.text)) != "sealed, whole":
        yield f"evidence: {said}"
    if not qpdf(keys, made.content):
        yield "qpdf"
    if PdfFileReader(BytesIO(made.content)).total_revisions != 1:
        yield "more than one revision"


def years_ago(years: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=365.25 * years + 2)
