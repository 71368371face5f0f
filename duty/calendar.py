"""The working calendar, read: which days work, and a client's service hours laid over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from clients.models import ServiceHours
from duty import hours
from duty.models import CalendarDay, CalendarYear, DayKind

EXCEPTIONS = {
    DayKind.MAKEUP_WORKDAY: hours.Day.MAKEUP,
    DayKind.STATUTORY: hours.Day.OFF,
    DayKind.DAY_IN_LIEU: hours.Day.OFF,
}
# A working-time limit started before a long holiday may reach into the day before: look back a little.
MARGIN = timedelta(days=7)
FIRST_YEAR, LAST_YEAR = 2000, 2100


def exceptions(since: date) -> Mapping[date, hours.Day]:
    """Return the days from `since` on that are neither an ordinary workday nor an ordinary weekend day."""
    days = CalendarDay.objects.filter(date__gte=since - MARGIN, kind__in=EXCEPTIONS)
    return {day: EXCEPTIONS[DayKind(kind)] for day, kind in days.values_list("date", "kind")}


def days_of(first: date, last: date) -> list[CalendarDay]:
    """Return every day from the first to the last; what no plan speaks of follows the week, unsaved."""
    known = CalendarDay.objects.filter(date__range=(first, last)).in_bulk()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [known.get(day) or CalendarDay(date=day, kind=DayKind.usual(day)) for day in days]


def working_time(service: ServiceHours, *, since: date) -> hours.Hours:
    """Return the hours in which a client is served, laid over the calendar from `since` on (§2.3)."""
    if service.round_the_clock:
        return hours.ROUND_THE_CLOCK
    weekly: list[list[hours.Span]] = [[] for _day in range(7)]
    for span in service.spans.all():
        weekly[span.weekday].append(hours.Span(_minutes(span.starts), _minutes(span.ends) or 24 * 60))
    return hours.WorkingTime(
        weekly=tuple(tuple(spans) for spans in weekly),
        days=exceptions(since),
        tz=ZoneInfo(settings.TIME_ZONE),
        open_on_holidays=service.open_on_holidays,
    )


def whole_workdays(*, since: date) -> hours.Hours:
    """Return the company's working days from `since` on as working time: each from midnight to midnight.

    For terms that people are given in days; a holiday has none of it, a make-up day all of it.
    """
    day = (hours.Span(0, hours.MINUTES_A_DAY),)
    weekly = (day,) * 5 + ((),) * 2
    return hours.WorkingTime(weekly=weekly, days=exceptions(since), tz=ZoneInfo(settings.TIME_ZONE))


def working_days(*, since: date) -> Callable[[date], bool]:
    """Return what says of any day from `since` on whether it is a working day."""
    special = exceptions(since)

    def is_working(day: date) -> bool:
        usual = DayKind.usual(day) == DayKind.WORKDAY
        return special[day] == hours.Day.MAKEUP if day in special else usual

    return is_working


def unknown_years(today: date) -> list[int]:
    """Return the years whose official plan should be known by now and is not.

    The plan for the next year is published around November, so that year counts from 1 November on.
    """
    wanted = [today.year] + ([today.year + 1] if today.month >= 11 else [])
    known = CalendarYear.objects.filter(year__in=wanted, is_official=True).values_list("year", flat=True)
    return sorted(set(wanted) - set(known))


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
