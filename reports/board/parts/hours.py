"""When people call: records by weekday and hour of the call."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import Count
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
from django.urls import reverse
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.board.asked import Board
from reports.board.parts.part import Legend, Row, Shown, number
from reports.charts.heat import DAYS, HOURS, heat_map
from reports.kpis.series import REPORTED


def hours(board: Board) -> Shown:
    """Count the records reported in the period, by the clock of the house. One query, answered by an index."""
    tz, names = get_default_timezone(), weekdays()
    start, end = board.period.span(tz)
    reported = REPORTED.cohort(board.chosen.scope, start, end, now=board.now).order_by()
    parts = {"day": ExtractIsoWeekDay("reported_at", tzinfo=tz), "hour": ExtractHour("reported_at", tzinfo=tz)}
    found = reported.annotate(**parts).values("day", "hour").annotate(n=Count("reported_at"))
    counts = {(row["day"] - 1, row["hour"]): row["n"] for row in found}
    page = reverse("reports:reported")

    def cell(day: int | None, hour: int | None) -> object:
        count = sum(n for at, n in counts.items() if day in (None, at[0]) and hour in (None, at[1]))
        asked = {name: value for name, value in (("day", day), ("hour", hour)) if value is not None}
        return number(count, f"{page}?{board.query(**asked)}", is_strong=None in (day, hour))

    days: list[int | None] = [*range(DAYS), None]
    columns: list[int | None] = [*range(HOURS), None]
    return Shown(
        drawing=heat_map(names, counts) if counts else None,
        head=[_("Hour"), *names, _("Total")],
        rows=[
            Row(f"{hour:02}" if hour is not None else _("Total"), [cell(day, hour) for day in days])
            for hour in columns
        ],
        legend=[Legend(f"h{level}", "") for level in range(1, 6)],
        note=_("From few (light) to many (dark), by the time of the call."),
        empty=_("Nothing was reported in this period."),
    )


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
