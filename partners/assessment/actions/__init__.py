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
