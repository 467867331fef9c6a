"""The page before a new round: what it would ask, and what is carried over."""

from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext

from partners.access.table import Permission as P
from partners.assessment import actions
from partners.assessment.asking import Asked, asked_of, who_said
from partners.assessment.blueprint import bp
from partners.assessment.models import Engagement
from partners.assessment.pages import sum_of
from partners.assessment.queries import WHOLE, raised_band, sources_of
from partners.assessment.rules.moves import State, Verb, may_move
from partners.assessment.sight import ladder_levels
from partners.ground import clock
from partners.ground.words import N_
from partners.policy.today import todays, todays_policy
from partners.web.fields import language
from partners.web.forms import HouseForm, show
from partners.web.guard import fetch, looked, page

SHOW_FIRST = N_("This is what it asks of everyone. Look at it, then begin.")


@page(bp, "/engagements/<engagement_id>/again", needs=P.ENGAGEMENT_WORK, methods=("GET", "POST"))
def again(engagement_id: str) -> Any:
    """What would a new round ask, and what is carried over? Nothing begins before it was shown."""
    case = fetch(Engagement, engagement_id, P.ENGAGEMENT_WORK, *WHOLE)
    form, asked = HouseForm(), _asked_again(case)
    if form.sent():
        if request.form.get("seen") != asked.seal:
            form.form_errors.append(gettext(SHOW_FIRST))
        else:
            with form.refusals():
                actions.begin_again(case, todays(), by=g.actor, at=clock.now())
                flash(gettext("A new round has begun. Answers that are valid stay."))
                return redirect(url_for(".engagement", engagement_id=engagement_id))
    looked(case.organisation_id, "engagement", case.title)
    return show("assessment/again.html", form, engagement=case, organisation=case.organisation,
                asked=asked, policy=asked.policy, words=asked.words, sum_of=sum_of,
                sources=sources_of(asked.rows.values()), who_said=who_said,
                possible=may_move(State(case.state), Verb.BEGIN_AGAIN), raised=raised_band(case),
                levels=ladder_levels(asked.policy, language()))  # fmt: skip


def _asked_again(case: Engagement) -> Asked:
    """What the engagement asks under today's policy and with today's support."""
    policy = todays_policy()
    facts = policy.facts(case.triggers)
    return asked_of(policy, case.organisation_id, case.id, case.level, facts)
