"""What may be typed. Every field reads its text through `ground.text`; free text meets the
refusals.
"""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from flask import current_app, g
from flask_babel import format_date, get_locale, gettext
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # pyright: ignore[reportAttributeAccessIssue]
from wtforms.validators import ValidationError

from partners.ground.refusals import Refusal
from partners.ground.text import clean_text, read_date, read_money
from partners.ground.words import N_
from partners.wording.rules import Rule, hints, refusals

LINE, PARAGRAPH, PAGE = 200, 4000, 20000


def told(refusal: Refusal) -> str:
    """The refusal's sentence in the reader's language."""
    if refusal.facts:
        facts = {name: format_date(fact, gettext("d MMMM y")) if isinstance(fact, date) else fact
                 for name, fact in refusal.facts.items()}  # fmt: skip
        return gettext(refusal.sentence, **facts)
    return gettext(refusal.sentence)


def language() -> str:
    return str(get_locale() or "en").split("_")[0]


class _Required:
    """A field without text says what to write; `ask` is that sentence."""

    ask: Any = ""
    optional: bool = False

    def need(self, present: bool) -> None:
        if not present and not self.optional:
            raise ValidationError(gettext(self.ask) if self.ask else gettext("Fill this in."))


class Text(_Required, StringField):
    """A line or, with `lines`, a paragraph. `free`: somebody's own sentences, so refusals apply.

    `aid`: what staff note here is read by the organisation, so the writing aid has a look;
    `advice` is what it thinks of the text. `reads`: makes an address or a number of what is typed.
    """

    data: Any  # a str once it was read; a row's value before

    def __init__(
        self,
        label: Any = "",
        *,
        ask: Any = "",
        optional: bool = False,
        limit: int = LINE,
        lines: bool = False,
        free: bool = True,
        aid: bool = False,
        reads: Callable[[str], str] = str,
        hint: Any = "",
        **kw: Any,
    ) -> None:
        super().__init__(label, description=hint, **kw)
        self.ask, self.optional, self.limit, self.reads = ask, optional, limit, reads
        self.lines, self.free, self.aid = lines, free, aid
        self.advice: list[Rule] = []
        self.kind = "paragraph" if lines else "line"

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = str(valuelist[0]) if valuelist else ""

    def pre_validate(self, form: Any) -> None:
        raw = self.data or ""
        try:
            text = clean_text(raw, limit=self.limit, lines=self.lines)
            self.data = text and self.reads(text)
        except Refusal as refusal:
            raise ValidationError(told(refusal)) from refusal
        self.need(bool(self.data))
        if self.free and self.data:
            self._refuse_what_must_not_be_held()
        if self.aid and g.actor.is_staff:
            self.advice = hints(self.data, current_app.extensions["wording"])

    def _refuse_what_must_not_be_held(self) -> None:
        found = refusals(self.data or "", current_app.extensions["wording"])
        if found:
            g.setdefault("refused", set()).update((r.id, self.kind, self.name) for r in found)
            told_once = dict.fromkeys(rule.words(language()) for rule in found)
            raise ValidationError(" ".join(told_once))


class Secret(StringField):
    """A password: kept exactly as typed, never shown back."""

    kind = "password"

    def __init__(self, label: Any = "", **kw: Any) -> None:
        super().__init__(label, **kw)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = str(valuelist[0]) if valuelist else ""


class Money(_Required, StringField):
    """An amount as the language writes it; `data` is Decimal or None."""

    kind = "money"

    def __init__(self, label: Any = "", *, ask: Any = "", optional: bool = False, hint: Any = "",
                 **kw: Any) -> None:  # fmt: skip
        super().__init__(label, description=hint, **kw)
        self.ask, self.optional = ask, optional
        self.amount: Decimal | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = str(valuelist[0]) if valuelist else ""

    def pre_validate(self, form: Any) -> None:
        typed = (self.data or "").strip()
        self.need(bool(typed))
        if typed:
            try:
                self.amount = read_money(typed, language=language())
            except Refusal as refusal:
                raise ValidationError(told(refusal)) from refusal


class Day(_Required, Field):
    """A date typed as day, month and year in three boxes `x-day`, `x-month`, `x-year`."""

    kind = "day"

    def __init__(self, label: Any = "", *, ask: Any = "", optional: bool = False, hint: Any = "",
                 earliest: date | None = None, latest: date | None = None,
                 **kw: Any) -> None:  # fmt: skip
        super().__init__(label, description=hint, **kw)
        self.ask, self.optional = ask, optional
        self.earliest, self.latest = earliest, latest
        self.parts: list[str] = ["", "", ""]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors, self.data = [], data if isinstance(data, date) else self.default
        self.object_data = self.data
        if isinstance(self.data, date):
            self.parts = [str(self.data.day), str(self.data.month), str(self.data.year)]
        if formdata is not None:
            boxes = (f"{self.name}-{part}" for part in ("day", "month", "year"))
            self.parts = [str(formdata.get(box, ""))[:40].strip() for box in boxes]

    def pre_validate(self, form: Any) -> None:
        self.data = None
        self.need(any(self.parts))
        if any(self.parts):
            try:
                self.data = read_date(*self.parts)
            except Refusal as refusal:
                raise ValidationError(told(refusal)) from refusal
            self._check_bounds()

    def _check_bounds(self) -> None:
        assert self.data is not None
        if self.earliest and self.data < self.earliest:
            early = Refusal(N_("The date must not be before %(day)s."), day=self.earliest)
            raise ValidationError(told(early))
        if self.latest and self.data > self.latest:
            late = Refusal(N_("The date must not be after %(day)s."), day=self.latest)
            raise ValidationError(told(late))


Choices = Iterable[tuple[str, Any]]


def options(pairs: Choices) -> list[SelectChoice]:
    """Pairs of value and label as WTForms wants its choices."""
    return [SelectChoice(value, label) for value, label in pairs]


def _values(choices: Any) -> set[str]:
    return {choice.value for choice in choices or ()}


class Choice(_Required, RadioField):
    """One of a few, as radios. `hints` maps a value to the line below it."""

    kind = "radios"

    def __init__(self, label: Any = "", *, choices: Choices = (), ask: Any = "",
                 optional: bool = False, hint: Any = "", hints: dict[str, str] | None = None,
                 **kw: Any) -> None:  # fmt: skip
        super().__init__(
            label, choices=list(choices), description=hint, validate_choice=False, **kw
        )
        self.ask, self.optional, self.hints = ask, optional, hints or {}

    def offer(self, choices: Choices) -> None:
        """Set what can be chosen, once it is known."""
        self.choices = options(choices)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = str(valuelist[0]) if valuelist else ""

    def pre_validate(self, form: Any) -> None:
        self.data = "" if self.data in (None, "None") else self.data
        self.need(bool(self.data))
        if self.data and self.data not in _values(self.choices):
            raise ValidationError(gettext("Choose one of the answers that are listed."))


class Pick(Choice):
    """One of many, as a drop-down list."""

    kind = "select"


class Ticks(_Required, SelectMultipleField):
    """Any of a few, as checkboxes."""

    kind = "ticks"
    offer = Choice.offer

    def __init__(self, label: Any = "", *, choices: Choices = (), ask: Any = "",
                 optional: bool = True, hint: Any = "", hints: dict[str, str] | None = None,
                 **kw: Any) -> None:  # fmt: skip
        super().__init__(
            label, choices=list(choices), description=hint, validate_choice=False, **kw
        )
        self.ask, self.optional, self.hints = ask, optional, hints or {}

    def pre_validate(self, form: Any) -> None:
        self.data = list(dict.fromkeys(self.data or []))
        self.need(bool(self.data))
        if not set(self.data) <= _values(self.choices):
            raise ValidationError(gettext("Choose from the answers that are listed."))


class Tick(_Required, BooleanField):
    """One box: ticked or not."""

    kind = "tick"

    def __init__(self, label: Any = "", *, ask: Any = "", optional: bool = True, hint: Any = "",
                 **kw: Any) -> None:  # fmt: skip
        super().__init__(label, description=hint, **kw)
        self.ask, self.optional = ask, optional

    def pre_validate(self, form: Any) -> None:
        self.need(bool(self.data))


class Lines(Text):
    """Several short entries, one a line; `entries` is the list without blanks or repeats."""

    def __init__(self, label: Any = "", **kw: Any) -> None:
        super().__init__(label, lines=True, limit=kw.pop("limit", PARAGRAPH), **kw)
        self.kind = "paragraph"

    def process_data(self, value: Any) -> None:
        self.data = "\n".join(value) if isinstance(value, list | tuple) else value or ""

    @property
    def entries(self) -> list[str]:
        lines = (line.strip() for line in (self.data or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))


class File(_Required, Field):
    """A file handed in; `data` is the stored upload or None."""

    kind = "file"

    def __init__(self, label: Any = "", *, ask: Any = "", optional: bool = False, hint: Any = "",
                 **kw: Any) -> None:  # fmt: skip
        super().__init__(label, description=hint, **kw)
        self.ask, self.optional = ask, optional

    def process_formdata(self, valuelist: list[Any]) -> None:
        files = [f for f in valuelist if isinstance(f, FileStorage) and f.filename]
        self.data = files[0] if files else None

    def pre_validate(self, form: Any) -> None:
        self.need(self.data is not None)
