"""What happens to weekly reports: drafted, written, submitted, read, commented, reopened (tail §6.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from duty.calendar import working_days
from meetings.models import WeeklyReport, WeeklyReportEvent, WeeklyReportRead
from meetings.models.reports import LONGEST
from meetings.reportfigures import gather
from meetings.reporting import OLDEST, WORDS, ReportEventKind, Span, span_of
from meetings.reportwords import drafted
from staff.actions import notify
from staff.models import Group, Role, User
from staff.refused import Refused, require
from tickets.lifecycle import Moved

WRITERS = (Role.ENGINEER,)


def tz() -> tzinfo:
    return timezone.get_default_timezone()


def may_write(person: User) -> bool:
    """Say whether somebody writes a weekly report: the engineers of the groups."""
    return person.is_active and person.role in WRITERS and person.group_id is not None


def may_lead(group: Group | int, by: User) -> bool:
    """Say whether somebody reopens the reports of a group: its supervisors, and the administrators."""
    pk = group if isinstance(group, int) else group.pk
    return by.may_administer or (by.may_supervise and by.group_id == pk)


@transaction.atomic
def draft_report(day: date, *, by: User, now: datetime) -> WeeklyReport:
    """Return the person's own report to which a day belongs, drafted from his records where there is none.

    Raises `Refused` where he writes none, or the day lies ahead or too far back.
    """
    if not may_write(by):
        raise Refused(_("Only engineers write weekly reports."), code="forbidden")
    today = now.astimezone(tz()).date()
    if not today - OLDEST <= day <= today:
        raise Refused(_("Choose a day of the last eight weeks."), field="day", code="invalid")
    span = span_of(day, working_days(since=day - OLDEST))
    draft_for([by], span, by=by, now=now)
    return WeeklyReport.objects.with_names().get(person=by, first_on=span.first)


def draft_for(people: Iterable[User], span: Span, *, by: User | None, now: datetime) -> int:
    """Draft the reports of a span that are not there yet; return how many. Runs in a transaction."""
    there = set(WeeklyReport.objects.filter(first_on=span.first).values_list("person", flat=True))
    wanted = [person for person in people if person.pk not in there]
    rows = []
    for person in wanted:
        words = drafted(person, gather(person.pk, span, tz=tz(), now=now), now=now)
        rows.append(
            WeeklyReport(
                person=person,
                group=person.group,
                first_on=span.first,
                last_on=span.last,
                due_at=span.due_at(tz()),
                drafted_at=now,
                **{name: text[:LONGEST] for name, text in words.items()},
            )
        )
    # Somebody else may write the same one at this moment: the database keeps one of the two.
    WeeklyReport.objects.bulk_create(rows, ignore_conflicts=True)
    people_here = [row.person_id for row in rows]
    made = WeeklyReport.objects.filter(person__in=people_here, first_on=span.first, events=None)
    return len(
        WeeklyReportEvent.objects.bulk_create(
            WeeklyReportEvent(report_id=pk, kind=ReportEventKind.DRAFTED, at=now, by=by)
            for pk in made.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)
        )
    )


@transaction.atomic
def write_report(report: WeeklyReport, words: Mapping[str, str], *, by: User, now: datetime) -> WeeklyReport:
    """Keep what its writer has typed so far. No history: nothing has happened yet.

    Raises `Moved` where it was written to elsewhere since, `Refused` where it is submitted or not his.
    """
    fresh = _his(report, by)
    _set_words(fresh, words)
    fresh.edited_at = now
    return _save(fresh, *WORDS, "edited_at")


@transaction.atomic
def submit_report(report: WeeklyReport, words: Mapping[str, str], *, by: User, now: datetime) -> WeeklyReport:
    """Submit a report with these words: from now on it and its figures stay as they are.

    Words that are not given stay as they were. Raises `Moved`, `Refused` as above, and without a word of what
    was done.
    """
    fresh = _his(report, by)
    _set_words(fresh, words)
    if not fresh.done:
        raise Refused(_("This field is required."), field="done", code="required")
    fresh.figures = gather(fresh.person_id, fresh.span, tz=tz(), now=now)
    fresh.edited_at = fresh.submitted_at = now
    fresh.first_submitted_at = fresh.first_submitted_at or now
    _log(fresh, ReportEventKind.SUBMITTED, by=by, now=now)
    return _save(fresh, *WORDS, "figures", "edited_at", "submitted_at", "first_submitted_at")


@transaction.atomic
def reopen_report(report: WeeklyReport, *, reason: str, by: User, now: datetime) -> WeeklyReport:
    """Give a submitted report back to its writer, who is told why; what it said stays in its history."""
    fresh = _locked(report, by)
    if not may_lead(fresh.group_id, by):
        raise Refused(_("Only the group's supervisor may do this."), code="forbidden")
    _check_version(fresh, report)
    if not fresh.is_submitted:
        raise Refused(_("This report is not submitted."), code="wrong_status")
    reason = require(reason, "reason")
    said = {name: getattr(fresh, name) for name in WORDS} | {"edition": fresh.edition}
    _log(fresh, ReportEventKind.REOPENED, by=by, now=now, text=reason, changes=said)
    fresh.submitted_at, fresh.figures, fresh.edition = None, {}, fresh.edition + 1
    _save(fresh, "submitted_at", "figures", "edition")
    tell_writer(fresh, "reopened", now=now, text=reason, key=f"reopened:{fresh.edition}")
    return fresh


@transaction.atomic
def read_report(report: WeeklyReport, *, by: User, now: datetime) -> WeeklyReport:
    """Note that somebody has read a submitted report. A second time changes nothing."""
    fresh = _locked(report, by)
    if not fresh.is_submitted or fresh.person_id == by.pk:
        raise Refused(_("Only somebody else reads a report, and when it is submitted."), code="wrong_status")
    _read, is_new = WeeklyReportRead.objects.get_or_create(
        report=fresh, edition=fresh.edition, reader=by, defaults={"at": now}
    )
    if is_new:
        _log(fresh, ReportEventKind.READ, by=by, now=now)
    return fresh


@transaction.atomic
def comment_report(report: WeeklyReport, *, text: str, by: User, now: datetime) -> WeeklyReport:
    """Say something about a report that one may read. Its writer is told; when he answers, who spoke."""
    fresh = _locked(report, by)
    entry = _log(fresh, ReportEventKind.COMMENTED, by=by, now=now, text=require(text, "text"))
    if by.pk != fresh.person_id:
        tell_writer(fresh, "commented", now=now, text=entry.text, key=f"comment:{entry.pk}", who=by)
    else:
        spoke = fresh.events.filter(kind=ReportEventKind.COMMENTED).exclude(by=by).values("by")
        people = User.objects.filter(pk__in=spoke, is_active=True).order_by("pk")
        tell(people, fresh, "answered", now=now, text=entry.text, key=f"comment:{entry.pk}", who=by)
    return fresh


def tell_writer(
    report: WeeklyReport, what: str, *, now: datetime, key: str, text: str = "", who: User | None = None
) -> None:
    """Write its writer a notice, where he is still here."""
    people = [report.person] if report.person.is_active else []
    tell(people, report, what, now=now, key=key, text=text, who=who)


def tell(
    people: Iterable[User],
    report: WeeklyReport,
    what: str,
    *,
    now: datetime,
    key: str,
    text: str = "",
    who: User | None = None,
) -> None:
    """Write people a notice about a report; `what` is one of the notice's own words."""
    facts: dict[str, object] = {
        "what": what,
        "first_on": report.first_on.isoformat(),
        "last_on": report.last_on.isoformat(),
        "due_at": report.due_at.isoformat(),
        "text": text[:300],
    }
    if who is not None:
        facts |= {"who": who.name, "who_en": who.name_en}
    url = reverse("weekly_reports:report", args=[report.pk])
    notify(people, "weekly_report", facts, url=url, key=f"weekly_report:{report.pk}:{key}", now=now)


def log_event(report: WeeklyReport, kind: ReportEventKind, *, now: datetime, text: str = "") -> None:
    """Append what the clock did to a report's history."""
    _log(report, kind, by=None, now=now, text=text)


def _locked(report: WeeklyReport, by: User) -> WeeklyReport:
    seen = WeeklyReport.objects.visible_to(by).select_for_update(of=("self",)).with_names()
    if (fresh := seen.filter(pk=report.pk).first()) is None:
        raise Refused(_("You may not see this report."), code="forbidden")
    return fresh


def _his(report: WeeklyReport, by: User) -> WeeklyReport:
    fresh = _locked(report, by)
    if fresh.person_id != by.pk or not by.is_active:
        raise Refused(_("Only its writer may change a report."), code="forbidden")
    if fresh.is_submitted:
        raise Refused(_("This report is submitted; the supervisor may reopen it."), code="wrong_status")
    _check_version(fresh, report)
    return fresh


def _check_version(fresh: WeeklyReport, seen: WeeklyReport) -> None:
    if fresh.version != seen.version:
        raise Moved(_("It was changed elsewhere meanwhile: look at it as it is now."))


def _set_words(report: WeeklyReport, words: Mapping[str, str]) -> None:
    for name in WORDS:
        if name in words:
            text = words[name].replace("\r\n", "\n").strip()
            if len(text) > LONGEST:
                raise Refused(_("At most %(n)s characters.") % {"n": LONGEST}, field=name, code="max_length")
            setattr(report, name, text)


def _save(report: WeeklyReport, *fields: str) -> WeeklyReport:
    report.version += 1
    report.save(update_fields=[*fields, "version"])
    return report


def _log(
    report: WeeklyReport,
    kind: ReportEventKind,
    *,
    by: User | None,
    now: datetime,
    text: str = "",
    changes: Mapping[str, object] | None = None,
) -> WeeklyReportEvent:
    return WeeklyReportEvent.objects.create(
        report=report, kind=kind, by=by, at=now, text=text, changes=dict(changes or {})
    )
