"""One engagement as it stands for one person today: whose step is next, and in what words."""

from datetime import date
from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import gettext

from partners.access.rules import Actor, may
from partners.access.table import Permission as P
from partners.access.table import Role
from partners.assessment.actions.rounds import needed
from partners.assessment.models import Engagement
from partners.assessment.queries import owes_reply, policy_of
from partners.assessment.rules.moves import State
from partners.assessment.rules.reach import Result
from partners.ground.words import N_
from partners.policy.values import Decider, Second
from partners.web.said import Task

if TYPE_CHECKING:
    from partners.desk.today import Today

OURS, THEIRS = "ours", "theirs"
S = State
STEPS = {
    S.DRAFT: N_("Tell %(org)s what you would like to do together"),
    S.TALKING: N_("Ask %(org)s what is still open"),
    S.DECIDED: N_("Tell %(org)s what was decided"),
    S.TOLD: N_("See the agreement with %(org)s through"),
    S.DUE: N_("Look again, together with %(org)s"),
}


class Case:
    """One engagement as it stands for one person today."""

    def __init__(
        self, case: Engagement, actor: Actor, today: date, *, reads: bool = False,
        silent: bool = False,
    ) -> None:  # fmt: skip
        self.case, self.actor, self.today, self.reads = case, actor, today, reads
        self.silent = silent  # the organisation has not answered every point yet
        self.mine = bool(case.on_team(actor.id))
        self.names = {"org": case.organisation.name, "title": case.title}

    def sort_into(self, page: "Today") -> None:
        """Put the case where it belongs on the page, or leave it out."""
        case, state = self.case, S(self.case.state)
        if state is S.IN_FORCE:
            page.runs_out.append(case)
            self._soon(page)
        elif state is S.PROPOSED:
            self._proposed(page)
        elif state is S.REPLYING:
            self._replying(page)
        elif self.mine:
            self._own(page, state)

    def _soon(self, page: "Today") -> None:
        """From the first notice on it is the team's to agree on a day."""
        first, on = min(policy_of(self.case).head.review_notices), self.case.review_on
        if self.mine and on and (self.today - on).days >= first:
            text = gettext("Agree with %(org)s on a day to look again", **self.names)
            page.mine.append(self._task(text, self.case.title, on, "assessment.engagement"))

    def _own(self, page: "Today", state: State) -> None:
        if self.reads:
            text = gettext("Read a point about %(org)s as a second person", **self.names)
            page.mine.append(self._task(text, self.case.title, None, "assessment.points"))
        if state not in STEPS:
            return
        drafts = may(self.actor, P.PAPER_DRAFT, self.case)
        places = {S.DECIDED: "assessment.result", **({S.TOLD: "mou.draft"} if drafts else {})}
        where = places.get(state, "assessment.engagement")
        text = gettext(STEPS[state], **self.names)
        page.mine.append(self._task(text, self.case.title, self.case.due_on, where))

    def _proposed(self, page: "Today") -> None:
        this = self.case.round
        found = Result.from_dict(this.computed)
        if owes_reply(self.case, found):
            text = gettext("Send %(org)s the points, so that it can answer", **self.names)
            return self._for(page, this.prepared_by == self.actor.id, self.mine, text)
        wanted = needed(self.case, this.level or found.level or self.case.level,
                        this.band or found.band or self.case.band)  # fmt: skip
        fresh = may(self.actor, P.ENGAGEMENT_READ, self.case)
        if this.read_by is None and self._wants_reader(wanted):
            text = gettext("Be second reader for %(org)s", **self.names)
            return self._for(page, fresh and (self._near or self.mine), self.mine, text)
        if this.decided_by is None:
            text = gettext("Decide on %(title)s", **self.names)
            mine = may(self.actor, P.ENGAGEMENT_DECIDE, self.case) and self._decides(wanted.decide)
            return self._for(page, mine, self.mine, text, self.case.due_on)
        if wanted.confirmed:
            text = gettext("Confirm the decision on %(title)s", **self.names)
            return self._for(page, self._may_confirm(wanted), self.mine, text, self.case.due_on)
        return None

    def _replying(self, page: "Today") -> None:
        due = self.case.round.reply_due
        if self.silent and (due is None or due >= self.today):
            if self.mine:
                text = gettext("may answer the points about %(title)s", **self.names)
                page.others.append(self._task(text, "", due, who=self.case.organisation.name))
            return
        text = gettext("Read what %(org)s answered", **self.names)
        if self.silent:
            text = gettext("Read what %(org)s answered; the time is over", **self.names)
        reads = may(self.actor, P.ENGAGEMENT_READ, self.case) and (self._near or self.mine)
        self._for(page, reads, self.mine, text)

    def _for(
        self, page: "Today", mine: bool, beside: bool, text: str, due: date | None = None
    ) -> None:
        if mine:
            page.mine.append(self._task(text, self._who_prepared(), due))
        elif beside:
            who = gettext("A colleague")
            page.others.append(self._task(text, "", due, who=who, whose=OURS))

    def _task(
        self, text: str, note: str, due: date | None, where: str = "assessment.result",
        who: str = "", whose: str = "",
    ) -> Task:  # fmt: skip
        if not may(self.actor, P.ENGAGEMENT_VIEW, self.case):
            where = "assessment.engagement"  # where taking part begins
        href = url_for(where, engagement_id=self.case.public_id)
        return Task(whose or (THEIRS if who else OURS), text, note, href, due, self.today, who)

    @property
    def _near(self) -> bool:
        """Second reading goes to the same department first."""
        return self.case.department_id == self.actor.department_id

    def _decides(self, decider: Decider) -> bool:
        if decider is Decider.LIAISON and Role.LIAISON in self.actor.roles:
            return True
        return Role.MANAGER in self.actor.roles

    def _may_confirm(self, wanted: Any) -> bool:
        if not may(self.actor, P.ENGAGEMENT_CONFIRM, self.case):
            return False
        decided = self.case.round.decided_by
        member = next((m for m in self.case.team if m.account_id == decided), None)
        other = member is None or member.account.department_id != self.actor.department_id
        return other or Second.OTHER_DEPARTMENT not in wanted.second

    def _wants_reader(self, wanted: Any) -> bool:
        policy, case = policy_of(self.case), self.case
        asked = policy.asked(case.level, case.band, case.triggers)
        return Second.READER in wanted.second or any(i.theme in wanted.reads for i in asked)

    def _who_prepared(self) -> str:
        prepared = self.case.round.prepared_by
        member = next((m for m in self.case.team if m.account_id == prepared), None)
        if member is None:
            return self.case.organisation.name
        return gettext("%(org)s. %(name)s prepared it.", name=member.account.name, **self.names)
