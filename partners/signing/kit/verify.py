#!/usr/bin/env python3
"""Checks sealed papers without the house that sealed them. Needs Python 3.8 and openssl.

    python3 verify.py paper FILE.pdf                             is it whole, and sealed by this root?
    python3 verify.py evidence evidence.json [paper.pdf content.json]      who signed which text?
    python3 verify.py status list.json FILE.pdf evidence.json              does it still hold?
    python3 verify.py samples                      does this script say of twelve papers what it should?

root.crt lies beside this script, and in trust/ the roots of those who stamped the time, where that
was somebody else than the house. Compare its fingerprint first, with one from another place:

    openssl x509 -in root.crt -noout -fingerprint -sha256

Ends with 0 for yes, 1 for "something was added", 2 for no.
"""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.environ.get("ROOT") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "root.crt"
)
RANGE = re.compile(
    rb"/ByteRange\s{0,9}\[\s{0,9}0\s{1,9}(\d{1,9})\s{1,9}(\d{1,9})\s{1,9}(\d{1,9})\s{0,99}\]"
)
WHOLE, ADDED, NO = (
    "sealed, whole",
    "sealed, but something was added",
    "not sealed by this root, or changed",
)


def openssl(*words, **files):
    """Run openssl with these files at hand; True when it says yes."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        done = subprocess.run(
            ["openssl", *words], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True
        )
        return done.stdout if done.returncode == 0 else None


def paper(content):
    """The verdict on a PDF. Whether the certificate has run out since is not asked: it held when
    the paper was sealed, and the time stamp inside says when that was."""
    for place, found in enumerate(RANGE.finditer(content)):
        first, second, more = (int(number) for number in found.groups())
        gap = content[first:second]
        if place > 7 or not re.fullmatch(rb"<[0-9A-Fa-f]+>", gap) or len(gap) % 2:
            continue
        signature = bytes.fromhex(gap[1:-1].decode())
        signed = content[:first] + content[second : second + more]
        if (
            openssl(
                "cms",
                "-verify",
                "-inform",
                "DER",
                "-in",
                "signature",
                "-content",
                "signed",
                "-binary",
                "-CAfile",
                os.path.abspath(ROOT),
                "-purpose",
                "any",
                "-no_check_time",
                "-out",
                os.devnull,
                signature=signature,
                signed=signed,
            )
            is None
        ):
            continue
        length = signature[1] & 127
        length += 2 + int.from_bytes(signature[2 : 2 + length], "big")
        whole = second + more == len(content) and not signature[length:].strip(b"\0")
        print("  time stamp:", stamp(signature[:length]))
        return WHOLE if whole else ADDED
    return NO


def stamp(signature):
    """When a seal was made, by a clock that a root at hand vouches for."""
    plan = (openssl("asn1parse", "-inform", "DER", "-in", "s", s=signature) or b"").decode()
    before, found, after = plan.partition("timeStampToken")
    rows = re.findall(r"(\d+):d=\d+ +hl=(\d+) l= *(\d+) (.*)", before)
    values = [row for row in rows if "OCTET STRING" in row[3]]
    tokens = re.findall(r"(\d+):d=\d+ +hl=(\d+) l= *(\d+) ", after)
    if not found or not values or len(tokens) < 2:
        return "none"
    at, head, long = (int(number) for number in values[-1][:3])
    digest = hashlib.sha256(signature[at + head : at + head + long]).hexdigest()
    at, head, long = (int(number) for number in tokens[1])
    token = signature[at : at + head + long]
    for name, root in [("the house's own clock", ROOT), *others()]:
        words = "ts -verify -token_in -in token -no_check_time -digest".split()
        if openssl(*words, digest, "-CAfile", os.path.abspath(root), token=token) is not None:
            told = openssl("ts", "-reply", "-token_in", "-in", "token", "-text", token=token)
            when = re.search("Time stamp: (.*)", (told or b"").decode())
            return "%s, by %s" % (when[1] if when else "unread", name)
    return "by a clock for which no root here vouches"


def others():
    """The roots of others who stamped the time, by name."""
    folder = os.path.join(os.path.dirname(os.path.abspath(ROOT)), "trust")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return [("trust/" + name, os.path.join(folder, name)) for name in names]


def canonical(thing):
    return json.dumps(thing, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def record(content):
    """A signed record without its signature, or None when it is not one of this root."""
    try:
        whole = json.loads(content)
        by = whole.pop("sealed_by")
        parts = {name: base64.b64decode(by[name]) for name in ("certificate", "signature")}
        exact = {name: base64.b64encode(part).decode() for name, part in parts.items()}
        if canonical({**whole, "sealed_by": exact}) != content:
            return None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    pem = openssl("x509", "-inform", "DER", "-in", "c", c=parts["certificate"])
    if (
        pem is None
        or openssl("verify", "-CAfile", os.path.abspath(ROOT), "-no_check_time", "c", c=pem) is None
    ):
        return None
    key = openssl("x509", "-in", "c", "-pubkey", "-noout", c=pem)
    checked = openssl(
        "dgst",
        "-sha256",
        "-verify",
        "key",
        "-signature",
        "signature",
        "record",
        key=key or b"",
        signature=parts["signature"],
        record=canonical(whole),
    )
    return None if checked is None else whole


def evidence(content, *attached):
    """Whether the record is whole and speaks of these files."""
    told = record(content)
    if told is None:
        return NO
    wanted = [told["paper"]["file_sha256"], told["paper"]["content_sha256"]]
    if any(hashlib.sha256(file).hexdigest() != mark for mark, file in zip(wanted, attached)):
        return "sealed, but about other files"
    for one in told["signatures"]:
        print(
            "  %(name)s, %(role)s, for %(party)s, %(at)s (%(rung)s): %(statement)s"
            % {**one, "party": one["for"]["name"]}
        )
    fits = all(own_key(one) for one in told["signatures"] if one["rung"] == "key")
    return WHOLE if fits else "sealed, but a key of a signer did not sign this text"


def own_key(one):
    """Whether a signer's own key (WebAuthn) signed this very text, these words, this one time."""
    try:
        key, nonce = one["proof"]["key"], bytes.fromhex(one["proof"]["nonce"])
        client, data, signature = (
            base64.urlsafe_b64decode(key[name] + "==")
            for name in ("clientDataJSON", "authenticatorData", "signature")
        )
        asked = base64.urlsafe_b64decode(json.loads(client)["challenge"] + "==")
        words = hashlib.sha256(one["statement"].encode()).digest()
        said = b"partners-sign-v1\0" + bytes.fromhex(one["text_sha256"]) + words + nonce
    except (ValueError, KeyError, TypeError):
        return False
    signed = data + hashlib.sha256(client).digest()
    told = "dgst -sha256 -verify key -signature signature signed".split()
    checked = openssl(*told, key=key["public_key"].encode(), signature=signature, signed=signed)
    return asked == hashlib.sha256(said).digest() and checked is not None


def status(content, sealed, proof):
    """How the paper stands by a signed list."""
    listed, told = record(content), record(proof)
    if listed is None or told is None:
        return NO
    salt = bytes.fromhex(told["seal"]["salt"])
    name = hashlib.sha256(hashlib.sha256(sealed).digest() + salt).hexdigest()
    found = [row for row in listed["papers"] if row["id"] == name]
    print("  list of", listed["made_at"], *("%(state)s since %(since)s" % row for row in found))
    return WHOLE if found else "sealed, but not in this list"


def samples():
    """Whether each sample gets the verdict that expected.json names."""
    global ROOT
    folder = os.path.join(os.path.dirname(ROOT), "samples")
    ROOT, wrong = os.path.join(folder, "root.crt"), 0
    with open(os.path.join(folder, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)
    for name, verdict in expected.items():
        with open(os.path.join(folder, name), "rb") as file:
            found = paper(file.read())
        wrong += found != verdict
        print("  %-24s %s%s" % (name, found, "" if found == verdict else "   SHOULD BE " + verdict))
    return "%d samples, all as expected" % len(expected) if not wrong else NO


def main(words):
    kinds = {"paper": paper, "evidence": evidence, "status": status, "samples": samples}
    if not words or words[0] not in kinds or (len(words) < 2 and words[0] != "samples"):
        print(__doc__)
        return 2
    files = []
    for name in words[1:]:
        with open(name, "rb") as file:
            files.append(file.read())
    verdict = kinds[words[0]](*files)
    print(verdict)
    return 2 if verdict == NO else 0 if verdict == WHOLE or words[0] == "samples" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
