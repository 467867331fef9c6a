"""The writing aid: `data/wording` looked up in a text. Pure: which words, the data says.

Some rules refuse: what they find is not kept. The others advise, and never hold anybody up.
"""

import re
import tomllib
import unicodedata
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_LINK = "<link set by the municipality>"
_NEEDED = ("id", "lang", "category", "hint", "better", "source", "hits", "ok")
_KNOWN = {*_NEEDED, "pattern", "also", "except", "type", "sets", "applies_to", "action"}
_MOST = 8  # hints about one text; more would not be read
_ACTIONS = ("hint", "refuse", "refuse_confirm")


class BrokenRules(Exception):
    """The files of the writing aid cannot be used; every problem names file, rule and mend."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, eq=False)  # a rule is itself: quick to look up what it has read
class Rule:
    """What may not be kept, why not (`hint`), and where it belongs instead (`better`).

    `stop`: the writer may go on after confirming the removal; else it is refused outright.
    `advises`: it may be kept; `hint` is a thought on it and `better` another wording.
    """

    id: str
    patterns: tuple[re.Pattern[str], ...]
    exceptions: tuple[re.Pattern[str], ...]
    stop: bool
    advises: bool
    hint: str
    better: str
    said: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

    def words(self, language: str) -> str:
        """What is wrong and what to do, in the reader's language where it is written in it."""
        return " ".join(self.said.get(language, (self.hint, self.better)))

    def finds(self, plain: str) -> str:
        """What the rule finds in a text that `_plain` gave; nothing where it finds nothing."""
        found = self._first(plain)
        # Ordinary phrases are looked for last, because most texts hold nothing to excuse.
        if found and self.exceptions:
            for exception in self.exceptions:
                plain = exception.sub(lambda one: "\v" * len(one[0]), plain)
            found = self._first(plain)
        return found

    def _first(self, plain: str) -> str:
        found = (pattern.search(plain) for pattern in self.patterns)
        return next((one[0] for one in found if one), "")


def read(texts: Mapping[str, str]) -> tuple[Rule, ...]:
    """The rules from file name → TOML text; raises BrokenRules with all problems found."""
    problems: list[str] = []
    words: dict[str, dict[str, Any]] = {}
    rows: list[tuple[str, dict[str, Any]]] = []
    said: dict[str, dict[str, tuple[str, str]]] = {}
    for name, text in sorted(texts.items()):
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            problems.append(f"{name}: is not valid TOML: {error}")
            continue
        words[name] = table.get("aid", {})
        rows += [(name, row) for row in table.get("rule", [])]
        for rule, one in table.get("said", {}).items():
            better = _linked(one["better"], words[name])
            said.setdefault(rule, {})[name.split(".")[0]] = one["hint"], better
    # A file's own words stand before those of the other files.
    aids = {name: dict(ChainMap(words[name], *words.values())) for name in words}
    ids = [row.get("id") for _, row in rows]
    for name, row in rows:
        aid = aids[name]
        flaws = [*_flaws(row, aid)] or [*_missed(row, aid)]
        if ids.count(row.get("id")) > 1:
            flaws.append("the id is used twice")
        problems += [f"{name}, rule {row.get('id', '?')}: {flaw}" for flaw in flaws]
    if problems:
        raise BrokenRules(problems)
    # Advice for agreements or public pages alone waits until a form of theirs shows advice.
    used = ((n, r) for n, r in rows if _refuses(r) or not {"sets", "applies_to"} & r.keys())
    return tuple(_rule(row, aids[name], said.get(row["id"])) for name, row in used)


def _refuses(row: Mapping[str, Any]) -> bool:
    return row.get("action", "hint") != "hint"


def _flaws(row: Mapping[str, Any], aid: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"write `{key}`" for key in _NEEDED if not row.get(key))
    for key in sorted(row.keys() - _KNOWN):
        yield f"`{key}` is not known; remove it or mend its spelling"
    if row.get("action", "hint") not in _ACTIONS:
        yield f"`action` is one of {', '.join(_ACTIONS)}"
    if "pattern" not in row and (_refuses(row) or "sets" not in row):
        yield "write `pattern`"
    for pattern in _patterns(row, aid):
        try:
            re.compile(pattern)
        except re.error as error:
            yield f"the pattern {pattern!r} cannot be read: {error}"
        if piece := _endless(pattern):
            yield f"give the repeat {piece!r} a largest number, so that no text makes it slow"


def _patterns(row: Mapping[str, Any], aid: Mapping[str, Any]) -> list[str]:
    """All patterns of a rule, those that excuse last, with the words of the aid put in."""
    own = [row["pattern"]] if "pattern" in row else []
    found = [*own, *row.get("also", []), *row.get("except", [])]
    for key, value in aid.items():
        found = [pattern.replace(f"{{{key}}}", str(value)) for pattern in found]
    return found


def _endless(pattern: str) -> str | None:
    """A repeat without an end over anything but a run of letters, spaces or digits."""
    plain = re.sub(r"\\([wsd])|\\.", lambda found: "~" if found[1] else "x", pattern)
    plain = re.sub(r"\[[^\]]*\]", "c", plain)
    found = re.search(r"(?:^|[^~])(?:[*+]|\{\d+,\})|~[*+]~[*+]", plain)
    return found[0] if found else None


def _linked(better: str, aid: Mapping[str, Any]) -> str:
    return better.replace(_LINK, str(aid.get("ordinary_channel", _LINK)))


def _rule(
    row: Mapping[str, Any],
    aid: Mapping[str, Any],
    said: Mapping[str, tuple[str, str]] | None = None,
) -> Rule:
    patterns = [re.compile(pattern, re.IGNORECASE) for pattern in _patterns(row, aid)]
    own = len(patterns) - len(row.get("except", []))
    stop = row.get("action") == "refuse_confirm"
    return Rule(
        row["id"], tuple(patterns[:own]), tuple(patterns[own:]), stop, not _refuses(row),
        row["hint"], _linked(row["better"], aid), said or {},
    )  # fmt: skip


def _missed(row: Mapping[str, Any], aid: Mapping[str, Any]) -> Iterator[str]:
    """Where a rule misses one of its own examples, or finds what it must not."""
    if "sets" in row:
        return
    rule = _rule(row, aid)
    for sentence in row["hits"]:
        if not rule.finds(_plain(sentence)):
            yield f"{sentence!r} must be found"
    for sentence in row["ok"]:
        if rule.finds(_plain(sentence)):
            yield f"{sentence!r} must not be found"


def refusals(text: str, rules: Sequence[Rule]) -> list[Rule]:
    """The rules that say what in `text` may not be kept; those of all languages look.

    They are told by their own sentences, never by the words found, because a log might keep those.
    """
    plain = _plain(text)
    return [rule for rule in rules if not rule.advises and rule.finds(plain)]


def hints(text: str, rules: Sequence[Rule]) -> list[Rule]:
    """The rules that have a thought on `text`, each once."""
    plain = _plain(text)
    return [rule for rule in rules if rule.advises and rule.finds(plain)][:_MOST]


def _plain(text: str) -> str:
    """`text` as it reads: without what cannot be seen, dashes, spaces and digits as plain ones."""
    odd = {letter for letter in text if not letter.isascii()}
    return text.translate({ord(letter): _plain_letter(letter) for letter in odd})


def _plain_letter(letter: str) -> str:
    match unicodedata.category(letter):
        case "Cf":
            return ""
        case "Pd":
            return "-"
        case "Zs":
            return " "
        case "Nd":
            return str(unicodedata.digit(letter))
        case "Zl" | "Zp":
            return "\n"
        case _:
            return "-" if letter == "−" else unicodedata.normalize("NFKC", letter)
