"""When and where a group meets every week, and who chairs (§6.1.1)."""

from __future__ import annotations

from datetime import time, tzinfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meetings.weeks import Slot
from staff.models import Group, User


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")


class MeetingPlanQuerySet(models.QuerySet["MeetingPlan"]):
    def visible_to(self, user: User) -> MeetingPlanQuerySet:
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        return self.filter(group=user.group_id) if user.group_id else self.none()


class MeetingPlan(models.Model):
    """One group's meeting of every week; the times are local. `chair` empty: the group's supervisor.

    `written_until` is the Monday of the last week that has been scheduled.
    """

    group = models.OneToOneField(Group, models.PROTECT, related_name="meeting_plan", verbose_name=_("group"))
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices, default=Weekday.MONDAY)
    at = models.TimeField(_("time"), default=time(14))
    minutes = models.PositiveSmallIntegerField(
        _("planned length, minutes"),
        default=60,
        validators=[MinValueValidator(10), MaxValueValidator(480)],
    )
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.URLField(_("link of the video meeting"), max_length=300, blank=True)
    chair = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("chair")
    )
    written_until = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = MeetingPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan of weekly meetings")
        verbose_name_plural = _("plans of weekly meetings")
        ordering = ["group__code"]
        constraints = [
            models.CheckConstraint(name="meetings_plan_on_a_weekday", condition=Q(weekday__lte=4)),
            models.CheckConstraint(
                name="meetings_plan_has_a_length", condition=Q(minutes__gte=10, minutes__lte=480)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.weekday} {self.at}"

    def slot(self, tz: tzinfo) -> Slot:
        return Slot(self.weekday, self.at, tz)
