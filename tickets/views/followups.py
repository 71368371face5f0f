"""Measures and follow-ups of coordination meetings, in a list: settled there (§5.4.1.2)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from staff.forms import show_refusal
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only
from tickets import actions
from tickets.actions.followups import may_settle
from tickets.coordination import FollowUpState
from tickets.lifecycle import Moved
from tickets.meetingforms import SettleForm
from tickets.models import FollowUp

OVERDUE, ALL = "overdue", "all"


@house_only
@require_safe
def follow_ups(request: HttpRequest) -> HttpResponse:
    return _listed(request)


@house_only
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what came of one, or why it is dropped; what is refused comes back as it was typed."""
    found = get_object_or_404(FollowUp.objects.visible_to(request.user).with_names(), pk=pk)
    form, status = SettleForm(request.POST, auto_id=f"id_{pk}_%s"), 422
    if form.is_valid():
        try:
            actions.settle_follow_up(found, **form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            if refused.code == "forbidden" and refused.field is None:
                raise PermissionDenied from refused
            show_refusal(form, refused)
            status = 409 if isinstance(refused, Moved) else 422
        else:
            messages.success(request, _("Saved."))
            return redirect("tickets:follow_ups")
    return _listed(request, failed=(found, form), status=status)


def _listed(
    request: HttpRequest, failed: tuple[FollowUp, SettleForm] | None = None, status: int = 200
) -> HttpResponse:
    """Open ones, due first first; the others latest first."""
    user, now = request.user, timezone.now()
    chosen = {
        name: request.GET.get(name, "").replace("\0", "").strip()[:40]
        for name in ("state", "mine", "record", "follow_up")
    }
    rows, order = FollowUp.objects.visible_to(user), ("-due_at", "-pk")
    if chosen["state"] in (FollowUpState.DONE, FollowUpState.DROPPED):
        rows = rows.filter(state=chosen["state"])
    elif chosen["state"] != ALL:
        rows = rows.overdue(now) if chosen["state"] == OVERDUE else rows.open()
        order = ("due_at", "pk")
    if chosen["mine"] == "1":
        rows = rows.filter(owner=user)
    number = chosen["record"].removeprefix("T-")
    if number.isdecimal() and len(number) < 19:
        rows = rows.filter(meeting__ticket=int(number))
    found = page(rows.with_names(), request=request, order=order)
    if failed is not None and failed[0].pk not in {one.pk for one in found.rows}:
        found.rows.insert(0, failed[0])  # settled by somebody else meanwhile: what was typed is shown still
    lines = []
    for one in found.rows:
        may = one.is_open and may_settle(one, one.meeting.ticket, user)
        form = SettleForm(auto_id=f"id_{one.pk}_%s") if may else None
        lines.append((one, failed[1] if failed is not None and failed[0].pk == one.pk else form))
    context = {
        "page": found,
        "lines": lines,
        "failed": failed[0].pk if failed else None,
        "asked": int(chosen["follow_up"]) if chosen["follow_up"].isdecimal() else None,
        "chosen": chosen,
        "now": now,
    }
    return render(request, "tickets/follow_ups.html", context, status=status)
