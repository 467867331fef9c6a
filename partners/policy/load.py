"""Reading a policy folder: the texts as they stand, and their fingerprint."""

import hashlib
from pathlib import Path

from partners.policy.shapes import PolicyError, Problem

NAMES = ("policy", "levels", "bands", "bundles", "deciders", "kinds", "sources", "examples")
FOLDERS = ("checklist", "languages")
PAPERS = "documents"


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
            what = f"cannot be read ({error.strerror})"
            problems.append(Problem(name, "", what, "put it into the policy folder"))
    if problems:
        raise PolicyError(problems)
    whole = "\0".join(f"{name}\0{texts[name]}" for name in sorted(texts))
    return hashlib.sha256(whole.encode()).hexdigest()[:16], texts


def _names(folder: Path) -> list[str]:
    if not folder.is_dir():
        problem = Problem(str(folder), "", "is not a folder", "name the folder of the policy")
        raise PolicyError([problem])
    found = [p for part in FOLDERS for p in sorted((folder / part).glob("*.toml"))]
    # The papers' texts belong to the edition: a letter printed years later says the same.
    papers = (folder / PAPERS).rglob("*")
    found += sorted(p for p in papers if p.suffix in (".toml", ".md") and p.name != "README.md")
    files = [f"{name}.toml" for name in NAMES]
    return [*files, *(p.relative_to(folder).as_posix() for p in found)]
