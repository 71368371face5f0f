"""Quiet hours and the pace of robots, as tables."""

from datetime import time, timedelta

import pytest
from django.conf import settings

from opsdesk.testing import at
from staff.models import User
from staff.pacing import free_at, is_backlog, within_a_minute
from staff.quiet import held_until
from staff.topics import TOPICS, USUAL, Topic, never_waits, topic_of

NOON = at("2026-11-23 12:00")
SEC = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "start", "end", "until"),
    [
        ("2026-11-23 21:59", "22:00", "07:00", None),
        ("2026-11-23 22:00", "22:00", "07:00", "2026-11-24 07:00"),
        ("2026-11-23 23:59", "22:00", "07:00", "2026-11-24 07:00"),
        ("2026-11-24 00:00", "22:00", "07:00", "2026-11-24 07:00"),
        ("2026-11-24 06:59", "22:00", "07:00", "2026-11-24 07:00"),
        ("2026-11-24 07:00", "22:00", "07:00", None),
        ("2026-12-31 23:00", "22:00", "07:00", "2027-01-01 07:00"),
        ("2026-11-23 12:30", "12:00", "13:30", "2026-11-23 13:30"),
        ("2026-11-23 13:30", "12:00", "13:30", None),
        ("2026-11-23 11:59", "12:00", "13:30", None),
        ("2026-11-23 12:00", "12:00", "12:00", None),
    ],
)
def test_until_when_the_quiet_hours_hold_a_copy(now, start, end, until):
    held = held_until(at(now), time.fromisoformat(start), time.fromisoformat(end), zone=settings.TIME_ZONE)
    assert held == at(until or now)


def test_no_quiet_hours_hold_nothing():
    assert held_until(NOON, None, None, zone=settings.TIME_ZONE) == NOON


def test_a_robot_speaks_twenty_times_within_any_minute_and_no_more():
    sent = [NOON + number * SEC for number in range(19)]
    assert free_at(sent, NOON + 30 * SEC) == NOON + 30 * SEC
    sent.append(NOON + 19 * SEC)
    assert free_at(sent, NOON + 30 * SEC) == NOON + 60 * SEC
    assert free_at(sent, NOON + 59.999 * SEC) == NOON + 60 * SEC
    assert free_at(sent, NOON + 60 * SEC) == NOON + 60 * SEC
    assert within_a_minute(sent, NOON + 60 * SEC) == sent[1:]
    assert free_at([*sent, NOON + 60 * SEC], NOON + 60 * SEC) == NOON + 61 * SEC


def test_what_an_outage_left_behind():
    old, fresh = NOON - timedelta(minutes=6), NOON - timedelta(minutes=5)
    assert not is_backlog([fresh] * 50, NOON)
    assert not is_backlog([old] * 10 + [fresh] * 50, NOON)
    assert is_backlog([old] * 11, NOON)


@pytest.mark.parametrize(("params", "never"), [({"grade": 1}, True), ({"grade": 2}, False), ({}, False)])
def test_only_grade_one_never_waits(params, never):
    assert never_waits(params) is never


def test_every_notice_is_about_something_and_mentions_stay_in_the_inbox():
    kinds = {path.stem for path in (settings.BASE_DIR / "templates" / "notices").glob("*.txt")}
    assert set(TOPICS) <= kinds
    of_the_house = {"calendar_unknown", "intake"}  # whatever else is written, somebody waits for
    assert kinds - set(TOPICS) == of_the_house
    assert topic_of("something new") == Topic.HOUSE
    assert Topic.MENTION not in USUAL and Topic.REPORT_UP in USUAL
    assert set(User().email_topics) == set(Topic)
