"""What time does to weekly reports: drafted, asked for, reminded of, told where they are late (tail §6.2).

Pulls what is due: as late as it comes, and as often; each row says what was done about it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min
from django.urls import reverse

from duty.calendar import working_days
from meetings.actions.reports import WRITERS, draft_for, log_event, tell_writer, tz
from meetings.models import WeeklyReport
from meetings.reporting import OLDEST, ReportEventKind, Span, before, drafted_at, reminded_at, span_of
from staff.actions import notify
from staff.models import Group, ManagementLevel, User

BATCH = 200
# A worker that was dead for so long still drafts what was to be drafted meanwhile.
LOOK_BACK = timedelta(days=14)


def tend_reports(*, now: datetime) -> None:
    """Do all that is due; a second run changes nothing."""
    _draft(now)
    _follow_the_calendar(now)
    while _remind(now):
        pass
    while _tell_late(now):
        pass


def _draft(now: datetime) -> None:
    is_working = working_days(since=(now - OLDEST).astimezone(tz()).date())
    span = span_of(now.astimezone(tz()).date(), is_working)
    spans: list[Span] = []
    while span.due_at(tz()) > now - LOOK_BACK:
        if drafted_at(span, is_working, tz()) <= now:
            spans.append(span)
        span = before(span, is_working)
    # Nobody owes what was due before there were reports.
    begun = WeeklyReport.objects.aggregate(at=Min("drafted_at"))["at"] or now
    for span in reversed(spans):
        if span.due_at(tz()) > begun:
            _draft_span(span, now)


def _draft_span(span: Span, now: datetime) -> None:
    _since, until = span.bounds(tz())
    there = WeeklyReport.objects.filter(first_on=span.first).values("person")
    people = User.objects.filter(
        is_active=True, role__in=WRITERS, group__isnull=False, date_joined__lt=until
    ).exclude(pk__in=there)
    for person in people.select_related("group").order_by("pk"):
        with transaction.atomic():
            draft_for([person], span, by=None, now=now)


@transaction.atomic
def _follow_the_calendar(now: datetime) -> None:
    """The official calendar comes late: what is due on a day that is off is due later."""
    rows = WeeklyReport.objects.awaited().filter(due_at__gt=now)
    days = sorted(set(rows.values_list("first_on", flat=True)))
    if not days:
        return
    is_working = working_days(since=days[0] - OLDEST)
    for first_on in days:
        due_at = span_of(first_on, is_working).due_at(tz())
        wrong = rows.filter(first_on=first_on).exclude(due_at=due_at)
        for report in wrong.select_for_update(of=("self",), skip_locked=True):
            log_event(
                report, ReportEventKind.MOVED, now=now, text=f"{due_at.astimezone(tz()):%Y-%m-%d %H:%M}"
            )
            WeeklyReport.objects.filter(pk=report.pk).update(due_at=due_at)


@transaction.atomic
def _remind(now: datetime) -> int:
    """Ask for a report when it is drafted, and once more in the morning of the day on which it is due."""
    rows = _awaited().filter(reminded__lt=2, due_at__gt=now)
    done = 0
    for report in rows.select_related("person")[: BATCH * 5]:
        stage = 2 if now >= reminded_at(report.due_at, tz()) else 1
        if report.reminded >= stage:
            continue
        tell_writer(report, "asked" if stage == 1 else "reminded", now=now, key=f"asked:{stage}")
        # Not a change of the report itself: who writes it at this moment loses nothing by it.
        WeeklyReport.objects.filter(pk=report.pk).update(reminded=stage)
        done += 1
    return done


@transaction.atomic
def _tell_late(now: datetime) -> int:
    """Past its limit the writer is told, and the supervisor once of all that are missing in his group."""
    rows = list(_awaited().filter(told_at=None, due_at__lte=now).select_related("person", "group")[:BATCH])
    by_group: dict[tuple[Group, datetime], list[WeeklyReport]] = defaultdict(list)
    for report in rows:
        by_group[report.group, report.due_at].append(report)
        tell_writer(report, "late", now=now, key="late")
        log_event(report, ReportEventKind.OVERDUE, now=now)
    for (group, due_at), missing in by_group.items():
        first = missing[0]
        facts = {
            "count": len(missing),
            "names": [report.person.name for report in missing][:20],
            "group": group.name,
            "group_en": group.name_en,
            "first_on": first.first_on.isoformat(),
            "last_on": first.last_on.isoformat(),
            "due_at": due_at.isoformat(),
        }
        week = reverse("weekly_reports:week", args=[first.first_on.isoformat()])
        url = f"{week}?group={group.code}&state=missing"
        key = f"weekly_reports_late:{group.pk}:{first.first_on}:{first.pk}"
        notify(leaders(group), "weekly_reports_late", facts, url=url, key=key, now=now)
    WeeklyReport.objects.filter(pk__in=[report.pk for report in rows]).update(told_at=now)
    return len(rows)


def leaders(group: Group) -> list[User]:
    """The group's supervisors; where there is none, the department's manager."""
    found = User.objects.at_level(ManagementLevel.SUPERVISOR, group).order_by("pk")
    return list(found) or list(
        User.objects.at_level(ManagementLevel.DEPARTMENT_MANAGER, group).order_by("pk")
    )


def _awaited():  # type: ignore[no-untyped-def]
    """Reports that their writers still owe, those of people who have left aside."""
    rows = WeeklyReport.objects.awaited().filter(person__is_active=True, person__role__in=WRITERS)
    return rows.select_for_update(of=("self",), skip_locked=True).order_by("due_at", "pk")
