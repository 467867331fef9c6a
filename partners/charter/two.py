"""Where statutes want two: who of one organisation has signed, and who can still."""

from collections.abc import Sequence
from dataclasses import dataclass

from partners.access.table import Role
from partners.accounts.models import Account
from partners.accounts.queries import users_of
from partners.charter.models import Charter
from partners.charter.queries import signed_so_far
from partners.signing.models import Signature


@dataclass(frozen=True)
class Two:
    """One has signed, and another of the same organisation is to."""

    given: Sequence[Signature]
    others: Sequence[Account]

    def has(self, account_id: int) -> bool:
        """Whether this person has signed."""
        return any(one.account_id == account_id for one in self.given)


def others_than(charter: Charter, *account_ids: int) -> list[Account]:
    """Who else may sign for the organisation of this offer."""
    users = users_of(charter.organisation_id or 0)
    return [a for a in users if Role.SIGNATORY in a.actor.roles and a.id not in account_ids]


def two_of(charter: Charter | None) -> Two | None:
    """How far it is where one of two has signed; else None."""
    given = signed_so_far(charter) if charter else []
    if charter is None or not given:
        return None
    return Two(given, others_than(charter, *(one.account_id for one in given)))
