"""Sealed papers before tools that are not ours, changed in every way, cut off at every step, and
years later. `make proof PART=seal` runs the same with larger numbers.
"""

import json
import os
import re
import shutil
import signal
from base64 import b64decode, b64encode
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from partners.ground import clock
from partners.ground.db import db, writes
from partners.public.verify import Verdict, check_file
from partners.signing import files, work
from partners.signing.canonical import canonical, opened, signed
from partners.signing.checking import covered, is_of, signatures
from partners.signing.keys import Keys, make
from partners.signing.kit.changes import AFTER, INSIDE
from partners.signing.models import Seal
from tests.builders import TODAY, House
from tests.conftest import only_sqlite
from tests.mou import papers
from tests.signing.sealed import Made, doubts, paper, pdfsig, pyhanko, script, years_ago
from tests.signing.test_sealing import AT, file_of, seal, signed_by_all  # noqa: F401
from tests.signing.walking import counted

SEED = int(os.environ.get("SEAL_SEED", "1"))
PAPERS, CHANGED, RECORDS, KILLS = (
    int(os.environ.get(f"SEAL_{name}", default))
    for name, default in (("PAPERS", "12"), ("CHANGED", "300"), ("RECORDS", "200"), ("KILLS", "1"))
)
LOOK_ALIKES = 8 if CHANGED < 500 else 40
EACH = 250  # changed files of one paper
NEEDS = [tool for tool in ("pdfsig", "certutil", "qpdf", "openssl") if not shutil.which(tool)]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    made = Keys(tmp_path_factory.mktemp("ours") / "keys")
    make(made, "Havnby", at=clock.now())
    return made


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Somebody else's keys under the same names."""
    made = Keys(tmp_path_factory.mktemp("theirs") / "keys")
    make(made, "Havnby", at=clock.now())
    return made


@pytest.fixture(scope="module")
def one(ours: Keys) -> Made:
    return paper(Random(SEED), ours, clock.now())


def tools() -> None:
    """Tools that are missing are a failure that names them, not a test that is passed over."""
    assert not NEEDS, f"not installed: {', '.join(NEEDS)}; run scripts/system.sh"


def test_every_paper_is_accepted_by_tools_that_are_not_ours(ours: Keys) -> None:
    tools()
    for number in range(PAPERS):
        made = paper(Random(f"{SEED}-{number}"), ours, clock.now(), number)
        assert not list(doubts(ours, made)), number
    counted(papers=PAPERS)


@only_sqlite
def test_no_changed_file_is_taken_for_the_sealed_one(
    house: House,
    seal: Keys,  # noqa: F811
    theirs: Keys,
) -> None:
    """Each way of changing has its answer on the page, and by the seal alone none is whole."""
    chance, seen, row = Random(SEED), Counter[str](), signed_by_all(house)
    alike = {"look-alike seal": lambda *_: paper(chance, theirs, clock.now()).content}
    classes = {**INSIDE, **AFTER, **alike}
    for number in range(CHANGED):
        if number % EACH == 0:
            content = recorded(row, paper(chance, seal, clock.now(), number // EACH))
            assert check_file(content, seal, TODAY).verdict is Verdict.HOLDS
        name = list(classes)[number % len(classes)]
        if name == "look-alike seal" and number > LOOK_ALIKES * len(classes):
            name = "flip"  # a seal takes half a second
        changed = classes[name](content, chance, theirs)
        told = Verdict.ADDED if name in AFTER else Verdict.UNKNOWN
        assert check_file(changed, seal, TODAY).verdict is told, name
        found = [s for s in signatures(changed) if is_of(s, seal.root)]
        assert not any(s.whole for s in found), name
        assert bool(found) == (name in AFTER), name
        seen[name] += 1
    counted(changed=dict(seen))


def recorded(row: Seal, made: Made) -> bytes:
    """The file of this paper, which the house from now on knows as the sealed one."""
    row.fingerprint, row.signed_bytes = files.fingerprint(made.content), covered(made.content)
    db.session.commit()
    return made.content


def test_a_changed_file_is_told_by_the_script_and_by_pyhanko(
    ours: Keys, theirs: Keys, one: Made
) -> None:
    tools()
    for name, change in (INSIDE | AFTER).items():
        changed = change(one.content, Random(SEED), theirs)
        assert script(ours, "paper", changed) != "sealed, whole", name
        said = pdfsig(ours, changed)
        assert not all(line in said for line in ("Total document signed", "Signature is Valid.")) \
            or "Signature #2" in said, name  # fmt: skip
        if name in ("swapped page", "annotation", "font"):
            fine, words = pyhanko(ours, changed)
            assert not fine or "UNTOUCHED" not in words, name


def test_no_changed_record_of_evidence_verifies(ours: Keys, theirs: Keys, one: Made) -> None:
    chance, record = Random(SEED), one.evidence
    assert opened(record, ours.root) is not None
    assert opened(record, theirs.root) is None
    for number in range(RECORDS):
        changed = _record(record, chance, number)
        assert opened(changed, ours.root) is None, changed
    for number in range(6):
        assert script(ours, "evidence", _record(record, chance, number)).startswith("not sealed")
    counted(records=RECORDS)


@pytest.mark.parametrize("part", ["statement", "text_sha256"])
def test_not_even_the_municipality_puts_other_words_under_a_key_of_ones_own(
    ours: Keys, part: str
) -> None:
    made = paper(Random(2), ours, clock.now(), 1)
    told = json.loads(made.evidence)
    (mine,) = (row for row in told["signatures"] if row["rung"] == "key")
    mine[part] = mine[part][::-1]
    del told["sealed_by"]
    said = script(ours, "evidence", signed(told, ours))
    assert said == "sealed, but a key of a signer did not sign this text"
    assert script(ours, "evidence", made.evidence) == "sealed, whole"


def test_a_certificate_of_no_known_version_is_nobodys(ours: Keys, one: Made) -> None:
    """It is not read at all by the library, and a stranger can hand one in."""
    version, other = bytes.fromhex("a003020102"), bytes.fromhex("a00302010a")
    told = json.loads(one.evidence)
    der = b64decode(told["sealed_by"]["certificate"])
    assert version in der
    told["sealed_by"]["certificate"] = b64encode(der.replace(version, other)).decode()
    assert opened(canonical(told), ours.root) is None
    changed = re.sub(b"(?i)a003020102", b"a00302010a", one.content)
    assert changed != one.content
    assert not [s for s in signatures(changed) if is_of(s, ours.root)]


def _record(record: bytes, chance: Random, number: int) -> bytes:
    """A record with another sign, or with another fact in the same form."""
    at = chance.randrange(len(record))
    match number % 6:
        case 0:
            return record[:at] + bytes([record[at] ^ 1 << chance.randrange(8)]) + record[at + 1 :]
        case 1:
            return record[:at] + record[at + 1 :]
        case 2:
            return record[:at] + b" " + record[at:]
        case 3:
            return record.replace(b"chair", b"Chair", 1)
        case 4:
            told = json.loads(record)
            told["signatures"][0]["at"] = f"20{chance.randrange(10, 99)}-01-01T00:00:00+00:00"
            return canonical(told)
        case _:
            told = json.loads(record)
            told["signatures"] = told["signatures"] * 2
            return canonical(told)


@pytest.mark.parametrize(("years", "others"), [(1, True), (3, False), (10, False)])
def test_years_later_the_seal_is_ours_and_others_say_that_its_certificate_has_run_out(
    tmp_path: Path, years: int, others: bool
) -> None:
    """As docs/verify.md has it."""
    tools()
    keys = Keys(tmp_path / "keys")
    then = years_ago(years)
    make(keys, "Havnby", at=then)
    made = paper(Random(SEED), keys, then + timedelta(hours=1))
    assert script(keys, "paper", made.content) == "sealed, whole"
    assert [s for s in signatures(made.content) if s.whole and is_of(s, keys.root)]
    said = pdfsig(keys, made.content)
    assert "Total document signed" in said
    assert "Signature is Valid." in said
    assert ("Certificate is Trusted." in said) == others
    assert pyhanko(keys, made.content)[0] == others
    assert pyhanko(keys, made.content, at=then + timedelta(days=1))[0]
    counted(**{f"years{years}": "trusted by all" if others else "expired elsewhere, ours here"})


STEPS = {
    "prepared, not sealed": (work, "sealed"),
    "sealed, not kept": (work, "keep"),
    "half written": (files.os, "fsync"),
    "kept, not recorded": (work, "record"),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_leaves_no_half_sealed_paper(
    house: House,
    seal: Keys,  # noqa: F811
    step: str,
) -> None:
    tick = house.app.extensions["jobs"].kinds.pop(work.KIND)  # nobody seals while they sign
    house.app.extensions["jobs"].kinds[work.KIND] = lambda _job: None
    row = signed_by_all(house)
    house.app.extensions["jobs"].kinds[work.KIND] = tick
    for _ in range(KILLS):
        _killed(house, step)
        db.session.expire_all()
        row = db.session.query(Seal).one()
        assert row.fingerprint == ""
        assert row.sealed_at is None
    let_it_be_tried(house)
    sealed_now()
    row = db.session.query(Seal).one()
    assert [s for s in signatures(file_of(house, row)) if s.whole and is_of(s, seal.root)]
    for path in papers.files(house).rglob("*"):  # what lies there is whole, or bears no name
        if path.is_file() and not path.name.startswith("."):
            assert files.kept(papers.files(house), path.name)
    counted(kills=KILLS * len(STEPS))


def let_it_be_tried(house: House) -> None:
    db.session.query(Seal).one().try_after = AT - timedelta(days=1)
    db.session.commit()


def sealed_now() -> None:
    """The work itself, step by step, as a worker does it."""
    from flask import current_app

    token = writes.set(True)
    for _step in current_app.extensions["jobs"].kinds[work.KIND](None):
        db.session.commit()
    db.session.commit()
    writes.reset(token)


def _killed(house: House, step: str) -> None:
    """Seal in a process of its own that dies at this step."""
    let_it_be_tried(house)
    place, name = STEPS[step]
    db.session.remove()
    child = os.fork()
    if child == 0:
        db.engine.dispose(close=False)
        setattr(place, name, lambda *_a, **_kw: os.kill(os.getpid(), signal.SIGKILL))
        try:
            sealed_now()
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
