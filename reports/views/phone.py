"""The calls of the telephone exchange, day by day: listed, filed, with their history."""

from __future__ import annotations

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from duty.views.steps import typed_in
from reports.actions.phone import file_calls, may_file_calls
from reports.kpiforms import CallsForm
from reports.models import PhoneDay
from staff.models import User
from staff.paging import page
from staff.views.access import house_only


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def days(request: HttpRequest) -> HttpResponse:
    """The days that a person may see, the newest first, and the form for whoever files them."""
    user = cast(User, request.user)
    may_file = may_file_calls(user, user.group_id)
    if request.method == "POST" and not may_file:
        raise PermissionDenied
    form = CallsForm(request.POST if request.method == "POST" else None, by=user)
    answer = typed_in(
        request,
        form,
        lambda: file_calls(**form.cleaned_data, by=user, now=timezone.now()),
        said=_("Filed. What was there for that day before stays in its history."),
        back=reverse("reports:phone"),
    )
    if answer:
        return answer
    rows = PhoneDay.objects.visible_to(user).select_related("group")
    context = {
        "page": page(rows, request=request, order=("-day", "-pk")),
        "form": form if may_file else None,
    }
    return render(request, "reports/phone.html", context, status=422 if form.errors else 200)


@house_only
@require_safe
def day(request: HttpRequest, pk: int) -> HttpResponse:
    """One day of a group, and all that was filed for it."""
    user = cast(User, request.user)
    found = get_object_or_404(PhoneDay.objects.visible_to(user).select_related("group"), pk=pk)
    context = {"day": found, "entries": found.entries.select_related("by"), "now": timezone.now()}
    return render(request, "reports/phone_day.html", context)
