"""The form of a paper, made from the blanks of its document; and the forms for saying yes or no."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Field
from wtforms.validators import ValidationError

from partners.ground.words import LANGUAGES, N_
from partners.mou.prefill import Candidates, Owners
from partners.mou.rules import OWNER, PROMISES, WHO, one_line
from partners.mou.rules import Field as Asked
from partners.mou.sheet import OF_THE_HOUSE
from partners.paper.documents import BlankKind
from partners.web.fields import Choice, Choices, Day, File, Lines, Pick, Text, Tick, Ticks, options
from partners.web.forms import HouseForm
from partners.web.said import long_day

SPARE, MOST_ROWS = 2, 60
SIGNERS = {"signers_org": "theirs", "signers_city": "ours"}
CELLS = {
    "text": _l("What"),
    "proposed_by": _l("Proposed by"),
    "place": _l("Where"),
    "time": _l("When"),
    "for_whom": _l("For whom"),
    "owner": _l("Who sees to it"),
    "due": _l("By when"),
    "basis": _l("Legal power and basis"),
    "special": _l("Special category? Which"),
    "became": _l("What became of it"),
    "telephone": _l("Telephone"),
}


class Row(dict[str, Any]):
    """A row of a list; in words, its cells one after the other."""

    def __str__(self) -> str:
        return " · ".join(str(value) for name, value in super().items() if value and name != WHO)


class Rows(Field):
    """Several rows of named cells, always with spare ones at the end. `data`: the rows in use."""

    kind = "rows"
    optional = True
    spare, most, limit, lines = SPARE, MOST_ROWS, 600, False

    def __init__(self, label: Any = "", *, cells: Sequence[str] = (), **kw: Any) -> None:
        super().__init__(label, **kw)
        self.cells = cells
        self.rows: list[list[Any]] = []
        self.kept: list[Mapping[str, Any]] = []
        self.people: dict[str, str] = {}

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors = []
        self.kept = list(data or ())
        kept = self.kept
        count = len(kept) + self.spare
        if formdata is not None:
            shape = re.compile(rf"{re.escape(self.name)}-([0-9]{{1,3}})-")
            found = (shape.match(key) for key in formdata)
            count = max((int(m[1]) + 1 for m in found if m), default=0)
            kept = list[Mapping[str, Any]]()
        whole = [*kept, *[{}] * count]
        self.rows = [self._row(at, formdata, whole[at]) for at in range(min(count, self.most))]
        while sum(1 for row in self.rows if not any(c.data for c in row)) < self.spare:
            self.rows.append(self._row(len(self.rows), None, {}))

    def offer(self, side: str, people: Mapping[str, str], roles: Iterable[str]) -> None:
        """Set who can see to a row: the side itself, a role, a person, and whoever stands there.

        A person is kept by account, so that a new name stays the same person.
        """
        left = {str(r[WHO]): r[OWNER] for r in self.kept if r.get(WHO)}
        self.people = left | dict(people)
        words = [r.get(OWNER, "") for r in self.kept if not r.get(WHO)]
        said = dict.fromkeys(filter(None, [side, *roles, *words]))
        choices = [("", _l("Not said yet")), *((w, w) for w in said), *self.people.items()]
        for cell in (c for row in self.rows for c in row if isinstance(c, Pick)):
            cell.offer(choices)

    def _row(self, at: int, formdata: Any, before: Mapping[str, Any]) -> list[Any]:
        row = []
        for name in self.cells:
            label = CELLS.get(name, name.replace("_", " "))
            more: Any = {"optional": True, "name": f"{self.name}-{at}-{name}", "_form": None,
                         "_meta": self.meta}  # fmt: skip
            cell: Any = (Pick(label, **more) if name == OWNER else
                         Text(label, limit=self.limit, lines=self.lines, **more))  # fmt: skip
            cell.process(formdata, str((name == OWNER and before.get(WHO)) or before.get(name, "")))
            row.append(cell)
        return row

    @property
    def data(self) -> list[Row]:
        """Rows that say something in any cell."""
        said = [[(c.data or "").strip() for c in row] for row in self.rows]
        rows = [Row(zip(self.cells, row, strict=True)) for row in said if any(row)]
        for row in rows:
            if row.get(OWNER) in self.people:
                row |= {WHO: int(row[OWNER]), OWNER: self.people[row[OWNER]]}
        return rows

    @data.setter
    def data(self, value: Any) -> None:
        """Set by `process`."""

    def pre_validate(self, form: Any) -> None:
        wrong = [c for row in self.rows for c in row if not c.validate(form)]
        if wrong:
            raise ValidationError(str(wrong[0].errors[0]))
        for row in self.rows:
            if any(c.data for c in row) and not row[0].data:
                row[0].errors = [gettext("Say what, or empty the row.")]
                raise ValidationError(gettext("Each row says what it is about."))


class Wordings(Rows):
    """What people typed, a row for each passage, and beside it its wording in the other language.

    `gone`: the passages that were changed or left out since somebody worded them.
    """

    kind = "wordings"
    spare, most, limit, lines = 0, 300, 4000, True
    gone: Collection[str] = ()

    def ask_for(self, passages: Collection[str]) -> None:
        """Offer a row for each passage; what was worded before stays, because somebody typed it."""
        asked = {one_line(one): one for one in passages}
        found = {one_line(row[0].data or ""): row for row in self.rows}
        gone = {one: row for one, row in found.items() if one not in asked and row[1].data}
        self.gone = {row[0].data for row in gone.values()}
        new = (one for one in asked if one not in found)
        found |= {one: self._row(at, None, {"text": asked[one]})
                  for at, one in enumerate(new, len(self.rows))}  # fmt: skip
        self.rows = [*(found[one] for one in asked), *gone.values()]

    @property
    def data(self) -> list[Row]:
        """The passages that have a wording."""
        return [row for row in super().data if row["wording"]]

    @data.setter
    def data(self, value: Any) -> None:
        """Set by `process`."""


class PaperForm(HouseForm):
    language = Pick(_l("In which language?"), ask=N_("Choose a language."))


class Press(HouseForm):
    """A press: what is wrong with it stands above, because it has no field to stand beside."""

    def validate(self, *args: Any, **kw: Any) -> bool:
        fine = super().validate(*args, **kw)
        for part in self:
            self.form_errors += part.errors
            part.errors = []
        return fine


class MeanForm(Press):
    """A press on the table: `text` is the hash of what was read, `number` a remark's place."""

    text = Text("", optional=True, free=False)
    number = Text("", optional=True, free=False)


class RemarkForm(HouseForm):
    section = Pick(_l("To which section?"), ask=N_("Choose the section."))
    text = Text(
        _l("What do you want to say?"), ask=N_("Write your remark."), lines=True, limit=1000
    )


class NoteForm(HouseForm):
    note = Text(_l("What was done?"), optional=True, lines=True, limit=600)


class TestForm(HouseForm):
    note = Text(_l("What came out of the test with the made-up case?"),
                ask=N_("Write what came out."), lines=True, limit=2000)  # fmt: skip


class FollowForm(Press):
    how = Text("", optional=True, free=False)


class OlderForm(HouseForm):
    """A paper from before this register."""

    kind = Choice(_l("Which paper is it?"), ask=N_("Choose which paper it is."))
    signed_on = Day(_l("When was it signed?"), ask=N_("Write the day on which it was signed."))
    until = Day(_l("Until when does it hold?"), optional=True)
    where = Text(_l("Where does the original lie, and what does it say in short?"),
                 ask=N_("Write where the original lies."), lines=True, limit=1000)  # fmt: skip
    scan = File(
        _l("A scan of it"), optional=True,
        hint=_l("PDF, PNG or JPEG of at most 10 MB. Whoever can read this paper can open it."),
    )  # fmt: skip


class OnPaperForm(HouseForm):
    who = Pick(_l("Who has signed by hand?"), ask=N_("Choose who has signed."))
    signed_on = Day(_l("On which day?"), ask=N_("Write the day on which it was signed."))
    scan = File(
        _l("A copy of the signed pages"), optional=True,
        hint=_l("PDF, PNG or JPEG. Without one it is written down that you saw it."),
    )  # fmt: skip
    seen = Tick(
        _l("I have seen the signed pages. They carry the fingerprint of this file."),
        optional=False, ask=N_("Look at the signed pages first, then tick this."),
    )  # fmt: skip


class CompareForm(HouseForm):
    """Of a file signed elsewhere; `whose`: the account that handed it in."""

    whose = Text("", optional=True, free=False)
    same = Choice(
        _l("Is it the person named on the paper?"), ask=N_("Compare the two names, then choose."),
        choices=options([
            ("yes", _l("Yes, the certificate names this person")),
            ("no", _l("No, or it cannot be told from the certificate")),
        ]),
    )  # fmt: skip
    why = Text(_l("If not: why?"), optional=True, lines=True, limit=1000)


class ReasonForm(HouseForm):
    reason = Text(_l("Why?"), optional=True, lines=True, limit=2000)


class PauseForm(HouseForm):
    paused_until = Day(_l("On which day do we talk next?"), ask=N_("Write the day of the talk."))
    pause_why = Text(_l("Why?"), optional=True, lines=True, limit=600)


def capital(words: str) -> str:
    """Words from the middle of a sentence, as a label."""
    return words[:1].upper() + words[1:]


def of_people(fields: Iterable[Asked]) -> list[Asked]:
    """The blanks that people write; the house writes the rest itself."""
    return [field for field in fields if field.name not in OF_THE_HOUSE]


def paper_form(fields: Iterable[Asked], language: str) -> type[PaperForm]:
    """The form of one paper. No field is required to save; issuing says what is missing."""
    made = {f.name: _field(f.name, f.blank, language) for f in of_people(fields)}
    return type("ThisPaperForm", (PaperForm,), made)


def _field(name: str, blank: BlankKind, language: str) -> Any:
    label = capital(blank.words.get(language) or next(iter(blank.words.values())))
    if name in SIGNERS:
        return Ticks(label)
    match blank.kind:
        case "rows":
            return (Wordings if "wording" in blank.fields else Rows)(label, cells=blank.fields)
        case "list":
            return Lines(label, optional=True, hint=_l("One a line."))
        case "date":
            return Day(label, optional=True)
        case "yes-no":
            return Tick(label)
        case "language":
            return Pick(label, optional=True, choices=options(
                [("", _l("None")), *LANGUAGES.items()]))  # fmt: skip
        case _:
            return Text(label, optional=True, limit=1000)


def stored(facts: Mapping[str, Any], fields: Iterable[Asked], language: str,
           version: object = "") -> SimpleNamespace:  # fmt: skip
    """What is kept, as the form's fields want it; its version travels with the form."""
    known = {f.name: _shown(f, facts.get(f.name)) for f in of_people(fields)}
    return SimpleNamespace(version=version, language=language, **known)


def _shown(field: Asked, value: Any) -> Any:
    if field.name in SIGNERS:
        return [str(row["account"]) for row in value or ()]
    match field.blank.kind:
        case "date":
            return date.fromisoformat(value) if value else None
        case "rows":
            return [Row(text=row) if isinstance(row, str) else Row(row) for row in value or ()]
        case "list":
            return list(value or ())
        case _:
            return value or ""


def readable(field: Any, value: Any) -> str:
    """A field's value in words, one entry a line, for two texts side by side."""
    if field.kind == Ticks.kind:
        names = {one.value: one.label for one in field.iter_choices()}
        value = [names.get(one, "") for one in value or ()]
    if isinstance(value, date):
        return long_day(value)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value or "")


def typed(form: Any, fields: Iterable[Asked], who: Candidates) -> dict[str, Any]:
    """The facts that stand in the form, as they are kept."""
    known = {str(row["account"]): dict(row) for row in (*who.theirs, *who.ours)}
    facts: dict[str, Any] = {}
    for field in of_people(fields):
        one = form[field.name]
        if field.name in SIGNERS:
            facts[field.name] = [known[a] for a in one.data or () if a in known]
        elif isinstance(one, Lines):
            facts[field.name] = one.entries
        elif isinstance(one, Rows):
            facts[field.name] = [dict(row) for row in one.data]
        else:
            value = one.data
            facts[field.name] = value.isoformat() if isinstance(value, date) else value or ""
    return facts


def offer(form: Any, who: Candidates, owners: Mapping[str, Owners]) -> None:
    """Set who can be named: those who may sign today, and those who may see to a promise."""
    for name, side in SIGNERS.items():
        if name in form:
            form[name].offer(_people(getattr(who, side)))
    for name, side in PROMISES.items():
        if name in form:
            form[name].offer(*owners[side])


def _people(rows: Iterable[Mapping[str, Any]]) -> Choices:
    return [
        (str(row["account"]), ", ".join(filter(None, (row["name"], row["role"], row["authority"]))))
        for row in rows
    ]  # fmt: skip
