"""Temporary schedules: a block of days with a plan of its own, such as the days of Spring Festival (§5.5)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from duty.models.roles import DutyRole
from staff.models import Group, User


class TemporarySchedule(models.Model):
    """`ended_at` says when it was taken back; what was held by then stays in the shifts."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="+", verbose_name=_("group"))
    name = models.CharField(_("name"), max_length=60)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("temporary schedule")
        verbose_name_plural = _("temporary schedules")
        ordering = ["first_day", "pk"]
        constraints = [
            models.CheckConstraint(
                name="duty_temporary_has_length", condition=Q(last_day__gte=F("first_day"))
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TemporaryShift(models.Model):
    """One person's span in a temporary schedule."""

    schedule = models.ForeignKey(TemporarySchedule, models.CASCADE, related_name="shifts")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    role = models.CharField(_("duty"), max_length=10, choices=DutyRole.choices)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))

    class Meta:
        ordering = ["starts_at", "role"]
        constraints = [
            models.CheckConstraint(
                name="duty_temporary_shift_has_length", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.starts_at:%Y-%m-%d %H:%M}"
