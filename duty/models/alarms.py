"""What people have been told of a roster, and what they are still to be told."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from duty.models.roles import DutyRole
from staff.models import Group, User


class HoleAlarm(models.Model):
    """A hole of a roster that its supervisor was told of, `told` times, at `step` days before it last.

    `goes_on`: it reached to the end of what was looked at. `filled_at`: since when there is somebody.
    """

    group = models.ForeignKey(Group, models.PROTECT, related_name="+", verbose_name=_("group"))
    role = models.CharField(_("duty"), max_length=10, choices=DutyRole.choices)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    goes_on = models.BooleanField(default=False)
    step = models.PositiveSmallIntegerField(_("days before"), null=True)
    told = models.PositiveSmallIntegerField(_("told how often"), default=0)
    found_at = models.DateTimeField(_("found"))
    filled_at = models.DateTimeField(_("filled"), null=True)

    class Meta:
        verbose_name = _("gap told of")
        verbose_name_plural = _("gaps told of")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                name="duty_hole_open", fields=["group", "ends_at"], condition=Q(filled_at__isnull=True)
            ),
        ]
        constraints = [
            models.CheckConstraint(name="duty_hole_has_length", condition=Q(ends_at__gt=F("starts_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.role} {self.starts_at:%Y-%m-%d %H:%M}"


class ShiftChange(models.Model):
    """A duty that was given to somebody or taken from him, as the plan changed; he hears of it soon."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=DutyRole.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_given = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("change of a person's duties")
        verbose_name_plural = _("changes of people's duties")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.starts_at:%Y-%m-%d %H:%M}"
