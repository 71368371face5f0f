"""The weekly report of an engineer, who has read it, and what happened to it (tail §6.2)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from meetings.reporting import ReportEventKind, Span, Standing, standing
from staff.models import Group, User

LONGEST = 8000


class WeeklyReportQuerySet(models.QuerySet["WeeklyReport"]):
    def visible_to(self, user: User) -> WeeklyReportQuerySet:
        """His own; those of his group once submitted, its supervisor drafts too; who sees all sees all."""
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        if user.group_id is None:
            return self.filter(person=user)
        if user.may_supervise:
            return self.filter(Q(person=user) | Q(group=user.group_id))
        return self.filter(Q(person=user) | Q(group=user.group_id, submitted_at__isnull=False))

    def awaited(self) -> WeeklyReportQuerySet:
        """Never submitted; one that was reopened is nobody's delay."""
        return self.filter(submitted_at=None, first_submitted_at=None)

    def standing(self, wanted: Standing, now: datetime) -> WeeklyReportQuerySet:
        """Those that stand like this at an instant: `meetings.reporting.standing`, asked of the database."""
        match wanted:
            case Standing.SUBMITTED:
                return self.filter(submitted_at__isnull=False, first_submitted_at__lte=F("due_at"))
            case Standing.LATE:
                return self.filter(submitted_at__isnull=False, first_submitted_at__gt=F("due_at"))
            case Standing.MISSING:
                return self.awaited().filter(due_at__lte=now)
        return self.filter(submitted_at=None).filter(Q(due_at__gt=now) | Q(first_submitted_at__isnull=False))

    def with_names(self) -> WeeklyReportQuerySet:
        return self.select_related("person", "group")


def _words(label: object) -> models.TextField:  # type: ignore[type-arg]
    return models.TextField(label, blank=True, max_length=LONGEST)  # type: ignore[arg-type]


class WeeklyReport(models.Model):
    """What one engineer did from `first_on` to `last_on` (both included), due at `due_at`.

    `figures` is empty until it is submitted, then by figure `{"n": …, "rows": […]}`: the row ids as they were
    counted then (`time`: minutes). `edition` rises when it is reopened. `first_submitted_at` decides whether
    it was late. `reminded` is how often its writer was asked for it; `told_at` when its lateness was told.
    """

    person = models.ForeignKey(
        User, models.PROTECT, related_name="weekly_reports", verbose_name=_("engineer")
    )
    group = models.ForeignKey(Group, models.PROTECT, related_name="+", verbose_name=_("group"))
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    due_at = models.DateTimeField(_("due"))
    done = _words(_("what was done"))
    problems = _words(_("problems"))
    plans = _words(_("plans for the week"))
    help_wanted = _words(_("help wanted"))
    figures = models.JSONField(default=dict)
    edition = models.PositiveSmallIntegerField(default=1)
    drafted_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    first_submitted_at = models.DateTimeField(null=True)
    reminded = models.PositiveSmallIntegerField(default=0)
    told_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = WeeklyReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("weekly report")
        verbose_name_plural = _("weekly reports")
        ordering = ["-first_on", "-pk"]
        indexes = [
            models.Index(name="meetings_report_by_group", fields=["group", "-first_on", "-id"]),
            models.Index(
                name="meetings_report_awaited",
                fields=["due_at"],
                condition=Q(submitted_at=None, first_submitted_at=None),
            ),
        ]
        constraints = [
            models.UniqueConstraint(name="meetings_report_once", fields=["person", "first_on"]),
            models.CheckConstraint(name="meetings_report_has_days", condition=Q(last_on__gt=F("first_on"))),
            models.CheckConstraint(
                name="meetings_report_submitted_says_something",
                condition=Q(submitted_at=None)
                | (Q(submitted_at__isnull=False, first_submitted_at__isnull=False) & ~Q(done="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.first_on}"

    @property
    def is_submitted(self) -> bool:
        return self.submitted_at is not None

    @property
    def span(self) -> Span:
        return Span(self.first_on, self.last_on, self.due_on)

    @property
    def due_on(self) -> date:
        return timezone.localdate(self.due_at, timezone.get_default_timezone())

    def standing(self, now: datetime) -> Standing:
        return standing(self.due_at, self.submitted_at, self.first_submitted_at, now)


class WeeklyReportRead(models.Model):
    """That somebody has read an edition of a report."""

    report = models.ForeignKey(WeeklyReport, models.PROTECT, related_name="reads")
    edition = models.PositiveSmallIntegerField()
    reader = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("reading of a weekly report")
        verbose_name_plural = _("readings of weekly reports")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(name="meetings_report_read_once", fields=["report", "edition", "reader"])
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.reader_id}"


class WeeklyReportEvent(models.Model):
    """An entry of a report's history, never changed. `by` is empty where the clock did it.

    When it is reopened `changes` keeps the words of the edition that was read until then.
    """

    report = models.ForeignKey(WeeklyReport, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=9, choices=ReportEventKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    changes = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("entry of a weekly report's history")
        verbose_name_plural = _("history of weekly reports")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
