"""Staff, departments and roles; the users of one organisation; who may sign for the house."""

import tomllib
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, current_app, g, redirect, url_for
from flask_babel import get_locale

from partners.access.rules import may
from partners.access.table import Permission as P
from partners.access.table import Role
from partners.accounts import actions, letters, queries
from partners.accounts.forms import DelegationForm, DepartmentForm, InviteForm, RolesForm, role_name
from partners.accounts.models import Account
from partners.accounts.views.doors import bp, deed, done, hand_out, house_address, number
from partners.ground import clock
from partners.policy import today
from partners.web.forms import show
from partners.web.guard import fetch, looked, page

SHOWN_FOR = timedelta(days=30)


@page(bp, "/people", needs=P.ACCOUNT_LIST, methods=("GET", "POST"))
def people() -> Any:
    here, at, is_naming = url_for(".people"), clock.now(), deed() == "department"
    departments = queries.departments()
    invite = InviteForm(blank=is_naming).offered(departments)
    naming = DepartmentForm(blank=not is_naming)
    match deed():
        case "invite" if invite.sent():
            with invite.refusals():
                return _invite(invite, here, department_id=int(invite.department.data))
        case "department" if naming.sent():
            with naming.refusals():
                name = naming.department_name.data or ""
                actions.name_department(name, by=g.actor, at=at)
                return done("%(name)s is in the list of departments.", here, name=name)
    changes = queries.role_changes(at - SHOWN_FOR) if Role.MANAGER in g.actor.roles else []
    return show("accounts/people.html", naming if is_naming else invite, staff=queries.staff(),
                departments=departments, changes=changes, invite=invite, naming=naming,
                role_name=role_name)  # fmt: skip


def _invite(form: InviteForm, onward: str, **side: int) -> Any:
    account = actions.open_account(
        form.email.data or "", form.name.data or "", _roles(form), language=form.language.data,
        by=g.actor, at=clock.now(), **side,
    )  # fmt: skip
    hand_out(account)
    _told(account, "invite")
    return redirect(onward)


def _told(account: Account, what: str) -> None:
    if account.organisation_id:
        letters.tell_users(account.organisation_id, what, account.name, g.actor, at=clock.now())


def _roles(form: RolesForm) -> frozenset[Role]:
    return frozenset(map(Role, form.roles.data or ()))


@page(bp, "/people/<account_id>", needs=P.PARTNER_INVITE, methods=("GET", "POST"))
def person(account_id: str) -> Any:
    """One account: its roles and department, a new link, its end."""
    account = fetch(Account, account_id, P.PARTNER_INVITE)
    if account.is_staff and not may(g.actor, P.ACCOUNT_LIST, account):
        abort(404)  # staff are opened by who lists staff, an organisation's users by who invites
    group, back = queries.group(id=account.organisation_id), url_for(".people")
    if group:
        looked(group.id, "people")
        back = url_for(".group_people", organisation_id=group.public_id)
    typed = {"roles": account.roles, "department": str(account.department_id)}
    form = RolesForm(data=typed).offered(None if group else queries.departments())
    with form.refusals():
        if done_already := _deed(account, form, back):
            return done_already
    return show("accounts/person.html", form, account=account, role_name=role_name, back=back)


def _deed(account: Account, form: RolesForm, back: str) -> Any:
    by, at = g.actor, clock.now()
    match deed():
        case "roles" if form.validate():
            actions.give_roles(account, _roles(form), by=by, at=at)
            _told(account, "roles")
            if account.is_staff:
                actions.move_to(account, int(form.department.data), by=by, at=at)
            return done("Saved.", back)
        case "link":
            hand_out(account)
            _told(account, "link")
            return redirect(back)
        case "end":
            actions.end_account(account, by=by, at=at)
            _told(account, "end")
            return done("The account of %(name)s has ended.", back, name=account.name)


@page(
    bp, "/organisations/<organisation_id>/people", needs=P.PARTNER_INVITE, methods=("GET", "POST")
)
def group_people(organisation_id: str) -> Any:
    """The organisation's own users, and a link for those who have no account."""
    group = queries.group(public_id=organisation_id)
    if group is None or not may(g.actor, P.PARTNER_INVITE, group):
        abort(404)
    form, here = InviteForm().offered(), url_for(".group_people", organisation_id=group.public_id)
    match deed():
        case "invite" if form.sent():
            with form.refusals():
                return _invite(form, here, organisation_id=group.id)
        case "guest":
            secret = actions.invite_guest(group.id, None, by=g.actor, at=clock.now())
            letters.tell_users(group.id, "guest", "", g.actor, at=clock.now())
            return done("Hand over this link. It opens once, within fourteen days: %(link)s", here,
                        link=f"{house_address()}/door/{secret}")  # fmt: skip
    looked(group.id, "people")
    users = queries.users_of(group.id)
    return show("accounts/group-people.html", form, group=group, users=users, role_name=role_name)


@page(bp, "/delegations", needs=P.DELEGATION_GIVE, methods=("GET", "POST"))
def delegations() -> Any:
    """Who may sign for the municipality: given by one manager, confirmed by another."""
    form, papers, bands = DelegationForm(), _papers(), _bands()
    signers = {str(a.id): a for a in queries.staff(*actions.SIGNERS) if a.id != g.actor.id}
    form.account.offer((key, a.name) for key, a in signers.items())
    form.papers.offer(papers.items())
    form.band.offer(bands.items())
    here, rows, now = url_for(".delegations"), queries.delegations(), clock.now()
    chosen = next((d for d in rows if d.id == number("delegation")), None)
    with form.refusals():
        match deed():
            case "give" if form.sent():
                zone = ZoneInfo(current_app.extensions["time_zone"])
                until = datetime.combine(form.until.data, time.max, zone)
                actions.delegate(signers[form.account.data], form.papers.data or [],
                                 form.band.data, until, by=g.actor, at=now)  # fmt: skip
                return done("It holds as soon as another manager has confirmed it.", here)
            case "confirm" if chosen:
                actions.confirm(chosen, by=g.actor, at=now)
                return done("Saved.", here)
            case "end" if chosen:
                actions.end_delegation(chosen, by=g.actor, at=now)
                return done("Saved.", here)
    return show("accounts/delegations.html", form, rows=rows, papers=papers, bands=bands, now=now)


def _papers() -> dict[str, str]:
    """The papers that the municipality signs, by id."""
    language, found = str(get_locale() or "en"), {}
    texts = today.todays()[1]
    for name, text in texts.items():
        folder, _slash, file = name.rpartition("/")
        if file == "document.toml" and _city_signs(tomllib.loads(text)):
            words = texts.get(f"{folder}/{language}.md") or texts[f"{folder}/en.md"]
            found[folder.rpartition("/")[2]] = words.strip().split("\n")[0]
    return found


def _city_signs(document: dict[str, Any]) -> bool:
    return any("signers_city" in s.get("must", ()) for s in document.get("section", ()))


def _bands() -> dict[str, str]:
    policy = today.todays_policy()
    words = policy.words(str(get_locale() or "en"))
    return {band: words.band(band).name for band in policy.bands}
