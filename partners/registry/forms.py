"""What may be typed about an organisation."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from partners.ground.refusals import Refusal, beside
from partners.ground.text import read_email, read_url
from partners.ground.words import N_
from partners.matching.identifiers import check_identifier, schemes
from partners.policy import today
from partners.policy.values import Policy
from partners.registry.rules import Card, check_standing, read_telephone
from partners.registry.vocabulary import vocabulary
from partners.web.fields import Choice, Pick, Text, language
from partners.web.forms import HouseForm

NAME, SHORT = 200, 60


def policy() -> Policy:
    """Today's edition."""
    return today.todays_policy()


def kind_choices() -> list[tuple[str, str]]:
    """The kinds of organisation in the order of the policy, in the reader's language."""
    words, kinds = policy().words(language()), policy().kinds.organisation
    return [(kind.id, words.named("organisation_kind", kind.id).name) for kind in kinds]


def form_of(kind: str) -> str:
    """Whether a kind is an organisation, a network or a public contact role."""
    return next((k.form for k in policy().kinds.organisation if k.id == kind), "")


def office_choices() -> list[tuple[str, str]]:
    """The neutral titles, in the reader's language."""
    known = vocabulary()
    return [(office, known.office(office, language())) for office in known.offices]


class ReachFields(HouseForm):
    """How the organisation itself is reached."""

    website = Text(_l("Website"), optional=True, limit=500, free=False, reads=read_url)
    email = Text(_l("Mailbox of the organisation"), optional=True, free=False, reads=read_email)
    telephone = Text(_l("Telephone of the organisation"), optional=True, limit=40, free=False,
                     reads=read_telephone)  # fmt: skip


class StandingFields(HouseForm):
    """Kind, and legal form or why there is none."""

    kind = Pick(_l("What kind of organisation is it?"), ask=N_("Choose the kind that fits best."))
    legal_form = Text(_l("Legal form"), optional=True, limit=NAME)
    not_registered_because = Text(_l("Or: not registered, because"), optional=True, limit=NAME)

    def __init__(self, row: Any = None, **kw: Any) -> None:
        super().__init__(row, **kw)
        self.kind.offer([("", gettext("Choose")), *kind_choices()])


class RegisterForm(StandingFields, ReachFields):
    """The short form: two minutes, one name and one way to reach them."""

    name = Text(_l("What is it called?"), ask=N_("Write the name that the organisation uses."),
                limit=NAME, free=False)  # fmt: skip
    purpose = Text(_l("What do they say they are for?"), optional=True, limit=4000, lines=True)
    scheme = Pick(_l("Register that knows its number"), optional=True)
    number = Text(_l("Number"), optional=True, limit=SHORT, free=False)
    district = Text(_l("District where it works"), optional=True, limit=SHORT, free=False)
    role = Pick(_l("Whom do we ask for?"), optional=True)
    seen = HiddenField()

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self._fields = {"name": self.name, **self._fields}  # errors stand in the order of the page
        self.scheme.offer([("", gettext("No number yet")), *_scheme_choices()])
        self.role.offer([("", gettext("Not known yet")), *office_choices()])

    def card(self) -> Card:
        """What was typed, checked as a whole. Raises Refusal."""
        check_standing(self.legal_form.data, self.not_registered_because.data)
        number = self.checked_number()
        names = ("name", "kind", "legal_form", "not_registered_because", "purpose", "district",
                 "website", "email", "telephone", "role")  # fmt: skip
        told: dict[str, Any] = {name: self[name].data or "" for name in names}
        return Card(scheme=self.scheme.data if number else "", number=number, **told)

    def checked_number(self) -> str:
        """The number as its register writes it, or "". Raises Refusal."""
        if not self.number.data and not self.scheme.data:
            return ""
        if not self.number.data or not self.scheme.data:
            raise Refusal(
                N_("Choose the register and write the number, or leave both empty."), field="number"
            )
        with beside("number"):
            return check_identifier(self.scheme.data, self.number.data)


def _scheme_choices() -> list[tuple[str, str]]:
    return [(one.id, f"{one.id}: {one.name}") for one in schemes().values()]


class ExportForm(HouseForm):
    """Taking rows out: what is in them, and what for."""

    purpose = Text(_l("What do you need this file for?"), ask=N_("Write what the file is for."))
    columns = Choice(_l("What is in it?"), ask=N_("Choose what the file holds."))

    def __init__(self) -> None:
        super().__init__(data={"columns": "plain"})
        self.columns.offer(
            [
                ("plain", gettext("Organisations with kind and own words")),
                ("contacts", gettext("Organisations with mailbox, telephone and website")),
            ]
        )
