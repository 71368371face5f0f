"""What is written to clients by e-mail."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.models import DeliveryState, Outgoing
from tickets.models.ticket import Entry, Ticket


class OutgoingMail(Outgoing):
    """An e-mail to a client on its way out, written in the transaction of the entry that it is a copy of.

    `message_id` cannot be guessed: who answers it has received it. `thread` lists the Message-IDs of what
    came before, oldest first, as the header `References` does.
    """

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+")
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="outgoing_mail")
    to = models.EmailField()
    subject = models.CharField(max_length=250)
    body = models.TextField()
    message_id = models.CharField(max_length=250, unique=True)
    thread = models.TextField(blank=True)
    is_automatic = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("e-mail to a client")
        verbose_name_plural = _("e-mails to clients")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                name="tickets_outgoing_waiting",
                fields=["next_try_at"],
                condition=Q(state=DeliveryState.WAITING),
            ),
            models.Index(name="tickets_outgoing_thread", fields=["ticket", "id"]),
            models.Index(
                name="tickets_outgoing_automatic",
                fields=["to", "created_at"],
                condition=Q(is_automatic=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.state}"
