"""The kept counts brought up to date: what became stale, what fell due, and month by month what lies before.

Each step is one transaction that takes the notes of one source and writes what was counted instead: dead
between any two statements, it leaves either the notes or the new counts, and what was done before it stays.
One at a time, by a lock that is asked for and never waited for; those who write records wait for none of it,
nor it for them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Count, Min
from django.db.models.functions import Now
from django.utils.timezone import get_default_timezone

from reports.actions.keptcounts import Counting, Uptimes
from reports.kept.calendar import day_of, midnight
from reports.kept.parts import Stale
from reports.kept.pieces import FAR_AHEAD, piece
from reports.kpis.definition import Kpi
from reports.kpis.series import KEPT
from reports.models import KeptCount, Reckoning, StaleSpan

log = logging.getLogger(__name__)

STINT = 4.0  # seconds: how long one run goes on counting what lies before
BEHIND = timedelta(seconds=2)  # so that a server whose clock is a little late still finds nothing ahead of it
MOST_NOTES = 20_000  # of what is stale of one source, taken at a time
IN_ARREARS = timedelta(minutes=1)  # a note that nobody took for so long
PAUSE = 0.2  # seconds, where another one is at it
LOCK = 0x6B657074  # "kept"

TAKE = """
DELETE FROM reports_stalespan
WHERE id IN (SELECT id FROM reports_stalespan WHERE source = %s ORDER BY id LIMIT %s)
RETURNING since, until
"""


def keep(*, now: datetime, stint: float = STINT) -> bool:
    """Bring the kept counts up to `now`, then count what lies before them for some seconds.

    Says whether everything is kept; not so where another one is at it.
    """
    begun = time.monotonic()
    if not bring_up(now=now):
        return False
    while (kpi := _next_to_reach_back()) is not None:
        if time.monotonic() - begun > stint or not _reach_back(kpi):
            return False
    return True


def count_anew(*, now: datetime) -> None:
    """Throw all counts away and count everything: for rows that came past the triggers. Takes its time."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for model in (StaleSpan, KeptCount, Reckoning):
            model.objects.all().delete()
    while not keep(now=now, stint=60):
        time.sleep(PAUSE)


def bring_up(*, now: datetime) -> bool:
    """Count once more what has become stale, and what has fallen due up to `now`; False: another one does.

    Source by source, that of which most is noted last: whatever takes too long holds nothing else up, and
    what was counted before it is not counted again.
    """
    by_source: dict[str, list[Kpi]] = {}
    for kpi in KEPT.values():
        by_source.setdefault(piece(kpi).source, []).append(kpi)
    noted = _noted()
    if not _forget_others(by_source):
        return False
    in_turn = sorted(by_source, key=lambda source: (noted.get(source, 0), source))
    return all(_bring_up(source, by_source[source], now - BEHIND) for source in in_turn)


def _noted() -> Mapping[str, int]:
    """How much is noted as stale of each source. What waits for too long is an error: pages become slow."""
    asked = StaleSpan.objects.values("source").annotate(number=Count("pk"), age=Now() - Min("noted_at"))
    found = list(asked)
    if late := [row for row in found if row["age"] > IN_ARREARS]:
        oldest = max(row["age"] for row in late)
        said = "Kept counts are in arrears: %d notes of %s wait, the oldest for %d s"
        sources = ", ".join(sorted(row["source"] for row in late))
        log.error(said, sum(row["number"] for row in late), sources, oldest.total_seconds())
    return {row["source"]: row["number"] for row in found}


@transaction.atomic
def _forget_others(by_source: Mapping[str, Sequence[Kpi]]) -> bool:
    """Forget what is kept and noted of figures that are no longer defined."""
    if not _is_alone():
        return False
    StaleSpan.objects.exclude(source__in=by_source).delete()
    gone = Reckoning.objects.exclude(pk__in=KEPT).values_list("pk", flat=True)
    if keys := list(gone):
        KeptCount.objects.filter(kpi__in=keys).delete()
        Reckoning.objects.filter(pk__in=keys).delete()
    return True


@transaction.atomic
def _bring_up(source: str, kpis: Sequence[Kpi], until: datetime) -> bool:
    """Take the notes of one source and count its figures."""
    if not _is_alone():
        return False
    stale = _take_stale(source)
    known = Reckoning.objects.in_bulk([kpi.key for kpi in kpis])
    tz, uptimes, reached = get_default_timezone(), Uptimes(), []
    for kpi in kpis:
        reckoning = known.get(kpi.key)
        if reckoning is None or reckoning.fingerprint != piece(kpi).fingerprint:
            reckoning = _begin(kpi, until, tz)
        Counting(kpi, reckoning, tz, uptimes).bring_up(stale, max(until, reckoning.until))
        reached.append(reckoning)
    Reckoning.objects.bulk_update(reached, ["until", "next_at", "is_whole"])
    return True


def _is_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _take_stale(source: str) -> Sequence[Stale]:
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [source, MOST_NOTES])
        return [(since, until or FAR_AHEAD) for since, until in cursor.fetchall()]


def _begin(kpi: Kpi, until: datetime, tz: ZoneInfo) -> Reckoning:
    """Of a figure that is new, or defined anew, nothing is kept yet: it is counted from this month on."""
    KeptCount.objects.filter(kpi=kpi.key).delete()
    month = midnight(day_of(until, tz).replace(day=1), tz)
    facts = {"since": month, "until": month, "next_at": month, "is_whole": False}
    facts["fingerprint"] = piece(kpi).fingerprint
    reckoning, _new = Reckoning.objects.update_or_create(pk=kpi.key, defaults=facts)
    return reckoning


def _next_to_reach_back() -> Kpi | None:
    """The figure whose kept counts reach back the least."""
    short = Reckoning.objects.filter(is_whole=False, kpi__in=KEPT).order_by("-since", "kpi").first()
    return KEPT[short.kpi] if short else None


@transaction.atomic
def _reach_back(kpi: Kpi) -> bool:
    """Count one month more of what lies before; False where another one is at it."""
    if not _is_alone():
        return False
    reckoning = Reckoning.objects.get(pk=kpi.key)
    Counting(kpi, reckoning, get_default_timezone()).reach_back()
    return True
