"""The sentences of the house, gathered into the catalogues: `make words`.

Reads every marked sentence of `partners/`, brings each `messages.po` up to date, compiles it, and
says what still has no translation. A new language: `make words ARGS=sv`, then docs/languages.md.
"""

import sys
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
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
KEYWORDS = {"_": None, "_l": None, "N_": None, "gettext": None, "ngettext": (1, 2),
            "Refusal": None, "done": None}  # fmt: skip


def marked() -> Catalog:
    """Every sentence that is marked, with the files where it stands."""
    found = Catalog(charset="utf-8")
    rows = extract_from_dir(HOME / "partners", METHODS, OPTIONS, keywords=KEYWORDS)
    for file, _line, sentence, _comments, context in rows:
        found.add(sentence, None, [(f"partners/{file}", 0)], context=context)
    return found


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
