"""Reading engagements, always narrowed to what the actor may see."""

from partners.assessment.queries.cases import (
    WHOLE,
    Standing,
    activity_of,
    case_of,
    computed,
    difference_of,
    may_answer,
    newest_answers,
    papers_held,
    paused_by,
    policy_of,
    reply_items,
    result_of,
    right_to,
    sources_of,
    standings,
    usable,
)
from partners.assessment.queries.four_eyes import (
    between_two,
    kept_now,
    point_called,
    unagreed,
)
from partners.assessment.queries.lists import (
    ASK_DAYS,
    LONGEST_NOTICE,
    Elsewhere,
    asks,
    cards_of,
    count_by_state,
    elsewhere,
    engagements_of,
    for_managers_only,
    names_of,
    open_conditions,
    openable,
    to_look_at,
    unanswered,
    visible,
    waits_for_a_second,
    why_due,
)
from partners.assessment.queries.points import (
    all_points,
    difficult_points,
    owes_reply,
    point_in,
    points_of,
    unheard,
    waits_for_words,
    waits_to_be_read_by,
)
from partners.assessment.queries.support import (
    band_of,
    payments,
    raised_band,
    weighed,
)
