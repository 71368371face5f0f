"""Records of a double become those of the client, or contact, that it has been merged into (§5.3).

The clocks, the group and the owner stay as they are: only whose record it is changes. The search index
follows by `follow_names`, as after a change of name.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import F

from clients.models import Client, Contact
from tickets.models import Ticket

STALE = "INSERT INTO tickets_staleindex (ticket_id) SELECT unnest(%s::bigint[]) ON CONFLICT DO NOTHING"


def take_over(
    loser: Client | Contact, winner: Client | Contact, only: Sequence[int] | None = None
) -> list[int]:
    """Give the records of one to another, all or `only` some; say which. Runs in the caller's transaction."""
    field = "client" if isinstance(loser, Client) else "contact"
    rows = Ticket.objects.filter(**{field: loser})
    if only is not None:
        rows = rows.filter(pk__in=only)
    ids = list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
    Ticket.objects.filter(pk__in=ids).update(**{field: winner}, version=F("version") + 1)
    with connection.cursor() as cursor:
        cursor.execute(STALE, [ids])
    return ids
