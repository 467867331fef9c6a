"""Pages for importing: hand in a file, say what its columns are, read the report, add."""

import json
from collections.abc import Iterator
from typing import Any

from flask import abort, flash, g, redirect, request, stream_with_context, url_for
from flask_babel import format_decimal, gettext
from flask_babel import lazy_gettext as _l

from partners.access.table import Permission as P
from partners.ground import clock
from partners.ground.refusals import Refusal
from partners.ground.text import csv_line, read_page
from partners.ground.words import N_
from partners.matching.identifiers import schemes
from partners.registry import entering, imports
from partners.registry.blueprint import bp
from partners.registry.forms import kind_choices
from partners.registry.imports import APPLY, CHECK, KNOWN, NEAR, Database
from partners.registry.rows import NUMBER, guess
from partners.web.fields import Choice, File, Pick, Text, Tick, Ticks, options
from partners.web.forms import HouseForm, show
from partners.web.guard import ID_SHAPE, page

ROWS, ONE_BY_ONE = 50, 200
FIELD_NAMES = {
    "name": N_("Name"), "other_names": N_("Other names"), "kind": N_("Kind"),
    "legal_form": N_("Legal form"), "not_registered_because": N_("Not registered, because"),
    "purpose": N_("In their own words"), "district": N_("District"), "website": N_("Website"),
    "email": N_("Mailbox of the organisation"), "telephone": N_("Telephone of the organisation"),
    "languages": N_("Languages"), "tags": N_("Tags"), "number": N_("Number"),
}  # fmt: skip


class HandInForm(HouseForm):
    """A file, and where it comes from."""

    file = File(_l("File"), ask=N_("Choose the file."))
    source = Text(_l("Where does this list come from?"), limit=120,
                  ask=N_("Write who made this list, such as the name of a register."))  # fmt: skip


class ColumnsForm(HouseForm):
    """What holds for the whole file; a Pick for each column is added when they are known."""

    headed = Tick(_l("The first line names the columns"))
    usual = Pick(_l("What kind of organisations are these?"), optional=True)
    because = Text(_l("Where a row has no legal form: not registered, because"), optional=True)

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.usual.offer([("", gettext("A column says it for each row")), *kind_choices()])

    def targets(self) -> list[str]:
        """The field chosen for each column. Raises Refusal where the choice is not whole."""
        found = [field.data or "" for field in self if field.name.startswith("column_")]
        if "name" not in found:
            raise Refusal(N_("Choose the column that holds the name."))
        if not self.usual.data and "kind" not in found:
            raise Refusal(N_("Choose the kind that fits best."), field="usual")
        if not self.because.data and not {"legal_form", "not_registered_because"} & set(found):
            raise Refusal(N_("Write why, or choose the column that says it."), field="because")
        return found


class DecideForm(HouseForm):
    """What happens with the rows that may be in the register already."""

    near = Choice(_l("What about the names that look alike?"), optional=True)
    add = Ticks(_l("Add these although they look alike"))

    def __init__(self, alike: list[Any], **kw: Any) -> None:
        super().__init__(**kw)
        some = [("some", gettext("Add those that I tick"))] if alike else []
        self.near.offer([("none", gettext("Leave all of them out")),
                         ("all", gettext("Add all of them: they are others")), *some])  # fmt: skip
        self.add.offer([(str(row["id"]), row["label"]) for row in alike])


@page(bp, "/organisations/import", needs=P.ORGANISATION_IMPORT, methods=("GET", "POST"))
def hand_in() -> Any:
    """Choose a file; it is read at once, and nothing is added yet."""
    form = HandInForm()
    if form.sent():
        with form.refusals():
            file, source = form.file.data, form.source.data or ""
            made = imports.stage(file.stream, file.filename, source, by=g.actor, at=clock.now())
            return redirect(url_for(".import_one", import_id=made))
    return show("registry/import.html", form, most=format_decimal(imports.MOST_ROWS))


def _mine(import_id: str) -> tuple[Database | None, Any]:
    """The staging file and the newest job of an import that this person handed in, else 404."""
    if not ID_SHAPE.fullmatch(import_id):
        abort(404)
    store = imports.staged(import_id)
    job = imports.newest_job(import_id)
    owner = imports.file_facts(store)["owner"] if store else job.created_by if job else None
    if owner is None or owner != g.actor.id:
        abort(404)
    return store, job


@page(bp, "/organisations/import/<import_id>", needs=P.ORGANISATION_IMPORT,
      methods=("GET", "POST"))  # fmt: skip
def import_one(import_id: str) -> Any:
    """One import as far as it has come: its columns, its report, its work, its end."""
    store, job = _mine(import_id)
    if job is not None and job.is_open:
        return _working(import_id, job)
    if job is not None and (job.kind == APPLY and job.state == "done"):
        return _over(import_id, store, job)
    if store is None:
        abort(404)
    if job is None or job.state != "done" or "columns" in request.values:
        return _columns(import_id, store, job)
    return _report(import_id, store, job)


def _here(import_id: str, **more: Any) -> Any:
    return redirect(url_for(".import_one", import_id=import_id, **more), 303)


def _working(import_id: str, job: Any) -> Any:
    form = HouseForm()
    if form.sent():
        if imports.stop(job, by=g.actor):
            flash(gettext("It stops after the present step. Nothing was added."))
        return _here(import_id)
    return show("registry/import-working.html", form, import_id=import_id, job=job,
                applying=job.kind == APPLY)  # fmt: skip


def _columns(import_id: str, store: Database, job: Any) -> Any:
    facts = imports.file_facts(store)
    columns = json.loads(facts["columns"])
    before = job.args if job is not None and job.kind == CHECK else {}
    targets = before.get("targets") or guess(columns)
    labels = _labels(columns)
    choices = options([("", gettext("Leave it out")), *_targets()])
    picks = {f"column_{n:03}": Pick(label, optional=True, choices=choices)
             for n, label in enumerate(labels)}  # fmt: skip
    form = type("ColumnsOfThis", (ColumnsForm,), picks)(data={
        **dict(zip(picks, targets, strict=True)), "headed": before.get("headed", facts["headed"]),
        "usual": before.get("usual", ""), "because": before.get("because") or gettext(
            "“%(source)s” does not say", source=facts["source"])})  # fmt: skip
    if form.sent():
        with form.refusals():
            imports.ask_to_check(
                import_id, form.targets(), usual=form.usual.data, because=form.because.data or "",
                headed=bool(form.headed.data and facts["sheet"]), by=g.actor)  # fmt: skip
            return _here(import_id)
    stopped = job.outcome.get("trouble") or N_("It was stopped. Nothing was added.") if (
        job is not None and job.state != "done") else ""  # fmt: skip
    return show("registry/import-columns.html", form, import_id=import_id, facts=facts,
                columns=columns, picks=list(picks), stopped=stopped)  # fmt: skip


def _labels(columns: list[Any]) -> list[str]:
    """What the file calls its columns; equal and empty headings are told apart."""
    told: list[str] = []
    for number, column in enumerate(columns, 1):
        label = imports.shown(column["label"].strip())
        label = label or gettext("Column %(number)d", number=number)
        told.append(f"{label} ({number})" if label in told else label)
    return told


def _targets() -> list[tuple[str, str]]:
    fields = [(field, gettext(name)) for field, name in FIELD_NAMES.items() if field != "number"]
    with_register = gettext("Number with its register in front, such as GB-CHC-1000000")
    numbers = [(f"{NUMBER}{one.id}", gettext("Number: %(register)s", register=one.id))
               for one in schemes().values()]  # fmt: skip
    return [*fields, (NUMBER, with_register), *numbers]


def _report(import_id: str, store: Database, job: Any) -> Any:
    counts = imports.counts(store)
    alike = list(imports.found(store, NEAR)) if counts[NEAR] <= ONE_BY_ONE else []
    form = DecideForm([{"id": row["id"], "label": row["name"]} for row in alike])
    if form.sent():
        with form.refusals():
            if counts[NEAR] and not form.near.data:
                raise Refusal(N_("Choose what happens with the names that look alike."),
                              field="near")  # fmt: skip
            imports.ask_to_apply(import_id, form.near.data, [int(n) for n in form.add.data or []],
                                 job, by=g.actor)  # fmt: skip
            return _here(import_id)
    state = request.args.get("show", "")
    state = state if state in counts else imports.NEW
    number = read_page(request.args.get("page"))
    pages = max(-(-counts[state] // ROWS), 1)
    number = min(number, pages)
    rows = alike if state == NEAR and alike else imports.found(store, state, ROWS,
                                                               (number - 1) * ROWS)  # fmt: skip
    return show("registry/import-report.html", form, import_id=import_id, counts=counts,
                facts=imports.file_facts(store), state=state, rows=list(rows), page=number,
                pages=1 if rows is alike else pages, alike=alike, fields=FIELD_NAMES)  # fmt: skip


def _over(import_id: str, store: Database | None, job: Any) -> Any:
    if request.method == "POST":
        return _here(import_id)
    return show("registry/import-done.html", outcome=job.outcome, import_id=import_id,
                rest=store is not None and imports.rest(store))  # fmt: skip


@page(bp, "/organisations/import/<import_id>/rows.csv", needs=P.ORGANISATION_IMPORT)
def import_rest(import_id: str) -> Any:
    """The rows that were not added or will not be, as they were handed in, with the reasons."""
    store, _job = _mine(import_id)
    if store is None:
        abort(404)
    headers = {"Content-Disposition": 'attachment; filename="not-added.csv"',
               "Content-Type": "text/csv; charset=utf-8"}  # fmt: skip
    return stream_with_context(_lines(store)), 200, headers


def _lines(store: Database) -> Iterator[str]:
    columns = json.loads(imports.file_facts(store)["columns"])
    labels = [gettext("Line"), gettext("Why it was not added"), *_labels(columns)]
    yield "\ufeff" + csv_line(labels)
    for state in (imports.BAD, NEAR, KNOWN):
        for row in imports.found(store, state):
            if not row["chosen"]:
                cells = imports.cells_of(row, columns)
                yield csv_line([row["line"], reason(row), *cells])


def reason(row: Any) -> str:
    """Why a row is not simply new, in the reader's language."""
    why = row["why"]
    said = "; ".join(gettext(sentence, **facts) if facts else gettext(sentence)
                     for sentence, facts in why.get("said", ()))  # fmt: skip
    if why.get("field"):
        said = f"{gettext(FIELD_NAMES[why['field']])}: {said}"
    return f"{why['name']}: {said}" if why.get("name") else said


bp.record_once(lambda state: entering.announce(state.app.extensions["jobs"]))
