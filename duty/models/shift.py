"""Who is on duty: what the roster's plan comes to, written out."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Case, F, Func, Q, When
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from duty.models.changes import Leave
from duty.models.roles import DutyRole, ShiftSource
from staff.models import Group, User


class ShiftQuerySet(models.QuerySet["Shift"]):
    def visible_to(self, user: User) -> ShiftQuerySet:
        if user.sees_everything:
            return self
        return self.filter(group=user.group_id) if user.group_id else self.none()

    def at(self, instant: datetime) -> ShiftQuerySet:
        """Shifts that hold at an instant; a shift is half-open: it does not hold at its end."""
        return self.filter(starts_at__lte=instant, ends_at__gt=instant)

    def in_line(self) -> ShiftQuerySet:
        """Group by group, who answers first first."""
        places = [When(role=role, then=place) for place, role in enumerate(DutyRole.values)]
        return self.order_by("group__code", Case(*places), "user__name", "pk")

    def on_duty(self, group: Group, instant: datetime) -> ShiftQuerySet:
        return self.at(instant).filter(group=group, user__is_active=True)


class Shift(models.Model):
    """A span in which somebody has a duty. `duty.actions.publishing` alone writes it; the past never changes.

    `source` and `source_id` say which plan or change put the person there, `note` what it is called or why.
    """

    group = models.ForeignKey(Group, models.PROTECT, related_name="shifts", verbose_name=_("group"))
    user = models.ForeignKey(User, models.PROTECT, related_name="shifts", verbose_name=_("person"))
    role = models.CharField(_("duty"), max_length=10, choices=DutyRole.choices, default=DutyRole.PRIMARY)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    source = models.CharField(
        _("source"), max_length=10, choices=ShiftSource.choices, default=ShiftSource.OVERRIDE, editable=False
    )
    source_id = models.BigIntegerField(null=True, editable=False)
    note = models.CharField(max_length=200, blank=True, editable=False)
    instead_of = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)

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

    @property
    def why(self) -> str:
        """Where the shift comes from, in a line."""
        words = f"{self.get_source_display()}: {self.note}" if self.note else str(self.get_source_display())
        if self.instead_of is None:
            return words
        return gettext("%(why)s, instead of %(name)s") % {"why": words, "name": self.instead_of.label}


class EmptyShift(models.Model):
    """A span that somebody was planned for and is absent from: no shift, so that nobody reads it as one."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="+", verbose_name=_("group"))
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    role = models.CharField(_("duty"), max_length=10, choices=DutyRole.choices)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    leave = models.ForeignKey(Leave, models.PROTECT, null=True, related_name="+")

    objects = ShiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("empty shift")
        verbose_name_plural = _("empty shifts")
        ordering = ["starts_at", "role"]
        indexes = [models.Index(name="duty_empty_group_span", fields=["group", "ends_at"])]

    def __str__(self) -> str:
        return f"{self.user_id} {self.starts_at:%Y-%m-%d %H:%M}"
