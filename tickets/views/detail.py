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
from staff.views.access import house_only
from tickets import actions
from tickets.faces import strip
from tickets.forms import FORMS
from tickets.lifecycle import Moved, Refused
from tickets.models import Entry, Escalation, Pause, Status, Ticket
from tickets.verbs import MOVES, READ_FIRST, possible_verbs

VERBS = {
    "acknowledge": actions.acknowledge,
    "grade": actions.grade,
    "assign": actions.assign,
    "diagnose": actions.diagnose,
    "note": actions.add_note,
    "repeat_contact": actions.repeat_contact,
    "pause": actions.pause,
    "resume": actions.resume,
    "resolve": actions.resolve,
    "confirm": actions.confirm,
    "reopen": actions.reopen,
}
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
    """Do one verb. What is refused, or was overtaken by a faster hand, comes back with all that was typed."""
    ticket = _visible(request, pk)
    if verb not in VERBS:
        raise Http404
    form = _form(verb, ticket, request.user, request.POST)
    moved: Moved | None = None
    if form.is_valid():
        try:
            _refuse_unread(verb, ticket, request)
            seen = _as_seen(ticket, request)
            VERBS[verb](seen, **form.verb_arguments(), by=request.user, now=timezone.now())
        except Moved as faster:
            moved = faster
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, DONE[verb])
            return redirect("tickets:detail", pk=pk)
    return _page(request, _visible(request, pk), failed=(verb, form), moved=moved)


@house_only
@require_POST
def presence(request: HttpRequest, pk: int) -> HttpResponse:
    """The page says that it is still open; the answer says who else is there and whether it is stale."""
    ticket = get_object_or_404(Ticket.objects.visible_to(request.user), pk=pk)
    is_writing = request.POST.get("writing") == "1"
    others = actions.be_present(ticket, is_writing=is_writing, by=request.user, now=timezone.now())
    has_news = bool(_unread(ticket, request))
    context = {"ticket": ticket, "others": others, "has_news": has_news, "is_writing": is_writing}
    return render(request, "tickets/_presence.html", context)


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


def _refuse_unread(verb: str, ticket: Ticket, request: HttpRequest) -> None:
    """Raise `Moved` when somebody else has since written what must be read before this verb."""
    kinds = READ_FIRST.get(verb, set())
    if unread := [entry for entry in _unread(ticket, request) if entry.kind in kinds]:
        raise Moved(
            _("Somebody was faster: %(name)s has changed this record since you opened it.")
            % {"name": unread[-1].by.label}
        )


def _unread(ticket: Ticket, request: HttpRequest) -> list[Entry]:
    """What others have written since the page was made from which the form comes."""
    last = request.POST.get("seen_entry", "")
    if not (last.isdecimal() and len(last) < 19):
        return []
    entries = Entry.objects.visible_to(request.user).filter(ticket=ticket, pk__gt=int(last))
    return list(entries.exclude(by=None).exclude(by=request.user).select_related("by"))


def _page(
    request: HttpRequest,
    ticket: Ticket,
    *,
    failed: tuple[str, forms.Form] | None = None,
    moved: Moved | None = None,
) -> HttpResponse:
    now, user = timezone.now(), request.user
    entries = list(Entry.objects.visible_to(user).filter(ticket=ticket).select_related("by"))
    news = _unread(ticket, request) if moved else []
    if ticket.group_id == user.group_id:
        user.group = ticket.group  # the frame shows it too, and need not ask again
    is_waiting = ticket.status == Status.WAITING
    context = {
        "ticket": ticket,
        "clocks": strip(ticket.clocks.current(), now),
        "planned": _planned(ticket, user) if ticket.is_open else [],
        "days": [(day, list(items)) for day, items in groupby(entries, _day)],
        "seen_entry": max((entry.pk for entry in entries), default=0),
        "pause": Pause.objects.filter(ticket=ticket, ended_at=None).first() if is_waiting else None,
        "phones": ticket.contact.phones.all() if ticket.contact else [],
        "forms": _forms(ticket, user, failed),
        "open_verb": failed[0] if failed else "",
        "moved": moved,
        "news": news,
        "is_too_late": failed is not None and failed[0] not in possible_verbs(ticket, user),
    }
    status = 409 if moved else 422 if failed else 200
    return render(request, "tickets/detail.html", context, status=status)


def _planned(ticket: Ticket, user: User) -> list[Escalation]:
    planned = Escalation.objects.visible_to(user).filter(ticket=ticket).planned()
    return list(planned.select_related("clock")[:3])


def _forms(ticket: Ticket, user: User, failed: tuple[str, forms.Form] | None) -> dict[str, forms.Form]:
    """The verbs that may be done now, each with its form; and the one that failed, with what was typed."""
    found = {verb: _form(verb, ticket, user) for verb in possible_verbs(ticket, user)}
    if failed and failed[1].fields:
        found |= dict([failed])
    return {verb: found[verb] for verb in MOVES if verb in found}


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
