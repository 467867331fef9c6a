from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from partners.access.table import Role
from partners.accounts.rules import PARTNER_ROLES, read_house
from partners.ground.text import read_email
from partners.ground.words import LANGUAGES, N_
from partners.web.fields import Day, Pick, Secret, Text, Ticks, options
from partners.web.forms import HouseForm

ROLE_WORDS = {
    Role.OFFICER: (N_("Officer"), N_("prepares assessments")),
    Role.LIAISON: (N_("Liaison"), N_("keeps the relationship; decides at the first levels")),
    Role.MANAGER: (N_("Manager"), N_("decides, and gives roles")),
    Role.PROTECTOR: (N_("Data-protection officer"), N_("reads the log; handles complaints")),
    Role.COLLEAGUE: (N_("Colleague"), N_("sees names, kinds and levels")),
    Role.KEEPER: (N_("Keeper"), N_("runs the system; reads no content")),
    Role.MEMBER: (N_("Member"), N_("reads the file and answers")),
    Role.SIGNATORY: (N_("Signatory"), N_("may sign for the organisation")),
    Role.STEWARD: (N_("Steward"), N_("manages the organisation's users")),
    Role.GUEST: (N_("By link"), N_("answers only")),
}
TONGUES = options(LANGUAGES.items())


def role_name(role: str) -> str:
    """A role as the reader calls it."""
    return gettext(ROLE_WORDS[Role(role)][0])


class ForgotForm(HouseForm):
    email = Text(_l("E-mail address"), ask=N_("Enter your e-mail address."), free=False,
                 reads=read_email)  # fmt: skip


class DoorForm(HouseForm):
    """Choosing a password behind a one-time link."""

    password = Secret(_l("Password"))


class SignInForm(DoorForm):
    email = Text(_l("E-mail address"), ask=N_("Enter your e-mail address."), free=False)


class PasswordForm(HouseForm):
    current = Secret(_l("Your present password"))
    password = Secret(_l("Your new password"))


class KeyForm(HouseForm):
    key_name = Text(_l("What do you call it?"), ask=N_("Give the key a name that you will know."),
                    free=False)  # fmt: skip
    password = Secret(_l("Your present password"))


class RolesForm(HouseForm):
    roles = Ticks(_l("Roles"), optional=False, ask=N_("Choose at least one role."))
    department = Pick(_l("Department"), ask=N_("Choose a department."))

    def offered(self, departments: Any = None) -> Any:
        """Roles of one side: with departments of the staff, without of an organisation's users."""
        roles = PARTNER_ROLES
        if departments is None:
            del self.department
        else:
            roles = [r for r in ROLE_WORDS if r not in (*PARTNER_ROLES, Role.GUEST)]
            self.department.offer([(str(d.id), d.name) for d in departments])
        self.roles.offer([(str(r), role_name(r)) for r in roles])
        self.roles.hints = {str(r): gettext(ROLE_WORDS[r][1]) for r in roles}
        return self


class InviteForm(RolesForm):
    name = Text(_l("Name"), ask=N_("Write the person's name."), free=False)
    email = Text(_l("E-mail address"), ask=N_("Write the person's e-mail address."), free=False,
                 reads=read_email)  # fmt: skip
    language = Pick(_l("Language of the invitation"), default="en", choices=TONGUES,
                    ask=N_("Choose a language."))  # fmt: skip


class DepartmentForm(HouseForm):
    department_name = Text(_l("New department"), ask=N_("Write the department's name."), free=False)


class MeForm(HouseForm):
    name = Text(_l("Name"), ask=N_("Write your name."), free=False)
    title = Text(_l("What you do"), optional=True, free=False)
    language = Pick(_l("Language"), choices=TONGUES, ask=N_("Choose a language."))
    theme = Pick(_l("Look"), choices=options([("light", _l("Light")), ("dark", _l("Dark"))]))


class ReachForm(HouseForm):
    """What everybody reads of the municipality itself; every word may be missing but the first."""

    url = Text(
        _l("Address of this house"), ask=N_("Write the address."), free=False, reads=read_house,
        hint=_l("Letters and papers lead here, such as https://partners.town.example."),
    )  # fmt: skip
    email = Text(_l("E-mail address"), optional=True, free=False, reads=read_email)
    telephone = Text(_l("Telephone"), optional=True, free=False)
    address = Text(_l("Where people can come"), optional=True, free=False)
    complain_to = Text(_l("To whom people complain"), optional=True, free=False,
                       hint=_l("A role and how to reach it. It stands in every letter with a"
                               " decision."))  # fmt: skip
    protector = Text(_l("Data-protection officer"), optional=True, free=False)
    authority = Text(_l("Supervisory authority for data protection"), optional=True, free=False)
    basis = Text(_l("Legal ground for keeping this register"), optional=True, free=False,
                 lines=True, limit=1000, hint=_l("It stands on the privacy page."))  # fmt: skip


class DelegationForm(HouseForm):
    account = Pick(_l("Who may sign"), ask=N_("Choose who may sign."))
    papers = Ticks(_l("Which papers"), optional=False, ask=N_("Choose at least one kind of paper."))
    band = Pick(_l("Up to which support"), ask=N_("Choose up to which support."))
    until = Day(_l("Last day"), ask=N_("Write the last day."))
