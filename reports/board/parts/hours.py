"""When people call: records by weekday and hour of the call."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from django.db.models import Count, DateTimeField, Func, Value
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.board.asked import Board
from reports.board.parts.part import Cell, Legend, Row, Shown, behind, number
from reports.charts.heat import DAYS, HOURS, heat_map, spans_of
from reports.kpis.volume import REPORTED
from reports.scope import Scope

HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def hours(board: Board) -> Shown:
    """Count the records reported in the period, by the clock of the house."""
    start, end = board.period.span(get_default_timezone())
    names, counts = weekdays(), counts_of(board.chosen.scope, start, end, now=board.now)
    totals, address = _with_totals(counts), behind(board, "reported")

    def cell(day: int | None, hour: int | None) -> Cell:
        at = {"day": day, "hour": hour}
        which = "".join(f"&{name}={value}" for name, value in at.items() if value is not None)
        return number(totals[day, hour], address + which, is_strong=None in (day, hour))

    days: list[int | None] = [*range(DAYS), None]
    columns: list[int | None] = [*range(HOURS), None]
    return Shown(
        drawing=heat_map(names, counts) if counts else None,
        head=[_("Hour"), *names, _("Total")],
        rows=[
            Row(f"{hour:02}" if hour is not None else _("Total"), [cell(day, hour) for day in days])
            for hour in columns
        ],
        legend=[
            Legend(f"h{level}", str(high) if low == high else f"{low}–{high}")
            for level, low, high in spans_of(max(counts.values(), default=0))
        ],
        note=_("Records in each hour of the week, by the time of the call."),
        empty=_("Nothing was reported in this period."),
    )


def _with_totals(counts: Counter[tuple[int, int]]) -> Counter[tuple[int | None, int | None]]:
    """The same with the sums over all days, over all hours and over both: there None stands for each."""
    found: Counter[tuple[int | None, int | None]] = Counter()
    for (day, hour), count in counts.items():
        for at in ((day, hour), (day, None), (None, hour), (None, None)):
            found[at] += count
    return found


def counts_of(scope: Scope, start: datetime, end: datetime, *, now: datetime) -> Counter[tuple[int, int]]:
    """How many were reported at each weekday (0 is Monday) and hour: one query, answered by an index alone.

    The database counts by hours of UTC, or by quarters of them where the house's clock begins its hours
    elsewhere: to ask it for the weekday and hour of each record takes several times as long.
    """
    tz = get_default_timezone()
    reported = REPORTED.cohort(scope, start, end, now=now).order_by()
    counts: Counter[tuple[int, int]] = Counter()
    for begun, count in reported.values_list(_begun(start, end)).annotate(n=Count("reported_at")):
        local = begun.astimezone(tz)
        counts[local.weekday(), local.hour] += count
    return counts


def _begun(start: datetime, end: datetime) -> Func:
    """The beginning of the hour, or quarter of an hour, in which a record was reported."""
    days = range(0, (end - start).days, 20)  # summer time: the offset may change in between
    offsets = {(start + timedelta(days=day)).utcoffset() or timedelta() for day in days}
    step = QUARTER if any(offset % HOUR for offset in offsets) else HOUR
    return Func(Value(step), "reported_at", Value(EPOCH), function="date_bin", output_field=DateTimeField())


def weekdays() -> list[str]:
    """The short names of the weekdays from Monday."""
    return [
        pgettext("weekday", "Mon"),
        pgettext("weekday", "Tue"),
        pgettext("weekday", "Wed"),
        pgettext("weekday", "Thu"),
        pgettext("weekday", "Fri"),
        pgettext("weekday", "Sat"),
        pgettext("weekday", "Sun"),
    ]
