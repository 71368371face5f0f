"""Schemes of assessment: read by the house, drafted, simulated and adopted by leaders."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duty.views.steps import pressed
from reports.assessment import actions
from reports.assessment.gathering import known_kpis
from reports.assessment.scheme import faults
from reports.assessment.schemeforms import AdoptForm, SchemeForms, SimulationForm
from reports.assessment.showing import limit_in_words
from reports.assessment.simulating import simulate
from reports.assessment.standing import may_write_schemes, month_of
from reports.assessment.views.base import tabs
from reports.kpis import KPIS
from reports.kpis.figure import Unit
from reports.models import SchemeVersion
from staff.forms import show_refusal
from staff.models import User
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.stated import stated


@house_only
@require_safe
def schemes(request: HttpRequest) -> HttpResponse:
    """All versions; which one holds this month, and from when on the next."""
    versions = SchemeVersion.objects.visible_to(request.user).select_related("adopted_by", "drafted_by")
    context = {
        "versions": list(versions),
        "in_force": SchemeVersion.objects.in_force(month_of(timezone.now())).first(),
        "may_write": may_write_schemes(cast(User, request.user)),
        **tabs(request, "schemes"),
    }
    return render(request, "reports/assessment/schemes.html", context)


@house_only
@require_safe
def scheme(request: HttpRequest, number: int) -> HttpResponse:
    return _shown(request, _seen(request, number))


@house_only
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    user = _writer(request)
    try:
        draft = actions.begin_scheme(by=user, now=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("reports:schemes")
    messages.success(request, _("This is the next version. Nobody is assessed by it until it is adopted."))
    return redirect("reports:scheme_edit", number=draft.number)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """The draft as one page of forms: saved as a whole, or shown again with all that is wrong."""
    user = _writer(request)
    draft = get_object_or_404(SchemeVersion.objects.draft(), number=number)
    forms = SchemeForms(
        draft.says,
        number=draft.number,
        title=draft.title,
        why=draft.why,
        data=request.POST if request.method == "POST" else None,
    )
    status = 200
    if request.method == "POST":
        status = 422
        draft.edition = stated(request, "edition")
        if forms.is_valid() and _save(forms, draft, user):
            messages.success(request, _("Saved. Try it on past months before you adopt it."))
            return redirect("reports:scheme", number=number)
    context = {
        "scheme": draft,
        "forms": forms,
        "edition": draft.edition,
        "is_wrong": status == 422,
        **tabs(request, "schemes"),
    }
    return render(request, "reports/assessment/scheme_edit.html", context, status=status)


@house_only
@require_POST
def drop(request: HttpRequest, number: int) -> HttpResponse:
    user = _writer(request)
    draft = get_object_or_404(SchemeVersion.objects.draft(), number=number)
    draft.edition = stated(request, "edition")
    return pressed(
        request,
        lambda: actions.drop_scheme(draft, by=user, now=timezone.now()),
        said=_("The draft is as the last scheme again."),
        back=reverse("reports:scheme", args=[number]),
    )


@house_only
@require_POST
def adopt(request: HttpRequest, number: int) -> HttpResponse:
    user = _writer(request)
    draft = get_object_or_404(SchemeVersion.objects.draft(), number=number)
    now = timezone.now()
    draft.edition = stated(request, "edition")
    form = AdoptForm(request.POST, this_month=month_of(now))
    if form.is_valid():
        try:
            actions.adopt_scheme(draft, **form.cleaned_data, by=user, now=now)
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Adopted. The house can read it now."))
            return redirect("reports:scheme", number=number)
    return _shown(request, _seen(request, number), adopt=form, status=422)


@house_only
@require_safe
def simulation(request: HttpRequest, number: int) -> HttpResponse:
    """What a version would have made of past months, beside what they came to. Nothing is written."""
    _writer(request)
    version, now = _seen(request, number), timezone.now()
    form = SimulationForm(request.GET if "group" in request.GET else None)
    lines = None
    if form.is_valid():
        periods = form.periods(month_of(now))
        lines = simulate(version.says, form.cleaned_data["group"], periods, now=now)
    context = {
        "scheme": version,
        "form": form,
        "lines": lines,
        "changed": sum(line.changes_grade for line in lines or ()),
        **tabs(request, "schemes"),
    }
    status = 422 if form.errors else 200
    return render(request, "reports/assessment/simulation.html", context, status=status)


def _save(forms: SchemeForms, draft: SchemeVersion, user: User) -> bool:
    """Save what was typed; all that is wrong with it is put at its field."""
    content = forms.content()
    if wrong := faults(content, known_kpis()):
        for fault in wrong:
            forms.show(fault.field, fault.message)
        return False
    head = forms.head.cleaned_data
    try:
        actions.save_scheme(draft, content, title=head["title"], why=head["why"], by=user, now=timezone.now())
    except Refused as refused:
        show_refusal(forms.head, refused)
        return False
    return True


def _shown(
    request: HttpRequest, version: SchemeVersion, *, adopt: AdoptForm | None = None, status: int = 200
) -> HttpResponse:
    may_write = may_write_schemes(cast(User, request.user))
    content = version.says
    context: dict[str, Any] = {
        "scheme": version,
        "content": content,
        "weight": sum(line.weight for line in content.lines),
        "lines": [(line, [_measure(one) for one in line.measures]) for line in content.lines],
        "adopt_form": (adopt or AdoptForm(this_month=month_of(timezone.now())))
        if may_write and version.is_draft
        else None,
        "may_write": may_write,
        "events": version.events.select_related("by") if may_write else [],
        **tabs(request, "schemes"),
    }
    return render(request, "reports/assessment/scheme.html", context, status=status)


def _measure(one: Any) -> tuple[str, str, str]:
    kpi = KPIS.get(one.kpi)
    unit, name = (kpi.unit, str(kpi.name)) if kpi else (Unit.NUMBER, one.kpi)
    return name, limit_in_words(str(one.floor), unit), limit_in_words(str(one.target), unit)


def _seen(request: HttpRequest, number: int) -> SchemeVersion:
    rows = SchemeVersion.objects.visible_to(request.user).select_related("adopted_by", "drafted_by")
    return get_object_or_404(rows, number=number)


def _writer(request: HttpRequest) -> User:
    user = cast(User, request.user)
    if not may_write_schemes(user):
        raise PermissionDenied
    return user
