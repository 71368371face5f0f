"""What Celery runs for the records: one line over a verb, plus the second in which it waits precisely."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from tickets import actions
from tickets.actions.deadlines import enforce_deadlines as sweep
from tickets.actions.deadlines import next_deadline
from tickets.actions.rehearsal import rehearse as work_off
from tickets.actions.tallies import add_up
from tickets.audit import audit
from tickets.mailbox import read_mailbox
from tickets.models import Heartbeat
from tickets.post import post

TICK = timedelta(seconds=1)
STINT = 3  # seconds: how long one task rehearses before another gets its turn
AFTER, BUSY = 0.0005, 0.05  # seconds: an instant has passed only after it; how long others need for a batch


@shared_task(name="tickets.tasks.enforce_deadlines")
def enforce_deadlines() -> None:
    """Enforce what is due, then sleep to each deadline within this second: none waits for a tick."""
    watch(until=timezone.now() + TICK, name="tick")


@shared_task(name="tickets.tasks.convene_meetings")
def convene_meetings() -> None:
    """Convene the coordination meetings that a report-up asks for (§5.4.1.2)."""
    actions.convene_due(now=timezone.now())


@shared_task(name="tickets.tasks.tend_follow_ups")
def tend_follow_ups() -> None:
    """Tell of measures and follow-ups of coordination meetings that are overdue (§5.4.1.2)."""
    actions.tend_follow_ups(now=timezone.now())


@shared_task(name="tickets.tasks.audit_records")
def audit_records() -> None:
    """Look for records that could sink, and tell the administrators (§3.2)."""
    audit(now=timezone.now())


@shared_task(name="tickets.tasks.read_mail")
def read_mail() -> None:
    """Take what clients have written to the mailbox."""
    read_mailbox(now=timezone.now())


@shared_task(name="tickets.tasks.post_mail")
def post_mail() -> None:
    """Send the e-mails to clients that wait in the outbox."""
    post(now=timezone.now())


@shared_task(name="tickets.tasks.watch_windows")
def watch_windows() -> None:
    """Warn of windows of remote access that end, and destroy the passwords of those that are over."""
    actions.watch_windows(now=timezone.now())


@shared_task(name="tickets.tasks.forget_absent")
def forget_absent() -> None:
    """Forget who has closed a record."""
    actions.forget_absent(now=timezone.now())


@shared_task(name="tickets.tasks.tend_overruns")
def tend_overruns() -> None:
    """Tell of overruns that are new or wait too long, and settle what nobody appealed against (§3.2)."""
    actions.tend_overruns(now=timezone.now())


@shared_task(name="tickets.tasks.tend_handovers")
def tend_handovers() -> None:
    """Tell those whose change of duty nobody has signed in time, then their supervisor (§5.1)."""
    actions.tend_handovers(now=timezone.now())


@shared_task(name="tickets.tasks.tend_changes")
def tend_changes() -> None:
    """Remind of the windows of changes that open within a day, and within an hour (tail §7.2)."""
    actions.tend_changes(now=timezone.now())


@shared_task(name="tickets.tasks.follow_names")
def follow_names() -> None:
    """Let records be found under the new name of whoever has changed it."""
    actions.follow_names(now=timezone.now())


@shared_task(name="tickets.tasks.add_up_tallies")
def add_up_tallies() -> None:
    """Keep the tallies short, from which the dashboard has its figures."""
    add_up()


@shared_task(name="tickets.tasks.rehearse")
def rehearse() -> None:
    """Work off what-if runs, some seconds at a time."""
    work_off(now=timezone.now(), seconds=STINT)


def watch(*, until: datetime, name: str) -> None:
    """Sweep now and at every deadline up to `until` (aware); leave a heartbeat under `name`.

    Comes back at `until` even when a great deal is due: what is left is for the next tick, so that one round
    never outlasts the time that a task may take, and the heartbeat does not stop while work is being done.
    """
    while True:
        now = timezone.now()
        fired = sweep(now=now, batches=1)
        Heartbeat.objects.update_or_create(name=name, defaults={"at": now})
        soonest = next_deadline()
        if soonest is None or soonest >= until or now >= until:
            return
        if not fired:
            # Nothing due yet, or all of it is in another worker's hands.
            wait = (soonest - timezone.now()).total_seconds() + AFTER
            time.sleep(wait if wait > 0 else BUSY)
