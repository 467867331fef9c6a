"""Forms that lose nothing: typed text comes back with every refusal, conflict and expired
session.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from flask import abort, g, render_template, request
from flask_babel import gettext
from werkzeug.datastructures import CombinedMultiDict
from wtforms import Form

from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.web.fields import told
from partners.web.guard import unsay

ADVISED = "_advised"
OVERTAKEN = N_("Somebody changed this after you opened the page. Look at it again, then go on.")
EDGE = ("csrf_token", "_key", "_version", ADVISED)
F = TypeVar("F", bound="HouseForm")


class HouseForm(Form):
    """A form of the house. `row` is what it edits: its version travels with the form.

    `blank`: one of several forms of a page, and not the one that was posted.
    """

    def __init__(self, row: Any = None, *, blank: bool = False, **kw: Any) -> None:
        self.row = row
        super().__init__(None if blank else _posted(), obj=kw.pop("obj", row), **kw)
        g.setdefault("forms", []).append(self)
        self.key_value = request.form.get("_key") or secrets.token_urlsafe(18)
        self.version_value = request.form.get("_version") or str(getattr(row, "version", "") or "")

    def about(self, thing: str) -> Self:
        """The same form with ids of its own, because a page holds one for each of its things."""
        for field in self if thing else ():
            field.id = f"{field.id}-{thing}"
        return self

    def sent(self) -> bool:
        """Whether this is a POST whose every field could be read, and advice on it was shown."""
        if request.method != "POST" or not self.validate():
            return False
        return not self.advised or ADVISED in request.form

    @property
    def advised(self) -> list[Any]:
        """The fields on whose wording there is advice. It is shown once and holds nobody up."""
        return [field for field in self if getattr(field, "advice", None)]

    @property
    def stale(self) -> bool:
        """Whether somebody else has saved the row since this form was opened."""
        return self.row is not None and self.version_value != str(self.row.version)

    def refuse_stale(self) -> None:
        """Refuse what was sent from a page that shows something else by now; text typed stays."""
        if self.stale:
            self.version_value = str(self.row.version)
            raise Refusal(OVERTAKEN)

    @property
    def enctype(self) -> str | None:
        """How the form must be sent so that its files arrive."""
        files = any(getattr(field, "kind", "") == "file" for field in self)
        return "multipart/form-data" if files else None

    @property
    def wrong(self) -> bool:
        return bool(self.errors)

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Show a refusal beside its field, or above the form; undo what was half done."""
        try:
            yield
        except Refusal as refusal:
            db.session.rollback()
            unsay()
            self._take(refusal)

    def _take(self, refusal: Refusal) -> None:
        sentence = told(refusal)
        if refusal.field and refusal.field in self._fields:
            errors = self._fields[refusal.field].errors
            self._fields[refusal.field].errors = [*errors, sentence]
        else:
            self.form_errors.append(sentence)


def _posted() -> Any:
    if request.method != "POST":
        return None
    sent: list[Any] = [request.form, request.files]
    return CombinedMultiDict(sent)


def posted(verb: str) -> bool:
    """Whether the form of this name, one of several of a page, was sent."""
    return request.method == "POST" and request.form.get("verb", "") == verb


def pressed(forms: Mapping[str, F]) -> F | None:
    """Of the forms of a page, by verb, the one that was sent; 404 for a verb that has none."""
    if request.method != "POST":
        return None
    return forms.get(request.form.get("verb", "")) or abort(404)


def troubled(forms: Iterable[F]) -> F | None:
    """The form of a page that could not be accepted, or on whose wording there is advice."""
    return next((form for form in forms if form.wrong or form.advised), None)


def show(template: str, form: HouseForm | None = None, **facts: Any) -> Any:
    """Render a page; with a form that could not be accepted the answer is 422."""
    status = 422 if form is not None and form.wrong else 200
    return render_template(template, form=form, **facts), status


def as_shown(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What was typed and chosen, by the labels of the forms that this request has built.

    Without a form it goes by its names; with one, what only a button carried is left out.
    """
    sent, fields = list(pairs), {}
    known = [dict(_boxes(form)) for form in g.get("forms", ())]
    for one in sorted(known, key=lambda one: len(one.keys() & dict(sent).keys())):
        fields |= one  # of two forms with a field of one name, the one that knows more of the names
    shown: dict[str, tuple[str, list[str]]] = {}
    for name, text in sent:
        field = fields.get(name)
        if field is not None:
            chosen = {str(c.value): str(c.label) for c in getattr(field, "choices", None) or ()}
            label, text = str(field.label.text), chosen.get(text, text)
            shown.setdefault(field.name, (label, []))[1].append(text)
        elif not fields or " " in text:
            shown.setdefault(name, (name, []))[1].append(text)
    return [(label, " ".join(texts)) for label, texts in shown.values()]


def _boxes(form: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """The names under which a browser sends each field."""
    for field in form:
        if getattr(field, "kind", "") == "day":
            yield from ((f"{field.name}-{part}", field) for part in ("day", "month", "year"))
        yield from ((cell.name, cell) for row in getattr(field, "rows", ()) for cell in row)
        yield field.name, field


def conflict(form: HouseForm, **facts: Any) -> Any:
    """Both texts side by side: what somebody else saved, and what was typed here. Nothing is
    lost.
    """
    pairs = []
    for field in form:
        if getattr(field, "kind", "") == "file":
            continue  # a browser gives a file only once
        saved = field.object_data or getattr(form.row, field.name, None)
        now, mine = _shown(saved), _shown(field.data)
        if now != mine:
            pairs.append((field, now, mine))
    form.version_value = str(form.row.version)
    form.key_value = secrets.token_urlsafe(18)
    form.form_errors.append(
        gettext("Somebody else saved this while you were writing. Compare, then save again.")
    )
    return render_template(
        "errors/conflict.html", form=form, pairs=pairs, hidden=_beside(form), **facts
    ), 409


def _beside(form: HouseForm) -> list[tuple[str, str]]:
    """What was sent beside the fields, such as what the form is about and what it does."""
    own = {name for name in request.form for field in form
           if name == field.name or name.startswith(f"{field.name}-")}  # fmt: skip
    sent = request.form.items(multi=True)
    return [(name, value) for name, value in sent if name not in own and name not in EDGE]


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "\n".join(str(v) for v in value)
    return "" if value is None or value is False else str(value)
