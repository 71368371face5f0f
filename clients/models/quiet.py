"""When a client or a contact may be called, and when not (§4.3). The rule itself is `clients.quiet`."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models.clients import Client
from clients.models.contacts import Contact
from clients.models.hours import Weekday


def _of_one(prefix: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"clients_{prefix}_of_one",
        condition=Q(client__isnull=False, contact__isnull=True)
        | Q(client__isnull=True, contact__isnull=False),
    )


class ContactHours(models.Model):
    """A span of a weekday in which somebody may be called; half-open, 00:00 as its end is midnight.

    No row at all: at any time in the working day. Either of a client or of a contact.
    """

    client = models.ForeignKey(Client, models.CASCADE, null=True, related_name="contact_hours")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="contact_hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))

    class Meta:
        verbose_name = _("hours for contact")
        verbose_name_plural = _("hours for contact")
        ordering = ["weekday", "starts"]
        constraints = [
            _of_one("hours"),
            models.CheckConstraint(
                name="clients_hours_have_length", condition=Q(ends__gt=F("starts")) | Q(ends="00:00")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"


class QuietPeriod(models.Model):
    """Days, both included, on which somebody is not to be disturbed: year-end closing, a leave.

    `every_year` repeats it on the same days of each year. Either of a client or of a contact.
    """

    client = models.ForeignKey(Client, models.CASCADE, null=True, related_name="quiet_periods")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="quiet_periods")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to (inclusive)"))
    every_year = models.BooleanField(_("every year"), default=False)
    reason = models.CharField(_("reason"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("quiet period")
        verbose_name_plural = _("quiet periods")
        ordering = ["starts_on", "pk"]
        constraints = [
            _of_one("quiet"),
            models.CheckConstraint(name="clients_quiet_has_length", condition=Q(ends_on__gte=F("starts_on"))),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} – {self.ends_on}"
