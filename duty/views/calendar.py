"""The working calendar of a year, and one day of it to edit."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from duty.actions import edit_day, forget_edit
from duty.calendar import FIRST_YEAR, LAST_YEAR
from duty.forms import DayForm
from duty.models import CalendarDay, CalendarYear, DayKind
from duty.official import plan_of
from duty.views.steps import press
from staff.forms import show_refusal
from staff.models import User
from staff.refused import Refused
from staff.views.access import house_only

WEEK = (
    pgettext_lazy("head of a column of the calendar", "Mo"),
    pgettext_lazy("head of a column of the calendar", "Tu"),
    pgettext_lazy("head of a column of the calendar", "We"),
    pgettext_lazy("head of a column of the calendar", "Th"),
    pgettext_lazy("head of a column of the calendar", "Fr"),
    pgettext_lazy("head of a column of the calendar", "Sa"),
    pgettext_lazy("head of a column of the calendar", "Su"),
)
# Colour alone says nothing to some people, and nothing in print.
MARKS: Mapping[str, str | Promise] = {
    DayKind.STATUTORY: pgettext_lazy("mark of a statutory holiday in the calendar", "hol"),
    DayKind.DAY_IN_LIEU: pgettext_lazy("mark of a day off in lieu in the calendar", "off"),
    DayKind.MAKEUP_WORKDAY: pgettext_lazy("mark of a make-up workday in the calendar", "work"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    date: date
    kind: DayKind
    name: str
    mark: str | Promise
    is_today: bool


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    weeks: Sequence[Sequence[Cell | None]]


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row that have one name and are all worked or all off."""

    first: date
    last: date
    is_working: bool
    name: str

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1


@house_only
@require_safe
def this_year(request: HttpRequest) -> HttpResponse:
    return redirect("duty:calendar_year", timezone.localdate().year)


@house_only
@require_safe
def year(request: HttpRequest, year: int) -> HttpResponse:
    _date(year, 1, 1)
    today = timezone.localdate()
    days = CalendarDay.objects.filter(date__year=year).in_bulk()
    known = CalendarYear.objects.filter(year=year).first()
    runs = _runs(days)
    context = {
        "year": year,
        "months": [_month(year, month, days, today) for month in range(1, 13)],
        "week_days": [(WEEKDAYS[number], letters) for number, letters in enumerate(WEEK)],
        "breaks": [run for run in runs if not run.is_working],
        "worked": [run for run in runs if run.is_working],
        "is_official": known is not None and known.is_official,
        "kinds": [(kind, MARKS.get(kind, "")) for kind in DayKind],
        "may_edit": request.user.may_supervise,
        "earlier": year - 1 if year > FIRST_YEAR else None,
        "later": year + 1 if year < LAST_YEAR else None,
        "this_year": today.year,
    }
    return render(request, "duty/calendar.html", context)


def _month(year: int, month: int, days: Mapping[date, CalendarDay], today: date) -> Month:
    weeks = Calendar(firstweekday=0).monthdatescalendar(year, month)
    return Month(
        date(year, month, 1),
        [[_cell(day, days, today) if day.month == month else None for day in week] for week in weeks],
    )


def _cell(day: date, days: Mapping[date, CalendarDay], today: date) -> Cell:
    row = days.get(day)
    kind = DayKind(row.kind) if row else DayKind.usual(day)
    return Cell(day, kind, row.label if row else "", MARKS.get(kind, ""), day == today)


def _runs(days: Mapping[date, CalendarDay]) -> list[Run]:
    """Breaks and make-up days in the year's order, what belongs together as one."""
    special = sorted(day for day, row in days.items() if row.kind in MARKS or row.label)

    def together(numbered: tuple[int, date]) -> tuple[date, bool, str]:
        number, day = numbered
        return day - timedelta(days=number), days[day].is_working, days[day].label

    found = []
    for (_start, is_working, name), same in groupby(enumerate(special), key=together):
        dates = [day for _number, day in same]
        found.append(Run(dates[0], dates[-1], is_working, name))
    return found


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, year: int, month: int, day: int) -> HttpResponse:
    on = _day_led(request, year, month, day)
    row = CalendarDay.objects.filter(date=on).first()
    initial = {
        "kind": row.kind if row else DayKind.usual(on),
        "name": row.name if row else "",
        "name_en": row.name_en if row else "",
    }
    form = DayForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            edit_day(
                on,
                kind=DayKind(typed["kind"]),
                name=typed["name"],
                name_en=typed["name_en"],
                by=request.user,
                now=timezone.now(),
            )
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Changed. Clocks that run already keep their deadline."))
            return redirect("duty:calendar_year", year)
    context = {
        "form": form,
        "date": on,
        "row": row,
        "cancel_url": reverse("duty:calendar_year", args=[year]),
    }
    return render(request, "duty/day_form.html", context, status=422 if form.errors else 200)


def _day_led(request: HttpRequest, year: int, month: int, day: int) -> date:
    if not request.user.may_supervise:
        raise PermissionDenied
    return _date(year, month, day)


def _forget(on: date, **who: Any) -> None:
    forget_edit(plan_of(on.year).day(on), **who)


def _to_year(on: date, _user: User) -> str:
    return reverse("duty:calendar_year", args=[on.year])


forget = press(_day_led, _forget, said=_("The day follows the plan again."), back=_to_year)


def _date(year: int, month: int, day: int) -> date:
    if FIRST_YEAR <= year <= LAST_YEAR:
        with suppress(ValueError, OverflowError):
            return date(year, month, day)
    raise Http404
