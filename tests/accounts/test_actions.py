"""Passwords, sessions and links end; rights lie with the right people."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from partners.access.rules import Actor
from partners.access.table import Role as R
from partners.accounts import actions, queries
from partners.accounts.actions import passes
from partners.accounts.models import Account, Attempt, Delegation, Pass
from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import NotYours, Refusal
from partners.jobs.models import Job
from partners.mou.queries import delegates
from tests.builders import NOON, House

GOOD = "seagulls argue over the ferry"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def maja(house: House) -> Iterator[Account]:
    account = house.account("maja")
    actions.set_password(account, GOOD, by=account.actor, at=NOON)
    db.session.commit()
    yield account
    db.session.rollback()


def tried(
    password: str, *, place: str = "192.0.2.7", at: object = NOON, known_as: str = ""
) -> object:
    return actions.sign_in("maja@havnby.example", password, place, known_as=known_as, at=at)


def test_the_right_password_opens_a_session_and_a_wrong_one_does_not(maja: Account) -> None:
    assert tried(GOOD)
    assert tried("seagulls argue over the fjord") is None


def test_after_ten_wrong_tries_the_right_one_waits_a_quarter_of_an_hour(maja: Account) -> None:
    for _ in range(passes.MOST_TRIES):
        assert tried("wrong") is None
    with pytest.raises(Refusal, match="Too many"):
        tried(GOOD)
    assert tried(GOOD, at=NOON + 16 * MINUTE)


def test_tries_from_many_places_count_together_but_do_not_lock_out_a_known_browser(
    maja: Account,
) -> None:
    for number in range(passes.MOST_FOR_ONE_PERSON):
        assert tried("wrong", place=f"192.0.2.{number}") is None
    with pytest.raises(Refusal, match="Too many"):
        tried(GOOD, place="198.51.100.1")
    assert tried(GOOD, place="198.51.100.1", known_as=maja.public_id)


def test_one_place_cannot_try_many_people(house: House) -> None:
    for number in range(passes.MOST_FROM_ONE_PLACE):
        actions.sign_in(f"x{number}@havnby.example", "wrong", "2001:db8::1", at=NOON)
    with pytest.raises(Refusal, match="Too many"):
        actions.sign_in("y@havnby.example", "wrong", "2001:db8::ffff", at=NOON)


def test_tries_are_forgotten_when_no_limit_looks_at_them(maja: Account) -> None:
    tried("wrong", at=clock.now() - HOUR)
    tried("wrong", at=clock.now())
    passes.tidy(Job())
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 3


def test_no_address_and_no_secret_is_kept_in_clear(maja: Account) -> None:
    secret = tried(GOOD)
    tried("wrong")
    kept = [*db.session.scalars(select(Attempt.who)), *db.session.scalars(select(Pass.secret))]
    assert kept
    assert not any("maja" in text or secret in text for text in kept)


@pytest.mark.parametrize(
    ("seen", "now", "lives"),
    [(0 * HOUR, HOUR, True), (0 * HOUR, 2 * HOUR, False), (11 * HOUR, 11.9 * HOUR, True),
     (11 * HOUR, 12 * HOUR, False)],
)  # fmt: skip
def test_a_session_ends_after_two_idle_hours_and_after_twelve_at_most(
    maja: Account, seen: timedelta, now: timedelta, lives: bool
) -> None:
    secret = actions.open_session(maja, at=NOON)
    held = queries.live_pass(secret, "session", at=NOON)
    held.seen_at = NOON + seen
    assert bool(queries.live_pass(secret, "session", at=NOON + now)) is lives


def test_a_new_password_ends_every_session(maja: Account) -> None:
    secret = actions.open_session(maja, at=NOON)
    actions.set_password(maja, "the ferry argues back at dusk", by=maja.actor, at=NOON)
    assert queries.live_pass(secret, "session", at=NOON) is None


def test_an_ended_account_opens_nothing(house: House, maja: Account) -> None:
    session, link = actions.open_session(maja, at=NOON), None
    link = actions.send_link(maja, by=house.actor("karin"), at=NOON)
    actions.end_account(maja, by=house.actor("karin"), at=NOON)
    assert queries.live_pass(session, "session", at=NOON) is None
    assert queries.live_pass(link, "invite", at=NOON) is None
    assert tried(GOOD) is None
    assert actions.ask_reset("maja@havnby.example", "here", at=NOON) is None


def test_a_link_opens_once_and_a_later_link_ends_an_earlier(house: House, maja: Account) -> None:
    first = actions.send_link(maja, by=house.actor("karin"), at=NOON)
    second = actions.send_link(maja, by=house.actor("karin"), at=NOON)
    assert queries.live_pass(first, "invite", at=NOON) is None
    held = queries.live_pass(second, "invite", at=NOON + 13 * DAY)
    actions.choose_password(held, GOOD, at=NOON)
    with pytest.raises(Refusal, match="used"):
        actions.choose_password(held, GOOD, at=NOON)
    third = actions.send_link(maja, by=house.actor("karin"), at=NOON)
    assert queries.live_pass(third, "invite", at=NOON + 14 * DAY) is None


def test_a_link_for_a_new_password_lives_two_hours_and_is_sent_three_times_at_most(
    maja: Account,
) -> None:
    found = [actions.ask_reset("MAJA@havnby.example ", f"192.0.2.{n}", at=NOON) for n in range(4)]
    assert [f is not None for f in found] == [True, True, True, False]
    _account, secret = found[0]
    assert queries.live_pass(secret, "reset", at=NOON + 1.9 * HOUR)
    assert queries.live_pass(secret, "reset", at=NOON + 2 * HOUR) is None


def test_a_groups_link_is_for_one_organisation_and_answers_only(house: House) -> None:
    group = house.organisation()
    secret = actions.invite_guest(group.id, None, by=house.actor("maja"), at=NOON)
    held = queries.live_pass(secret, "guest", at=NOON + 13 * DAY)
    session = actions.open_guest(held, at=NOON)
    guest = queries.actor_of(queries.live_pass(session, "session", at=NOON))
    assert (guest.roles, guest.organisation_id) == ({R.GUEST}, group.id)
    with pytest.raises(Refusal, match="used"):
        actions.open_guest(held, at=NOON)


@pytest.mark.parametrize(
    ("who", "roles"),
    [("per", {R.MANAGER}), ("per", {R.LIAISON}), ("per", {R.OFFICER, R.MANAGER})],
)
def test_the_keeper_opens_no_account_that_decides(house: House, who: str, roles: set[R]) -> None:
    with pytest.raises(Refusal, match="Only a manager"):
        actions.open_account(
            "n@havnby.example", "N", frozenset(roles), department_id=1, by=house.actor(who), at=NOON
        )


@pytest.mark.parametrize("deed", ["send_link", "end_account"])
def test_the_keeper_cannot_reach_a_manager_through_a_link_or_an_end(
    house: House, deed: str
) -> None:
    with pytest.raises(Refusal, match="Only a manager"):
        getattr(actions, deed)(house.account("karin"), by=house.actor("per"), at=NOON)


def test_an_address_signs_in_once(house: House) -> None:
    with pytest.raises(Refusal, match="already"):
        actions.open_account(
            " MAJA@havnby.example", "M", frozenset({R.OFFICER}), department_id=1,
            by=house.actor("karin"), at=NOON,
        )  # fmt: skip


def test_nobody_changes_their_own_roles(house: House) -> None:
    karin = house.account("karin")
    for deed in (
        lambda: actions.give_roles(
            karin, frozenset({R.MANAGER, R.KEEPER}), by=karin.actor, at=NOON
        ),
        lambda: actions.end_account(karin, by=karin.actor, at=NOON),
        lambda: actions.move_to(karin, queries.departments()[0].id, by=karin.actor, at=NOON),
    ):
        with pytest.raises(Refusal, match="Nobody changes their own"):
            deed()


def test_the_last_manager_stays_a_manager(house: House) -> None:
    karin, another = house.actor("karin"), Actor(999, "M", frozenset({R.MANAGER}))
    for short in ("omar", "tove"):
        actions.give_roles(house.account(short), frozenset({R.OFFICER}), by=karin, at=NOON)
    with pytest.raises(Refusal, match="last manager"):
        actions.give_roles(house.account("karin"), frozenset({R.OFFICER}), by=another, at=NOON)
    with pytest.raises(Refusal, match="last manager"):
        actions.end_account(house.account("karin"), by=another, at=NOON)


def test_a_steward_gives_roles_in_their_own_house_only(house: House) -> None:
    ours, theirs = house.organisation(), house.organisation("Northside Chess Club")
    mette = house.partner("mette", ours, R.STEWARD).actor
    ole, ali = house.partner("ole", ours), house.partner("ali", theirs)
    actions.give_roles(ole, frozenset({R.SIGNATORY}), by=mette, at=NOON)
    with pytest.raises(NotYours):
        actions.give_roles(ali, frozenset({R.SIGNATORY}), by=mette, at=NOON)
    with pytest.raises(NotYours):
        actions.open_account(
            "x@y.example", "X", frozenset({R.MEMBER}), organisation_id=theirs.id, by=mette, at=NOON
        )
    with pytest.raises(NotYours):
        actions.invite_guest(theirs.id, None, by=mette, at=NOON)


def given(house: House, by: str = "karin", to: str = "maja", band: int = 0) -> Delegation:
    made = actions.delegate(
        house.account(to), ["memorandum"], list(house.policy.bands)[band], NOON + 90 * DAY,
        by=house.actor(by), at=NOON,
    )  # fmt: skip
    db.session.flush()
    return made


def test_a_right_to_sign_holds_once_a_third_person_confirmed_it(house: House) -> None:
    right, lowest = given(house), next(iter(house.policy.bands))

    def held(paper: str = "memorandum", at: object = NOON) -> list[Delegation]:
        return delegates(paper, lowest, house.policy, at)

    assert held() == []
    actions.confirm(right, by=house.actor("omar"), at=NOON)
    assert held() == [right]
    assert held("charter") == held(at=NOON + 90 * DAY) == []
    actions.end_delegation(right, by=house.actor("karin"), at=NOON)
    assert held() == []


@pytest.mark.parametrize(("band", "holds"), [(0, False), (1, True), (2, True)])
def test_a_right_to_sign_holds_up_to_its_band(house: House, band: int, holds: bool) -> None:
    actions.confirm(given(house, band=band), by=house.actor("omar"), at=NOON)
    asked = list(house.policy.bands)[1]
    assert bool(delegates("memorandum", asked, house.policy, NOON)) is holds


def test_giver_receiver_and_confirmer_are_three_people(house: House) -> None:
    with pytest.raises(Refusal, match="themselves"):
        given(house, by="karin", to="karin")
    right = given(house, by="karin", to="omar")
    for same in ("karin", "omar"):
        with pytest.raises(Refusal, match="Another manager"):
            actions.confirm(right, by=house.actor(same), at=NOON)
    with pytest.raises(NotYours):
        actions.confirm(right, by=house.actor("maja"), at=NOON)


@pytest.mark.parametrize("same", ["karin", "omar"])
def test_the_database_itself_refuses_equal_people_on_a_right_to_sign(
    house: House, same: str
) -> None:
    right = given(house, by="karin", to="omar")
    right.confirmed_by, right.confirmed_at = house.people[same], NOON
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_the_database_itself_refuses_a_role_given_to_oneself(house: House) -> None:
    house.account("maja").role_given_by = house.people["maja"]
    with pytest.raises(IntegrityError):
        db.session.flush()
