"""The dashboard's figures out of the tallies (`tickets.models.Tally`), the same as if rows were counted.

A span of a tally that lies in a month only in part, and the one in which now lies, is counted row by row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from reports.kpi import IN_TIME, KPIS, Rate
from reports.months import Month, month_of
from tickets.models import Tally
from tickets.models.clock import ClockQuerySet
from tickets.models.tally import REPORTED, SPAN, span_of
from tickets.models.ticket import TicketQuerySet

Span = tuple[datetime, datetime]


def rates(
    tallies: QuerySet[Tally], clocks: ClockQuerySet, months: Sequence[Month], *, tz: ZoneInfo, now: datetime
) -> Mapping[tuple[str, Month], Rate]:
    """Return each rate in each month as `InTimeRate.measure` would: two queries for all of them.

    `tallies` and `clocks` are those that the reader may see.
    """
    kinds = {kpi.clock: kpi.key for kpi in KPIS.values()}
    spans = {month: (start, min(end, now)) for month in months for start, end in [month.span(tz)]}
    whole = {month: _whole(*span) for month, span in spans.items()}
    edges = {month: _edges(spans[month], whole[month]) for month in months}
    counted = _sums(tallies.filter(kind__in=kinds), whole)
    if any(edges.values()):
        rows = clocks.current().filter(_in_any([edge for all_ in edges.values() for edge in all_], "due_at"))
        counted += _counts(rows.filter(kind__in=kinds).order_by(), edges)
    found = {(key, month): (0, 0) for key in kinds.values() for month in months}
    for kind, month, in_time, due in counted:
        before = found[kinds[kind], month]
        found[kinds[kind], month] = before[0] + in_time, before[1] + due
    return {key: Rate(*pair) for key, pair in found.items()}


def reported(
    tallies: QuerySet[Tally], tickets: TicketQuerySet, months: Sequence[Month], *, tz: ZoneInfo
) -> Mapping[tuple[Month, int | None], int]:
    """Return how many records of each grade were reported in each of some successive months, in one query."""
    since, until = months[0].span(tz)[0], months[-1].span(tz)[1]
    if all(span_of(instant) == instant for month in months for instant in month.span(tz)):
        found = tallies.filter(kind=REPORTED, since__gte=since, since__lt=until).order_by()
        by_month = found.annotate(month=TruncMonth("since", tzinfo=tz)).values("month", "grade")
        rows = by_month.annotate(n=Sum("number"))
    else:  # where the clock goes by other offsets from UTC than multiples of a span
        records = tickets.filter(reported_at__gte=since, reported_at__lt=until).order_by()
        by_month = records.annotate(month=TruncMonth("reported_at", tzinfo=tz)).values("month", "grade")
        rows = by_month.annotate(n=Count("pk"))
    return {(month_of(row["month"]), row["grade"]): row["n"] for row in rows}


def _whole(start: datetime, end: datetime) -> Span:
    """The whole spans inside [start, end), as one; empty where there is none."""
    first = span_of(start + SPAN - timedelta(microseconds=1))
    return first, max(first, span_of(end))


def _edges(span: Span, whole: Span) -> list[Span]:
    """What of a span no whole one covers."""
    (start, end), (first, last) = span, whole
    parts = [(start, min(first, end)), (last, end)] if last > first else [(start, end)]
    return [(begin, finish) for begin, finish in parts if begin < finish]


def _sums(tallies: QuerySet[Tally], whole: Mapping[Month, Span]) -> list[tuple[str, Month, int, int]]:
    columns = {}
    for number, (first, last) in enumerate(whole.values()):
        within = Q(since__gte=first, since__lt=last)
        columns[f"due_{number}"] = Sum("number", filter=within, default=0)
        columns[f"in_time_{number}"] = Sum("stopped_in_time", filter=within, default=0)
    rows = tallies.filter(_in_any(whole.values(), "since")).order_by().values("kind").annotate(**columns)
    return _unfolded(rows, whole)


def _counts(
    clocks: ClockQuerySet, edges: Mapping[Month, Sequence[Span]]
) -> list[tuple[str, Month, int, int]]:
    columns = {}
    for number, parts in enumerate(edges.values()):
        within = _in_any(parts, "due_at")
        # Of "due_at", not "pk": then the index alone answers.
        columns[f"due_{number}"] = Count("due_at", filter=within)
        columns[f"in_time_{number}"] = Count("due_at", filter=within & IN_TIME)
    return _unfolded(clocks.values("kind").annotate(**columns), edges)


def _unfolded(
    rows: QuerySet[object, dict[str, object]], months: Mapping[Month, object]
) -> list[tuple[str, Month, int, int]]:
    """From one row a kind with columns for each month: (kind, month, in time, due)."""
    return [
        (row["kind"], month, row[f"in_time_{number}"], row[f"due_{number}"])
        for row in rows
        for number, month in enumerate(months)
    ]


def _in_any(spans: Collection[Span], column: str) -> Q:
    """Within one of the spans, and so within the outermost bounds: those an index can begin and end at."""
    condition = Q(pk__in=[])
    for start, end in spans:
        condition |= Q(**{f"{column}__gte": start, f"{column}__lt": end})
    if len(spans) > 1:
        first, last = min(start for start, _end in spans), max(end for _start, end in spans)
        condition &= Q(**{f"{column}__gte": first, f"{column}__lt": last})
    return condition
