"""What a file is, by its content. Pure: bytes in, kind out; what could be two things is none."""

import re
import struct
from pathlib import PurePosixPath

import filetype  # pyright: ignore[reportMissingTypeStubs]

from partners.ground.refusals import Refusal
from partners.ground.text import safe_filename
from partners.ground.words import N_

MOST_BYTES = 10 * 1024 * 1024
ENDINGS = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}
_PNG, _LAST_CHUNK = b"\x89PNG\r\n\x1a\n", b"IEND"
# What another program would look for: a page near the start, an archive's table at the end.
_PAGES = re.compile(rb"<(?:!doctype|html|script|svg|\?xml)", re.I)
_ARCHIVE_END, _ARCHIVE_TAIL = b"PK\x05\x06", 66_000


def kind_of(content: bytes) -> str:
    """The media type of a PDF, PNG or JPEG. Raises Refusal, with the mend, for anything else."""
    if not content:
        raise Refusal(N_("This file is empty. Choose the file again."))
    if len(content) > MOST_BYTES:
        raise Refusal(N_("This file is larger than 10 MB. Save it smaller, or give a link."))
    guess = str(filetype.guess_mime(content[:8192]))  # pyright: ignore[reportUnknownMemberType]
    check = {"application/pdf": _is_pdf, "image/png": _is_png, "image/jpeg": _is_jpeg}.get(guess)
    if check is None:
        raise Refusal(N_("Only PDF, PNG and JPEG are taken. Save it as PDF, then choose it again."))
    if not check(content) or _is_also_something_else(content, guess):
        raise Refusal(
            N_("This file holds more than its kind allows, or is damaged. Print it to PDF, then"
               " choose that.")
        )  # fmt: skip
    return guess


def _is_pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]


def _is_png(content: bytes) -> bool:
    """Chunks one after the other, and nothing behind the last."""
    at = len(_PNG)
    while at + 12 <= len(content) and content.startswith(_PNG):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        at += length + 12
        if kind == _LAST_CHUNK:
            return at == len(content)
    return False


def _is_jpeg(content: bytes) -> bool:
    return content.startswith(b"\xff\xd8\xff") and content.rstrip(b"\0\r\n ").endswith(b"\xff\xd9")


def _is_also_something_else(content: bytes, kind: str) -> bool:
    start = content[:1024]
    if kind != "application/pdf" and b"%PDF-" in start:
        return True
    return bool(_PAGES.search(start)) or _ARCHIVE_END in content[-_ARCHIVE_TAIL:]


def clean_name(typed: str, kind: str) -> str:
    """A name to show and to save under, with the ending of what the file really is."""
    stem = PurePosixPath(safe_filename(typed)).stem
    return f"{stem or 'paper'}{ENDINGS[kind]}"
