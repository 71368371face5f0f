"""Weekly reports side by side: week by person, and all of one week (tail §6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from duty.calendar import FIRST_YEAR, LAST_YEAR, working_days
from duty.views.groups import groups_of
from meetings.actions.reports import WRITERS
from meetings.models import WeeklyReport, WeeklyReportRead
from meetings.reportagenda import LABELS, condition, reports_of_week
from meetings.reporting import OLDEST, WEEK, Span, Standing, before, drafted_at, span_of
from staff.models import Group, User
from staff.paging import page
from staff.views.access import house_only

SHOWN = 6  # spans side by side


@dataclass(frozen=True, slots=True)
class Cell:
    """How one person stands in one span. Without a report: nothing where none was owed."""

    span: Span
    report: WeeklyReport | None
    standing: Standing | None
    is_read: bool = False


@house_only
@require_safe
def weeks(request: HttpRequest) -> HttpResponse:
    """Who has submitted in which week, and whose the reader has not read: for those who lead or see all."""
    user, now = request.user, timezone.now()
    if not (user.may_supervise or user.sees_everything):
        raise PermissionDenied
    groups = groups_of(user)
    group = _group(request, groups, user)
    today = timezone.localdate(now)
    until = min(_day(request.GET.get("until", ""), today), today)
    is_working = working_days(since=until - OLDEST - SHOWN * WEEK)
    spans = [span_of(until, is_working)]
    while len(spans) < SHOWN:
        spans.append(before(spans[-1], is_working))
    later = span_of(spans[0].last + WEEK, is_working)
    lines = _lines(group, spans, user, now, is_working) if group else []
    context = {
        "groups": groups,
        "group": group,
        "spans": spans,
        "lines": lines,
        "older": (spans[-1].first - WEEK).isoformat(),
        "newer": later.last.isoformat() if later.first <= today else "",
        "agenda": reports_of_week(group, spans[1].first, user, now=now) if group else [],
        "span": spans[1],
    }
    return render(request, "meetings/report_weeks.html", context)


def _lines(
    group: Group, spans: list[Span], user: User, now: datetime, is_working: object
) -> list[tuple[User, list[Cell]]]:
    firsts = [span.first for span in spans]
    reports = list(
        WeeklyReport.objects.visible_to(user)
        .filter(group=group, first_on__in=firsts)
        .select_related("person")
        .defer("done", "problems", "plans", "help_wanted", "figures")
    )
    read = set(
        WeeklyReportRead.objects.filter(reader=user, report__in=reports).values_list("report", "edition")
    )
    writers = User.objects.filter(group=group, role__in=WRITERS, is_active=True).order_by("name", "pk")
    people = {person.pk: person for person in [*writers, *(report.person for report in reports)]}
    by_key = {(report.person_id, report.first_on): report for report in reports}
    tz = timezone.get_default_timezone()
    # Nobody owed one before there were any.
    begun_at = WeeklyReport.objects.aggregate(at=Min("drafted_at"))["at"] or now
    lines = []
    for person in people.values():
        cells = []
        for span in spans:
            report = by_key.get((person.pk, span.first))
            if report is not None:
                is_read = (report.pk, report.edition) in read
                cells.append(Cell(span, report, report.standing(now), is_read))
            else:
                owed = person.is_active and timezone.localdate(person.date_joined) <= span.last
                begun = drafted_at(span, is_working, tz) <= now  # type: ignore[arg-type]
                missing = owed and begun and begun_at < span.due_at(tz) <= now
                cells.append(Cell(span, None, Standing.MISSING if missing else None))
        lines.append((person, cells))
    return lines


@house_only
@require_safe
def week(request: HttpRequest, day: str) -> HttpResponse:
    """The reports that cover a day, with problems and the help wanted, as far as the reader sees them."""
    user, now = request.user, timezone.now()
    found = _day(day, None)
    if found is None:
        raise Http404
    groups = groups_of(user)
    group = _group(request, groups, user)
    state = request.GET.get("state", "all")
    span = span_of(found, working_days(since=found - OLDEST))
    rows = WeeklyReport.objects.visible_to(user).filter(first_on__lte=found, last_on__gte=found)
    if group:
        rows = rows.filter(group=group)
    elif not user.sees_everything:
        rows = rows.filter(person=user)
    if state in LABELS and state != "all":
        rows = rows.filter(condition(state, user, now))
    shown = page(rows.with_names().defer("figures"), request=request, order=("person__name", "pk"))
    context = {
        "page": shown,
        "lines": [(one, one.standing(now)) for one in shown.rows],
        "span": span,
        "day": day,
        "group": group,
        "groups": groups,
        "state": state,
        "counts": reports_of_week(group, found, user, now=now) if group else [],
        "may_compare": user.may_supervise or user.sees_everything,
    }
    return render(request, "meetings/report_week.html", context)


def _group(request: HttpRequest, groups: list[Group], user: User) -> Group | None:
    """The group that is asked for, else one's own, else the first; a 404 for one that is not seen."""
    asked = request.GET.get("group", "").replace("\0", "")
    if asked:
        found = [group for group in groups if group.code == asked]
        if not found:
            raise Http404
        return found[0]
    own = [group for group in groups if group.pk == user.group_id]
    return (own or groups or [None])[0]


def _day(text: str, usual: date | None):  # type: ignore[no-untyped-def]
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return usual
    return day if FIRST_YEAR <= day.year < LAST_YEAR else usual
