"""Sweepers and senders killed with SIGKILL at random instants, many times (docs/promises.md)."""

# ruff: noqa: T201  (figures)

import asyncio
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import Error, connection
from django.utils import timezone

from opsdesk.tests.faults.conftest import DRILL, SECOND, House, counted, lateness
from opsdesk.tests.faults.witness import noted
from staff.delivery import deliver
from staff.models import Delivery, DeliveryState, Notice, User
from staff.outbox import LEASE
from tickets.actions.deadlines import Pace, enforce_deadlines
from tickets.models import Clock, Entry, EntryKind, Escalation, Overrun, Target

PATIENCE = 600 if DRILL else 120  # seconds; the machine may be busy with other things as well
forked = multiprocessing.get_context("fork")  # a fresh interpreter for each of 200 would measure its start


def sweep_and_send() -> None:
    """What a worker does, for ever."""
    while True:
        enforce_deadlines(now=timezone.now(), batches=1)
        deliver(now=timezone.now())
        time.sleep(0.01)


def sweep() -> None:
    """The half of it that locks records."""
    while True:
        enforce_deadlines(now=timezone.now(), batches=1)
        time.sleep(0.01)


def report_naively() -> None:
    """The control: look for what is due, tell, then note that it was told. No lock, no transaction."""
    for step in Escalation.objects.filter(fired_at__isnull=True, due_at__lt=timezone.now()).order_by(
        "due_at"
    ):
        Entry.objects.create(ticket_id=step.ticket_id, kind=EntryKind.NOTE, at=step.due_at, text=str(step.pk))
        Escalation.objects.filter(pk=step.pk).update(fired_at=timezone.now())


def close_connections() -> None:
    """A child that inherits a connection would speak on ours.

    Playwright leaves a running event loop behind in a process that has had a browser, and under one Django
    keeps another connection than without; a child has none, and would find that one.
    """
    connection.close()
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        connection.close()
    finally:
        asyncio._set_running_loop(loop)


class Crowd:
    """Processes, one for each piece of work; one that is killed is replaced at once."""

    def __init__(self, *works: Callable[[], None]) -> None:
        self.works = works
        self.members = [self.one_more(work) for work in works]

    def one_more(self, work: Callable[[], None]) -> multiprocessing.process.BaseProcess:
        close_connections()
        member = forked.Process(target=work, daemon=True)
        member.start()
        return member

    def kill_one(self, dice: random.Random) -> None:
        place = dice.randrange(len(self.members))
        self.members[place].kill()  # SIGKILL, unless it has ended already
        self.members[place].join()
        self.members[place] = self.one_more(self.works[place])

    def end(self) -> None:
        for member in self.members:
            member.kill()
            member.join()


@pytest.mark.drill("kills")
def test_kills_lose_nothing_and_double_nothing(
    house: House, dice: random.Random, settings, figures: Callable[..., None]
) -> None:
    count, kills, over = (10_000, 200, 60) if DRILL else (1000, 40, 4)  # over so many seconds
    notes = house.start_witness()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", urlsplit(house.env["EMAIL_URL"]).port
    User.objects.exclude(pk=house.cast.wang.pk).update(email_notices=False)
    start = timezone.now() + SECOND * count / 150  # until then all is planted: else that would be lateness
    house.many(count, over=over, start=start)
    wait = (start - timezone.now()).total_seconds()
    assert wait > 0
    time.sleep(wait)
    begun = time.monotonic()
    crowd = Crowd(*[sweep_and_send] * 4)
    try:
        for _kill in range(kills):
            time.sleep(dice.uniform(0.2, 1.8) * over / kills)
            crowd.kill_one(dice)
        house.wait("all report-ups", house.nothing_left, PATIENCE)
        took = time.monotonic() - begun
        waiting = Delivery.objects.filter(state=DeliveryState.WAITING, next_try_at__lte=timezone.now())
        house.wait("every copy to leave", lambda: not waiting.all().exists(), PATIENCE)
    finally:
        crowd.end()
    while deliver(now=timezone.now() + LEASE):  # what a killed sender held, a minute later
        pass

    copies = noted(notes)
    doubled = sum(copies.values()) - len(copies)
    late = lateness(Escalation.objects.fired())
    figures(
        **counted(Escalation.objects.all(), due=3 * count),
        records=count,
        kills=kills,
        took_s=round(took, 1),
        median_s=round(late[len(late) // 2], 3),
        messages=len(copies),
        messages_twice=doubled,
    )
    assert late[0] > 0
    assert_right_levels(count)
    assert len(copies) == Delivery.objects.filter(state=DeliveryState.SENT).count() > count
    assert not Delivery.objects.exclude(state=DeliveryState.SENT).exists()
    assert doubled <= kills  # the same Message-ID again; never a silence


def assert_right_levels(count: int) -> None:
    """Every record: near and breached once each; 80 % to the owner, 100 % to the owner and the supervisor."""
    entries = Counter(Entry.objects.filter(by=None).values_list("ticket_id", "kind", "changes__target"))
    expected = {
        (EntryKind.NEAR, None): 1,
        (EntryKind.BREACHED, None): 1,
        (EntryKind.REPORTED_UP, Target.OWNER): 2,
        (EntryKind.REPORTED_UP, Target.SUPERVISOR): 1,
    }
    assert {(kind, target): number for (_ticket, kind, target), number in entries.items()} == expected
    assert len(entries) == count * len(expected)
    assert sum(entries.values()) == count * 5
    told = Counter(Notice.objects.filter(kind="report_up").values_list("recipient__username", flat=True))
    assert told == {"chen": 2 * count, "wang": count}
    assert Counter(Escalation.objects.fired().values_list("told__username", flat=True)) == told
    assert not Clock.objects.filter(next_at__isnull=False).exists()
    marks = Clock.objects.filter(near_marked_at__isnull=False, breached_marked_at__isnull=False, failures=0)
    assert marks.count() == count
    cases = Overrun.objects.values_list("ticket_id", "person__username", "state")
    assert Counter(cases) == {(pk, "chen", "open"): 1 for pk in marks.values_list("ticket_id", flat=True)}


@pytest.mark.drill("kills")
def test_the_harness_would_see_it(house: House, dice: random.Random) -> None:
    """The control: a sweep without lock and transaction doubles and loses, and the same looking finds it."""
    house.many(200, over=1, start=timezone.now() - 2 * SECOND)
    crowd = Crowd(*[report_naively] * 4)
    for _kill in range(5):
        time.sleep(dice.uniform(0.03, 0.1))
        crowd.kill_one(dice)
    house.wait("the naive ones", house.nothing_left, 30)
    crowd.end()
    told = Counter(Entry.objects.filter(kind=EntryKind.NOTE).values_list("text", flat=True))
    doubled = sum(told.values()) - len(told)
    print(f"naive: {doubled} of {len(told)} doubled")
    assert doubled > 0


@pytest.mark.drill("frozen")
def test_a_stopped_sweeper_holds_up_its_own_records_only(house: House) -> None:
    """SIGSTOP in the middle of a batch: the others go round it, and it harms nothing when it goes on."""
    house.many(400, over=0.5, start=timezone.now() - 2 * SECOND)
    crowd = Crowd(sweep)
    stop_in_the_middle(house, crowd.members[0].pid)
    try:
        enforce_deadlines(now=timezone.now())
        held = Clock.objects.filter(next_at__isnull=False).count()
    finally:
        os.kill(crowd.members[0].pid, signal.SIGCONT)
    house.wait("the rest", house.nothing_left, 20)
    crowd.end()
    print(f"{held} clocks were in the stopped sweeper's hands")
    assert 0 < held <= Pace().most
    assert_right_levels(400)


def stop_in_the_middle(house: House, pid: int) -> None:
    """Stop a process while it holds records: stop, look, and let it go on where it held none.

    A transaction has a number from its first lock on; before that (BEGIN alone) it holds nothing.
    """

    def holds_records() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND state = 'idle in transaction' AND backend_xid IS NOT NULL"
            )
            return bool(cursor.fetchone()[0])

    def has_stopped_there() -> bool:
        time.sleep(0.01)
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.02)  # what Postgres is doing for it comes to its end
        if holds_records():
            time.sleep(0.2)  # a COMMIT that it had sent already would have arrived by now
            if holds_records():
                return True
        os.kill(pid, signal.SIGCONT)
        return False

    house.wait("the sweeper to be in a batch", has_stopped_there, 20)


def test_deadlines_of_a_vanished_database_wait_for_it(house: House) -> None:
    """A sweep whose connection is cut writes nothing by halves and puts nothing off."""
    house.many(50, over=0.1, start=timezone.now() - timedelta(minutes=1))

    def cut(execute, sql, params, many, context):
        if "INSERT INTO staff_notice" in sql:  # the history of the whole batch stands before it
            connection.connection.close()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(cut), pytest.raises(Error):
        enforce_deadlines(now=timezone.now())
    connection.close()
    assert not Clock.objects.filter(failures__gt=0).exists()
    enforce_deadlines(now=timezone.now())
    assert_right_levels(50)
