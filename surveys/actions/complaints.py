"""A complaint is ruled to be founded or not, by the supervisor, for a reason (§4.3)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import Refused, require
from surveys.actions.corrective import drop_corrective
from surveys.correctives import supervises
from surveys.models import ComplaintRuling, CorrectiveAction, Verdict
from tickets.actions import add_note
from tickets.models import Kind, Ticket


@transaction.atomic
def rule_on_complaint(
    ticket: Ticket, *, verdict: str, reason: str, by: User, now: datetime
) -> ComplaintRuling:
    """Rule on it; never as the owner of its record. It may be ruled anew, and the record keeps each ruling.

    What was opened of an unfounded one is dropped for that reason, unless the ruler owns it: then somebody
    else drops it. The record itself still needs the client's word.
    """
    reason = require(reason, "reason")
    if verdict not in Verdict.values:
        raise Refused(_("Say whether it is founded."), field="verdict", code="required")
    # Locks are taken in one order everywhere: the corrective action, then the record.
    opened = CorrectiveAction.objects.select_for_update().filter(complaint=ticket).first()
    locked = Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)
    if locked.kind != Kind.COMPLAINT:
        raise Refused(_("This record is no complaint."), code="wrong_kind")
    if not supervises(by, locked.group_id):
        raise Refused(_("The group's supervisor rules on complaints."), code="forbidden")
    if locked.owner_id == by.pk:
        raise Refused(_("Nobody rules on a complaint that he answers for."), code="forbidden")
    ruling, _is_new = ComplaintRuling.objects.update_or_create(
        ticket=locked, defaults={"verdict": Verdict(verdict), "reason": reason, "by": by, "at": now}
    )
    add_note(locked, text=f"{ruling.get_verdict_display()}: {reason}", by=by, now=now)
    drops = verdict == Verdict.UNFOUNDED and opened is not None and opened.is_open
    if drops and opened is not None and opened.owner_id != by.pk:
        drop_corrective(opened, reason=reason, by=by, now=now, needs_reply=False)
    return ruling


def may_rule(ticket: Ticket, by: User) -> bool:
    """Whether he may rule on it: the group's superior who does not answer for it."""
    return supervises(by, ticket.group_id) and ticket.owner_id != by.pk
