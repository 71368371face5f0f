"""The telephone of the last three months, filed by supervisors; and a target set anew (§3.1, §5.2)."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from clients.models import Channel
from opsdesk.demo.people import HOME, Staff
from opsdesk.demo.texts import load
from reports.actions.phone import file_calls
from reports.actions.targets import set_target
from staff.models import Role
from tickets.models import Ticket

DAYS = 92
RAISED = 96.0  # what is aimed at with the first answers from this month on, per cent


def ring(rng: random.Random, staff: Staff, *, now: datetime) -> None:
    """File a day's calls for each group up to yesterday: somewhat more than were recorded."""
    texts, tz = load("telephone"), timezone.get_default_timezone()
    today = timezone.localdate(now, tz)
    recorded = _recorded(now - timedelta(days=DAYS + 1))
    for team in staff.teams:
        for age in range(DAYS, 0, -1):
            day = today - timedelta(days=age)
            answered = round(recorded[team.group.pk, day] * rng.uniform(1.0, 1.15)) + rng.randint(0, 1)
            numbers = {"offered": answered + rng.choice((0, 0, 0, 1, 2)), "answered": answered}
            then = now - timedelta(days=age - 1)
            file_calls(team.group, day, **numbers, by=team.supervisors[0], now=then)
            if team.group.code == HOME and age == 2:
                numbers["offered"] += 1
                file_calls(team.group, day, **numbers, note=texts["late"], by=team.supervisors[0], now=now)
    auditor = next(user for user in staff.everyone if user.role == Role.AUDITOR)
    set_target(
        "response",
        since=today,
        target=RAISED,
        minimum_sample=None,
        reason=texts["target"],
        by=auditor,
        now=now,
    )


def _recorded(since: datetime) -> Counter[tuple[int, object]]:
    day = TruncDate("reported_at", tzinfo=timezone.get_default_timezone())
    rows = Ticket.objects.filter(channel=Channel.PHONE, reported_at__gte=since).order_by()
    counts = rows.values_list("group", day).annotate(n=Count("pk"))
    return Counter({(group, on): n for group, on, n in counts})
