"""Records that were opened of what an inspection found."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from duty.models import Inspection, InspectionAnswer
from staff.models import User
from tickets.models.ticket import Ticket


class InspectionRecordQuerySet(models.QuerySet["InspectionRecord"]):
    def visible_to(self, user: User) -> InspectionRecordQuerySet:
        """Whoever sees the inspection and the record."""
        return self.filter(
            ticket__in=Ticket.objects.visible_to(user),
            answer__inspection__in=Inspection.objects.visible_to(user),
        )


class InspectionRecord(models.Model):
    """The record of an abnormal item: each has at most one."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+")
    answer = models.OneToOneField(InspectionAnswer, models.PROTECT, related_name="+")

    objects = InspectionRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("record of an inspection")
        verbose_name_plural = _("records of inspections")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.answer_id}"
