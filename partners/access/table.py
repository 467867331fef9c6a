"""The permission table. One row a permission; the whole of who-may-do-what is on this page.

The municipality's policy may narrow a right (who decides at which level), never widen it.
"""

from enum import StrEnum, auto


class Role(StrEnum):
    OFFICER = auto()
    LIAISON = auto()
    MANAGER = auto()
    PROTECTOR = auto()
    COLLEAGUE = auto()
    KEEPER = auto()
    MEMBER = auto()
    SIGNATORY = auto()
    STEWARD = auto()
    GUEST = auto()


STAFF = frozenset(
    {Role.OFFICER, Role.LIAISON, Role.MANAGER, Role.PROTECTOR, Role.COLLEAGUE, Role.KEEPER}
)
DECIDING = frozenset({Role.LIAISON, Role.MANAGER})


class Scope(StrEnum):
    """On which things a right holds. Each has a predicate for a row and a filter for a list."""

    ANY = auto()
    SELF = auto()  # one's own account
    OWN = auto()  # one's own organisation
    TEAM = auto()  # in the case team, and has not stepped aside
    CLEAR = auto()  # has not stepped aside
    FRESH = auto()  # has not stepped aside and has not worked on it


class Permission(StrEnum):
    TODAY = "today"
    ACCOUNT_SELF = "account:self"
    ACCOUNT_LIST = "account:list"
    ACCOUNT_INVITE = "account:invite"
    ACCOUNT_ROLE = "account:role"
    PARTNER_INVITE = "partner:invite"
    DELEGATION_GIVE = "delegation:give"
    HOUSE_SAY = "house:say"
    LOG_VIEW = "log:view"
    POLICY_VIEW = "policy:view"
    POLICY_CHANGE = "policy:change"
    POLICY_READ = "policy:read"
    REPORT_CASES = "report:cases"
    REPORT_TOTALS = "report:totals"
    SYSTEM = "system"
    ORGANISATION_LIST = "organisation:list"
    ORGANISATION_CARD = "organisation:card"
    ORGANISATION_FILE = "organisation:file"
    ORGANISATION_REGISTER = "organisation:register"
    ORGANISATION_EDIT = "organisation:edit"
    ORGANISATION_MERGE = "organisation:merge"
    ORGANISATION_IMPORT = "organisation:import"
    ORGANISATION_EXPORT = "organisation:export"
    CONTACT_LOG = "contact:log"
    ENGAGEMENT_START = "engagement:start"
    ENGAGEMENT_JOIN = "engagement:join"
    ENGAGEMENT_VIEW = "engagement:view"
    ENGAGEMENT_WORK = "engagement:work"
    ENGAGEMENT_ANSWERS = "engagement:answers"
    ENGAGEMENT_ANSWER = "engagement:answer"
    ENGAGEMENT_ANSWER_AS_MANAGER = "engagement:answer-as-manager"
    ENGAGEMENT_READ = "engagement:read"
    ENGAGEMENT_DECIDE = "engagement:decide"
    ENGAGEMENT_CONFIRM = "engagement:confirm"
    ENGAGEMENT_CLOSE = "engagement:close"
    ENGAGEMENT_DECLINE = "engagement:decline"
    POINT_REPLY = "point:reply"
    FILE_HOLD_BACK = "file:hold-back"
    FILE_HOLD_BACK_AGREE = "file:hold-back-agree"
    POINT_OPEN = "point:open"
    POINT_OPEN_AGREE = "point:open-agree"
    RECORDS_KEEP = "records:keep"
    CONDITION_SAY = "condition:say"
    PAPER_VIEW = "paper:view"
    PAPER_DRAFT = "paper:draft"
    PAPER_WRITE = "paper:write"
    PAPER_SIGN = "paper:sign"
    PROMISE_KEEP = "promise:keep"
    CHARTER_OFFER = "charter:offer"
    CHARTER_SIGN = "charter:sign"
    CHARTER_SIGN_CITY = "charter:sign-city"
    CHARTER_READ = "charter:read"
    CHARTER_SHAPE = "charter:shape"
    CHARTER_REPORT = "charter:report"
    CHARTER_SUSPEND = "charter:suspend"
    PORTAL = "portal"


P, R = Permission, Role
ANY, SELF, OWN, TEAM = Scope.ANY, Scope.SELF, Scope.OWN, Scope.TEAM
CLEAR, FRESH = Scope.CLEAR, Scope.FRESH


def _everyone(scope: Scope, *roles: Role) -> dict[Role, Scope]:
    return dict.fromkeys(roles, scope)


_CASE = {R.OFFICER: TEAM, R.LIAISON: TEAM}
_CONTACT = (R.OFFICER, R.LIAISON, R.MANAGER)
_PARTNER = (R.MEMBER, R.SIGNATORY, R.STEWARD)

# fmt: off
TABLE: dict[Permission, dict[Role, Scope]] = {
    P.TODAY:                 _everyone(ANY, *sorted(STAFF)),
    P.ACCOUNT_SELF:          _everyone(SELF, *(r for r in Role if r is not R.GUEST)),
    P.ACCOUNT_LIST:          {R.MANAGER: ANY, R.KEEPER: ANY, R.PROTECTOR: ANY},
    P.ACCOUNT_INVITE:        {R.MANAGER: ANY, R.KEEPER: ANY},
    P.ACCOUNT_ROLE:          {R.MANAGER: ANY},
    P.PARTNER_INVITE:        {**_CASE, R.MANAGER: ANY, R.STEWARD: OWN},
    P.DELEGATION_GIVE:       {R.MANAGER: ANY},
    P.HOUSE_SAY:             {R.MANAGER: ANY},
    P.LOG_VIEW:              {R.MANAGER: ANY, R.PROTECTOR: ANY},
    P.POLICY_VIEW:           {R.MANAGER: ANY, R.PROTECTOR: ANY},
    P.POLICY_CHANGE:         {R.MANAGER: ANY},
    P.POLICY_READ:           {R.PROTECTOR: ANY},
    P.REPORT_CASES:          {R.MANAGER: ANY},
    P.REPORT_TOTALS:         {R.MANAGER: ANY, R.PROTECTOR: ANY},
    P.SYSTEM:                {R.KEEPER: ANY},
    P.ORGANISATION_LIST:     _everyone(ANY, *_CONTACT, R.COLLEAGUE, R.PROTECTOR),
    P.ORGANISATION_CARD:     _everyone(ANY, *_CONTACT, R.COLLEAGUE, R.PROTECTOR),
    P.ORGANISATION_FILE:     {**_everyone(ANY, *_CONTACT), **_everyone(OWN, *_PARTNER)},
    P.ORGANISATION_REGISTER: _everyone(ANY, *_CONTACT),
    P.ORGANISATION_EDIT:     {R.OFFICER: ANY, R.LIAISON: ANY, R.MEMBER: OWN, R.STEWARD: OWN},
    P.ORGANISATION_MERGE:    {R.OFFICER: ANY, R.LIAISON: ANY},
    P.ORGANISATION_IMPORT:   {R.OFFICER: ANY, R.MANAGER: ANY},
    P.ORGANISATION_EXPORT:   _everyone(ANY, *_CONTACT),
    P.CONTACT_LOG:           _everyone(ANY, *_CONTACT),
    P.ENGAGEMENT_START:      {R.OFFICER: ANY, R.LIAISON: ANY},
    P.ENGAGEMENT_JOIN:       _everyone(CLEAR, *_CONTACT),
    P.ENGAGEMENT_VIEW:       {**_CASE, R.MANAGER: CLEAR, **_everyone(OWN, *_PARTNER)},
    P.ENGAGEMENT_WORK:       {**_CASE},
    P.ENGAGEMENT_ANSWERS:    {**_CASE, R.MANAGER: CLEAR, **_everyone(OWN, *_PARTNER), R.GUEST: OWN},
    P.ENGAGEMENT_ANSWER:     {**_CASE, **_everyone(OWN, *_PARTNER), R.GUEST: OWN},
    P.ENGAGEMENT_ANSWER_AS_MANAGER: {R.MANAGER: CLEAR},
    P.ENGAGEMENT_READ:       {R.OFFICER: FRESH, R.LIAISON: FRESH, R.MANAGER: FRESH},
    P.ENGAGEMENT_DECIDE:     {R.LIAISON: FRESH, R.MANAGER: FRESH},
    P.ENGAGEMENT_CONFIRM:    {R.MANAGER: FRESH},
    P.ENGAGEMENT_CLOSE:      {R.MANAGER: CLEAR},
    P.ENGAGEMENT_DECLINE:    {**_CASE, **_everyone(OWN, *_PARTNER)},
    P.POINT_REPLY:           {**_CASE, **_everyone(OWN, *_PARTNER)},
    P.FILE_HOLD_BACK:        {**_CASE, R.MANAGER: CLEAR},
    P.FILE_HOLD_BACK_AGREE:  {R.MANAGER: CLEAR},
    P.POINT_OPEN:            {R.PROTECTOR: ANY},
    P.POINT_OPEN_AGREE:      {R.MANAGER: FRESH},
    P.RECORDS_KEEP:          {R.MANAGER: ANY, R.PROTECTOR: ANY},
    P.CONDITION_SAY:         {**_CASE, **_everyone(OWN, *_PARTNER)},
    P.PAPER_VIEW:            {**_CASE, R.MANAGER: CLEAR, **_everyone(OWN, *_PARTNER)},
    P.PAPER_DRAFT:           {**_CASE},
    P.PAPER_WRITE:           {**_CASE, **_everyone(OWN, *_PARTNER)},
    P.PAPER_SIGN:            {**_everyone(CLEAR, *_CONTACT), R.SIGNATORY: OWN},
    P.PROMISE_KEEP:          {**_CASE, R.MANAGER: CLEAR, **_everyone(OWN, *_PARTNER)},
    P.CHARTER_OFFER:         {R.OFFICER: ANY, R.LIAISON: ANY},
    P.CHARTER_SIGN:          {R.SIGNATORY: OWN},
    P.CHARTER_SIGN_CITY:     {R.MANAGER: ANY},
    P.CHARTER_READ:          _everyone(ANY, *_CONTACT),
    P.CHARTER_SHAPE:         _everyone(OWN, *_PARTNER),
    P.CHARTER_REPORT:        _everyone(ANY, *_CONTACT),
    P.CHARTER_SUSPEND:       {R.MANAGER: ANY, R.SIGNATORY: OWN},
    P.PORTAL:                _everyone(OWN, *_PARTNER, R.GUEST),
}
# fmt: on
