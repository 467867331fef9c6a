"""Signed elsewhere: our PDF with the signature of another service in it, checked and kept.

It counts for what it is: which certificate signed exactly our file, and which service that the
municipality trusts issued it. Whether that is the person named on the paper, a person compares.
"""

import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.signing import pades
from partners.signing.keys import FOLDER

ROOTS = FOLDER.parent / "signers"  # certificates of services by which people sign elsewhere
SECONDS = 20
SLACK = timedelta(minutes=10)  # because no two clocks are the same
TROUBLES = {
    "other": N_("This is not the file that was issued, or the service has written it anew. Download"
                " it here, sign exactly that file, and choose a service that adds its signature to"
                " the file."),
    "unsigned": N_("Nobody has signed this file yet. Sign it in the service first, then hand in"
                   " what the service gives back."),
    "several": N_("This file bears more than one signature. Download it afresh: each person signs a"
                  " file of their own."),
    "kind": N_("The signature is of another kind (%(kind)s). Choose PAdES in the service, and sign"
               " a fresh file."),
    "more": N_("Something was added to the file besides the signature. Download it afresh, and sign"
               " it without notes, filled fields or large stamps."),
    "broken": N_("The signature does not fit the file: something was changed after it, or on the"
                 " way. Download the file afresh and sign it again."),
    "stranger": N_("The certificate comes from “%(issuer)s”, which the municipality does not know"
                   " as a service for signing. Use another service, or ask your contact which ones"
                   " are taken."),
    "expired": N_("The certificate ran out on %(until)s, and no time stamp that we trust says that"
                  " it was used before. Sign again with one that is valid."),
    "revoked": N_("“%(issuer)s” has taken this certificate back. Sign again with one that is"
                  " valid."),
    "time": N_("The signature says that it was made outside the time in which this paper could be"
               " signed. Set the clock of your computer right, and sign again."),
    "unreadable": N_("This file could not be read as a PDF. Download it afresh, sign it, and hand"
                     " in what the service gives back, without opening and saving it."),
}  # fmt: skip


def known(instance: Path) -> bool:
    """Whether there is any service that the municipality trusts."""
    return any(path.suffix in pades.ENDINGS for path in (instance / ROOTS).glob("*"))


def checked(
    content: bytes, ours: bytes, issued_at: datetime, instance: Path, *, at: datetime
) -> dict[str, str]:
    """Who signed our file when, by which service. Raises Refusal, which says how to mend it."""
    said = _told(content, ours, instance / ROOTS, at)
    what = said.pop("trouble", "")
    if not what:
        made = said["signed_at"] and datetime.fromisoformat(said["signed_at"])
        what = "" if made and issued_at - SLACK <= made <= at + SLACK else "time"
    if what:
        # As the certificate itself says it, which is the same everywhere.
        days = {n: date.fromisoformat(v[:10]) for n, v in said.items() if n == "until"}
        raise Refusal(TROUBLES[what], field="file", **{**said, **days})
    return {**said, "handed_in": at.isoformat()}


def _told(content: bytes, ours: bytes, roots: Path, at: datetime) -> dict[str, str]:
    head = {"ours": len(ours), "at": at.isoformat(), "roots": str(roots), "seconds": SECONDS}
    try:
        done = subprocess.run(
            [sys.executable, "-I", pades.__file__], capture_output=True, timeout=SECONDS,
            input=json.dumps(head).encode() + b"\n" + ours + content, check=True, env={},
        )  # fmt: skip
        return dict(json.loads(done.stdout))
    except (subprocess.SubprocessError, OSError, ValueError):
        return {"trouble": "unreadable"}
