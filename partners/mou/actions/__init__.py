"""What people do with a paper: write it together, issue, sign, decline, end, follow."""

from partners.mou.actions.life import end, follow, pause, record_older, resume
from partners.mou.actions.papers import (
    ISSUED,
    WRITTEN,
    authority,
    begin,
    decline,
    draft,
    issue,
    lack,
    record_test,
    wait_longer,
)
from partners.mou.actions.promising import keep_promise
from partners.mou.actions.signing import attest, compare, send_back, sign, stopped
from partners.mou.actions.writing import (
    hand_over,
    mean,
    remark,
    rewrite,
    settle,
    take_turn,
)
