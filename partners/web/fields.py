"""What may be typed. Every field reads its text through `ground.text`; free text meets the
refusals.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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


@contextmanager
def _refused() -> Iterator[None]:
    """A refusal in here stands beside the field."""
    try:
        yield
    except Refusal as refusal:
        raise ValidationError(told(refusal)) from refusal


class _Asked(Field):
    """What every field takes. Without an answer it says what to write; `ask` is that sentence."""

    optional: bool = False

    def __init__(
        self, label: Any = "", *, ask: Any = "", optional: bool | None = None, hint: Any = "",
        **kw: Any,
    ) -> None:  # fmt: skip
        super().__init__(label, description=hint, **kw)
        self.ask = ask
        self.optional = self.optional if optional is None else optional

    def need(self, present: bool) -> None:
        if not present and not self.optional:
            raise ValidationError(gettext(self.ask) if self.ask else gettext("Fill this in."))


class _Typed:
    """A field that holds one text; what was not sent is empty."""

    data: Any  # a str once it was read; a row's value before

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = str(valuelist[0]) if valuelist else ""


class Text(_Typed, _Asked, StringField):
    """A line or, with `lines`, a paragraph. `free`: somebody's own sentences, so refusals apply.

    `aid`: what staff note here is read by the organisation, so the writing aid has a look;
    `advice` is what it thinks of the text. `reads`: makes an address or a number of what is typed.
    """

    def __init__(
        self, label: Any = "", *, limit: int = LINE, lines: bool = False, free: bool = True,
        aid: bool = False, reads: Callable[[str], str] = str, **kw: Any,
    ) -> None:  # fmt: skip
        super().__init__(label, **kw)
        self.limit, self.lines, self.free = limit, lines, free
        self.aid, self.reads = aid, reads
        self.advice: list[Rule] = []
        self.kind = "paragraph" if lines else "line"

    def pre_validate(self, form: Any) -> None:
        with _refused():
            text = clean_text(self.data or "", limit=self.limit, lines=self.lines)
            self.data = text and self.reads(text)
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


class Secret(_Typed, _Asked, StringField):
    """A password: kept exactly as typed, never shown back."""

    kind = "password"


class Money(_Typed, _Asked, StringField):
    """An amount as the language writes it; `data` is the text, `amount` a Decimal or None."""

    kind = "money"
    amount: Decimal | None = None

    def pre_validate(self, form: Any) -> None:
        typed = (self.data or "").strip()
        self.need(bool(typed))
        if typed:
            with _refused():
                self.amount = read_money(typed, language=language())


class Day(_Asked):
    """A date typed as day, month and year in three boxes `x-day`, `x-month`, `x-year`."""

    kind = "day"

    def __init__(self, label: Any = "", *, latest: date | None = None, **kw: Any) -> None:
        super().__init__(label, **kw)
        self.latest = latest
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
            with _refused():
                self.data = read_date(*self.parts)
                if self.latest and self.data > self.latest:
                    raise Refusal(N_("The date must not be after %(day)s."), day=self.latest)


Choices = Iterable[tuple[str, Any]]


def options(pairs: Choices) -> list[SelectChoice]:
    """Pairs of value and label as WTForms wants its choices."""
    return [SelectChoice(value, label) for value, label in pairs]


def _values(choices: Any) -> set[str]:
    return {choice.value for choice in choices or ()}


class _Chosen(_Asked):
    """A choice among `choices`; `hints` maps a value to the line below it."""

    choices: Any

    def __init__(self, label: Any = "", *, choices: Choices = (),
                 hints: dict[str, str] | None = None, **kw: Any) -> None:  # fmt: skip
        super().__init__(label, choices=list(choices), validate_choice=False, **kw)
        self.hints = hints or {}

    def offer(self, choices: Choices) -> None:
        """Set what can be chosen, once it is known."""
        self.choices = options(choices)


class Choice(_Typed, _Chosen, RadioField):
    """One of a few, as radios."""

    kind = "radios"

    def pre_validate(self, form: Any) -> None:
        self.data = "" if self.data in (None, "None") else self.data
        self.need(bool(self.data))
        if self.data and self.data not in _values(self.choices):
            raise ValidationError(gettext("Choose one of the answers that are listed."))


class Pick(Choice):
    """One of many, as a drop-down list."""

    kind = "select"


class Ticks(_Chosen, SelectMultipleField):
    """Any of a few, as checkboxes."""

    kind = "ticks"
    optional = True

    def pre_validate(self, form: Any) -> None:
        self.data = list(dict.fromkeys(self.data or []))
        self.need(bool(self.data))
        if not set(self.data) <= _values(self.choices):
            raise ValidationError(gettext("Choose from the answers that are listed."))


class Tick(_Asked, BooleanField):
    """One box: ticked or not."""

    kind = "tick"
    optional = True

    def pre_validate(self, form: Any) -> None:
        self.need(bool(self.data))


class Lines(Text):
    """Several short entries, one a line; `entries` is the list without blanks or repeats."""

    def __init__(self, label: Any = "", **kw: Any) -> None:
        super().__init__(label, **{"lines": True, "limit": PARAGRAPH, **kw})

    def process_data(self, value: Any) -> None:
        self.data = "\n".join(value) if isinstance(value, list | tuple) else value or ""

    @property
    def entries(self) -> list[str]:
        lines = (line.strip() for line in (self.data or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))


class File(_Asked):
    """A file handed in; `data` is what was sent, or None."""

    kind = "file"

    def process_formdata(self, valuelist: list[Any]) -> None:
        files = [f for f in valuelist if isinstance(f, FileStorage) and f.filename]
        self.data = files[0] if files else None

    def pre_validate(self, form: Any) -> None:
        self.need(self.data is not None)
        if self.data is not None and not self.data.stream.read(1):
            raise ValidationError(gettext("This file is empty. Choose the file again."))
        if self.data is not None:
            self.data.stream.seek(0)
