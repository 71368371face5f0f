"""Complaints: records of that kind, each ruled to be founded or not (§4.3)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.models import Kind, Ticket


class Verdict(models.TextChoices):
    FOUNDED = "founded", _("Founded")
    UNFOUNDED = "unfounded", _("Not founded")


class ComplaintRulingQuerySet(models.QuerySet["ComplaintRuling"]):
    def visible_to(self, user: User) -> ComplaintRulingQuerySet:
        if user.is_contact:
            return self.none()
        return self.filter(ticket__in=Ticket.objects.visible_to(user))


class ComplaintRuling(models.Model):
    """Whether a complaint is founded, as the group's supervisor ruled, and why. It may be ruled anew."""

    ticket = models.OneToOneField(Ticket, models.PROTECT, related_name="+")
    verdict = models.CharField(_("ruling"), max_length=9, choices=Verdict.choices)
    reason = models.TextField(_("reason"), max_length=4000)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = ComplaintRulingQuerySet.as_manager()

    class Meta:
        verbose_name = _("ruling on a complaint")
        verbose_name_plural = _("rulings on complaints")
        constraints = [
            models.CheckConstraint(name="surveys_complaint_ruled_for_a_reason", condition=~Q(reason=""))
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.verdict}"


def complaints(user: User) -> models.QuerySet[Ticket]:
    """The complaints that a person may see; a client's contact has his portal."""
    if user.is_contact:
        return Ticket.objects.none()
    return Ticket.objects.visible_to(user).filter(kind=Kind.COMPLAINT)
