"""Rotations: people who take a duty in turn. A changed one is a new row; what is over stays as it was."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from duty.models.calendar import DayKind
from duty.models.roles import DutyRole, ShiftSource
from staff.models import Group, User

LONGEST_TURN = 60
HIGHEST_PRIORITY = 9
EARLIEST_DAY = date(2000, 1, 1)


class TurnUnit(models.TextChoices):
    SHIFT = "shift", _("shifts")
    WEEK = "week", _("weeks")


class RotationQuerySet(models.QuerySet["Rotation"]):
    def visible_to(self, user: User) -> RotationQuerySet:
        if user.sees_everything:
            return self
        return self.filter(group=user.group_id) if user.group_id else self.none()

    def unfinished(self, now: datetime) -> RotationQuerySet:
        """Those that hold now or will."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=now))


class Rotation(models.Model):
    """One version of a rotation, from `since` until `until`; `first` is the version it began with.

    Priority 0 is the base rotation, everything above a layer over it, a holiday layer lies over them all.
    """

    group = models.ForeignKey(Group, models.PROTECT, related_name="rotations", verbose_name=_("group"))
    first = models.ForeignKey("self", models.PROTECT, null=True, related_name="versions", editable=False)
    name = models.CharField(_("name"), max_length=60)
    role = models.CharField(_("duty"), max_length=10, choices=DutyRole.choices, default=DutyRole.PRIMARY)
    starts = models.TimeField(_("shift from"))
    ends = models.TimeField(_("shift to"))
    every = models.PositiveSmallIntegerField(_("a turn lasts"), default=1)
    unit = models.CharField(_("counted in"), max_length=5, choices=TurnUnit.choices, default=TurnUnit.SHIFT)
    first_day = models.DateField(_("first person's first day"))
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    kinds = ArrayField(models.CharField(max_length=16, choices=DayKind.choices), default=list, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=0)
    for_holidays = models.BooleanField(_("holiday layer"), default=False)
    since = models.DateTimeField(_("holds from"))
    until = models.DateTimeField(_("holds until"), null=True, blank=True)

    objects = RotationQuerySet.as_manager()

    class Meta:
        verbose_name = _("rotation")
        verbose_name_plural = _("rotations")
        ordering = ["group", "role", "-for_holidays", "-priority", "pk"]
        constraints = [
            models.CheckConstraint(
                name="duty_rotation_has_length", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
            models.CheckConstraint(name="duty_rotation_turn_lasts", condition=Q(every__gte=1)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def line(self) -> int:
        """What all versions of one rotation have in common."""
        return self.first_id or self.pk

    @property
    def source(self) -> ShiftSource:
        if self.for_holidays:
            return ShiftSource.HOLIDAY
        return ShiftSource.LAYER if self.priority else ShiftSource.ROTATION

    @property
    def people(self) -> list[User]:
        return [place.user for place in self.places.all()]

    def has_begun(self, now: datetime) -> bool:
        return self.since < now


class RotationPlace(models.Model):
    """A person's place in the order of a rotation."""

    rotation = models.ForeignKey(Rotation, models.CASCADE, related_name="places")
    number = models.PositiveSmallIntegerField()
    user = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["rotation", "number"]
        constraints = [
            models.UniqueConstraint(name="duty_rotation_place_once", fields=["rotation", "number"]),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.user_id}"
