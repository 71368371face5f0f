"""Inspection sheets: what is looked at, in versions; and how often (§5.1, tail 7.1)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clients.models import System, Weekday
from duty.inspecting import Wanted
from duty.readings import DIGITS, PLACES, ItemKind, Level, Limits, Option, Scale, YesNo
from duty.recurrence import Often, Recurrence
from staff.models import Bilingual, Group, User


class Section(models.TextChoices):
    """What part of a system an item belongs to."""

    HOST = "host", _("Host")
    DATABASE = "database", _("Database")
    APPLICATION = "application", _("Application")
    NETWORK = "network", _("Network")
    STORAGE = "storage", _("Storage")
    BACKUP = "backup", _("Backups")
    SECURITY = "security", _("Security")
    ENVIRONMENT = "environment", _("Environment")
    OTHER = "other", _("Other items")


class InspectionSheetQuerySet(models.QuerySet["InspectionSheet"]):
    def visible_to(self, user: User) -> InspectionSheetQuerySet:
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        return self.filter(group=user.group_id) if user.group_id else self.none()

    def in_use(self) -> InspectionSheetQuerySet:
        return self.filter(retired_at=None)


class InspectionSheet(Bilingual):
    """What is inspected at a client's system, or, without one, in the group's own surroundings."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="+", verbose_name=_("group"))
    system = models.ForeignKey(
        System, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("system")
    )
    retired_at = models.DateTimeField(null=True, editable=False)

    objects = InspectionSheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("inspection sheet")
        verbose_name_plural = _("inspection sheets")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="duty_sheet_name_once",
                fields=["group", "system", "name"],
                condition=Q(retired_at=None),
                nulls_distinct=False,
                violation_error_message=_("There is an inspection sheet of this name already."),
            )
        ]

    @property
    def place(self) -> str:
        """What it is about: the client's system, or the group."""
        if self.system is None:
            return self.group.label
        return f"{self.system.client.label} · {self.system.label}"


class SheetVersion(models.Model):
    """A wording of a sheet. Once published it never changes; at most one is being written."""

    sheet = models.ForeignKey(InspectionSheet, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("version of an inspection sheet")
        verbose_name_plural = _("versions of inspection sheets")
        ordering = ["sheet", "-number"]
        constraints = [
            models.UniqueConstraint(name="duty_sheet_version_once", fields=["sheet", "number"]),
            models.UniqueConstraint(
                name="duty_sheet_one_draft", fields=["sheet"], condition=Q(published_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} v{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.published_at is None


def limit(label: object) -> models.DecimalField:
    return models.DecimalField(label, max_digits=DIGITS, decimal_places=PLACES, null=True, blank=True)


class SheetItem(Bilingual):
    """One thing to look at. `line` stays the same in all versions of a sheet, so that values make a trend.

    `options` of a choice is `[{"text", "text_en", "level"}, …]`.
    """

    version = models.ForeignKey(SheetVersion, models.CASCADE, related_name="items")
    line = models.PositiveIntegerField(editable=False)
    position = models.PositiveIntegerField(editable=False)
    section = models.CharField(_("section"), max_length=12, choices=Section.choices, default=Section.HOST)
    kind = models.CharField(_("kind"), max_length=8, choices=ItemKind.choices, default=ItemKind.NUMBER)
    unit = models.CharField(_("unit"), max_length=16, blank=True)
    warn_low = limit(_("warning at or below"))
    warn_high = limit(_("warning at or above"))
    critical_low = limit(_("critical at or below"))
    critical_high = limit(_("critical at or above"))
    expected = models.CharField(_("normal answer"), max_length=3, choices=YesNo.choices, blank=True)
    options = models.JSONField(default=list)
    is_required = models.BooleanField(_("must be answered"), default=True)
    needs_file = models.BooleanField(_("needs a photo or file"), default=False)
    reference = models.CharField(_("how to check, what to hand in"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("item of an inspection sheet")
        verbose_name_plural = _("items of inspection sheets")
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(name="duty_sheet_item_once", fields=["version", "line"]),
        ]

    @property
    def scale(self) -> Scale:
        return Scale(
            ItemKind(self.kind),
            Limits(self.warn_low, self.warn_high, self.critical_low, self.critical_high),
            self.expected,
            [Option(one["text"], Level(one["level"])) for one in self.options],
        )

    @property
    def wanted(self) -> Wanted:
        return Wanted(ItemKind(self.kind), self.is_required, self.needs_file)

    def option_label(self, text: str) -> str:
        """A value of a choice in the reader's language."""
        english = (get_language() or "").startswith("en")
        found = next((one for one in self.options if one["text"] == text), None)
        return found["text_en"] if found and english and found.get("text_en") else text


class InspectionPlanQuerySet(models.QuerySet["InspectionPlan"]):
    def visible_to(self, user: User) -> InspectionPlanQuerySet:
        return self.filter(sheet__in=InspectionSheet.objects.visible_to(user))

    def running(self) -> InspectionPlanQuerySet:
        return self.filter(ended_at=None)


class InspectionPlan(models.Model):
    """How often a sheet is gone through, and by when. Not finished `window_minutes` after `due`: missed.

    `written_until` is the last day up to which its inspections are there as rows.
    """

    sheet = models.ForeignKey(
        InspectionSheet, models.PROTECT, related_name="plans", verbose_name=_("inspection sheet")
    )
    often = models.CharField(_("how often"), max_length=8, choices=Often.choices, default=Often.DAILY)
    weekday = models.PositiveSmallIntegerField(
        _("day of the week"), choices=Weekday.choices, null=True, blank=True
    )
    month_day = models.PositiveSmallIntegerField(_("day of the month"), null=True, blank=True)
    is_moved = models.BooleanField(_("on a day off: on the next workday"), default=True)
    due = models.TimeField(_("due at"))
    window_minutes = models.PositiveIntegerField(_("missed after so many minutes"), default=120)
    since = models.DateField(_("from"))
    written_until = models.DateField(editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = InspectionPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("inspection plan")
        verbose_name_plural = _("inspection plans")
        ordering = ["sheet", "pk"]
        constraints = [
            models.CheckConstraint(
                name="duty_plan_names_its_day",
                condition=Q(often__in=[Often.DAILY, Often.WORKDAYS])
                | Q(often=Often.WEEKLY, weekday__lte=6)
                | Q(often=Often.MONTHLY, month_day__range=(1, 31)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.often} {self.due:%H:%M}"

    @property
    def recurrence(self) -> Recurrence:
        return Recurrence(Often(self.often), self.weekday, self.month_day, self.is_moved)

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=self.window_minutes)

    def due_on(self, day: date) -> datetime:
        """The instant by which it is to be done on a day."""
        return datetime.combine(day, self.due, timezone.get_default_timezone())
