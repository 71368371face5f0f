"""One record: its clocks, its history, what may be done now, and the doing of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from itertools import groupby

from django import forms
from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from clients.models import Phone
from staff.models import User
from staff.views.access import house_only
from tickets import actions
from tickets.efforts import effort_of
from tickets.faces import next_steps, strip
from tickets.filefield import messages_of
from tickets.files import Upload
from tickets.forms import FORMS as OWN_FORMS
from tickets.lifecycle import Moved, Refused
from tickets.linkforms import LINK_FORMS, TyingForm
from tickets.models import Attachment, Entry, Escalation, Pause, Status, Ticket
from tickets.related import masked
from tickets.verbs import BESIDE, MOVES, READ_FIRST, possible_verbs
from tickets.versions import THEIRS, chosen, set_aside, versions_of
from tickets.views.access import staff_page
from tickets.views.checklists import checklists_of
from tickets.views.links import relations
from tickets.views.reportups import awaited

FORMS = OWN_FORMS | LINK_FORMS


def _note(
    ticket: Ticket, *, text: str, files: list[Upload], minutes: int | None, by: User, now: datetime
) -> Entry:
    """A note; with files it comes with them."""
    if files:
        return actions.attach(ticket, files, text=text, minutes=minutes, by=by, now=now)
    return actions.add_note(ticket, text=text, minutes=minutes, by=by, now=now)


VERBS = {
    "acknowledge": actions.acknowledge,
    "grade": actions.grade,
    "assign": actions.assign,
    "diagnose": actions.diagnose,
    "note": _note,
    "message": actions.write_to_client,
    "repeat_contact": actions.repeat_contact,
    "pause": actions.pause,
    "resume": actions.resume,
    "resolve": actions.resolve,
    "confirm": actions.confirm,
    "reopen": actions.reopen,
    "link": actions.link,
    "unlink": actions.unlink,
    "merge": actions.merge,
    "unmerge": actions.unmerge,
    "split": actions.split,
    "adopt": actions.adopt,
}
DONE = {
    "acknowledge": _("It is yours. The response clock has stopped."),
    "grade": _("Graded. The clocks run by the new limits."),
    "assign": _("Assigned, and the new owner is told."),
    "diagnose": _("Diagnosis confirmed. The diagnosis clock has stopped."),
    "note": _("Added to the history."),
    "message": _("Written to the client."),
    "repeat_contact": _("Written down as a further call. The owner is told."),
    "pause": _("Waiting. It comes back at the time you chose."),
    "resume": _("The clocks run on."),
    "resolve": _("Resolved. Now ask the client whether he is satisfied."),
    "confirm": _("Closed with the client's word."),
    "reopen": _("Reopened. The resolution clock starts anew."),
    "link": _("Linked. It stands in the history of both records."),
    "unlink": _("The link is removed. It stands in the history of both records."),
    "merge": _("Merged. The other record answers for it, and its owner is told."),
    "unmerge": _("Undone. The record goes on where it stood, and the time meanwhile counts."),
    "split": _("Split off. The second matter has its own record and its own clocks."),
    "adopt": _("It is part of this mass fault now."),
}


@staff_page("portal:report")
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return record_page(request, visible(request, pk))


@house_only
@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Do one verb. What is refused, or was overtaken by a faster hand, comes back with all that was typed."""
    ticket = visible(request, pk)
    if verb not in VERBS:
        raise Http404
    form = _form(verb, ticket, request.user, chosen(verb, request.POST), request.FILES)
    moved: Moved | None = None
    if form.is_valid():
        try:
            done = _do(verb, ticket, form, request)
        except Moved as faster:
            moved = faster
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, messages_of(refused))
        else:
            messages.success(request, _said(verb, done))
            return redirect("tickets:detail", pk=pk)
    return record_page(request, visible(request, pk), failed=(verb, form), moved=moved)


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


def visible(request: HttpRequest, pk: int) -> Ticket:
    """The record of an address with what its page shows; 404 where it is not the person's to see."""
    related = ("client__type", "client__hours", "system", "contact", "group", "owner", "taken_by")
    phones = Phone.objects.filter(contact=OuterRef("contact")).order_by("pk").values("number")
    rows = Ticket.objects.visible_to(request.user).select_related(*related)
    awaited_here = Escalation.objects.awaiting(request.user).filter(ticket=OuterRef("pk"))
    rows = rows.annotate(phones=ArraySubquery(phones), awaits_you=Exists(awaited_here))
    return get_object_or_404(rows, pk=pk)


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


def record_page(
    request: HttpRequest,
    ticket: Ticket,
    *,
    failed: tuple[str, forms.Form] | None = None,
    moved: Moved | None = None,
    parts_form: forms.Form | None = None,
) -> HttpResponse:
    """Show a record, with the form of a verb that failed as it was sent."""
    now, user = timezone.now(), request.user
    history = Entry.objects.visible_to(user).filter(ticket=ticket)
    entries = masked(history.select_related("by", "outgoing_mail", "time_spent"), user)
    files = _files(entries, ticket, user)
    clocks = list(ticket.clocks.current().with_planned())
    if ticket.group_id == user.group_id:
        user.group = ticket.group  # the frame shows it too, and need not ask again
    is_waiting = ticket.status == Status.WAITING
    seen = _seen_entry(request)
    versions = versions_of(*failed, entries, seen) if failed and moved and seen is not None else None
    news = masked(_unread(ticket, request), user) if moved else []
    context = {
        "ticket": ticket,
        "clocks": strip(clocks, now),
        "planned": next_steps(clocks)[:3] if ticket.is_open else [],
        "days": [(day, list(items)) for day, items in groupby(entries, _day)],
        "files": files,
        "seen_entry": max((entry.pk for entry in entries), default=0),
        "pause": Pause.objects.filter(ticket=ticket, ended_at=None).first() if is_waiting else None,
        "effort": effort_of(entries, user, now),
        "checklists": checklists_of(ticket, user),
        "awaited": awaited(ticket, user),
        "versions": versions,
        "forms": _forms(ticket, user, failed, entries),
        "open_verb": failed[0] if failed else "",
        "moved": moved,
        "news": news,
        "is_too_late": failed is not None and failed[0] not in possible_verbs(ticket, user),
        "beside": BESIDE,
        **relations(request, ticket, parts_form),
    }
    if failed and failed[0] not in MOVES:  # what has no form on the page says here what is wrong
        for mistakes in failed[1].errors.values():
            messages.warning(request, " ".join(mistakes))
    status = 409 if moved else 422 if failed or parts_form else 200
    return render(request, "tickets/detail.html", context, status=status)


def _forms(
    ticket: Ticket, user: User, failed: tuple[str, forms.Form] | None, entries: list[Entry]
) -> dict[str, forms.Form]:
    """The verbs that may be done now, each with its form; and the one that failed, with what was typed."""
    found = {verb: _form(verb, ticket, user) for verb in possible_verbs(ticket, user)}
    if failed and failed[1].fields and failed[0] in MOVES:
        found |= dict([failed])
    if "split" in found:
        found["split"].offer(entries)
    return {verb: found[verb] for verb in MOVES if verb in found}


def _form(verb: str, ticket: Ticket, user: User, data: object = None, files: object = None) -> forms.Form:
    more: dict[str, object] = {"ticket": ticket} if verb in ("assign", "message") else {}
    if issubclass(FORMS[verb], TyingForm):
        more = {"ticket": ticket, "user": user}
    initial = {
        "solution": ticket.solution,
        "diagnosis": ticket.diagnosis,
        "cause": ticket.cause,
        "caller_name": ticket.caller_name,
        "confirmed_by": ticket.caller_name,
    }
    return FORMS[verb](data, files, initial=initial, prefix=verb, **more)


def _files(entries: list[Entry], ticket: Ticket, user: User) -> list[Attachment]:
    """The record's files, the newest first, each also with the entry that it came with."""
    files = list(
        Attachment.objects.visible_to(user).filter(ticket=ticket).select_related("by").order_by("-pk")
    )
    by_entry = defaultdict(list)
    for file in reversed(files):
        by_entry[file.entry_id].append(file)
    for entry in entries:
        entry.files = by_entry[entry.pk]
    return files


def _day(entry: Entry) -> object:
    return timezone.localdate(entry.at)
