"""Inspections: a sheet gone through on a day, with what was found, and what happened (§5.1)."""

from __future__ import annotations

from datetime import datetime, time

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from duty.inspecting import Given, Result, Standing, standing
from duty.models.sheets import InspectionPlan, InspectionSheet, SheetItem, SheetVersion
from duty.readings import DIGITS, LONGEST_TEXT, PLACES, ItemKind, Level, YesNo
from staff.models import Group, StoredFile, User

LONGEST_NOTE = 1000


class InspectionQuerySet(models.QuerySet["Inspection"]):
    def visible_to(self, user: User) -> InspectionQuerySet:
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        return self.filter(group=user.group_id) if user.group_id else self.none()

    def open(self) -> InspectionQuerySet:
        """Neither finished nor given up as missed."""
        return self.filter(finished_at=None, missed_at=None)

    def untouched(self) -> InspectionQuerySet:
        """Open, and nobody has said anything of any item yet."""
        return self.open().filter(answers=None)

    def standing(self, wanted: Standing, now: datetime) -> InspectionQuerySet:
        """Those that stand like this at an instant: `duty.inspecting.standing`, asked of the database."""
        match wanted:
            case Standing.FINISHED:
                return self.filter(finished_at__isnull=False, missed_at=None)
            case Standing.LATE:
                return self.filter(finished_at__isnull=False, missed_at__isnull=False)
            case Standing.MISSED:
                return self.filter(finished_at=None, missed_at__isnull=False)
            case Standing.OVERDUE:
                return self.open().filter(due_at__lte=now)
        is_ahead = Q(day__gt=timezone.localdate(now))
        return self.open().filter(is_ahead if wanted == Standing.AHEAD else ~is_ahead, due_at__gt=now)

    def listed(self) -> InspectionQuerySet:
        """With all that a line of a list says: what it is about, whose it is, how many items are abnormal."""
        sheet = ("version__sheet__group", "version__sheet__system__client")
        return self.select_related("group", "person", "finished_by", *sheet).annotate(
            abnormal=_count(InspectionAnswer, "inspection", OuterRef("pk"), result=Result.ABNORMAL),
            answered=_count(InspectionAnswer, "inspection", OuterRef("pk"), result__gt=""),
            asked=_count(SheetItem, "version", OuterRef("version")),
        )


def _count(model: type[models.Model], by: str, of: OuterRef, **more: object) -> Coalesce:
    rows = model._default_manager.filter(**{by: of}, **more).order_by().values(by)
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


class Inspection(models.Model):
    """A sheet to be gone through on a day. `person` is whoever is on duty at `due_at`, and may be nobody."""

    plan = models.ForeignKey(InspectionPlan, models.PROTECT, related_name="inspections")
    version = models.ForeignKey(SheetVersion, models.PROTECT, related_name="inspections")
    group = models.ForeignKey(Group, models.PROTECT, related_name="+", verbose_name=_("group"))
    day = models.DateField(_("day"))
    due_at = models.DateTimeField(_("due"))
    closes_at = models.DateTimeField()
    person = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="inspections", verbose_name=_("on duty")
    )
    reminded_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(
                name="duty_inspection_open", fields=["due_at"], condition=Q(finished_at=None, missed_at=None)
            ),
            models.Index(name="duty_inspection_group", fields=["group", "-due_at", "-id"]),
        ]
        constraints = [
            models.UniqueConstraint(name="duty_inspection_once_a_day", fields=["plan", "day"]),
            models.CheckConstraint(
                name="duty_inspection_finished_by_somebody",
                condition=Q(finished_at=None, finished_by=None)
                | Q(finished_at__isnull=False, finished_by__isnull=False),
            ),
            models.CheckConstraint(
                name="duty_inspection_has_a_window", condition=Q(closes_at__gte=F("due_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.day}"

    @property
    def sheet(self) -> InspectionSheet:
        return self.version.sheet

    @property
    def opens_at(self) -> datetime:
        return datetime.combine(self.day, time(0), timezone.get_default_timezone())

    def standing(self, now: datetime) -> Standing:
        return standing(self.opens_at, self.due_at, self.finished_at, self.missed_at, now)


class InspectionAnswer(models.Model):
    """What was found of one item. `recorded_at` is when a maintenance record was opened of it, if one was;
    `reason` is why there is none.
    """

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="answers")
    item = models.ForeignKey(SheetItem, models.PROTECT, related_name="answers")
    result = models.CharField(_("result"), max_length=9, choices=Result.choices, blank=True)
    value = models.CharField(_("value"), max_length=LONGEST_TEXT, blank=True)
    number = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)
    level = models.CharField(max_length=8, choices=Level.choices, blank=True)
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True)
    reason = models.CharField(_("why no record"), max_length=LONGEST_NOTE, blank=True)
    recorded_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("answer of an inspection")
        verbose_name_plural = _("answers of inspections")
        ordering = ["inspection", "item__position"]
        constraints = [
            models.UniqueConstraint(name="duty_answer_once", fields=["inspection", "item"]),
        ]

    def __str__(self) -> str:
        return f"{self.inspection_id} {self.item_id}"

    @property
    def shown_value(self) -> str:
        """The value with its unit, in the reader's language."""
        match self.item.kind:
            case ItemKind.YES_NO:
                return str(YesNo(self.value).label) if self.value else ""
            case ItemKind.CHOICE:
                return self.item.option_label(self.value)
        return f"{self.value} {self.item.unit}".strip() if self.value else ""

    def given(self, files: int) -> Given:
        """What it says, for the rule of what is missing; with how many files it has."""
        return Given(
            result=self.result,
            has_value=bool(self.value),
            level=Level(self.level) if self.level else None,
            note=self.note,
            files=files,
            is_recorded=self.recorded_at is not None,
            reason=self.reason,
        )


class InspectionFileQuerySet(models.QuerySet["InspectionFile"]):
    def visible_to(self, user: User) -> InspectionFileQuerySet:
        return self.filter(answer__inspection__in=Inspection.objects.visible_to(user))


class InspectionFile(StoredFile):
    """A photo or another file that shows what was found of an item."""

    answer = models.ForeignKey(InspectionAnswer, models.CASCADE, related_name="files")

    objects = InspectionFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of an inspection")
        verbose_name_plural = _("files of inspections")
        ordering = ["pk"]


class InspectionEventKind(models.TextChoices):
    SHEET_WRITTEN = "sheet_written", _("Sheet begun")
    SHEET_PUBLISHED = "sheet_published", _("Version published")
    SHEET_RETIRED = "sheet_retired", _("Sheet retired")
    PLAN_MADE = "plan_made", _("Plan made")
    PLAN_CHANGED = "plan_changed", _("Plan changed")
    PLAN_ENDED = "plan_ended", _("Plan ended")
    ANSWERED = "answered", _("Values entered")
    RECORDED = "recorded", _("Record opened")
    FINISHED = "finished", _("Inspection finished")
    MISSED = "missed", _("Inspection missed")


class InspectionEvent(models.Model):
    """What was done to a sheet or to one of its inspections: an entry of its history, never changed.

    `by` is empty where the clock did it.
    """

    sheet = models.ForeignKey(InspectionSheet, models.PROTECT, related_name="events")
    inspection = models.ForeignKey(Inspection, models.PROTECT, null=True, related_name="events")
    kind = models.CharField(max_length=15, choices=InspectionEventKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("entry of an inspection's history")
        verbose_name_plural = _("history of inspections")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
