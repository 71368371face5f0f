"""The watcher's watcher: finds what should have happened and did not, and records that could sink (§3.2).

The database's own constraints hold most of it. The rest spans tables or time, so it is looked for once a
minute; what is looked for stands in `tickets/soundness.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from staff.actions import Occasion, notify_of
from staff.models import Role, User
from tickets.models import Heartbeat
from tickets.soundness import Look, looks

log = logging.getLogger(__name__)
HEARTBEAT = "audit"
MOST = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong (a stable English code) with which row, and of which record, where it is one's."""

    code: str
    row: int
    ticket: int | None

    @property
    def number(self) -> str:
        return f"T-{self.ticket}" if self.ticket else ""


def problems(now: datetime) -> list[Problem]:
    """Return up to 50 rows of each kind of broken state; an empty list is the normal case."""
    return answers(looks(now))


def answers(asked: Iterable[Look]) -> list[Problem]:
    """Return up to 50 rows for each question."""
    return [
        Problem(code, row, record[0] if record else None)
        for look in asked
        for code, row, *record in look.rows.values_list("code", "pk", *filter(None, [look.ticket]))[:MOST]
    ]


def audit(*, now: datetime) -> list[Problem]:
    """Look for broken state, tell the administrators once a day about each, and leave a heartbeat."""
    found = problems(now)
    administrators = list(User.objects.filter(is_active=True, role=Role.ADMINISTRATOR)) if found else []
    for problem in found:
        log.error("%s %s: %s", problem.number, problem.row, problem.code)
    notify_of([_occasion(problem, administrators, now) for problem in found], now=now)
    before = Heartbeat.objects.filter(name=HEARTBEAT).first()
    since = (before and before.since) or now
    Heartbeat.objects.update_or_create(
        name=HEARTBEAT,
        defaults={"at": now, "found": len(found), "since": since if found else None},
    )
    return found


def _occasion(problem: Problem, administrators: list[User], now: datetime) -> Occasion:
    """Of what is wrong with one record it is said once; what is a machine's own is told of by its kind."""
    url = reverse("tickets:detail", args=[problem.ticket]) if problem.ticket else ""
    key = f"audit:{problem.code}:{problem.ticket or ''}:{now:%Y-%m-%d}"
    facts = {"number": problem.number, "code": problem.code}
    return Occasion(administrators, "audit", facts, url=url, key=key)
