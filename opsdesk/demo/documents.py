"""Notices of the grave faults that run today, and reports of what was solved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from opsdesk.demo.texts import load
from staff.models import Role
from tickets import actions
from tickets.documents.kinds import DocumentKind, Edition, Entered, Order
from tickets.lifecycle import OPEN
from tickets.models import Grade, Status, Ticket

HOUR = timedelta(hours=1)
CHINESE, ENGLISH = "zh-hans", "en"
RUNNING, SOLVED = 2, 3  # so many records of each


def issue(*, now: datetime) -> None:
    """A notice in both editions of each, a second one of the first; reports, one of them to the contact."""
    grave = Ticket.objects.filter(grade=Grade.ONE).select_related("owner", "system", "client")
    running = grave.filter(status__in=OPEN).exclude(owner=None).order_by("pk")[:RUNNING]
    for number, ticket in enumerate(running):
        for edition in Edition:
            _issue(ticket, DocumentKind.NOTICE, edition, now=now)
        if not number:
            _issue(ticket, DocumentKind.NOTICE, Edition.CLIENT, language=ENGLISH, now=now)
    solved = grave.filter(status__in=[Status.RESOLVED, Status.CLOSED]).exclude(owner=None)
    for ticket in solved.order_by("-pk")[:SOLVED]:
        _issue(ticket, DocumentKind.REPORT, Edition.INTERNAL, now=now)
    his = Ticket.objects.filter(contact__user__role=Role.CONTACT, grade=Grade.TWO, status=Status.RESOLVED)
    for ticket in his.exclude(owner=None).select_related("owner", "system", "client")[:1]:
        _issue(ticket, DocumentKind.REPORT, Edition.CLIENT, now=now)


def _issue(
    ticket: Ticket, kind: DocumentKind, edition: Edition, *, language: str = CHINESE, now: datetime
) -> None:
    texts: dict[str, Any] = load("documents")[language][kind]
    if kind == DocumentKind.NOTICE:
        system = ticket.system.label if ticket.system else ticket.client.label
        affected = texts["affected"].format(system=system, title=ticket.title)
        texts = texts | {"affected": affected, "next_message_at": now + HOUR}
    actions.issue_document(ticket, Order(kind, edition, language, Entered(**texts)), by=ticket.owner, now=now)
