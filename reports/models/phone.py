"""How many calls the telephone exchange offered a group on a day, and how many somebody answered."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from staff.models import Group, User

MOST_CALLS = 100_000


class PhoneDayQuerySet(models.QuerySet["PhoneDay"]):
    def visible_to(self, user: User) -> PhoneDayQuerySet:
        """A group's own; who sees everything sees all. Clients' contacts know of none."""
        if user.is_contact:
            return self.none()
        if user.sees_everything:
            return self
        return self.filter(group=user.group_id) if user.group_id else self.none()


class PhoneDay(models.Model):
    """The numbers of one group and one local day: filed again they replace those of before."""

    group = models.ForeignKey(
        Group, models.PROTECT, related_name="+", db_index=False, verbose_name=_("group")
    )
    day = models.DateField(_("day"))
    offered = models.PositiveIntegerField(_("calls that came in"))
    answered = models.PositiveIntegerField(_("of these answered"))
    version = models.PositiveIntegerField(default=1)

    objects = PhoneDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("calls of a day")
        verbose_name_plural = _("calls by day")
        ordering = ["-day", "group"]
        constraints = [
            models.UniqueConstraint(name="reports_phone_once_a_day", fields=["group", "day"]),
            models.CheckConstraint(
                name="reports_phone_answers_what_came", condition=Q(answered__lte=F("offered"))
            ),
        ]
        indexes = [models.Index(name="reports_phone_by_day", fields=["-day", "-id"])]

    def __str__(self) -> str:
        return f"{self.group_id} {self.day}"


class PhoneEntry(models.Model):
    """One filing of the numbers of a day: who, when, what. Never changed."""

    of = models.ForeignKey(PhoneDay, models.CASCADE, related_name="entries")
    offered = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()
    note = models.CharField(_("note"), max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("filing of the calls of a day")
        verbose_name_plural = _("filings of the calls of days")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.of_id} {self.offered} {self.answered}"
