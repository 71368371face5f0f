"""Two matters in one call become two records (§3.2)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from clients.models import Channel
from staff.models import User
from tickets.actions.intake import Call, log_call
from tickets.actions.journal import changing, record
from tickets.lifecycle import Move, Refused
from tickets.linking import ENDS
from tickets.models import Entry, EntryKind, Kind, Link, LinkKind, Ticket


def split(
    ticket: Ticket, *, title: str, text: str = "", since: Entry | None = None, by: User, now: datetime
) -> Ticket:
    """Make a second record of the second matter in this one; return the new one.

    Same client, caller and channel, with clocks of its own that run from when the client told of it: from the
    entry `since`, else from the record's own report. Raises `Refused` at the field.
    """
    with changing(ticket, Move.SPLIT, by=by, now=now) as fresh:
        if since is not None and since.ticket_id != fresh.pk:
            raise Refused(_("This entry belongs to another record."), field="since", code="invalid")
        call = Call(
            client=fresh.client,
            system=fresh.system,
            contact=fresh.contact,
            caller_name=fresh.caller_name,
            callback_number=fresh.callback_number,
            title=title,
            details=text,
            kind=Kind(fresh.kind),
            channel=Channel(fresh.channel),
            reported_at=since.at if since else fresh.reported_at,
        )
        second = log_call(call, by=by, now=now)
        Link.objects.create(record=second, other=fresh, kind=LinkKind.SPLIT, by=by, at=now)
        from_here, off_here = ENDS[LinkKind.SPLIT]
        record(second, EntryKind.LINKED, by=by, now=now, changes={from_here: [None, fresh.number]})
        record(fresh, EntryKind.SPLIT, by=by, now=now, changes={off_here: [None, second.number]})
    return second
