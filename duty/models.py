"""The working calendar and who is on duty."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from staff.models import Bilingual, Group, User


class DayKind(models.TextChoices):
    """The five kinds of day of the Chinese working calendar."""

    WORKDAY = "workday", _("Workday")
    WEEKEND = "weekend", _("Weekend")
    MAKEUP_WORKDAY = "makeup_workday", _("Make-up workday")
    STATUTORY = "statutory", _("Statutory holiday")
    DAY_IN_LIEU = "day_in_lieu", _("Day off in lieu")


WORKING_KINDS = (DayKind.WORKDAY, DayKind.MAKEUP_WORKDAY)


class CalendarYear(models.Model):
    """A year of the calendar; `is_official` once the government's plan for it is known."""

    year = models.PositiveSmallIntegerField(_("year"), primary_key=True)
    is_official = models.BooleanField(_("official plan known"), default=False)
    source = models.CharField(_("source"), max_length=120)

    class Meta:
        verbose_name = _("calendar year")
        verbose_name_plural = _("calendar years")
        ordering = ["year"]

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    date = models.DateField(_("date"), primary_key=True)
    kind = models.CharField(_("kind of day"), max_length=16, choices=DayKind.choices)
    name = models.CharField(_("name"), max_length=60, blank=True)
    name_en = models.CharField(_("English name"), max_length=60, blank=True)
    source = models.CharField(_("source"), max_length=120)
    is_edited = models.BooleanField(_("edited by hand"), default=False)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.label}".strip()

    label = Bilingual.label

    @property
    def is_working(self) -> bool:
        return self.kind in WORKING_KINDS


class DutyRole(models.TextChoices):
    PRIMARY = "primary", _("On duty")
    BACKUP = "backup", _("Backup")
    SUPERVISOR = "supervisor", _("Duty supervisor")


class ShiftQuerySet(models.QuerySet["Shift"]):
    def visible_to(self, user: User) -> ShiftQuerySet:
        if user.sees_everything:
            return self
        return self.filter(group=user.group_id) if user.group_id else self.none()

    def at(self, instant: datetime) -> ShiftQuerySet:
        """Shifts that hold at an instant; a shift is half-open: it does not hold at its end."""
        return self.filter(starts_at__lte=instant, ends_at__gt=instant)

    def on_duty(self, group: Group, instant: datetime) -> ShiftQuerySet:
        return self.at(instant).filter(group=group, user__is_active=True)


class Shift(models.Model):
    group = models.ForeignKey(Group, models.PROTECT, related_name="shifts", verbose_name=_("group"))
    user = models.ForeignKey(User, models.PROTECT, related_name="shifts", verbose_name=_("person"))
    role = models.CharField(_("duty"), max_length=10, choices=DutyRole.choices, default=DutyRole.PRIMARY)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))

    objects = ShiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ["starts_at", "role"]
        indexes = [models.Index(name="duty_shift_group_span", fields=["group", "ends_at"])]
        constraints = [
            models.CheckConstraint(
                name="duty_shift_has_length",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("A shift must end after it starts."),
            ),
            ExclusionConstraint(
                name="duty_shift_one_person_a_role",
                expressions=[
                    (
                        Func(
                            "starts_at",
                            "ends_at",
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    ("group", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                ],
                violation_error_message=_("Somebody else already has this duty in that span."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.starts_at:%Y-%m-%d %H:%M}"
