"""The guard: deadlines without Redis and Celery; and Redis gone and back under real processes."""

# ruff: noqa: T201  (figures)

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from clients.models import Channel
from opsdesk.health import engine_state
from opsdesk.tests.faults.conftest import (
    DRILL,
    SECOND,
    House,
    assert_all_happened_once,
    counted,
    lateness,
)
from opsdesk.tests.faults.test_tasks import asked_what_if, exceeded
from opsdesk.tests.faults.web import Web
from staff.models import Delivery, DeliveryState, User
from tickets import actions
from tickets.management.commands import guard
from tickets.models import Cause, ClockKind, Escalation, Grade, Heartbeat, Overrun, Ticket, WhatIf

STAND_IN_WITHIN = 25  # seconds without Redis after which the guard has taken over, whatever happens


def beats() -> dict[str, datetime]:
    return dict(Heartbeat.objects.values_list("name", "at"))


def guard_once() -> None:
    call_command("guard", "--once")


# One round


def test_a_round_without_ticks_enforces_delivers_and_audits(house: House) -> None:
    ticket = house.call(now=timezone.now() - 60 * SECOND)
    guard_once()
    steps = assert_all_happened_once(ticket)
    assert all(step.is_late for step in steps)
    assert set(beats()) == {"guard", "audit"}
    assert Delivery.objects.filter(state=DeliveryState.SENT).exists()
    assert engine_state(timezone.now()).state == "ok"


def test_a_round_without_ticks_does_what_else_comes_of_itself(house: House) -> None:
    """Cases of overrun are told of and settled, and what-if runs worked off, without Redis as well."""
    asked_what_if(house.cast)
    exceeded(house.cast)
    guard_once()
    assert not Overrun.objects.standing().filter(state="open", told=0).exists()
    assert Overrun.objects.filter(state="settled").exists()
    assert WhatIf.objects.get().finished_at is not None


def test_a_chore_that_fails_holds_up_no_other_and_is_said(house: House, monkeypatch) -> None:
    asked_what_if(house.cast)

    def fails(*, now: datetime) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(guard, "CHORES", (fails, *guard.CHORES))
    with pytest.raises(SystemExit) as ended:
        guard_once()
    assert ended.value.code == 1
    assert WhatIf.objects.get().finished_at is not None


def test_a_round_while_ticks_come_leaves_the_work_to_them(house: House) -> None:
    house.call(now=timezone.now() - 60 * SECOND)
    Heartbeat.objects.create(name="tick", at=timezone.now() - 19 * SECOND)
    guard_once()
    assert not Escalation.objects.fired().exists()
    assert set(beats()) == {"tick", "audit"}
    audited = beats()["audit"]
    guard_once()
    assert beats()["audit"] == audited  # it came round just now


@pytest.mark.parametrize("age", [21, -3600])
def test_a_tick_that_is_old_or_from_the_future_is_none(house: House, age: int) -> None:
    Heartbeat.objects.create(name="tick", at=timezone.now() - age * SECOND)
    guard_once()
    assert "guard" in beats()


@pytest.mark.parametrize("trouble", [OperationalError, InterfaceError])
def test_a_database_that_does_not_answer_is_no_end_of_the_watch(house: House, trouble, monkeypatch) -> None:
    def dead(execute, sql, params, many, context):
        raise trouble("gone")

    with connection.execute_wrapper(dead), pytest.raises(SystemExit) as ended:
        guard_once()
    assert ended.value.code == 1  # said by its status; without --once it tries again
    guard_once()
    assert "guard" in beats()


# As a process


@pytest.mark.drill("guard")
def test_the_guard_alone_keeps_every_promise(house: House) -> None:
    """No Redis, no Celery; and Postgres hangs up twice meanwhile."""
    house.start_guard()
    house.wait("the guard", lambda: "guard" in beats(), 20)
    ticket = house.call()
    for _time in range(2):
        time.sleep(2.5)
        assert house.hang_up() >= 1
    house.wait("all report-ups", house.nothing_left, 25)
    late = lateness(assert_all_happened_once(ticket))
    print(f"the guard alone: median {late[len(late) // 2]:.3f} s late, worst {late[-1]:.2f} s")
    assert late[-1] <= 5  # after a hang-up it looks again in 2 s
    waiting = Delivery.objects.exclude(state=DeliveryState.SENT)
    house.wait("every copy to leave", lambda: not waiting.exists(), 15)


@pytest.mark.drill("redis")
def test_redis_dies_and_comes_back(house: House) -> None:
    web = Web(house)
    house.start_celery()
    house.start_guard()
    for _time in range(5 if DRILL else 1):
        house.wait("a sound house", lambda: web.get("/healthz/deadlines") == (200, "ok"), 20)
        house.kill("valkey")
        died = timezone.now()
        number = web.log_call()  # at once: no request waits for Redis
        ticket = actions.grade(
            Ticket.objects.get(pk=number), Grade.ONE, reason="clause", by=house.cast.li, now=timezone.now()
        )
        house.wait("all report-ups", house.nothing_left, 60)
        late = lateness(assert_all_happened_once(ticket))
        stood_in = (Heartbeat.objects.get(name="guard").at - died).total_seconds()
        print(f"without Redis: worst {late[-1]:.1f} s late; the guard came round {stood_in:.1f} s after")
        assert late[-1] <= STAND_IN_WITHIN
        assert web.get("/healthz/deadlines")[0] == 200  # never lapsed for a minute
        house.start_valkey()
        back = timezone.now()
        took = house.wait("ticks again", lambda back=back: ticks_again(house, back), 30)
        again = house.call()
        first = again.escalations.filter(clock__kind=ClockKind.DIAGNOSIS, offset=timedelta(0)).get()
        house.wait("a report-up by the worker", lambda first=first: has_fired(first), 10)
        print(f"Redis back: ticks again after {took:.1f} s; ended by themselves: {house.ended_by_themselves}")
        close(again, by=house.cast.chen)
    house.wait("the guard to step back", lambda: "ticks are back" in log_of_the_guard(house), 20)


@pytest.mark.drill("redis")
def test_requests_are_answered_and_deadlines_kept_without_redis(
    house: House, figures: Callable[..., None]
) -> None:
    """Pages, lists and calls while Redis is gone: no answer says that the house is broken."""
    requests = 1000 if DRILL else 60
    web = Web(house)
    house.start_celery()
    house.start_guard()
    house.kill("valkey")
    ticket = house.call()
    answers: Counter[int] = Counter()
    for number in range(requests):
        answers[web.log_call_once(f"call-{number}")[0] if number % 5 == 0 else web.status(number)] += 1
    steps = ticket.escalations.all()
    house.wait("all report-ups", lambda: not steps.filter(fired_at=None).exists(), 60)
    figures(**counted(steps, due=steps.count()), requests=requests, answers=dict(answers))
    assert set(answers) == {200, 201}
    assert lateness(assert_all_happened_once(ticket))[-1] <= STAND_IN_WITHIN
    assert Ticket.objects.count() == 1 + requests // 5


def ticks_again(house: House, since: datetime) -> bool:
    """A worker may end rather than reconnect; then the supervisor's restart counts as coming back."""
    house.supervise()
    return house.has_ticked_since(since)


def close(ticket: Ticket, *, by: User) -> None:
    now = timezone.now()
    ticket = actions.acknowledge(ticket, by=by, now=now)
    ticket = actions.resolve(ticket, solution="重启", cause=Cause.SOFTWARE, by=by, now=now)
    actions.confirm(ticket, confirmed_by="孙主任", channel=Channel.PHONE, by=by, now=now)


def has_fired(step: Escalation) -> bool:
    return Escalation.objects.fired().filter(pk=step.pk).exists()


def log_of_the_guard(house: House) -> str:
    return (house.folder / "guard.log").read_text()
