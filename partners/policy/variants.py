"""Starter variants: differences to a policy, applied row by row. Pure, apart from reading files.

A variant names a file, in it a row, and the keys that are said otherwise; see data/README.md.
"""

import tomllib
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import tomlkit
from tomlkit.items import AoT

from partners.ground.mending import Problem, not_toml, told
from partners.policy.load import belongs, load
from partners.policy.shapes import PolicyError

FOLDER, FILE = "variants", "variant.toml"
# By which of its keys a row is named; a row that decides is named by what it fits.
NAMES = ("id", "case", "from_level", "from_band", "when")
Change = Mapping[str, Any]


def variants(folder: Path) -> dict[str, Change]:
    """The variants beside a policy: their folders' names, and what each says.

    One that cannot be read has its name only; whoever chooses it is told what to mend.
    """
    found: dict[str, Change] = {}
    for file in sorted((folder / FOLDER).glob(f"*/{FILE}")):
        with suppress(PolicyError):
            found[file.parent.name] = {}
            found[file.parent.name] = read_variant(file)
    return found


def read_variant(file: Path) -> Change:
    """One variant. Raises `PolicyError` where it cannot be read."""
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        what = told("cannot be read", aside=f" ({error.strerror})")
        raise _wrong(str(file), "", what, "name one that is here") from None
    except (ValueError, RecursionError) as error:
        raise _wrong(str(file), "", not_toml(error), "mend that line") from None


def applied(folder: Path, name: str) -> dict[str, str]:
    """The policy in `folder` as its variant `name` says it, with every other file it names."""
    variant = read_variant(folder / FOLDER / name / FILE)
    texts = load(folder)[1]
    beside = (folder / file for file in variant if file not in texts)
    more = {p.name: p.read_text("utf-8-sig") for p in beside if p.is_file()}
    return varied(texts | more, variant)


def of_edition(texts: Mapping[str, str]) -> dict[str, str]:
    """What of these files belongs to an edition; the rest is the keeper's."""
    return {name: text for name, text in texts.items() if belongs(name)}


def varied(texts: Mapping[str, str], variant: Change) -> dict[str, str]:
    """The texts of a policy as a variant says them otherwise; whatever it does not name stays."""
    found = dict(texts)
    for file, change in variant.items():
        if not isinstance(change, Mapping):
            continue  # its name, and what it is for
        if file not in found:
            raise _wrong(FILE, file, "names a file that is not there", "name a file of the policy")
        said = cast(Change, change)
        if file.endswith(".toml"):
            found[file] = _rows(found[file], said)
        else:
            found[file] = _passages(file, found[file], said)
    return found


def _rows(text: str, change: Change) -> str:
    document = tomlkit.parse(text)
    _merge(document, change)
    return tomlkit.dumps(document)


def _merge(table: MutableMapping[str, Any], change: Change) -> None:
    for key, said in change.items():
        there = table.get(key)
        if isinstance(said, Mapping) and cast(Change, said).get("remove") is True:
            table.pop(key, None)
        elif isinstance(there, AoT):
            _merge_rows(cast(list[dict[str, Any]], there), cast(Change, said))
        elif isinstance(there, MutableMapping) and isinstance(said, Mapping):
            _merge(cast(MutableMapping[str, Any], there), cast(Change, said))
        else:
            table[key] = said


def _merge_rows(rows: list[dict[str, Any]], change: Change) -> None:
    for name, said in change.items():
        if not isinstance(change[name], Mapping):
            raise _wrong(FILE, name, "is not a table", "write it as a table")
        numbers = [n for n, row in enumerate(rows) if name in map(row.get, NAMES)]
        if said.get("remove") is True:
            for number in reversed(numbers):
                del rows[number]
        elif numbers:
            rows[numbers[0]].update({key: _inline(value) for key, value in said.items()})
        else:
            rows.append(cast(dict[str, Any], tomlkit.item({"id": name, **said})))


def _inline(value: object) -> object:
    """A table within a row stays in braces on one line, as these files have it."""
    if not isinstance(value, dict):
        return value
    table = cast(dict[str, object], tomlkit.inline_table())
    table.update(cast(dict[str, object], value))
    return table


def _passages(file: str, text: str, change: Change) -> str:
    for old, new in change.items():
        if text.count(old) != 1:
            what = told("“%(passage)s” does not stand there once", passage=old)
            raise _wrong(FILE, file, what, "copy the passage")
        text = text.replace(old, new)
    return text


def _wrong(file: str, item: str, what: str, mend: str) -> PolicyError:
    return PolicyError([Problem(file, item, what, mend)])
