"""Is it alive, is it ready, are the deadlines kept? Health is deadline lag, not "a process is up"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from duty.holes import holes_of, watched
from duty.models import DutyRole, HoleAlarm
from staff.models import Group
from tickets.audit import HEARTBEAT as AUDIT
from tickets.mailbox import HEARTBEAT, SILENT_AFTER
from tickets.models import Heartbeat, PolicyState, TimeLimit

SICK_AFTER = timedelta(seconds=60)
SLOW_AFTER = timedelta(seconds=20)
SOON = timedelta(hours=24)
UNAUDITED_AFTER = timedelta(minutes=5)
# When the sweeps last came round, the soonest instant at which any clock wants attention; and the auditor's
# heartbeat: when he last looked, how much he found, and since when there has been something.
ENGINE = f"""
ARRAY(SELECT at FROM tickets_heartbeat WHERE name IN ('tick', 'guard')),
(SELECT min(next_at) FROM tickets_clock WHERE next_at IS NOT NULL),
(SELECT at FROM tickets_heartbeat WHERE name = '{AUDIT}'),
(SELECT found FROM tickets_heartbeat WHERE name = '{AUDIT}'),
(SELECT since FROM tickets_heartbeat WHERE name = '{AUDIT}')
"""


class Why(StrEnum):
    """Why the watch is not kept, the gravest first."""

    SILENT = "silent"  # no sweep comes round
    LATE = "late"  # one does, and does not keep up
    FOUND = "found"  # the auditor has found what should have happened and did not
    UNAUDITED = "unaudited"  # nobody looks for that


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the watch is not kept, since when (None: it never was), and how much the auditor has found."""

    why: Why
    since: datetime | None
    found: int = 0

    @property
    def key(self) -> str:
        """The same as long as there is nothing new to say."""
        return f"{self.why}-{self.since and int(self.since.timestamp())}-{self.found}"


@dataclass(frozen=True, slots=True)
class Engine:
    """How the deadline engine does: `state` is ok, late or dead; `age` seconds since it last came round.

    `trouble` is why the watch is not kept, though the engine itself may do well; None where it is.
    """

    state: str
    age: int | None
    lag: int
    trouble: Trouble | None


def engine_state(now: datetime) -> Engine:
    """Judge the deadline engine by what the database knows of it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ENGINE}")
        return judge(*cursor.fetchone(), now)


def judge(
    beats: Sequence[datetime],
    soonest: datetime | None,
    audited_at: datetime | None,
    found: int | None,
    since: datetime | None,
    now: datetime,
) -> Engine:
    """Judge the engine by the oldest deadline not yet enforced, and by when sweep and auditor came round."""
    # A heartbeat from the future is old as well: somebody has set a clock back since.
    age = min((round(abs(now - at).total_seconds()) for at in beats), default=None)
    lag = 0 if soonest is None else max(0, round((now - soonest).total_seconds()))
    trouble = None
    if age is None or timedelta(seconds=age) > SICK_AFTER:
        trouble = Trouble(Why.SILENT, max((at for at in beats if at < now), default=None))
    elif timedelta(seconds=lag) > SICK_AFTER:
        trouble = Trouble(Why.LATE, soonest)
    elif found:
        trouble = Trouble(Why.FOUND, since, found)
    elif audited_at is None or abs(now - audited_at) > UNAUDITED_AFTER:
        trouble = Trouble(Why.UNAUDITED, audited_at)
    if trouble is not None and trouble.why in (Why.SILENT, Why.LATE):
        return Engine("dead", age, lag, trouble)
    is_slow = timedelta(seconds=max(age or 0, lag)) > SLOW_AFTER
    return Engine("late" if is_slow else "ok", age, lag, trouble)


@login_not_required
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The web process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """The database answers, its migrations are applied, and the limits that every record needs are there."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return _sick("migrations are missing: run manage.py migrate")
        if not TimeLimit.objects.filter(version__state=PolicyState.ADOPTED).exists():
            return _sick("time limits are missing: run manage.py load_defaults")
    except Error:
        return _sick("the database does not answer")
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def deadlines(request: HttpRequest) -> JsonResponse:
    """503 when the watch is not kept: a deadline is more than 60 s late, no sweep came round for 60 s, the
    auditor has found something, or he has not looked for 5 minutes.
    """
    try:
        engine = engine_state(timezone.now())
    except Error:
        return _sick("the database does not answer")
    trouble = engine.trouble
    facts = {
        "status": "dead" if trouble else engine.state,
        "lag_seconds": engine.lag,
        "last_sweep_seconds_ago": engine.age,
        "why": trouble.why if trouble else None,
        "since": trouble.since if trouble else None,
        "found": trouble.found if trouble else 0,
    }
    return JsonResponse(facts, status=503 if trouble else 200)


@login_not_required
@require_safe
def mail(request: HttpRequest) -> JsonResponse:
    """503 when the mailbox that clients write to was not read for 5 minutes; fine where there is none."""
    if not settings.MAIL_IN_URL:
        return JsonResponse({"status": "off"})
    try:
        at = Heartbeat.objects.filter(name=HEARTBEAT).values_list("at", flat=True).first()
    except Error:
        return _sick("the database does not answer")
    age = None if at is None else round((timezone.now() - at).total_seconds())
    if age is None or timedelta(seconds=abs(age)) > SILENT_AFTER:
        return JsonResponse({"status": "silent", "last_read_seconds_ago": age}, status=503)
    return JsonResponse({"status": "ok", "last_read_seconds_ago": age})


@login_not_required
@require_safe
def duty(request: HttpRequest) -> JsonResponse:
    """503 while a group that has a roster has nobody on duty. Figures alone, no names.

    `gaps_not_told_of` is 0 unless the sweep that tells of gaps has not come round since.
    """
    try:
        return _duty_state(timezone.now())
    except Error:
        return _sick("the database does not answer")


def _duty_state(now: datetime) -> JsonResponse:
    groups = list(watched())
    found = holes_of(groups, now, now + SOON)
    facing = [(key, hole) for key, own in found.items() for hole in own]
    empty = {key for key, hole in facing if hole.role == DutyRole.PRIMARY and hole.starts_at <= now}
    told = HoleAlarm.objects.filter(filled_at=None, ends_at__gt=now, starts_at__lt=now + SOON)
    known = Counter(told.values_list("group", "role"))
    not_told = Counter((key, hole.role) for key, hole in facing) - known
    facts = {
        "status": "gap" if empty else "near" if facing else "ok",
        "groups": len(groups),
        "groups_with_nobody_now": len(empty),
        "gaps_within_24_hours": len(facing),
        "gaps_not_told_of": not_told.total(),
        "groups_without_a_roster": Group.objects.count() - len(groups),
    }
    return JsonResponse(facts, status=503 if empty else 200)


def _sick(why: str) -> JsonResponse:
    return JsonResponse({"status": "unavailable", "detail": why}, status=503, headers={"Retry-After": "5"})
