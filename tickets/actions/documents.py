"""Issuing a major-fault notice or a fault report: what it says is frozen as it stands (§5.4, 7.3)."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

import orjson
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from staff.models import User
from staff.refused import require
from tickets.actions.journal import changing, record
from tickets.documents.drafting import draft
from tickets.documents.kinds import (
    FIELDS,
    LONGEST,
    MOVES,
    REQUIRED,
    DocumentKind,
    Entered,
    Order,
    may_be_issued,
)
from tickets.lifecycle import Refused
from tickets.models import EntryKind, IssuedDocument, Ticket

LARGEST = 2_000_000  # bytes; a report with the longest course of events has some 200,000
WHY_NOT = {
    DocumentKind.NOTICE: gettext_lazy("A major-fault notice is of a fault of grade 1."),
    DocumentKind.REPORT: gettext_lazy("A fault report is of a graded fault."),
}


def issue_document(ticket: Ticket, order: Order, *, by: User, now: datetime) -> IssuedDocument:
    """Freeze the document as the next issue of its series, and write that into the history.

    Raises `Refused` where the record has no such document: a notice is of a grade 1 that runs, a report of a
    graded fault that is solved; and at its field what is missing, too long or in the past.
    """
    with changing(ticket, MOVES[order.kind], by=by, now=now) as fresh:
        if not may_be_issued(order.kind, is_fault=fresh.is_fault, grade=fresh.grade, status=fresh.status):
            raise Refused(WHY_NOT[order.kind], code="no_such_document")
        order = _checked(order, now=now)
        number = IssuedDocument.objects.series(fresh, order.kind, order.edition).next_number()
        document = draft(fresh, order, number=number, by=by, now=now)
        content = document.as_json()
        if len(orjson.dumps(content)) > LARGEST:
            raise Refused(_("The record says more than a document can hold."), code="too_large")
        changes = {"document": [None, document.number], "edition": [None, str(order.edition)]}
        entry = record(fresh, EntryKind.ISSUED, by=by, now=now, changes=changes)
        return IssuedDocument.objects.create(
            ticket=fresh,
            kind=order.kind,
            edition=order.edition,
            number=number,
            language=order.language,
            content=content,
            entered=_to_begin_with(order.entered),
            entry=entry,
            by=by,
            at=now,
        )


def _checked(order: Order, *, now: datetime) -> Order:
    """Return the order with the texts of its kind alone, without outer blanks."""
    if order.language not in dict(settings.LANGUAGES):
        raise Refused(_("There is no such language."), field="language", code="invalid")
    given = {}
    for name in FIELDS[order.kind]:
        text, is_required = getattr(order.entered, name), name in REQUIRED[order.kind]
        given[name] = require(text, name) if is_required else text.strip()
        if len(given[name]) > LONGEST:
            raise Refused(_("At most %(n)s characters.") % {"n": LONGEST}, field=name, code="max_length")
    next_message_at = None
    if order.kind == DocumentKind.NOTICE:
        next_message_at = order.entered.next_message_at
        if next_message_at is None:
            raise Refused(_("This field is required."), field="next_message_at", code="required")
        if next_message_at <= now:
            raise Refused(_("It must lie in the future."), field="next_message_at", code="invalid")
    return replace(order, entered=Entered(**given, next_message_at=next_message_at))


def _to_begin_with(entered: Entered) -> dict[str, str]:
    """What the next issue begins with: the texts. Its next message is at another time."""
    return {name: text for name, text in asdict(entered).items() if text and name != "next_message_at"}
