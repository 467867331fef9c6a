"""The sentences of the house, gathered into the catalogues: `make words`.

Reads every marked sentence of `partners/`, brings each `messages.po` up to date, compiles it, and
says what still has no translation. A new language: `make words ARGS=sv`, then docs/languages.md.
"""

import ast
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HOME = Path(__file__).resolve().parent.parent
SHELF = HOME / "partners/translations"
OPTIONS = {"**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
SAYS = {"_", "_l", "N_", "gettext", "lazy_gettext", "ngettext", "Refusal", "done", "told"}
# What reads files that somebody wrote, beside the room of the policy.
CHECKS = ("assessment/rules/cases.py", "lists/rules.py", "paper/reading.py")


def marked() -> Catalog:
    """Every sentence that is marked, with the files where it stands."""
    found, home = Catalog(charset="utf-8"), HOME / "partners"
    for path in sorted(home.rglob("*.py")):
        for sentence in in_code(ast.parse(path.read_text("utf-8"))):
            found.add(sentence, None, [(f"{path.relative_to(HOME)}", 0)])
    for path in (*sorted((home / "policy").glob("*.py")), *(home / file for file in CHECKS)):
        for sentence in in_checks(ast.parse(path.read_text("utf-8"))):
            found.add(sentence, None, [(f"{path.relative_to(HOME)}", 0)])
    rows = extract_from_dir(home / "templates", [("**.html", "jinja2")], OPTIONS)
    for file, _line, sentence, _comments, context in rows:
        found.add(sentence, None, [(f"partners/templates/{file}", 0)], context=context)
    return found


def in_code(tree: ast.AST) -> Iterator[str | tuple[str, ...]]:
    """The sentences of a module, those inside others too, which Babel's own reader passes over."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            several = name == "ngettext"
            said = [a.value for a in call.args[: 1 + several] if isinstance(a, ast.Constant)]
            if name in SAYS and len(said) == 1 + several and all(said):
                yield tuple(map(str, said)) if several else str(said[0])


def in_checks(tree: ast.AST) -> Iterator[str]:
    """What the check of a policy says is wrong and how to mend it; it knows no language itself."""
    said: list[ast.expr] = []
    for one in ast.walk(tree):
        match one:
            case ast.Yield(value=ast.Tuple(elts=[_, _, _, *last])):
                said += last
            case ast.Assign(targets=[ast.Name("what" | "mend")], value=value):
                said += [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            case ast.Assign(targets=[ast.Tuple([ast.Name("what"), _])], value=ast.Tuple(elts=elts)):
                said += elts
            case ast.Call(func=func, args=[*_, what, mend]) if getattr(
                func, "id", getattr(func, "attr", "")) in ("say", "Problem", "_wrong"):
                said += [what, mend]
            case ast.Call(func=ast.Name("fitting" | "Wrong")
                          | ast.Attribute(attr="fitting" | "Wrong"), args=[first, *_]):  # fmt: skip
                said.append(first)
    yield from (str(one.value) for one in said if isinstance(one, ast.Constant) and one.value)


def catalogue(code: str) -> Catalog:
    """The catalogue of a language as it is kept."""
    path = SHELF / code / "LC_MESSAGES/messages.po"
    if not path.exists():
        return Catalog(Locale.parse(code), charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=code)


def updated(code: str, sentences: Catalog) -> Catalog:
    """The catalogue with the sentences of today: nothing guessed, nothing kept that is unused."""
    kept = catalogue(code)
    kept.update(sentences, no_fuzzy_matching=True, update_header_comment=False)
    kept.obsolete.clear()
    kept.fuzzy, kept.project, kept.version = False, "Partners", "1"
    kept.header_comment = f"# Partners, {code}. Written by `make words`; docs/languages.md."
    return kept


def missing(kept: Catalog) -> list[str]:
    """What has no translation yet, as the source has it."""
    forms = [(one.id, one.string) for one in kept if one.id]
    return [
        str(words) for words, said in forms
        if not all(said if isinstance(said, tuple | list) else [said])
    ]  # fmt: skip


def written(kept: Catalog) -> tuple[bytes, bytes]:
    """The catalogue as text and compiled, the same bytes every time."""
    text, packed = BytesIO(), BytesIO()
    # A date of its own would make every printing a change.
    kept.revision_date = kept.creation_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_po(text, kept, width=100, omit_header=False, include_lineno=False)
    write_mo(packed, kept)
    return text.getvalue(), packed.getvalue()


def main(codes: list[str]) -> None:
    """Bring the catalogues named, or all that are there, up to date."""
    sentences = marked()
    for code in codes or [path.name for path in sorted(SHELF.iterdir()) if path.is_dir()]:
        kept = updated(code, sentences)
        folder = SHELF / code / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        text, packed = written(kept)
        (folder / "messages.po").write_bytes(text)
        (folder / "messages.mo").write_bytes(packed)
        left = missing(kept)
        print(f"{code}: {len(kept)} sentences, {len(left)} to translate")
        print("".join(f"  {sentence}\n" for sentence in left[:40]), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
