"""A mass fault and the records that are part of it: solved together, each confirmed by its own client."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from staff.models import User
from tickets.actions.closing import resolve
from tickets.actions.triage import acknowledge
from tickets.lifecycle import Refused, Status
from tickets.models import Cause, Link, LinkKind, Ticket


def resolve_part(ticket: Ticket, *, by: User, now: datetime) -> Ticket:
    """Solve a part of a mass fault with the solution and cause of the mass fault.

    What nobody has taken up yet is taken up with it. It is not confirmed: its own client is asked (§3.2).
    Raises `Refused` where the mass fault has no solution yet, or the part has no grade.
    """
    with transaction.atomic():
        part_of = Link.objects.filter(record=ticket, kind=LinkKind.CHILD).select_related("other").first()
        whole = part_of.other if part_of else None
        if whole is None or not whole.solution or whole.status not in (Status.RESOLVED, Status.CLOSED):
            raise Refused(_("Solve the mass fault first."), code="not_solved")
        if ticket.needs_grade:
            raise Refused(_("Grade the fault first."), field="grade", code="ungraded")
        if ticket.status == Status.LOGGED:
            ticket = acknowledge(ticket, by=by, now=now)
        return resolve(ticket, solution=whole.solution, cause=Cause(whole.cause), by=by, now=now)
