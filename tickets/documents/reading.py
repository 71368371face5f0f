"""What of a document somebody may read: what concerns persons is for those who may read their cases."""

from __future__ import annotations

from staff.models import User
from tickets.documents.structure import Document
from tickets.models import Overrun


def as_read_by(document: Document, user: User, *, ticket: int) -> Document:
    """Return the document of a record (its id) as this person may read it; a query where it matters."""
    if not document.is_restricted:
        return document
    readable = Overrun.objects.readable_by(user).values("pk")
    hidden = Overrun.objects.filter(ticket=ticket).exclude(pk__in=readable)
    return document.for_reader(reads_restricted=not (user.is_contact or hidden.exists()))
