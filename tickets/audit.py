"""The watcher's watcher: finds what should be true of every record and is not (§3.2).

The database's own constraints hold most of it. The rest spans tables, so it is looked for once a minute.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.urls import reverse

from staff.actions import notify
from staff.models import Role, User
from tickets.lifecycle import OVER
from tickets.models import Clock, Escalation, Heartbeat, Link, LinkKind, Status, Ticket

log = logging.getLogger(__name__)
OVERDUE_BY = timedelta(seconds=60)
MOST = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that could sink: which, and why (a stable English code)."""

    ticket: int
    code: str


def problems(now: datetime) -> list[Problem]:
    """Return up to 50 records of each kind of broken state; an empty list is the normal case."""
    clocks = Clock.objects.filter(ticket=OuterRef("pk")).running()
    soonest = clocks.order_by("due_at").values("due_at")[:1]  # ascending: Postgres puts the paused last
    unfired = Escalation.objects.filter(clock=OuterRef("pk"), fired_at__isnull=True, due_at__isnull=False)
    marked = Q(near_at__isnull=False, near_marked_at__isnull=True) | Q(breached_marked_at__isnull=True)
    merged = Link.objects.filter(record=OuterRef("pk"), kind=LinkKind.DUPLICATE)
    running = Clock.objects.running().filter(due_at__isnull=False)
    found = {
        "no_running_clock": Ticket.objects.open().filter(~Exists(clocks.filter(due_at__isnull=False))),
        "merged_into_nothing": Ticket.objects.filter(status=Status.MERGED).filter(~Exists(merged)),
        "next_due_is_not_the_clock": Ticket.objects.open()
        .annotate(soonest=Subquery(soonest))
        .exclude(next_due_at=F("soonest")),
    }
    result = [
        Problem(pk, code) for code, rows in found.items() for pk in rows.values_list("pk", flat=True)[:MOST]
    ]
    not_merged = Link.objects.filter(kind=LinkKind.DUPLICATE).exclude(record__status=Status.MERGED)
    result += [
        Problem(pk, "merged_but_not_so") for pk in not_merged.values_list("record_id", flat=True)[:MOST]
    ]
    on_clocks = {
        "deadline_not_enforced": Clock.objects.filter(next_at__lt=now - OVERDUE_BY),
        "clock_without_next_instant": running.filter(next_at__isnull=True).filter(marked | Exists(unfired)),
        "clock_of_a_closed_record": Clock.objects.running().filter(ticket__status__in=OVER),
    }
    for code, rows in on_clocks.items():
        result += [Problem(pk, code) for pk in rows.values_list("ticket_id", flat=True)[:MOST]]
    return result


def audit(*, now: datetime) -> list[Problem]:
    """Look for broken records, tell the administrators once a day about each, and leave a heartbeat."""
    found = problems(now)
    administrators = list(User.objects.filter(is_active=True, role=Role.ADMINISTRATOR)) if found else []
    for problem in found:
        log.error("record T-%s: %s", problem.ticket, problem.code)
        notify(
            administrators,
            "audit",
            {"number": f"T-{problem.ticket}", "code": problem.code},
            url=reverse("tickets:detail", args=[problem.ticket]),
            key=f"audit:{problem.code}:{problem.ticket}:{now:%Y-%m-%d}",
            now=now,
        )
    Heartbeat.objects.update_or_create(name="audit", defaults={"at": now, "note": f"{len(found)} problems"})
    return found
