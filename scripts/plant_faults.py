"""Are the walls real? Plant one fault at a time in a copy of the house and see who notices.

    python scripts/plant_faults.py [WORD]        only faults whose name holds WORD

Each fault names the tests that ought to notice it; exit 1 when one of them does not. Tests that
complain about the sound house notice nothing.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

HOME = Path(__file__).resolve().parent.parent
BIN = HOME / ".venv" / "bin"
CONTRACTS, CHECK = "contracts", "policy check"
WALLS, WALK = "tests/house/test_walls.py", "tests/house/test_walk.py"
EDGE = "tests/web/test_edge.py"
AGREE, TABLE = "tests/access/test_agreement.py", "tests/access/test_rules.py"
DB = "tests/ground/test_db.py"
MIGRATIONS = "tests/migrations/test_migrations.py"
TWO, BOTH = "tests/mou/test_two_sign.py", "tests/charter/test_two_sign.py"
SEVERAL, KEEPING = "tests/charter/test_several.py", "tests/desk/test_keeping.py"
OPENED, ELSEWHERE = "tests/desk/test_asked.py", "tests/signing/test_elsewhere.py"


class Fault(NamedTuple):
    name: str
    path: str
    find: str  # "" appends
    put: str
    who: str  # the contracts, or tests; a name after :: narrows


FAULTS = [
    Fault("rules import flask", "partners/assessment/rules/reach.py", "",
          "\nfrom flask import g\n", CONTRACTS),
    Fault("rules import their own tables", "partners/assessment/rules/reach.py", "",
          "\ndef _x():\n    from partners.assessment.models import Engagement\n", CONTRACTS),
    Fault("rules read the clock", "partners/assessment/rules/review.py", "",
          "\nfrom partners.ground import clock\n", CONTRACTS),
    Fault("the permission table reads the session", "partners/access/table.py", "",
          "\nfrom flask_login import current_user\n", CONTRACTS),
    Fault("actions read the request", "partners/registry/actions.py", "",
          "\nfrom flask import request\n", CONTRACTS),
    Fault("history reaches for the web", "partners/history/actions.py", "",
          "\nfrom partners.web import guard\n", CONTRACTS),
    Fault("registry looks up at assessment", "partners/registry/actions.py", "",
          "\nfrom partners.assessment import rules\n", CONTRACTS),
    Fault("uploads look sideways at relations", "partners/uploads/queries.py", "",
          "\nfrom partners.relations import queries\n", CONTRACTS),
    Fault("a query calls an action", "partners/assessment/queries.py", "",
          "\ndef _x():\n    from partners.assessment import actions\n", CONTRACTS),
    Fault("a room nobody announced", "partners/surprise/__init__.py", "", "\n", CONTRACTS),
    Fault("a page without a permission", "partners/registry/views.py", "",
          "\nbp.add_url_rule('/oops', 'oops', lambda: 'hi')\n", f"{EDGE}::test_head"),
    Fault("fetch no longer asks", "partners/web/guard.py",
          "if thing is None or not may(g.actor, permission, thing):", "if thing is None:", WALK),
    Fault("a list wider than its page", "partners/access/queries.py", "",
          "\nFILTERS[Scope.OWN] = lambda model, actor: true()\n", AGREE),
    Fault("a scope that fails open", "partners/access/rules.py", "",
          "\nSCOPES[Scope.FRESH] = lambda actor, thing: True\n", AGREE),
    Fault("an action that does not ask", "partners/assessment/actions/rounds.py",
          "    require(by, P.ENGAGEMENT_DECIDE, engagement)\n", "", WALLS),
    Fault("a permission without a row", "partners/access/table.py",
          '    PORTAL = "portal"\n', '    PORTAL = "portal"\n    PARTNER_END = "partner:end"\n',
          TABLE),
    Fault("the keeper reads files", "partners/access/table.py",
          "P.CHARTER_READ:          _everyone(ANY, *_CONTACT)",
          "P.CHARTER_READ:          _everyone(ANY, *_CONTACT, R.KEEPER)", TABLE),
    Fault("a policy word in the code", "partners/assessment/rules/reach.py", "",
          "\nSPECIAL = 'SG-02'\n", WALLS),
    Fault("a bare sentence in a page", "partners/templates/parts/empty.html", "",
          "<p>Hello there</p>", WALLS),
    Fault("a word that is never said", "partners/templates/parts/empty.html", "",
          "{{ _('Your vetting') }}", WALLS),
    Fault("a refusal that lacks a fact", "partners/registry/actions.py", "",
          "\ndef _x():\n    raise Refusal(N_('Too many: %(number)d.'))\n", WALLS),
    Fault("a key that is not kept", "partners/web/guard.py",
          "    _keep_press(key, answer)\n", "", EDGE),
    Fault("a token that is not checked", "partners/web/guard.py",
          "        raise FormOutOfDate from error\n", "        pass\n", EDGE),
    Fault("an old form that overwrites", "partners/web/forms.py",
          "self.row is not None and self.version_value", "False and self.version_value", EDGE),
    Fault("a refusal that keeps half", "partners/web/forms.py",
          "            db.session.rollback()\n", "            db.session.commit()\n", EDGE),
    Fault("a page that writes on reading", "partners/ground/db.py",
          "if not writes.get() and statement", "if False and statement", EDGE),
    Fault("answers without their headers", "partners/web/doors.py",
          "    _secure.set_headers(answer)\n", "", EDGE),
    Fault("a key that others may read", "partners/app.py", "& 0o077", "& 0o007", DB),
    Fault("SQLite forgets its foreign keys", "partners/ground/db.py",
          '"foreign_keys": ("on", 1)', '"foreign_keys": ("off", 0)', DB),
    Fault("REPLACE passes the guard of history", "partners/ground/db.py",
          '        "recursive_triggers": ("on", 1),\n', "", DB),
    Fault("history without a trigger", "partners/migrations/versions/0001_first.py",
          "        guards(table)\n", "        pass\n", MIGRATIONS),
    Fault("a column without a migration", "partners/accounts/models.py",
          "    title: Mapped[str]", "    extra: Mapped[str | None]\n    title: Mapped[str]",
          MIGRATIONS),
    Fault("a level that does not exist", "data/deciders.toml", '"partnership"', '"parnership"',
          CHECK),
    Fault("no floor under the result", "data/levels.toml",
          'floor = "dialogue"', 'floor = "partnership"', CHECK),
    Fault("one of two signs a paper alone", "partners/mou/actions/papers.py",
          "return bool(office and office.together and", "return bool(office and False and", TWO),
    Fault("two of one office are two", "partners/mou/actions/papers.py",
          "if len({o.id for o in offices}) < 2 and", "if False and", TWO),
    Fault("a charter that one of two makes whole", "partners/charter/actions/__init__.py",
          "return len(offices) > 1 or", "return True or", BOTH),
    Fault("another text under what several signed", "partners/charter/actions/gathering.py",
          "        void(given, at=at)\n", "        pass\n", SEVERAL),
    Fault("several sign before the municipality", "partners/charter/actions/gathering.py",
          "require_open(it.head.state != State.OFFERED,", "require_open(True,", SEVERAL),
    Fault("a hold that keeps nothing", "partners/desk/keeping.py",
          "return not self.hold and", "return", KEEPING),
    Fault("what nobody looked through goes at once", "partners/desk/keeping.py",
          "(timedelta() if self.seen else WAITS)", "timedelta()", KEEPING),
    Fault("who asked to open a point agrees", "partners/assessment/actions/four_eyes.py",
          "if row.asked_by == by.id:", "if False:", OPENED),
    Fault("a point is open before anybody agreed", "partners/desk/asked.py",
          "or not row.holds(clock.today())", "or False", OPENED),
    Fault("a file that is not ours", "partners/signing/pades.py",
          "if not content.startswith(ours):", "if False:", ELSEWHERE),
    Fault("a service that nobody trusts", "partners/signing/pades.py",
          "if known.revoked or not status.trusted:", "if known.revoked:", ELSEWHERE),
    Fault("more than a signature was added", "partners/signing/pades.py",
          "    _require_nothing_else(reader)\n", "", ELSEWHERE),
]


def planted(fault: Fault | None, folder: str) -> Path:
    """A copy of the house as it was last committed, with this one fault in it, or with none."""
    copy = Path(folder) / "house"
    copy.mkdir()
    packed = subprocess.run(["git", "-C", HOME, "archive", "HEAD"], capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", copy], input=packed.stdout, check=True)
    if fault is None:
        return copy
    target = copy / fault.path
    target.parent.mkdir(parents=True, exist_ok=True)
    text = target.read_text("utf-8") if target.exists() else ""
    assert fault.find in text, f"{fault.path} no longer says {fault.find!r}"
    target.write_text(text.replace(fault.find, fault.put, 1) if fault.find else text + fault.put)
    return copy


def complains(who: str, fault: Fault | None) -> bool:
    """Whether these tests are not content with a house that holds this fault, or none."""
    with tempfile.TemporaryDirectory() as folder:
        copy = planted(fault, folder)
        env = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(_command(who), cwd=copy, env=env, capture_output=True, text=True)
        return done.returncode != 0


def _command(who: str) -> list[str | Path]:
    if who == CONTRACTS:
        return [BIN / "lint-imports", "--no-cache"]
    if who == CHECK:
        return [BIN / "python", "-m", "partners", "policy", "check", "data"]
    tests, _, only = who.partition("::")
    # On SQLite where a fault shows on either database; one copy is one run.
    chosen = ["-k", only or "not postgresql"]
    return [BIN / "python", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", tests, *chosen]


def main() -> int:
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    missed = 0
    chosen = [fault for fault in FAULTS if word in fault.name]
    # Who complains about a sound house cannot notice anything.
    unsound = {who for who in {fault.who for fault in chosen} if complains(who, None)}
    for fault in chosen:
        seen = fault.who not in unsound and complains(fault.who, fault)
        missed += not seen
        told = "complains without a fault as well: " if fault.who in unsound else "MISSED by "
        print(f"{fault.name:44} {'' if seen else told}{fault.who}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} noticed")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
