"""A key of one's own: nothing but the right touch counts, and a paper may ask for one."""

import pytest

from partners.accounts.models import Key
from partners.ground.db import db
from partners.paper.reading import DocumentError, read_documents
from partners.policy import today
from partners.signing.queries import signatures_on
from partners.signing.rules import challenge, suffices
from tests.builders import NOON, House
from tests.signing.test_ceremony import LAST, PRESS, ready
from tests.signing.walking import to_check


@pytest.mark.parametrize(
    "touch", ["{}", "nonsense", '{"id": "YWJj", "response": {}}', "[]", "null"]
)
def test_a_touch_that_is_none_signs_nothing(house: House, touch: str) -> None:
    paper, page, address = ready(house)
    db.session.add(Key(account_id=house.people["grethe"], credential="YWJj", public_key="oA",
                       name="stick", added_at=NOON))  # fmt: skip
    db.session.commit()
    to_check(page, address).click("Go on to the last page")
    page.send({**LAST, "touch": touch}, press=PRESS, status=422)
    assert "The key did not answer" in page.troubles[0]
    assert signatures_on(paper.id) == []


def test_a_key_is_added_only_with_the_password_and_an_answer_to_our_question(house: House) -> None:
    _paper, page, _address = ready(house)
    page.get("/me")
    sent = {"key_name": "stick", "password": LAST["password"], "touch": "{}"}
    page.send(sent, press="Add a key", status=422)
    assert "The key did not answer" in page.troubles[0]
    page.send({**sent, "password": "another one"}, press="Add a key", status=422)
    assert "This is not your password" in page.troubles[0]


def test_what_a_key_signs_depends_on_text_words_and_moment() -> None:
    base = ("0" * 64, "I sign.", "1" * 32)
    others = [("1" * 64, *base[1:]), (base[0], "I sign!", base[2]), (*base[:2], "2" * 32)]
    assert len({challenge(*base), *(challenge(*other) for other in others)}) == 4


@pytest.mark.parametrize(
    ("lowest", "method", "enough"),
    [("account", "account", True), ("account", "paper", True), ("key", "account", False),
     ("key", "paper", False), ("key", "key", True), ("elsewhere", "key", False),
     ("key", "elsewhere", True)],
)  # fmt: skip
def test_a_paper_is_signed_in_no_lower_way_than_it_asks_for(
    lowest: str, method: str, enough: bool
) -> None:
    assert suffices(lowest, method) is enough


def test_a_way_of_signing_that_nobody_knows_is_told_with_its_file(house: House) -> None:
    texts = dict(today.todays()[1])
    file = "documents/memorandum/document.toml"
    texts[file] = 'lowest_rung = "kei"\n' + texts[file]
    policy = house.policy
    with pytest.raises(DocumentError, match="lowest_rung: 'kei' is not known here; write \"key\""):
        read_documents(texts, levels=list(policy.levels), bands=list(policy.bands),
                       triggers=policy.triggers)  # fmt: skip
