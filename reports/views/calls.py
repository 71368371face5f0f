"""The records behind a chart: reported, of a grade or at an hour of the week; solved, of a cause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import ExtractHour
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
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
from reports.sources import SOURCES, seen
from reports.views.board import with_board
from reports.views.rowfiles import RowsFile, answer_with
from staff.paging import page
from tickets.models import Ticket
from tickets.names import names_of

Rows = QuerySet[Ticket]
FORMS = (("csv", "CSV"), ("xlsx", "Excel"))


@dataclass(frozen=True, slots=True)
class Listed:
    """The records behind a number of a chart, each with its `when`, and in words which they are."""

    kpi: Kpi
    rows: Rows
    said: list[str]


@with_board
def reported(request: HttpRequest, board: Board) -> HttpResponse:
    return _page(request, board, _reported(request.GET, board))


@with_board
def solved(request: HttpRequest, board: Board) -> HttpResponse:
    return _page(request, board, _solved(request.GET, board))


@with_board
def export(request: HttpRequest, board: Board, which: str, form: str) -> HttpResponse | StreamingHttpResponse:
    """The same records as a file, with the columns of the rows behind a figure."""
    listed = {"reported": _reported, "solved": _solved}[which](request.GET, board)
    source = SOURCES[listed.kpi.source]
    rows = source.listed(seen(listed.kpi, listed.rows, board.chosen)).order_by("-when", "-pk")
    name = f"opsdesk-{which}-{board.period}"
    file = RowsFile(name, which, source, rows, board.now, board.chosen.reader)
    back = f"{reverse(f'reports:{which}')}?{request.GET.urlencode()}"
    return answer_with(file, request, form, back=back)


def _reported(asked: QueryDict, board: Board) -> Listed:
    """By the time of the call; `day` 0 is Monday."""
    day = _chosen(asked, "day", {str(n): n for n in range(DAYS)})
    hour = _chosen(asked, "hour", {str(n): n for n in range(HOURS)})
    grade = _chosen(asked, "grade", {str(each or "none"): (each,) for each in GRADE_NAMES})
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
    return Listed(REPORTED, rows.annotate(when=F("reported_at")), said)


def _solved(asked: QueryDict, board: Board) -> Listed:
    """Faults by the time of their solution."""
    names = cause_names()
    cause = _chosen(asked, "cause", {each or "none": (each,) for each in names})
    rows, said = _rows(MTTR, board), [_("Faults solved in %(period)s") % {"period": board.period}]
    if cause:
        rows = rows.filter(cause=cause[0])
        said.append(names[cause[0]])
    return Listed(MTTR, rows.annotate(when=F("resolved_at")), said)


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


def _page(request: HttpRequest, board: Board, listed: Listed) -> HttpResponse:
    """Those that the reader may see; of what a chart counts beside them he learns how many there are."""
    rows = seen(listed.kpi, listed.rows, board.chosen)
    hidden = 0 if rows is listed.rows else listed.rows.order_by().count() - rows.order_by().count()
    shown = page(rows.without_texts(), request=request, order=("-when", "-pk"))  # type: ignore[attr-defined]
    context = {
        "board": board,
        "whose": whose_words(board.chosen),
        "address": board.query(),
        "title": " · ".join(listed.said),
        "page": shown,
        "hidden": hidden,
        "files": [(name, _file(request, form)) for form, name in FORMS],
        "names": names_of(shown.rows),
        "now": board.now,
    }
    return render(request, "reports/reported.html", context)


def _file(request: HttpRequest, form: str) -> str:
    """Where the same records are a file."""
    return f"{request.path.rstrip('/')}.{form}?{request.GET.urlencode()}"


def _chosen(asked: QueryDict, name: str, choices: dict[str, Any]) -> Any:
    """What an address names; None where it names nothing, Http404 where that is none of the choices."""
    text = asked.get(name, "")
    if text and text not in choices:
        raise Http404
    return choices.get(text)
