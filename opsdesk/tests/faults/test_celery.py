"""A grade-1 call left alone, with real workers and beats, some of them killed (§5.4.1)."""

# ruff: noqa: T201  (figures)

import random
import socket
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import redis
from django.utils import timezone

from opsdesk.tests.faults.conftest import (
    DRILL,
    LIMITS,
    SECOND,
    House,
    assert_all_happened_once,
    counted,
    lateness,
)
from staff.actions import notify
from staff.models import Delivery, DeliveryState, Notice
from tickets.actions.firing import LATE_AFTER
from tickets.audit import problems
from tickets.models import Clock, Entry, EntryKind, Escalation

PUNCTUAL = 2  # seconds
WHOLE_LADDER = max(LIMITS.values())


@pytest.mark.drill("punctual")
def test_a_grade_one_call_is_reported_up_punctually_though_a_worker_is_killed(house: House) -> None:
    house.start_celery(workers=2, beats=2)
    ticket = house.call()
    time.sleep(2.5)
    house.kill("worker0")
    time.sleep(2)
    house.kill("beat0")
    house.wait("all report-ups", house.nothing_left, WHOLE_LADDER + 15)
    steps = assert_all_happened_once(ticket)
    late = lateness(steps)
    print(f"{len(late)} report-ups, lateness: median {late[len(late) // 2]:.3f} s, worst {late[-1]:.3f} s")
    assert late[0] >= 0
    assert late[-1] <= PUNCTUAL
    assert not any(step.is_late for step in steps)
    for clock in ticket.clocks.current():
        assert timedelta(0) <= clock.near_marked_at - clock.near_at <= PUNCTUAL * SECOND
        assert timedelta(0) <= clock.breached_marked_at - clock.due_at <= PUNCTUAL * SECOND
    waiting = Delivery.objects.exclude(state=DeliveryState.SENT)
    house.wait("every copy to leave", lambda: not waiting.exists(), 15)
    assert problems(timezone.now()) == []


@pytest.mark.drill("outage")
def test_after_a_time_without_any_worker_everything_is_there_once_and_marked_late(house: House) -> None:
    away = 120 if DRILL else 30
    if DRILL:
        ticket = house.call()
        time.sleep(away)
    else:  # the rows are the same as if it had been logged then: the verbs take their instant
        ticket = house.call(now=timezone.now() - away * SECOND)
    assert not Escalation.objects.fired().exists()  # the control: nobody else does it
    assert not Entry.objects.filter(kind=EntryKind.BREACHED).exists()
    back = timezone.now()
    house.start_celery()
    house.wait("all report-ups", house.nothing_left, 10)
    steps = assert_all_happened_once(ticket)
    took = (max(step.fired_at for step in steps) - back).total_seconds()
    print(f"{len(steps)} report-ups of an outage of {away} s made good in {took:.1f} s, the start included")
    assert all(step.is_late for step in steps)
    assert all(step.fired_at - step.due_at > LATE_AFTER for step in steps)
    assert {entry.changes["late"] for entry in ticket.entries.filter(by=None)} == {True}
    told = Notice.objects.filter(kind="report_up")
    assert {notice.params["late"] for notice in told} == {True}


@pytest.mark.drill("workers")
def test_nothing_is_lost_when_workers_die_redis_forgets_and_postgres_hangs_up(
    house: House, dice: random.Random, figures: Callable[..., None]
) -> None:
    """Whole groups of real workers killed one after another, and everything else that fails meanwhile."""
    count, kills, flushes, over = (2000, 30, 5, 40) if DRILL else (300, 4, 2, 5)
    house.start_celery(workers=2, beats=2)
    house.many(count, over=over, start=timezone.now() + SECOND)
    dropped = 0
    for number in range(kills):
        time.sleep(over / kills)
        worker = dice.choice(["worker0", "worker1"])
        house.kill(worker)
        house.start_worker(worker)
        if number % (kills // flushes) == 0:
            redis.from_url(house.env["REDIS_URL"]).flushall()
            dropped += house.hang_up()
    took = house.wait("all report-ups", house.nothing_left, 300 if DRILL else 90)
    steps = Escalation.objects.filter(clock__kind="response")
    late = lateness(steps.fired())
    figures(
        **counted(steps, due=3 * count),
        kills=kills,
        flushes=flushes,
        connections_dropped=dropped,
        drained_s=round(took, 2),
        worst_s=round(late[-1], 2),
    )
    assert steps.count() == len(late) == 3 * count
    assert took <= 60
    assert Entry.objects.filter(kind=EntryKind.REPORTED_UP).count() == len(late)
    assert Entry.objects.filter(kind=EntryKind.BREACHED).count() == count
    assert not Clock.objects.filter(next_at__lt=timezone.now()).exists()


@pytest.mark.drill("mail")
@pytest.mark.skipif(not DRILL, reason="a matter for the drill: the mail server is waited for")
def test_a_mail_server_that_hangs_delays_no_deadline(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=500) as silent:
        house.env["EMAIL_URL"] = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        house.start_celery(workers=2)
        for number in range(60):
            notify([house.cast.wang], "assigned", {}, url="/", key=str(number), now=timezone.now())
        time.sleep(6)  # every sender hangs by now
        ticket = house.call()
        house.wait("all report-ups", house.nothing_left, WHOLE_LADDER + 30)
        late = lateness(assert_all_happened_once(ticket))
    print(f"with a hanging mail server: worst {late[-1]:.2f} s late")
    assert late[-1] <= 3 * PUNCTUAL
