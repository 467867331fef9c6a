"""What holds for the charter, whoever signs it."""

from enum import StrEnum


class State(StrEnum):
    """Where an offer stands. "Not signed" is no state, and withdrawn is shown to nobody else."""

    OFFERED = "offered"
    DISCUSSING = "discussing"
    OWN_PROPOSED = "own_proposed"
    SIGNED = "signed"
    OWN_ACCEPTED = "own_accepted"
    WITHDRAWN = "withdrawn"


OPEN = (State.OFFERED, State.DISCUSSING, State.OWN_PROPOSED)
HOLDS = (State.SIGNED, State.OWN_ACCEPTED)
