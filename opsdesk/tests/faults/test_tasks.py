"""Every task may run twice, and may die between any two statements: the same state in the end."""

# ruff: noqa: T201  (figures)

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from random import Random

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from clients.models import Contact
from duty.models import CalendarYear
from opsdesk.celery import app
from opsdesk.schedule import SCHEDULE
from opsdesk.testing import Cast, build_cast
from opsdesk.tests.faults.conftest import DRILL, copied_database
from staff.delivery import LEASE, deliver
from staff.models import Delivery, IdempotencyKey, Notice
from tickets import actions
from tickets.models import (
    Clock,
    Entry,
    Escalation,
    Grade,
    Heartbeat,
    OutgoingMail,
    Presence,
    Ticket,
)
from tickets.post import post

HOUR = timedelta(hours=1)
app.loader.import_default_modules()


KILLS = 20  # of each task in the everyday run; the drill tries every statement


class Killed(BaseException):
    """Death between two statements: what was not committed is gone, and nothing after it happens."""


@contextmanager
def dying_at(number: int) -> Iterator[list[str]]:
    """Die instead of executing the statement of this number; the list tells which were executed."""
    done: list[str] = []

    def count(execute, sql, params, many, context):
        if len(done) + 1 == number:
            raise Killed(sql)
        done.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield done


def overdue(cast: Cast) -> None:
    """Two records with much to be done about them, one of them waiting."""
    long_ago = timezone.now() - 3 * HOUR
    actions.grade(cast.ticket(long_ago), Grade.ONE, reason="clause", by=cast.li, now=long_ago)
    ticket = actions.grade(cast.ticket(long_ago), Grade.TWO, reason="clause", by=cast.li, now=long_ago)
    ticket = actions.acknowledge(ticket, by=cast.chen, now=long_ago)
    soon = long_ago + HOUR
    actions.pause(ticket, reason="parts", text="备件", until=soon, by=cast.chen, now=long_ago)


def noticed(cast: Cast) -> None:
    overdue(cast)
    actions.enforce_deadlines(now=timezone.now())


def written(cast: Cast) -> None:
    """Two messages to a client who has an address."""
    Contact.objects.filter(pk=cast.contact.pk).update(email="sun@hospital.test")
    ticket = cast.ticket(timezone.now() - HOUR, contact=Contact.objects.get(pk=cast.contact.pk))
    for text in ("备件明早到。", "请保持开机。"):
        actions.write_to_client(ticket, text=text, by=cast.li, now=timezone.now())


def sunk(cast: Cast) -> None:
    """A record that the constraints cannot see: nothing runs on it."""
    ticket = cast.ticket(timezone.now() - HOUR)
    Clock.objects.filter(ticket=ticket).update(stopped_at=timezone.now(), next_at=None)


def unplanned_year(cast: Cast) -> None:
    CalendarYear.objects.update(is_official=False)


def old_answers(cast: Cast) -> None:
    for number, age in enumerate((1, 23, 25, 400)):
        at = timezone.now() - age * HOUR
        IdempotencyKey.objects.create(user=cast.li, key=str(number), endpoint="x", created_at=at)


def gone_home(cast: Cast) -> None:
    ticket = cast.ticket(timezone.now())
    for person, ago in ((cast.li, 1), (cast.chen, 40), (cast.wang, 4000)):
        seen_at = timezone.now() - timedelta(seconds=ago)
        Presence.objects.create(ticket=ticket, user=person, seen_at=seen_at)


WORK: dict[str, Callable[[Cast], None]] = {
    "tickets.tasks.enforce_deadlines": overdue,
    "staff.tasks.deliver_notices": noticed,
    "tickets.tasks.post_mail": written,
    "tickets.tasks.audit_records": sunk,
    "duty.tasks.check_calendar": unplanned_year,
    "staff.tasks.forget_idempotency_keys": old_answers,
    "tickets.tasks.forget_absent": gone_home,
}


def state() -> dict[str, object]:
    """Everything that a task may write, without row numbers and without the instants of this run."""
    clocks = Clock.objects.order_by("ticket__title", "ticket_id", "kind", "pk")
    return {
        "records": list(
            Ticket.objects.order_by("pk").values_list("status", "next_due_at", "owner__username")
        ),
        "clocks": [
            (c.kind, c.due_at, c.next_at, bool(c.near_marked_at), bool(c.breached_marked_at)) for c in clocks
        ],
        "report-ups": sorted(
            (
                e.clock.kind,
                e.target,
                str(e.due_at),
                bool(e.fired_at),
                sorted(p.username for p in e.told.all()),
            )
            for e in Escalation.objects.select_related("clock").prefetch_related("told")
        ),
        "history": sorted(
            (e.ticket_id, e.kind, str(e.changes.get("due_at")), str(e.changes.get("target")))
            for e in Entry.objects.all()
        ),
        "inbox": sorted(Notice.objects.values_list("recipient__username", "kind", "params__number")),
        "outbox": sorted(Delivery.objects.values_list("notice__recipient__username", "state")),
        "to clients": sorted(OutgoingMail.objects.values_list("message_id", "state")),
        "mail": sorted({message.extra_headers["Message-ID"] for message in mail.outbox}),
        "answers": sorted(IdempotencyKey.objects.values_list("key", flat=True)),
        "present": sorted(Presence.objects.values_list("user__username", flat=True)),
        "heartbeats": sorted(Heartbeat.objects.values_list("name", "note")),
    }


def run(name: str) -> None:
    app.tasks[name].run()
    if name == "staff.tasks.deliver_notices":
        while deliver(now=timezone.now() + 2 * LEASE):  # what a dead sender held is free a minute later
            pass
    if name == "tickets.tasks.post_mail":
        while post(now=timezone.now() + 2 * LEASE):
            pass


@pytest.fixture
def cast(own_database: str) -> Cast:
    return build_cast()


def test_every_task_of_the_schedule_is_tried_here() -> None:
    assert set(WORK) == {entry["task"] for entry in SCHEDULE.values()}


@pytest.mark.parametrize("name", WORK)
def test_a_task_that_runs_twice_has_the_result_of_once(cast: Cast, name: str) -> None:
    WORK[name](cast)
    before = state()
    run(name)
    once = state()
    assert once != before  # the control: there was something to do
    sent = len(mail.outbox)
    run(name)
    assert state() == once
    assert len(mail.outbox) == sent


@pytest.mark.parametrize("name", WORK)
def test_a_task_that_dies_anywhere_is_made_good_by_the_next(cast: Cast, name: str, dice: Random) -> None:
    WORK[name](cast)
    with copied_database():
        with dying_at(0) as statements:
            app.tasks[name].run()
        run(name)
        expected = state()
    kills = range(1, len(statements) + 1)
    if not DRILL:
        kills = sorted(dice.sample(kills, min(KILLS, len(kills))))
    for number in kills:
        mail.outbox.clear()
        with copied_database():
            with dying_at(number), suppress(Killed):
                app.tasks[name].run()
            run(name)
            assert state() == expected, f"killed at statement {number}"
            names = {message.extra_headers["Message-ID"] for message in mail.outbox}
            assert len(mail.outbox) - len(names) <= 1  # the copy in flight, under its own name
    print(f"{name}: killed at {len(kills)} of {len(statements)} statements")
