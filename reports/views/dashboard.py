"""The supervisors' first page of figures, and the rows behind each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from reports.ageing import GRADES, by_grade_and_age, standing_of
from reports.kpi import KPIS, InTimeRate, Rate, Trend
from reports.months import Month, month_of, parse_month
from reports.tallies import rates
from reports.tallies import reported as reported_by_grade
from staff.charts import StackedBars, stacked_bars
from staff.models import Group, Role, User
from staff.paging import page
from tickets.faces import next_clocks
from tickets.models import Clock, Tally, Ticket
from tickets.models.clock import ClockQuerySet
from tickets.models.ticket import TicketQuerySet
from tickets.names import names_of

BREAKING_NEXT = 8
MONTHS_SHOWN = 12
GRADE_NAMES = {1: _("Grade 1"), 2: _("Grade 2"), 3: _("Grade 3"), None: _("No grade")}


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures: one group's, or everybody's where `group` is None. `with_scope` says who sees them."""

    user: User
    group: Group | None
    groups: Sequence[Group]

    @property
    def tickets(self) -> TicketQuerySet:
        return Ticket.objects.filter(group=self.group) if self.group else Ticket.objects.all()

    @property
    def clocks(self) -> ClockQuerySet:
        # A supervisor sees all that is his group's: to ask once more would only mislead the planner.
        return Clock.objects.filter(ticket__group=self.group) if self.group else Clock.objects.all()

    @property
    def tallies(self) -> QuerySet[Tally]:
        return Tally.objects.filter(group=self.group) if self.group else Tally.objects.all()

    def address(self, **more: object) -> str:
        """The query string of this scope, for links between pages of figures and to lists."""
        chosen = {"group": self.group.code} if self.group and self.groups else {}
        return urlencode(chosen | {name: str(value) for name, value in more.items()})


@dataclass(frozen=True, slots=True)
class KpiTile:
    kpi: InTimeRate
    rate: Rate
    before: Rate
    trend: Trend | None
    reaches_target: bool | None
    month_before: Month
    rows: str
    rows_before: str
    rows_missed: str


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month of the chart as a row of its table: (grade, count, address of the rows) for each grade."""

    month: Month
    counts: Sequence[tuple[int | None, int, str]]
    total: int
    address: str


def with_scope(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view its scope: a supervisor his group, those who see everything what the address names."""

    @wraps(view)
    def scoped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if user.sees_everything:
            groups = list(Group.objects.all())
            code = request.GET.get("group", "")
            group = next((each for each in groups if each.code == code), None)
            if code and group is None:
                raise Http404
        elif user.role == Role.SUPERVISOR:
            group, groups = user.group, []
            if request.GET.get("group", group.code) != group.code:
                raise Http404
        else:
            raise PermissionDenied
        return view(request, Scope(user, group, groups), *args, **kwargs)

    return scoped


@require_safe
@with_scope
def dashboard(request: HttpRequest, scope: Scope) -> HttpResponse:
    now = timezone.now()
    month = _month(request, now)
    this_month = month_of(timezone.localdate(now))
    chart, months = _reported_by_month(scope, this_month)
    ageing = by_grade_and_age(scope.group and scope.group.pk, now)
    breaking_next = _breaking_next(scope, now)
    context = {
        "scope": scope,
        "month": month,
        "earlier": scope.address(month=month.plus(-1)),
        "later": scope.address(month=month.plus(1)) if month < this_month else None,
        "counts": standing_of(ageing),
        "ageing": ageing,
        "breaking_next": breaking_next,
        "names": names_of(ticket for ticket, _clock in breaking_next),
        "tiles": _tiles(scope, month, now),
        "chart": chart,
        "x_marks": list(zip(chart.x_marks, [row.month for row in months], strict=True)),
        "bars": [(bar, *_face(GRADES[bar.series])) for bar in chart.bars],
        "months": months,
        "grades": [_face(grade) for grade in GRADES],
        "now": now,
    }
    return render(request, "reports/dashboard.html", context)


@require_safe
@with_scope
def reported(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The records reported in a month, of one grade or of all: the rows behind the chart."""
    now = timezone.now()
    month = _month(request, now)
    grade = request.GET.get("grade", "")
    grades = {str(each or "none"): each for each in GRADES}
    if grade and grade not in grades:
        raise Http404
    start, end = month.span(timezone.get_current_timezone())
    found = scope.tickets.filter(reported_at__gte=start, reported_at__lt=end)
    if grade:
        found = found.filter(grade=grades[grade]) if grades[grade] else found.filter(grade__isnull=True)
    shown = page(found.without_texts(), request=request, order=("-reported_at", "-pk"))
    context = {
        "scope": scope,
        "month": month,
        "back_url": scope.address(month=month),
        "grade_name": GRADE_NAMES[grades[grade]] if grade else None,
        "page": shown,
        "names": names_of(shown.rows),
        "now": now,
    }
    return render(request, "reports/reported.html", context)


def _face(grade: int | None) -> tuple[str, str]:
    """How a grade is drawn and called: the class of its bars, and its name."""
    return f"grade-{grade or 'none'}", str(GRADE_NAMES[grade])


def _month(request: HttpRequest, now: datetime) -> Month:
    """The month that the address names, this month without one; 404 for what is none or still to come."""
    this_month = month_of(timezone.localdate(now))
    text = request.GET.get("month")
    if text is None:
        return this_month
    try:
        month = parse_month(text)
    except ValueError:
        raise Http404 from None
    if month > this_month:
        raise Http404
    return month


def _breaking_next(scope: Scope, now: datetime) -> list[tuple[Ticket, object]]:
    """The open records whose next deadline is still to come, the soonest first, each with that clock."""
    coming = scope.tickets.open().filter(next_due_at__gte=now).order_by("next_due_at", "pk")
    tickets = list(coming.without_texts()[:BREAKING_NEXT])
    clocks = next_clocks(tickets, now)
    return [(ticket, clocks.get(ticket.pk)) for ticket in tickets]


def _tiles(scope: Scope, month: Month, now: datetime) -> list[KpiTile]:
    before = month.plus(-1)
    tz = timezone.get_current_timezone()
    measured = rates(scope.tallies, scope.clocks, [month, before], tz=tz, now=now)
    return [
        _tile(kpi, scope, measured[key, month], measured[key, before], month) for key, kpi in KPIS.items()
    ]


def _tile(kpi: InTimeRate, scope: Scope, rate: Rate, rate_before: Rate, month: Month) -> KpiTile:
    before = month.plus(-1)
    return KpiTile(
        kpi,
        rate,
        rate_before,
        kpi.trend(rate, rate_before),
        kpi.reaches_target(rate),
        month_before=before,
        rows=scope.address(kpi=kpi.key, month=month),
        rows_before=scope.address(kpi=kpi.key, month=before),
        rows_missed=scope.address(kpi=kpi.key, month=month, missed=1),
    )


def _reported_by_month(scope: Scope, last: Month) -> tuple[StackedBars, list[MonthRow]]:
    """The records reported in each of the last twelve months, by grade: as a drawing, and as a table."""
    tz = timezone.get_current_timezone()
    months = [last.plus(n - MONTHS_SHOWN + 1) for n in range(MONTHS_SHOWN)]
    counted = reported_by_grade(scope.tallies, scope.tickets, months, tz=tz)
    chart = stacked_bars(
        [str(month) for month in months],
        [[counted.get((month, grade), 0) for month in months] for grade in GRADES],
    )
    table = []
    for month in months:
        counts = [(grade, counted.get((month, grade), 0)) for grade in GRADES]
        linked = [(g, n, scope.address(month=month, grade=g or "none")) for g, n in counts]
        table.append(MonthRow(month, linked, sum(n for _g, n in counts), scope.address(month=month)))
    return chart, table
