"""A policy as it is handed in: a packed folder, a starter variant, or the folder on the server."""

import zipfile
from collections.abc import Mapping, Sequence
from difflib import unified_diff
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from partners.assessment.rules.cases import unlike_expected
from partners.ground.mending import Problem
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.paper.reading import DocumentError, read_documents
from partners.policy.load import NAMES, belongs, fingerprint
from partners.policy.schema import read
from partners.policy.shapes import PolicyError
from partners.policy.variants import applied, of_edition

MOST_FILES, MOST_BYTES, MOST_LINES = 500, 2_000_000, 200
HEAD = f"{NAMES[0]}.toml"
DAMAGED = N_("This is not a folder packed as zip, or it is damaged. Pack it again.")
TOO_MUCH = N_("This is more than a policy: at most 500 files, and 2 MB unpacked.")


def unpacked(upload: BinaryIO) -> dict[str, str]:
    """The files of an edition in a zip, by their path in the policy folder. Raises Refusal."""
    try:
        with zipfile.ZipFile(upload) as packed:
            inside = [i for i in packed.infolist() if not i.is_dir()]
            if len(inside) > MOST_FILES:
                raise Refusal(TOO_MUCH, field="file")
            within, left = _folder([i.filename for i in inside]), MOST_BYTES
            found: dict[str, str] = {}
            for info in inside:
                name = info.filename.removeprefix(within)
                if info.filename.startswith(within) and belongs(name):
                    found[name], left = _text(packed, info, left)
            return found
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError, LookupError,
            NotImplementedError) as error:  # fmt: skip
        raise Refusal(DAMAGED, field="file") from error


def _folder(names: Sequence[str]) -> str:
    """The folder in the zip in which the policy lies: there its head stands, nearest the top."""
    heads = [PurePosixPath(name) for name in names if PurePosixPath(name).name == HEAD]
    parent = min((str(head.parent) for head in heads), key=len, default=".")
    return "" if parent == "." else f"{parent}/"


def _text(packed: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> tuple[str, int]:
    with packed.open(info) as file:
        raw = file.read(left + 1)
    if len(raw) > left:
        raise Refusal(TOO_MUCH, field="file")
    return raw.decode("utf-8-sig").replace("\r\n", "\n"), left - len(raw)


def variant_of(folder: Path, name: str) -> dict[str, str]:
    """The edition that a starter variant makes of the policy in `folder`."""
    return of_edition(applied(folder, name))


def otherwise(
    was: Mapping[str, str], now: Mapping[str, str]
) -> list[tuple[str, Sequence[str], Sequence[str]]]:
    """Each file that is not the same, with the lines that go and the lines that come."""
    found: list[tuple[str, Sequence[str], Sequence[str]]] = []
    for name in sorted({*was, *now}):
        old, new = was.get(name, "").splitlines(), now.get(name, "").splitlines()
        if old != new:
            lines = [*unified_diff(old, new, n=0, lineterm="")][2:]
            gone, come = ([line[1:] for line in lines if line[0] == mark] for mark in "-+")
            found.append((name, gone[:MOST_LINES], come[:MOST_LINES]))
    return found


def to_mend(texts: Mapping[str, str]) -> Sequence[Problem]:
    """Everything for which this policy would be refused: rules, papers and its own examples."""
    try:
        policy = read(texts, fingerprint(texts))
        read_documents(texts, levels=list(policy.levels), bands=list(policy.bands),
                       triggers=set(policy.triggers))  # fmt: skip
    except (PolicyError, DocumentError) as error:
        return error.problems
    return [*unlike_expected(policy)]
