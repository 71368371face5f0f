"""How fast the sweep works off what is due at once, beside SQL that writes the same rows and nothing else;
how late it is when a little falls due all the time; and what it costs when nothing does.

Each clock that falls due here has one report-up: the step and whom it was told, the entry in the history, the
notice, its copy in the outbox, the clock and the record are written.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from bench.generate import Newest, forget, newest
from staff.models import Delivery, Notice
from tickets import tasks
from tickets.actions.deadlines import enforce_deadlines
from tickets.models import (
    Clock,
    ClockKind,
    Entry,
    EntryKind,
    Escalation,
    EscalationRule,
    Grade,
    Target,
    Ticket,
)

SECOND = timedelta(seconds=1)
PLANTING = 30 * SECOND
AT_ONCE, ROUNDS, PER_SECOND, IDLE = 10_000, 3, 10, 200
AT_A_TIME = 400  # clocks a statement, as many as the sweep takes at most
FORKED = multiprocessing.get_context("fork")
# What is written, by statements as few as there can be: one for 400 clocks.
BARE = """
WITH due AS (
  SELECT c.id, c.ticket_id, t.owner_id FROM tickets_clock c JOIN tickets_ticket t ON t.id = c.ticket_id
  WHERE c.next_at < %(now)s ORDER BY c.next_at, c.id LIMIT %(batch)s FOR UPDATE OF t SKIP LOCKED
), steps AS (
  UPDATE tickets_escalation e SET fired_at = %(now)s, is_late = false, found_nobody = false FROM due
  WHERE e.clock_id = due.id AND e.fired_at IS NULL AND e.due_at < %(now)s
  RETURNING e.id, e.ticket_id, e.due_at, e.target, due.owner_id
), told AS (
  INSERT INTO tickets_escalation_told (escalation_id, user_id) SELECT id, owner_id FROM steps
), history AS (
  INSERT INTO tickets_entry (ticket_id, kind, at, text, changes)
  SELECT ticket_id, 'reported_up', %(now)s, '', jsonb_build_object('clock', 'response', 'due_at', due_at,
    'late', false, 'target', target, 'reached', target, 'told', jsonb_build_array(owner_id)) FROM steps
), notices AS (
  INSERT INTO staff_notice (recipient_id, kind, params, url, key, created_at)
  SELECT owner_id, 'report_up', jsonb_build_object('number', ticket_id, 'title', 'bench', 'client', 'bench',
    'due_at', due_at, 'late', false, 'turn', 0), '/tickets/' || ticket_id, 'escalation:' || id, %(now)s
  FROM steps RETURNING id
), copies AS (
  INSERT INTO staff_delivery
    (notice_id, channel, state, next_try_at, attempts, lease, error, message, answer)
  SELECT id, 'email', 'waiting', %(now)s, 0, 0, '', '', '' FROM notices
), records AS (
  UPDATE tickets_ticket t SET version = version + 1 FROM due WHERE t.id = due.ticket_id
)
UPDATE tickets_clock c SET next_at = c.due_at FROM due WHERE c.id = due.id
"""


def measure_sweep(*, seconds: int) -> None:
    """Print all of it; `seconds` is how long a little falls due all the time."""
    before = newest()
    _put_off("1000 days")
    try:
        _nothing()
        _many_at_once(before)
        forget(before)
        _all_the_time(before, seconds)
    finally:
        forget(before)
        _put_off("-1000 days")


def _put_off(by: str) -> None:
    """Keep the generated records from falling due meanwhile, or let them again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tickets_clock SET next_at = next_at + %s::interval WHERE next_at IS NOT NULL", [by]
        )
        cursor.execute("VACUUM ANALYZE tickets_clock")


def _many_at_once(before: Newest) -> None:
    ways: dict[str, Callable[[], None]] = {
        "bare SQL": _bare,
        "the sweep": _sweep,
        "two sweeps": lambda: _together(2),
    }
    spent: dict[str, list[Spent]] = {name: [] for name in ways}
    _plant(AT_ONCE, start=timezone.now() - SECOND, over=SECOND / 2)
    for _round in range(ROUNDS):
        for name, way in ways.items():
            _take_back(before)
            spent[name].append(_spent(way))
            _check(before)
    print(f"{AT_ONCE:,} due at once among {Clock.objects.count():,} clocks, each reported up; by turns")
    for name, found in spent.items():
        rates = [AT_ONCE / each.wall for each in found]
        line = (
            f"  {name:12}{max(rates):8,.0f} a second at best, {statistics.median(rates):8,.0f} in the middle"
        )
        if name != "two sweeps":
            alone = AT_ONCE / min(each.ours + each.theirs for each in found)
            line += f"; {alone:8,.0f} if nothing else ran"
        print(line)
    print(f"  load of the machine: {', '.join(f'{load:.1f}' for load in os.getloadavg())}", flush=True)


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds: in all, and those that this process and its server process really ran.

    What else the machine does slows the first down and not the others. A server elsewhere tells nothing of
    its own: 0.
    """

    wall: float
    ours: float
    theirs: float


def _spent(act: Callable[[], None]) -> Spent:
    connection.close()  # a child that inherits a connection would speak on ours
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    ran, wall, ours = _ran(pid), time.perf_counter(), time.process_time()
    act()
    return Spent(time.perf_counter() - wall, time.process_time() - ours, _ran(pid) - ran)


def _ran(pid: int) -> float:
    """How many seconds a process has been on a processor."""
    facts = Path(f"/proc/{pid}/schedstat")
    return int(facts.read_text().split()[0]) / 1e9 if facts.exists() else 0.0


def _take_back(before: Newest) -> None:
    """As if none of what was planted had fired."""
    ticket, notice = before
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL session_replication_role = replica"
        )  # history refuses to be deleted otherwise
        for sql in (
            "DELETE FROM tickets_entry WHERE ticket_id > %s",
            "DELETE FROM tickets_escalation_told t USING tickets_escalation e"
            " WHERE e.id = t.escalation_id AND e.ticket_id > %s",
            "UPDATE tickets_escalation SET fired_at = NULL WHERE ticket_id > %s",
            "UPDATE tickets_clock c SET next_at = e.due_at FROM tickets_escalation e"
            " WHERE e.clock_id = c.id AND c.ticket_id > %s",
        ):
            cursor.execute(sql, [ticket])
        cursor.execute("DELETE FROM staff_delivery WHERE notice_id > %s", [notice])
        cursor.execute("DELETE FROM staff_notice WHERE id > %s", [notice])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE tickets_clock, tickets_escalation, tickets_ticket")


def _bare() -> None:
    with connection.cursor() as cursor:
        while True:
            cursor.execute(BARE, {"now": timezone.now(), "batch": AT_A_TIME})
            if cursor.rowcount < AT_A_TIME:
                return


def _sweep() -> None:
    enforce_deadlines(now=timezone.now())


def _together(number: int) -> None:
    connection.close()
    workers = [FORKED.Process(target=_sweep) for _worker in range(number)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def _check(before: Newest) -> None:
    """Everything is there, however it was written."""
    ticket, notice = before
    assert not Clock.objects.filter(ticket__gt=ticket, next_at__lt=timezone.now()).exists()
    steps = Escalation.objects.fired().filter(ticket__gt=ticket)
    assert steps.count() == Escalation.told.through.objects.filter(escalation__ticket__gt=ticket).count()
    entries = Entry.objects.filter(ticket__gt=ticket, kind=EntryKind.REPORTED_UP)
    copies = Delivery.objects.filter(notice__gt=notice, state="waiting")
    counts = [rows.count() for rows in (steps, entries, Notice.objects.filter(pk__gt=notice), copies)]
    assert counts == [AT_ONCE] * 4, counts


def _all_the_time(before: Newest, seconds: int) -> None:
    """Some fall due every second; a worker ticks as it does under Celery."""
    ends: dict[datetime, datetime] = {}
    real = tasks.sweep

    def noted(*, now: datetime, batches: int) -> int:
        fired = real(now=now, batches=batches)
        ends[now] = timezone.now()  # what fired is committed by then
        return fired

    start = timezone.now() + PLANTING
    _plant(PER_SECOND * seconds, start=start, over=seconds * SECOND)
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")  # else all that `_put_off` has changed is written to disk meanwhile
    assert timezone.now() < start - SECOND  # what is planted late is not swept late
    tasks.sweep = noted
    try:
        while timezone.now() < start + (seconds + 2) * SECOND:
            tasks.watch(until=timezone.now() + tasks.TICK, name="tick")
            time.sleep(0.01)
    finally:
        tasks.sweep = real
    steps = Escalation.objects.fired().filter(ticket__gt=before[0]).values_list("due_at", "fired_at")
    late = sorted((ends[fired_at] - due_at).total_seconds() * 1000 for due_at, fired_at in steps)
    assert len(late) == PER_SECOND * seconds
    p50, p99 = late[len(late) // 2], late[len(late) * 99 // 100]
    worst = late[-1]
    print(f"{PER_SECOND} a second for {seconds} s: p50 {p50:.1f}, p99 {p99:.1f}, worst {worst:.1f} ms late")


def _nothing() -> None:
    """Ticks that find nothing: the time for which the database works on one, and what it takes in all."""

    def ticks() -> None:
        for _tick in range(IDLE):
            tasks.watch(until=timezone.now(), name="tick")

    ticks()
    found = [_spent(ticks) for _round in range(ROUNDS)]
    theirs, wall = (
        min(seconds) * 1000 / IDLE for seconds in zip(*((f.theirs, f.wall) for f in found), strict=True)
    )
    print(
        f"a tick that finds nothing: {theirs:.2f} ms of the database's work, {wall:.2f} ms in all", flush=True
    )


def _plant(count: int, *, start: datetime, over: timedelta) -> None:
    """Copies of an open record, each with one clock on which one report-up falls due in that span."""
    rule = EscalationRule.objects.filter(
        kind=ClockKind.RESPONSE, grade=Grade.THREE, target=Target.OWNER, version__state="adopted"
    ).first()
    pattern = Ticket.objects.open().filter(grade=Grade.THREE, owner__email__gt="").first()
    assert rule and pattern
    clock = pattern.clocks.first()
    assert clock
    columns = ", ".join(
        f'"{field.column}"' for field in Ticket._meta.concrete_fields if not field.primary_key
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
WITH new AS (
  INSERT INTO tickets_ticket ({columns})
  SELECT {columns} FROM tickets_ticket, generate_series(1, {count}) WHERE id = %(ticket)s RETURNING id
), numbered AS (SELECT id, row_number() OVER () AS place FROM new
), clocks AS (
  INSERT INTO tickets_clock (ticket_id, kind, cycle, grade, "limit", near_percent, round_the_clock,
    started_at, near_at, due_at, near_marked_at, next_at, failures)
  SELECT id, 'response', 1, 3, interval '1 day', 80, true, %(start)s, %(start)s, %(start)s + interval '1 day',
    %(start)s, %(start)s + %(over)s * place / {count}, 0 FROM numbered
  RETURNING id, ticket_id, next_at
)
INSERT INTO tickets_escalation
  (ticket_id, clock_id, rule_id, turn, target, "offset", due_at, is_late, found_nobody)
SELECT ticket_id, id, %(rule)s, 0, 'owner', interval '1 hour', next_at, false, false FROM clocks
""",
            {"ticket": pattern.pk, "start": start, "over": over, "rule": rule.pk},
        )
        cursor.execute("ANALYZE tickets_clock")
