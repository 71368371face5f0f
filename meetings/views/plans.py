"""When, where and under whom each group meets: shown with its history, changed by who leads the group."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from meetings import actions
from meetings.actions import Wanted
from meetings.forms.steps import PlanForm
from meetings.models import MeetingPlan
from staff.forms import show_refusal
from staff.refused import Refused
from staff.views.access import house_only


@house_only
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    rows = MeetingPlan.objects.visible_to(request.user).select_related("group", "chair")
    context = {"plans": [(plan, actions.may_plan(plan.group_id, request.user)) for plan in rows]}
    return render(request, "meetings/plans.html", context)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    rows = MeetingPlan.objects.visible_to(request.user).select_related("group", "chair")
    plan = get_object_or_404(rows, group__code=code)
    if not actions.may_plan(plan.group_id, request.user):
        raise PermissionDenied
    form = PlanForm(request.POST or None, instance=plan, user=request.user)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            facts = dict(form.cleaned_data)
            plan.version = facts.pop("seen_version")
            try:
                actions.set_plan(plan, Wanted(**facts), by=request.user, now=timezone.now())
            except Refused as refused:
                show_refusal(form, refused)
                status = 409 if refused.code == "moved" else 422
            else:
                messages.success(request, _("Kept. Meetings that nobody has moved follow."))
                return redirect("meetings:plans")
    events = plan.events.select_related("by").order_by("-pk")
    return render(
        request, "meetings/plan.html", {"plan": plan, "form": form, "events": events}, status=status
    )
