"""Suggestions: the list, one of them, and its answer (§1.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits.actions import suggestions as actions
from audits.forms.process import AnswerForm, NothingForm, TermsForm
from audits.models import ProcessTerms, Suggestion
from audits.processfilters import asked_for
from audits.register import may_answer, standing_of, terms_row
from audits.suggesting import Step
from staff.forms import show_refusal
from staff.models import Group, TermsChange
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only

STEPS: Mapping[Step, Callable[..., Suggestion]] = {
    Step.REVIEW: actions.review,
    Step.ADOPT: actions.adopt,
    Step.DECLINE: actions.decline,
    Step.WITHDRAW: actions.withdraw,
}
FORMS: Mapping[Step, type[forms.Form]] = {Step.ADOPT: AnswerForm, Step.DECLINE: AnswerForm}
LABELS = {
    Step.REVIEW: _("Take it under review"),
    Step.ADOPT: _("Adopt it"),
    Step.DECLINE: _("Decline it"),
    Step.WITHDRAW: _("Withdraw it"),
}
DONE = {
    Step.REVIEW: _("Under review now."),
    Step.ADOPT: _("Adopted in the draft; its author is told. Change the clause there."),
    Step.DECLINE: _("Declined; its author reads why."),
    Step.WITHDRAW: _("Withdrawn."),
}


@house_only
@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Those that an address asks for, newest first; of the overdue ones what waits longest comes first."""
    user, now = request.user, timezone.now()
    asked = asked_for(request.GET, user, now)
    order = ("due_at", "pk") if asked.queue == "overdue" else ("-pk",)
    found = page(asked.rows.with_names(), request=request, order=order)
    context = {
        "rows": [(row, row.is_overdue(now)) for row in found.rows],
        "page": found,
        "asked": asked,
        "groups": Group.objects.all(),
        "may_answer": may_answer(user),
        "days": terms_row().answer,
    }
    return render(request, "process/suggestions.html", context)


@house_only
@require_safe
def suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, _found(request, pk))


@house_only
@require_POST
def take_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step. What is refused, or overtaken by a faster hand, comes back with all that was typed."""
    found = _found(request, pk)
    if step not in list(Step):
        raise Http404
    taken = Step(step)
    form = _form(taken, request.POST)
    status = 422
    if form.is_valid():
        try:
            STEPS[taken](found, **form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
            status = {"moved": 409, "forbidden": 403}.get(refused.code, 422)
        else:
            messages.success(request, DONE[taken])
            return redirect("process:suggestion", pk)
    return _shown(request, _found(request, pk), failed=(taken, form), status=status)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    """How long an answer may take, in the whole house."""
    if not may_answer(request.user):
        raise PermissionDenied
    form = TermsForm(request.POST or None, instance=terms_row())
    if form.is_valid():
        actions.set_terms(form.save(commit=False), by=request.user, now=timezone.now())
        messages.success(request, _("Saved. It holds for what is filed from now on."))
        return redirect("process:suggestions")
    context = {"form": form, "changes": TermsChange.objects.newest(ProcessTerms)}
    return render(request, "process/terms.html", context, status=422 if form.errors else 200)


def _form(step: Step, data: Mapping[str, str] | None = None) -> forms.Form:
    return FORMS.get(step, NothingForm)(data, prefix=step.value)


def _found(request: HttpRequest, pk: int) -> Suggestion:
    rows = Suggestion.objects.visible_to(request.user).with_names().select_related("reviewer")
    return get_object_or_404(rows, pk=pk)


def _shown(
    request: HttpRequest,
    found: Suggestion,
    *,
    failed: tuple[Step, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    possible = standing_of(found, request.user).possible()
    shown = {step: _form(step) for step in possible} | dict([failed] if failed else [])
    context = {
        "suggestion": found,
        "one": found,
        "is_overdue": found.is_overdue(timezone.now()),
        "steps": [(step.value, LABELS[step], shown[step]) for step in Step if step in shown],
        "failed": failed[0].value if failed else "",
        "events": found.events.select_related("by"),
    }
    return render(request, "process/suggestion.html", context, status=status)
