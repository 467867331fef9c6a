"""What people do with a paper: write it together, issue, sign, decline, end, follow."""

from partners.mou.actions.life import end, follow, notice_end, record_older
from partners.mou.actions.papers import (
    ISSUED,
    WRITTEN,
    authority,
    decline,
    draft,
    issue,
    record_test,
    sign,
    sign_by_hand,
    wait_longer,
)
from partners.mou.actions.promising import keep_promise
from partners.mou.actions.writing import (
    hand_over,
    mean,
    remark,
    rewrite,
    settle,
    take_turn,
)

__all__ = [
    "ISSUED", "WRITTEN", "authority", "decline", "draft", "end", "follow", "hand_over", "issue",
    "keep_promise", "mean", "notice_end", "record_older", "record_test", "remark", "rewrite",
    "settle", "sign", "sign_by_hand", "take_turn", "wait_longer",
]  # fmt: skip
