"""Plans of callbacks by client type, and the guides for the calls: shown and edited."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.models import ClientType
from staff.forms import show_refusal
from staff.refused import Refused
from staff.views.access import house_only
from visits import actions
from visits.forms import PlanForm, ScriptForm
from visits.kinds import Kind
from visits.models import CallbackPlan, CallbackScript

MOST_EVENTS = 30
NEW_SYSTEM = "new-system"


@house_only
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """All plans side by side, types without one, and the guides."""
    rows = list(CallbackPlan.objects.select_related("type"))
    planned = {plan.type_id for plan in rows}
    context = {
        "plans": rows,
        "unplanned": [each for each in ClientType.objects.all() if each.pk not in planned],
        "scripts": CallbackScript.objects.all(),
        "may_plan": actions.may_plan(request.user),
    }
    return render(request, "visits/plans.html", context)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """A plan in a form, with its history; a type without one begins here."""
    if not actions.may_plan(request.user):
        raise PermissionDenied
    now = timezone.now()
    plan = _plan(code)
    sent = request.POST if request.method == "POST" else None
    form = PlanForm(sent, instance=plan)
    if form.is_valid():
        try:
            if plan.pk is None:
                assert plan.type is not None
                actions.make_plan(plan.type, form.cleaned_data, by=request.user, now=now)
            else:
                seen = CallbackPlan(pk=plan.pk, version=_seen(request, plan.version))
                actions.change_plan(seen, form.cleaned_data, by=request.user, now=now)
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Saved. What is planned already stays; the next ones follow this."))
            return redirect("visits:plans")
    events = plan.events.select_related("by").order_by("-pk")[:MOST_EVENTS] if plan.pk else []
    context = {"form": form, "plan": plan, "events": events}
    return render(request, "visits/plan_form.html", context, status=422 if form.errors else 200)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def script(request: HttpRequest, kind: str) -> HttpResponse:
    """What is said and asked in callbacks of one kind."""
    if not actions.may_plan(request.user):
        raise PermissionDenied
    if kind not in Kind.values:
        raise Http404
    found = get_object_or_404(CallbackScript, kind=kind)
    form = ScriptForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_valid():
        try:
            actions.change_script(
                CallbackScript(kind=kind), form.cleaned_data, by=request.user, now=timezone.now()
            )
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("visits:plans")
    context = {"form": form, "script": found}
    return render(request, "visits/script_form.html", context, status=422 if form.errors else 200)


def _plan(code: str) -> CallbackPlan:
    if code == NEW_SYSTEM:
        return get_object_or_404(CallbackPlan, is_phase=True)
    type_ = get_object_or_404(ClientType, code=code)
    found = CallbackPlan.objects.filter(type=type_).select_related("type").first()
    return found or CallbackPlan(type=type_)


def _seen(request: HttpRequest, version: int) -> int:
    sent = request.POST.get("seen_version", "")
    return int(sent) if sent.isdecimal() and len(sent) < 9 else version
