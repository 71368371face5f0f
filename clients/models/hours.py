"""When a client is served."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from staff.models import Bilingual


class ServiceHours(Bilingual):
    """A timetable in which a client is served; working-time clocks run inside it (§2.3)."""

    code = models.SlugField(_("code"), unique=True)
    round_the_clock = models.BooleanField(_("round the clock"), default=False)
    open_on_holidays = models.BooleanField(_("open on statutory holidays"), default=False)

    class Meta:
        verbose_name = _("service hours")
        verbose_name_plural = _("service hours")
        ordering = ["code"]


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class ServiceSpan(models.Model):
    """One span of a weekday, half-open; an end of 00:00 means midnight. Several a day: lunch is a gap."""

    hours = models.ForeignKey(ServiceHours, models.CASCADE, related_name="spans")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))

    class Meta:
        verbose_name = _("service span")
        verbose_name_plural = _("service spans")
        ordering = ["weekday", "starts"]
        constraints = [
            models.UniqueConstraint(name="clients_span_once", fields=["hours", "weekday", "starts"]),
            models.CheckConstraint(
                name="clients_span_has_length",
                condition=Q(ends__gt=F("starts")) | Q(ends="00:00"),
                violation_error_message=_("The end must come after the start."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"
