"""The time that people spend on a record."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.models.ticket import Entry, Ticket


class TimeSpentQuerySet(models.QuerySet["TimeSpent"]):
    def visible_to(self, user: User) -> TimeSpentQuerySet:
        """Who sees a record sees what it took; a client's contact does not look into the house."""
        if user.is_contact:
            return self.none()
        return self.filter(ticket__in=Ticket.objects.visible_to(user))

    def between(self, start: date, end: date) -> TimeSpentQuerySet:
        """What was spent from `start` on and before `end`."""
        return self.filter(on__gte=start, on__lt=end)

    def by_person_and_month(self) -> models.QuerySet:
        """The figures of the working-hours KPI (§5.2): rows of `person`, `month` and `minutes`."""
        rows = self.order_by().values("person", month=TruncMonth("on"))
        return rows.annotate(minutes=Sum("minutes")).order_by("month", "person")


class TimeSpent(models.Model):
    """Minutes that an entry took its writer. Append-only, as the entry is.

    A correction is a counter-entry: it belongs to the same day, its minutes may be negative, and `corrects`
    names what it corrects.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="time_spent")
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="time_spent")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    minutes = models.SmallIntegerField()
    on = models.DateField()
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")

    objects = TimeSpentQuerySet.as_manager()

    class Meta:
        verbose_name = _("time spent")
        verbose_name_plural = _("time spent")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="tickets_time_is_spent_or_corrected",
                condition=Q(corrects__isnull=True, minutes__gt=0)
                | (Q(corrects__isnull=False) & ~Q(minutes=0) & ~Q(corrects=F("id"))),
            ),
        ]
        indexes = [
            # A month's sums by person are read from the index alone.
            models.Index(name="tickets_time_of_person", fields=["on", "person"], include=["minutes"]),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.person_id} {self.minutes}"
