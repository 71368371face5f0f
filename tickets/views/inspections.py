"""From an abnormal item of an inspection to its record, in one click."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from clients.models import Client
from duty.actions import ItemsRefused, may_inspect
from duty.models import Inspection, InspectionAnswer
from duty.views.inspections import form_of, keep, page_of_form, seen
from staff.forms import show_refusal
from staff.refused import Refused
from staff.views.access import house_only
from tickets import actions
from tickets.models import Ticket


class ClientForm(forms.Form):
    """Whose record it is, where what was inspected is no client's system."""

    client = forms.ModelChoiceField(label=gettext_lazy("Client"), queryset=Client.objects.none())

    def __init__(self, *args: object, inspection: Inspection, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["client"].queryset = Client.objects.active().filter(group=inspection.group_id)


@house_only
@require_POST
def open_record(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Keep all that is typed, then log the record of this item; what is missing stands at its field."""
    inspection, now = _inspected(request, pk), timezone.now()
    form = form_of(inspection, request)
    is_over = inspection.finished_at is not None
    if not is_over and not (form.is_valid() and keep(request, inspection, form, now)):
        return page_of_form(request, inspection, form, now)
    answer = InspectionAnswer.objects.filter(inspection=inspection, item=item).first()
    if answer is not None and inspection.sheet.system is None:
        return redirect("tickets:inspection_client", pk, item)
    try:
        if answer is None:
            raise Refused(_("Only of what is abnormal."), field="result", code="invalid")
        ticket = _opened(answer, inspection, None, request, now)
    except Refused as refused:
        if is_over:
            messages.error(request, str(refused))
            return redirect("duty:inspection", pk)
        form.show(ItemsRefused({item: refused}))
        return page_of_form(request, inspection, form, now)
    return redirect("tickets:detail", ticket.pk)


@house_only
@require_http_methods(["GET", "HEAD", "POST"])
def choose_client(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Ask whose record it is, then log it."""
    inspection, now = _inspected(request, pk), timezone.now()
    answer = get_object_or_404(InspectionAnswer.objects.select_related("item"), inspection=pk, item=item)
    sent = request.POST if request.method == "POST" else None
    form = ClientForm(sent, inspection=inspection)
    if form.is_valid():
        try:
            ticket = _opened(answer, inspection, form.cleaned_data["client"], request, now)
        except Refused as refused:
            show_refusal(form, refused)
        else:
            return redirect("tickets:detail", ticket.pk)
    context = {"form": form, "inspection": inspection, "answer": answer}
    return render(request, "tickets/inspection_client.html", context, status=422 if form.errors else 200)


def _inspected(request: HttpRequest, pk: int) -> Inspection:
    inspection = seen(pk, request.user)
    if not may_inspect(inspection, request.user):
        raise PermissionDenied
    return inspection


def _opened(
    answer: InspectionAnswer,
    inspection: Inspection,
    client: Client | None,
    request: HttpRequest,
    now: datetime,
) -> Ticket:
    answer.inspection = inspection
    ticket = actions.open_record_of(answer, client=client, by=request.user, now=now)
    messages.success(request, _("The record is open: %(number)s.") % {"number": ticket.number})
    return ticket
