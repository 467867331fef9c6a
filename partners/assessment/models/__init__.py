"""The tables of the room: a case with all that belongs to it, and what takes two people."""

from partners.assessment.models.case import (
    ALL_REPLIED,
    ASIDE,
    NO_REPLY,
    Answer,
    Condition,
    Engagement,
    Point,
    Reference,
    Round,
    Support,
    TeamMember,
)
from partners.assessment.models.four_eyes import FourEyes
