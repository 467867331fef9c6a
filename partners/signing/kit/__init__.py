"""What anybody takes home to check papers without us: the root, a script, samples to try it on."""

import json
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from asn1crypto import pem

from partners.ground import clock
from partners.paper import blocks as b
from partners.paper.press import printed
from partners.signing.keys import ROOT, Keys, in_words, keep_file, make
from partners.signing.kit.changes import AFTER, INSIDE
from partners.signing.rules import in_fours
from partners.signing.sealing import OWN, others, sealed

HERE = Path(__file__).parent
OPEN = {"verify.py": HERE / "verify.py", "verify.md": HERE.parents[2] / "docs" / "verify.md"}
WHOLE, ADDED = "sealed, whole", "sealed, but something was added"
NO = "not sealed by this root, or changed"
Samples = dict[str, tuple[bytes, str]]


def kit(keys: Keys) -> bytes:
    """The kit of this house as a zip: made when first asked for, then kept beside the keys."""
    texts = {name: path.read_bytes() for name, path in OPEN.items() if path.exists()}
    texts |= {f"trust/{name}.crt": pem.armor("CERTIFICATE", root.dump())
              for name, root in others(keys).items()}  # fmt: skip
    place = keys.folder / f"kit-{sha256(b''.join(texts.values())).hexdigest()[:12]}.zip"
    if not place.exists():
        keep_file(place, _packed(keys, texts))
    return place.read_bytes()


def _packed(keys: Keys, texts: dict[str, bytes]) -> bytes:
    words = f"{in_fours(keys.fingerprint)}\n\n{in_words(keys.fingerprint)}\n"
    whole = {**texts, "root.crt": _root(keys), "fingerprint.txt": words.encode()}
    with TemporaryDirectory() as folder:
        ours = Keys(Path(folder) / "ours")
        found = samples(ours, Keys(Path(folder) / "theirs"))
        whole["samples/root.crt"] = _root(ours)
    told = {name: verdict for name, (_content, verdict) in found.items()}
    whole["samples/expected.json"] = json.dumps(told, indent=1).encode()
    whole |= {f"samples/{name}": content for name, (content, _verdict) in found.items()}
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as pack:
        for name, content in whole.items():
            pack.writestr(f"verify-kit/{name}", content)
    return out.getvalue()


def _root(keys: Keys) -> bytes:
    return (keys.folder / f"{ROOT}.crt").read_bytes()


def samples(ours: Keys, theirs: Keys) -> Samples:
    """Twelve papers, good and bad, each with its verdict under the root of `ours`.

    Their keys are made for this and thrown away; `theirs` bear the same names.
    """
    at, chance = clock.now(), Random(12)  # noqa: S311, because it chooses where a sample is broken
    for keys in (ours, theirs):
        make(keys, "Sample municipality", at=at, sample=True)

    def paper(names: list[str], language: str, keys: Keys = ours) -> bytes:
        texts = _body(language), _last(names, language)
        attached = {"evidence.json": b"{}", "paper.pdf": texts[0]}
        return sealed(*texts, attached, keys, OWN, at=at)

    good, many = paper(["Grethe"], "en"), paper(list("ABCDEF"), "en")
    found = {
        "one-signer.pdf": (good, WHOLE), "six-signers.pdf": (many, WHOLE),
        "in-danish.pdf": (paper(["Grethe"], "da"), WHOLE),
        "never-sealed.pdf": (_body("en"), NO),
        "look-alike-seal.pdf": (paper(["Grethe"], "en", theirs), NO),
    }  # fmt: skip
    for changes, verdict in (({n: INSIDE[n] for n in ("flip", "truncate")}, NO), (AFTER, ADDED)):
        for name in [n for n in changes if n not in ("form value", "font", "metadata")]:
            content = changes[name](good, chance, theirs)
            found[f"{name.replace(' ', '-')}.pdf"] = content, verdict
    return found


def _body(language: str) -> bytes:
    words = [b.Masthead("Sample memorandum"), b.Para("The hall is open every Friday.")]
    return printed(words, title="Sample memorandum", language=language, reference="S-1")


def _last(names: list[str], language: str) -> bytes:
    words = [b.Heading(2, "Signatures"), b.Bullets(tuple(b.Item(name) for name in names))]
    return printed(words, title="Signatures", language=language, reference="S-1")
