"""Availability and the time between failures, of spans: second by second as far as the words go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import duckdb

from reports.periods import Period
from reports.scope import Scope

SHANGHAI = ZoneInfo("Asia/Shanghai")
COMPUTED = ("availability", "mtbf")
Span = tuple[datetime, datetime]
SYSTEMS = """
    SELECT s.id, s.in_service_since, s.client_id, c.group_id
    FROM clients_system s JOIN clients_client c ON c.id = s.client_id WHERE s.is_active
"""
FAULTS = """
    SELECT system_id, reported_at, coalesce(resolved_at, $now) FROM tickets_ticket
    WHERE kind = 'fault' AND grade = 1 AND status <> 'merged' AND system_id IS NOT NULL
"""
WINDOWS = """
    SELECT t.system_id, c.window_from, c.window_to FROM tickets_change c
    JOIN tickets_ticket t ON t.id = c.ticket_id
    WHERE c.started_at IS NOT NULL AND c.state <> 'withdrawn' AND c.window_from IS NOT NULL
        AND t.system_id IS NOT NULL
"""


def outages(
    raw: duckdb.DuckDBPyConnection, scope: Scope, periods: Sequence[Period], *, now: datetime
) -> dict[tuple[str, Period], tuple[float, float]]:
    """Return numerator and denominator of both KPIs, where the scope has systems at all."""
    if scope.person is not None:
        return {}
    systems = [
        (pk, since)
        for pk, since, client, group in raw.execute(SYSTEMS).fetchall()
        if scope.client in (None, client) and scope.group in (None, group)
    ]
    faults = raw.execute(FAULTS, {"now": now}).fetchall()
    windows = raw.execute(WINDOWS).fetchall()
    found = {}
    for period in periods:
        start, end = _midnight(period.first), min(_midnight(period.until), now)
        agreed = up = failures = 0.0
        for pk, since in systems:
            begins = max(start, _midnight(since)) if since else start
            planned = [(one, two) for system, one, two in windows if system == pk]
            down = [(one, two) for system, one, two in faults if system == pk]
            agreed += _outside(begins, end, planned)
            up += _outside(begins, end, planned + down)
            failures += sum(start <= reported < end for reported, _solved in down)
        # Agreed are whole seconds; what the outages take off is exact.
        found["availability", period] = (round(agreed) - (agreed - up), round(agreed))
        found["mtbf", period] = (up / 3600, failures)
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), SHANGHAI)


def _outside(start: datetime, end: datetime, spans: Sequence[Span]) -> float:
    """Return the seconds of [start, end) that lie in none of the spans: cut up at every edge."""
    if start >= end:
        return 0
    edges = {start, end}
    for one, two in spans:
        edges |= {edge for edge in (one, two) if start < edge < end}
    ordered = sorted(edges)
    return sum(
        (later - earlier).total_seconds()
        for earlier, later in zip(ordered, ordered[1:], strict=False)
        if not any(one <= earlier and later <= two for one, two in spans)
    )
