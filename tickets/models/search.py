"""By what a record is found: the pieces of its texts, beside the record so that its own row stays small."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from tickets.models.ticket import Ticket


class SearchText(models.Model):
    """The keys (`tickets.grams.key`) of all pieces of a record's texts, its history and its client's names.

    Kept by `tickets/actions/indexing.py` in the transaction of every change. What was once said can be found
    for good.
    """

    ticket = models.OneToOneField(Ticket, models.CASCADE, primary_key=True, related_name="search_text")
    grams = ArrayField(models.IntegerField())

    class Meta:
        # New rows wait in a list that every search reads as well, so it must stay short (kB).
        indexes = [GinIndex(name="tickets_searchtext_grams", fields=["grams"], gin_pending_list_limit=512)]

    def __str__(self) -> str:
        return f"{self.ticket_id}"
