"""By which terms reports are made, and what is agreed with a client about his."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.models import Client
from reports.models import ClientEdition, MonthlyEvent
from reports.monthly import actions
from reports.monthly.forms import AgreementForm, TermsForm
from reports.monthly.kinds import ReportEventKind
from reports.monthly.reading import leads, may_agree
from reports.monthly.reading import terms as terms_in_force
from staff.forms import show_refusal
from staff.refused import Refused
from staff.views.access import house_only
from staff.views.stated import stated
from tickets.lifecycle import Moved


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def set_terms(request: HttpRequest) -> HttpResponse:
    """The terms, for leaders and administrators."""
    if not leads(request.user):
        raise PermissionDenied
    found, status = terms_in_force(), 200
    form = TermsForm(request.POST if request.method == "POST" else None, terms=found)
    if form.is_valid():
        version = stated(request, "seen_version")
        try:
            actions.set_terms(**form.cleaned_data, version=version, by=request.user, now=timezone.now())
        except Refused as refused:
            show_refusal(form, refused)
            status = 409 if isinstance(refused, Moved) else 422
        else:
            messages.success(request, _("Saved."))
            return redirect("reports:monthly:terms")
    if form.errors and status == 200:
        status = 422
    agreed = ClientEdition.objects.select_related("client").prefetch_related("told")
    events = MonthlyEvent.objects.filter(kind=ReportEventKind.TERMS).select_related("by").order_by("-pk")[:50]
    context = {"form": form, "terms": found, "agreed": agreed, "events": told(events)}
    return render(request, "reports/monthly/terms.html", context, status=status)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def agree(request: HttpRequest, code: str) -> HttpResponse:
    """Whether a client gets a report, and who there is told; for its group's supervisor and the leaders."""
    user = request.user
    client = get_object_or_404(Client.objects.visible_to(user).select_related("type"), code=code)
    if not may_agree(user, client):
        raise PermissionDenied
    agreed = ClientEdition.objects.filter(client=client).first()
    form = AgreementForm(request.POST if request.method == "POST" else None, client=client, agreed=agreed)
    status = 200
    if form.is_valid():
        version = stated(request, "seen_version")
        try:
            actions.agree_with_client(
                client, **form.cleaned_data, version=version, by=user, now=timezone.now()
            )
        except Refused as refused:
            show_refusal(form, refused)
            status = 409 if isinstance(refused, Moved) else 422
        else:
            messages.success(request, _("Saved."))
            return redirect("reports:monthly:client", code)
    in_force = terms_in_force()
    by_type = not in_force._state.adding and in_force.client_types.filter(pk=client.type_id).exists()
    context = {"client": client, "form": form, "agreed": agreed, "by_type": by_type}
    events = MonthlyEvent.objects.filter(client=client).select_related("by").order_by("-pk")[:50]
    context["events"] = told(events)
    if form.errors and status == 200:
        status = 422
    return render(request, "reports/monthly/client.html", context, status=status)


def told(events: Iterable[MonthlyEvent]) -> list[tuple[MonthlyEvent, list[tuple[Any, str, str]]]]:
    """Entries of a history, each with what was changed: what it is called, how it was, how it is."""
    labels = {
        name: field.label for form in (TermsForm, AgreementForm) for name, field in form.base_fields.items()
    }
    return [
        (
            event,
            [
                (labels.get(name, name), _shown(old), _shown(new))
                for name, (old, new) in event.changes.items()
            ],
        )
        for event in events
    ]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "–" if value is None else str(value)
