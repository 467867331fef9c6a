"""What people do with an engagement. Every verb asks leave, keeps the rules, leaves a trace."""

from partners.assessment.actions.holding import ask_to_hold, hold_back, release
from partners.assessment.actions.moving import (
    ask_outside,
    ask_pause,
    begin_again,
    close,
    confirm_outside,
    decline,
    drop_outside,
    enter_into_force,
    fall_due,
    pause,
    resume,
    return_to,
    tell_level,
)
from partners.assessment.actions.noting import (
    note_found,
    read_point,
    rewrite_point,
    withdraw_point,
)
from partners.assessment.actions.replying import (
    give_more_time,
    read,
    reply,
    send_points,
    settle_point,
)
from partners.assessment.actions.rounds import (
    confirm,
    decide,
    hand_back,
    meet_condition,
    propose,
    send_back,
    take_back,
    tell,
)
from partners.assessment.actions.starting import (
    change_request,
    join,
    record_support,
    start,
    step_aside,
    withdraw_support,
)
from partners.assessment.actions.working import answer, confirm_carried, withdraw_answer

__all__ = [
    "answer", "ask_outside", "ask_pause", "ask_to_hold", "begin_again", "change_request", "close",
    "confirm", "confirm_carried", "confirm_outside", "decide", "decline", "drop_outside",
    "enter_into_force", "fall_due", "give_more_time", "hand_back", "hold_back", "join",
    "meet_condition", "note_found", "pause", "propose", "read", "read_point", "record_support",
    "release", "reply", "resume", "return_to", "rewrite_point", "send_back", "send_points",
    "settle_point", "start", "step_aside",
    "take_back", "tell", "tell_level", "withdraw_answer", "withdraw_point",
    "withdraw_support",
]  # fmt: skip
