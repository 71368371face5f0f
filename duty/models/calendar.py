"""The working calendar."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from staff.models import Bilingual


class DayKind(models.TextChoices):
    """The five kinds of day of the Chinese working calendar."""

    WORKDAY = "workday", _("Workday")
    WEEKEND = "weekend", _("Weekend")
    MAKEUP_WORKDAY = "makeup_workday", _("Make-up workday")
    STATUTORY = "statutory", _("Statutory holiday")
    DAY_IN_LIEU = "day_in_lieu", _("Day off in lieu")

    @classmethod
    def usual(cls, day: date) -> DayKind:
        """What a day is that no plan speaks of: its place in the week."""
        return cls.WEEKEND if day.weekday() >= 5 else cls.WORKDAY


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
