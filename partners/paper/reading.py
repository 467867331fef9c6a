"""The papers of a policy, read from `data/documents` and checked before anyone relies on them."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from partners.paper.documents import (
    BASE,
    FOLDER,
    MOST_AHEAD,
    NOTICES,
    RUNGS,
    BlankKind,
    Clause,
    Condition,
    Document,
    Offer,
    Text,
)
from partners.paper.templates import Blank, Miswritten, Span, inline, parsed, sections, spans

KINDS = {"text", "date", "list", "rows", "yes-no", "language"}
# What may stand at the top of document.toml, and what it is.
HEAD = {
    "instrument": str, "must_hold": list, "when": dict, "section": object, "met_first": list,
    "defaults": dict, "version": str, "months": int, "review_months": int,
    "report_months": int, "notices": list, "training": list, "agreed": bool,
    "tested": bool, "fills": str, "offer": list, "sign_within_days": int, "lowest_rung": str,
}  # fmt: skip


class DocumentError(Exception):
    """The papers cannot be used; `problems` names file, section and mend, one sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def read_documents(
    texts: Mapping[str, str],
    *,
    levels: Sequence[str],
    bands: Sequence[str],
    triggers: Collection[str],
) -> dict[str, Document]:
    """The papers by id. `levels` and `bands` are ids of the policy, lowest first.

    Raises `DocumentError` with everything that is wrong.
    """
    if not any(name.startswith(f"{FOLDER}/") for name in texts):
        return {}
    known = {"level": tuple(levels), "band": tuple(bands), "trigger": tuple(triggers)}
    reading = _Reading(texts, known)
    paths = (name.split("/") for name in texts)
    names = sorted({path[1] for path in paths if path[0] == FOLDER and len(path) > 2})
    found = {name: reading.document(name) for name in names}
    if reading.problems:
        raise DocumentError(reading.problems)
    return found


class _Reading:
    """Goes through the texts once; `known` are the ids that a condition may name."""

    def __init__(self, texts: Mapping[str, str], known: Mapping[str, tuple[str, ...]]) -> None:
        self.texts, self.known = texts, known
        self.problems: list[str] = []
        self.words = self._words(f"{FOLDER}/words.toml")
        self.blanks = self._blanks(f"{FOLDER}/blanks.toml")

    def wrong(self, file: str, section: str, what: str) -> None:
        self.problems.append(f"{file}, {section}: {what}." if section else f"{file}: {what}.")

    @contextmanager
    def _mending(self, file: str, section: str) -> Iterator[None]:
        try:
            yield
        except Miswritten as error:
            self.wrong(file, section, str(error))

    def _toml(self, file: str) -> dict[str, Any]:
        try:
            return tomllib.loads(self.texts[file])
        except KeyError:
            self.wrong(file, "", "is missing: put it back")
        except tomllib.TOMLDecodeError as error:
            self.wrong(file, "", f"cannot be read ({error}): mend that line")
        return {}

    def _tables(self, file: str, rows: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The entries that are tables themselves; any other is told."""
        for name in [name for name, row in rows.items() if not isinstance(row, dict)]:
            self.wrong(file, name, "must be a table: write { … } after it")
            del rows[name]
        return rows

    def _row(self, file: str, name: str, kind: Any, row: dict[str, Any]) -> Any:
        """`row` as a `kind`, without what that does not know."""
        known = {key: value for key, value in row.items() if key in kind.__dataclass_fields__}
        if unknown := sorted(row.keys() - known.keys()):
            self.wrong(file, name, f"does not know {unknown}: remove or mend it")
        return kind(**known)

    def _words(self, file: str) -> dict[str, dict[str, str]]:
        words = self._tables(file, self._toml(file))
        for language, said in {BASE: {}, **words}.items():
            page = said.get("page", "" if language == BASE else "%(page)s %(pages)s")
            if sorted(re.findall(r"%(?:\((pages?)\)s)?", page)) != ["page", "pages"]:
                self.wrong(file, language, 'needs page = "page %(page)s of %(pages)s"')
        return words

    def _blanks(self, file: str) -> dict[str, BlankKind]:
        rows = self._tables(file, self._toml(file))
        found = {name: self._row(file, name, BlankKind, row) for name, row in rows.items()}
        for name, blank in found.items():
            if blank.kind not in KINDS or (blank.kind == "rows") != bool(blank.fields):
                self.wrong(file, name, f"kind is one of {sorted(KINDS)}; only rows have fields")
            fields = ["text"] if blank.kind in ("text", "list") else blank.fields
            if not set(blank.own_words) <= set(fields):
                what = "only a text, a list or rows with text can be a passage, or fields of rows"
                self.wrong(file, name, what)
            if not blank.words.get(BASE):
                self.wrong(file, name, f'has no words: add words.{BASE} = "what it is"')
            if blank.within and blank.within not in found:
                what = f"within: there is no blank {blank.within}{_near(blank.within, found)}"
                self.wrong(file, name, what)
        return found

    def document(self, name: str) -> Document:
        file = f"{FOLDER}/{name}/document.toml"
        head = self._toml(file)
        self._head(file, head)
        asked = self._tables(file, head.get("when", {}))
        conditions = {name: self._condition(file, name, row) for name, row in asked.items()}
        rows = self._tables(file, {str(n): row for n, row in enumerate(head.get("section", []), 1)})
        clauses = [self._clause(file, row, conditions) for row in rows.values()]
        for duty in set(head.get("must_hold", ())) - {c.holds for c in clauses if not c.when}:
            what = f'no section without a condition holds “{duty}”: add holds = "{duty}"'
            self.wrong(file, "", what)
        pages = sorted(path for path in self.texts if path.startswith(f"{FOLDER}/{name}/"))
        written = {
            Path(page).stem: self._texts(page, clauses, conditions)
            for page in pages
            if page.endswith(".md")
        }
        for section in ["", *(clause.id for clause in clauses)]:
            if section not in written.get(BASE, {}):
                page, where = f"{FOLDER}/{name}/{BASE}.md", section or "masthead"
                self.wrong(page, where, "has no text: write it")
        if (rung := head.get("lowest_rung", RUNGS[0])) not in RUNGS:
            self.wrong(file, "", f"lowest_rung does not know {rung}{_near(str(rung), RUNGS)}")
        instrument, levels = head.get("instrument", ""), self.known["level"]
        rows = self._tables(file, {f"offer {n}": r for n, r in enumerate(head.get("offer", []), 1)})
        offers = [self._offer(file, row, conditions) for row in rows.values()]
        return Document(
            name, instrument, clauses, conditions, written, self.blanks, self.words, levels, head,
            offers,
        )  # fmt: skip

    def _head(self, file: str, head: dict[str, Any]) -> None:
        """Tell what the top does not know, and take out what is of another kind."""
        for key, value in list(head.items()):
            if key not in HEAD:
                self.wrong(file, "", f"does not know {key}{_near(key, HEAD)}")
            elif not isinstance(value, HEAD[key]):
                self.wrong(file, key, f"must be a {HEAD[key].__name__}")
                del head[key]
        if (blank := head.get("fills")) and blank not in self.blanks:
            self.wrong(file, "fills", f"there is no blank {blank}{_near(blank, self.blanks)}")
        days = head.get("notices", NOTICES)
        whole = all(isinstance(day, int) and MOST_AHEAD <= day < 0 for day in days)
        if not whole or not days or list(days) != sorted(set(days)):
            what = f"must be days from {MOST_AHEAD} to -1, each once, the earliest first"
            self.wrong(file, "notices", what)

    def _offer(self, file: str, row: dict[str, Any], conditions: Collection[str]) -> Offer:
        offer: Offer = self._row(file, "offer", Offer, row)
        if offer.when not in conditions:
            near = _near(offer.when, conditions)
            self.wrong(file, "offer", f"there is no condition {offer.when}{near}")
        if not offer.words.get(BASE):
            self.wrong(file, "offer", f'has no reason: add words.{BASE} = "why"')
        return offer

    def _condition(self, file: str, name: str, row: Mapping[str, Any]) -> Condition:
        held: dict[str, tuple[str, ...]] = {}
        for key, asked in row.items():
            kind = key.removesuffix("_from").removesuffix("s")
            known = self.known.get(kind, ())
            words = [asked] if isinstance(asked, str) else asked
            for word in words:
                if word not in known:
                    what = f"{key} does not know {word}{_near(word, known)}"
                    self.wrong(file, f"when.{name}", what)
                elif key.endswith("_from"):
                    words = known[known.index(word) :]
            held[f"{kind}s"] = tuple(words)
        if not held:
            self.wrong(file, f"when.{name}", "ask levels, bands, triggers, level_from or band_from")
        return held

    def _clause(self, file: str, row: dict[str, Any], conditions: Collection[str]) -> Clause:
        given = row | {"number": str(row.get("number", ""))}
        clause: Clause = self._row(file, str(row.get("id", "")), Clause, given)
        if clause.when and clause.when not in conditions:
            near = _near(clause.when, conditions)
            self.wrong(file, clause.id, f"there is no condition {clause.when}{near}")
        for blank in set(clause.must) - self.blanks.keys():
            near = _near(blank, self.blanks)
            self.wrong(file, clause.id, f"there is no blank {blank}{near}")
        return clause

    def _texts(
        self, file: str, clauses: Sequence[Clause], conditions: Collection[str]
    ) -> dict[str, Text]:
        must = {"": (), **{clause.id: clause.must for clause in clauses}}
        written: dict[str, tuple[str, str]] = {}
        found: dict[str, Text] = {}
        with self._mending(file, ""):
            written = sections(self.texts[file])
        for name, (heading, body) in written.items():
            where = name or "masthead"
            if name not in must:
                self.wrong(file, name, f"document.toml has no such section{_near(name, must)}")
            with self._mending(file, where):
                text = Text(inline(heading), parsed(body))
                for part, around in spans((*text.heading, *text.body)):
                    if what := self._misused(part, around, must.get(name, ()), conditions):
                        self.wrong(file, where, what)
                if text.body:
                    found[name] = text
        return found

    def _misused(
        self,
        part: Span | Blank,
        around: Sequence[Span],
        must: Collection[str],
        conditions: Collection[str],
    ) -> str:
        """What is wrong with a blank or condition where it stands, or nothing."""
        name, blank = part.name, self.blanks.get(part.name)
        rows = [self.blanks[s.name] for s in around if s.mark == "#" and s.name in self.blanks]
        if name in {field for row in rows for field in (*row.fields, "text")}:
            return ""
        if isinstance(part, Span):
            if part.mark == "#" and blank and blank.kind not in ("list", "rows"):
                return f"{name} is no list: ask with {{{{?{name}}}}}"
            known = [*self.blanks, *conditions]
            if name in known:
                return ""
            return f"there is no blank or condition {name}{_near(name, known)}"
        if blank is None:
            return f"there is no blank {{{{{name}}}}}{_near(name, self.blanks)}"
        if blank.kind in ("rows", "yes-no"):
            return f"{{{{{name}}}}} cannot be printed in a sentence: use {{{{?…}}}} or {{{{#…}}}}"
        asked = {*must, *(span.name for span in around if span.mark != "^")}
        if blank.always or name in asked or blank.within in asked:
            return ""
        return (
            f"{{{{{name}}}}} may be empty: write {{{{?{name}}}}} before and {{{{/{name}}}}} after "
            "the words that need it, or name it under must"
        )


def _near(word: str, known: Collection[str]) -> str:
    near = get_close_matches(word, list(known), 1) or sorted(known)[:1]
    return f": did you mean {near[0]}?" if near else ""
