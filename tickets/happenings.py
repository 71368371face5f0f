"""What the Maintenance Record Library tells of a client, for its timeline (§5.3)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from clients.happenings import About, Asked, Happening
from tickets.models import IN_TIMELINE, Entry, EntryKind, Ticket

# As what is counted which entry of a record's history: the kinds are those of `IN_TIMELINE`.
TOLD = {
    EntryKind.MESSAGE: About.MESSAGE,
    EntryKind.MAIL: About.MESSAGE,
    EntryKind.REPLY: About.MESSAGE,
    EntryKind.REPEAT_CONTACT: About.CALL,
    EntryKind.RESOLVED: About.CALL,
    EntryKind.CONFIRMED: About.CALL,
    EntryKind.REOPENED: About.CALL,
    EntryKind.DISPATCHED: About.VISIT,
    EntryKind.ARRIVED: About.VISIT,
    EntryKind.LEFT: About.VISIT,
    EntryKind.AUTHORISED: About.REMOTE,
    EntryKind.REVOKED: About.REMOTE,
    EntryKind.REMOTE_OPENED: About.REMOTE,
    EntryKind.REMOTE_CLOSED: About.REMOTE,
}
ICONS = {About.CALL: "phone", About.MESSAGE: "mail", About.VISIT: "pin", About.REMOTE: "server"}
LONGEST = 200


def records(asked: Asked) -> list[Happening]:
    """The client's records, at the instant when they were reported."""
    if not asked.wants(About.CALL):
        return []
    rows = Ticket.objects.visible_to(asked.viewer).filter(client__in=asked.clients)
    rows = rows.select_related("system", "taken_by")
    return [
        Happening(
            at=ticket.reported_at,
            source="records",
            pk=ticket.pk,
            about=About.CALL,
            title=f"{ticket.number} {ticket.title}",
            detail=" · ".join(filter(None, _facts(ticket))),
            url=reverse("tickets:detail", args=[ticket.pk]),
            by=ticket.taken_by,
            icon="records",
            tone="danger" if ticket.grade == 1 else "",
        )
        for ticket in asked.page(rows, at="reported_at", source="records")
    ]


def entries(asked: Asked) -> list[Happening]:
    """What was written, said, sent and allowed, from the histories of the client's records."""
    kinds = [kind for kind, about in TOLD.items() if asked.wants(about)]
    if not kinds:
        return []
    rows = Entry.objects.visible_to(asked.viewer).filter(
        ticket__client__in=asked.clients, kind__in=IN_TIMELINE
    )
    if len(kinds) < len(TOLD):
        rows = rows.filter(kind__in=kinds)
    rows = rows.select_related("by", "ticket")
    return [_of_entry(entry) for entry in asked.page(rows, at="at", source="entries")]


def _of_entry(entry: Any) -> Happening:
    about = TOLD[entry.kind]
    return Happening(
        at=entry.at,
        source="entries",
        pk=entry.pk,
        about=about,
        title=f"{entry.get_kind_display()} · {entry.ticket.number}",
        detail=entry.text[:LONGEST],
        url=reverse("tickets:detail", args=[entry.ticket_id]),
        by=entry.by,
        icon=ICONS[about],
    )


def _facts(ticket: Ticket) -> list[str]:
    return [
        ticket.system.label if ticket.system else "",
        ticket.get_grade_display() if ticket.grade else "",
        str(ticket.get_status_display()),
        ticket.caller_name,
    ]
