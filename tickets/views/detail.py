"""One record: its clocks, its history, what may be done now, and the doing of it."""

from __future__ import annotations

from itertools import groupby

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from staff.models import User
from staff.views.access import house_only
from tickets import actions
from tickets.efforts import effort_of
from tickets.faces import strip
from tickets.forms import FORMS, VerbForm
from tickets.lifecycle import Moved, Refused
from tickets.models import Entry, Escalation, Pause, Status, Ticket
from tickets.verbs import MOVES, READ_FIRST, possible_verbs
from tickets.versions import THEIRS, chosen, set_aside, versions_of
from tickets.views.checklists import checklists_of

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
    form = _form(verb, ticket, request.user, chosen(verb, request.POST))
    moved: Moved | None = None
    if form.is_valid():
        try:
            done = _do(verb, ticket, form, request)
        except Moved as faster:
            moved = faster
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _said(verb, done))
            return redirect("tickets:detail", pk=pk)
    return _page(request, _visible(request, pk), failed=(verb, form), moved=moved)


def _do(verb: str, ticket: Ticket, form: forms.Form, request: HttpRequest) -> object:
    """Do the verb, unless there is something to be read first; nobody writes between the two."""
    who = {"by": request.user, "now": timezone.now()}
    with transaction.atomic():
        if verb in READ_FIRST:
            Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket.pk)
        if request.POST.get("keep") == THEIRS and (note := set_aside(verb, request.POST)):
            return actions.add_note(ticket, text=note, **who)
        _refuse_unread(verb, ticket, request)
        return VERBS[verb](_as_seen(ticket, request), **form.verb_arguments(), **who)


def _said(verb: str, done: object) -> object:
    """What the page says when it is done. Of a note, also who is told of it."""
    if not isinstance(done, Entry):
        return DONE[verb]
    mentioned = done.changes.get("mentioned", {})
    names = gettext(", ").join(f"@{handle}" for handle in mentioned)
    return gettext("Note added. Told: %(names)s.") % {"names": names} if names else DONE["note"]


@house_only
@require_POST
def presence(request: HttpRequest, pk: int) -> HttpResponse:
    """The page says that it is still open; the answer says who else is there and whether it is stale."""
    ticket = get_object_or_404(Ticket.objects.visible_to(request.user), pk=pk)
    is_writing = request.POST.get("writing") == "1"
    others = actions.be_present(ticket, is_writing=is_writing, by=request.user, now=timezone.now())
    has_news = bool(_unread(ticket, request))
    context = {"ticket": ticket, "others": others, "has_news": has_news, "is_writing": is_writing}
    # Without the request: the frame around a page has questions to the database that this line does not need.
    return HttpResponse(render_to_string("tickets/_presence.html", context))


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
    if (last := _seen_entry(request)) is None:
        return []
    entries = Entry.objects.visible_to(request.user).filter(ticket=ticket, pk__gt=last)
    return list(entries.exclude(by=None).exclude(by=request.user).select_related("by", "time_spent"))


def _seen_entry(request: HttpRequest) -> int | None:
    last = request.POST.get("seen_entry", "")
    return int(last) if last.isdecimal() and len(last) < 19 else None


def _page(
    request: HttpRequest,
    ticket: Ticket,
    *,
    failed: tuple[str, forms.Form] | None = None,
    moved: Moved | None = None,
) -> HttpResponse:
    now, user = timezone.now(), request.user
    history = Entry.objects.visible_to(user).filter(ticket=ticket)
    entries = list(history.select_related("by", "time_spent"))
    is_waiting = ticket.status == Status.WAITING
    seen = _seen_entry(request)
    versions = versions_of(*failed, entries, seen) if failed and moved and seen is not None else None
    news = _unread(ticket, request) if moved else []
    context = {
        "ticket": ticket,
        "clocks": strip(ticket.clocks.current(), now),
        "planned": _planned(ticket, user) if ticket.is_open else [],
        "days": [(day, list(items)) for day, items in groupby(entries, _day)],
        "seen_entry": max((entry.pk for entry in entries), default=0),
        "pause": Pause.objects.filter(ticket=ticket, ended_at=None).first() if is_waiting else None,
        "effort": effort_of(entries, user, now),
        "checklists": checklists_of(ticket, user),
        "versions": versions,
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
    more: dict[str, object] = {"ticket": ticket} if verb == "assign" else {}
    if user.is_contact and issubclass(FORMS[verb], VerbForm):
        more["in_house"] = False
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
