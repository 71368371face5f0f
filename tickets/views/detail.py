"""One record: its clocks, its history, what may be done now, and the doing of it."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from staff.filefield import messages_of
from staff.models import User
from staff.views.access import house_only
from tickets import actions
from tickets.efforts import effort_of
from tickets.faces import next_steps, strip
from tickets.lifecycle import Moved, Refused
from tickets.models import Attachment, Entry, Pause, Status, Ticket
from tickets.overruns import overruns_of
from tickets.related import masked
from tickets.remotecards import remote_card
from tickets.verbs import BESIDE, MOVES, READ_FIRST, possible_verbs
from tickets.versions import THEIRS, chosen, set_aside, versions_of
from tickets.views.access import staff_page
from tickets.views.asked import clocks_of, history_of, record_of
from tickets.views.checklists import checklists_of
from tickets.views.dispatching import on_site_of
from tickets.views.documents import document_card
from tickets.views.ladder import ladder_of, upgrade_of
from tickets.views.links import relations
from tickets.views.reportups import awaited
from tickets.views.seen import Closed, as_seen, closed, seen_entry, unread
from tickets.views.verbtable import DONE, VERBS, form_of


@staff_page("portal:report")
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return record_page(request, visible(request, pk))


@house_only
@require_safe
def afterwards(request: HttpRequest, pk: int) -> HttpResponse:
    """Its callbacks, surveys and corrective actions, which its page fetches when it stands itself."""
    user, now = request.user, timezone.now()
    context = {"ticket": visible(request, pk), "request": request, "user": user, "now": now}
    return HttpResponse(render_to_string("tickets/_afterwards.html", context))


@house_only
@require_safe
def verb_form(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """The form of one verb, for a page that shows the record as the address says (`seen.Closed`)."""
    ticket = visible(request, pk)
    if verb not in MOVES:
        raise Http404
    fits = verb in possible_verbs(ticket, request.user)
    form = form_of(verb, ticket, request.user) if fits else None
    try:
        seen = as_seen(ticket, request.GET)
    except Refused as forged:
        raise Http404 from forged
    context = {
        "verb": verb,
        "form": form,
        "ticket": seen,
        "seen_entry": seen_entry(request.GET) or "",
        "csrf_token": get_token(request),
    }
    # Without the request: the frame around a page has questions to the database that a form does not need.
    return HttpResponse(render_to_string("tickets/_verb_form.html", context))


@house_only
@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Do one verb. What is refused, or was overtaken by a faster hand, comes back with all that was typed."""
    ticket = visible(request, pk)
    if verb not in VERBS:
        raise Http404
    form = form_of(verb, ticket, request.user, chosen(verb, request.POST), request.FILES)
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
        return VERBS[verb](as_seen(ticket, request.POST), **form.verb_arguments(), **who)


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
    context = {
        "ticket": ticket,
        "writing": [other.user.label for other in others if other.is_writing],
        "looking": [other.user.label for other in others if not other.is_writing],
        "has_news": bool(unread(ticket, request)),
        "is_writing": is_writing,
    }
    # Without the request: the frame around a page has questions to the database that this line does not need.
    return HttpResponse(render_to_string("tickets/_presence.html", context))


def visible(request: HttpRequest, pk: int) -> Ticket:
    """The record of an address with what its page shows; 404 where it is not the person's to see."""
    if (ticket := record_of(pk, request.user)) is None:
        raise Http404
    return ticket


def _refuse_unread(verb: str, ticket: Ticket, request: HttpRequest) -> None:
    """Raise `Moved` when somebody else has since written what must be read before this verb."""
    kinds = READ_FIRST.get(verb, set())
    if news := [entry for entry in unread(ticket, request) if entry.kind in kinds]:
        raise Moved(
            _("Somebody was faster: %(name)s has changed this record since you opened it.")
            % {"name": news[-1].by.label}
        )


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
    entries = masked(history_of(user, ticket.pk), user)
    files = _files(entries, ticket, user)
    clocks = clocks_of(ticket.pk)
    if ticket.group_id == user.group_id:
        user.group = ticket.group  # the frame shows it too, and need not ask again
    is_waiting = ticket.status == Status.WAITING
    seen = seen_entry(request.POST)
    newest = max((entry.pk for entry in entries), default=0)
    versions = versions_of(*failed, entries, seen) if failed and moved and seen is not None else None
    news = masked(unread(ticket, request), user) if moved else []
    upgrade = upgrade_of(ticket, user, clocks, now)
    wants_upgrade = upgrade is not None and "upgrade" in request.GET and not failed
    asked = "grade" if wants_upgrade else request.GET.get("do", "")
    context = {
        "ticket": ticket,
        "clocks": strip(clocks, now),
        "planned": next_steps(clocks)[:3] if ticket.is_open else [],
        "days": [
            (day, list(items)) for day, items in groupby(entries, lambda entry: timezone.localdate(entry.at))
        ],
        "files": files,
        "seen_entry": newest,
        "pause": Pause.objects.filter(ticket=ticket, ended_at=None).first() if is_waiting else None,
        "effort": effort_of(entries, user, now),
        "checklists": checklists_of(ticket, user, are_there=ticket.has_lists),
        "on_site": on_site_of(ticket, user),
        "remote": remote_card(ticket, user, now),
        "documents": document_card(ticket, user),
        "overruns": overruns_of(ticket, user, now),
        "awaited": awaited(ticket, user),
        "versions": versions,
        "forms": _forms(ticket, user, failed, newest, asked),
        "open_verb": failed[0] if failed else asked,
        "ladder": ladder_of(ticket, user, clocks, now),
        "upgrade": upgrade,
        "moved": moved,
        "news": news,
        "is_too_late": failed is not None and failed[0] not in possible_verbs(ticket, user),
        "beside": BESIDE,
        **relations(request, ticket, parts_form),
    }
    if upgrade and wants_upgrade and "grade" in context["forms"]:
        context["forms"]["grade"].initial |= {"to": int(upgrade.to), "reason": upgrade.reason}
    if failed and failed[0] not in MOVES:  # what has no form on the page says here what is wrong
        for mistakes in failed[1].errors.values():
            messages.warning(request, " ".join(mistakes))
    status = 409 if moved else 422 if failed or parts_form else 200
    return render(request, "tickets/detail.html", context, status=status)


def _forms(
    ticket: Ticket, user: User, failed: tuple[str, forms.Form] | None, newest: int, asked: str
) -> dict[str, forms.Form | Closed]:
    """The verbs that may be done now, closed; and with its form the one that failed or is `asked` for.

    `newest` is the id of the newest entry on the page.
    """
    found: dict[str, forms.Form | Closed] = {}
    for verb in possible_verbs(ticket, user):
        found[verb] = form_of(verb, ticket, user) if verb == asked else closed(verb, ticket, newest)
    if failed and failed[1].fields and failed[0] in MOVES:
        found |= dict([failed])
    return {verb: found[verb] for verb in MOVES if verb in found}


def _files(entries: list[Entry], ticket: Ticket, user: User) -> list[Attachment]:
    """The record's files, the newest first, each also with the entry that it came with."""
    files: list[Attachment] = []
    if ticket.has_files:
        visible = Attachment.objects.visible_to(user).filter(ticket=ticket)
        files = list(visible.select_related("by").order_by("-pk"))
    by_entry = defaultdict(list)
    for file in reversed(files):
        by_entry[file.entry_id].append(file)
    for entry in entries:
        entry.files = by_entry[entry.pk]
    return files


def _day(entry: Entry) -> object:
    return timezone.localdate(entry.at)
