"""What a page showed of a record when it was made, so that a faster hand is noticed.

The page says it in the addresses of its forms, and each form says it again when it is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from tickets.lifecycle import Refused
from tickets.models import Entry, Status, Ticket


@dataclass(frozen=True, slots=True)
class Closed:
    """A verb in its page, closed: under the address is its form."""

    fetch_from: str


def closed(verb: str, ticket: Ticket, newest: int) -> Closed:
    """Return a verb of a page that shows the record so; `newest` is the id of the newest entry on it."""
    seen = {"seen_status": ticket.status, "seen_owner": ticket.owner_id or "", "seen_entry": newest}
    return Closed(f"{reverse('tickets:verb_form', args=[ticket.pk, verb])}?{urlencode(seen)}")


def as_seen(ticket: Ticket, said: QueryDict) -> Ticket:
    """Return the record as it stood on the page that says so. Raises `Refused` where no page can say so."""
    status, owner = said.get("seen_status"), said.get("seen_owner")
    if status and status not in Status.values:
        message = _("The form does not say in which status you saw the record. Open the page anew.")
        raise Refused(message, field="seen_status", code="invalid")
    if status:
        ticket.status = status
    if owner is not None:
        ticket.owner_id = int(owner) if owner.isdecimal() and len(owner) < 19 else None
    return ticket


def seen_entry(said: QueryDict) -> int | None:
    """Return the id of the newest entry on the page, None where it does not say."""
    last = said.get("seen_entry", "")
    return int(last) if last.isdecimal() and len(last) < 19 else None


def unread(ticket: Ticket, request: HttpRequest) -> list[Entry]:
    """Return what others have written since the page was made from which the form comes."""
    if (last := seen_entry(request.POST)) is None:
        return []
    entries = Entry.objects.visible_to(request.user).filter(ticket=ticket, pk__gt=last)
    return list(entries.exclude(by=None).exclude(by=request.user).select_related("by", "time_spent"))
