"""Log a call: one screen, and the fragments that fill it while the caller speaks."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.models import Channel, Contact
from clients.phones import normalise
from staff.models import User
from tickets import actions
from tickets.forms import CallForm, GradingFields, client_text
from tickets.lifecycle import Refused
from tickets.models import Kind, Ticket

MOST_FOUND = 5


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    if not (request.user.may_work or request.user.is_contact):
        raise PermissionDenied
    form = CallForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            ticket = _log(form, request.user)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(
                request, _("Recorded as %(number)s. Please read the number out.") % {"number": ticket.number}
            )
            return redirect("tickets:detail", pk=ticket.pk)
    status = 422 if form.is_bound else 200
    return render(request, "tickets/create.html", {"form": form, "found": []}, status=status)


@require_safe
def caller(request: HttpRequest) -> HttpResponse:
    """The caller's part of the form, filled in as far as the phone number or the client tells."""
    if not request.user.may_work:
        raise PermissionDenied
    initial = {name: request.GET.get(name, "") for name in CallForm.CALLER}
    found = _by_number(initial["callback_number"]) if not initial["client"] else []
    chosen = request.GET.get("choose", "")
    if chosen.isdigit():
        found = [contact for contact in found if contact.pk == int(chosen)] or found
    known = found[0] if len(found) == 1 else None
    if known is not None:
        initial |= {"client": client_text(known.client), "contact": known.pk}
    form = CallForm(initial=initial, user=request.user)
    context = {"form": form, "known": known, "found": [] if known else found}
    return render(request, "tickets/_caller_known.html", context)


@require_safe
def proposal(request: HttpRequest) -> HttpResponse:
    """The grade that the ticked answers propose, with its clause (§5.4.1.1)."""
    form = GradingFields(request.GET, prefix=request.GET.get("prefix"))
    form.is_valid()
    return render(request, "tickets/_proposal.html", {"proposal": form.proposal()})


def _by_number(text: str) -> list[Contact]:
    """The contacts who have this very number, of any client: anyone records for any client (§5.1)."""
    try:
        digits = normalise(text).digits
    except ValueError:
        return []
    contacts = Contact.objects.filter(phones__digits=digits, is_active=True, client__is_active=True)
    return list(contacts.select_related("client").distinct()[:MOST_FOUND])


def _log(form: CallForm, user: User) -> Ticket:
    data, now = form.cleaned_data, timezone.now()
    contact = user.contact if user.is_contact else data["contact"]
    call = actions.Call(
        client=data["client"],
        system=data["system"],
        contact=contact,
        caller_name=contact.name if user.is_contact else data["caller_name"],
        callback_number=data.get("callback_number", ""),
        title=data["title"],
        details=data["details"],
        kind=Kind(data["kind"]),
        channel=Channel.WEB if user.is_contact else Channel(data["channel"]),
    )
    with transaction.atomic():
        ticket = actions.log_call(call, by=user, now=now)
        if ticket.is_fault and data.get("grade_now"):
            ticket = actions.grade(ticket, **form.graded(), by=user, now=now)
    return ticket
