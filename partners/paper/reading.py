"""The papers of a policy, read from `data/documents` and checked before anyone relies on them."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from partners.ground.mending import Problem, nearest, not_toml, told
from partners.ground.words import N_
from partners.paper.documents import (
    BASE,
    FIELDS,
    FOLDER,
    HEAD,
    KINDS,
    MOST_AHEAD,
    NOTICES,
    NUMBERED,
    RUNGS,
    BlankKind,
    Clause,
    Condition,
    Document,
    Offer,
    Text,
)
from partners.paper.templates import Blank, Miswritten, Span, inline, parsed, sections, spans

NO_TABLE = (N_("is not a table"), N_("write it as a table"))
# What a value of another kind is told to be.
SHAPES = {
    str: N_("one line of text"), list: N_("a list"), dict: N_("a table in braces"),
    int: N_("a whole number"), bool: N_("true or false"),
    bool | list: N_("true, or a list"),
}  # fmt: skip
NO_BLANK, NO_CONDITION = N_('there is no blank "%(key)s"'), N_('there is no condition "%(key)s"')
NO_SECTION = N_('document.toml has no section "%(key)s"')
NO_NAME = N_("'%(key)s' is not known here")
WORDS = told("write %(key)s", key=f'words.{BASE} = "…"')
PLACES = re.compile(r"%(?:\((pages?|text)\)s)?")


class DocumentError(Exception):
    """The papers cannot be used. `problems` names all that is wrong, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
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
        self.problems: list[Problem] = []
        rows = [name for name in texts if name.startswith(f"{FOLDER}/") and name.endswith(".toml")]
        self.tables = {name: self._read(name) for name in rows}
        if self.problems:  # because what else seems to be missing only follows from these
            raise DocumentError(self.problems)
        self.words = self._words(f"{FOLDER}/words.toml")
        self.blanks = self._blanks(f"{FOLDER}/blanks.toml")

    def say(self, file: str, section: str, what: str, mend: str) -> None:
        self.problems.append(Problem(file, section, what, mend))

    def _unknown(
        self, file: str, section: str, what: str, name: Any, known: Collection[str]
    ) -> None:
        """Tell of a name that is nowhere; `what` is the sentence that says so of `%(key)s`."""
        if name not in list(known):
            self.say(file, section, told(what, key=name), nearest(name, known))

    @contextmanager
    def _mending(self, file: str, section: str) -> Iterator[None]:
        try:
            yield
        except Miswritten as error:
            self.say(file, section, *error.args)

    def _toml(self, file: str) -> dict[str, Any]:
        if file not in self.tables:
            self.say(file, "", "is missing", "put it into the policy folder")
        return self.tables.get(file, {})

    def _read(self, file: str) -> dict[str, Any]:
        try:
            return tomllib.loads(self.texts[file])
        except (ValueError, RecursionError) as error:
            self.say(file, "", not_toml(error), "mend that line")
        return {}

    def _tables(self, file: str, rows: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The entries that are tables themselves; any other is told."""
        for name in [name for name, row in rows.items() if not isinstance(row, dict)]:
            self.say(file, name, *NO_TABLE)
            del rows[name]
        return rows

    def _row(self, file: str, name: str, kind: Any, row: dict[str, Any]) -> Any:
        """`row` as a `kind`, without what that does not know."""
        known = kind.__dataclass_fields__
        read = self._fitting(file, name, {key: FIELDS.get(key, str) for key in known}, row)
        return kind(**{key: value for key, value in read.items() if key in known})

    def _fitting(
        self, file: str, name: str, shapes: Mapping[str, Any], row: dict[str, Any]
    ) -> dict[str, Any]:
        """`row` without what is of another kind; that is told, and what nobody knows."""
        found = dict(row)
        for key, value in row.items():
            self._unknown(file, name, NO_NAME, key, shapes)
            kind = shapes.get(key, object)
            if not isinstance(value, kind):
                mend = told("write %(what)s", what=SHAPES[kind])
                self.say(file, name, told("%(key)s cannot be read", key=key), mend)
                del found[key]
        return found

    def _words(self, file: str) -> dict[str, dict[str, str]]:
        words = self._tables(file, self._toml(file))
        for language, said in {BASE: {}, **words}.items():
            for name, wanted in NUMBERED.items():
                held = str(said.get(name, "" if (language, name) == (BASE, "page") else wanted))
                if sorted(PLACES.findall(held)) != PLACES.findall(wanted):
                    mend = told("write %(key)s", key=f'{name} = "{wanted}"')
                    self.say(file, language, "does not say how pages are numbered", mend)
        return words

    def _blanks(self, file: str) -> dict[str, BlankKind]:
        rows = self._tables(file, self._toml(file))
        found = {name: self._row(file, name, BlankKind, row) for name, row in rows.items()}
        for name, blank in found.items():
            if blank.kind not in KINDS or (blank.kind == "rows") != bool(blank.fields):
                mend = told("write one of %(words)s; only rows have fields",
                            words=", ".join(sorted(KINDS)))  # fmt: skip
                self.say(file, name, "kind and fields do not fit", mend)
            fields = ["text"] if blank.kind in ("text", "list") else blank.fields
            if not all(one in fields for one in blank.own_words):
                mend = "keep it for a text, a list, or the fields of rows that hold text"
                self.say(file, name, "passage does not fit", mend)
            if not blank.words.get(BASE):
                self.say(file, name, "has no words", WORDS)
            if blank.within:
                self._unknown(file, name, NO_BLANK, blank.within, found)
        return found

    def document(self, name: str) -> Document:
        file = f"{FOLDER}/{name}/document.toml"
        head = self._head(file)
        asked = self._tables(file, head.get("when", {}))
        conditions = {name: self._condition(file, name, row) for name, row in asked.items()}
        rows = self._tables(file, {str(n): row for n, row in enumerate(head.get("section", []), 1)})
        clauses = [self._clause(file, row, conditions) for row in rows.values()]
        held = [clause.holds for clause in clauses if not clause.when]
        for duty in (one for one in head.get("must_hold", ()) if one not in held):
            what = told("no section without a condition holds “%(duty)s”", duty=duty)
            self.say(file, "", what, told("write %(key)s", key=f'holds = "{duty}"'))
        pages = sorted(path for path in self.texts if path.startswith(f"{FOLDER}/{name}/"))
        written = {
            Path(page).stem: self._texts(page, clauses, conditions)
            for page in pages
            if page.endswith(".md")
        }
        for section in ["", *(clause.id for clause in clauses)]:
            if section not in written.get(BASE, {}):
                page, where = f"{FOLDER}/{name}/{BASE}.md", section or "masthead"
                self.say(page, where, "has no text", "write it")
        rung = head.get("lowest_rung", RUNGS[0])
        self._unknown(file, "lowest_rung", NO_NAME, rung, RUNGS)
        instrument, levels = head.get("instrument", ""), self.known["level"]
        rows = self._tables(file, {f"offer {n}": r for n, r in enumerate(head.get("offer", []), 1)})
        offers = [self._offer(file, row, conditions) for row in rows.values()]
        return Document(
            name, instrument, clauses, conditions, written, self.blanks, self.words, levels, head,
            offers,
        )  # fmt: skip

    def _head(self, file: str) -> dict[str, Any]:
        """What stands at the top of a document."""
        head = self._fitting(file, "", HEAD, self._toml(file))
        if blank := head.get("fills"):
            self._unknown(file, "fills", NO_BLANK, blank, self.blanks)
        days = head.get("notices", NOTICES)
        whole = all(isinstance(day, int) and MOST_AHEAD <= day < 0 for day in days)
        if not whole or not days or list(days) != sorted(set(days)):
            what = told("%(key)s cannot be read", key="notices")
            mend = told("write days from %(first)s to -1, each once, the earliest first",
                        first=MOST_AHEAD)  # fmt: skip
            self.say(file, "notices", what, mend)
        return head

    def _offer(self, file: str, row: dict[str, Any], conditions: Collection[str]) -> Offer:
        offer: Offer = self._row(file, "offer", Offer, row)
        self._unknown(file, "offer", NO_CONDITION, offer.when, conditions)
        if not offer.words.get(BASE):
            self.say(file, "offer", "has no reason", WORDS)
        return offer

    def _condition(self, file: str, name: str, row: Mapping[str, Any]) -> Condition:
        held: dict[str, tuple[str, ...]] = {}
        for key, asked in row.items():
            kind = key.removesuffix("_from").removesuffix("s")
            known = self.known.get(kind, ())
            words = asked if isinstance(asked, list) else [asked]
            for word in words:
                self._unknown(file, f"when.{name}, {key}", NO_NAME, word, known)
                if word in known and key.endswith("_from"):
                    words = known[known.index(word) :]
            held[f"{kind}s"] = tuple(words)
        if not held:
            mend = told("write one of %(words)s",
                        words="levels, bands, triggers, level_from, band_from")  # fmt: skip
            self.say(file, f"when.{name}", "asks nothing", mend)
        return held

    def _clause(self, file: str, row: dict[str, Any], conditions: Collection[str]) -> Clause:
        given = row | {"number": str(row.get("number", ""))}
        clause: Clause = self._row(file, str(row.get("id", "")), Clause, given)
        if clause.when:
            self._unknown(file, clause.id, NO_CONDITION, clause.when, conditions)
        for blank in clause.must:
            self._unknown(file, clause.id, NO_BLANK, blank, self.blanks)
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
            self._unknown(file, name, NO_SECTION, name, must)
            with self._mending(file, where):
                text = Text(inline(heading), parsed(body))
                for part, around in spans((*text.heading, *text.body)):
                    for said in self._misused(part, around, must.get(name, ()), conditions):
                        self.say(file, where, *said)
                if text.body:
                    found[name] = text
        return found

    def _misused(
        self,
        part: Span | Blank,
        around: Sequence[Span],
        must: Collection[str],
        conditions: Collection[str],
    ) -> Iterator[tuple[str, str]]:
        """What is wrong with a blank or condition where it stands, and its mend; or nothing."""
        name, blank = part.name, self.blanks.get(part.name)
        rows = [self.blanks[s.name] for s in around if s.mark == "#" and s.name in self.blanks]
        if name in [field for row in rows for field in (*row.fields, "text")]:
            return
        asked = [*must, *(span.name for span in around if span.mark != "^")]
        if isinstance(part, Span):
            known = [*self.blanks, *conditions]
            if part.mark == "#" and blank and blank.kind not in ("list", "rows"):
                mend = told("write %(key)s", key=f"{{{{?{name}}}}}")
                yield told("%(name)s is no list", name=name), mend
            elif name not in known:
                what = told('there is no blank or condition "%(name)s"', name=name)
                yield what, nearest(name, known)
        elif blank is None:
            yield told(NO_BLANK, key=name), nearest(name, self.blanks)
        elif blank.kind in ("rows", "yes-no"):
            what = told("%(name)s cannot be printed in a sentence", name=name)
            yield what, told("write %(key)s", key="{{?…}}, {{#…}}")
        elif not (blank.always or name in asked or blank.within in asked):
            mend = told("write %(before)s … %(after)s around what needs it, or name it under must",
                        before=f"{{{{?{name}}}}}", after=f"{{{{/{name}}}}}")  # fmt: skip
            yield told("%(name)s may be empty", name=name), mend
