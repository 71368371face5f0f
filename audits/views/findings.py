"""Findings: the list, one of them, raised, and the steps taken on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits import actions
from audits.filters import findings_asked
from audits.following import Step
from audits.forms.steps import FindingForm, form_of
from audits.kinds import FindingKind
from audits.models import Audit, Finding
from audits.standing import may_audit, standing_of
from audits.views.holding import CONFLICTS, address_of, seen
from audits.views.plan import check
from staff.forms import show_refusal
from staff.models import Group, User
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.stated import stated
from surveys.models import CorrectiveAction
from tickets.models import Ticket

STEPS: Mapping[Step, Callable[..., Finding]] = {
    Step.OPEN_RECORD: actions.open_record,
    Step.OPEN_CORRECTIVE: actions.open_corrective,
    Step.ANSWER: actions.answer_finding,
    Step.VERIFY: actions.verify_finding,
    Step.WITHDRAW: actions.withdraw_finding,
}
LABELS = {
    Step.OPEN_RECORD: gettext_lazy("Open a maintenance record"),
    Step.OPEN_CORRECTIVE: gettext_lazy("Open a corrective action"),
    Step.ANSWER: gettext_lazy("Report it remedied"),
    Step.VERIFY: gettext_lazy("Verify the remedy"),
    Step.WITHDRAW: gettext_lazy("Withdraw the finding"),
}
DONE = {
    Step.OPEN_RECORD: gettext_lazy("Opened. It is worked off like any other record."),
    Step.OPEN_CORRECTIVE: gettext_lazy("Opened. The group's supervisor is told."),
    Step.ANSWER: gettext_lazy("Reported. The auditor verifies it now."),
    Step.VERIFY: gettext_lazy("Kept."),
    Step.WITHDRAW: gettext_lazy("Withdrawn."),
}


@house_only
@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    """Those that an address asks for, newest first; of the late ones those that wait longest come first."""
    user, now = request.user, timezone.now()
    asked = findings_asked(request.GET, user, now)
    order = ("due_at", "pk") if asked.queue == "overdue" else ("-pk",)
    found = page(asked.rows.with_names(), request=request, order=order)
    context = {
        "rows": [(row, row.is_overdue(now)) for row in found.rows],
        "page": found,
        "asked": asked,
        "kinds": FindingKind.choices,
        "groups": Group.objects.all() if user.sees_everything else [],
        "people": User.objects.visible_to(user).working().order_by("name", "pk"),
        "may_audit": may_audit(user),
    }
    return render(request, "audits/findings.html", context)


@house_only
@require_safe
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, _seen(request, pk))


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def raise_finding(request: HttpRequest, pk: int) -> HttpResponse:
    """Raise one, of an item that does not conform where `check` names it."""
    check(request.user)
    audit, of = seen(request.user, pk), None
    if asked := request.GET.get("check", ""):
        if not asked.isdecimal():
            raise Http404
        rows = audit.checks.select_related(
            "item", "sampled__ticket__client", "sampled__ticket__system__client"
        )
        of = get_object_or_404(rows, pk=int(asked[:18]))
    initial = {"title": of.item.label[:200], "details": of.note} if of else {}
    if of and of.sampled and of.sampled.person_id:
        initial["owner"] = of.sampled.person_id
    form = FindingForm(
        request.POST if request.method == "POST" else None, audit=audit, check=of, initial=initial
    )
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            actions.raise_finding(audit, **form.cleaned_data, check=of, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
            status = CONFLICTS.get(refused.code, 422)
        else:
            messages.success(request, _("Raised. Its owner and the group's supervisor are told."))
            return redirect(address_of(audit, of))
    context = {"form": form, "audit": audit, "of": of, "cancel_url": address_of(audit, of)}
    return render(request, "audits/finding_form.html", context, status=status)


@house_only
@require_POST
def take_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step. What is refused, or overtaken by a faster hand, comes back with all that was typed."""
    found = _seen(request, pk)
    if step not in list(Step):
        raise Http404
    taken = Step(step)
    form, status = form_of(taken, found, request.POST), 422
    if form.is_valid():
        found.version = stated(request)
        try:
            STEPS[taken](found, **form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
            status = CONFLICTS.get(refused.code, 422)
        else:
            messages.success(request, DONE[taken])
            return redirect("audits:finding", pk=pk)
    return _shown(request, _seen(request, pk), failed=(taken, form), status=status)


def _seen(request: HttpRequest, pk: int) -> Finding:
    rows = Finding.objects.visible_to(request.user).with_names()
    people = ("raised_by", "answered_by", "verified_by", "check_of__item", "system__client")
    return get_object_or_404(rows.select_related(*people), pk=pk)


def _shown(
    request: HttpRequest,
    found: Finding,
    *,
    failed: tuple[Step, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    user, now = request.user, timezone.now()
    orders = list(found.orders.select_related("ticket", "corrective", "by"))
    has_order = any(order.round == found.round for order in orders)
    possible = standing_of(found, user, has_order=has_order).possible()
    steps = {step: form_of(step, found) for step in possible} | dict([failed] if failed else [])
    numbers = [order.ticket_id for order in orders if order.ticket_id]
    correctives = [order.corrective_id for order in orders if order.corrective_id]
    context: dict[str, Any] = {
        "finding": found,
        "is_overdue": found.is_overdue(now),
        "missing": actions.missing_of(found) if found.is_open else "",
        "orders": orders,
        "steps": [(step.value, LABELS[step], steps[step]) for step in Step if step in steps],
        "failed": failed[0].value if failed else "",
        "next": possible[0].value if possible and possible[0] != Step.WITHDRAW else "",
        "events": found.events.select_related("by"),
        "sees_audit": Audit.objects.visible_to(user).filter(pk=found.audit_id).exists(),
        "seen_records": set(
            Ticket.objects.visible_to(user)
            .filter(pk__in=[*numbers, *([found.ticket_id] if found.ticket_id else [])])
            .values_list("pk", flat=True)
        ),
        "seen_correctives": set(
            CorrectiveAction.objects.visible_to(user).filter(pk__in=correctives).values_list("pk", flat=True)
        ),
    }
    return render(request, "audits/finding.html", context, status=status)
