"""Which pages and which work are measured."""

import random
import re
import resource
import tempfile
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from partners.accounts.models import Account
from partners.assessment import actions
from partners.assessment.models import Engagement
from partners.assessment.queries import case_of, policy_of
from partners.assessment.rules.reach import result
from partners.assessment.trial import Trial
from partners.ground import clock
from partners.ground.db import db, writes
from partners.policy.schema import read
from partners.policy.variants import applied, of_edition
from partners.registry.models import Organisation
from scripts.bench_rows import DISTRICTS

WORDS = (
    "harbour ki,north,chess,lantern fel,bridge str,walking,mill gar,silver,summer boat,oar".split(
        ","
    )
)


def figures_of(app: Any, visitor_of: Any, counter_of: Any, measured: Any, timed: Any) -> dict:
    """All figures of one open application."""
    dice = random.Random(7)
    with app.app_context():
        writes.set(True)
        maja, jonas, karin = (
            db.session.scalar(select(Account.id).where(Account.email == f"{short}@havnby.example"))
            for short in ("maja", "jonas", "karin")
        )
        organisations = _some(Organisation, dice)
        engagements = _some(Engagement, dice)
        counter = counter_of(db.engine)
        told = select(Engagement.public_id).where(Engagement.state == "told", Engagement.id >= 1000)
        ready = db.session.scalars(told.limit(50)).all()
    visitor = visitor_of(app, maja)
    who = (visitor, counter)
    prefixes = [word[:n] for word in WORDS for n in range(1, len(word) + 1)][:50]
    pages = [
        measured("list", ["/organisations"], *who),
        measured("search as you type", [f"/organisations?q={p}" for p in prefixes], *who),
        measured("one filter", [f"/organisations?district={d}" for d in DISTRICTS], *who),
        measured("organisation", [f"/organisations/{o}" for o in organisations], *who),
        measured("engagement", [f"/engagements/{e}" for e in engagements], *who),
        measured("result page", [f"/engagements/{e}/result" for e in engagements], *who),
        measured("today, 50 engagements", ["/today"], visitor_of(app, jonas), counter),
        measured("today, a manager", ["/today"], visitor_of(app, karin), counter),
        measured("today, who leads all of them", ["/today"], *who),
        measured("engagements, all", ["/engagements"], *who),
        measured("paper not yet saved", [f"/engagements/{e}/paper" for e in ready], *who),
    ]  # fmt: skip
    with app.app_context():
        renewed = update(Engagement).where(Engagement.public_id.in_(ready))
        db.session.execute(renewed.values(state="in_force", agreed_level=Engagement.level))
        db.session.commit()
    pages += _renewals([f"/engagements/{e}/again" for e in ready], who, measured, timed)
    with app.app_context():
        pages += _work(app, timed)
        # Before the preview, which a web process leaves to the worker of jobs.
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rates = {"memory": memory, "preview": _preview()}
    return {"pages": pages, "rates": rates}


def _renewals(paths: list[str], who: Any, measured: Any, timed: Any) -> list[Any]:
    """The page on which a new round is looked at, and the press that begins it."""
    field = re.compile(r'type="hidden" name="([^"]+)" value="([^"]*)"')
    page, visitor = measured("renewal, looked at", paths, *who), who[0]
    forms = iter([(path, dict(field.findall(visitor.call(path)))) for path in paths])
    return [page, timed("renewal, begun", lambda _n: visitor.call(*next(forms)), len(paths) - 1)]


def _preview() -> float:
    """The Swedish variant, which touches every case, tried on all, as the job does it."""
    data = Path(__file__).parents[1] / "data"
    texts = of_edition(applied(data, "sweden"))
    trial, start = Trial(read(texts, "sweden"), clock.now().date()), time.perf_counter()
    for _done in trial.over_all():
        db.session.commit()
    return round(time.perf_counter() - start, 1)


def _some(model: Any, dice: random.Random) -> list[str]:
    last = db.session.scalar(select(model.id).order_by(model.id.desc()).limit(1))
    first = 1_000
    ids = [dice.randrange(first, last) for _ in range(50)]
    return list(db.session.scalars(select(model.public_id).where(model.id.in_(ids))))


def _work(app: Any, timed: Any) -> list[Any]:
    """What is no page: the result alone, a decision, the PDF of a memorandum. First a loop that
    does nothing of ours, because the machine itself is not equally quick at every hour.
    """
    loop = "400,000 numbers squared, for comparison"
    open_ones = Engagement.id >= 1_000, Engagement.state == "in_conversation"
    chosen = select(Engagement).where(*open_ones).order_by(Engagement.id).limit(50)
    rows = db.session.scalars(chosen).all()
    today = clock.now().date()
    cases = [(policy_of(row), case_of(row, today)) for row in rows]
    found = [timed(loop, lambda _n: sum(i * i for i in range(400_000)), 40)]
    found.append(timed("result computation", lambda n: result(*cases[n % len(cases)])))
    found.append(timed("decision", _decision(rows), 40))
    found.append(timed("memorandum PDF", _memorandum(rows[0])))
    with tempfile.TemporaryDirectory() as folder:
        seal, content = _sealing(Path(folder))
        found.append(timed("sealing, own clock", seal, 20))
        large = content + b"%" * (2 * 1024 * 1024 - len(content))
        found.append(timed("checking 2 MB", lambda _n: _checked(app, large), 40))
    return found


def _sealing(folder: Path) -> Any:
    """Seals five pages and the page of signatures; also one such file."""
    from partners.paper import blocks as b
    from partners.paper.press import printed
    from partners.signing.keys import Keys, make
    from partners.signing.sealing import OWN, sealed

    keys, at = Keys(folder / "keys"), clock.now()
    make(keys, "Havnby", at=at)
    words = [b.Masthead("Memorandum"), *(b.Para("A hall and heat. " * 90) for _ in range(14))]
    body = printed(words, title="Memorandum", language="en", reference="M-1")
    last = printed([b.Heading(2, "Signatures")], title="Signatures", language="en", reference="M-1")

    def seal(_number: int) -> bytes:
        return sealed(body, last, {"evidence.json": b"{}", "paper.pdf": body}, keys, OWN, at=at)

    return seal, seal(0)


def _checked(app: Any, content: bytes) -> None:
    app.test_client().post("/verify", data={"file": (BytesIO(content), "paper.pdf")})


def _decision(rows: Any) -> Any:
    """The verb and its commit, on engagements that stand ready."""
    at = clock.now() - timedelta(hours=1)
    people = {
        short: db.session.scalar(select(Account).where(Account.email == f"{short}@havnby.example"))
        for short in ("maja", "jonas", "karin")
    }
    actors = {short: account.actor for short, account in people.items() if account}
    for row in rows:
        actions.propose(row, open_named="For figures only.", by=actors["maja"], at=at)
        actions.read(row, by=actors["jonas"], at=at)
    db.session.commit()

    def decide(number: int) -> None:
        row = rows[number % len(rows)]
        if row.round.decided_by:
            return
        actions.decide(row, row.level, row.band, by=actors["karin"], at=at)
        db.session.commit()

    return decide


def _memorandum(engagement: Any) -> Any:
    from partners.mou.prefill import candidates, prefilled
    from partners.mou.sheet import document_of
    from partners.paper.filling import Setting, filled
    from partners.paper.press import printed

    document = document_of(engagement)
    assert document is not None
    who = candidates(engagement, document.id, "en", clock.now())
    facts = prefilled(engagement, document, "en", who, clock.now().date())
    setting = Setting(engagement.level, engagement.band, frozenset(engagement.triggers))
    long = {"aims": [{"text": f"Aim {n} " + "said at some length, " * 12, "proposed_by": "both"}
                     for n in range(12)],
            "promise_city": [{"text": "A hall and its heating, " * 6, "owner": "Lene", "due": "May"}
                             for _ in range(10)]}  # fmt: skip

    def write(_number: int) -> None:
        paper = filled(document, {**facts, **long}, setting, language="en")
        printed(paper.blocks, title="Memorandum", language="en", reference="M-1")

    return write


def rate(count: int, work: Any) -> float:
    """How many a second."""
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)
