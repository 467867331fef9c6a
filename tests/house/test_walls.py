"""Rules about the code itself. They catch forgetting; each exception has its reason beside it."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from partners.access.table import TABLE, Permission, Role

HOME = Path(__file__).resolve().parents[2]
PARTNERS = HOME / "partners"
DATA = HOME / "data"
TEMPLATES = sorted((PARTNERS / "templates").rglob("*.html"))
SOURCES = [p for p in sorted(PARTNERS.rglob("*.py")) if "migrations" not in p.parts]

ASK_NOTHING = {
    "accounts.sign_in": "nobody is signed in yet",
    "accounts.open_session": "follows a checked password or a one-time link",
    "accounts.end_session": "whoever holds the secret may throw it away",
    "accounts.end_other_sessions": "one's own, after the password was typed",
    "accounts.ask_reset": "nobody is signed in; the letter goes to the account's own address",
    "accounts.choose_password": "the one-time link is the right",
    "accounts.open_guest": "the one-time link is the right",
    "assessment.give_reference": "the one-time link is the right",
    "accounts.set_password": "one's own, after the old one was typed or by a one-time link",
    "accounts.prove": "one's own; a step before the deed that asks and records",
    "mail.write": "a step of the deed that asked",
    "mail.send_again": "the keeper's page asks and records",
    "mail.passed_on": "the keeper's page asks and records",
    "history.record": "is the record",
    "mou.authority": "only reads",
    "mou.stopped": "only reads: why nobody can sign now",
}
# Where a page reads a row otherwise than by `fetch` or a query that narrows.
READS = {
    "accounts/views/doors.py enter": "one's own account",
    "accounts/views/me.py me": "one's own account",
    "accounts/views/system.py _database": "settings of the database, no rows",
    "assessment/views.py _confirm_pause": "who asked for the pause, from the case's history",
    "assessment/views.py _confirm_outside": "who wrote it down, from the case's history",
    "assessment/answering.py _opened": "an answer of the case that was fetched, to the same item",
    "assessment/references.py reference": "what a one-time link names; the link is the right",
    "assessment/references.py references_of": "of the organisation whose case was fetched",
    "charter/city.py sign_first": "one's own account",
    "charter/mine.py _do": "whoever made the offer that was fetched, to write to them",
    "charter/ceremony.py sign": "one's own account",
    "charter/ceremony.py tell_writer": "whoever made the offer that was fetched, to write to them",
    "charter/mine.py _standing": "the names of those who read one's own words",
    "charter/views.py _read": "who wrote the own words of the offer that was fetched",
    "charter/views.py offer": "the names of those who worked on the offer that was fetched",
    "charter/mine.py mine": "one's own organisation",
    "desk/contacts.py knows": "narrowed by only_allowed",
    "desk/kept.py _refused": "counts that are about nobody",
    "desk/merging.py _numbers": "counts of the two records that were fetched",
    "desk/register.py _alongside": "beside rows of a list that was narrowed; no more than the card",
    "desk/views.py engagements": "narrowed by only_allowed in _wanted",
    "mou/ceremony.py sign": "one's own account",
    "mou/views/papers.py opened": "also opens to whom the paper names; may_open decides",
}
COMMITS = {
    "web/guard.py": "the page edge",
    "jobs/runner.py": "a job's own transaction",
    "accounts/actions/passes.py": "a try to sign in is kept whatever comes after",
    "assessment/answering.py": "what could be saved of a page is saved beside what could not",
}
FREE_SENTENCES = {
    "web/fields.py": "shows a refusal that was written elsewhere as a literal",
    "wording/rules.py": "sentences come from data/wording",
    "portal/sentences.py": "picks one of its own sentences; all are marked with N_",
}


def where(path: Path) -> str:
    return str(path.relative_to(PARTNERS))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def calls(node: ast.AST) -> Iterator[ast.Call]:
    return (n for n in ast.walk(node) if isinstance(n, ast.Call))


def named(call: ast.Call) -> str:
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def none_of(found: list[str]) -> None:
    assert not found, "\n".join(["", *found])


# The permission table


def test_every_permission_has_a_row_and_every_role_a_right() -> None:
    assert set(TABLE) == set(Permission)
    assert {role for row in TABLE.values() for role in row} == set(Role)


def test_every_permission_is_asked_for_somewhere() -> None:
    asked = {
        node.attr
        for path in SOURCES
        if where(path) != "access/table.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in ("P", "Permission")
    }
    none_of(sorted({p.name for p in Permission} - asked))


# Actions


@cache
def actions() -> dict[str, dict[str, ast.FunctionDef]]:
    """Functions of the actions of each room, by name."""
    rooms: dict[str, dict[str, ast.FunctionDef]] = {}
    for path in SOURCES:
        parts = Path(where(path)).parts
        if parts[1:] and parts[1].removesuffix(".py") == "actions":
            functions = (n for n in tree(path).body if isinstance(n, ast.FunctionDef))
            rooms.setdefault(parts[0], {}).update({f.name: f for f in functions})
    return rooms


def reaches(room: dict[str, ast.FunctionDef], name: str, goal: str, seen: set[str]) -> bool:
    """Whether a function calls `goal` itself or through functions of any room's actions."""
    if name in seen or name not in room:
        return False
    seen.add(name)
    called = {named(call) for call in calls(room[name])}
    return goal in called or any(reaches(room, other, goal, seen) for other in called)


def verbs() -> list[tuple[str, str]]:
    """What doors call: every action that a view reaches. Its steps follow an action that asked."""
    return sorted({found for path in SOURCES if _is_door(path) for found in _called(path)})


def _is_door(path: Path) -> bool:
    """Files with pages, wherever they lie in their room."""
    return any(named(call) == "page" for call in calls(tree(path))) and path.name != "guard.py"


def _called(path: Path) -> Iterator[tuple[str, str]]:
    rooms = dict(_imported(path))
    for call in calls(tree(path)):
        root = call.func
        while isinstance(root, ast.Attribute):
            root = root.value
        room = rooms.get(getattr(root, "id", ""), "")
        if named(call) in actions().get(room, {}):
            yield room, named(call)


def _imported(path: Path) -> Iterator[tuple[str, str]]:
    """Names that stand for actions in a file, and whose."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("partners."):
            parts = f"{node.module}".split(".")
            for name in node.names:
                if "actions" in (*parts, name.name):
                    yield name.asname or name.name, parts[1]


@cache
def everything() -> dict[str, ast.FunctionDef]:
    return {name: f for found in actions().values() for name, f in found.items()}


def _lacks(room: str, name: str) -> Iterator[str]:
    function, known = actions()[room][name], {**everything(), **actions()[room]}
    if "by" not in {a.arg for a in function.args.kwonlyargs}:
        yield "takes no `by`"
    if not reaches(known, name, "require", set()):
        yield "does not ask: no require(…)"
    if not reaches(known, name, "record", set()):
        yield "leaves no trace: no record(…)"


def test_views_call_actions() -> None:
    assert len(verbs()) >= 3, "the reading of views finds no actions any more"


def test_an_action_says_who_asks_leave_and_leaves_a_trace() -> None:
    none_of(
        [
            f"{room}.{name} {lack}"
            for room, name in verbs()
            if f"{room}.{name}" not in ASK_NOTHING
            for lack in _lacks(room, name)
        ]
    )


def test_every_exception_still_stands_for_something() -> None:
    needed = {f"{room}.{name}" for room, name in verbs() if any(_lacks(room, name))}
    none_of(sorted(set(ASK_NOTHING) - needed))


def test_only_the_page_edge_and_jobs_commit() -> None:
    none_of(
        [
            f"{where(path)}:{call.lineno} commits"
            for path in SOURCES
            if where(path) not in COMMITS and not where(path).startswith("tools/")
            for call in calls(tree(path))
            if named(call) == "commit"
        ]
    )


def test_only_the_clock_knows_the_time() -> None:
    asks = {"now", "utcnow", "today"}
    none_of(
        [
            f"{where(path)}:{call.lineno} reads the clock"
            for path in SOURCES
            if where(path) != "ground/clock.py"
            for call in calls(tree(path))
            if named(call) in asks
            and isinstance(call.func, ast.Attribute)
            and getattr(call.func.value, "id", "") in ("datetime", "date")
        ]
    )


def test_only_the_clock_knows_on_which_day_a_moment_falls() -> None:
    """Evidence alone states its times, and their day, the same everywhere; see mou/sheet.py."""
    places = {"ground/clock.py", "mou/sheet.py"}
    none_of(
        [
            f"{where(path)}:{call.lineno} takes the day of a moment; use ground.clock.day_of"
            for path in SOURCES
            if where(path) not in places
            for call in calls(tree(path))
            if isinstance(call.func, ast.Attribute) and call.func.attr == "date" and not call.args
        ]
    )


def _reads() -> Iterator[str]:
    """Each function of a file with pages that goes to the database itself."""
    ways = {"get", "get_one", "scalar", "scalars", "execute", "query"}
    for path in filter(_is_door, SOURCES):
        for function in ast.walk(tree(path)):
            if isinstance(function, ast.FunctionDef) and any(
                named(call) in ways
                and isinstance(call.func, ast.Attribute)
                and ast.unparse(call.func.value) == "db.session"
                for call in calls(function)
            ):
                yield f"{where(path)} {function.name}"


def test_pages_get_rows_only_by_fetch_and_by_queries_that_narrow() -> None:
    none_of(sorted(set(_reads()) - set(READS)))


def test_no_exception_outlives_its_reason() -> None:
    none_of(sorted(set(READS) - set(_reads())))
    commits = {where(p) for p in SOURCES if any(named(c) == "commit" for c in calls(tree(p)))}
    none_of(sorted(set(COMMITS) - commits))


# Words


def policy_words() -> set[str]:
    """The ids that the policy owner may change: items, levels and bands."""
    found: set[str] = set()
    items = sorted((DATA / "checklist").glob("*.toml"))
    for path in [DATA / "levels.toml", DATA / "bands.toml", *items]:
        read = tomllib.loads(path.read_text("utf-8"))
        for rows in (read.get(kind, []) for kind in ("level", "band", "item")):
            found |= {row["id"] for row in rows}
    assert len(found) > 20
    return found


def strings(path: Path) -> Iterator[ast.Constant]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node


def test_policy_words_stay_in_the_policy() -> None:
    words = policy_words()
    none_of(
        [
            f"{where(path)}:{node.lineno} holds the policy word {node.value!r}"
            for path in SOURCES
            for node in strings(path)
            if node.value in words
        ]
        + [
            f"{where(path)} holds the policy word {word!r}"
            for path in TEMPLATES
            for word in re.findall(r"""['"]([A-Za-z0-9_-]+)['"]""", _expressions(path))
            if word in words
        ]
    )


def _expressions(path: Path) -> str:
    return " ".join(re.findall(r"{[{%].*?[%}]}", path.read_text("utf-8"), re.S))


def literal(node: ast.AST | None) -> str | None:
    """The text that stands in the code, marked by N_ or bare; None when it is computed."""
    if isinstance(node, ast.Call) and named(node) == "N_" and node.args:
        node = node.args[0]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


SAYS = ("Refusal", "N_", "gettext", "lazy_gettext", "_l", "ngettext")


def test_sentences_are_written_out_so_that_they_can_be_translated() -> None:
    none_of(
        [
            f"{where(path)}:{call.lineno} {named(call)}({ast.unparse(call.args[0])[:60]})"
            for path in SOURCES
            if where(path) not in FREE_SENTENCES
            for call in calls(tree(path))
            if named(call) in SAYS
            and call.args
            and literal(call.args[0]) is None
            # A rule may have found the sentence; it is marked with N_ where it is written.
            and isinstance(call.args[0], ast.JoinedStr | ast.BinOp | ast.Call | ast.Constant)
        ]
    )


def test_a_refusal_is_given_exactly_the_facts_that_it_names() -> None:
    wrong = []
    for path in SOURCES:
        for call in calls(tree(path)):
            text = literal(call.args[0]) if named(call) == "Refusal" and call.args else None
            given = {k.arg for k in call.keywords} - {"field"}
            if text is not None and None not in given and set(PLACES.findall(text)) != given:
                facts = sorted(map(str, given))
                wrong.append(f"{where(path)}:{call.lineno} {text!r} is given {facts}")
    none_of(wrong)


PLACES = re.compile(r"%\((\w+)\)")
SENTENCE = re.compile(r"[A-Z][a-z’']+( [a-zA-Z’']+)+|^[A-Z][a-z]{3,}$")
# The name of the house; and "floor", which a macro returns as the class of a line.
BRAND = {"Partners", "floor"}
ATTRIBUTE = re.compile(r"""[\w-]+=("[^"]*"|'[^']*')""")
ENGINE = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)


class _Seen(HTMLParser):
    """What somebody would read or hear if only the template's own text were there."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        spoken = ("title", "alt", "placeholder", "aria-label", "aria-description")
        self.said += [value or "" for name, value in attrs if name in spoken]


def bare(path: Path) -> list[str]:
    root = ENGINE.parse(path.read_text("utf-8"))
    seen = _Seen()
    seen.feed("".join(node.data for node in root.find_all(nodes.TemplateData)))
    said = (ATTRIBUTE.sub("", text) for text in seen.said)  # macros may print whole attributes
    words = [word for text in said for word in re.findall(r"[^\W\d_]{2,}", text)]
    return [*(w for w in words if w not in BRAND), *_said(root)]


def _said(node: nodes.Node) -> Iterator[str]:
    """Sentences in expressions that no translator would meet."""
    translators = ("_", "gettext", "ngettext")
    if isinstance(node, nodes.Call) and getattr(node.node, "name", "") in translators:
        return
    value = node.value if isinstance(node, nodes.Const) else None
    if isinstance(value, str) and SENTENCE.search(value) and value not in BRAND:
        yield value
    for child in node.iter_child_nodes():
        yield from _said(child)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: where(p))
def test_every_sentence_of_a_page_can_be_translated(path: Path) -> None:
    none_of(bare(path))


def unused(text: str) -> list[str]:
    """What a template brings in and does not use; what it includes brings in its own."""
    root = ENGINE.parse(text)
    brought = [name if isinstance(name, str) else name[1]
               for one in root.find_all(nodes.FromImport) for name in one.names]  # fmt: skip
    used = {one.name for one in root.find_all(nodes.Name) if one.ctx == "load"}
    return [name for n, name in enumerate(brought) if name not in used or name in brought[:n]]


def test_no_page_brings_in_what_it_does_not_use() -> None:
    assert unused('{% from "a" import b, c as d, e, e %}{{ b(1) }}{{ e }}') == ["d", "e"]
    none_of([f"{where(path)}: {name}" for path in TEMPLATES for name in unused(path.read_text())])


# Words that are never on screen

NEVER = re.compile(
    r"\b(vetting|vetted|screening|screened|flag|flags|flagged|risk scores?|failed|failing|"
    r"rejected|suspicious)\b",
    re.I,
)
SAID_ON_PURPOSE = {
    "data/sources.toml": "titles of other people's papers",
    "data/wording/en.toml": "looks for these words in what is typed, and says why to avoid them",
    "data/wording/da.toml": "looks for these words in what is typed, and says why to avoid them",
}


def texts() -> list[Path]:
    return [
        *TEMPLATES,
        *sorted((PARTNERS / "translations").rglob("*.po")),
        *sorted(DATA.rglob("*.md")),
        *sorted(DATA.rglob("*.toml")),
    ]


# Comments; and sources, which are the names and addresses of other people's papers.
QUIET = {
    ".toml": r"^\s*#.*$|^sources = .*$|^where = .*$",
    ".html": r"(?s:{#.*?#})|\.flags\b|f\.flags",
    ".po": r"^#.*$",
    ".md": r"(?!)",
}


def _shown(path: Path) -> str:
    return re.sub(QUIET[path.suffix], "", path.read_text("utf-8"), flags=re.M)


@pytest.mark.parametrize("path", texts(), ids=lambda p: str(p.relative_to(HOME)))
def test_some_words_are_never_on_screen(path: Path) -> None:
    name = str(path.relative_to(HOME))
    found = [m[0] for m in NEVER.finditer(_shown(path))]
    none_of([] if name in SAID_ON_PURPOSE else found)


def test_some_words_are_never_in_what_the_code_says() -> None:
    none_of(
        [
            f"{where(path)}:{call.lineno} {text!r}"
            for path in SOURCES
            for call in calls(tree(path))
            if named(call) in SAYS and call.args and (text := literal(call.args[0]))
            if NEVER.search(text)
        ]
    )
