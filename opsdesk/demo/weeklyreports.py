"""Weekly reports of one group: read, commented, given back once; one late, one missing (tail §6.2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from duty.calendar import working_days
from meetings.actions import reports as actions
from meetings.actions.reportsweep import tend_reports
from meetings.models import WeeklyReport, WeeklyReportEvent, WeeklyReportRead
from meetings.reportfigures import gather
from meetings.reporting import OLDEST, WORDS, ReportEventKind, Span, before, drafted_at, span_of
from opsdesk.demo.people import HOME, Staff, Team
from opsdesk.demo.texts import load

WEEKS, ELSEWHERE = 3, 2  # of the group that a visitor sees first, and of the others
HOUR = timedelta(hours=1)


def report(staff: Staff, *, now: datetime) -> None:
    """Write the reports of the last weeks; what is due now is drafted and asked for by the sweep."""
    tz = timezone.get_default_timezone()
    is_working = working_days(since=(now - OLDEST).astimezone(tz).date())
    span, spans = span_of(now.astimezone(tz).date(), is_working), []
    while len(spans) < WEEKS:
        if span.due_at(tz) <= now:
            spans.append(span)
        span = before(span, is_working)
    for age, past in reversed(list(enumerate(spans))):
        then = drafted_at(past, is_working, tz)
        for team in staff.teams:
            if team.group.code == HOME:
                actions.draft_for(team.engineers, past, by=None, now=then)
                _written(team, past, age, is_last=age == 0, now=now)
            elif age < ELSEWHERE:
                _settled(team, past, age, then)
    tend_reports(now=now)


def _written(team: Team, span: Span, age: int, *, is_last: bool, now: datetime) -> None:
    """One week of a group. Of the last one at home one is late, one missing, one given back, most unread."""
    texts, due_at = load("weeklyreports"), span.due_at(timezone.get_default_timezone())
    supervisor, people = team.supervisors[0], team.engineers
    rows = WeeklyReport.objects.filter(first_on=span.first, group=team.group).order_by("person")
    rows.update(reminded=2, told_at=due_at)
    for place, one in enumerate(rows.select_related("person")):
        if is_last and place == len(people) - 1:
            continue
        at = min(due_at + HOUR, now) if is_last and place == 1 else due_at - (place + 1) * HOUR
        words = {name: texts[name][(place + age) % 3] for name in WORDS}
        words["done"] = "\n".join(filter(None, [one.done, words["done"]]))
        done = actions.submit_report(one, words, by=one.person, now=at)
        if not is_last or place == 0:
            actions.read_report(done, by=supervisor, now=at)
        if is_last and place < 2:
            actions.comment_report(done, text=texts["comments"][place], by=supervisor, now=at)
        if is_last and place == 2:
            actions.reopen_report(done, reason=texts["reopened"], by=supervisor, now=at)


def _settled(team: Team, span: Span, age: int, then: datetime) -> None:
    """The same of a group where everybody was in time and the supervisor has read it: in bulk."""
    texts, tz = load("weeklyreports"), timezone.get_default_timezone()
    due_at = span.due_at(tz)
    reports = WeeklyReport.objects.bulk_create(
        WeeklyReport(
            person=person,
            group=team.group,
            first_on=span.first,
            last_on=span.last,
            due_at=due_at,
            drafted_at=then,
            edited_at=due_at - HOUR,
            submitted_at=due_at - HOUR,
            first_submitted_at=due_at - HOUR,
            figures=gather(person.pk, span, tz=tz, now=due_at - HOUR),
            reminded=1,
            version=2,
            **{name: texts[name][(place + age) % 3] for name in WORDS},
        )
        for place, person in enumerate(team.engineers)
    )
    supervisor = team.supervisors[0]
    steps = (
        (ReportEventKind.DRAFTED, then),
        (ReportEventKind.SUBMITTED, due_at - HOUR),
        (ReportEventKind.READ, due_at),
    )
    WeeklyReportEvent.objects.bulk_create(
        WeeklyReportEvent(
            report=one, kind=kind, at=at, by={"submitted": one.person, "read": supervisor}.get(kind.value)
        )
        for one in reports
        for kind, at in steps
    )
    WeeklyReportRead.objects.bulk_create(
        WeeklyReportRead(report=one, edition=1, reader=supervisor, at=due_at) for one in reports
    )
