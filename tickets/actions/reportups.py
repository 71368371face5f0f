"""Somebody who was told of a record says that he knows (§5.4)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from staff.models import User
from tickets import escalation
from tickets.actions import timing
from tickets.actions.journal import changing, record
from tickets.escalation import Needs
from tickets.lifecycle import Move, Refused
from tickets.models import Acknowledgement, EntryKind, Escalation, Ticket


def acknowledge_report_up(ticket: Ticket, step: Escalation, *, by: User, now: datetime) -> Ticket:
    """Acknowledge a report-up that reached him, and so the whole chain of it and its repeats.

    When enough of those told have done so, as the rule asks, they are told no more: no repeat follows. No
    clock stops for that, and no other rule; only work does (§5.4). A second time changes nothing. Raises
    `Refused` where he was not told, or nobody asked.
    """
    with changing(ticket, Move.ACKNOWLEDGE_REPORT_UP, by=by, now=now) as fresh:
        told = fresh.escalations.fired().filter(pk=step.pk, told=by).select_related("rule", "clock")
        if (found := told.first()) is None:
            raise Refused(_("This report-up did not reach you."), field="report_up", code="not_told")
        if found.rule.needs_ack == Needs.NONE:
            raise Refused(_("This report-up needs no acknowledgement."), field="report_up", code="not_asked")
        chain = Escalation.objects.of_chain(found)
        answers = Acknowledgement.objects.filter(step__in=chain)
        if answers.filter(by=by).exists():
            return fresh
        Acknowledgement.objects.create(step=found, by=by, at=now)
        # A turn that reached nobody asks nobody.
        asked = chain.fired().filter(told__isnull=False).values_list("told", flat=True)
        left = list(chain.filter(fired_at__isnull=True))
        if not escalation.is_settled(found.rule.needs_ack, asked, answers.values_list("by", flat=True)):
            left = []
        timing.cancel(left)
        due_at = found.due_at.isoformat() if found.due_at else None
        facts = {"clock": found.clock.kind, "due_at": due_at, "repeats_dropped": len(left)}
        record(fresh, EntryKind.ACKED, by=by, now=now, changes=facts)
    return fresh
