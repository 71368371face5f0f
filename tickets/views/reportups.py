"""Report-ups: whom the next ones would reach, and saying that one knows of those that came."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from staff.models import User
from staff.views.access import house_only
from tickets import actions
from tickets.lifecycle import Refused
from tickets.models import Escalation, Ticket
from tickets.preview import announced


def awaited(ticket: Ticket, user: User) -> list[Escalation]:
    """What this person is to acknowledge on a record, the latest of each chain; no query where none."""
    if not ticket.awaits_you:  # type: ignore[attr-defined]
        return []
    steps = Escalation.objects.awaiting(user).filter(ticket=ticket).select_related("clock", "rule")
    chains = {(step.clock_id, step.rule_id): step for step in steps.order_by("fired_at", "pk")}
    return list(chains.values())


@house_only
@require_safe
def reached(request: HttpRequest, pk: int) -> HttpResponse:
    """What fires next on a record, with the names of those whom it would reach now."""
    rows = Ticket.objects.visible_to(request.user).select_related("group", "owner")
    ticket, now = get_object_or_404(rows, pk=pk), timezone.now()
    steps = announced(ticket, now=now) if ticket.is_open else []
    context = {"announced": steps, "now": now, "user": request.user}
    return HttpResponse(render_to_string("tickets/_announced.html", context))


@house_only
@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Acknowledge one report-up; the answer is the page on which the button stood."""
    step = get_object_or_404(Escalation.objects.visible_to(request.user).select_related("ticket"), pk=pk)
    try:
        actions.acknowledge_report_up(step.ticket, step, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.warning(request, str(refused.message))
    else:
        messages.success(request, _("Noted that you know. The clocks run on."))
    if request.POST.get("back") == "inbox":
        return redirect("staff:inbox")
    return redirect("tickets:detail", pk=step.ticket_id)
