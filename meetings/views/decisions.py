"""Decisions: the list of mine, of my group, of those overdue; one of them, and what becomes of it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from meetings import actions
from meetings.forms.steps import ChangeForm, DropForm, SettleForm
from meetings.models import Decision
from meetings.models.decision import DecisionQuerySet
from staff.forms import show_refusal
from staff.models import Group
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.stated import stated
from tickets.models import Ticket

LISTS = {
    "mine": _("Mine"),
    "group": _("My group's"),
    "open": pgettext_lazy("decision", "Open"),
    "overdue": _("Overdue"),
    "all": _("All"),
}
LABELS = {"settle": _("Done"), "drop": _("Drop it"), "change": _("Other owner or day")}


@house_only
@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """What waits: what is due first, first. All: the newest first."""
    user, today = request.user, timezone.localdate()
    chosen = request.GET.get("list", "mine" if user.may_work else "open")
    if chosen not in LISTS:
        raise Http404
    rows = Decision.objects.visible_to(user).with_names()
    code = request.GET.get("group", "").replace("\0", "")
    if code:
        rows = rows.filter(group__code=code)
    order = ("-pk",) if chosen == "all" else ("due_on", "pk")
    found = page(_listed(rows, chosen, request), request=request, order=order)
    lists = {key: label for key, label in LISTS.items() if key != "group" or user.group_id}
    context = {
        "rows": [(row, row.is_overdue(today)) for row in found.rows],
        "page": found,
        "lists": lists.items(),
        "chosen": chosen,
        "groups": Group.objects.all() if user.sees_everything else [],
        "group": code,
    }
    return render(request, "meetings/decisions.html", context)


def _listed(rows: DecisionQuerySet, chosen: str, request: HttpRequest) -> DecisionQuerySet:
    match chosen:
        case "mine":
            return rows.open().filter(owner=request.user)
        case "group":
            return rows.open().filter(group=request.user.group_id)
        case "open":
            return rows.open()
        case "overdue":
            return rows.overdue(timezone.localdate())
    return rows


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """One decision; with `step` in the body it is settled, dropped, or given to somebody else."""
    found, user = seen(request, pk), request.user
    if request.method != "POST":
        return _shown(request, found)
    step = request.POST.get("step", "")
    if step not in LABELS:
        raise Http404
    form = _form(step, found, request, request.POST)
    status = 422
    if form.is_valid():
        found.version = stated(request, "seen", unsaid=found.version)
        do = {
            "settle": actions.settle_decision,
            "drop": actions.drop_decision,
            "change": actions.change_decision,
        }
        try:
            do[step](found, **form.cleaned_data, by=user, now=timezone.now())  # type: ignore[operator]
        except Refused as refused:
            show_refusal(form, refused)
            status = {"moved": 409, "forbidden": 403}.get(refused.code, 422)
        else:
            messages.success(request, _("Kept."))
            return redirect("meetings:decision", pk)
    return _shown(request, seen(request, pk), failed=(step, form), status=status)


def seen(request: HttpRequest, pk: int) -> Decision:
    rows = Decision.objects.visible_to(request.user).with_names()
    return get_object_or_404(rows.select_related("item", "settled_by", "decided_by", "meeting__group"), pk=pk)


def _shown(
    request: HttpRequest,
    found: Decision,
    *,
    failed: tuple[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    user = request.user
    possible = (["settle"] if actions.may_settle(found, user) else []) + (
        ["change", "drop"] if actions.may_drop(found, user) else []
    )
    steps = {step: _form(step, found, request) for step in possible} | dict([failed] if failed else [])
    context = {
        "decision": found,
        "is_overdue": found.is_overdue(timezone.localdate()),
        "steps": [(step, LABELS[step], form) for step, form in steps.items()],
        "failed": failed[0] if failed else "",
        "events": found.events.select_related("by"),
        "sees_record": found.ticket_id is not None
        and Ticket.objects.visible_to(user).filter(pk=found.ticket_id).exists(),
    }
    return render(request, "meetings/decision.html", context, status=status)


def _form(step: str, found: Decision, request: HttpRequest, data: object = None) -> forms.Form:
    auto_id = f"{step}-%s"
    if step == "settle":
        return SettleForm(data, auto_id=auto_id)
    if step == "drop":
        return DropForm(data, auto_id=auto_id)
    initial = {"owner": found.owner_id, "due_on": found.due_on}
    return ChangeForm(data, user=request.user, owner=found.owner, initial=initial, auto_id=auto_id)
