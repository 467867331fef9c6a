"""Reading a policy folder: the texts as they stand, and their fingerprint."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from partners.ground.mending import Problem, told
from partners.policy.shapes import PolicyError

NAMES = ("policy", "levels", "bands", "bundles", "deciders", "kinds", "sources", "examples")
FILES = tuple(f"{name}.toml" for name in NAMES)
FOLDERS = ("checklist", "languages")
PAPERS = "documents"
OURS = Path(__file__).parents[2] / "data"


def load(folder: Path) -> tuple[str, dict[str, str]]:
    """The fingerprint of the policy in `folder`, and its texts by relative path.

    Raises `PolicyError`, with all that is wrong, where a file is missing or is not UTF-8 text.
    """
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for name in _names(folder):
        try:
            texts[name] = (folder / name).read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            problems.append(Problem(name, "", "is not UTF-8 text", "save it as UTF-8"))
        except OSError as error:
            what = told("cannot be read", aside=f" ({error.strerror})")
            problems.append(Problem(name, "", what, "put it into the policy folder"))
    if problems:
        raise PolicyError(problems)
    return fingerprint(texts), texts


def own_or_ours(folder: Path, name: str) -> Path:
    """A file that a policy folder may bring; where it does not, the one that comes with the house.

    It is the keeper's, and no part of the edition.
    """
    own = folder / name
    return own if own.exists() else OURS / name


def fingerprint(texts: Mapping[str, str]) -> str:
    """The name of an edition, made of every letter of it."""
    whole = "\0".join(f"{name}\0{texts[name]}" for name in sorted(texts))
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def belongs(name: str) -> bool:
    """Whether a file of a policy folder, by its relative path, is part of the edition."""
    folder, _, rest = name.partition("/")
    if folder == PAPERS:
        return name.endswith((".toml", ".md")) and not name.endswith("README.md")
    return name in FILES or (folder in FOLDERS and "/" not in rest and rest.endswith(".toml"))


def _names(folder: Path) -> list[str]:
    if not folder.is_dir():
        problem = Problem(str(folder), "", "is not a folder", "name the folder of the policy")
        raise PolicyError([problem])
    # The papers' texts belong to the edition: a letter printed years later says the same.
    parts = (sorted((folder / part).rglob("*")) for part in (*FOLDERS, PAPERS))
    names = (p.relative_to(folder).as_posix() for part in parts for p in part)
    return [*FILES, *filter(belongs, names)]
