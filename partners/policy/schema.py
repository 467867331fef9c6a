"""What the files in `data/` may say. Pure: their texts become a `Policy`, or a list to mend."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from partners.ground.mending import Problem, nearest, not_toml, told
from partners.policy import lint
from partners.policy import shapes as s
from partners.policy import values as v
from partners.policy.shapes import PolicyError
from partners.policy.words import NAMED_KINDS, TEXTS

DAYS, MONTHS = s.whole(1, 3650), s.whole(1, 120)
LOG_MONTHS = s.whole(60, 120)  # because the database lets no younger line go
SOURCE = s.need(id=s.name, text=s.text, where=s.text) | s.may(language=s.name)
STRENGTHS = s.by_name(s.word(*(one.name.lower() for one in v.Strength)))

HEAD = s.need(
    id=s.text, version=s.text, status=s.word("draft", "adopted"), language=s.name,
    time_zone=s.zone, reply_days=DAYS, reminder_days=DAYS, decision_days=DAYS, max_open_days=DAYS,
    statement_lookback_months=MONTHS, statement_max_age_months=MONTHS,
    scoring=s.only("forbidden"), automated_decision=s.only("forbidden"), published=s.only(True),
)  # fmt: skip
REVIEW = s.need(with_conditions=MONTHS, after_stop=MONTHS)
NOTICE = s.many(s.whole(-90, 365))
PARTS: Mapping[str, s.Fields] = {
    "review_months": REVIEW,
    "notices": s.need(review=NOTICE, condition=NOTICE),
    "keep_months": s.need(**dict.fromkeys(v.KEPT, MONTHS))
    | s.may(**dict.fromkeys(v.KEPT_LATER, MONTHS) | {"log": LOG_MONTHS}),
}
# `about` is a closed list: a trigger is about what is done, never about who somebody is.
TRIGGER = s.need(id=s.name, about=s.word("activity", "support", "data", "result")) | s.may(
    set_by=s.name, implies=s.many(s.name)
)
ATTRIBUTION = s.need(id=s.name, counts=s.truth)
LEVEL = s.need(id=s.name, instrument=s.name, review_months=MONTHS) | s.may(
    assessed_without_support=s.truth
)
BAND = s.need(id=s.name, kind=s.member(v.BandKind)) | s.may(review_months=MONTHS) | {
    "from": (s.money, False)
}  # fmt: skip
FORM = s.word("organisation", "network", "contact_role")
KIND = s.need(id=s.name) | s.may(triggers=s.many(s.name))
DECIDER = s.need(
    prepare=s.word("officer", "liaison", "manager"), decide=s.member(v.Decider),
) | s.may(
    from_level=s.name, from_band=s.name, when=s.member(v.When), second=s.member(v.Second),
    reads=s.many(s.name), needs=s.many(s.name),
)  # fmt: skip
UNMET = s.need(effect=s.member(v.Effect)) | s.may(
    max_level=s.name, max_band=s.name, grace_days=DAYS
)
ITEM = s.need(
    id=s.name, bundle=s.name, answer_type=s.member(v.AnswerType), completed_by=s.member(v.Asker),
    remedy_owner=s.member(v.Party), scope=s.member(v.Scope), levels=STRENGTHS, bands=STRENGTHS,
    if_unmet=s.anything, valid_months=MONTHS, minutes=s.many(s.whole(0, 600), 2, 2),
    sources=s.many(s.name),
) | s.may(
    enhanced_owner=s.member(v.Party), kept_with=s.member(v.Scope), trigger=s.name, retired=s.truth,
    content=s.truth, looks_up=s.word("lists"), renewal=s.member(v.Renewal), finding=s.truth,
    reads=s.word("feeds"),
)  # fmt: skip
EXAMPLE = s.need(
    case=s.text, request=s.by_name(s.name), triggers=s.many(s.name),
    answers=s.by_name(s.name), expect=s.by_name(s.anything),
)  # fmt: skip

# For each file: what stands at its head, and the rows of its tables.
FILES: Mapping[str, tuple[s.Fields, Mapping[str, s.Fields]]] = {
    "policy.toml": (
        s.need(**dict.fromkeys(("policy", *PARTS), s.anything)),
        {"trigger": TRIGGER, "attribution": ATTRIBUTION},
    ),
    "levels.toml": (s.need(floor=s.name), {"level": LEVEL}),
    "bands.toml": (s.need(currency=s.name, window_months=MONTHS), {"band": BAND}),
    "bundles.toml": ({}, {"theme": s.need(id=s.name), "bundle": s.need(id=s.name)}),
    "deciders.toml": (
        s.need(same_person_may_prepare_and_decide=s.only(False)),
        {"row": DECIDER},
    ),
    "kinds.toml": (
        {},
        {
            "organisation_kind": s.need(id=s.name, form=FORM),
            "engagement_kind": KIND,
            "activity_kind": KIND | s.may(carries=s.truth),
        },
    ),
    "sources.toml": ({}, {"source": SOURCE}),
    "examples.toml": ({}, {"example": EXAMPLE}),
}
# The file of every table; items stand in a file for each theme.
TABLES = {table: file for file, (_, rows) in FILES.items() for table in rows} | {"item": ""}
# Where rows of a table name the ids of another: table, key in the row, and what it names.
MENTIONS = (
    ("item", "bundle", "bundle"),
    ("item", "trigger", "trigger"),
    ("item", "levels", "level"),
    ("item", "bands", "band"),
    ("item", "max_level", "level"),
    ("item", "max_band", "band"),
    ("item", "sources", "source"),
    ("item", "theme", "theme"),
    ("trigger", "set_by", "item"),
    ("trigger", "implies", "trigger"),
    ("row", "from_level", "level"),
    ("row", "from_band", "band"),
    ("row", "reads", "theme"),
    ("engagement_kind", "triggers", "trigger"),
    ("activity_kind", "triggers", "trigger"),
    ("example", "triggers", "trigger"),
    ("example", "answers", "item"),
)


def read(texts: Mapping[str, str], version: str, house_rules: bool = True) -> v.Policy:
    """The policy that `texts` (by relative path) say. Raises `PolicyError` with all problems.

    An old edition is read without the house rules: a rule that came later does not close it.
    """
    reading = _Reading(texts)
    parts = reading.everything()
    if reading.problems:
        raise PolicyError(reading.problems)
    policy = _policy(parts, version)
    if problems := lint.check(policy) if house_rules else []:
        raise PolicyError(problems)
    return policy


@dataclass
class _Reading:
    """Goes through the files once and gathers rows and problems."""

    texts: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list[Problem])

    def everything(self) -> dict[str, Any]:
        """What every table, head and word book says, as far as it can be read."""
        # What lies in `documents` is read by the print shop.
        own = {file for file in self.texts if not file.startswith("documents/")}
        tables = {file: self._toml(file) for file in sorted({*FILES, *own})}
        if self.problems:  # because what else seems to be missing only follows from these
            raise PolicyError(self.problems)
        parts: dict[str, Any] = {"item": [], "books": {}}
        for file, (head, rows) in FILES.items():
            parts |= self._file(file, tables[file], head, rows)
        for part, fields in {"policy": HEAD, **PARTS}.items():
            parts[part] = self._row(parts.get(part), fields, "policy.toml", part)
        for file, table in tables.items():
            folder, _, name = file.removesuffix(".toml").partition("/")
            if folder == "checklist":
                rows = self._file(file, table, {}, {"item": ITEM})["item"]
                parts["item"] += [self._item(row, file, name) for row in rows]
            if folder == "languages":
                parts["books"][name] = self._book(file, table)
        self._ids(parts)
        return parts

    def say(self, file: str, item: str, what: str, mend: str) -> None:
        self.problems.append(Problem(file, item, what, mend))

    def _toml(self, file: str) -> s.Row:
        if file not in self.texts:
            self.say(file, "", "is missing", "put it into the policy folder")
            return {}
        try:
            return tomllib.loads(self.texts[file])
        except (ValueError, RecursionError) as error:
            self.say(file, "", not_toml(error), "mend that line")
            return {}

    def _row(self, row: object, fields: s.Fields, file: str, item: str) -> s.Row:
        found, problems = s.read_row(row, fields, file, item)
        self.problems += problems
        return found

    def _file(
        self, file: str, given: s.Row, head: s.Fields, tables: Mapping[str, s.Fields]
    ) -> dict[str, Any]:
        rest = {key: value for key, value in given.items() if key not in tables}
        found: dict[str, Any] = self._row(rest, head, file, "")
        for table, fields in tables.items():
            rows = given.get(table)
            if not isinstance(rows, list) or not rows:
                self.say(file, "", told("has no [[%(table)s]]", table=table), "add at least one")
                rows = []
            numbered = enumerate(cast(list[object], rows), 1)
            found[table] = [self._row(r, fields, file, _label(r, table, n)) for n, r in numbered]
        return found

    def _item(self, row: s.Row, file: str, theme: str) -> s.Row:
        unmet = row.pop("if_unmet", {"effect": "note"})
        more = self._row(unmet, UNMET, file, f"{row.get('id', 'item')} if_unmet")
        return {**row, **more, "theme": theme, "file": file}

    def _book(self, file: str, book: s.Row) -> s.Row:
        for section, part in book.items():
            if section == "policy":
                self._row(part, s.may(title=s.text, floor_note=s.text), file, section)
            elif section not in TEXTS or not isinstance(part, dict):
                self.say(file, section, "is not known here", "take it out")
            else:
                texts = s.may(**dict.fromkeys(TEXTS[section], s.text))
                if section == "item":
                    texts |= s.may(evidence=s.many(s.text))
                for name, entry in cast(s.Row, part).items():
                    self._row(entry, texts, file, name)
        return book

    def _ids(self, parts: dict[str, Any]) -> None:
        """Every id is there once, and every id that is named somewhere exists."""
        ids = {table: [row["id"] for row in parts[table] if "id" in row] for table in TABLES}
        for table, file in TABLES.items():
            for name in {name for name in ids[table] if ids[table].count(name) > 1}:
                where = [row.get("file", file) for row in parts[table] if row.get("id") == name]
                self.say(where[-1], str(name), "appears twice", "give each an id of its own")
        if "floor" in parts:
            self._known("levels.toml", "floor", "level", parts["floor"], ids["level"])
        for table, key, kind in MENTIONS:
            for number, row in enumerate(parts[table], 1):
                named = row.get(key, [])
                for one in [named] if isinstance(named, str) else named:
                    file = str(row.get("file", TABLES[table]))
                    self._known(file, _label(row, table, number), kind, one, ids[kind])

    def _known(self, file: str, item: str, kind: str, name: str, ids: list[str]) -> None:
        if name not in ids:
            what = told('there is no %(kind)s "%(name)s"', kind=kind, name=name)
            self.say(file, item, what, nearest(name, ids))


def _label(row: object, table: str, number: int) -> str:
    known: dict[str, object] = cast(s.Row, row) if isinstance(row, dict) else {}
    for key in ("id", "case"):
        if isinstance(known.get(key), str) and known[key]:
            return str(known[key])[:80]
    return f"{table} {number}"


def _policy(parts: dict[str, Any], version: str) -> v.Policy:
    levels = {row["id"]: v.Level(rank=n, **row) for n, row in enumerate(parts["level"])}
    floors = [row.pop("from", Decimal(0)) for row in parts["band"]]
    ranked = zip(parts["band"], floors, strict=True)
    bands = {row["id"]: v.Band(rank=n, floor=low, **row) for n, (row, low) in enumerate(ranked)}
    themes = [row["id"] for row in parts["theme"]]
    items = [_item(row, list(levels), list(bands)) for row in parts["item"]]
    items.sort(key=lambda item: themes.index(item.theme))
    known, review, told = v.Head.__dataclass_fields__, parts["review_months"], parts["notices"]
    return v.Policy(
        version=version,
        head=v.Head(
            **{key: said for key, said in parts["policy"].items() if key in known},
            conditions_review_months=review["with_conditions"],
            stop_review_months=review["after_stop"],
            review_notices=tuple(told["review"]),
            condition_notices=tuple(told["condition"]),
            keep_months={**v.KEPT_LATER, **parts["keep_months"]},
        ),
        floor=levels[parts["floor"]],
        currency=parts["currency"],
        window_months=parts["window_months"],
        levels=levels,
        bands=bands,
        themes=tuple(themes),
        bundles=tuple(row["id"] for row in parts["bundle"]),
        triggers={row["id"]: v.Trigger(**row) for row in parts["trigger"]},
        attributions={row["id"]: row["counts"] for row in parts["attribution"]},
        items={item.id: item for item in items},
        deciders=tuple(v.DeciderRow(**row) for row in parts["row"]),
        kinds=v.Kinds(*(tuple(v.Kind(**row) for row in parts[table]) for table in NAMED_KINDS)),
        sources={row["id"]: v.Source(**row) for row in parts["source"]},
        examples=tuple(v.Example(**row) for row in parts["example"]),
        books=parts["books"],
    )


def _item(row: dict[str, Any], levels: list[str], bands: list[str]) -> v.Item:
    row = {"kept_with": row["scope"], "enhanced_owner": row["remedy_owner"], **row}
    del row["file"]
    by_level, by_band = _upwards(row["levels"], levels), _upwards(row["bands"], bands)
    pairs = {(one, two): max(by_level[one], by_band[two]) for one in levels for two in bands}
    row |= {"levels": by_level, "bands": by_band, "strengths": pairs}
    return v.Item(**row)


def _upwards(steps: Mapping[str, str], order: list[str]) -> Mapping[str, v.Strength]:
    """A strength holds from where it is named upwards, until another is named."""
    found: dict[str, v.Strength] = {}
    strength = v.Strength.NONE
    for name in order:
        strength = v.Strength[steps[name].upper()] if name in steps else strength
        found[name] = strength
    return found
