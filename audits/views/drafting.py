"""The next version of the process, as it is written and published (§1.1)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits.actions import clauses as actions
from audits.clauses import Fate, compare
from audits.forms.process import ClauseForm, PublishForm
from audits.models import Clause, ProcessState, ProcessVersion, Suggestion
from audits.register import may_answer, texts
from staff.forms import show_refusal
from staff.models import User
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.stated import stated


@house_only
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    _check(request.user)
    actions.begin_version(by=request.user, now=timezone.now())
    return redirect("process:draft")


@house_only
@require_safe
def draft(request: HttpRequest) -> HttpResponse:
    """The draft: its clauses with what is changed already, and the suggestions that it takes up."""
    return _draft(request, _found(request.user), PublishForm(initial={"in_force_on": timezone.localdate()}))


@house_only
@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    found = _found(request.user)
    form = PublishForm(request.POST)
    if form.is_valid():
        try:
            made = actions.publish_version(
                found,
                **form.cleaned_data,
                by=request.user,
                now=timezone.now(),
                edition=stated(request, "edition"),
            )
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Published. Everybody is asked to read it."))
            return redirect("process:version", made.number)
    return _draft(request, found, form)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, line: int | None = None) -> HttpResponse:
    """A clause of the draft, or a new one."""
    found = _found(request.user)
    clause = get_object_or_404(found.clauses, line=line) if line is not None else None
    form = ClauseForm(request.POST or None, instance=clause)
    if form.is_valid():
        try:
            actions.save_clause(
                found, form.cleaned_data, line=line, by=request.user, edition=stated(request, "edition")
            )
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Saved in the draft."))
            return redirect("process:draft")
    wanted = Suggestion.objects.filter(adopted_in=found, line=line).select_related("by") if line else []
    context = {"version": found, "clause": clause, "form": form, "wanted": wanted, "line": line}
    return render(request, "process/clause_form.html", context, status=422 if form.errors else 200)


@house_only
@require_POST
def remove(request: HttpRequest, line: int) -> HttpResponse:
    found = _found(request.user)
    try:
        actions.remove_clause(found, line, by=request.user, edition=stated(request, "edition"))
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Taken out of the draft. Older versions keep it."))
    return redirect("process:draft")


def _check(user: User) -> None:
    if not may_answer(user):
        raise PermissionDenied


def _found(user: User) -> ProcessVersion:
    _check(user)
    return get_object_or_404(ProcessVersion, state=ProcessState.DRAFT)


def _draft(request: HttpRequest, found: ProcessVersion, form: PublishForm) -> HttpResponse:
    last = ProcessVersion.objects.published().order_by("-number").first()
    rows: list[Clause] = list(found.clauses.all())
    changes = compare(texts(last.clauses.all()) if last else [], texts(rows))
    fates = {one.shown.line: one.fate for one in changes}
    adopted = list(found.adopted.select_related("clause", "by").order_by("pk"))
    context: dict[str, Any] = {
        "version": found,
        "last": last,
        "clauses": [(one, fates[one.line] != Fate.SAME) for one in rows],
        "removed": [one.shown for one in changes if one.fate == Fate.REMOVED],
        "adopted": [(one, fates.get(one.line) != Fate.SAME) for one in adopted],
        "form": form,
    }
    return render(request, "process/draft.html", context, status=422 if form.errors else 200)
