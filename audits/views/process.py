"""The process as everybody reads it: versions, clauses, what changed, and who has read it (§1.1)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits.actions.clauses import confirm_reading
from audits.actions.suggestions import file_suggestion
from audits.clauses import Fate, compare, nearest
from audits.forms.process import SuggestionForm
from audits.models import Clause, ProcessVersion, Reading, Suggestion
from audits.register import (
    may_answer,
    may_see_readers,
    staff_of,
    terms_row,
    texts,
    version_in_force,
    with_reading,
)
from audits.suggesting import OPEN
from staff.forms import show_refusal
from staff.paging import page
from staff.refused import Refused
from staff.views.access import house_only

MOST_SHOWN = 20


@house_only
@require_safe
def current(request: HttpRequest) -> HttpResponse:
    """The version in force, whole."""
    found = version_in_force(timezone.localdate())
    if found is None:
        return render(request, "process/nothing.html", {"may_answer": may_answer(request.user)})
    return _whole(request, found)


@house_only
@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """Any version, whole."""
    return _whole(request, version_for(request, number))


@house_only
@require_safe
def versions(request: HttpRequest) -> HttpResponse:
    """All versions, newest first, with how many suggestions each took up."""
    rows = ProcessVersion.objects.visible_to(request.user).select_related("published_by")
    found = page(rows.annotate(taken_up=Count("adopted")), request=request, order=("-number", "-pk"))
    context = {
        "page": found,
        "in_force": version_in_force(timezone.localdate()),
        "may_answer": may_answer(request.user),
    }
    return render(request, "process/versions.html", context)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def clause(request: HttpRequest, number: str) -> HttpResponse:
    """A clause as it is in force; anybody on the staff files a suggestion here.

    A number that is not in the version leads to the closest clause above it.
    """
    in_force = version_in_force(timezone.localdate())
    if in_force is None:
        raise Http404
    found = in_force.clauses.filter(number=number).first()
    if found is None:
        known = set(in_force.clauses.values_list("number", flat=True))
        above = nearest(number, known)
        if above is None or request.method == "POST":
            raise Http404
        return redirect("process:clause", above)
    found.version = in_force
    form = SuggestionForm(request.POST or None)
    if form.is_valid():
        try:
            made = file_suggestion(found, **form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Filed. You get a notice when it is answered."))
            return redirect("process:suggestion", made.pk)
    return _clause(request, found, form)


@house_only
@require_safe
def clause_of(request: HttpRequest, number: int, clause: str) -> HttpResponse:
    """A clause as it reads in one version, to be looked at."""
    found = get_object_or_404(version_for(request, number).clauses.select_related("version"), number=clause)
    return _clause(request, found, None)


@house_only
@require_safe
def diff(request: HttpRequest, number: int) -> HttpResponse:
    """What changed in a version against the one before it, or against the one named by `against`."""
    new = version_for(request, number)
    others = ProcessVersion.objects.visible_to(request.user).exclude(pk=new.pk).order_by("-number")
    named = request.GET.get("against", "")
    if named:
        if not (named.isdecimal() and len(named) < 9):
            raise Http404
        old = get_object_or_404(others, number=int(named))
    else:
        old = others.filter(number__lt=number).first()
    changes = compare(texts(old.clauses.all()) if old else [], texts(new.clauses.all()))
    context = {
        "version": new,
        "old": old,
        "others": others[:50],
        "changes": [one for one in changes if one.fate != Fate.SAME],
        "unchanged": sum(one.fate == Fate.SAME for one in changes),
        "adopted": new.adopted.select_related("clause", "by").order_by("pk"),
    }
    return render(request, "process/diff.html", context)


@house_only
@require_safe
def readings(request: HttpRequest, number: int) -> HttpResponse:
    """Who has not read a version: a supervisor sees his group, QA and the leaders the whole house."""
    if not may_see_readers(request.user):
        raise PermissionDenied
    found = version_for(request, number)
    if found.is_draft:
        raise Http404
    people = with_reading(staff_of(request.user), found).select_related("group")
    missing = people.filter(has_read=False)
    context = {
        "version": found,
        "everybody": people.count(),
        "missing": missing.count(),
        "page": page(missing, request=request, order=("name", "pk")),
    }
    return render(request, "process/readings.html", context)


@house_only
@require_POST
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """Confirm that one has read a version."""
    found = version_for(request, number)
    try:
        confirm_reading(found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Noted: you have read this version."))
    return redirect("process:version", number)


def version_for(request: HttpRequest, number: int) -> ProcessVersion:
    rows = ProcessVersion.objects.visible_to(request.user).select_related("published_by")
    return get_object_or_404(rows, number=number)


def _whole(request: HttpRequest, found: ProcessVersion) -> HttpResponse:
    user, today = request.user, timezone.localdate()
    in_force = version_in_force(today)
    reading = Reading.objects.filter(version=found, person=user).first()
    open_ones = Suggestion.objects.visible_to(user).open().values("line").annotate(n=Count("pk"))
    counts = {row["line"]: row["n"] for row in open_ones.order_by()}
    clauses = list(found.clauses.all())
    context: dict[str, Any] = {
        "version": found,
        "in_force": in_force,
        "is_in_force": in_force is not None and in_force.pk == found.pk,
        "clauses": [(one, counts.get(one.line, 0)) for one in clauses],
        "reading": reading,
        "adopted": found.adopted.select_related("clause", "by").order_by("pk"),
        "may_answer": may_answer(user),
        "may_see_readers": may_see_readers(user),
    }
    return render(request, "process/version.html", context)


def _clause(request: HttpRequest, found: Clause, form: SuggestionForm | None) -> HttpResponse:
    user, now = request.user, timezone.now()
    rows = Suggestion.objects.visible_to(user).filter(line=found.line).with_names().order_by("-pk")
    neighbours = found.version.clauses.filter(position__in=(found.position - 1, found.position + 1))
    siblings = {one.position: one for one in neighbours}
    own_versions = Clause.objects.filter(line=found.line).select_related("version")
    context = {
        "clause": found,
        "form": form,
        "days": terms_row().answer,
        "suggestions": [(one, one.is_overdue(now)) for one in rows[:MOST_SHOWN]],
        "waiting": rows.filter(state__in=OPEN).count(),
        "before": siblings.get(found.position - 1),
        "after": siblings.get(found.position + 1),
        "versions": own_versions.order_by("-version__number")[:MOST_SHOWN],
    }
    return render(request, "process/clause.html", context, status=422 if form and form.errors else 200)
