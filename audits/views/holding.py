"""Audits: the list, one of them, its records, its evidence, and the steps taken on it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits import actions
from audits.filters import audits_asked
from audits.forms.steps import (
    DrawForm,
    FilesForm,
    NothingForm,
    ReportForm,
    StatementForm,
    SubjectForm,
)
from audits.kinds import AuditKind, AuditState, Result
from audits.models import Audit, AuditFile, Check, Finding
from audits.standing import may_audit, may_state
from audits.views.plan import check
from staff.filefield import messages_of
from staff.forms import show_refusal
from staff.models import Group, User
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.files import given_out
from staff.views.stated import stated

FORMS: dict[str, type[forms.Form]] = {
    "draw": DrawForm,
    "report": ReportForm,
    "state": StatementForm,
    "close": NothingForm,
}
ACTIONS: dict[str, Any] = {
    "draw": actions.draw_sample,
    "report": actions.report_audit,
    "state": actions.state_statement,
    "close": actions.close_audit,
}
LABELS = {
    "draw": gettext_lazy("Draw the sample"),
    "report": gettext_lazy("Report it to the group"),
    "state": gettext_lazy("Make the statement"),
    "close": gettext_lazy("Close the audit"),
}
DONE = {
    "draw": gettext_lazy("Drawn. Seed and population are kept with the audit."),
    "report": gettext_lazy("Reported. The group's supervisor is told."),
    "state": gettext_lazy("Kept. The auditor is told."),
    "close": gettext_lazy("Closed: stated, and every finding is verified."),
}
CONFLICTS = {"moved": 409, "forbidden": 403}


@house_only
@require_safe
def audits(request: HttpRequest) -> HttpResponse:
    """Those that an address asks for, newest first."""
    asked = audits_asked(request.GET, request.user)
    found = page(asked.rows.with_names(), request=request, order=("-pk",))
    deviating = _counted(Check.objects.filter(result=Result.DEVIATES), found.rows)
    findings = _counted(Finding.objects.all(), found.rows)
    context = {
        "rows": [(one, deviating.get(one.pk, 0), findings.get(one.pk, 0)) for one in found.rows],
        "page": found,
        "asked": asked,
        "kinds": AuditKind.choices,
        "groups": Group.objects.all() if request.user.sees_everything else [],
        "may_audit": may_audit(request.user),
    }
    return render(request, "audits/audits.html", context)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Begin an audit that nobody planned."""
    check(request.user)
    form = SubjectForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            audit = actions.begin_audit(**form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
        else:
            return redirect("audits:audit", pk=audit.pk)
    context = {"form": form, "cancel_url": reverse("audits:audits")}
    return render(request, "audits/begin.html", context, status=422 if form.errors else 200)


@house_only
@require_safe
def audit(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, seen(request.user, pk))


@house_only
@require_POST
def take_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step. What is refused, or overtaken by a faster hand, comes back with all that was typed."""
    found = seen(request.user, pk)
    if step not in FORMS:
        raise Http404
    form, status = FORMS[step](request.POST, auto_id=f"id_{step}_%s"), 422
    if form.is_valid():
        found.version = stated(request)
        try:
            ACTIONS[step](found, **form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
            status = CONFLICTS.get(refused.code, 422)
        else:
            messages.success(request, DONE[step])
            return redirect("audits:audit", pk=pk)
    return shown(request, seen(request.user, pk), failed=(step, form), status=status)


@house_only
@require_POST
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """File evidence: of one item where `check` names it."""
    check(request.user)
    return attached(request, seen(request.user, pk))


def attached(request: HttpRequest, found: Audit) -> HttpResponse:
    """File what was sent, and go back to what it is evidence of."""
    form = FilesForm(request.POST, request.FILES)
    of, asked = None, request.POST.get("check", "")
    if asked:
        if not asked.isdecimal():
            raise Http404
        of = get_object_or_404(found.checks, pk=int(asked[:18]))
    back = reverse("audits:audit", args=[found.pk])
    if of is not None:
        back = _address_of(of) + f"#check-{of.pk}"
    if form.is_valid():
        try:
            actions.file_evidence(
                found, form.cleaned_data["files"], check=of, by=request.user, now=timezone.now()
            )
        except Refused as refused:
            for message in messages_of(refused):
                messages.error(request, message)
        else:
            messages.success(request, _("Filed as evidence."))
    else:
        messages.error(request, " ".join(form.errors.get("files", [])))
    return redirect(back)


@house_only
@require_safe
def evidence(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """A file, for whoever may see its audit."""
    found = seen(request.user, pk)
    return given_out(request, get_object_or_404(AuditFile, pk=file, audit=found))


def seen(user: User, pk: int) -> Audit:
    rows = Audit.objects.visible_to(user).with_names()
    return get_object_or_404(rows.select_related("stated_by", "planned"), pk=pk)


def shown(
    request: HttpRequest,
    found: Audit,
    *,
    failed: tuple[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    user, now = request.user, timezone.now()
    steps = {step: FORMS[step](auto_id=f"id_{step}_%s") for step in _possible(found, user)}
    steps |= dict([failed] if failed else [])
    looked = Count("checks", filter=~Q(checks__result=""))
    counts = {"looked": looked, "deviating": Count("checks", filter=Q(checks__result=Result.DEVIATES))}
    sampled = found.sampled.select_related("ticket", "person").annotate(of=Count("checks"), **counts)
    general = Check.objects.filter(audit=found, sampled=None).values_list("result", flat=True)
    context = {
        "audit": found,
        "sampled": sampled.order_by("place"),
        "general": (sum(bool(one) for one in general), len(general)),
        "general_deviating": sum(one == Result.DEVIATES for one in general),
        "strata": [(int(grade), *counts) for grade, counts in sorted(found.strata.items())],
        "findings": [
            (one, one.is_overdue(now)) for one in found.findings.select_related("owner").order_by("pk")
        ],
        "files": found.files.select_related("by", "check_of__item"),
        "steps": [(step, LABELS[step], steps[step]) for step in FORMS if step in steps],
        "failed": failed[0] if failed else "",
        "events": found.events.select_related("by", "finding"),
        "may_audit": may_audit(user),
        "may_find": may_audit(user) and found.state == AuditState.RUNNING,
        "files_form": FilesForm(),
        "owes_statement": found.owes_statement(now),
    }
    return render(request, "audits/audit.html", context, status=status)


def _possible(found: Audit, user: User) -> list[str]:
    steps = []
    if may_audit(user) and found.state == AuditState.RUNNING:
        steps = ["report"] if found.drawn_at else ["draw", "report"]
    if found.state == AuditState.REPORTED and found.stated_at is None and may_state(user, found.group_id):
        steps.append("state")
    if found.state == AuditState.REPORTED and may_audit(user):
        steps.append("close")
    return steps


def _counted(rows: QuerySet[Any], audits: list[Audit]) -> dict[int, int]:
    """How many of these rows each of the audits has."""
    of_these = rows.filter(audit__in=audits).order_by()
    return dict(of_these.values_list("audit").annotate(n=Count("pk")))


def _address_of(of: Check) -> str:
    if of.sampled_id:
        return reverse("audits:record_checks", args=[of.audit_id, of.sampled_id])
    return reverse("audits:checks", args=[of.audit_id])


def address_of(found: Audit, of: Check | None) -> str:
    """Where a person comes from when he raises a finding."""
    return _address_of(of) if of is not None else reverse("audits:audit", args=[found.pk])
