"""Who has a record open at this moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from staff.models import User
from tickets.models.ticket import Ticket

# The page says every 4 s that it is open, every 12 s where nobody looks at it. So two of those may get lost
# before a person counts as gone.
KEPT_FOR = timedelta(seconds=30)


class PresenceQuerySet(models.QuerySet["Presence"]):
    def visible_to(self, user: User) -> PresenceQuerySet:
        """Who sees a record sees who else is there; a client's contact does not look into the house."""
        if user.is_contact:
            return self.none()
        return self.filter(ticket__in=Ticket.objects.visible_to(user))

    def now(self, now: datetime) -> PresenceQuerySet:
        """Those who have been heard of in the last 30 s."""
        return self.filter(seen_at__gt=now - KEPT_FOR)


class Presence(models.Model):
    """One person in front of one record, and whether he is writing. It warns the others and locks nothing."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    is_writing = models.BooleanField(default=False)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [
            models.UniqueConstraint(name="tickets_presence_once", fields=["ticket", "user"]),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.user_id}"
