"""How big the house is, beside what was agreed. Files and functions that nobody can see whole fail.

    python scripts/sizes.py            a table, and exit 1 when a wall is passed
"""

import ast
import io
import statistics
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
# Agreed for the main job; more needs a page in docs/decisions.
# For the whole, all five capabilities; after the main job alone 7,000 lines, 28 tables, 50 routes.
LINES, TABLES, ROUTES, LIBRARIES = 16_000, 60, 140, 30
FILE_WALL, FUNCTION_WALL = 400, 60
# Generated once by Alembic and never read again in the course of the day.
GENERATED = "migrations/versions"


def sources() -> list[Path]:
    """Every Python file of the product that a person wrote."""
    return [p for p in sorted((HOME / "partners").rglob("*.py")) if GENERATED not in str(p)]


def code_lines(text: str) -> int:
    """Lines that hold code: without blank lines, comments and docstrings."""
    quiet = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
             tokenize.ENCODING, tokenize.ENDMARKER}  # fmt: skip
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in quiet:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length of each function, its decorators and docstring not counted."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
            last = node.end_lineno or node.lineno
            yield f"{path.relative_to(HOME)}:{node.lineno} {node.name}", last - body[0].lineno + 2


def opened() -> tuple[int, int]:
    """How many tables and pages the house has."""
    sys.path.insert(0, str(HOME))
    from partners.app import Settings, create_app
    from partners.ground.db import Table

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings("sqlite://", Path(folder), HOME / "data", testing=True))
        rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    return len(Table.metadata.tables), len(rules)


def main() -> int:
    files = {path: path.read_text("utf-8") for path in sources()}
    lengths = [text.count("\n") for text in files.values()]
    long_files = [f"{p.relative_to(HOME)}: {t.count(chr(10))} lines" for p, t in files.items()
                  if t.count("\n") > FILE_WALL]  # fmt: skip
    measured = [one for path in files for one in functions(path)]
    sizes = [size for _name, size in measured]
    tables, routes = opened()
    wanted = (HOME / "requirements/run.in").read_text().split()
    code = sum(code_lines(text) for text in files.values())
    _row("lines of Python", sum(lengths), LINES, f"{code} of them code")
    _row("tables", tables, TABLES)
    _row("routes", routes, ROUTES)
    _row("direct dependencies", len(wanted), LIBRARIES)
    _row("function, median and p90", f"{statistics.median(sizes):g}, {_p90(sizes)}", "8, 25")
    filled = [size for size in lengths if size > 5]  # a plaque alone is not a file to be read
    _row("file, median and p90", f"{statistics.median(filled):g}, {_p90(filled)}", "100, 300")
    walls = long_files + [f"{name}: {size} lines" for name, size in measured
                          if size > FUNCTION_WALL]  # fmt: skip
    for wall in walls:
        print(f"too long to be seen whole  {wall}", file=sys.stderr)
    return bool(walls)


def _p90(sizes: list[int]) -> int:
    return sorted(sizes)[int(len(sizes) * 0.9)]


def _row(what: str, is_: int | str, agreed: int | str, note: str = "") -> None:
    over = isinstance(is_, int) and isinstance(agreed, int) and is_ > agreed
    note = "; ".join(n for n in (note, f"OVER by {is_ - agreed}" if over else "") if n)  # type: ignore[operator]
    print(f"{what:26} {is_!s:>10}   agreed {agreed!s:>7}   {note}".rstrip())


if __name__ == "__main__":
    sys.exit(main())
