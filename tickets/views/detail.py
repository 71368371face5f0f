"""One record: its clocks, its history, what may be done now, and the doing of it."""

from __future__ import annotations

from itertools import groupby

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from staff.models import User
from tickets import actions
from tickets.faces import strip
from tickets.forms import FORMS
from tickets.lifecycle import Move, Moved, Refused, may
from tickets.models import Entry, Escalation, Grade, Pause, Ticket

VERBS = {
    "acknowledge": (Move.ACKNOWLEDGE, actions.acknowledge),
    "grade": (Move.GRADE, actions.grade),
    "assign": (Move.ASSIGN, actions.assign),
    "diagnose": (Move.DIAGNOSE, actions.diagnose),
    "note": (Move.NOTE, actions.add_note),
    "repeat_contact": (Move.REPEAT_CONTACT, actions.repeat_contact),
    "pause": (Move.PAUSE, actions.pause),
    "resume": (Move.RESUME, actions.resume),
    "resolve": (Move.RESOLVE, actions.resolve),
    "confirm": (Move.CONFIRM, actions.confirm),
    "reopen": (Move.REOPEN, actions.reopen),
}
CONTACT_VERBS = {"confirm", "reopen", "note"}
DONE = {
    "acknowledge": _("It is yours. The response clock has stopped."),
    "grade": _("Graded. The clocks run by the new limits."),
    "assign": _("Assigned, and the new owner is told."),
    "diagnose": _("Diagnosis confirmed. The diagnosis clock has stopped."),
    "note": _("Note added."),
    "repeat_contact": _("Written down as a further call. The owner is told."),
    "pause": _("Waiting. It comes back at the time you chose."),
    "resume": _("The clocks run on."),
    "resolve": _("Resolved. Now ask the client whether he is satisfied."),
    "confirm": _("Closed with the client's word."),
    "reopen": _("Reopened. The resolution clock starts anew."),
}


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _visible(request, pk))


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Do one verb. What the rules refuse comes back at its field with everything that was typed."""
    ticket = _visible(request, pk)
    if verb not in VERBS:
        raise Http404
    form = _form(verb, ticket, request.user, request.POST)
    if form.is_valid():
        _move, action = VERBS[verb]
        try:
            action(_as_seen(ticket, request), **form.verb_arguments(), by=request.user, now=timezone.now())
        except Moved as moved:
            messages.warning(request, str(moved))
            return redirect("tickets:detail", pk=pk)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, DONE[verb])
            return redirect("tickets:detail", pk=pk)
    return _page(request, _visible(request, pk), failed=(verb, form), status=422)


def _visible(request: HttpRequest, pk: int) -> Ticket:
    related = ("client__type", "client__hours", "system", "contact", "group", "owner", "taken_by")
    return get_object_or_404(Ticket.objects.visible_to(request.user).select_related(*related), pk=pk)


def _as_seen(ticket: Ticket, request: HttpRequest) -> Ticket:
    """The record as it stood on the page from which the form was sent, so that a faster hand is noticed."""
    status, owner = request.POST.get("seen_status"), request.POST.get("seen_owner")
    if status:
        ticket.status = status
    if owner is not None:
        ticket.owner_id = int(owner) if owner.isdigit() else None
    return ticket


def _page(
    request: HttpRequest, ticket: Ticket, *, failed: tuple[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    now, user = timezone.now(), request.user
    entries = Entry.objects.visible_to(user).filter(ticket=ticket).select_related("by")
    context = {
        "ticket": ticket,
        "clocks": strip(ticket.clocks.current(), now),
        "planned": Escalation.objects.visible_to(user).filter(ticket=ticket).planned()[:3],
        "days": [(day, list(items)) for day, items in groupby(entries, _day)],
        "pause": Pause.objects.filter(ticket=ticket, ended_at__isnull=True).first(),
        "phones": ticket.contact.phones.all() if ticket.contact else [],
        "forms": _forms(ticket, user, failed),
        "open_verb": failed[0] if failed else "",
    }
    return render(request, "tickets/detail.html", context, status=status)


def _forms(ticket: Ticket, user: User, failed: tuple[str, forms.Form] | None) -> dict[str, forms.Form]:
    """The verbs that may be done now, each with its form."""
    if not (user.may_work or user.is_contact):
        return {}
    possible = {verb for verb, (move, _action) in VERBS.items() if may(move, ticket.status)}
    if user.is_contact:
        possible &= CONTACT_VERBS
    if not ticket.is_fault:
        possible -= {"grade", "diagnose"}
    if ticket.needs_grade:
        possible -= {"diagnose", "resolve", "pause"}
    if ticket.grade == Grade.ONE:
        possible -= {"pause"}
    found = {verb: _form(verb, ticket, user) for verb in VERBS if verb in possible}
    return found | dict([failed]) if failed else found


def _form(verb: str, ticket: Ticket, user: User, data: object = None) -> forms.Form:
    more = {"ticket": ticket} if verb == "assign" else {}
    initial = {
        "solution": ticket.solution,
        "diagnosis": ticket.diagnosis,
        "cause": ticket.cause,
        "caller_name": ticket.caller_name,
        "confirmed_by": user.label if user.is_contact else ticket.caller_name,
    }
    return FORMS[verb](data, initial=initial, prefix=verb, **more)


def _day(entry: Entry) -> object:
    return timezone.localdate(entry.at)
