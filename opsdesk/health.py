"""Is it alive, is it ready, are the deadlines kept? Health is deadline lag, not "a process is up"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tickets.mailbox import HEARTBEAT, SILENT_AFTER
from tickets.models import Heartbeat, PolicyState, TimeLimit

SICK_AFTER = timedelta(seconds=60)
SLOW_AFTER = timedelta(seconds=20)
# When the sweeps last came round, and the soonest instant at which any clock wants attention.
ENGINE = """
ARRAY(SELECT at FROM tickets_heartbeat WHERE name IN ('tick', 'guard')),
(SELECT min(next_at) FROM tickets_clock WHERE next_at IS NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Engine:
    """How the deadline engine does: `state` is ok, late or dead; `age` seconds since it last came round."""

    state: str
    age: int | None
    lag: int


def engine_state(now: datetime) -> Engine:
    """Judge the deadline engine by what the database knows of it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ENGINE}")
        return judge(*cursor.fetchone(), now)


def judge(beats: Sequence[datetime], soonest: datetime | None, now: datetime) -> Engine:
    """Judge the engine by the oldest deadline not yet enforced and by when a sweep last came round."""
    # A heartbeat from the future is old as well: somebody has set a clock back since.
    age = min((round(abs(now - at).total_seconds()) for at in beats), default=None)
    lag = 0 if soonest is None else max(0, round((now - soonest).total_seconds()))
    if age is None or timedelta(seconds=max(age, lag)) > SICK_AFTER:
        return Engine("dead", age, lag)
    return Engine("late" if timedelta(seconds=max(age, lag)) > SLOW_AFTER else "ok", age, lag)


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
    """503 when a deadline is more than 60 s late, or when no sweep came round for 60 s."""
    try:
        engine = engine_state(timezone.now())
    except Error:
        return _sick("the database does not answer")
    facts = {"status": engine.state, "lag_seconds": engine.lag, "last_sweep_seconds_ago": engine.age}
    return JsonResponse(facts, status=503 if engine.state == "dead" else 200)


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


def _sick(why: str) -> JsonResponse:
    return JsonResponse({"status": "unavailable", "detail": why}, status=503, headers={"Retry-After": "5"})
