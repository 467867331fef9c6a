"""A manager's pages, and how evenly we treat those who come to us."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, request
from flask_babel import gettext

from partners.access.table import Permission as P
from partners.assessment.letters import headline
from partners.assessment.pages import STANDS, sum_of
from partners.assessment.queries import policy_of
from partners.assessment.rules.reach import Result
from partners.ground import clock
from partners.ground.clock import day_of
from partners.policy.words import Words
from partners.registry.forms import policy
from partners.reports import queries
from partners.reports.queries import Decided
from partners.reports.rules import LEAST, middle, share
from partners.web.fields import language
from partners.web.forms import show
from partners.web.guard import page

bp = Blueprint("reports", __name__)
YEAR, SOON = timedelta(days=365), 90


@page(bp, "/reports", needs=P.REPORT_TOTALS)
def overview() -> Any:
    """What is proposed and why, what runs out, where we decided otherwise, what takes long."""
    now = clock.now()
    waiting, changed = queries.to_decide(g.actor), queries.otherwise(now - YEAR, g.actor)
    cases = queries.cases(r.engagement_id for r in changed)
    said = queries.points_of(this.id for _case, this in waiting)
    stays = {state: middle(days) for state, days in queries.stays(now - YEAR).items()}
    return show(
        "reports/overview.html",
        waiting=[_proposal(case, this, said.get(this.id, [])) for case, this in waiting],
        changed=[_changed(cases[r.engagement_id], r) for r in changed],
        soon=queries.runs_out(day_of(now), SOON, g.actor), days=SOON, stays=stays, states=STANDS,
        most=queries.MOST,
    )  # fmt: skip


def _proposal(case: Any, this: Any, points: list[Any]) -> dict[str, Any]:
    """What is proposed, why, what they said, and what follows from a yes."""
    edition, found = policy_of(case), Result.from_dict(this.computed)
    words = edition.words(language())
    return {"case": case, "round": this, "points": points,
            "headline": headline(edition, found, case.level, language()),
            "because": [words.item(r.item).title for r in found.reasons if r.lowers],
            "yes": words.outcome(found.outcome).meaning}  # fmt: skip


def _changed(case: Any, this: Any) -> dict[str, Any]:
    edition = policy_of(case)
    words, computed = edition.words(language()), this.computed

    def rank(level: str, band: str) -> tuple[int, int]:
        return edition.levels[level].rank, edition.bands[band].rank

    found, decided = (computed["level"], computed["band"]), (this.level, this.band)
    return {"case": case, "round": this, "up": rank(*decided) > rank(*found),
            "found": _named(words, *found), "decided": _named(words, *decided)}  # fmt: skip


def _named(words: Words, level: str, band: str) -> str:
    return f"{words.level(level).name}, {words.band(band).name}"


@page(bp, "/reports/support", needs=P.REPORT_CASES)
def support() -> Any:
    """How much do we give, in total, and does every payment have a result that holds?"""
    this_year = clock.today().year
    year = _year(request.args.get("year", ""), this_year)
    money, number = queries.total(year)
    return show("reports/support.html", year=year, years=range(this_year - 3, this_year + 3),
                rows=queries.support(year), money=money, number=number, sum_of=sum_of,
                uncovered=queries.uncovered(year, g.actor), currency=policy().currency)  # fmt: skip


def _year(text: str, this_year: int) -> int:
    offered = {str(year): year for year in range(this_year - 3, this_year + 3)}
    return offered.get(text, this_year)


@page(bp, "/reports/treatment", needs=P.REPORT_TOTALS)
def treatment() -> Any:
    """Do we treat alike? Time, questions and results by what is done, where, and how large."""
    rows, words = queries.decided(clock.now() - YEAR), policy().words(language())
    groups = [
        (gettext("By what is done together"), _by(rows, lambda r: r.task,
                                                 _name(words, "activity_kind"))),
        (gettext("By district"), _by(rows, lambda r: r.district, lambda name: name)),
        (gettext("By size of support"), _by(rows, lambda r: r.size, _name(words, "band"))),
        (gettext("By kind of organisation"), _by(rows, lambda r: r.kind,
                                                _name(words, "organisation_kind"), LEAST)),
    ]  # fmt: skip
    every = [row for _title, found in groups for row in found]
    measures = ("days", "asked")
    top = {name: max((row[name].high for row in every), default=1) or 1 for name in measures}
    return show("reports/treatment.html", groups=groups, number=len(rows), least=LEAST,
                top=top)  # fmt: skip


def _name(words: Words, section: str) -> Callable[[str], str]:
    return lambda name: words.named(section, name).name or name


def _by(
    rows: Iterable[Decided],
    key: Callable[[Decided], str],
    name: Callable[[str], str],
    least: int = 1,
) -> list[dict[str, Any]]:
    """The groups of at least this many rounds, largest first, each with its three measures."""
    groups: dict[str, list[Decided]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    large = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [
        {"name": name(which) if which else gettext("Not said"), "number": len(found),
         "enough": len(found) >= LEAST,
         "days": middle([r.days for r in found if r.days is not None]),
         "asked": middle([r.items for r in found]),
         "below": share(sum(r.below for r in found), len(found))}
        for which, found in large if len(found) >= least
    ]  # fmt: skip
