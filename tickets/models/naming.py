"""Under which names records can be found, and which of them must be indexed anew."""

from __future__ import annotations

from django.db import models

from tickets.models.ticket import Ticket


class Named(models.TextChoices):
    """Whose names and numbers stand in a record's index; the value is the record's column without `_id`."""

    CLIENT = "client"
    SYSTEM = "system"
    CONTACT = "contact"


class KnownName(models.Model):
    """The names (a contact's numbers too) of a client, a system or a contact when they were last compared.

    At `look_again_at` its newest records are looked at once more: one that was being written while the name
    changed may have been indexed under the old one.
    """

    of = models.CharField(max_length=8, choices=Named.choices)
    thing_id = models.BigIntegerField()
    names = models.TextField()
    look_again_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="tickets_known_name_once", fields=["of", "thing_id"])]
        indexes = [
            models.Index(
                name="tickets_known_name_again",
                fields=["look_again_at"],
                condition=models.Q(look_again_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.of} {self.thing_id}"


class StaleIndex(models.Model):
    """A record that waits to be indexed anew; gone with the transaction that has done it."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.ticket_id}"
