"""The year's plan of audits: listed, proposed, adopted, changed by hand, begun."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits import actions
from audits.filters import planned_asked
from audits.forms.steps import ChangePlannedForm, PlanForm, ProposeForm, ReasonForm
from audits.kinds import AuditKind, PlanState
from audits.models import PlannedAudit
from audits.standing import may_audit
from duty.views.steps import pressed, typed_in
from staff.forms import show_refusal
from staff.models import Group, User
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.stated import show_again, stated


@house_only
@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """A year's plan, in the order of its days."""
    today = timezone.localdate()
    year = _year(request, today.year)
    asked = planned_asked(request.GET, request.user, year, today)
    found = page(asked.rows.with_names(), request=request, order=("planned_on", "pk"))
    seen = PlannedAudit.objects.visible_to(request.user).filter(year=year)
    context = {
        "year": year,
        "asked": asked,
        "page": found,
        "rows": [(one, one.is_missed(today)) for one in found.rows],
        "kinds": AuditKind.choices,
        "groups": Group.objects.all() if request.user.sees_everything else [],
        "may_audit": may_audit(request.user),
        "has_proposed": seen.filter(state=PlanState.PROPOSED).exists(),
    }
    return render(request, "audits/plan.html", context)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """How often each kind is held; the days are proposed."""
    check(request.user)
    year = _year(request, timezone.localdate().year)
    form = ProposeForm(request.POST if request.method == "POST" else None)
    back = f"{reverse('audits:plan')}?year={year}"
    if form.is_valid():
        try:
            added = actions.propose_plan(year, form.times(), by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(
                request, _("%(n)s audits proposed. Change what does not suit, then adopt.") % {"n": added}
            )
            return redirect(back)
    context = {"form": form, "year": year, "cancel_url": back}
    return render(request, "audits/propose.html", context, status=422 if form.errors else 200)


@house_only
@require_POST
def adopt(request: HttpRequest, year: int) -> HttpResponse:
    check(request.user)
    return pressed(
        request,
        lambda: actions.adopt_plan(year, by=request.user, now=timezone.now()),
        said=_("Adopted. A day that is missed is told of from now on."),
        back=f"{reverse('audits:plan')}?year={year}",
    )


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    check(request.user)
    form = PlanForm(request.POST if request.method == "POST" else None)
    answer = typed_in(
        request,
        form,
        lambda: actions.plan_audit(**form.cleaned_data, by=request.user, now=timezone.now()),
        said=_("Planned."),
        back=reverse("audits:plan"),
    )
    context = {"form": form, "cancel_url": reverse("audits:plan")}
    return answer or render(request, "audits/plan_form.html", context, status=422 if form.errors else 200)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def planned(request: HttpRequest, pk: int) -> HttpResponse:
    """One planned audit: its history, and for auditors what may be changed."""
    found = _seen(request, pk)
    may = may_audit(request.user) and found.state in (PlanState.PROPOSED, PlanState.PLANNED)
    if request.method == "POST" and not may_audit(request.user):
        raise PermissionDenied
    initial = {name: getattr(found, name) for name in ("planned_on", "auditor", "note", "version")}
    form = ChangePlannedForm(request.POST if request.method == "POST" else None, initial=initial)
    back = reverse("audits:planned", args=[pk])

    def change() -> object:
        facts = dict(form.cleaned_data)
        seen = PlannedAudit(pk=pk, version=facts.pop("version"))
        return actions.change_planned(seen, **facts, by=request.user, now=timezone.now())

    answer = typed_in(request, form, change, said=_("Saved."), back=back)
    if form.is_bound:
        show_again(form, "version", found.version)
    return answer or _shown(request, pk, form, may=may)


@house_only
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    check(request.user)
    found = _seen(request, pk)
    found.version = stated(request)
    form = ReasonForm(request.POST, auto_id="id_drop_%s")
    answer = typed_in(
        request,
        form,
        lambda: actions.drop_planned(found, **form.cleaned_data, by=request.user, now=timezone.now()),
        said=_("Dropped."),
        back=reverse("audits:planned", args=[pk]),
    )
    return answer or _shown(request, pk, None, may=True, dropping=form)


@house_only
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    check(request.user)
    found = _seen(request, pk)
    found.version = stated(request)
    try:
        audit = actions.begin_audit(planned=found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("audits:planned", pk=pk)
    return redirect("audits:audit", pk=audit.pk)


def check(user: User) -> None:
    if not may_audit(user):
        raise PermissionDenied


def _seen(request: HttpRequest, pk: int) -> PlannedAudit:
    return get_object_or_404(PlannedAudit.objects.visible_to(request.user).with_names(), pk=pk)


def _shown(
    request: HttpRequest,
    pk: int,
    form: ChangePlannedForm | None,
    *,
    may: bool,
    dropping: ReasonForm | None = None,
) -> HttpResponse:
    found = _seen(request, pk)
    if form is None:
        initial = {name: getattr(found, name) for name in ("planned_on", "auditor", "note", "version")}
        form = ChangePlannedForm(initial=initial)
    context = {
        "planned": found,
        "is_missed": found.is_missed(timezone.localdate()),
        "form": form,
        "dropping": dropping or ReasonForm(auto_id="id_drop_%s"),
        "may_change": may,
        "events": found.events.select_related("by"),
    }
    failed = bool(form.errors or dropping and dropping.errors)
    return render(request, "audits/planned.html", context, status=422 if failed else 200)


def _year(request: HttpRequest, usual: int) -> int:
    text = request.GET.get("year", "") or str(usual)
    if not (text.isdecimal() and 2000 <= int(text[:5]) <= 2100):
        raise Http404
    return int(text)
