"""Who is drawn, who is left out, and what follows when no answer comes: tables, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from opsdesk.testing import MONDAY
from surveys.models import ExclusionReason as Why
from surveys.pursuing import Standing, Step, Terms, next_step, ways
from surveys.sampling import Candidate, excluded, is_drawn, percent_of

DAY = timedelta(days=1)
TERMS = Terms((3, 7), 10, 21)
SENT = Standing(MONDAY, 0, may_remind=True, has_next_way=True)


def test_the_draw_is_the_same_each_time_and_as_large_as_was_asked():
    drawn = [pk for pk in range(20_000) if is_drawn("seed", pk, 0, 20)]
    assert drawn == [pk for pk in range(20_000) if is_drawn("seed", pk, 0, 20)]
    assert 3_800 < len(drawn) < 4_200
    assert not any(is_drawn("seed", pk, 0, 0) for pk in range(2_000))
    assert all(is_drawn("seed", pk, 0, 100) for pk in range(2_000))
    assert set(drawn) <= {pk for pk in range(20_000) if is_drawn("seed", pk, 0, 50)}
    assert drawn != [pk for pk in range(20_000) if is_drawn("another", pk, 0, 20)]
    assert drawn != [pk for pk in range(20_000) if is_drawn("seed", pk, 1, 20)]


def test_a_client_type_may_have_a_share_of_its_own():
    rules = {(1, None): 100, (3, None): 20, (3, 7): 0, (None, None): 5}
    assert percent_of(rules, 1, 7) == 100
    assert percent_of(rules, 3, 7) == 0
    assert percent_of(rules, 3, 8) == 20
    assert percent_of(rules, None, 7) == 5
    assert percent_of(rules, 2, 7) == 0


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, None),
        ({"is_merged": True, "is_staff": True}, Why.MERGED),
        ({"is_staff": True, "has_contact": False}, Why.STAFF),
        ({"has_contact": False}, Why.NO_CONTACT),
        ({"is_active": False}, Why.INACTIVE),
        ({"is_drawn": False, "wants_none": True}, Why.NOT_SAMPLED),
        ({"wants_none": True, "has_open": True}, Why.OPTED_OUT),
        ({"has_open": True}, Why.OPEN_SURVEY),
        ({"last_sent_at": MONDAY - 30 * DAY + timedelta(seconds=1)}, Why.COOLDOWN),
        ({"last_sent_at": MONDAY - 30 * DAY}, None),
        ({"has_way": False}, Why.NO_WAY),
    ],
)
def test_the_first_reason_not_to_ask_is_the_one_that_is_kept(facts, reason):
    assert excluded(replace(Candidate(), **facts), cooldown=30 * DAY, now=MONDAY) == reason


@pytest.mark.parametrize(
    ("standing", "step", "days"),
    [
        ({}, Step.REMIND, 3),
        ({"reminders": 1}, Step.REMIND, 7),
        ({"reminders": 2}, Step.NEXT_WAY, 10),
        ({"may_remind": False}, Step.NEXT_WAY, 10),
        ({"may_remind": False, "has_next_way": False}, Step.GIVE_UP, 21),
        ({"reminders": 2, "has_next_way": False}, Step.GIVE_UP, 21),
    ],
)
def test_reminded_on_day_three_and_seven_then_rung_then_given_up(standing, step, days):
    assert next_step(TERMS, replace(SENT, **standing)) == (step, MONDAY + days * DAY)


def test_nothing_follows_after_the_end():
    short = Terms((3, 7), 10, 5)
    assert next_step(short, SENT) == (Step.REMIND, MONDAY + 3 * DAY)
    assert next_step(short, replace(SENT, reminders=1)) == (Step.GIVE_UP, MONDAY + 5 * DAY)


def test_what_a_client_prefers_comes_first_where_it_is_offered():
    assert ways(["email", "phone"], ["email", "phone"], "phone") == ["phone", "email"]
    assert ways(["email", "phone"], ["email", "phone"], "fax") == ["email", "phone"]
    assert ways(["email", "phone"], ["phone"], "email") == ["phone"]
    assert ways(["email"], [], "") == []
