"""The records reported at a weekday and an hour: the rows behind the map of the week."""

from __future__ import annotations

from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import get_default_timezone

from reports.board.asked import Board
from reports.board.parts.hours import weekdays
from reports.board.whose import whose_words
from reports.charts.heat import DAYS, HOURS
from reports.kpis.volume import REPORTED
from reports.views.board import with_board
from staff.paging import page
from tickets.names import names_of


@with_board
def reported(request: HttpRequest, board: Board) -> HttpResponse:
    """The records of the period, of a weekday (`day`, 0 is Monday) and an hour where they are named."""
    tz = get_default_timezone()
    day, hour = _number(request.GET.get("day"), DAYS), _number(request.GET.get("hour"), HOURS)
    found = REPORTED.cohort(board.chosen.scope, *board.period.span(tz), now=board.now)
    if day is not None:
        found = found.annotate(weekday=ExtractIsoWeekDay("reported_at", tzinfo=tz)).filter(weekday=day + 1)
    if hour is not None:
        found = found.annotate(hour=ExtractHour("reported_at", tzinfo=tz)).filter(hour=hour)
    shown = page(found.without_texts(), request=request, order=("-reported_at", "-pk"))
    context = {
        "board": board,
        "whose": whose_words(board.chosen),
        "address": board.query(),
        "day": weekdays()[day] if day is not None else "",
        "hour": hour,
        "page": shown,
        "names": names_of(shown.rows),
        "now": board.now,
    }
    return render(request, "reports/reported.html", context)


def _number(text: str | None, below: int) -> int | None:
    """The number in an address; None where it names none, Http404 where it is none of these."""
    if not text:
        return None
    numbers = {str(number): number for number in range(below)}
    if text not in numbers:
        raise Http404
    return numbers[text]
