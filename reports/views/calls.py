"""The records behind a chart: reported, of a grade or at an hour of the week; solved, of a cause."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import ExtractHour
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

from reports.board.asked import Board
from reports.board.parts.causes import cause_names
from reports.board.parts.hours import HOUR, weekdays
from reports.board.whose import whose_words
from reports.charts.heat import DAYS, HOURS
from reports.kpis.definition import Kpi
from reports.kpis.records import MTTR
from reports.kpis.series import GRADE_NAMES
from reports.kpis.volume import REPORTED
from reports.periods import Period
from reports.sources import seen
from reports.views.board import with_board
from staff.paging import page
from tickets.models import Ticket
from tickets.names import names_of

Rows = QuerySet[Ticket]


@with_board
def reported(request: HttpRequest, board: Board) -> HttpResponse:
    """By the time of the call; `day` 0 is Monday."""
    day = _chosen(request.GET, "day", {str(n): n for n in range(DAYS)})
    hour = _chosen(request.GET, "hour", {str(n): n for n in range(HOURS)})
    grade = _chosen(request.GET, "grade", {str(each or "none"): (each,) for each in GRADE_NAMES})
    rows, said = _rows(REPORTED, board), [_("Reported in %(period)s") % {"period": board.period}]
    if grade:
        rows = rows.filter(grade=grade[0]) if grade[0] else rows.filter(grade__isnull=True)
        said.append(str(GRADE_NAMES[grade[0]]))
    if day is not None:
        rows = rows.filter(_at(board.period, day, hour))
        said.append(weekdays()[day])
    elif hour is not None:
        rows = rows.alias(hour=ExtractHour("reported_at", tzinfo=get_default_timezone())).filter(hour=hour)
    if hour is not None:
        said.append(f"{hour}:00–{hour}:59")
    return _listed(request, board, REPORTED, rows.annotate(when=F("reported_at")), said)


@with_board
def solved(request: HttpRequest, board: Board) -> HttpResponse:
    """Faults by the time of their solution."""
    names = cause_names()
    cause = _chosen(request.GET, "cause", {each or "none": (each,) for each in names})
    rows, said = _rows(MTTR, board), [_("Faults solved in %(period)s") % {"period": board.period}]
    if cause:
        rows = rows.filter(cause=cause[0])
        said.append(names[cause[0]])
    return _listed(request, board, MTTR, rows.annotate(when=F("resolved_at")), said)


def _at(period: Period, weekday: int, hour: int | None) -> Q:
    """These days of a period, or this hour of each: spans that an index finds."""
    tz, found = get_default_timezone(), Q(pk__in=[])
    day = period.first + timedelta(days=(weekday - period.first.weekday()) % DAYS)
    while day < period.until:
        begun, long = datetime.combine(day, time(hour or 0), tz), HOUR if hour is not None else HOURS * HOUR
        found |= Q(reported_at__gte=begun, reported_at__lt=(begun.astimezone(UTC) + long).astimezone(tz))
        day += timedelta(days=DAYS)
    return found


def _rows(kpi: Kpi, board: Board) -> Rows:
    return kpi.cohort(board.chosen.scope, *board.period.span(get_default_timezone()), now=board.now)


def _listed(request: HttpRequest, board: Board, kpi: Kpi, whole: Rows, said: list[str]) -> HttpResponse:
    """Those that the reader may see; of what a chart counts beside them he learns how many there are."""
    rows = seen(kpi, whole, board.chosen)
    hidden = 0 if rows is whole else whole.order_by().count() - rows.order_by().count()
    shown = page(rows.without_texts(), request=request, order=("-when", "-pk"))  # type: ignore[attr-defined]
    context = {
        "board": board,
        "whose": whose_words(board.chosen),
        "address": board.query(),
        "title": " · ".join(said),
        "page": shown,
        "hidden": hidden,
        "names": names_of(shown.rows),
        "now": board.now,
    }
    return render(request, "reports/reported.html", context)


def _chosen(asked: QueryDict, name: str, choices: dict[str, Any]) -> Any:
    """What an address names; None where it names nothing, Http404 where that is none of the choices."""
    text = asked.get(name, "")
    if text and text not in choices:
        raise Http404
    return choices.get(text)
